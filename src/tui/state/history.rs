//! A search through the messages sent before, while it goes on.

use super::composer::Composer;

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
