//! The forest itself: which response answers which. Responses may arrive in any order; siblings
//! stand in the order of their creation whatever the order of arrival. Nothing here recurses.

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

#[derive(Debug, Clone)]
struct Node {
    response: Response,
    parent: Option<Slot>,
    /// By creation.
    children: Vec<Slot>,
}

/// All responses of a conversation.
#[derive(Debug, Clone, Default)]
pub struct Forest {
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
    /// A forest of all `responses`, in O(n log n) at most. None is left out: one whose parent would
    /// close a cycle becomes a root that remembers the parent as lost; of two with one name the
    /// later counts.
    #[must_use]
    pub fn from_responses(responses: impl IntoIterator<Item = Response>) -> Self {
        let mut forest = Self::default();
        for response in responses {
            if let Some(&slot) = forest.by_id.get(&response.id) {
                forest.nodes[slot.index()].response = response;
            } else {
                forest.push(response);
            }
        }
        forest.link_all();
        forest
    }

    /// Adds a response below its parent. If the parent is not there it is a root until the parent
    /// arrives; roots that wait for this response become its children. O(log n), plus the move of
    /// younger siblings if it is not the youngest.
    ///
    /// # Errors
    /// If the name is taken, or if it would become its own ancestor.
    pub fn insert(&mut self, response: Response) -> Result<Slot, InsertError> {
        if self.by_id.contains_key(&response.id) {
            return Err(InsertError::Exists(response.id));
        }
        let parent = response.parent.as_ref().and_then(|id| self.slot(id));
        let waiting = self.waiting.get(&response.id).map_or(&[][..], Vec::as_slice);
        let closes = |&orphan: &Slot| parent.is_some_and(|p| self.tour.same_tree(orphan.0, p.0));
        if response.parent.as_ref() == Some(&response.id) || waiting.iter().any(closes) {
            return Err(InsertError::Cycle(response.id));
        }
        let slot = self.push(response);
        self.tour.push();
        self.chains.push();
        self.leaves += 1;
        self.place(slot, parent);
        let id = &self.nodes[slot.index()].response.id;
        for orphan in self.waiting.remove(id).unwrap_or_default() {
            let index = self.position(orphan).index;
            self.roots.remove(index);
            self.place(orphan, Some(slot));
        }
        Ok(slot)
    }

    /// Puts a newer version of a response in the place of the one of that name; its parent stays.
    /// Returns false, and changes nothing, if there is none of that name.
    pub fn replace(&mut self, response: Response) -> bool {
        let Some(slot) = self.slot(&response.id) else { return false };
        let moved = self.response(slot).create_time != response.create_time;
        let before = moved.then(|| self.position(slot).index);
        let parent = self.response(slot).parent.clone();
        self.nodes[slot.index()].response = Response { parent, ..response };
        if let Some(before) = before {
            self.move_among_siblings(slot, before);
        }
        true
    }

    /// Appends text that has arrived to a response.
    pub fn append_text(&mut self, slot: Slot, text: &str) {
        self.nodes[slot.index()].response.message.push_str(text);
    }

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
        &self.nodes[slot.index()].response
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
        let node = &self.nodes[slot.index()];
        node.response.parent.as_ref().filter(|_| node.parent.is_none())
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

    fn push(&mut self, response: Response) -> Slot {
        let slot = Slot(u32::try_from(self.nodes.len()).expect("fewer than 2^31 responses"));
        self.by_id.insert(response.id.clone(), slot);
        self.nodes.push(Node { response, parent: None, children: Vec::new() });
        slot
    }

    fn line_mut(&mut self, parent: Option<Slot>) -> &mut Vec<Slot> {
        match parent {
            Some(parent) => &mut self.nodes[parent.index()].children,
            None => &mut self.roots,
        }
    }

