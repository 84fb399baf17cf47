//! From keys to actions, and from actions to those who know what to do.

use crossterm::event::KeyEvent;

use super::{
    answers, attachments, conversations, copying, find, forest, forms, history, marks, overlay,
    palette, pictures, reading, samples, turns, visual, writing,
};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Context, Key};
use crate::tui::state::{Focus, Overlay, PromptKind, State};
use crate::tui::theme::Role;
use crate::tui::view;
use crate::tui::words::keys as words;

/// Digits of a count that are listened to.
const LARGEST_COUNT: usize = 99;

/// A key was pressed.
pub(super) fn key(state: &mut State, event: KeyEvent) -> Vec<Effect> {
    let key = Key::of(event);
    state.notice = None;
    let context = state.context();
    let action = state.keymap.action(key, context);
    let leaving = std::mem::take(&mut state.leaving) && action == Some(Action::Interrupt);
    // `q` closes what covers the screen, or is typed; it takes the other key for that to end the program.
    let ends = matches!(action, Some(Action::Quit | Action::Suspend)) && key.character().is_none();
    if ends && matches!(state.overlay, Some(Overlay::Picture(_))) {
        state.overlay = None;
    }
    if state.overlay.is_some() && !ends {
        if action == Some(Action::Interrupt) {
            overlay::close(state);
            return Vec::new();
        }
        if let Some(Overlay::Palette(palette)) =
            state.overlay.take_if(|overlay| matches!(overlay, Overlay::Palette(_)))
        {
            return match palette::key(state, palette, key) {
                Some((action, count)) => self::action(state, action, count),
                None => Vec::new(),
            };
        }
        return overlay::key(state, key, action);
    }
    if history::key(state, key, action) {
        return Vec::new();
    }
    if context != Context::Writing
        && let Some(digit) = key.character().and_then(|c| c.to_digit(10))
        // No count begins with 0, so it is free to be a key.
        && (digit > 0 || state.count.is_some() || action.is_none())
    {
        let count = state.count.unwrap_or(0) * 10 + digit as usize;
        state.count = (count > 0).then_some(count.min(LARGEST_COUNT));
        return Vec::new();
    }
    let count = state.count.take();
    match action {
        Some(Action::Interrupt) => interrupt(state, leaving),
        Some(action) => self::action(state, action, count),
        None if context == Context::Writing => writing::typed(state, key),
        None => Vec::new(),
    }
}

fn action(state: &mut State, action: Action, count: Option<usize>) -> Vec<Effect> {
    if state.prompt.is_some() {
        return writing::prompt_action(state, action);
    }
    if state.samples_have_keys()
        && let Some(effects) = samples::action(state, action, count)
    {
        return effects;
    }
    if state.context() == Context::Visual
        && let Some(effects) = visual::action(state, action, count)
    {
        return effects;
    }
    match action {
        Action::Quit => vec![Effect::Quit],
        Action::Interrupt => interrupt(state, false),
        Action::Suspend => vec![Effect::Suspend],
        Action::Redraw => conversations::refresh(state),
        Action::Help => {
            state.overlay = Some(Overlay::Help { top: 0, field: Default::default() });
            Vec::new()
        }
        Action::Palette => {
            palette::open(state, count);
            Vec::new()
        }
        Action::NextPane => focus(state, 1),
        Action::PreviousPane => focus(state, -1),
        Action::ToggleSidebar => toggle_sidebar(state),
        Action::NextTheme => vec![Effect::NextTheme],
        Action::ToggleMouse => {
            state.mouse = !state.mouse;
            let text = if state.mouse { words::MOUSE_TAKEN } else { words::MOUSE_GIVEN };
            state.say(Role::Quiet, text);
            vec![Effect::Mouse(state.mouse)]
        }
        Action::ChooseModel => overlay::choose_model(state),
        Action::NewConversation
        | Action::Open
        | Action::Star
        | Action::Rename
        | Action::Settings
        | Action::GenerateTitle
        | Action::Delete
        | Action::Undelete
        | Action::Search
        | Action::Share
        | Action::Unshare => conversations::action(state, action),
        Action::ViewPicture => pictures::view(state, count.unwrap_or(1)),
        Action::Attach => attachments::ask(state),
        Action::ExpandPaste => attachments::expand(state),
        Action::Find => find::begin(state),
        Action::FindNext => find::next(state, count.unwrap_or(1) as isize),
        Action::FindPrevious => find::next(state, -(count.unwrap_or(1) as isize)),
        Action::Send if writing::broke_line(state) => Vec::new(),
        Action::Send => turns::send(state),
        Action::Write => write(state),
        Action::Cancel => cancel(state),
        Action::Resample => samples::resample(state, count.unwrap_or(1)),
        Action::ResampleWith => forms::resample(state, count),
        Action::Replace => turns::replace(state),
        Action::ReplaceInEditor => turns::replace_in_editor(state),
        Action::Continue => turns::go_on(state),
        Action::WriteAsModel => turns::write_as_model(state),
        Action::Stop => answers::stop(state),
        Action::StopAll => samples::stop_all(state),
        Action::Samples => samples::enter(state),
        Action::StarResponse | Action::Label | Action::Note | Action::Archive => {
            marks::action(state, action)
        }
        Action::Filter | Action::FilterText | Action::Hoist | Action::Unhoist => {
            forest::action(state, action)
        }
        Action::Copy => copying::message(state),
        Action::CopyPath => copying::path(state),
        Action::CopyCode => copying::code(state, count.unwrap_or(1)),
        Action::SelectText => visual::begin(state, false),
        Action::SelectRows => visual::begin(state, true),
        Action::NextSibling
        | Action::PreviousSibling
        | Action::Parent
        | Action::Child
        | Action::PreviousFork
        | Action::NextFork
        | Action::JumpBack
        | Action::JumpForward
        | Action::Select
        | Action::ToggleFold
        | Action::ToggleReasoning
        | Action::Down
        | Action::Up
        | Action::First
        | Action::Last
        | Action::PageUp
        | Action::PageDown
        | Action::ScrollUp
        | Action::ScrollDown
        | Action::ScrollPageUp
        | Action::ScrollPageDown => reading::action(state, action, count),
        Action::Newline
        | Action::Undo
        | Action::Redo
        | Action::HistoryPrevious
        | Action::HistoryNext
        | Action::HistorySearch
        | Action::ExternalEditor
        | Action::TakeBackQueued
        | Action::MoveLeft
        | Action::MoveRight
        | Action::MoveWordLeft
        | Action::MoveWordRight
        | Action::MoveLineStart
        | Action::MoveLineEnd
        | Action::MoveUp
        | Action::MoveDown
        | Action::DeleteLeft
        | Action::DeleteRight
        | Action::DeleteWordLeft
        | Action::DeleteWordRight
        | Action::DeleteLineStart
        | Action::DeleteLineEnd
        | Action::Yank
        | Action::YankOlder
        | Action::Transpose => writing::action(state, action),
    }
}

