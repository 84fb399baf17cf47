//! What is said of pictures and pasted texts that go with a message.

/// The prompt for a file.
pub const WHICH_FILE: &str = "Attach a picture: its path (PNG, JPEG, GIF or WebP; ~ is your home)";
/// A picture was asked for where none can go.
pub const ONLY_MESSAGES: &str = "Pictures go with messages of yours, not with what Grok says";
/// Sent too early.
pub const STILL_READING: &str = "The picture is still being read; send again in a moment";
/// There is no pasted text to put into the field.
pub const NOTHING_PASTED: &str = "There is no pasted text to put into the field";
/// The reading of a file broke.
pub const NOT_READ: &str = "The picture could not be read: a task broke; the log has the details";
/// What came with a message that was not taken, and for which the screen has no place.
pub const WITH_NEW: &str =
    "What was attached to a message that was not taken is with the new conversation now";

/// A pasted text, as a chip.
#[must_use]
pub fn pasted(number: usize, lines: usize, size: &str) -> String {
    let lines = if lines == 1 { "1 line".to_owned() } else { format!("{lines} lines") };
    format!("[pasted text {number} · {lines} · {size}]")
}

/// A picture, as a chip.
#[must_use]
pub fn picture(facts: &str) -> String {
    format!("[▣ {facts}]")
}

/// Chips for which there is no row.
#[must_use]
pub fn more(count: usize) -> String {
    format!("+{count} more")
}

/// A chip was taken away.
#[must_use]
pub fn removed(undo: &str) -> String {
    format!("Attachment removed; {undo} brings it back")
}
