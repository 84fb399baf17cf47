//! The main-line layout of a forest: rows whose indentation grows with branching, not with depth.
//!
//! A line is a response, its main child, the main child of that, and so on: rows of one level. The
//! alternates of a row (its siblings) are rows one level below it, and the line of an alternate is
//! another level below that. A side step at least halves the subtree, so a forest of n responses
//! never needs more than about 2 log2 n levels. What a row looks like is left to the screen.
//!
//! Nothing is laid out but the rows that are asked for: from any row, the next and the one before
//! are found in O(log n), whatever the size of the forest.

mod find;
mod step;

use std::cell::Cell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::annotation::Annotations;
use super::graph::{Forest, Slot};
use super::id::ResponseId;

/// Quiet rows in a row from which they fold into one.
const SHORTEST_RUN: usize = 4;

/// Siblings up to which the alternates of a row of the first line are shown unless told otherwise.
pub const MOST_SHOWN: usize = 64;

/// Which rows the user has opened or closed, by the response they show; all others stand as the
/// layout thinks best. Kept beside the forest, never in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folds {
    /// Rows with what hangs below them: true if open.
    pub rows: FxHashMap<ResponseId, bool>,
    /// Runs of quiet rows that were opened, by a response in them.
    pub runs: FxHashSet<ResponseId>,
    /// Rows that stand for what is put away and were opened, by the parent; `None`: the roots.
    pub archives: FxHashSet<Option<ResponseId>>,
}

/// What a row shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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
    /// Alternates that are put away.
    Archived {
        /// The row they are alternates of.
        of: Slot,
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
    /// The response it shows, or the first it hides, or the one whose alternates it hides.
    #[must_use]
    pub fn slot(&self) -> Slot {
        self.kind.slot()
    }

    /// The response it shows; `None` if it stands for several.
    #[must_use]
    pub fn shown(&self) -> Option<Slot> {
        match self.kind {
            Kind::Main(slot) | Kind::Alternate(slot) => Some(slot),
            Kind::Run { .. } | Kind::Archived { .. } => None,
        }
    }
}

impl Kind {
    /// As [`Row::slot`].
    #[must_use]
    pub fn slot(self) -> Slot {
        match self {
            Self::Main(slot)
            | Self::Alternate(slot)
            | Self::Run { first: slot, .. }
            | Self::Archived { of: slot, .. } => slot,
        }
    }
}

/// A row and where it stands: what is needed to step from it to the next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spot {
    kind: Kind,
    /// The alternates in whose lines it stands, outermost first.
    above: Vec<Slot>,
}

impl Spot {
    /// What the row shows.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

/// What the layout of a forest depends on. The active path, from a root to `leaf`, is the main line
/// of level 0; `selected` never disappears in a run.
#[derive(Debug)]
pub struct Layout<'a> {
    forest: &'a Forest,
    annotations: &'a Annotations,
    folds: &'a Folds,
    leaf: Slot,
    selected: Option<Slot>,
    /// The root of what is shown; `None`: everything.
    top: Option<Slot>,
    /// Responses that were looked at.
    work: Cell<usize>,
}

impl<'a> Layout<'a> {
    /// A layout of the whole forest; `None` if that is empty.
    #[must_use]
    pub fn new(
        forest: &'a Forest,
        annotations: &'a Annotations,
        folds: &'a Folds,
        leaf: Option<Slot>,
    ) -> Option<Self> {
        let leaf = leaf.or_else(|| forest.main_root())?;
        let work = Cell::new(0);
        Some(Self { forest, annotations, folds, leaf, selected: None, top: None, work })
    }

    /// With a selected response, which always has a row of its own.
    #[must_use]
    pub fn selecting(self, selected: Option<Slot>) -> Self {
        Self { selected, ..self }
    }

    /// Only the subtree of `top`.
    #[must_use]
    pub fn below(self, top: Option<Slot>) -> Self {
        let Some(top) = top else { return self };
        let leaf = if self.forest.is_ancestor(top, self.leaf) { self.leaf } else { top };
        Self { top: Some(top), leaf, ..self }
    }

    /// How many responses were looked at so far: the work done, whatever the machine.
    #[must_use]
    pub fn work(&self) -> usize {
        self.work.get()
    }

