//! Keys of a list of names: letters filter it, the others move in it, take from it and leave it.

use crate::tui::action::Action;
use crate::tui::keymap::Key;
use crate::tui::state::composer::{Composer, Motion};
use crate::tui::state::picker::Picker;

/// What a key means to whom the list belongs.
pub(super) enum Meaning {
    /// Nothing more: the list has seen to it.
    Nothing,
    /// The name under the cursor is taken.
    Take,
    /// It is marked, where several can be taken.
    Mark,
    /// The list closes.
    Leave,
}

/// A key was pressed. `action` is what it does in the text field, `rows` how many rows are shown.
pub(super) fn key(picker: &mut Picker, rows: usize, key: Key, action: Option<Action>) -> Meaning {
    const PAGE: isize = 10;
    const ALL: isize = isize::MAX;
    picker.go(0, rows);
    match (action, key.character()) {
        (Some(Action::Cancel | Action::Help), _) => return Meaning::Leave,
        (Some(Action::Send), _) => return Meaning::Take,
        (Some(Action::MoveDown | Action::NextPane), _) => picker.go(1, rows),
        (Some(Action::MoveUp | Action::PreviousPane), _) => picker.go(-1, rows),
        (Some(Action::ScrollPageDown), _) => picker.go(PAGE, rows),
        (Some(Action::ScrollPageUp), _) => picker.go(-PAGE, rows),
        (Some(Action::MoveLineStart), _) => picker.go(-ALL, rows),
        (Some(Action::MoveLineEnd), _) => picker.go(ALL, rows),
        (Some(Action::DeleteLeft), _) => {
            let mut filter = Composer::with_text(&picker.filter);
            filter.delete(Motion::Left);
            picker.filter = filter.take();
        }
        (Some(Action::DeleteLineStart), _) => picker.filter.clear(),
        (None, Some(' ')) => return Meaning::Mark,
        (None, Some(c)) => {
            picker.filter.push(c);
            picker.cursor = 0;
        }
        (Some(_), _) | (None, None) => {}
    }
    Meaning::Nothing
}
