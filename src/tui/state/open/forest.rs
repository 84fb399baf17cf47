//! The forest pane of the conversation on the screen: cursor, folds, filter, the subtree that is
//! shown, what is noted and what was read.

use crate::forest::layout::{Kind, Layout, Row, Spot};
use crate::forest::{Annotation, Annotations, ResponseId, Slot};
use crate::tui::state::filter::{Filter, Filtered};

use super::Open;

/// Runs whose being open is remembered.
const MOST_OPEN_RUNS: usize = 256;

impl Open {
    /// The layout of the forest pane; `None` if there is nothing to show.
    #[must_use]
    pub fn layout(&self) -> Option<Layout<'_>> {
        let layout = Layout::new(&self.forest, &self.annotations, &self.folds, self.leaf)?;
        Some(layout.selecting(self.selected).below(self.hoists.last().copied()))
    }

    /// The response under the cursor of the forest pane, or the first of several.
    #[must_use]
    pub fn cursor_slot(&self) -> Option<Slot> {
        match &self.filtered {
            Some(filtered) => filtered.slot(),
            None => self.pane.slot(),
        }
    }

    /// What the pane lets through, if not everything.
    #[must_use]
    pub fn filtered(&self) -> Option<&Filtered> {
        self.filtered.as_ref()
    }

    /// Lets only some responses through, or all of them again; true if it is still being found out
    /// which.
    pub fn filter(&mut self, filter: Option<Filter>) -> bool {
        let under = self.cursor_slot();
        let of = |filter, hits| Filtered::of(filter, hits, &self.forest);
        self.filtered = filter.map(|filter| match filter {
            Filter::Marked => {
                let noted = |slot: &Slot| {
                    let annotation = self.annotations.get(*slot);
                    annotation
                        .is_some_and(|a| a.starred || !a.label.is_empty() || !a.note.is_empty())
                };
                of(filter, self.annotations.slots().iter().copied().filter(noted).collect())
            }
            Filter::Unread => of(filter, self.unread.iter().copied().collect()),
            Filter::Human | Filter::Leaves | Filter::Model(_) | Filter::Text(_) => {
                Filtered::new(filter)
            }
        });
        let more = self.filter_on();
        if let (Some(filtered), Some(under)) = (&mut self.filtered, under) {
            filtered.point_to(under);
        } else if let Some(under) = under {
            self.point_to(under);
        }
        more
    }

    /// Finds out about some more responses; false if there are no more.
    pub fn filter_on(&mut self) -> bool {
        self.pane.touch();
        let Some(filtered) = &mut self.filtered else { return false };
        filtered.step(&self.forest, &self.annotations)
    }

    /// The root of what the pane shows; `None`: the whole forest.
    #[must_use]
    pub fn hoisted(&self) -> Option<Slot> {
        self.hoists.last().copied()
    }

    /// Shows only what is below a response.
    pub fn hoist(&mut self, slot: Slot) {
        if self.hoisted() != Some(slot) {
            self.hoists.push(slot);
            self.point_to(slot);
        }
    }

    /// Shows what was shown before that; false if everything is shown.
    pub fn unhoist(&mut self) -> bool {
        let Some(slot) = self.hoists.pop() else { return false };
        self.point_to(slot);
        true
    }

    /// Whether a response arrived and was not on the screen yet.
    #[must_use]
    pub fn is_unread(&self, slot: Slot) -> bool {
        self.unread.contains(&slot)
    }

    /// How many are.
    #[must_use]
    pub fn unread_count(&self) -> usize {
        self.unread.len()
    }

    /// What the chat shows now has been read; true if something of it was not before.
    pub fn read_what_is_shown(&mut self) -> bool {
        if self.unread.is_empty() {
            return false;
        }
        let before = self.unread.len();
        for (index, _) in &self.chat.rows {
            if let Some(slot) = self.path.get(*index) {
                self.unread.remove(slot);
            }
        }
        let read = self.unread.len() != before;
        if read {
            self.pane.touch();
        }
        read
    }

    /// Sets all that is noted about a response, and returns what was noted before.
    pub fn annotate(&mut self, slot: Slot, annotation: Annotation) -> Annotation {
        let before = self.annotations.get(slot).cloned().unwrap_or_default();
        self.annotations.set(&self.forest, slot, annotation);
        if self.filtered.as_ref().is_some_and(|filtered| filtered.filter == Filter::Marked) {
            self.filter(Some(Filter::Marked));
        }
        self.relayout();
        before
    }

    /// Takes in what is noted about the responses of the conversation.
    pub fn annotate_all(&mut self, all: Vec<(ResponseId, Annotation)>) {
        let known = all.into_iter().filter_map(|(id, one)| Some((self.forest.slot(&id)?, one)));
        self.annotations = Annotations::new(&self.forest, known);
        self.relayout();
    }

    /// The row under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<Row> {
        Some(self.layout()?.row(self.pane.cursor()?))
    }

    /// Opens or closes the row under the cursor; false if there is nothing to open.
    pub fn set_fold(&mut self, open: bool) -> bool {
        if self.filtered.is_some() {
            return false;
        }
        let Some(row) = self.row() else { return false };
        if row.open.is_none_or(|is| is == open) {
            return false;
        }
        let id = self.forest.response(row.slot()).id.clone();
        match row.kind {
            Kind::Run { first, count } => self.fold_run(first, count, open),
            Kind::Archived { of, .. } => {
                let parent = self.forest.parent(of);
                let parent = parent.map(|slot| self.forest.response(slot).id.clone());
                if open {
                    self.folds.archives.insert(parent);
                } else {
                    self.folds.archives.remove(&parent);
                }
            }
            Kind::Main(_) | Kind::Alternate(_) => drop(self.folds.rows.insert(id, open)),
        }
        self.relayout();
        true
    }

    /// Closes the open run that the row under the cursor is in; false if it is in none.
    pub fn close_run(&mut self) -> bool {
        let layout = self.layout().filter(|_| self.filtered.is_none());
        let run = layout.and_then(|layout| layout.run_around(self.pane.cursor()?));
        let Some(Kind::Run { first, count }) = run.as_ref().map(Spot::kind) else { return false };
        self.fold_run(first, count, false);
        self.pane.put(run);
        self.relayout();
        true
    }

    /// An open run is remembered by its ends, so that both parts stay open when it is cut in two.
    fn fold_run(&mut self, first: Slot, count: usize, open: bool) {
        let chain = self.forest.chain(first);
        let end = chain.index(first).unwrap_or(0) + count - 1;
        let id = |slot: Slot| self.forest.response(slot).id.clone();
        if !open {
            let forest = &self.forest;
            let elsewhere =
                |id: &ResponseId| forest.slot(id).is_none_or(|slot| chain.index(slot).is_none());
            self.folds.runs.retain(elsewhere);
        } else if self.folds.runs.len() < MOST_OPEN_RUNS {
            let ends = [id(first), id(chain.at(end))];
            self.folds.runs.extend(ends);
        }
    }

    /// Moves the cursor by rows.
    pub fn move_cursor(&mut self, by: isize) {
        if let Some(filtered) = &mut self.filtered {
            filtered.move_by(by);
            return self.pane.touch();
        }
        let mut pane = std::mem::take(&mut self.pane);
        if let Some(layout) = self.layout() {
            pane.move_by(&layout, by);
        }
        self.pane = pane;
    }

    /// Moves the cursor to the first row, or to the last.
    pub fn move_to_end(&mut self, last: bool) {
        if let Some(filtered) = &mut self.filtered {
            filtered.move_by(if last { isize::MAX } else { isize::MIN });
            return self.pane.touch();
        }
        let spot = self.layout().map(|layout| if last { layout.last() } else { layout.first() });
        self.pane.put(spot);
    }

    /// Moves the cursor to a response, or to the closed row that hides it; false if it has none.
    pub fn point_to(&mut self, slot: Slot) -> bool {
        if let Some(filtered) = &mut self.filtered {
            self.pane.touch();
            return filtered.point_to(slot);
        }
        let spot = self.layout().and_then(|layout| layout.spot(slot));
        let found = spot.is_some();
        if found {
            self.pane.put(spot);
        } else {
            self.relayout();
        }
        found
    }

    /// Something has changed: the cursor stays on its row.
    pub fn relayout(&mut self) {
        if self.filtered.is_some() {
            // What has arrived is looked at as well; it is little.
            self.filter_on();
        }
        let mut pane = std::mem::take(&mut self.pane);
        pane.refresh(self.layout().as_ref(), self.selected);
        self.pane = pane;
    }

    /// Puts the cursor on a row in sight, and returns it.
    pub fn click(&mut self, index: usize) -> Option<Row> {
        let row = self.pane.rows().0.get(index).copied()?;
        match &mut self.filtered {
            Some(filtered) => {
                filtered.point_to(row.slot());
                self.pane.touch();
            }
            None => self.pane.put_at(index),
        }
        Some(row)
    }

    /// Lays out the rows of the forest pane that are in sight.
    pub fn lay_out(&mut self, height: usize) {
        let mut pane = std::mem::take(&mut self.pane);
        if let Some(filtered) = &self.filtered {
            let (hits, at) = filtered.hits();
            pane.lay_out_flat(hits, at, height);
            self.pane = pane;
            return;
        }
        pane.lay_out(self.layout().as_ref(), height);
        self.pane = pane;
    }
}
