//! Chains of only children: maximal stretches in which every response but the first is the only
//! child of the one before. However long one is, its ends and what stands in it are found in
//! O(log n). Knows only slot numbers.

use super::treap::Treap;

/// The chains; an entry is a slot.
#[derive(Debug, Clone, Default)]
pub(super) struct Chains {
    entries: Treap,
}

impl Chains {
    /// Builds the chains of the forest of `len` slots in O(n). `children` and `parent` describe it.
    pub(super) fn build<'a, S: Copy + Into<u32> + 'a>(
        len: usize,
        parent: impl Fn(u32) -> Option<u32>,
        children: impl Fn(u32) -> &'a [S],
    ) -> Self {
        let mut chains = Self { entries: Treap::of(len) };
        let mut chain = Vec::new();
        for head in 0..len as u32 {
            if parent(head).is_some_and(|parent| children(parent).len() == 1) {
                continue;
            }
            chain.clear();
            chain.push(head);
            let mut at = head;
            while let [only] = children(at) {
                at = (*only).into();
                chain.push(at);
            }
            chains.entries.link(&chain);
        }
        chains
    }

    /// Adds the next slot as a chain of its own.
    pub(super) fn push(&mut self) {
        self.entries.push();
    }

    /// The first of a chain has become the only child of the last of another.
    pub(super) fn join(&mut self, parent: u32, child: u32) {
        let (above, below) = (self.entries.top(parent), self.entries.top(child));
        self.entries.merge(above, below);
    }

    /// A child is no only child any more.
    pub(super) fn cut(&mut self, child: u32) {
        self.entries.split_before(child);
    }

    /// The chain of a slot.
    pub(super) fn of(&self, slot: u32) -> Chain<'_> {
        Chain { entries: &self.entries, top: self.entries.top(slot) }
    }
}

/// One chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Chain<'a> {
    entries: &'a Treap,
    top: u32,
}

impl Chain<'_> {
    /// Number of slots in it; at least one.
    pub(super) fn len(&self) -> usize {
        self.entries.len(self.top) as usize
    }

    /// The slot at a place, from 0.
    pub(super) fn at(&self, index: usize) -> u32 {
        self.entries.at(self.top, index as u32)
    }

    /// The place of a slot; `None` if it is in another chain.
    pub(super) fn index(&self, slot: u32) -> Option<usize> {
        (self.entries.top(slot) == self.top).then(|| self.entries.rank(slot) as usize)
    }
}
