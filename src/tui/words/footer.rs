//! The words of the last row: what keys do.

use super::forms;
use crate::tui::action::Action;

/// What some keys do where the keys go, the most useful first.
pub type Hints = &'static [(Action, &'static str)];

/// While a line is asked for.
pub const PROMPT: Hints = &[(Action::Send, "done"), (Action::Cancel, "cancel")];

/// While the settings of a conversation are written.
pub const SETTINGS: Hints = &[
    (Action::Send, forms::SAVES),
    (Action::NextPane, "next field"),
    (Action::PreviousPane, "field before"),
    (Action::Cancel, "leave"),
];

/// While samples are asked for with choices.
pub const CHOICES: Hints = &[
    (Action::Send, forms::SAMPLES),
    (Action::NextPane, "next field"),
    (Action::PreviousPane, "field before"),
    (Action::Cancel, "leave"),
];

/// While a list of names is open over a form.
pub const NAMES: Hints = &[
    (Action::Send, "take"),
    (Action::MoveDown, "next"),
    (Action::MoveUp, "before"),
    (Action::Cancel, "back"),
];

/// While something else covers the screen.
pub const CHOOSING: Hints = &[(Action::Cancel, "close")];

/// While the messages sent before are searched.
pub const SEARCHING: Hints =
    &[(Action::Send, "take"), (Action::HistorySearch, "older"), (Action::Cancel, "back")];

/// In the panel of samples.
pub const SAMPLES: Hints = &[
    (Action::Select, "show"),
    (Action::Down, "next"),
    (Action::Up, "before"),
    (Action::Stop, "stop"),
    (Action::Resample, "again"),
    (Action::Continue, "go on"),
    (Action::StopAll, "stop all"),
    (Action::Cancel, "back"),
    (Action::Help, "all keys"),
];

/// While something is being selected.
pub const SELECTING: Hints = &[
    (Action::Copy, "copy"),
    (Action::SelectRows, "rows"),
    (Action::MoveWordRight, "word"),
    (Action::MoveLineEnd, "end"),
    (Action::Cancel, "leave"),
    (Action::Help, "all keys"),
];

/// In the text field.
pub const WRITING: Hints = &[
    (Action::Help, "all keys"),
    (Action::Palette, "do…"),
    (Action::NextPane, "next pane"),
    (Action::NewConversation, "new"),
    (Action::ChooseModel, "model"),
    (Action::Cancel, "read"),
    (Action::MoveUp, "history"),
    (Action::Quit, "quit"),
];

/// In the text field, while the selected answer arrives.
pub const ARRIVING: Hints = &[
    (Action::Help, "all keys"),
    (Action::Palette, "do…"),
    (Action::NextPane, "next pane"),
    (Action::NewConversation, "new"),
    (Action::Cancel, "stop"),
    (Action::MoveUp, "history"),
    (Action::Quit, "quit"),
];

/// In the text field, while a response is changed or written in the model's name.
pub const MAKING: Hints = &[
    (Action::Send, "choose how to keep it"),
    (Action::Cancel, "leave; it stays as a draft"),
    (Action::ExternalEditor, "$EDITOR"),
    (Action::Undo, "undo"),
    (Action::Help, "all keys"),
];

/// In the text field, while what a person said is changed.
pub const EDITING: Hints = &[
    (Action::Send, "ask with the change"),
    (Action::Cancel, "leave; it stays as a draft"),
    (Action::ExternalEditor, "$EDITOR"),
    (Action::Undo, "undo"),
    (Action::Help, "all keys"),
];

/// In the list of conversations.
pub const LIST: Hints = &[
    (Action::Open, "open"),
    (Action::Search, "search"),
    (Action::Star, "star"),
    (Action::Rename, "title"),
    (Action::Delete, "delete"),
    (Action::Undelete, "bring back"),
    (Action::NewConversation, "new"),
    (Action::Help, "all keys"),
];

/// While words are looked for in the chat.
pub const FINDING: Hints = &[
    (Action::FindNext, "next"),
    (Action::FindPrevious, "before"),
    (Action::Find, "find"),
    (Action::Cancel, "end the search"),
    (Action::Help, "all keys"),
];

/// In the forest.
pub const FOREST: Hints = &[
    (Action::Resample, "resample"),
    (Action::Replace, "edit"),
    (Action::StarResponse, "star"),
    (Action::Label, "label"),
    (Action::Archive, "archive"),
    (Action::FilterText, "find"),
    (Action::Filter, "show"),
    (Action::Hoist, "below"),
    (Action::PreviousSibling, "sibling"),
    (Action::NextSibling, "sibling"),
    (Action::Write, "write"),
    (Action::Palette, "do…"),
    (Action::Help, "all keys"),
];

/// In the chat.
pub const CHAT: Hints = &[
    (Action::Resample, "resample"),
    (Action::Replace, "edit"),
    (Action::Continue, "continue"),
    (Action::WriteAsModel, "as Grok"),
    (Action::PreviousSibling, "sibling"),
    (Action::NextSibling, "sibling"),
    (Action::Write, "write"),
    (Action::Palette, "do…"),
    (Action::Star, "star"),
    (Action::Find, "find"),
    (Action::Help, "all keys"),
];

/// There is no connection. `why` is a sentence; `key` tries again.
#[must_use]
pub fn lost(why: &str, key: &str) -> String {
    format!("⚠ {why} {key} tries again")
}

/// Something failed.
#[must_use]
pub fn error(words: &str) -> String {
    format!("⚠ {words}")
}
