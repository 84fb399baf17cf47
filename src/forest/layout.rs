//! The main-line layout of a forest: rows whose indentation grows with branching, not with depth.
//!
//! A line is a response, its main child, the main child of that, and so on: rows of one level. The
//! alternates of a row (its siblings) are rows one level below it, and the line of an alternate is
//! another level below that. A side step at least halves the subtree, so a forest of n responses
//! never needs more than about 2 log2 n levels. What a row looks like is left to the screen.

use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::graph::{Forest, Slot};
use super::id::ResponseId;

/// Quiet rows in a row from which they fold into one.
const SHORTEST_RUN: usize = 4;

/// Which rows the user has opened or closed, by the response they show; all others stand as the
/// layout thinks best. Kept beside the forest, never in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folds {
    /// Rows with what hangs below them: true if open.
    pub rows: FxHashMap<ResponseId, bool>,
    /// Runs of quiet rows that were opened, by their first response.
    pub runs: FxHashSet<ResponseId>,
}

/// What a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A response of a line. Its alternates hang below it.
    Main(Slot),
    /// An alternate of the row it hangs below. The rest of its line hangs below it.
    Alternate(Slot),
    /// Several rows of a line without a branch, folded into one.
    Run {
        /// The first of them.
        first: Slot,
        /// How many they are.
        count: usize,
    },
}

/// One row of the forest pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// What it shows.
    pub kind: Kind,
    /// Indentation, from 0.
    pub level: usize,
    /// Whether what hangs below is shown; `None` if nothing does.
    pub open: Option<bool>,
    /// Number of responses that the row hides.
    pub hidden: usize,
}

impl Row {
    /// The response it shows, or the first it hides.
    #[must_use]
    pub fn slot(&self) -> Slot {
        match self.kind {
            Kind::Main(slot) | Kind::Alternate(slot) | Kind::Run { first: slot, .. } => slot,
        }
    }
}

/// Lays out a forest. The active path, from a root to `active`, is the main line of level 0; rows in
/// `keep` never disappear in a run. Costs as much as the responses on the lines that are open.
#[must_use]
pub fn rows(forest: &Forest, active: Option<Slot>, folds: &Folds, keep: &[Slot]) -> Vec<Row> {
    let path = active.map(|slot| forest.path(slot)).unwrap_or_default();
    let Some(root) = path.first().copied().or_else(|| forest.main_root()) else {
        return Vec::new();
    };
    let mut layout = Layout { forest, folds, keep, rows: Vec::new(), pending: Vec::new() };
    let mut line = path;
    let tail = line.last().copied().unwrap_or(root);
    line.extend(forest.main_line(tail).skip(usize::from(!line.is_empty())));
    layout.pending.push(Pending::Line { slots: line.into(), at: 0, level: 0 });
    while let Some(pending) = layout.pending.pop() {
        layout.lay(pending);
    }
    layout.rows
}

/// What is still to be laid out. A stack of these stands in for recursion.
enum Pending {
    /// A line from the given place on.
    Line { slots: Rc<[Slot]>, at: usize, level: usize },
    /// The siblings of a row of a line.
    Alternates { of: Slot, level: usize },
    /// The siblings of `of`, from the given one on.
    Alternate { of: Slot, index: usize, level: usize },
}

struct Layout<'a> {
    forest: &'a Forest,
    folds: &'a Folds,
    keep: &'a [Slot],
    rows: Vec<Row>,
    pending: Vec<Pending>,
}

impl Layout<'_> {
    fn lay(&mut self, pending: Pending) {
        match pending {
            Pending::Line { slots, at, level } => self.line(slots, at, level),
            Pending::Alternates { of, level } => {
                self.pending.push(Pending::Alternate { of, index: 0, level });
            }
            Pending::Alternate { of, index, level } => self.alternate(of, index, level),
        }
    }

    /// Lays out a line up to the first row whose alternates come in between.
    fn line(&mut self, slots: Rc<[Slot]>, mut at: usize, level: usize) {
        while at < slots.len() {
            let quiet = self.quiet_run(&slots, at);
            if quiet >= SHORTEST_RUN {
                self.run(&slots[at..at + quiet], level);
                at += quiet;
                continue;
            }
            let of = slots[at];
            at += 1;
            if self.main_row(of, level) {
                self.pending.push(Pending::Line { slots, at, level });
                self.pending.push(Pending::Alternates { of, level: level + 1 });
                return;
            }
        }
    }

    fn run(&mut self, slots: &[Slot], level: usize) {
        let open = self.folds.runs.contains(&self.forest.response(slots[0]).id);
        self.rows.push(Row {
            kind: Kind::Run { first: slots[0], count: slots.len() },
            level,
            open: Some(open),
            hidden: if open { 0 } else { slots.len() },
        });
        if open {
            for &slot in slots {
                self.main_row(slot, level);
            }
        }
    }

    /// Adds the row of a response of a line; true if its alternates follow.
    fn main_row(&mut self, slot: Slot, level: usize) -> bool {
        let siblings = self.forest.siblings(slot);
        let open = (siblings.len() > 1).then(|| self.is_open(slot, level == 0));
        let hidden = if open == Some(false) {
            let others = siblings.iter().filter(|&&other| other != slot);
            others.map(|&other| self.forest.subtree_count(other)).sum()
        } else {
            0
        };
        self.rows.push(Row { kind: Kind::Main(slot), level, open, hidden });
        open == Some(true)
    }

    fn alternate(&mut self, of: Slot, index: usize, level: usize) {
        let siblings = self.forest.siblings(of);
        let Some(&slot) = siblings.get(index) else { return };
        self.pending.push(Pending::Alternate { of, index: index + 1, level });
        if slot == of {
            return;
        }
        let child = self.forest.main_child(slot);
        let open = child.map(|_| self.is_open(slot, false));
        let hidden = if open == Some(false) { self.forest.subtree_count(slot) - 1 } else { 0 };
        self.rows.push(Row { kind: Kind::Alternate(slot), level, open, hidden });
        if let (Some(true), Some(child)) = (open, child) {
            let slots = self.forest.main_line(child).collect();
            self.pending.push(Pending::Line { slots, at: 0, level: level + 1 });
        }
    }

    fn is_open(&self, slot: Slot, unless_told: bool) -> bool {
        self.folds.rows.get(&self.forest.response(slot).id).copied().unwrap_or(unless_told)
    }

    /// How many responses from `at` on have nothing that is worth a row of its own. The first of a
    /// line and its last two always are worth one.
    fn quiet_run(&self, slots: &[Slot], at: usize) -> usize {
        let end = slots.len().saturating_sub(2);
        if at == 0 || at >= end {
            return 0;
        }
        let quiet = |slot| self.forest.siblings(slot).len() == 1 && !self.keep.contains(&slot);
        slots[at..end].iter().take_while(|&&slot| quiet(slot)).count()
    }
}

#[cfg(test)]
mod tests;
