//! The forest itself: which response answers which. Responses may arrive in any order; siblings
//! stand in the order of their creation whatever the order of arrival. Nothing here recurses.

mod grow;

use std::cmp::Ordering;

use rustc_hash::FxHashMap;

use super::chains::{self, Chains};
use super::id::ResponseId;
use super::response::{Response, Time};
use super::tour::Tour;

/// Names a response within one [`Forest`], cheaply. Never reused: responses do not go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(u32);

/// Where a response stands among its siblings, itself included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// From 0, in order of creation.
    pub index: usize,
    /// Number of siblings, itself included.
    pub count: usize,
}

/// Why a response was not inserted. The forest is unchanged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    /// There is one of that name.
    #[error("response {0} is there already")]
    Exists(ResponseId),
    /// It would become its own ancestor.
    #[error("response {0} would become its own ancestor")]
    Cycle(ResponseId),
}

/// Where a response stands.
#[derive(Debug, Clone, Default)]
struct Node {
    parent: Option<Slot>,
    /// By creation.
    children: Vec<Slot>,
}

/// All responses of a conversation.
#[derive(Debug, Clone, Default)]
pub struct Forest {
    /// In order of arrival. Those of a conversation that is opened stay where they were received: new
    /// memory for all of them would cost more than all that is done with it.
    responses: Vec<Response>,
    /// As many, in the same order.
    nodes: Vec<Node>,
    by_id: FxHashMap<ResponseId, Slot>,
    /// By creation.
    roots: Vec<Slot>,
    /// Responses that wait, as roots, for a parent that has not arrived.
    waiting: FxHashMap<ResponseId, Vec<Slot>>,
    tour: Tour,
    chains: Chains,
    leaves: usize,
}

/// A stretch of a line in which every response but the first is the only child of the one before.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a>(chains::Chain<'a>);

/// Children up to which the largest subtree is looked for among all of them.
const FEW: usize = 16;

impl Forest {
    /// Number of responses.
    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no response.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Number of responses that nothing answers.
    #[must_use]
    pub fn leaf_count(&self) -> usize {
        self.leaves
    }

    /// The response of that name.
    #[must_use]
    pub fn slot(&self, id: &ResponseId) -> Option<Slot> {
        self.by_id.get(id).copied()
    }

    /// The response in a slot.
    #[must_use]
    pub fn response(&self, slot: Slot) -> &Response {
        &self.responses[slot.index()]
    }

    /// The response of that name.
    #[must_use]
    pub fn get(&self, id: &ResponseId) -> Option<&Response> {
        self.slot(id).map(|slot| self.response(slot))
    }

    /// All responses, in order of arrival.
    pub fn slots(&self) -> impl DoubleEndedIterator<Item = Slot> + use<> {
        (0..self.nodes.len() as u32).map(Slot)
    }

    /// Responses without parent, or whose parent is not there, by creation.
    #[must_use]
    pub fn roots(&self) -> &[Slot] {
        &self.roots
    }

    /// Responses that answer this one, by creation.
    #[must_use]
    pub fn children(&self, slot: Slot) -> &[Slot] {
        &self.nodes[slot.index()].children
    }

    /// The response that this one answers.
    #[must_use]
    pub fn parent(&self, slot: Slot) -> Option<Slot> {
        self.nodes[slot.index()].parent
    }

    /// The parent that a root names but that is not there.
    #[must_use]
    pub fn lost_parent(&self, slot: Slot) -> Option<&ResponseId> {
        let named = self.responses[slot.index()].parent.as_ref();
        named.filter(|_| self.nodes[slot.index()].parent.is_none())
    }

    /// The children of the same parent, or the roots, by creation; this one included.
    #[must_use]
    pub fn siblings(&self, slot: Slot) -> &[Slot] {
        self.parent(slot).map_or(&self.roots, |parent| self.children(parent))
    }

    /// Where it stands among its siblings. O(log siblings).
    #[must_use]
    pub fn position(&self, slot: Slot) -> Position {
        let siblings = self.siblings(slot);
        let index = siblings.partition_point(|&s| self.by_creation(s, slot).is_lt());
        Position { index, count: siblings.len() }
    }

    /// From the root to this response, both included.
    #[must_use]
    pub fn path(&self, slot: Slot) -> Vec<Slot> {
        let mut path = Vec::new();
        let mut next = Some(slot);
        while let Some(slot) = next {
            path.push(slot);
            next = self.parent(slot);
        }
        path.reverse();
        path
    }

    /// Number of responses below and including this one. O(log n).
    #[must_use]
    pub fn subtree_count(&self, slot: Slot) -> usize {
        self.tour.count(slot.0)
    }

    /// Whether `below` is in the subtree of `above`; every response is in its own. O(log n).
    #[must_use]
    pub fn is_ancestor(&self, above: Slot, below: Slot) -> bool {
        self.tour.contains(above.0, below.0)
    }

