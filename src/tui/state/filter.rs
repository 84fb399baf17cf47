//! A filter of the forest pane: which responses it lets through, found in bounded steps so that the
//! screen never waits for a large forest.

use std::sync::Arc;

use crate::forest::{Annotations, Forest, Slot};
use crate::text;

/// Responses looked at in one step.
const STEP: usize = 20_000;
/// Bytes of text looked at in one step.
const STEP_BYTES: usize = 1 << 20;

/// What a filter lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// What has a star, a label or a note.
    Marked,
    /// What a person said.
    Human,
    /// What nothing answers.
    Leaves,
    /// What this model said.
    Model(Arc<str>),
    /// What arrived and was not on the screen yet.
    Unread,
    /// What has these words, in any case, in its text, label or note.
    Text(String),
}

/// A filter and what it has found so far.
#[derive(Debug)]
pub struct Filtered {
    /// What is let through.
    pub filter: Filter,
    /// In the order of arrival.
    hits: Vec<Slot>,
    /// Responses looked at.
    looked_at: usize,
    /// The hit under the cursor.
    at: usize,
    /// Words to find, in lower case.
    needle: String,
}

impl Filtered {
    /// A filter that has found nothing yet.
    #[must_use]
    pub fn new(filter: Filter) -> Self {
        let needle = match &filter {
            Filter::Text(words) => words.to_lowercase(),
            _ => String::new(),
        };
        Self { filter, hits: Vec::new(), looked_at: 0, at: 0, needle }
    }

    /// A filter that lets through only what is in a set that is known.
    #[must_use]
    pub fn of(filter: Filter, mut hits: Vec<Slot>, forest: &Forest) -> Self {
        hits.sort_unstable();
        Self { hits, looked_at: forest.len(), ..Self::new(filter) }
    }

    /// Looks at some more responses; false if all have been looked at.
    pub fn step(&mut self, forest: &Forest, annotations: &Annotations) -> bool {
        let mut bytes = 0;
        for slot in forest.slots().skip(self.looked_at).take(STEP) {
            if self.lets_through(forest, annotations, slot) {
                self.hits.push(slot);
            }
            self.looked_at += 1;
            bytes += forest.response(slot).message.len();
            if !self.needle.is_empty() && bytes > STEP_BYTES {
                break;
            }
        }
        self.looked_at < forest.len()
    }

    fn lets_through(&self, forest: &Forest, annotations: &Annotations, slot: Slot) -> bool {
        let response = forest.response(slot);
        match &self.filter {
            // These are known without looking.
            Filter::Marked | Filter::Unread => false,
            Filter::Human => response.is_human(),
            Filter::Leaves => forest.children(slot).is_empty(),
            Filter::Model(model) => !response.is_human() && response.model == *model,
            Filter::Text(_) => {
                let has = |text: &str| text::contains_in_any_case(text, &self.needle);
                has(&response.message)
                    || annotations.get(slot).is_some_and(|a| has(&a.label) || has(&a.note))
            }
        }
    }

    /// A response has got an answer: it is no leaf any more.
    pub fn answered(&mut self, slot: Slot) {
        if self.filter == Filter::Leaves
            && let Ok(index) = self.hits.binary_search(&slot)
        {
            self.hits.remove(index);
            self.at -= usize::from(index < self.at);
        }
    }

    /// What was found so far, and which of it is under the cursor.
    #[must_use]
    pub fn hits(&self) -> (&[Slot], usize) {
        (&self.hits, self.at.min(self.hits.len().saturating_sub(1)))
    }

    /// The hit under the cursor.
    #[must_use]
    pub fn slot(&self) -> Option<Slot> {
        let (hits, at) = self.hits();
        hits.get(at).copied()
    }

    /// Moves the cursor by hits.
    pub fn move_by(&mut self, by: isize) {
        let last = self.hits.len().saturating_sub(1);
        self.at = self.at.min(last).saturating_add_signed(by).min(last);
    }

    /// Moves the cursor to a hit; false if it is none.
    pub fn point_to(&mut self, slot: Slot) -> bool {
        let found = self.hits.binary_search(&slot);
        if let Ok(index) = found {
            self.at = index;
        }
        found.is_ok()
    }

    /// Whether everything has been looked at.
    #[must_use]
    pub fn is_done(&self, forest: &Forest) -> bool {
        self.looked_at >= forest.len()
    }
}
