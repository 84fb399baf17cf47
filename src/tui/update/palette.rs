//! The palette: its keys, and running what was chosen.

use super::writing;
use crate::tui::action::Action;
use crate::tui::keymap::{Context, Key};
use crate::tui::state::palette::Palette;
use crate::tui::state::{Overlay, State};

/// Opens it; what is chosen is done `count` times.
pub(super) fn open(state: &mut State, count: Option<usize>) {
    let context = state.context();
    let palette = Palette { field: Default::default(), cursor: 0, count, context };
    state.overlay = Some(Overlay::Palette(palette));
}

/// A key was pressed while it is open: what is to be done, if that was chosen.
pub(super) fn key(
    state: &mut State,
    mut palette: Palette,
    key: Key,
) -> Option<(Action, Option<usize>)> {
    let found = palette.found(&state.keymap);
    let last = found.len().saturating_sub(1);
    // A list moves by these keys whatever the map says of texts.
    match key.to_string().as_str() {
        "↓" | "Tab" | "^N" => palette.cursor = (palette.cursor + 1).min(last),
        "↑" | "Shift-Tab" | "^P" => palette.cursor = palette.cursor.saturating_sub(1),
        "PgDn" => palette.cursor = (palette.cursor + 10).min(last),
        "PgUp" => palette.cursor = palette.cursor.saturating_sub(10),
        "Esc" => return None,
        "⏎" => {
            if let Some(binding) = found.get(palette.cursor) {
                return Some((binding.action, palette.count));
            }
        }
        _ => {
            let before = palette.field.text().len();
            match (key.character(), state.keymap.action(key, Context::Writing)) {
                (Some(c), _) => palette.field.insert(c.encode_utf8(&mut [0; 4])),
                (None, Some(Action::Palette)) => return None,
                (None, Some(action)) => writing::edit(&mut palette.field, action),
                (None, None) => {}
            }
            if palette.field.text().len() != before {
                palette.cursor = 0;
            }
        }
    }
    state.overlay = Some(Overlay::Palette(palette));
    None
}
