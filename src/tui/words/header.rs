//! The words of the first row.

/// The program.
pub const NAME: &str = "grok-tui";
/// In place of a title that nobody gave yet.
pub const UNTITLED: &str = "Untitled";
/// In place of the title of a conversation that is not there yet.
pub const NEW: &str = "New conversation";
/// The service is part of the program.
pub const LOCAL: &str = "local";
/// Answers may rest on searches.
pub const SEARCH: &str = "search";

/// Nothing was heard yet.
#[must_use]
pub fn connecting(endpoint: &str) -> String {
    format!("connecting to {endpoint}")
}

/// Nothing is heard any more.
#[must_use]
pub fn lost(endpoint: &str) -> String {
    format!("no connection to {endpoint}")
}

/// The softmax temperature.
#[must_use]
pub fn temperature(temperature: f32) -> String {
    format!("t {temperature}")
}

/// The seed of the random choices.
#[must_use]
pub fn seed(seed: u64) -> String {
    format!("seed {seed}")
}
