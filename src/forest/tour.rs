//! The Euler tour of every tree, kept in treaps: subtree sizes and "is an ancestor of" in
//! O(log n), also while responses arrive in any order. Knows only slot numbers; what they mean is
//! left to the graph.

const NONE: u32 = u32::MAX;

/// Each slot stands twice in the tour of its tree, when it is entered and when it is left; between
/// the two stand exactly its descendants. Tour entry `2 * slot` is the former, `2 * slot + 1` the
/// latter. Nothing here recurses.
#[derive(Debug, Clone, Default)]
pub(super) struct Tour {
    links: Vec<Links>,
}

#[derive(Debug, Clone, Copy)]
struct Links {
    up: u32,
    left: u32,
    right: u32,
    /// Entries below and including this one.
    size: u32,
}

impl Tour {
    /// Builds the tours of all trees at once in O(n). `roots` and `children` describe the forest of
    /// `len` slots.
    pub(super) fn build<'a, S: Copy + Into<u32> + 'a>(
        len: usize,
        roots: &[u32],
        children: impl Fn(u32) -> &'a [S],
    ) -> Self {
        let blank = Links { up: NONE, left: NONE, right: NONE, size: 1 };
        let mut tour = Self { links: vec![blank; len * 2] };
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
            tour.link(&entries);
        }
        tour
    }

    /// Adds the next slot as a tree of its own.
    pub(super) fn push(&mut self) {
        let enter = self.links.len() as u32;
        let blank = Links { up: NONE, left: NONE, right: NONE, size: 1 };
        self.links.extend([blank, blank]);
        self.merge(enter, enter + 1);
    }

    /// Makes `root`, the root of a tree, a child of `parent`, which must be in another tree.
    pub(super) fn attach(&mut self, root: u32, parent: u32) {
        let below = self.top(root * 2);
        let (before, after) = self.split_before(parent * 2 + 1);
        let joined = self.merge(before, below);
        self.merge(joined, after);
    }

    /// Number of slots in the subtree of `slot`, itself included.
    pub(super) fn count(&self, slot: u32) -> usize {
        ((self.rank(slot * 2 + 1) - self.rank(slot * 2)) as usize).div_ceil(2)
    }

    /// Whether both are in one tree.
    pub(super) fn same_tree(&self, a: u32, b: u32) -> bool {
        self.top(a * 2) == self.top(b * 2)
    }

    /// Whether `b` is in the subtree of `a`; every slot is in its own.
    pub(super) fn contains(&self, a: u32, b: u32) -> bool {
        if !self.same_tree(a, b) {
            return false;
        }
        let inner = self.rank(b * 2);
        self.rank(a * 2) <= inner && inner < self.rank(a * 2 + 1)
    }

    fn top(&self, mut entry: u32) -> u32 {
        while self.links[entry as usize].up != NONE {
            entry = self.links[entry as usize].up;
        }
        entry
    }

    /// Number of entries of its tour before this one.
    fn rank(&self, mut entry: u32) -> u32 {
        let mut rank = self.size(self.links[entry as usize].left);
        loop {
            let up = self.links[entry as usize].up;
            if up == NONE {
                return rank;
            }
            if self.links[up as usize].right == entry {
                rank += 1 + self.size(self.links[up as usize].left);
            }
            entry = up;
        }
    }

    fn size(&self, entry: u32) -> u32 {
        if entry == NONE { 0 } else { self.links[entry as usize].size }
    }

    fn resize(&mut self, entry: u32) {
        let Links { left, right, .. } = self.links[entry as usize];
        self.links[entry as usize].size = 1 + self.size(left) + self.size(right);
    }

    fn set_left(&mut self, entry: u32, child: u32) {
        self.links[entry as usize].left = child;
        if child != NONE {
            self.links[child as usize].up = entry;
        }
    }

    fn set_right(&mut self, entry: u32, child: u32) {
        self.links[entry as usize].right = child;
        if child != NONE {
            self.links[child as usize].up = entry;
        }
    }

    /// Cuts a tour in front of `entry`.
    fn split_before(&mut self, entry: u32) -> (u32, u32) {
        let mut before = self.links[entry as usize].left;
        let mut after = entry;
        let mut child = entry;
        let mut up = self.links[entry as usize].up;
        self.set_left(entry, NONE);
        self.resize(entry);
        while up != NONE {
            let next = self.links[up as usize].up;
            if self.links[up as usize].right == child {
                self.set_right(up, before);
                before = up;
            } else {
                self.set_left(up, after);
                after = up;
            }
            self.resize(up);
            child = up;
            up = next;
        }
        for part in [before, after] {
            if part != NONE {
                self.links[part as usize].up = NONE;
            }
        }
        (before, after)
    }

    /// Joins two tours.
    fn merge(&mut self, mut first: u32, mut second: u32) -> u32 {
        let mut top = NONE;
        let mut place: Option<(u32, bool)> = None;
        loop {
            let (chosen, done) = match (first, second) {
                (NONE, rest) | (rest, NONE) => (rest, true),
                _ if priority(first) > priority(second) => (first, false),
                _ => (second, false),
            };
            match place {
                None => top = chosen,
                Some((above, true)) => self.set_right(above, chosen),
                Some((above, false)) => self.set_left(above, chosen),
            }
            if done {
                break;
            }
            let total = self.size(first) + self.size(second);
            self.links[chosen as usize].size = total;
            place = Some((chosen, chosen == first));
            if chosen == first {
                first = self.links[chosen as usize].right;
            } else {
                second = self.links[chosen as usize].left;
            }
        }
        if top != NONE {
            self.links[top as usize].up = NONE;
        }
        top
    }

    /// Links `entries`, in tour order, into one tree. The stack is the tree's right edge.
    fn link(&mut self, entries: &[u32]) {
        let mut edge: Vec<u32> = Vec::new();
        for &entry in entries {
            let mut below = NONE;
            while let Some(&last) = edge.last()
                && priority(last) < priority(entry)
            {
                self.set_right(last, below);
                self.resize(last);
                below = last;
                edge.pop();
            }
            self.set_left(entry, below);
            edge.push(entry);
        }
        let mut below = NONE;
        while let Some(last) = edge.pop() {
            self.set_right(last, below);
            self.resize(last);
            below = last;
        }
    }
}

/// What decides which of two entries stands higher. As good as random, so that the depth is
/// logarithmic whatever the order of arrival; a bijection, so that no two are equal.
fn priority(entry: u32) -> u64 {
    let mut bits = u64::from(entry).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Tour {
        fn depth(&self, mut entry: u32) -> usize {
            let mut depth = 0;
            while self.links[entry as usize].up != NONE {
                entry = self.links[entry as usize].up;
                depth += 1;
            }
            depth
        }
    }

    #[test]
    fn a_chain_grown_at_either_end_stays_shallow() {
        for backwards in [false, true] {
            let mut tour = Tour::default();
            tour.push();
            for slot in 1..100_000 {
                tour.push();
                if backwards {
                    tour.attach(slot - 1, slot);
                } else {
                    tour.attach(slot, slot - 1);
                }
            }
            let deepest = (0..200_000).map(|entry| tour.depth(entry)).max().unwrap();
            assert!(deepest < 80, "depth {deepest}");
            let top = if backwards { 99_999 } else { 0 };
            assert_eq!(tour.count(top), 100_000);
            assert_eq!(tour.count(50_000), if backwards { 50_001 } else { 50_000 });
        }
    }
}
