//! Messages sent before: going through them, and searching them while writing.

use unicode_segmentation::UnicodeSegmentation as _;

use crate::tui::action::Action;
use crate::tui::keymap::Key;
use crate::tui::state::history::{HistorySearch, Recalled};
use crate::tui::state::{MOST_HISTORY, State};
use crate::tui::theme::Role;
use crate::tui::words::writing as words;

/// Bytes of all messages that are remembered; they are stored whenever a draft is.
const MOST_BYTES: usize = 256 << 10;

/// Remembers a message that was sent.
pub(super) fn remember(state: &mut State, message: &str) {
    let history = &mut state.history;
    let told = !message.trim().is_empty();
    if told && history.back().is_none_or(|last| last != message) && message.len() <= MOST_BYTES {
        history.push_back(message.to_owned());
    }
    let mut bytes: usize = history.iter().map(String::len).sum();
    while history.len() > MOST_HISTORY || bytes > MOST_BYTES {
        bytes -= history.pop_front().map_or(0, |gone| gone.len());
    }
    state.recalled = None;
    state.unsaved = true;
}

/// Puts a message sent before into the text field, or what was there before that. What was changed of one
/// is there again when one comes by.
pub(super) fn recall(state: &mut State, older: bool) {
    let mut recalled = match state.recalled.take() {
        Some(recalled) => recalled,
        None if older => {
            let before = state.composer.text().to_owned();
            Recalled { at: 0, before, changed: Default::default() }
        }
        None => return,
    };
    let at = recalled.at;
    if at > 0 && sent(state, at) != Some(state.composer.text()) {
        recalled.changed.insert(at, state.composer.text().to_owned());
    }
    let next = if older { at + 1 } else { at.saturating_sub(1) };
    let there = sent(state, next).is_some();
    match recalled.changed.get(&next).map(String::as_str).or(sent(state, next)) {
        Some(text) if there => {
            let text = text.to_owned();
            state.composer.set(&text);
            state.recalled = Some(Recalled { at: next, ..recalled });
        }
        _ if older => {
            state.recalled = (at > 0).then_some(recalled);
        }
        _ => state.composer.set(&recalled.before),
    }
}

/// A message sent before, the newest one being 1.
fn sent(state: &State, at: usize) -> Option<&str> {
    let index = state.history.len().checked_sub(at)?;
    state.history.get(index).map(String::as_str)
}

/// Leaves the messages sent before: what was there before them is there again, unless one of them was
/// changed; then it is among them.
pub(super) fn leave(state: &mut State) {
    let Some(recalled) = state.recalled.take() else { return };
    if sent(state, recalled.at) == Some(state.composer.text()) {
        state.composer.set(&recalled.before);
    } else {
        remember(state, &recalled.before);
    }
}

/// Begins to search.
pub(super) fn search(state: &mut State) {
    if state.history.is_empty() {
        state.say(Role::Quiet, words::NO_HISTORY);
        return;
    }
    let before = state.composer.clone();
    let (words, at, failed) = (String::new(), None, false);
    state.searching = Some(HistorySearch { words, at, failed, before });
}

/// A key was pressed during a search. False: the search has ended with what it found, and the key
/// means what it always does.
pub(super) fn key(state: &mut State, key: Key, action: Option<Action>) -> bool {
    let Some(search) = &mut state.searching else { return false };
    if let Some(c) = key.character() {
        search.words.push(c);
        let from = search.at.unwrap_or(0);
        find(state, from);
        return true;
    }
    match action {
        Some(Action::HistorySearch) => {
            let from = search.at.map_or(0, |at| at + 1);
            find(state, from);
        }
        Some(Action::DeleteLeft) => {
            let last = search.words.grapheme_indices(true).next_back().map_or(0, |(at, _)| at);
            search.words.truncate(last);
            find(state, 0);
        }
        Some(Action::Send) => take(state),
        Some(Action::Cancel | Action::Interrupt) => give_up(state),
        // A key that means nothing ends nothing.
        None => {}
        Some(_) => {
            take(state);
            return false;
        }
    }
    true
}

/// Shows the newest message that has the words, from one on.
fn find(state: &mut State, from: usize) {
    let Some(search) = &mut state.searching else { return };
    let wanted = search.words.to_lowercase();
    let mut older = state.history.iter().rev().enumerate().skip(from);
    let found = older.find(|(_, sent)| sent.to_lowercase().contains(&wanted));
    search.failed = found.is_none();
    if let Some((at, sent)) = found.filter(|_| !wanted.is_empty()) {
        search.at = Some(at);
        let mut field = search.before.clone();
        field.set(sent);
        state.composer = field;
    } else if wanted.is_empty() {
        search.at = None;
        search.failed = false;
        state.composer = search.before.clone();
    }
}

/// Ends the search, if there is one, with what it found.
pub(super) fn take(state: &mut State) {
    if let Some(search) = state.searching.take() {
        state.recalled = None;
        state.unsaved |= search.at.is_some();
    }
}

/// Ends the search, if there is one, with what was there before.
pub(super) fn give_up(state: &mut State) {
    if let Some(search) = state.searching.take() {
        state.composer = search.before;
    }
}
