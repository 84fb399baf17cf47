//! Finding words in the conversation on the screen: what is looked for, and what is shown of it.

use super::reading;
use crate::forest::Slot;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::composer::Composer;
use crate::tui::state::find::{Find, Hit, Part};
use crate::tui::state::{Focus, Prompt, PromptKind, State};
use crate::tui::theme::Role;
use crate::tui::view;
use crate::tui::words::chat as words;

/// Asks for words.
pub(super) fn begin(state: &mut State) -> Vec<Effect> {
    state.open.find = None;
    state.open.found_from = state.open.selected().map(|slot| (slot, state.open.chat.anchor));
    state.prompt = Some(Prompt { kind: PromptKind::Find(false), field: Composer::default() });
    renew(state)
}

/// What is asked for has perhaps changed: the first place from where one stood is shown.
pub(super) fn renew(state: &mut State) -> Vec<Effect> {
    let Some(Prompt { kind: PromptKind::Find(everywhere), field }) = &state.prompt else {
        return Vec::new();
    };
    let (everywhere, text) = (*everywhere, field.text().to_owned());
    let before = state.open.find.as_ref();
    if before.is_some_and(|find| find.words == text && find.everywhere == everywhere) {
        return Vec::new();
    }
    let from = before.map(|find| find.from()).or_else(|| state.open.chat.place(&state.open.path));
    start(state, text, everywhere, from)
}

/// Looks through all branches, or only the path again.
pub(super) fn widen(state: &mut State) -> Vec<Effect> {
    if let Some(Prompt { kind: PromptKind::Find(everywhere), .. }) = &mut state.prompt {
        *everywhere = !*everywhere;
    }
    renew(state)
}

/// The words are complete; `n` and `N` go on from here, and the place where one was can be gone back to.
pub(super) fn accept(state: &mut State) {
    if let Some((from, _)) = state.open.found_from.take() {
        leave(state, from);
    }
    if state.open.find.take_if(|find| find.words.is_empty()).is_none() {
        state.found_last =
            state.open.find.as_ref().map(|find| (find.words.clone(), find.everywhere));
    }
}

/// Nothing is looked for after all: back to where one was.
pub(super) fn give_up(state: &mut State) {
    state.open.find = None;
    if let Some((slot, anchor)) = state.open.found_from.take() {
        go(state, slot);
        state.open.chat.anchor = anchor;
    }
}

/// A message that was left for another one.
fn leave(state: &mut State, from: Slot) {
    if state.open.selected() != Some(from) {
        state.open.jumps.leave(from);
    }
}

/// To another place, so many on, or back.
pub(super) fn next(state: &mut State, by: isize) -> Vec<Effect> {
    let leaf = state.open.leaf();
    let Some(find) = &mut state.open.find else {
        if let Some((text, everywhere)) = state.found_last.clone() {
            let from = state.open.chat.place(&state.open.path);
            return start(state, text, everywhere, from);
        }
        let key = state.key_told(Action::Find);
        state.say(Role::Quiet, words::nothing_to_find(&key));
        return Vec::new();
    };
    // What has arrived since is looked through too.
    let stale = find.version != state.open.version || !find.everywhere && find.leaf != leaf;
    if stale {
        let (text, everywhere) = (find.words.clone(), find.everywhere);
        let mut from = find.current();
        if let Some(from) = from.as_mut().filter(|_| by > 0) {
            from.start += 1;
        }
        return start(state, text, everywhere, from);
    }
    find.go(by);
    let from = state.open.selected();
    show(state);
    if let Some(from) = from {
        leave(state, from);
    }
    Vec::new()
}

/// Looks for words in all branches from the beginning on.
pub(super) fn everywhere(state: &mut State, words: String) -> Vec<Effect> {
    super::prepare(state);
    state.focus = Focus::Chat;
    let from = state.open.chat.place(&state.open.path);
    start(state, words, true, from)
}

fn start(state: &mut State, text: String, everywhere: bool, from: Option<Hit>) -> Vec<Effect> {
    let Some(from) = from else { return Vec::new() };
    state.finds += 1;
    let number = state.finds;
    let open = &mut state.open;
    let slots = if everywhere { open.forest.slots().collect() } else { open.path.clone() };
    let mut find = Find::new(number, text, everywhere, slots, from);
    find.leaf = open.leaf();
    find.version = open.version;
    open.find = Some(find);
    go_on(state, number)
}

/// A search goes on by one step.
pub(super) fn go_on(state: &mut State, number: u64) -> Vec<Effect> {
    let open = &mut state.open;
    let Some(find) = open.find.as_mut().filter(|find| find.number == number) else {
        return Vec::new();
    };
    let found = find.step(&open.forest);
    let done = find.done;
    if done && find.hits.is_empty() && !find.words.is_empty() {
        let nowhere = words::not_found(&find.words);
        state.say(Role::Quiet, nowhere);
    }
    if found {
        show(state);
    }
    if done { Vec::new() } else { vec![Effect::FindOn(number)] }
}

fn go(state: &mut State, slot: Slot) {
    if state.open.selected() != Some(slot) {
        reading::move_to(state, slot);
    }
}

/// Brings the current place into sight; its message is selected.
fn show(state: &mut State) {
    let Some(hit) = state.open.find.as_ref().and_then(Find::current) else { return };
    go(state, hit.slot);
    if hit.part == Part::Reasoning {
        state.open.chat.unfold(hit.slot);
    }
    super::prepare(state);
    let State { open, answers, keymap, theme, .. } = state;
    let Some(index) = open.path.iter().position(|slot| *slot == hit.slot) else { return };
    let mut chat = std::mem::take(&mut open.chat);
    chat.show(index, hit, *theme, |index| view::message(open, answers, keymap, index));
    open.chat = chat;
}
