//! What a user has noted about responses: stars, labels, notes, what is put away. Kept beside the
//! responses, never in them: a response does not change, and most have no annotation.

use rustc_hash::FxHashMap;

use super::graph::{Forest, Slot};

/// Characters of a label, which is one short line.
const LONGEST_LABEL: usize = 200;
/// Bytes of a note.
const LONGEST_NOTE: usize = 64 << 10;

/// What was noted about one response.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Annotation {
    /// Marked.
    pub starred: bool,
    /// A few words, one line; empty: none.
    pub label: String,
    /// Any text; empty: none.
    pub note: String,
    /// Put away with all that is below it. Nothing is lost by it.
    pub archived: bool,
}

impl Annotation {
    /// Whether nothing is noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Refuses what is too long for what it is.
    ///
    /// # Errors
    /// In words.
    pub fn check(&self) -> Result<(), &'static str> {
        if self.label.contains(['\n', '\r']) {
            return Err("a label is one line; put longer text into the note");
        }
        if self.label.chars().count() > LONGEST_LABEL {
            return Err("a label has at most 200 characters; put longer text into the note");
        }
        if self.note.len() > LONGEST_NOTE {
            return Err("a note has at most 64 KiB; write it as a response instead");
        }
        Ok(())
    }

    /// Whether the response is worth a row of its own wherever it stands.
    #[must_use]
    pub fn is_marked(&self) -> bool {
        !self.is_empty()
    }
}

/// All annotations of a conversation.
#[derive(Debug, Clone, Default)]
pub struct Annotations {
    by_slot: FxHashMap<Slot, Annotation>,
    /// Those that are annotated, in the order of the forest.
    order: Vec<Slot>,
    /// What is put away, by parent, in the order of creation.
    archived: FxHashMap<Option<Slot>, Vec<Slot>>,
}

impl Annotations {
    /// Annotations of responses of a forest.
    #[must_use]
    pub fn new(forest: &Forest, all: impl IntoIterator<Item = (Slot, Annotation)>) -> Self {
        let mut annotations = Self::default();
        annotations.by_slot.extend(all.into_iter().filter(|(_, one)| !one.is_empty()));
        annotations.sort(forest);
        annotations
    }

    /// What is noted about a response.
    #[must_use]
    pub fn get(&self, slot: Slot) -> Option<&Annotation> {
        self.by_slot.get(&slot)
    }

    /// Whether a response is put away.
    #[must_use]
    pub fn is_archived(&self, slot: Slot) -> bool {
        self.get(slot).is_some_and(|annotation| annotation.archived)
    }

    /// All that are annotated, in the order of the forest.
    #[must_use]
    pub fn slots(&self) -> &[Slot] {
        &self.order
    }

    /// The children of `parent`, or the roots, that are put away, oldest first.
    #[must_use]
    pub fn archived_below(&self, parent: Option<Slot>) -> &[Slot] {
        self.archived.get(&parent).map_or(&[], Vec::as_slice)
    }

    /// Sets all that is noted about a response. O(log n), plus the move of what stands behind it.
    pub fn set(&mut self, forest: &Forest, slot: Slot, annotation: Annotation) {
        let key = forest.order(slot);
        let place = self.order.binary_search_by_key(&key, |&other| forest.order(other));
        match (place, annotation.is_marked()) {
            (Err(place), true) => self.order.insert(place, slot),
            (Ok(place), false) => drop(self.order.remove(place)),
            _ => {}
        }
        let put_away = self.archived.entry(forest.parent(slot)).or_default();
        put_away.retain(|&other| other != slot);
        if annotation.archived {
            put_away.push(slot);
            put_away.sort_by_key(|&slot| forest.position(slot).index);
        }
        if annotation.is_empty() {
            self.by_slot.remove(&slot);
        } else {
            self.by_slot.insert(slot, annotation);
        }
    }

    /// Trees have been joined, or siblings have changed places.
    pub fn sort(&mut self, forest: &Forest) {
        self.order = self.by_slot.keys().copied().collect();
        self.order.sort_by_cached_key(|&slot| forest.order(slot));
        self.archived.clear();
        for &slot in self.order.iter().filter(|slot| self.by_slot[slot].archived) {
            self.archived.entry(forest.parent(slot)).or_default().push(slot);
        }
        for siblings in self.archived.values_mut() {
            siblings.sort_by_cached_key(|&slot| forest.position(slot).index);
        }
    }

    /// The annotated responses next to this one in the order of the forest: before, and behind.
    #[must_use]
    pub fn around(&self, forest: &Forest, slot: Slot) -> (Option<Slot>, Option<Slot>) {
        if self.order.is_empty() {
            return (None, None);
        }
        let key = forest.order(slot);
        let before = self.order.partition_point(|&other| forest.order(other) < key);
        let behind = before + usize::from(self.order.get(before) == Some(&slot));
        let before = before.checked_sub(1).map(|index| self.order[index]);
        (before, self.order.get(behind).copied())
    }
}
