//! The conversation on the screen gives way to another one, or to a new one.

use super::{attachments, find, reading, writing};
use crate::client::{Error, ErrorKind};
use crate::forest::{Conversation, ConversationId, Forest};
use crate::tui::effect::Effect;
use crate::tui::session::Place;
use crate::tui::state::attachments::Written;
use crate::tui::state::open::Open;
use crate::tui::state::{Connection, Focus, Mode, State};
use crate::tui::theme::Role;
use crate::tui::words;

/// Leaves the conversation on the screen, ready for another. What was written in it, or in a new
/// conversation, is kept.
pub(super) fn leave(state: &mut State) -> Option<Effect> {
    writing::put_draft_aside(state);
    state.mode = Mode::Message;
    let open = state.open.id().cloned();
    let forest = &state.open.forest;
    for (_, answer) in state.answers.iter_mut() {
        if answer.conversation == open
            && let Some(response) = answer.response.as_ref().and_then(|id| forest.get(id))
        {
            answer.aside.clone_from(&response.message);
        }
    }
    if open.is_none() {
        let key = (Mode::Message, None);
        state.new_draft = state.open.drafts.remove(&key).unwrap_or_default();
        state.new_attached = state.open.attached.remove(&key).unwrap_or_default();
    }
    open.map(|id| Effect::Remember(id, state.open.place()))
}

pub(super) fn begin_new(state: &mut State) -> Vec<Effect> {
    let mut effects = Vec::new();
    if state.open.id().is_some() {
        effects.extend(leave(state));
        empty(state);
    } else if state.starting {
        empty(state);
    }
    state.open.loading = None;
    state.focus = Focus::Composer;
    state.unsaved = true;
    effects
}

/// A new conversation is on the screen, with what was drafted for it and typed since.
pub(super) fn empty(state: &mut State) {
    let typed = if state.starting { attachments::take(state) } else { Written::default() };
    state.starting = false;
    state.open = Open::default();
    state.mode = Mode::Message;
    state.composer.load(&std::mem::take(&mut state.new_draft));
    let drafted = std::mem::take(&mut state.new_attached);
    attachments::put(state, drafted);
    attachments::give(state, typed);
}

/// A conversation was loaded: it takes the place of the one on the screen.
pub(super) fn opened(
    state: &mut State,
    conversation: Conversation,
    mut forest: Forest,
    place: &Place,
) -> Vec<Effect> {
    let wanted = state.open.loading.as_ref() == Some(&conversation.id);
    if state.open.id() == Some(&conversation.id) {
        return renewed(state, conversation, &forest, wanted);
    }
    if !wanted {
        return Vec::new();
    }
    let (typed, kept) = if std::mem::take(&mut state.starting) {
        (attachments::take(state), None)
    } else {
        (Written::default(), leave(state))
    };
    // What is still arriving is here before it is in the store.
    for (_, answer) in state.answers.in_conversation(Some(&conversation.id)) {
        let known = answer.response.as_ref().and_then(|id| forest.get(id)).cloned();
        if let Some(mut response) = known
            && response.message.len() < answer.aside.len()
        {
            response.message.clone_from(&answer.aside);
            forest.replace(response);
        }
    }
    state.open = Open::new(conversation, forest, place);
    state.mode = Mode::Message;
    writing::take_draft_up(state);
    attachments::give(state, typed);
    if state.open.selected() != state.open.leaf() {
        reading::reveal_selected(state);
    }
    kept.into_iter().chain(shown(state)).collect()
}

/// Goes to what was searched for, if that is why the conversation was opened.
fn find_sought(state: &mut State) -> Vec<Effect> {
    match state.sought.take() {
        Some((id, words)) if state.open.id() == Some(&id) => find::everywhere(state, words),
        Some(_) | None => Vec::new(),
    }
}

/// The conversation on the screen was loaded again: what is new is added, and everything stays where
/// it is.
fn renewed(
    state: &mut State,
    conversation: Conversation,
    forest: &Forest,
    wanted: bool,
) -> Vec<Effect> {
    let State { open, answers, .. } = state;
    // What is still arriving is here before it is in the store.
    open.renew(conversation, forest, |id| answers.of_response(id).is_some());
    if wanted {
        open.loading = None;
        return shown(state);
    }
    Vec::new()
}

/// The conversation that was asked for is on the screen.
fn shown(state: &mut State) -> Vec<Effect> {
    if let Some(id) = state.open.id().cloned() {
        state.list.point_to(&id);
    }
    let chosen = state.chosen.take().is_some_and(|id| state.open.id() == Some(&id));
    if chosen && state.focus == Focus::List {
        state.focus = Focus::Composer;
    }
    state.unsaved = true;
    find_sought(state)
}

/// A conversation could not be loaded. A server that is out of reach is asked again later; what is on
/// the screen and not there any more stays on the screen.
pub(super) fn not_opened(state: &mut State, id: &ConversationId, error: &Error) {
    let away = error.kind == ErrorKind::Unavailable;
    let wanted = state.open.loading.as_ref() == Some(id);
    if let (true, ErrorKind::NotFound, Some(listed)) = (wanted, error.kind, state.list.get(id)) {
        let words = words::conversations::gone(&listed.title);
        state.say(Role::Warning, words);
        state.list.remove(id);
        state.deleted = Some(id.clone());
    } else if wanted || away {
        super::failed(state, words::conversations::OPEN, error);
    } else if error.kind == ErrorKind::NotFound && state.open.id() == Some(id) {
        let words = words::conversations::DELETED_ELSEWHERE;
        state.say(Role::Warning, words);
        state.deleted = Some(id.clone());
    }
    if !wanted || away && state.connection != Connection::Embedded {
        return;
    }
    state.open.loading = None;
    if state.starting {
        empty(state);
    }
}
