//! The words of the forest pane.

use std::borrow::Cow;

use crate::tui::state::filter::Filter;

/// The title of the pane.
pub const TITLE: &str = "Forest";
/// In place of rows where there is no response.
pub const EMPTY: &str = "Empty";
/// In front of what a person said.
pub const HUMAN: &str = "H";
/// In front of what a model said.
pub const MODEL: &str = "M";
/// In front of an incomplete response.
pub const PARTIAL: &str = "P";
/// There is nothing to act on.
pub const NO_RESPONSE: &str = "There is no response yet; write a message first";
/// The service is an older one.
pub const NO_ANNOTATIONS: &str =
    "This server keeps no stars, labels and notes on responses; their keys do nothing here";
/// As in "could not …".
pub const NOTE_DOWN: &str = "note that down";
/// Nothing to go back to.
pub const NO_JUMP: &str = "There is no place to go to in this direction";
/// No fork in this direction.
pub const NO_FORK: &str = "There is no fork in this direction";
/// Everything is shown already.
pub const NOT_HOISTED: &str = "The whole forest is shown already";
/// The title of the choice of filters.
pub const FILTERS: &str = "Show in the forest · ⏎ takes one · Esc closes";
/// The title of the line that asks for words.
pub const FILTER_TEXT: &str = "Show only what contains";
/// The title of the line that asks for a label.
pub const LABEL: &str = "Label of the response, a few words";
/// The title of the field that asks for a note.
pub const NOTE: &str = "Note on the response";
/// Between the lines of a note, which stand below each other.
pub const NOTE_LINE: &str = "\n  ";
/// What is under the cursor is selected already; `write` writes below it.
#[must_use]
pub fn selected_already(write: &str) -> String {
    format!("This response is selected already; {write} writes below it")
}

/// In the chat, in front of a note.
pub const NOTE_MARK: &str = "¶";
/// A response that was put away, shown all the same.
pub const PUT_AWAY: &str = "archived";
/// The row for what was put away.
#[must_use]
pub fn put_away(count: usize) -> String {
    format!("({count} archived)")
}

/// What is under the cursor is no response, but those that are put away.
pub const OPEN_THE_ARCHIVE: &str =
    "This row stands for what is archived here; open it and choose a response";

/// A subtree was put away, or brought back.
#[must_use]
pub fn archived(archived: bool, count: usize, key: &str) -> String {
    let what = if count == 1 { "This response".to_owned() } else { format!("{count} responses") };
    match (archived, count) {
        (true, 1) => format!("{what} is archived; {key} brings it back"),
        (true, _) => format!("{what} are archived; {key} brings them back"),
        (false, 1) => format!("{what} is back"),
        (false, _) => format!("{what} are back"),
    }
}

/// A filter in a list of filters; `None`: everything.
#[must_use]
pub fn filter(filter: Option<&Filter>) -> Cow<'static, str> {
    match filter {
        None => "everything".into(),
        Some(Filter::Marked) => "starred, labelled or noted".into(),
        Some(Filter::Human) => "what people said".into(),
        Some(Filter::Leaves) => "leaves: what nothing answers".into(),
        Some(Filter::Unread) => "unread".into(),
        Some(Filter::Model(model)) => format!("of {model}").into(),
        Some(Filter::Text(words)) => format!("with “{words}”").into(),
    }
}

/// What the pane shows, in its frame: what is looked for, and the rest in words that get fewer.
#[must_use]
pub fn hits(filter: &str, count: usize, done: bool, key: &str) -> (String, [String; 2]) {
    let hits = if count == 1 { "hit" } else { "hits" };
    let more = if done { "" } else { "…" };
    let counted = format!(" · {count} {hits}{more}");
    (filter.to_owned(), [format!("{counted} · {key} ends"), counted])
}

/// The pane shows only a subtree: as [`hits`].
#[must_use]
pub fn hoisted(words: &str, key: &str) -> (String, [String; 2]) {
    (format!("⊢ below “{words}"), [format!("” · {key} back"), "”".to_owned()])
}

/// How large the forest is; `linear`: in words without signs.
#[must_use]
pub fn size(nodes: usize, leaves: usize, unread: usize, linear: bool) -> String {
    let node = if nodes == 1 { "node" } else { "nodes" };
    let leaf = if leaves == 1 { "leaf" } else { "leaves" };
    let unread = match unread {
        0 => String::new(),
        _ if linear => format!("{unread} unread · "),
        _ => format!("• {unread} · "),
    };
    format!(" {unread}{nodes} {node} {leaves} {leaf} ")
}

/// Several turns in one row.
#[must_use]
pub fn run(count: usize) -> String {
    let turns = if count == 1 { "turn" } else { "turns" };
    format!("⋯ {count} {turns}, no branch")
}

/// In place of the words of a response that has none.
#[must_use]
pub fn nothing(streaming: bool) -> &'static str {
    if streaming { "…" } else { "(empty)" }
}

/// How far an answer has come.
#[must_use]
pub fn progress(tokens: u32) -> String {
    format!(" {tokens} tok")
}
