//! Reading: moving through the forest, the chat and the list.

use super::writing;
use crate::forest::Slot;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::chat::Anchor;
use crate::tui::state::{Focus, Mode, State};
use crate::tui::theme::Role;
use crate::tui::view::{self, areas};
use crate::tui::words;

/// A movement.
pub(super) fn action(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    match action {
        Action::ScrollUp => scroll(state, -(count.unwrap_or(1) as isize)),
        Action::ScrollDown => scroll(state, count.unwrap_or(1) as isize),
        Action::ScrollPageUp => scroll(state, -page(state)),
        Action::ScrollPageDown => scroll(state, page(state)),
        Action::ToggleReasoning => toggle_reasoning(state),
        Action::NextSibling => sibling(state, count.unwrap_or(1) as isize),
        Action::PreviousSibling => sibling(state, -(count.unwrap_or(1) as isize)),
        Action::PreviousFork => fork(state, false, count.unwrap_or(1)),
        Action::NextFork => fork(state, true, count.unwrap_or(1)),
        Action::JumpBack => jump(state, false),
        Action::JumpForward => jump(state, true),
        _ => match state.focus {
            Focus::List => in_list(state, action, count),
            Focus::Forest => in_forest(state, action, count),
            Focus::Chat | Focus::Composer => in_chat(state, action, count),
        },
    }
    Vec::new()
}

/// Opens or closes what is folded of the selected message.
fn toggle_reasoning(state: &mut State) {
    let State { open, answers, keymap, .. } = state;
    let at = open.path.iter().position(|slot| Some(*slot) == open.selected());
    let message = at.map(|index| view::message(open, answers, keymap, index));
    match message.filter(|m| !m.reasoning.text.is_empty() || !m.sources.is_empty()) {
        Some(message) => {
            let slot = message.slot;
            open.chat.toggle(slot);
            reveal_selected(state);
        }
        None => state.say(Role::Quiet, words::chat::NOTHING_FOLDED),
    }
}

/// Selects a response because the user wants it: drafts change with it.
pub(super) fn select(state: &mut State, slot: Slot) {
    let selected = state.open.selected();
    if selected == Some(slot) {
        return;
    }
    // A step up or down is none that one would want to go back from.
    if let Some(from) = selected
        && state.open.forest.parent(slot) != Some(from)
        && state.open.forest.parent(from) != Some(slot)
    {
        state.open.jumps.leave(from);
    }
    go(state, slot);
}

fn go(state: &mut State, slot: Slot) {
    move_to(state, slot);
    reveal_selected(state);
}

/// Selects a response, and takes its draft up. What of it is in sight is left to the caller.
pub(super) fn move_to(state: &mut State, slot: Slot) {
    writing::put_draft_aside(state);
    state.mode = Mode::Message;
    state.open.select(slot);
    writing::take_draft_up(state);
}

/// Selects the response under the forest's cursor.
pub(super) fn commit_cursor(state: &mut State) {
    if let Some(slot) = state.open.cursor_slot() {
        select(state, slot);
    }
}

/// Moves the chat.
pub(super) fn scroll(state: &mut State, by: isize) {
    let State { open, answers, keymap, theme, .. } = state;
    let mut chat = std::mem::take(&mut open.chat);
    let count = open.path.len();
    chat.scroll(by, *theme, count, |index| view::message(open, answers, keymap, index));
    open.chat = chat;
}

fn page(state: &State) -> isize {
    (areas(state).chat_text.height as isize - 2).max(1)
}

/// Brings the selected message into sight.
pub(super) fn reveal_selected(state: &mut State) {
    let selected = state.open.selected();
    if selected == state.open.leaf() {
        state.open.chat.anchor = Anchor::End;
    } else if let Some(index) = selected.and_then(|slot| state.open.path_index(slot)) {
        super::prepare(state);
        state.open.chat.reveal(index);
    }
}

fn in_list(state: &mut State, action: Action, count: Option<usize>) {
    let page = (areas(state).list.height as isize - 3).max(1);
    let steps = count.unwrap_or(1) as isize;
    match action {
        Action::Down => state.list.move_cursor(steps),
        Action::Up => state.list.move_cursor(-steps),
        Action::PageDown => state.list.move_cursor(page),
        Action::PageUp => state.list.move_cursor(-page),
        Action::First => state.list.cursor = 0,
        Action::Last => state.list.move_cursor(isize::MAX),
        _ => {}
    }
}