    /// The child of `above` on the way to `below`; `None` if that is not below it. O(log n).
    #[must_use]
    pub fn child_towards(&self, above: Slot, below: Slot) -> Option<Slot> {
        if above == below || !self.is_ancestor(above, below) {
            return None;
        }
        match self.children(above) {
            [only] => Some(*only),
            several => self.child_before(several, self.tour.place(below.0)),
        }
    }

    /// The last response that is on the way to both; `None` if they are in different trees.
    /// O(log n) for each branching between it and the one of them that has fewer.
    #[must_use]
    pub fn common(&self, a: Slot, b: Slot) -> Option<Slot> {
        if !self.tour.same_tree(a.0, b.0) {
            return None;
        }
        let (mut above_a, mut above_b) = (a, b);
        loop {
            if self.is_ancestor(above_a, b) {
                return Some(above_a);
            }
            if self.is_ancestor(above_b, a) {
                return Some(above_b);
            }
            above_a = self.up(above_a, b)?;
            above_b = self.up(above_b, a)?;
        }
    }

    /// The next response above one that can be on the way to `other`, which is not below it: of a
    /// chain of only children, all are, or those down to `other`, or none.
    fn up(&self, slot: Slot, other: Slot) -> Option<Slot> {
        let chain = self.chain(slot);
        let stands_in_it = chain.index(other).map(|_| other);
        stands_in_it.or_else(|| self.parent(chain.at(0)))
    }

    /// What orders the responses: tree by tree, parents before their children, those before later
    /// siblings. Stays so when others are added below. O(log n).
    #[must_use]
    pub fn order(&self, slot: Slot) -> (Slot, u32) {
        (Slot(self.tour.root(slot.0)), self.tour.place(slot.0))
    }

    /// The stretch of only children that a response stands in. O(log n).
    #[must_use]
    pub fn chain(&self, slot: Slot) -> Chain<'_> {
        Chain(self.chains.of(slot.0))
    }

    /// The child with the largest subtree, of equals the oldest. Where there are many and none has
    /// more than half of what is below, the oldest: so it costs O(log n) whatever their number.
    #[must_use]
    pub fn main_child(&self, slot: Slot) -> Option<Slot> {
        let children = self.children(slot);
        if children.len() <= FEW {
            return self.main_of(children);
        }
        let middle = self.child_before(children, self.tour.middle(slot.0));
        let below = self.subtree_count(slot) - 1;
        middle.filter(|&child| self.subtree_count(child) * 2 > below).or(children.first().copied())
    }

    /// The last of some siblings that does not stand behind a place of their tree.
    fn child_before(&self, siblings: &[Slot], place: u32) -> Option<Slot> {
        let behind = siblings.partition_point(|&child| self.tour.place(child.0) <= place);
        behind.checked_sub(1).map(|index| siblings[index])
    }

    /// The root with the largest tree, of equals the oldest.
    #[must_use]
    pub fn main_root(&self) -> Option<Slot> {
        self.main_of(&self.roots)
    }

    /// This response, its main child, the main child of that, and so on down to a leaf.
    pub fn main_line(&self, slot: Slot) -> impl Iterator<Item = Slot> + '_ {
        std::iter::successors(Some(slot), |&slot| self.main_child(slot))
    }

    /// The end of the main line. O(log n) for each branching on it.
    #[must_use]
    pub fn main_leaf(&self, slot: Slot) -> Slot {
        let mut at = slot;
        loop {
            let chain = self.chain(at);
            at = chain.at(chain.len() - 1);
            match self.main_child(at) {
                Some(child) => at = child,
                None => return at,
            }
        }
    }

    /// The leaf that was created last; where a reader who knows nothing better goes on.
    #[must_use]
    pub fn newest_leaf(&self) -> Option<Slot> {
        self.slots()
            .filter(|&slot| self.children(slot).is_empty())
            .max_by(|&a, &b| self.by_creation(a, b))
    }

    fn main_of(&self, siblings: &[Slot]) -> Option<Slot> {
        match siblings {
            [] => None,
            [only] => Some(*only),
            several => several.iter().rev().copied().max_by_key(|slot| self.subtree_count(*slot)),
        }
    }

    fn by_creation(&self, a: Slot, b: Slot) -> Ordering {
        let key = |slot: Slot| -> (Time, &ResponseId) {
            let response = self.response(slot);
            (response.create_time, &response.id)
        };
        key(a).cmp(&key(b))
    }
}

impl Chain<'_> {
    /// Number of responses in it; at least one.
    #[expect(clippy::len_without_is_empty, reason = "it never is empty")]
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The response at a place, from 0.
    #[must_use]
    pub fn at(&self, index: usize) -> Slot {
        Slot(self.0.at(index))
    }

    /// The place of a response; `None` if it is in another chain.
    #[must_use]
    pub fn index(&self, slot: Slot) -> Option<usize> {
        self.0.index(slot.0)
    }
}

impl Slot {
    fn index(self) -> usize {
        self.0 as usize
    }
}

impl From<Slot> for u32 {
    fn from(slot: Slot) -> Self {
        slot.0
    }
}

#[cfg(test)]
mod tests;
