//! Where responses stand in the layout: what follows what on a line, what folds into a run, and the
//! row of any response.

use super::{Kind, Layout, SHORTEST_RUN, Spot};
use crate::forest::graph::Slot;

/// Side steps that are followed upwards to find the row of a response that is not on the first line.
const MOST_STEPS: usize = 20_000;

/// Quiet responses of a line that fold into one row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) first: Slot,
    pub(super) last: Slot,
    pub(super) count: usize,
}

impl Layout<'_> {
    /// The row of a response, or the closed row that hides it; `None` if it is not below what is
    /// shown, or very many branchings away from the first line.
    #[must_use]
    pub fn spot(&self, slot: Slot) -> Option<Spot> {
        let (above, mut kind) = self.place(slot)?;
        // Of what is closed the outermost counts.
        for (index, &alternate) in above.iter().enumerate() {
            let outer = &above[..index];
            if let Some(hidden) = self.hiding(alternate, outer) {
                return Some(hidden);
            }
            if !self.shows_line(alternate) {
                return Some(Spot { kind: Kind::Alternate(alternate), above: outer.to_vec() });
            }
        }
        match kind {
            Kind::Alternate(alternate) => {
                if let Some(hidden) = self.hiding(alternate, &above) {
                    return Some(hidden);
                }
            }
            Kind::Main(main) => {
                if let Some(run) = self.run(main, &above)
                    && !self.run_is_open(run.first)
                {
                    kind = Kind::Run { first: run.first, count: run.count };
                }
            }
            Kind::Run { .. } | Kind::Archived { .. } => {}
        }
        Some(Spot { kind, above })
    }

    /// The row that hides an alternate: the closed row it hangs below, or the one for what is put
    /// away.
    fn hiding(&self, alternate: Slot, above: &[Slot]) -> Option<Spot> {
        let of = self.main_sibling(alternate)?;
        let above = above.to_vec();
        if !self.is_open(of, above.is_empty()) {
            return Some(Spot { kind: Kind::Main(of), above });
        }
        if self.annotations.is_archived(alternate) && !self.archive_is_open(of) {
            let count = self.put_away(of).count();
            return Some(Spot { kind: Kind::Archived { of, count }, above });
        }
        None
    }

    /// The sibling of an alternate that stands on the line.
    pub(super) fn main_sibling(&self, alternate: Slot) -> Option<Slot> {
        match self.forest.parent(alternate) {
            None => Some(self.root()),
            Some(parent) => self.next_of(parent),
        }
    }

    /// The alternates in whose lines a response stands, and whether it is one itself.
    fn place(&self, slot: Slot) -> Option<(Vec<Slot>, Kind)> {
        if self.top.is_some_and(|top| !self.forest.is_ancestor(top, slot)) {
            return None;
        }
        let mut above = Vec::new();
        let mut at = slot;
        let mut steps = 0;
        while !self.forest.is_ancestor(at, self.leaf) {
            self.count(1);
            steps += 1;
            if steps > MOST_STEPS {
                return None;
            }
            // Only children are on the line of the first of them.
            let chain = self.forest.chain(at);
            let index = chain.index(at).unwrap_or(0);
            if index > 0 {
                let below_leaf = chain.index(self.leaf).is_some_and(|leaf| leaf < index);
                at = if below_leaf { self.leaf } else { chain.at(0) };
                continue;
            }
            let Some(parent) = self.forest.parent(at) else {
                above.push(at);
                break;
            };
            if self.next_of(parent) != Some(at) {
                above.push(at);
            }
            at = parent;
        }
        above.reverse();
        if above.last() == Some(&slot) {
            above.pop();
            return Some((above, Kind::Alternate(slot)));
        }
        Some((above, Kind::Main(slot)))
    }

    /// What follows a response on its line: the way to the leaf, else the main child.
    pub(super) fn next_of(&self, slot: Slot) -> Option<Slot> {
        self.count(1);
        let on_path = self.forest.child_towards(slot, self.leaf);
        on_path.or_else(|| self.forest.main_child(slot))
    }

    /// What stands before a response on its line.
    pub(super) fn before(&self, slot: Slot, above: &[Slot]) -> Option<Slot> {
        self.count(1);
        let parent = self.forest.parent(slot)?;
        (self.top != Some(slot) && above.last() != Some(&parent)).then_some(parent)
    }

    /// The first of the line of the innermost of `above`.
    fn head(&self, above: &[Slot]) -> Option<Slot> {
        match above.last() {
            Some(&alternate) => self.forest.main_child(alternate),
            None => Some(self.top.unwrap_or_else(|| self.root())),
        }
    }

    /// The spot as it is after the forest or the folds have changed.
    #[must_use]
    pub fn again(&self, spot: &Spot) -> Option<Spot> {
        let found = self.spot(spot.kind.slot())?;
        let Spot { kind: Kind::Main(slot), above } = found else { return Some(found) };
        match spot.kind {
            Kind::Run { .. } => Some(self.on_line(slot, above)),
            Kind::Archived { .. } if self.put_away(slot).next().is_some() => {
                Some(self.archive(slot, &above))
            }
            Kind::Main(_) | Kind::Alternate(_) | Kind::Archived { .. } => {
                Some(Spot { kind: Kind::Main(slot), above })
            }
        }
    }

    /// The row of the open run that the row at a spot is in.
    #[must_use]
    pub fn run_around(&self, spot: &Spot) -> Option<Spot> {
        let Kind::Main(slot) = spot.kind else { return None };
        let run = self.run(slot, &spot.above)?;
        let kind = Kind::Run { first: run.first, count: run.count };
        Some(Spot { kind, above: spot.above.clone() })
    }

    /// The end of the line that a response stands on.
    pub(super) fn end_of_line(&self, slot: Slot) -> Slot {
        let from = if self.forest.is_ancestor(slot, self.leaf) { self.leaf } else { slot };
        self.forest.main_leaf(from)
    }

    /// The run in which a response of a line folds with its neighbours. Those with a branch, an
    /// annotation or the selection are worth a row of their own, and so are the first of a line and
    /// its last two.
    pub(super) fn run(&self, slot: Slot, above: &[Slot]) -> Option<Run> {
        self.count(1);
        let chain = self.forest.chain(slot);
        let at = chain.index(slot)?;
        // The first of a chain has siblings, or is a root.
        let mut first = 1;
        let mut end = chain.len();
        if end - first < SHORTEST_RUN {
            return None;
        }
        if let Some(head) = self.head(above).and_then(|head| chain.index(head)) {
            first = first.max(head + 1);
        }
        end -= match self.next_of(chain.at(end - 1)) {
            None => 2,
            Some(next) if self.next_of(next).is_none() => 1,
            Some(_) => 0,
        };
        let (before, behind) = self.annotations.around(self.forest, slot);
        if self.annotations.get(slot).is_some() || self.selected == Some(slot) {
            return None;
        }
        for special in [before, behind, self.selected].into_iter().flatten() {
            match chain.index(special) {
                Some(index) if index < at => first = first.max(index + 1),
                Some(index) => end = end.min(index),
                None => {}
            }
        }
        if !(first..end).contains(&at) || end - first < SHORTEST_RUN {
            return None;
        }
        Some(Run { first: chain.at(first), last: chain.at(end - 1), count: end - first })
    }

    /// Whether a run was opened. Said of any response of the chain it is part of, so that it stays
    /// open when it is cut in two.
    pub(super) fn run_is_open(&self, first: Slot) -> bool {
        let runs = &self.folds.runs;
        if runs.is_empty() || runs.contains(&self.forest.response(first).id) {
            return !runs.is_empty();
        }
        let chain = self.forest.chain(first);
        self.count(runs.len());
        runs.iter().filter_map(|id| self.forest.slot(id)).any(|slot| chain.index(slot).is_some())
    }
}
