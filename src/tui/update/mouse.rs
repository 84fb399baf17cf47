//! The mouse: the wheel scrolls what it is over, a click selects what it is on, a double click opens
//! it, and dragging selects text in the chat.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

use super::{conversations, forms, history, reading, samples, visual};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::chat::Anchor;
use crate::tui::state::visual::Point;
use crate::tui::state::{Focus, Overlay, State};
use crate::tui::view::{self, Areas, areas};

/// Rows that one notch of the wheel scrolls.
const NOTCH: isize = 3;
/// Two clicks on one cell within so many microseconds are a double click.
const DOUBLE: i64 = 400_000;

/// Something happened with the mouse.
pub(super) fn mouse(state: &mut State, event: MouseEvent) -> Vec<Effect> {
    let at = Position { x: event.column, y: event.row };
    match event.kind {
        MouseEventKind::ScrollUp => wheel(state, at, -NOTCH),
        MouseEventKind::ScrollDown => wheel(state, at, NOTCH),
        MouseEventKind::Down(MouseButton::Left) => return press(state, at),
        MouseEventKind::Drag(MouseButton::Left) => drag(state, at),
        MouseEventKind::Up(MouseButton::Left) => return release(state),
        MouseEventKind::Down(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Up(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Drag(MouseButton::Right | MouseButton::Middle)
        | MouseEventKind::Moved
        | MouseEventKind::ScrollLeft
        | MouseEventKind::ScrollRight => {}
    }
    Vec::new()
}

fn wheel(state: &mut State, at: Position, by: isize) {
    let areas = areas(state);
    let wanted = match &state.overlay {
        Some(Overlay::Help { field, .. }) => field.text(),
        Some(_) | None => "",
    };
    let last = view::help_last_top(state, wanted);
    if let Some(overlay) = &mut state.overlay {
        match overlay {
            Overlay::Help { top, .. } => *top = top.saturating_add_signed(by).min(last),
            Overlay::Models { models, picker, .. } => {
                let shown = models.iter().filter(|model| picker.shows(&model.name));
                let rows = shown.count();
                picker.go(by.signum(), rows);
            }
            Overlay::Form(form) => forms::wheel(form, by),
            Overlay::Palette(_)
            | Overlay::Choice(_)
            | Overlay::Picture(_)
            | Overlay::Filters { .. } => {}
        }
    } else if areas.list.contains(at) {
        state.list.move_cursor(by);
    } else if areas.forest.contains(at) {
        state.open.move_cursor(by);
    } else if areas.samples.contains(at) {
        samples::wheel(state, by);
    } else if state.visual.is_some() {
        visual::scroll(state, by);
    } else {
        reading::scroll(state, by);
    }
}

/// Row of a click inside a framed pane.
fn row_in(area: Rect, at: Position) -> Option<usize> {
    let inside = at.y > area.y && at.y + 1 < area.bottom() && area.contains(at);
    inside.then(|| usize::from(at.y - area.y - 1))
}

fn press(state: &mut State, at: Position) -> Vec<Effect> {
    let field = view::form_field_at(state, at);
    if let Some(form) = state.form_mut() {
        // What was written is not lost by a click beside it.
        if let Some(index) = field {
            forms::click(form, index);
        }
        return Vec::new();
    }
    if state.overlay.take().is_some() {
        return Vec::new();
    }
    state.notice = None;
    state.visual = None;
    state.pointer.pressed = None;
    let last = state.pointer.clicked.replace((state.now, at));
    let double = last.is_some_and(|(then, cell)| cell == at && state.now.0 - then.0 <= DOUBLE);
    if double {
        // A third click is a first one again.
        state.pointer.clicked = None;
    }
    history::take(state);
    let areas = areas(state);
    state.samples.active &= areas.samples.contains(at);
    if state.prompt.is_some() {
        in_prompt(state, &areas, at);
    } else if areas.list.contains(at) {
        return in_list(state, &areas, at, double);
    } else if areas.forest.contains(at) {
        return in_forest(state, &areas, at, double);
    } else if areas.samples.contains(at) {
        if areas.samples.height == 1 {
            return samples::enter(state);
        }
        let row = at.y.checked_sub(areas.samples.y + 1).map(usize::from);
        return row.map_or_else(Vec::new, |row| samples::click(state, row));
    } else if areas.composer.contains(at) {
        in_composer(state, &areas, at);
    } else if areas.chat.contains(at) {
        in_chat(state, &areas, at, double);
    }
    Vec::new()
}

fn in_prompt(state: &mut State, areas: &Areas, at: Position) {
    let text = areas.composer_text;
    if let Some(prompt) = state.prompt.as_mut().filter(|_| text.contains(at)) {
        let cells = usize::from(text.width);
        let (cursor, _) = prompt.field.cursor_cell(&prompt.field.rows(cells));
        let first = (cursor + 1).saturating_sub(usize::from(text.height));
        let (row, column) = (usize::from(at.y - text.y), usize::from(at.x - text.x));
        prompt.field.click(row + first, column, cells);
    }
}

/// A click points to a conversation, a double click opens it.
fn in_list(state: &mut State, areas: &Areas, at: Position, double: bool) -> Vec<Effect> {
    state.focus = Focus::List;
    let Some(row) = row_in(areas.list, at) else { return Vec::new() };
    let row = row + state.list.top(usize::from(areas.list.height.saturating_sub(2)));
    // The first click may have moved the rows; the second is for the same conversation.
    if row < state.list.conversations.len() && !double {
        state.list.cursor = row;
    }
    if double { conversations::action(state, Action::Open) } else { Vec::new() }
}

/// A click selects a response, one on the mark of a row or a double click opens or closes it.
fn in_forest(state: &mut State, areas: &Areas, at: Position, double: bool) -> Vec<Effect> {
    state.focus = Focus::Forest;
    let Some(row) = row_in(areas.forest, at) else { return Vec::new() };
    if double {
        return reading::action(state, Action::ToggleFold, None);
    }
    let Some(clicked) = state.open.click(row) else { return Vec::new() };
    let indent = areas.forest.x + 2 + view::forest_indent(clicked.level, areas.forest.width);
    let on_mark = clicked.open.is_some() && (indent..indent + 2).contains(&at.x);
    let action = if on_mark { Action::ToggleFold } else { Action::Select };
    reading::action(state, action, None)
}

fn in_composer(state: &mut State, areas: &Areas, at: Position) {
    state.focus = Focus::Composer;
    let text = areas.composer_text;
    if text.contains(at) {
        let (row, column) = (usize::from(at.y - text.y), usize::from(at.x - text.x));
        let first = view::composer_top(state);
        state.composer.click(row + first, column, usize::from(text.width));
    }
}

/// A click selects a message and may be the beginning of a selection, a double click selects a word.
fn in_chat(state: &mut State, areas: &Areas, at: Position, double: bool) {
    state.focus = Focus::Chat;
    if !areas.chat_text.contains(at) {
        return;
    }
    let row = usize::from(at.y - areas.chat_text.y);
    let message = state.open.chat.message_at(row);
    let Some(slot) = message.and_then(|index| state.open.path.get(index).copied()) else { return };
    let anchor = Anchor::Top(state.open.chat.top);
    reading::select(state, slot);
    state.open.chat.anchor = anchor;
    super::prepare(state);
    state.pointer.pressed = point(state, areas.chat_text, at);
    if let Some(point) = state.pointer.pressed.filter(|_| double) {
        let word = visual::row_text(state, point.at).word_at(point.column);
        if let Some((first, last)) = word {
            let end = |column| Point { column, ..point };
            visual::set(state, end(first), end(last), false);
        }
    }
}

/// The text at a cell of the chat, or nearest to it.
fn point(state: &mut State, area: Rect, cell: Position) -> Option<Point> {
    let row = usize::from(cell.y.saturating_sub(area.y));
    let places = || state.open.chat.places().map(|(at, _)| at);
    let at = places().nth(row).or_else(|| places().last())?;
    let column = visual::row_text(state, at).snap(usize::from(cell.x.saturating_sub(area.x)));
    Some(Point { at, column })
}

/// Selects from where the button was pressed up to here; beyond the chat, it scrolls.
fn drag(state: &mut State, at: Position) {
    let Some(pressed) = state.pointer.pressed else { return };
    let area = areas(state).chat_text;
    if area.height == 0 || area.width == 0 {
        return;
    }
    if state.visual.is_none() {
        visual::set(state, pressed, pressed, false);
        super::prepare(state);
    }
    if at.y < area.y {
        visual::scroll(state, -1);
    } else if at.y >= area.bottom() {
        visual::scroll(state, 1);
    }
    let inside = Position { x: at.x, y: at.y.clamp(area.y, area.bottom() - 1) };
    if let Some(point) = point(state, area, inside) {
        visual::go_to(state, point, point.column);
    }
}

fn release(state: &mut State) -> Vec<Effect> {
    state.pointer.pressed = None;
    if state.copy_on_select && state.visual.is_some() {
        return visual::copy(state);
    }
    Vec::new()
}