    /// The row at a spot.
    #[must_use]
    pub fn row(&self, spot: &Spot) -> Row {
        self.count(1);
        let depth = spot.above.len() * 2;
        match spot.kind {
            Kind::Main(slot) => {
                let open = self.has_alternates(slot).then(|| self.is_open(slot, depth == 0));
                let hidden = if open == Some(false) { self.beside(slot) } else { 0 };
                Row { kind: spot.kind, level: depth, open, hidden }
            }
            Kind::Alternate(slot) => {
                let open = (!self.forest.children(slot).is_empty()).then(|| self.shows_line(slot));
                let hidden =
                    if open == Some(false) { self.forest.subtree_count(slot) - 1 } else { 0 };
                Row { kind: spot.kind, level: depth + 1, open, hidden }
            }
            Kind::Run { first, count } => {
                let open = self.run_is_open(first);
                let hidden = if open { 0 } else { count };
                Row { kind: spot.kind, level: depth, open: Some(open), hidden }
            }
            Kind::Archived { of, .. } => {
                let open = self.archive_is_open(of);
                let put_away = self.put_away(of);
                let counts = put_away.map(|slot| self.forest.subtree_count(slot));
                let hidden = if open { 0 } else { counts.sum() };
                Row { kind: spot.kind, level: depth + 1, open: Some(open), hidden }
            }
        }
    }

    /// The first row.
    #[must_use]
    pub fn first(&self) -> Spot {
        let root = self.top.unwrap_or_else(|| self.root());
        Spot { kind: Kind::Main(root), above: Vec::new() }
    }

    /// All rows, from the first on. For forests that fit into memory several times.
    pub fn rows(&self) -> impl Iterator<Item = Row> + '_ {
        let spots = std::iter::successors(Some(self.first()), |spot| self.next(spot));
        spots.map(|spot| self.row(&spot))
    }

    /// The rows around a spot that fill `height` rows, the spot in the middle where that is
    /// possible, and the index of the spot's row.
    #[must_use]
    pub fn window(&self, around: &Spot, height: usize) -> (Vec<(Spot, Row)>, usize) {
        let room = height.saturating_sub(1);
        let mut before: Vec<Spot> =
            std::iter::successors(self.previous(around), |spot| self.previous(spot))
                .take(room)
                .collect();
        let behind: Vec<Spot> =
            std::iter::successors(self.next(around), |spot| self.next(spot)).take(room).collect();
        let half = before.len().min(height / 2);
        let up = half.max(room.saturating_sub(behind.len()).min(before.len()));
        before.truncate(up);
        let all = before.into_iter().rev().chain([around.clone()]).chain(behind);
        let rows = all.take(height.max(1)).map(|spot| {
            let row = self.row(&spot);
            (spot, row)
        });
        (rows.collect(), up)
    }

    fn count(&self, looked_at: usize) {
        self.work.set(self.work.get() + looked_at);
    }

    fn root(&self) -> Slot {
        self.forest.order(self.leaf).0
    }

    /// Siblings of a response, itself included; only itself where what is shown begins.
    fn siblings(&self, slot: Slot) -> &'a [Slot] {
        let all = self.forest.siblings(slot);
        if self.top != Some(slot) {
            return all;
        }
        let index = self.forest.position(slot).index;
        &all[index..=index]
    }

    fn has_alternates(&self, slot: Slot) -> bool {
        self.top != Some(slot) && self.forest.siblings(slot).len() > 1
    }

    /// Responses below the siblings of one, and those.
    fn beside(&self, slot: Slot) -> usize {
        let all = match self.forest.parent(slot) {
            Some(parent) => self.forest.subtree_count(parent) - 1,
            None => self.forest.len(),
        };
        all - self.forest.subtree_count(slot)
    }

    /// The alternates of a row that are put away.
    fn put_away(&self, of: Slot) -> impl Iterator<Item = Slot> + '_ {
        let below = self.annotations.archived_below(self.forest.parent(of));
        below.iter().copied().filter(move |&slot| slot != of)
    }

    fn is_open(&self, slot: Slot, on_first_line: bool) -> bool {
        let told = self.folds.rows.get(&self.forest.response(slot).id).copied();
        let few = || self.forest.siblings(slot).len() <= MOST_SHOWN;
        told.unwrap_or_else(|| on_first_line && few())
    }

    fn shows_line(&self, slot: Slot) -> bool {
        self.is_open(slot, false)
    }

    fn archive_is_open(&self, of: Slot) -> bool {
        let archives = &self.folds.archives;
        let parent = self.forest.parent(of).map(|slot| self.forest.response(slot).id.clone());
        !archives.is_empty() && archives.contains(&parent)
    }
}

#[cfg(test)]
mod tests;
