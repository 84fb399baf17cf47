//! What the chat says where there are no messages.

/// A conversation is on its way.
pub const LOADING: &str = "Loading…";
/// The first message is.
pub const SENDING: &str = "▯ sending…";
/// What to do.
pub const BEGIN: &str = "Write a message below and press Enter.";
/// What can be done with answers.
pub const ABOUT: &str = "Every answer can be resampled (r), edited (e) and continued (c); nothing is ever \
     overwritten. Tab goes from pane to pane, F1 shows all keys.";
