//! Words about making responses: why something cannot be done now, and how a text is kept.

/// Sent too early.
pub const STILL_LOADING: &str = "The conversation is still being loaded";
/// There is nothing to act on.
pub const NO_RESPONSE: &str = "There is no response yet; write a message first";
/// A copy was made of an answer that arrives.
pub const AS_FAR_AS_IT_IS: &str = "A copy of what has arrived so far; the answer itself goes on";
/// An answer that arrives cannot be continued.
pub const STILL_ARRIVING: &str = "This answer is still arriving";
/// There is nothing to stop.
pub const NOT_ARRIVING: &str = "The selected response is not being received";
/// A response was not changed after all.
pub const LEFT_AS_IT_WAS: &str = "Left as it was; your text is kept as a draft";
/// Nothing was written that could be sent.
pub const NOTHING_TO_SEND: &str = "There is nothing to send yet";
/// Nothing was written that could be kept.
pub const NOTHING_TO_KEEP: &str = "There is nothing to keep yet";
/// A root of the model's cannot be resampled. `key` continues it.
#[must_use]
pub fn answers_nothing(key: &str) -> String {
    format!(
        "This response answers nothing, so there is nothing to sample it from; {key} continues it"
    )
}

/// Title of the ways to keep a changed response.
pub const EDITED: &str = "The edited response becomes a new sibling";
/// Title of the ways to keep a response in the model's name.
pub const IN_ITS_NAME: &str = "A response in Grok's name";
/// A way to keep a changed response.
pub const KEEP: &str = "keep it as it is";
/// A way to keep a response in the model's name.
pub const KEEP_COMPLETE: &str = "keep it, complete";
/// The same, to be continued.
pub const KEEP_PARTIAL: &str = "keep it as incomplete";
/// The same, and it is continued at once.
pub const KEEP_AND_CONTINUE: &str = "keep it and let Grok continue it";
/// The same, and what a person said below it is asked again.
pub const KEEP_AND_RESAMPLE: &str = "keep it and resample what follows";

/// As in "could not …".
pub const FINISH: &str = "finish the answer";
/// An answer failed, and the reason stands below it.
pub const CHAT_SAYS_WHY: &str = "Could not finish the answer; the chat says why";
/// As `FINISH`, of an answer that is not on the screen: where it belongs; `title` may be empty.
#[must_use]
pub fn finish_in(title: &str) -> String {
    match title {
        "" => format!("{FINISH} in another conversation"),
        title => format!("{FINISH} in “{title}”"),
    }
}
/// Why an answer has no end.
pub const STOPPED: &str = "stopped by you";
/// A message came back, but something else is being written. `key` walks the history.
#[must_use]
pub fn not_taken(key: &str) -> String {
    format!("The message was not taken; it is in the history ({key})")
}

/// Something failed: `what` was asked for.
#[must_use]
pub fn could_not(what: &str, why: &str) -> String {
    format!("Could not {what}: {why}")
}
