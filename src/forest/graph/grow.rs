//! How a forest comes to be and grows: all responses at once, or one after the other in any order.

use super::{Forest, InsertError, Node, Slot};
use crate::forest::chains::Chains;
use crate::forest::response::Response;
use crate::forest::tour::Tour;

impl Forest {
    /// A forest of all `responses`, in O(n log n) at most. None is left out: one whose parent would
    /// close a cycle becomes a root that remembers the parent as lost; of two with one name the
    /// later counts.
    #[must_use]
    pub fn from_responses(responses: impl IntoIterator<Item = Response>) -> Self {
        let mut forest = Self { responses: responses.into_iter().collect(), ..Self::default() };
        forest.by_id.reserve(forest.responses.len());
        for (index, response) in forest.responses.iter().enumerate() {
            forest.by_id.insert(response.id.clone(), slot_at(index));
        }
        if forest.by_id.len() < forest.responses.len() {
            forest.leave_one_of_each_name();
        }
        forest.nodes.resize_with(forest.responses.len(), Node::default);
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
        let id = &self.responses[slot.index()].id;
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
        self.responses[slot.index()] = Response { parent, ..response };
        if let Some(before) = before {
            self.move_among_siblings(slot, before);
        }
        true
    }

    /// Appends text that has arrived to a response.
    pub fn append_text(&mut self, slot: Slot, text: &str) {
        self.responses[slot.index()].message.push_str(text);
    }

    fn push(&mut self, response: Response) -> Slot {
        let slot = slot_at(self.responses.len());
        self.by_id.insert(response.id.clone(), slot);
        self.responses.push(response);
        self.nodes.push(Node::default());
        slot
    }

    /// Of responses with one name the last takes the place of the first.
    fn leave_one_of_each_name(&mut self) {
        self.by_id.clear();
        let mut kept: Vec<Response> = Vec::with_capacity(self.responses.len());
        for response in self.responses.drain(..) {
            match self.by_id.get(&response.id) {
                Some(slot) => kept[slot.index()] = response,
                None => {
                    self.by_id.insert(response.id.clone(), slot_at(kept.len()));
                    kept.push(response);
                }
            }
        }
        self.responses = kept;
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
            .responses
            .iter()
            .map(|response| response.parent.as_ref().and_then(|id| self.slot(id)))
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

fn slot_at(index: usize) -> Slot {
    Slot(u32::try_from(index).expect("fewer than 2^32 responses"))
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