    /// Makes a lone root a child of `parent`, or a root that waits for the parent it names.
    fn place(&mut self, slot: Slot, parent: Option<Slot>) {
        let line = parent.map_or(&self.roots[..], |parent| self.children(parent));
        let index = match line.last() {
            Some(&last) if self.by_creation(last, slot).is_gt() => {
                line.partition_point(|&s| self.by_creation(s, slot).is_lt())
            }
            _ => line.len(),
        };
        if let Some(parent) = parent {
            let next = line.get(index).map(|next| next.0);
            match (line.len(), line.first().map(|first| first.0)) {
                (0, _) => {
                    self.leaves -= 1;
                    self.chains.join(parent.0, slot.0);
                }
                (1, Some(only)) => self.chains.cut(only),
                _ => {}
            }
            self.nodes[slot.index()].parent = Some(parent);
            self.tour.attach(slot.0, parent.0, next);
        } else if let Some(lost) = self.response(slot).parent.clone() {
            self.waiting.entry(lost).or_default().push(slot);
        }
        self.line_mut(parent).insert(index, slot);
    }

    /// Its time of creation has changed: it goes where it belongs among its siblings.
    fn move_among_siblings(&mut self, slot: Slot, before: usize) {
        let parent = self.parent(slot);
        let mut line = std::mem::take(self.line_mut(parent));
        line.remove(before);
        let index = line.partition_point(|&s| self.by_creation(s, slot).is_lt());
        if let Some(parent) = parent {
            self.tour.detach(slot.0);
            self.tour.attach(slot.0, parent.0, line.get(index).map(|next| next.0));
        }
        line.insert(index, slot);
        *self.line_mut(parent) = line;
    }

    /// Links what `push` has put down, all at once.
    fn link_all(&mut self) {
        let mut parents: Vec<Option<Slot>> = self
            .nodes
            .iter()
            .map(|node| node.response.parent.as_ref().and_then(|id| self.slot(id)))
            .collect();
        cut_cycles(&mut parents);
        for (index, parent) in parents.into_iter().enumerate() {
            let slot = Slot(index as u32);
            self.nodes[index].parent = parent;
            self.line_mut(parent).push(slot);
            let lost = self.response(slot).parent.clone();
            if let (None, Some(lost)) = (parent, lost)
                && !self.by_id.contains_key(&lost)
            {
                self.waiting.entry(lost).or_default().push(slot);
            }
        }
        for index in 0..=self.nodes.len() {
            let parent = (index < self.nodes.len()).then_some(Slot(index as u32));
            let mut line = std::mem::take(self.line_mut(parent));
            if !line.is_sorted_by(|&a, &b| self.by_creation(a, b).is_le()) {
                line.sort_by(|&a, &b| self.by_creation(a, b));
            }
            *self.line_mut(parent) = line;
        }
        self.leaves = self.nodes.iter().filter(|node| node.children.is_empty()).count();
        let roots: Vec<u32> = self.roots.iter().map(|slot| slot.0).collect();
        self.tour =
            Tour::build(self.nodes.len(), &roots, |slot| &self.nodes[slot as usize].children[..]);
        self.chains = Chains::build(
            self.nodes.len(),
            |slot| self.nodes[slot as usize].parent.map(|parent| parent.0),
            |slot| &self.nodes[slot as usize].children[..],
        );
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

/// Takes away the parent of one response of every cycle.
fn cut_cycles(parents: &mut [Option<Slot>]) {
    /// The walk in which a response was seen; 0: in none yet.
    const UNSEEN: u32 = 0;
    let mut seen_in = vec![UNSEEN; parents.len()];
    for start in 0..parents.len() {
        let walk = start as u32 + 1;
        let mut at = start;
        while seen_in[at] == UNSEEN {
            seen_in[at] = walk;
            let Some(parent) = parents[at] else { break };
            if seen_in[parent.index()] == walk {
                parents[at] = None;
                break;
            }
            at = parent.index();
        }
    }
}

#[cfg(test)]
mod tests;
