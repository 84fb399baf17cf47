//! From a row to the next and to the one before.

use super::{Kind, Layout, Spot};
use crate::forest::graph::Slot;

impl Layout<'_> {
    /// The row below; `None` if there is none.
    #[must_use]
    pub fn next(&self, spot: &Spot) -> Option<Spot> {
        let Spot { kind, above } = spot;
        match *kind {
            Kind::Main(slot) => {
                if self.has_alternates(slot)
                    && self.is_open(slot, above.is_empty())
                    && let Some(first) = self.alternate_from(slot, 0, above)
                {
                    return Some(first);
                }
                self.behind(slot, above.clone())
            }
            Kind::Alternate(slot) => {
                if self.shows_line(slot)
                    && let Some(child) = self.forest.main_child(slot)
                {
                    let mut above = above.clone();
                    above.push(slot);
                    return Some(Spot { kind: Kind::Main(child), above });
                }
                self.behind_alternate(slot, above.clone())
            }
            Kind::Run { first, .. } if self.run_is_open(first) => {
                Some(Spot { kind: Kind::Main(first), above: above.clone() })
            }
            Kind::Run { first, .. } => {
                let last = self.run(first, above).map_or(first, |run| run.last);
                self.behind(last, above.clone())
            }
            Kind::Archived { of, .. } => {
                let first = self.archive_is_open(of).then(|| self.put_away(of).next()).flatten();
                match first {
                    Some(first) => {
                        Some(Spot { kind: Kind::Alternate(first), above: above.clone() })
                    }
                    None => self.behind(of, above.clone()),
                }
            }
        }
    }

    /// The row above; `None` if there is none.
    #[must_use]
    pub fn previous(&self, spot: &Spot) -> Option<Spot> {
        let Spot { kind, above } = spot;
        match *kind {
            Kind::Main(slot) => {
                // Only the first of a run is below the run's own row.
                if let Some(run) = self.run(slot, above)
                    && run.first == slot
                {
                    let kind = Kind::Run { first: slot, count: run.count };
                    return Some(Spot { kind, above: above.clone() });
                }
                self.ahead(slot, above)
            }
            Kind::Run { first, .. } => self.ahead(first, above),
            Kind::Alternate(slot) => {
                let of = self.main_sibling(slot)?;
                if self.annotations.is_archived(slot) {
                    let before = self.put_away(of).take_while(|&other| other != slot).last();
                    return Some(match before {
                        Some(before) => self.last_below(before, above.clone()),
                        None => self.archive(of, above),
                    });
                }
                let index = self.forest.position(slot).index;
                Some(match self.alternate_before(of, index) {
                    Some(before) => self.last_below(before, above.clone()),
                    None => Spot { kind: Kind::Main(of), above: above.clone() },
                })
            }
            Kind::Archived { of, .. } => {
                Some(match self.alternate_before(of, self.siblings(of).len()) {
                    Some(before) => self.last_below(before, above.clone()),
                    None => Spot { kind: Kind::Main(of), above: above.clone() },
                })
            }
        }
    }

    /// The last row.
    #[must_use]
    pub fn last(&self) -> Spot {
        self.end(self.end_of_line(self.leaf), Vec::new())
    }

    /// The row for what is put away of the alternates of a row.
    pub(super) fn archive(&self, of: Slot, above: &[Slot]) -> Spot {
        let count = self.put_away(of).count();
        Spot { kind: Kind::Archived { of, count }, above: above.to_vec() }
    }

    /// The row of a response of a line: its own, or that of the closed run it is in.
    pub(super) fn on_line(&self, slot: Slot, above: Vec<Slot>) -> Spot {
        let kind = match self.run(slot, &above) {
            Some(run) if !self.run_is_open(run.first) || run.first == slot => {
                Kind::Run { first: run.first, count: run.count }
            }
            _ => Kind::Main(slot),
        };
        Spot { kind, above }
    }

    /// What comes after a response of a line and all that hangs below it.
    fn behind(&self, slot: Slot, mut above: Vec<Slot>) -> Option<Spot> {
        match self.next_of(slot) {
            Some(next) => Some(self.on_line(next, above)),
            None => {
                let alternate = above.pop()?;
                self.behind_alternate(alternate, above)
            }
        }
    }

    /// What comes after an alternate and all that hangs below it. Lines end within one another, so
    /// there may be several to leave at once.
    fn behind_alternate(&self, mut slot: Slot, mut above: Vec<Slot>) -> Option<Spot> {
        loop {
            let of = self.main_sibling(slot)?;
            if self.annotations.is_archived(slot) {
                let mut rest = self.put_away(of).skip_while(|&other| other != slot);
                if let Some(next) = rest.nth(1) {
                    return Some(Spot { kind: Kind::Alternate(next), above });
                }
            } else {
                let index = self.forest.position(slot).index + 1;
                if let Some(next) = self.alternate_from(of, index, &above) {
                    return Some(next);
                }
            }
            if let Some(next) = self.next_of(of) {
                return Some(self.on_line(next, above));
            }
            slot = above.pop()?;
        }
    }

    /// The first alternate of a row from an index among its siblings on, or the row for those that
    /// are put away.
    fn alternate_from(&self, of: Slot, index: usize, above: &[Slot]) -> Option<Spot> {
        let siblings = self.siblings(of).get(index..).unwrap_or_default();
        let next = siblings.iter().copied().find(|&slot| {
            self.count(1);
            slot != of && !self.annotations.is_archived(slot)
        });
        match next {
            Some(next) => Some(Spot { kind: Kind::Alternate(next), above: above.to_vec() }),
            None if self.put_away(of).next().is_some() => Some(self.archive(of, above)),
            None => None,
        }
    }

    /// The last alternate of a row before an index among its siblings.
    fn alternate_before(&self, of: Slot, index: usize) -> Option<Slot> {
        let siblings = self.siblings(of).get(..index).unwrap_or_default();
        siblings.iter().rev().copied().find(|&slot| {
            self.count(1);
            slot != of && !self.annotations.is_archived(slot)
        })
    }

    /// What comes before a response of a line, or before the row of the run that begins with it.
    fn ahead(&self, slot: Slot, above: &[Slot]) -> Option<Spot> {
        if let Some(before) = self.before(slot, above) {
            return Some(match self.run(before, above) {
                Some(run) if !self.run_is_open(run.first) => {
                    let kind = Kind::Run { first: run.first, count: run.count };
                    Spot { kind, above: above.to_vec() }
                }
                _ => self.end(before, above.to_vec()),
            });
        }
        let (&alternate, outer) = above.split_last()?;
        Some(Spot { kind: Kind::Alternate(alternate), above: outer.to_vec() })
    }

    /// The last row of a response of a line and all that hangs below it.
    fn end(&self, slot: Slot, above: Vec<Slot>) -> Spot {
        if !self.has_alternates(slot) || !self.is_open(slot, above.is_empty()) {
            return Spot { kind: Kind::Main(slot), above };
        }
        if self.put_away(slot).next().is_some() {
            return match self.put_away(slot).last() {
                Some(last) if self.archive_is_open(slot) => self.last_below(last, above),
                _ => self.archive(slot, &above),
            };
        }
        match self.alternate_before(slot, self.siblings(slot).len()) {
            Some(last) => self.last_below(last, above),
            None => Spot { kind: Kind::Main(slot), above },
        }
    }

    /// The last row of an alternate and all that hangs below it.
    fn last_below(&self, mut slot: Slot, mut above: Vec<Slot>) -> Spot {
        // As `end`, over and over, without recursion.
        loop {
            let Some(child) = self.shows_line(slot).then(|| self.forest.main_child(slot)).flatten()
            else {
                return Spot { kind: Kind::Alternate(slot), above };
            };
            above.push(slot);
            let end = self.forest.main_leaf(child);
            if !self.has_alternates(end) || !self.is_open(end, false) {
                return Spot { kind: Kind::Main(end), above };
            }
            let put_away = self.put_away(end).last();
            match put_away {
                Some(last) if self.archive_is_open(end) => slot = last,
                Some(_) => return self.archive(end, &above),
                None => match self.alternate_before(end, self.siblings(end).len()) {
                    Some(last) => slot = last,
                    None => return Spot { kind: Kind::Main(end), above },
                },
            }
        }
    }
}
