//! Sequences of numbered entries, kept in treaps: where an entry stands in its sequence, how long
//! that is, and what stands at a place, in O(log n); sequences are cut and joined in O(log n) too.
//! Nothing here recurses.

/// Stands for no entry.
pub(super) const NONE: u32 = u32::MAX;

/// Entries are numbered from 0; each is in one sequence.
#[derive(Debug, Clone, Default)]
pub(super) struct Treap {
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

impl Links {
    const ALONE: Self = Self { up: NONE, left: NONE, right: NONE, size: 1 };
}

impl Treap {
    /// `len` entries, each a sequence of its own.
    pub(super) fn of(len: usize) -> Self {
        Self { links: vec![Links::ALONE; len] }
    }

    /// Adds the next entry as a sequence of its own, and names it.
    pub(super) fn push(&mut self) -> u32 {
        self.links.push(Links::ALONE);
        self.links.len() as u32 - 1
    }

    /// Names the sequence of an entry, until it is cut or joined.
    pub(super) fn top(&self, mut entry: u32) -> u32 {
        while self.links[entry as usize].up != NONE {
            entry = self.links[entry as usize].up;
        }
        entry
    }

    /// Number of entries of its sequence before this one.
    pub(super) fn rank(&self, mut entry: u32) -> u32 {
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

    /// Number of entries of the sequence of that name.
    pub(super) fn len(&self, top: u32) -> u32 {
        self.size(top)
    }

    /// The entry at a place of the sequence of that name, which must be longer than that.
    pub(super) fn at(&self, top: u32, mut rank: u32) -> u32 {
        let mut entry = top;
        loop {
            let Links { left, right, .. } = self.links[entry as usize];
            let before = self.size(left);
            match rank.cmp(&before) {
                std::cmp::Ordering::Less => entry = left,
                std::cmp::Ordering::Equal => return entry,
                std::cmp::Ordering::Greater => {
                    rank -= before + 1;
                    entry = right;
                }
            }
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

    /// Cuts a sequence in front of `entry`: the names of what stood before, perhaps nothing, and of
    /// the rest.
    pub(super) fn split_before(&mut self, entry: u32) -> (u32, u32) {
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

    /// Joins two sequences; the name of the whole.
    pub(super) fn merge(&mut self, mut first: u32, mut second: u32) -> u32 {
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

    /// Makes one sequence of lone `entries`. The stack is the right edge of the tree.
    pub(super) fn link(&mut self, entries: &[u32]) {
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
impl Treap {
    pub(super) fn depth(&self, mut entry: u32) -> usize {
        let mut depth = 0;
        while self.links[entry as usize].up != NONE {
            entry = self.links[entry as usize].up;
            depth += 1;
        }
        depth
    }
}
