//! The words of the screen that is read aloud: they say what colours, signs and places say otherwise.

pub use super::chat::{GROK, NO_PARENT, TITLE as CHAT, YOU};

/// What goes on from an incomplete response.
pub const CONTINUED: &str = "Continued";
/// The row, message or answer that actions apply to.
pub const SELECTED: &str = "selected";
/// The conversation on the screen.
pub const OPEN: &str = "open";
/// It has a star.
pub const STARRED: &str = "starred";
/// An answer of it is being received.
pub const ANSWERING: &str = "being answered";
/// It is being received.
pub const STREAMING: &str = "streaming";
/// It is told to stop.
pub const STOPPING: &str = "stopping";
/// It is not complete.
pub const INCOMPLETE: &str = "incomplete";
/// A person wrote it in the model's name.
pub const BY_HAND: &str = "written by hand";
/// It was not looked at.
pub const UNREAD: &str = "unread";
/// It carries a note.
pub const NOTED: &str = "noted";
/// What is below it is shown.
pub const UNFOLDED: &str = "unfolded";
/// What is below it is not shown.
pub const FOLDED: &str = "folded";
/// On the way from the root to the end of what the chat shows.
pub const ON_PATH: &str = "on the path";
/// The model thinks before it answers.
pub const THINKING: &str = "Grok is thinking";
/// An answer is being received.
pub const IS_ANSWERING: &str = "Grok is answering";

/// An answer is complete.
#[must_use]
pub fn has_answered(tokens: u32) -> String {
    match tokens {
        1 => "Grok has answered, 1 token".to_owned(),
        count => format!("Grok has answered, {count} tokens"),
    }
}

/// Its number among its siblings.
#[must_use]
pub fn position(number: usize, count: usize) -> String {
    format!("{number} of {count}")
}

/// How many siblings say the same, itself included.
#[must_use]
pub fn identical(count: usize) -> String {
    format!("one of {count} identical")
}

/// How deep it stands in the forest, from 1.
#[must_use]
pub fn level(level: usize) -> String {
    format!("level {level}")
}

/// Responses below it that are not shown.
#[must_use]
pub fn hidden(count: usize) -> String {
    format!("{count} hidden")
}

/// How long ago it was changed, as the list has it.
#[must_use]
pub fn changed(age: &str) -> String {
    if age == "now" { "changed just now".to_owned() } else { format!("changed {age} ago") }
}

/// The model that answers.
#[must_use]
pub fn model(name: &str) -> String {
    format!("model {name}")
}

/// The softmax temperature.
#[must_use]
pub fn temperature(temperature: f32) -> String {
    format!("temperature {temperature}")
}

/// How long an answer is.
#[must_use]
pub fn tokens(count: u64) -> String {
    if count == 1 { "1 token".to_owned() } else { format!("{count} tokens") }
}

/// Where the service is, and whether it answers.
#[must_use]
pub fn connected(place: &str) -> String {
    format!("connected, {place}")
}
