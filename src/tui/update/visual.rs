//! Selecting text in the chat, by keys: moving its end over rows and clusters, and copying what is
//! between. While it goes on, the chat stays where it is, whatever arrives.

use super::copying;
use crate::tui::action::Action;
use crate::tui::effect::{Effect, What};
use crate::tui::state::chat::{Anchor, Chat, ChatRow, Position};
use crate::tui::state::message::Message;
use crate::tui::state::visual::{Lines, Point, RowText, Visual};
use crate::tui::state::{Focus, State};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::{self, areas};
use crate::tui::words::copying as words;

/// Begins to select at the first row in sight of the selected message, or else the first of all.
pub(super) fn begin(state: &mut State, rows: bool) -> Vec<Effect> {
    super::prepare(state);
    let path = &state.open.path;
    let selected = state.open.selected();
    let places = || state.open.chat.places();
    let of_selected = |(at, row): &(Position, &ChatRow)| {
        path.get(at.message).copied() == selected && matches!(row, ChatRow::Text(_))
    };
    let Some((at, _)) = places().find(of_selected).or_else(|| places().next()) else {
        state.say(Role::Quiet, words::NOTHING);
        return Vec::new();
    };
    let column = row_text(state, at).first();
    let point = Point { at, column };
    set(state, point, point, rows);
    Vec::new()
}

/// Selects from one point to another, whatever was selected before.
pub(super) fn set(state: &mut State, anchor: Point, cursor: Point, rows: bool) {
    let slot = |point: Point| state.open.path.get(point.at.message).copied();
    let (Some(one), Some(other)) = (slot(anchor), slot(cursor)) else { return };
    let made_for = (one, other, areas(state).chat_text.width);
    state.focus = Focus::Chat;
    state.visual = Some(Visual { anchor, cursor, rows, column: cursor.column, made_for });
}

/// Ends the selection where the rows it was made of are not there any more; else holds the chat still.
pub(super) fn keep(state: &mut State, width: u16) {
    let Some(visual) = state.visual else { return };
    let slot = |point: Point| state.open.path.get(point.at.message).copied();
    let (one, other, made_for) = visual.made_for;
    let same = slot(visual.anchor) == Some(one) && slot(visual.cursor) == Some(other);
    if same && width == made_for && state.focus == Focus::Chat {
        state.open.chat.anchor = Anchor::Top(state.open.chat.top);
    } else {
        state.visual = None;
    }
}

/// What an action means while text is selected; `None`: what it means elsewhere.
pub(super) fn action(
    state: &mut State,
    action: Action,
    count: Option<usize>,
) -> Option<Vec<Effect>> {
    let steps = count.unwrap_or(1) as isize;
    match action {
        Action::MoveLeft | Action::MoveRight | Action::MoveWordLeft | Action::MoveWordRight => {
            for _ in 0..steps {
                along(state, action);
            }
        }
        Action::MoveLineStart | Action::MoveLineEnd => along(state, action),
        Action::MoveUp => rows(state, -steps),
        Action::MoveDown => rows(state, steps),
        Action::PageUp => rows(state, -page(state)),
        Action::PageDown => rows(state, page(state)),
        Action::First => rows(state, isize::MIN),
        Action::Last => rows(state, isize::MAX),
        Action::ScrollUp => scroll(state, -steps),
        Action::ScrollDown => scroll(state, steps),
        Action::SelectText => become_rows(state, false),
        Action::SelectRows => become_rows(state, true),
        Action::Copy => return Some(copy(state)),
        Action::Cancel => state.visual = None,
        // These leave everything as it is.
        Action::Help
        | Action::Redraw
        | Action::NextTheme
        | Action::ToggleMouse
        | Action::Suspend
        | Action::Quit => {
            return None;
        }
        _ => {
            state.visual = None;
            return None;
        }
    }
    Some(Vec::new())
}

/// Copies what is selected as it is shown, without what stands in front of rows, and ends the
/// selection.
pub(super) fn copy(state: &mut State) -> Vec<Effect> {
    let Some(visual) = state.visual.take() else { return Vec::new() };
    let (start, end) = visual.ends();
    let mut lines = Lines::default();
    let mut at = start.at;
    while at <= end.at {
        let (from, to) = visual.columns(at).unwrap_or_default();
        let is_seam = matches!(row_at(state, at), Some(ChatRow::Seam));
        if !is_seam {
            let row = row_text(state, at);
            lines.add(&row.between(from, to), row.wrapped);
        }
        let next = step(state, at, 1);
        if next == at {
            break;
        }
        at = next;
    }
    let text = lines.finish();
    if text.trim().is_empty() {
        state.say(Role::Quiet, words::NOTHING_SELECTED);
        return Vec::new();
    }
    copying::copy(state, text, What::Selection)
}

