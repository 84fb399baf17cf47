//! The mouse: the wheel scrolls what it is over, a click selects what it is on.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{conversations, reading, samples};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::{Focus, Overlay, State};
use crate::tui::view::{self, areas};

/// Rows that one notch of the wheel scrolls.
const NOTCH: isize = 3;

/// Something happened with the mouse.
pub(super) fn mouse(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    let at = Position { x: event.column, y: event.row };
    match event.kind {
        MouseEventKind::ScrollUp => wheel(state, at, -NOTCH),
        MouseEventKind::ScrollDown => wheel(state, at, NOTCH),
        MouseEventKind::Down(MouseButton::Left) => return click(state, at),
        _ => {}
    }
    Vec::new()
}

fn wheel(state: &mut State, at: Position, by: isize) {
    let areas = areas(state);
    let last = view::help_last_top(state);
    if let Some(Overlay::Help { top }) = &mut state.overlay {
        *top = top.saturating_add_signed(by).min(last);
    } else if state.overlay.is_some() {
    } else if areas.list.contains(at) {
        state.list.move_cursor(by);
    } else if areas.forest.contains(at) {
        state.open.move_cursor(by);
    } else {
        reading::scroll(state, by);
    }
}

/// Row of a click inside a framed pane.
fn row_in(area: Rect, at: Position) -> Option<usize> {
    let inside = at.y > area.y && at.y + 1 < area.bottom() && area.contains(at);
    inside.then(|| usize::from(at.y - area.y - 1))
}

fn click(state: &mut State, at: Position) -> Vec<Effect> {
    if state.form().is_some() {
        // What was written is not lost by a click beside it.
        return Vec::new();
    }
    if state.overlay.take().is_some() {
        return Vec::new();
    }
    state.notice = None;
    let areas = areas(state);
    state.samples.active &= areas.samples.contains(at);
    if areas.list.contains(at) {
        state.focus = Focus::List;
        let Some(row) = row_in(areas.list, at) else { return Vec::new() };
        let row = row + state.list.top(usize::from(areas.list.height.saturating_sub(2)));
        if row < state.list.conversations.len() {
            state.list.cursor = row;
            return conversations::action(state, Action::Open);
        }
    } else if areas.forest.contains(at) {
        state.focus = Focus::Forest;
        let Some(row) = row_in(areas.forest, at) else { return Vec::new() };
        let row = row + state.open.top_row(usize::from(areas.forest.height.saturating_sub(2)));
        if let Some(clicked) = state.open.rows.get(row) {
            let indent = areas.forest.x + 1 + 2 * clicked.level as u16;
            let on_mark = clicked.open.is_some() && (indent..indent + 2).contains(&at.x);
            state.open.cursor = row;
            let action = if on_mark { Action::ToggleFold } else { Action::Select };
            return reading::action(state, action, None);
        }
    } else if areas.samples.contains(at) {
        let row = at.y.checked_sub(areas.samples.y + 1).map(usize::from);
        return row.map_or_else(Vec::new, |row| samples::click(state, row));
    } else if areas.composer.contains(at) {
        state.focus = Focus::Composer;
        let text = areas.composer_text;
        if text.contains(at) {
            let (row, column) = (usize::from(at.y - text.y), usize::from(at.x - text.x));
            let first = view::composer_top(state);
            state.composer.click(row + first, column, usize::from(text.width));
        }
    } else if areas.chat_text.contains(at) {
        state.focus = Focus::Chat;
        let row = usize::from(at.y - areas.chat_text.y);
        let message = state.open.chat.message_at(row);
        if let Some(slot) = message.and_then(|index| state.open.path.get(index).copied()) {
            let anchor = crate::tui::state::chat::Anchor::Top(state.open.chat.top);
            reading::select(state, slot);
            state.open.chat.anchor = anchor;
        }
    }
    Vec::new()
}
