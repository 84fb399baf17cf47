//! What the chat says where there are no messages.

/// A conversation is on its way.
pub const LOADING: &str = "Loading…";
/// The first message is.
pub const SENDING: &str = "▯ sending…";

/// What to do. Whoever is here for the first time need not know the sign of a key.
#[must_use]
pub fn begin(send: &str) -> String {
    format!("Write a message below and press {}.", send.replace('⏎', "Enter"))
}

/// What can be done with answers, and by which keys.
#[must_use]
pub fn about([again, edit, on]: [&str; 3], next: &str, help: &str) -> String {
    format!(
        "Every answer can be resampled ({again}), edited ({edit}) and continued ({on}); nothing is ever \
         overwritten. {next} goes from pane to pane, {help} shows all keys."
    )
}