fn become_rows(state: &mut State, rows: bool) {
    if let Some(visual) = &mut state.visual {
        if visual.rows == rows {
            state.visual = None;
        } else {
            visual.rows = rows;
        }
    }
}

/// Moves the cursor along its row, by words on to other rows.
fn along(state: &mut State, action: Action) {
    let Some(Point { at, column }) = state.visual.map(|visual| visual.cursor) else { return };
    let row = row_text(state, at);
    let target = match action {
        Action::MoveLeft => row.previous(column),
        Action::MoveRight => row.next(column),
        Action::MoveLineStart => Some(row.first()),
        Action::MoveLineEnd => Some(row.last()),
        Action::MoveWordRight => match row.words().find(|&word| word > column) {
            Some(word) => Some(word),
            None => return word_beyond(state, at, 1),
        },
        Action::MoveWordLeft => match row.words().rfind(|&word| word < column) {
            Some(word) => Some(word),
            None => return word_beyond(state, at, -1),
        },
        _ => None,
    };
    if let Some(column) = target {
        go_to(state, Point { at, column }, column);
    }
}

/// To the next word in another row, or to the end of everything.
fn word_beyond(state: &mut State, mut at: Position, by: isize) {
    loop {
        let next = step(state, at, by);
        let row = row_text(state, next);
        let word = if by > 0 { row.words().next() } else { row.words().next_back() };
        if let Some(column) = word.filter(|_| next != at) {
            return go_to(state, Point { at: next, column }, column);
        }
        if next == at {
            let column = if by > 0 { row.last() } else { row.first() };
            return go_to(state, Point { at, column }, column);
        }
        at = next;
    }
}

/// Moves the cursor by rows.
fn rows(state: &mut State, by: isize) {
    let Some(visual) = state.visual else { return };
    let at = match by {
        isize::MIN => Position::default(),
        isize::MAX => {
            let last = state.open.path.len().saturating_sub(1);
            let far = Position { message: last, row: 0 };
            with_chat(state, |chat, theme, count, message| {
                chat.step(far, isize::MAX / 2, theme, count, message)
            })
        }
        by => step(state, visual.cursor.at, by),
    };
    let column = row_text(state, at).snap(visual.column);
    go_to(state, Point { at, column }, visual.column);
}

/// Puts the cursor somewhere, remembers the column it would like to be in, and brings it into sight.
pub(super) fn go_to(state: &mut State, point: Point, column: usize) {
    let Some(slot) = state.open.path.get(point.at.message).copied() else { return };
    let Some(visual) = &mut state.visual else { return };
    visual.cursor = point;
    visual.column = column;
    visual.made_for.1 = slot;
    let height = usize::from(areas(state).chat_text.height);
    let last = state.open.chat.places().last().map(|(at, _)| at);
    if point.at < state.open.chat.top {
        state.open.chat.anchor = Anchor::Top(point.at);
    } else if last.is_some_and(|last| point.at > last) {
        let top = step(state, point.at, -(height.saturating_sub(1) as isize));
        state.open.chat.anchor = Anchor::Top(top);
    }
    super::prepare(state);
}

/// Moves the chat; the cursor stays in sight.
pub(super) fn scroll(state: &mut State, by: isize) {
    super::reading::scroll(state, by);
    super::prepare(state);
    let Some(visual) = state.visual else { return };
    let first = state.open.chat.top;
    let last = state.open.chat.places().last().map_or(first, |(at, _)| at);
    let at = visual.cursor.at.clamp(first, last.max(first));
    if at != visual.cursor.at {
        let column = row_text(state, at).snap(visual.column);
        go_to(state, Point { at, column }, visual.column);
    }
}

fn page(state: &State) -> isize {
    (areas(state).chat_text.height as isize - 2).max(1)
}

/// The text of a row, on the screen or not.
pub(super) fn row_text(state: &mut State, at: Position) -> RowText {
    let Some(row) = row_at(state, at) else { return RowText::default() };
    RowText::of(&state.open.chat, &state.open, at.message, &row)
}

fn row_at(state: &mut State, at: Position) -> Option<ChatRow> {
    if at.message >= state.open.path.len() {
        return None;
    }
    with_chat(state, |chat, theme, _, message| chat.row_at(at, theme, message))
}

fn step(state: &mut State, from: Position, by: isize) -> Position {
    with_chat(state, |chat, theme, count, message| chat.step(from, by, theme, count, message))
}

/// The chat, with what it has to know to make rows.
fn with_chat<T>(
    state: &mut State,
    ask: impl for<'a> FnOnce(&mut Chat, Theme, usize, &dyn Fn(usize) -> Message<'a>) -> T,
) -> T {
    let State { open, answers, keymap, theme, .. } = state;
    let mut chat = std::mem::take(&mut open.chat);
    let answer =
        ask(&mut chat, *theme, open.path.len(), &|i| view::message(open, answers, keymap, i));
    open.chat = chat;
    answer
}
