//! Words around the text field: its frame, the history, the editor, messages that wait.

/// Before the words that are searched for in the messages sent before.
pub const SEARCH: &str = "search: ";
/// The same where no message has them.
pub const SEARCH_FAILED: &str = "nothing sent has: ";
/// No message was sent yet.
pub const NO_HISTORY: &str = "Nothing was sent yet";
/// The editor was left without a change.
pub const NOT_CHANGED: &str = "The editor changed nothing";
/// How to name an editor.
pub const NAME_AN_EDITOR: &str = "set VISUAL or EDITOR to yours";

/// The editor failed; the text is what it was.
#[must_use]
pub fn editor_failed(why: &str) -> String {
    format!("{why}. Your text is as it was")
}

/// As many messages wait as may.
pub const TOO_MANY_WAIT: &str = "Too many messages wait already; what you wrote stays";
/// A message waits, but Grok has not answered the selected one.
pub const NOT_ANSWERED: &str =
    "Grok has not answered here yet; r asks again, then Enter sends what waits";
/// No message waits here.
pub const NOTHING_WAITS: &str = "No message waits here";
/// Before a message that is sent when the answer is complete.
pub const QUEUED: &str = "queued";
/// Before a message whose answer broke off.
pub const HELD: &str = "not sent";
