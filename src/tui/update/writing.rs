//! Writing: the text field, prompts, drafts and the messages sent before.

use super::{attachments, conversations, find, forms, turns};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Key;
use crate::tui::state::composer::{Composer, Motion};
use crate::tui::state::{Focus, MOST_HISTORY, Prompt, PromptKind, State};
use crate::tui::view::areas;

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
            state.composer.insert(text);
            state.attachments.settle();
            state.recalled = None;
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
                recall(state, true);
            }
        }
        Action::MoveDown | Action::HistoryNext => {
            if action == Action::HistoryNext || !state.composer.move_rows(1, cells) {
                recall(state, false);
            }
        }
        Action::Newline => insert(state, "\n"),
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
                state.open.find = None;
            }
        }
        Action::NextPane => return find::widen(state),
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
        _ => {
            if let Some(prompt) = &mut state.prompt {
                edit(&mut prompt.field, action);
            }
            return find::renew(state);
        }
    }
    Vec::new()
}

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
        // Whatever else has a key here means nothing to a text.
        _ => {}
    }
}

/// Puts a message sent before into the text field, or what was there before that.
fn recall(state: &mut State, older: bool) {
    let (at, before) = match state.recalled.take() {
        Some((at, before)) => (at, before),
        None if older => (0, state.composer.text().to_owned()),
        None => return,
    };
    let next = if older { at + 1 } else { at.saturating_sub(1) };
    let index = state.history.len().checked_sub(next);
    match index.and_then(|index| state.history.get(index)) {
        Some(sent) => {
            let sent = sent.clone();
            state.composer.set(&sent);
            state.recalled = Some((next, before));
        }
        None if older => {
            state.recalled = (at > 0).then_some((at, before));
        }
        None => state.composer.set(&before),
    }
}

/// Remembers a message that was sent.
pub(super) fn remember(state: &mut State, message: &str) {
    if !message.trim().is_empty() && state.history.back().is_none_or(|last| last != message) {
        state.history.push_back(message.to_owned());
    }
    while state.history.len() > MOST_HISTORY {
        state.history.pop_front();
    }
    state.recalled = None;
    state.unsaved = true;
}

/// Puts the text of the text field aside, as the draft of what it is for.
pub(super) fn put_draft_aside(state: &mut State) {
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
    state.recalled = None;
    state.unsaved = true;
}

/// Takes up the draft of what the text field is for now.
pub(super) fn take_draft_up(state: &mut State) {
    let key = turns::draft_key(state);
    let draft = state.open.drafts.remove(&key).unwrap_or_default();
    state.composer = Composer::with_text(&draft);
    let attached = state.open.attached.remove(&key).unwrap_or_default();
    attachments::put(state, attached);
    state.recalled = None;
    state.unsaved = true;
}