/// Gives the keys to the text field.
fn write(state: &mut State) -> Vec<Effect> {
    if state.focus == Focus::Forest {
        reading::commit_cursor(state);
    }
    state.focus = Focus::Composer;
    Vec::new()
}

/// One thing after the other: a prompt, a mode, an answer, a search; then the pane.
fn cancel(state: &mut State) -> Vec<Effect> {
    if state.focus == Focus::Composer {
        if turns::leave_mode(state) {
            return Vec::new();
        }
        let stopped = answers::stop_here(state);
        if stopped.is_empty() {
            state.focus = Focus::Chat;
        }
        return stopped;
    }
    if state.focus == Focus::List && state.list.query.is_some() {
        return conversations::end_search(state);
    }
    if state.focus == Focus::Forest && state.open.filtered().is_some() {
        state.open.filter(None);
        return Vec::new();
    }
    if state.open.find.take().is_some() {
        return Vec::new();
    }
    let stopped = answers::stop_here(state);
    let conversation = state.open.id().cloned();
    if stopped.is_empty() && !state.samples.forget_ended(conversation.as_ref()) {
        let key = state.key_told(Action::Write);
        state.say(Role::Quiet, words::back_to_writing(&key));
    }
    stopped
}

/// Ctrl+C never destroys text: it stops an answer, or else has to be pressed twice.
fn interrupt(state: &mut State, leaving: bool) -> Vec<Effect> {
    if let Some(prompt) = state.prompt.take() {
        if matches!(prompt.kind, PromptKind::Find(_)) {
            find::give_up(state);
        }
        return Vec::new();
    }
    if state.visual.take().is_some() {
        return Vec::new();
    }
    let stopped = answers::stop_here(state);
    if !stopped.is_empty() {
        return stopped;
    }
    if leaving {
        return vec![Effect::Quit];
    }
    state.leaving = true;
    state.say(Role::Warning, words::ONCE_MORE_LEAVES);
    Vec::new()
}

fn toggle_sidebar(state: &mut State) -> Vec<Effect> {
    state.sidebar = !state.sidebar;
    let on_side = matches!(state.focus, Focus::List | Focus::Forest);
    if view::sidebar_covers(state) {
        state.sidebar = true;
        state.focus = if on_side { Focus::Composer } else { Focus::List };
    } else if !state.sidebar && on_side {
        state.focus = Focus::Chat;
    }
    Vec::new()
}

/// Gives the keys to the pane `by` steps on, in the order in which they stand on the screen.
fn focus(state: &mut State, by: isize) -> Vec<Effect> {
    const ORDER: [Focus; 4] = [Focus::Composer, Focus::List, Focus::Forest, Focus::Chat];
    let shown = |focus: &Focus| match focus {
        Focus::List | Focus::Forest => state.sidebar || view::sidebar_covers(state),
        Focus::Chat | Focus::Composer => true,
    };
    let panes: Vec<Focus> = ORDER.into_iter().filter(shown).collect();
    let at = panes.iter().position(|pane| *pane == state.focus).unwrap_or(0);
    let next = (at as isize + by).rem_euclid(panes.len() as isize);
    state.focus = panes[next as usize];
    Vec::new()
}