fn in_forest(state: &mut State, action: Action, count: Option<usize>) {
    let page = (areas(state).forest.height as isize - 3).max(1);
    let steps = count.unwrap_or(1) as isize;
    let open = &mut state.open;
    match action {
        Action::Down => open.move_cursor(steps),
        Action::Up => open.move_cursor(-steps),
        Action::PageDown => open.move_cursor(page),
        Action::PageUp => open.move_cursor(-page),
        Action::First => open.move_to_end(false),
        Action::Last => open.move_to_end(true),
        Action::ToggleFold => {
            let is_open = open.row().is_some_and(|row| row.open == Some(true));
            if !open.set_fold(!is_open) {
                open.close_run();
            }
            state.unsaved = true;
        }
        Action::Select => {
            if open.filtered().is_none() && open.pane.on_several() {
                in_forest(state, Action::ToggleFold, None);
            } else if open.cursor_slot().is_some() && open.cursor_slot() == open.selected() {
                let key = state.key_told(Action::Write);
                state.say(Role::Quiet, words::forest::selected_already(&key));
            } else {
                commit_cursor(state);
            }
        }
        Action::Parent => {
            if !open.set_fold(false)
                && let Some(parent) = at_cursor(state).and_then(|s| state.open.forest.parent(s))
            {
                point_to(state, parent);
            }
            state.unsaved = true;
        }
        Action::Child => {
            if !open.set_fold(true)
                && let Some(child) = at_cursor(state).and_then(|s| state.open.child_on_path(s))
            {
                point_to(state, child);
            }
            state.unsaved = true;
        }
        _ => {}
    }
}

/// The response under the forest's cursor.
pub(super) fn at_cursor(state: &State) -> Option<Slot> {
    state.open.cursor_slot()
}

/// Moves the forest's cursor to a response; where it has no row, a filter ends, and what is shown
/// grows until it has one.
fn point_to(state: &mut State, slot: Slot) {
    if state.open.point_to(slot) {
        return;
    }
    state.open.filter(None);
    while !state.open.point_to(slot) {
        if !state.open.unhoist() {
            return select(state, slot);
        }
    }
}

fn in_chat(state: &mut State, action: Action, count: Option<usize>) {
    let path = &state.open.path;
    let Some(last) = path.len().checked_sub(1) else { return };
    let selected = state.open.selected();
    let at = selected.and_then(|slot| state.open.path_index(slot)).unwrap_or(last);
    let steps = count.unwrap_or(1);
    let target = match action {
        Action::Down | Action::Child => at.saturating_add(steps).min(last),
        Action::Up | Action::Parent => at.saturating_sub(steps),
        Action::First => 0,
        Action::Last => last,
        Action::PageUp => return scroll(state, -page(state)),
        Action::PageDown => return scroll(state, page(state)),
        _ => return,
    };
    if target == at && action == Action::Down {
        // Below the last message there may still be more of it.
        return scroll(state, steps as isize);
    }
    let slot = path[target];
    select(state, slot);
    match action {
        Action::Last => state.open.chat.anchor = Anchor::End,
        Action::First => state.open.chat.anchor = Anchor::Top(Default::default()),
        _ => {}
    }
}

/// Goes to where the selection was before a larger move, or back from there.
fn jump(state: &mut State, forward: bool) {
    let Some(here) = state.open.selected() else { return };
    let jumps = &mut state.open.jumps;
    match if forward { jumps.forward() } else { jumps.back(here) } {
        Some(slot) => go(state, slot),
        None => state.say(Role::Quiet, words::forest::NO_JUMP),
    }
}

/// Goes to a response of the path that has siblings, up or down from the selected one.
fn fork(state: &mut State, down: bool, count: usize) {
    let open = &state.open;
    let Some(selected) = open.selected() else {
        state.say(Role::Quiet, words::turns::NO_RESPONSE);
        return;
    };
    let mut found = None;
    let mut at = selected;
    for _ in 0..count {
        let chain = open.forest.chain(at);
        let next = if down {
            let end = open.path_index(chain.at(chain.len() - 1));
            end.and_then(|end| open.path.get(end + 1)).copied()
        } else {
            let head = chain.at(0);
            if head == at {
                open.forest.parent(at).map(|p| open.forest.chain(p).at(0))
            } else {
                Some(head)
            }
        };
        let Some(next) = next.filter(|&slot| open.forest.siblings(slot).len() > 1) else { break };
        found = Some(next);
        at = next;
    }
    match found {
        Some(slot) => select(state, slot),
        None => state.say(Role::Quiet, words::forest::NO_FORK),
    }
}

/// Goes to a sibling of the selected response, or of the one under the forest's cursor.
fn sibling(state: &mut State, by: isize) {
    let from = match state.focus {
        Focus::Forest => at_cursor(state),
        Focus::List | Focus::Chat | Focus::Composer => state.open.selected(),
    };
    let Some(slot) = from else {
        state.say(Role::Quiet, words::turns::NO_RESPONSE);
        return;
    };
    let position = state.open.forest.position(slot);
    let target = position.index.saturating_add_signed(by).min(position.count - 1);
    let sibling = state.open.forest.siblings(slot)[target];
    if sibling != slot {
        select(state, sibling);
    } else if by < 0 {
        state.say(Role::Quiet, words::chat::FIRST);
    } else if state.open.forest.response(slot).is_human() {
        let key = state.key_told(Action::Replace);
        state.say(Role::Quiet, words::chat::last_question_of(position.count, &key));
    } else {
        let key = state.key_told(Action::Resample);
        state.say(Role::Quiet, words::chat::last_of(position.count, &key));
    }
}
