//! Words of the help and of the palette.

use crate::tui::keymap::Place;

/// The heading of the keys of a place.
#[must_use]
pub fn heading(place: Place) -> &'static str {
    match place {
        Place::Everywhere => "Everywhere",
        Place::Writing => "Writing",
        Place::Reading => "Chat and forest",
        Place::Browsing => "Chat, forest and conversations",
        Place::Chat => "Chat",
        Place::Forest => "Forest",
        Place::List => "Conversations",
        Place::Visual => "Selecting text in the chat",
        Place::Samples => "Samples",
    }
}

/// Title of the palette.
pub const PALETTE: &str = "Do · type to search · ⏎ does it · Esc closes";
/// Title of the help.
pub const HELP: &str = "Keys · type to search · ↑↓ PgUp PgDn scroll · Esc closes";
/// The same where there is little room.
pub const HELP_SHORT: &str = "Keys · type to search · Esc closes";
/// Before what is searched for in the help.
pub const HELP_SEARCH: &str = "Keys with: ";
/// Nothing has what was typed.
pub const NOTHING_FOUND: &str = " Nothing has these words";
/// In the place of the keys of an action that has none.
pub const NO_KEY: &str = "(no key)";

/// The mouse was taken.
pub const MOUSE_TAKEN: &str = "Clicks and the wheel come to grok-tui";
/// The mouse was given back.
pub const MOUSE_GIVEN: &str = "The mouse selects text of the terminal";
/// The text field was left; `key` goes back to it.
#[must_use]
pub fn back_to_writing(key: &str) -> String {
    format!("{key} goes back to the text field")
}

/// One more of it leaves.
pub const ONCE_MORE_LEAVES: &str = "Press Ctrl+C again to leave; what you wrote is kept";
