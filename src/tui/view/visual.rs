//! What is selected in the chat: drawn over its rows, with the cursor of the terminal at its end.

use ratatui::Frame;
use ratatui::layout::{Position as Cell, Rect};

use super::{Areas, has_keys};
use crate::tui::state::visual::RowText;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;

/// Draws it, if there is something.
pub(super) fn draw(frame: &mut Frame<'_>, areas: &Areas, state: &State) {
    let Some(visual) = &state.visual else { return };
    let area = areas.chat_text;
    let style = state.theme.style(Role::Selected);
    for ((at, row), y) in state.open.chat.places().zip(area.y..area.bottom()) {
        let Some((from, to)) = visual.columns(at) else { continue };
        let text = RowText::of(&state.open.chat, &state.open, at.message, row);
        let cells = text.cells(from, to);
        // An empty row shows that it belongs to the selection too.
        let end = cells.end.max(cells.start + 1).min(usize::from(area.width));
        let Some(width) = end.checked_sub(cells.start) else { continue };
        let (start, width) = (cells.start as u16, width as u16);
        frame.buffer_mut().set_style(Rect { x: area.x + start, y, width, height: 1 }, style);
        if at == visual.cursor.at && has_keys(state, Focus::Chat) {
            let column = (visual.cursor.column as u16).min(area.width.saturating_sub(1));
            frame.set_cursor_position(Cell { x: area.x + column, y });
        }
    }
}
