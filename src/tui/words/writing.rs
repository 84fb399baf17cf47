//! Words around the text field: its frame, the history, the editor, messages that wait.

/// Before the words that are searched for in the messages sent before.
pub const SEARCH: &str = "search: ";
/// The same where no message has them.
pub const SEARCH_FAILED: &str = "nothing sent has: ";
/// The same where one has them and no older one.
pub const SEARCH_ENDED: &str = "nothing older has: ";
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
/// Title of the line for a title.
pub const TITLE: &str = "Title of the conversation";
/// Title of the line for a search.
pub const SEARCH_ALL: &str = "Search all conversations";
/// Title of the field while a response is changed.
pub const EDIT: &str = "Edit: a changed copy becomes a new sibling";
/// The same while one is written in the model's name.
pub const AS_MODEL: &str = "Write as Grok";
/// The same in a new conversation.
pub const FIRST_MESSAGE: &str = "First message";
/// The same at the end of a path.
pub const MESSAGE: &str = "Message";

/// The same further up: what is sent begins a branch after a response of these words.
#[must_use]
pub fn new_branch(words: &str, below: usize) -> String {
    format!("New branch after “{words}” ({below} below)")
}

/// In the empty field while something else has the keys.
#[must_use]
pub fn press_to_write(key: &str) -> String {
    format!("Press {key} to write")
}

/// Behind a message that waits for nothing any more.
#[must_use]
pub fn sends_it(key: &str) -> String {
    format!(" · {key} sends it")
}

/// Behind a message that waits, the first of `count`: the key takes the last one.
#[must_use]
pub fn takes_back(key: &str, count: usize) -> String {
    let which = if count > 1 { "the last" } else { "it" };
    format!(" · {key} takes {which} back")
}

/// In front of the first of so many messages that wait; `what` is [`QUEUED`] or [`HELD`].
#[must_use]
pub fn lead(what: &str, count: usize) -> String {
    match count {
        0 | 1 => format!("{what}: "),
        count => format!("{what} ({count}): "),
    }
}

/// What a key does with a message.
pub const SENDS: &str = "send";
/// The same while Grok answers.
pub const QUEUES: &str = "queue";
/// The same with a changed question.
pub const ASKS: &str = "ask";
/// The same with a changed answer, or one in the model's name.
pub const KEEPS: &str = "keep…";
/// What the other key does while an answer arrives.
pub const STOPS: &str = "stop";
/// The same otherwise.
pub const LEAVES: &str = "leave";

/// What the keys do, in the frame: those that send and leave with what they do.
#[must_use]
pub fn keys(send: (&str, &str), newline: &str, cancel: (&str, &str)) -> String {
    format!(" {} {}  {newline} newline  {} {} ", send.0, send.1, cancel.0, cancel.1)
}

/// The same while a line is asked for.
#[must_use]
pub fn keys_of_prompt(send: &str, cancel: &str) -> String {
    format!(" {send} done  {cancel} cancel ")
}

/// The same while the messages sent before are searched.
#[must_use]
pub fn keys_of_search(send: &str, older: &str, cancel: &str) -> String {
    format!(" {send} take  {older} older  {cancel} back ")
}

/// What was written could not be stored.
#[must_use]
pub fn not_stored(why: &std::io::Error) -> String {
    format!("Your draft could not be stored, and would be lost with the program: {why}")
}
