//! The forest pane: where its cursor is, and the rows in sight. Only these are laid out, so that a
//! move, a fold and a new response cost the same whatever the size of the forest.

use crate::forest::Slot;
use crate::forest::layout::{Kind, Layout, Row, Spot};

/// The forest pane.
#[derive(Debug, Default)]
pub struct Pane {
    /// The row under the cursor.
    cursor: Option<Spot>,
    /// The rows in sight.
    rows: Vec<Row>,
    /// The spots of the rows in sight.
    spots: Vec<Spot>,
    /// Which of them is under the cursor.
    at: usize,
    /// Rows for which there is room.
    height: usize,
    /// Whether the rows have to be laid out anew.
    stale: bool,
}

impl Pane {
    /// The rows have to be laid out anew.
    pub fn touch(&mut self) {
        self.stale = true;
    }

    /// Lays out some responses, one a row, as far as they are in sight.
    pub fn lay_out_flat(&mut self, slots: &[Slot], at: usize, height: usize) {
        if !self.stale && self.height == height {
            return;
        }
        (self.stale, self.height) = (false, height);
        let top = at.saturating_sub(height / 2).min(slots.len().saturating_sub(height));
        let rows = slots.iter().skip(top).take(height);
        self.rows.clear();
        self.rows.extend(rows.map(|&slot| Row {
            kind: Kind::Main(slot),
            level: 0,
            open: None,
            hidden: 0,
        }));
        self.spots.clear();
        self.at = at - top;
    }

    /// The rows in sight, and which of them is under the cursor.
    #[must_use]
    pub fn rows(&self) -> (&[Row], usize) {
        (&self.rows, self.at)
    }

    /// What the row under the cursor shows.
    #[must_use]
    pub fn cursor(&self) -> Option<&Spot> {
        self.cursor.as_ref()
    }

    /// The response under the cursor, or the first of several.
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        self.cursor.as_ref().map(|spot| spot.kind().slot())
    }

    /// Puts the cursor on a row.
    pub fn put(&mut self, spot: Option<Spot>) {
        self.cursor = spot;
        self.stale = true;
    }

    /// Puts the cursor on one of the rows in sight.
    pub fn put_at(&mut self, index: usize) {
        if let Some(spot) = self.spots.get(index).cloned() {
            self.put(Some(spot));
        }
    }

    /// The forest, the path or the folds have changed: the cursor stays on its row, or goes to the
    /// response that is selected.
    pub fn refresh(&mut self, layout: Option<&Layout<'_>>, selected: Option<Slot>) {
        self.stale = true;
        let Some(layout) = layout else {
            self.cursor = None;
            return;
        };
        let before = self.cursor.take();
        self.cursor = before
            .and_then(|spot| layout.again(&spot))
            .or_else(|| selected.and_then(|slot| layout.spot(slot)))
            .or_else(|| Some(layout.first()));
    }

    /// Moves the cursor by rows.
    pub fn move_by(&mut self, layout: &Layout<'_>, by: isize) {
        let Some(mut spot) = self.cursor.clone() else { return };
        for _ in 0..by.unsigned_abs() {
            let next = if by < 0 { layout.previous(&spot) } else { layout.next(&spot) };
            let Some(next) = next else { break };
            spot = next;
        }
        self.put(Some(spot));
    }

    /// Lays out the rows in sight, if anything has changed.
    pub fn lay_out(&mut self, layout: Option<&Layout<'_>>, height: usize) {
        if !self.stale && self.height == height {
            return;
        }
        self.stale = false;
        self.height = height;
        self.rows.clear();
        self.spots.clear();
        self.at = 0;
        if let (Some(layout), Some(cursor)) = (layout, &self.cursor) {
            let (window, at) = layout.window(cursor, height);
            self.at = at;
            for (spot, row) in window {
                self.spots.push(spot);
                self.rows.push(row);
            }
        }
    }

    /// The response whose put-away alternates the row under the cursor stands for.
    #[must_use]
    pub fn on_archive_of(&self) -> Option<Slot> {
        match self.cursor.as_ref().map(Spot::kind) {
            Some(Kind::Archived { of, .. }) => Some(of),
            Some(Kind::Main(_) | Kind::Alternate(_) | Kind::Run { .. }) | None => None,
        }
    }

    /// Whether the row under the cursor stands for several responses.
    #[must_use]
    pub fn on_several(&self) -> bool {
        let kind = self.cursor.as_ref().map(Spot::kind);
        matches!(kind, Some(Kind::Run { .. } | Kind::Archived { .. }))
    }
}
