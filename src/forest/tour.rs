//! The Euler tour of every tree: subtree sizes, "is an ancestor of" and what stands in the middle of
//! a subtree in O(log n), also while responses arrive in any order. Knows only slot numbers; what
//! they mean is left to the graph.

use super::treap::Treap;

/// Each slot stands twice in the tour of its tree, when it is entered and when it is left; between
/// the two stand exactly its descendants, children in the order in which the graph has them. Tour
/// entry `2 * slot` is the former, `2 * slot + 1` the latter.
#[derive(Debug, Clone, Default)]
pub(super) struct Tour {
    entries: Treap,
}

impl Tour {
    /// Builds the tours of all trees at once in O(n). `roots` and `children` describe the forest of
    /// `len` slots.
    pub(super) fn build<'a, S: Copy + Into<u32> + 'a>(
        len: usize,
        roots: &[u32],
        children: impl Fn(u32) -> &'a [S],
    ) -> Self {
        let mut tour = Self { entries: Treap::of(len * 2) };
        let mut entries = Vec::new();
        let mut stack = Vec::new();
        for &root in roots {
            entries.clear();
            stack.push(root * 2);
            while let Some(entry) = stack.pop() {
                entries.push(entry);
                if entry % 2 == 0 {
                    stack.push(entry + 1);
                    stack.extend(children(entry / 2).iter().rev().map(|&child| child.into() * 2));
                }
            }
            tour.entries.link(&entries);
        }
        tour
    }

    /// Adds the next slot as a tree of its own.
    pub(super) fn push(&mut self) {
        let enter = self.entries.push();
        let leave = self.entries.push();
        self.entries.merge(enter, leave);
    }

    /// Makes `root`, the root of a tree, a child of `parent`, which must be in another tree: in
    /// front of its child `next`, or the last one.
    pub(super) fn attach(&mut self, root: u32, parent: u32, next: Option<u32>) {
        let below = self.entries.top(root * 2);
        let place = next.map_or(parent * 2 + 1, |next| next * 2);
        let (before, after) = self.entries.split_before(place);
        let joined = self.entries.merge(before, below);
        self.entries.merge(joined, after);
    }

    /// Makes `slot`, which has a parent, the root of a tree of its own.
    pub(super) fn detach(&mut self, slot: u32) {
        let (before, _) = self.entries.split_before(slot * 2);
        let leave = slot * 2 + 1;
        let top = self.entries.top(leave);
        let next = self.entries.rank(leave) + 1;
        // A parent is left after its children, so something follows.
        let (_, after) = self.entries.split_before(self.entries.at(top, next));
        self.entries.merge(before, after);
    }

    /// Number of slots in the subtree of `slot`, itself included.
    pub(super) fn count(&self, slot: u32) -> usize {
        ((self.entries.rank(slot * 2 + 1) - self.entries.rank(slot * 2)) as usize).div_ceil(2)
    }

    /// Whether both are in one tree.
    pub(super) fn same_tree(&self, a: u32, b: u32) -> bool {
        self.entries.top(a * 2) == self.entries.top(b * 2)
    }

    /// Whether `b` is in the subtree of `a`; every slot is in its own.
    pub(super) fn contains(&self, a: u32, b: u32) -> bool {
        if !self.same_tree(a, b) {
            return false;
        }
        let inner = self.place(b);
        self.place(a) <= inner && inner < self.entries.rank(a * 2 + 1)
    }

    /// Where a slot stands in its tree: every slot before those below it and before later siblings.
    pub(super) fn place(&self, slot: u32) -> u32 {
        self.entries.rank(slot * 2)
    }

    /// The root of its tree.
    pub(super) fn root(&self, slot: u32) -> u32 {
        self.entries.at(self.entries.top(slot * 2), 0) / 2
    }

    /// A place in the middle of what is below a slot: if one child has more than half of that, the
    /// place is in the child's subtree.
    pub(super) fn middle(&self, slot: u32) -> u32 {
        u32::midpoint(self.entries.rank(slot * 2), self.entries.rank(slot * 2 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_grown_at_either_end_stays_shallow() {
        for backwards in [false, true] {
            let mut tour = Tour::default();
            tour.push();
            for slot in 1..100_000 {
                tour.push();
                if backwards {
                    tour.attach(slot - 1, slot, None);
                } else {
                    tour.attach(slot, slot - 1, None);
                }
            }
            let deepest = (0..200_000).map(|entry| tour.entries.depth(entry)).max().unwrap();
            assert!(deepest < 80, "depth {deepest}");
            let top = if backwards { 99_999 } else { 0 };
            assert_eq!(tour.count(top), 100_000);
            assert_eq!(tour.count(50_000), if backwards { 50_001 } else { 50_000 });
        }
    }
}
