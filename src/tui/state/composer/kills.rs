//! What was cut: the last few texts, as in readline. Cuts in a row are one text.

use std::collections::VecDeque;

/// Texts that are kept.
const MOST: usize = 16;

/// The texts, the newest first.
#[derive(Debug, Clone, Default)]
pub(super) struct Kills {
    ring: VecDeque<String>,
    /// The one that was put back last.
    at: usize,
}

impl Kills {
    /// Takes a text in. `joins`: it belongs to the one cut just before, in front of it or behind it.
    pub(super) fn cut(&mut self, text: &str, backwards: bool, joins: bool) {
        self.at = 0;
        match self.ring.front_mut() {
            Some(last) if joins && backwards => last.insert_str(0, text),
            Some(last) if joins => last.push_str(text),
            _ => self.ring.push_front(text.to_owned()),
        }
        self.ring.truncate(MOST);
    }

    /// The newest.
    pub(super) fn newest(&mut self) -> Option<String> {
        self.at = 0;
        self.ring.front().cloned()
    }

    /// The one before that was put back last; behind the oldest the newest again.
    pub(super) fn older(&mut self) -> Option<String> {
        self.at = (self.at + 1) % self.ring.len().max(1);
        self.ring.get(self.at).cloned()
    }
}
