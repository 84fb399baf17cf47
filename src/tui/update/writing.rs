//! Writing: the text field, prompts, drafts and the messages sent before.

use super::{attachments, conversations, find, forms, history, queue, turns};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Key;
use crate::tui::state::composer::{Composer, Motion};
use crate::tui::state::{Focus, Prompt, PromptKind, State};
use crate::tui::theme::Role;
use crate::tui::view::areas;
use crate::tui::words::writing as words;

/// A key without a meaning was pressed while writing: it types its character.
pub(super) fn typed(state: &mut State, key: Key) -> Vec<Effect> {
    if let Some(c) = key.character() {
        insert(state, c.encode_utf8(&mut [0; 4]));
    }
    find::renew(state)
}

/// A text was pasted. It goes into the text field wherever the keys are.
pub(super) fn paste(state: &mut State, text: &str) -> Vec<Effect> {
    if let Some(form) = state.form_mut() {
        forms::paste(form, text);
        return Vec::new();
    }
    if state.overlay.is_some() {
        return Vec::new();
    }
    if state.prompt.is_none() {
        state.focus = Focus::Composer;
        return attachments::paste(state, text);
    }
    insert(state, text);
    find::renew(state)
}

pub(super) fn insert(state: &mut State, text: &str) {
    match &mut state.prompt {
        Some(Prompt { field, kind: PromptKind::Note(_) }) => field.insert(text),
        // Other prompts are one line.
        Some(Prompt { field, .. }) => field.insert(&text.replace(['\r', '\n'], " ")),
        None => {
            history::take(state);
            state.composer.insert(text);
            state.attachments.settle();
            state.unsaved = true;
        }
    }
}

/// An action while writing.
pub(super) fn action(state: &mut State, action: Action) -> Vec<Effect> {
    if attachments::edited(state, action) {
        return Vec::new();
    }
    let cells = usize::from(areas(state).composer_text.width);
    match action {
        Action::MoveUp | Action::HistoryPrevious => {
            if action == Action::HistoryPrevious || !state.composer.move_rows(-1, cells) {
                history::recall(state, true);
            }
        }
        Action::MoveDown | Action::HistoryNext => {
            if action == Action::HistoryNext || !state.composer.move_rows(1, cells) {
                history::recall(state, false);
            }
        }
        Action::Newline => insert(state, "\n"),
        Action::HistorySearch => history::search(state),
        Action::TakeBackQueued => queue::take_back(state),
        Action::ExternalEditor => {
            return vec![Effect::Edit(state.composer.text().to_owned())];
        }
        _ => edit(&mut state.composer, action),
    }
    state.unsaved = true;
    Vec::new()
}

/// An action while a prompt is there.
pub(super) fn prompt_action(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Cancel => {
            let prompt = state.prompt.take();
            if prompt.is_some_and(|prompt| matches!(prompt.kind, PromptKind::Find(_))) {
                find::give_up(state);
            }
        }
        Action::Send => {
            if let Some(prompt) = state.prompt.take() {
                return conversations::prompted(state, prompt);
            }
        }
        Action::Newline => {
            if let Some(Prompt { kind: PromptKind::Note(_), .. }) = &state.prompt {
                insert(state, "\n");
            }
        }
        Action::NextPane => return find::widen(state),
        _ => {
            if let Some(prompt) = &mut state.prompt {
                edit(&mut prompt.field, action);
            }
            return find::renew(state);
        }
    }
    Vec::new()
}

/// Enter behind a backslash at the end of a line: the backslash becomes a line break. Two of them are
/// a text that ends so.
pub(super) fn broke_line(state: &mut State) -> bool {
    let before = state.composer.before_cursor();
    let slashes = before.len() - before.trim_end_matches('\\').len();
    let breaks = slashes % 2 == 1 && state.composer.at_line_end();
    if breaks {
        state.composer.delete(Motion::Left);
        insert(state, "\n");
    }
    breaks
}

/// The user's editor has ended.
pub(super) fn edited(state: &mut State, edited: Result<String, String>) {
    match edited {
        Ok(text) if text == state.composer.text() => state.say(Role::Quiet, words::NOT_CHANGED),
        Ok(text) => {
            state.composer.set(&text);
            state.unsaved = true;
        }
        Err(why) => state.say(Role::Error, words::editor_failed(&why)),
    }
}

/// An action on any text.
pub(super) fn edit(field: &mut Composer, action: Action) {
    match action {
        Action::Undo => field.undo(),
        Action::Redo => field.redo(),
        Action::MoveLeft => field.move_by(Motion::Left),
        Action::MoveRight => field.move_by(Motion::Right),
        Action::MoveWordLeft => field.move_by(Motion::WordLeft),
        Action::MoveWordRight => field.move_by(Motion::WordRight),
        Action::MoveLineStart => field.move_by(Motion::LineStart),
        Action::MoveLineEnd => field.move_by(Motion::LineEnd),
        Action::DeleteLeft => field.delete(Motion::Left),
        Action::DeleteRight => field.delete(Motion::Right),
        Action::DeleteWordLeft => field.delete(Motion::WordLeft),
        Action::DeleteWordRight => field.delete(Motion::WordRight),
        Action::DeleteLineStart => field.delete(Motion::LineStart),
        Action::DeleteLineEnd => field.delete(Motion::LineEnd),
        Action::Yank => field.yank(),
        Action::YankOlder => field.yank_older(),
        Action::Transpose => field.transpose(),
        // Whatever else has a key here means nothing to a text.
        _ => {}
    }
}

/// Puts the text of the text field aside, as the draft of what it is for.
pub(super) fn put_draft_aside(state: &mut State) {
    history::give_up(state);
    history::leave(state);
    let key = turns::draft_key(state);
    let written = attachments::take(state);
    if written.attached.is_empty() {
        state.open.attached.remove(&key);
    } else {
        state.open.attached.insert(key.clone(), written.attached);
    }
    let text = written.text;
    if text.trim().is_empty() {
        state.open.drafts.remove(&key);
    } else {
        state.open.drafts.insert(key, text);
    }
    state.unsaved = true;
}

/// Takes up the draft of what the text field is for now.
pub(super) fn take_draft_up(state: &mut State) {
    let key = turns::draft_key(state);
    let draft = state.open.drafts.remove(&key).unwrap_or_default();
    state.composer.load(&draft);
    let attached = state.open.attached.remove(&key).unwrap_or_default();
    attachments::put(state, attached);
    state.recalled = None;
    state.unsaved = true;
}
