//! What is said of whole conversations.

/// A title is being made.
pub const FINDING_A_TITLE: &str = "Finding a title…";
/// There is nothing to act on.
pub const NONE_YET: &str = "There is no conversation yet; write a message first";
/// A title is made of a path.
pub const OPEN_FIRST: &str = "Open the conversation first; its path makes the title";
/// It vanished under our hands.
pub const DELETED_ELSEWHERE: &str =
    "This conversation was deleted by another program; u brings it back";
/// The same of one that was to be opened.
#[must_use]
pub fn gone(title: &str) -> String {
    format!("“{title}” was deleted by another program; u brings it back")
}

/// As in "could not …".
pub const OPEN: &str = "open the conversation";

/// A conversation is in the trash.
#[must_use]
pub fn deleted(title: &str) -> String {
    format!("Deleted “{title}”; u brings it back")
}

/// A conversation is out of the trash.
#[must_use]
pub fn restored(title: &str) -> String {
    format!("“{title}” is back")
}

/// A path is public.
#[must_use]
pub fn shared(place: &str) -> String {
    format!("Shared up to here: {place}")
}
