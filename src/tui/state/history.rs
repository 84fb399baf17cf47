//! The messages sent before: the one that is in the text field, and a search through them while it goes on.

use std::collections::BTreeMap;

use super::composer::Composer;

/// A message sent before that is in the text field.
#[derive(Debug)]
pub struct Recalled {
    /// Which one, the newest being 1.
    pub at: usize,
    /// What was in the text field before.
    pub before: String,
    /// What was changed of messages that were there on the way.
    pub changed: BTreeMap<usize, String>,
}

/// A search from the newest message to the oldest. What is found is shown in the text field.
#[derive(Debug)]
pub struct HistorySearch {
    /// What is searched for.
    pub words: String,
    /// The message that is shown, counted from the newest, which is 0.
    pub at: Option<usize>,
    /// Whether no older message has the words.
    pub failed: bool,
    /// The text field as it was before.
    pub before: Composer,
}
