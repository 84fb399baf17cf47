//! Messages that wait for an answer: sent below it when it is complete, offered when it broke off.

use super::{attachments, history, turns};
use crate::forest::{ConversationId, ResponseId};
use crate::tui::effect::Effect;
use crate::tui::event::AnswerId;
use crate::tui::state::State;
use crate::tui::state::answers::Answer;
use crate::tui::state::queue::Queue;
use crate::tui::theme::Role;
use crate::tui::words::writing as words;

/// Lets what was written wait for an answer that is on its way.
pub(super) fn add(state: &mut State, answer: AnswerId) {
    let conversation = state.open.id().cloned();
    let below = state.open.selected_id();
    let queue = Queue { conversation, answer: Some(answer), below, messages: Default::default() };
    let message = attachments::take(state);
    let text = message.text.clone();
    match state.queues.add(queue, message) {
        Ok(()) => history::remember(state, &text),
        Err(message) => {
            state.composer.load(&message.text);
            attachments::put(state, message.attached);
            state.say(Role::Warning, words::TOO_MANY_WAIT);
        }
    }
    state.unsaved = true;
}

/// An answer has a name now: what waits for it belongs after it.
pub(super) fn began(state: &mut State, answer: AnswerId, response: &ResponseId) {
    if let Some(queue) = state.queues.of(answer) {
        queue.below = Some(response.clone());
        state.unsaved = true;
    }
}

/// A conversation was made for an answer.
pub(super) fn made(state: &mut State, answer: AnswerId, conversation: &ConversationId) {
    if let Some(queue) = state.queues.of(answer) {
        queue.conversation = Some(conversation.clone());
        state.unsaved = true;
    }
}

/// A conversation that was made for an answer was taken back.
pub(super) fn discarded(state: &mut State, conversation: &ConversationId) {
    for queue in state.queues.iter_mut() {
        queue.conversation.take_if(|known| known == conversation);
    }
}

/// An answer has ended. If it is complete, the next message goes below it, whatever is on the screen;
/// if not, what waits stays for the user to decide.
pub(super) fn ended(
    state: &mut State,
    id: AnswerId,
    answer: &Answer,
    complete: bool,
) -> Vec<Effect> {
    let Some(index) = state.queues.position(id) else { return Vec::new() };
    state.unsaved = true;
    let here = answer.conversation.as_ref() == state.open.id();
    let known = answer.conversation.as_ref().is_some_and(|id| state.known(Some(id)).is_some());
    let (true, Some(response)) = (complete && known, &answer.response) else {
        if let Some(queue) = state.queues.of(id) {
            queue.answer = None;
        }
        return Vec::new();
    };
    let followed = here && state.open.selected_id().as_ref() == Some(response);
    let conversation = answer.conversation.clone();
    send(state, index, conversation, Some(response.clone()), followed).into_iter().collect()
}

/// Sends the first message of a queue; the others wait for its answer.
fn send(
    state: &mut State,
    index: usize,
    conversation: Option<ConversationId>,
    parent: Option<ResponseId>,
    followed: bool,
) -> Option<Effect> {
    let more = state.queues.get(index)?.messages.len() > 1;
    let message = state.queues.take(index, false)?;
    let effect = turns::begin_in(state, conversation, message, parent.clone(), None, followed);
    if let (true, Effect::Answer { id, .. }) = (more, &effect)
        && let Some(queue) = state.queues.iter_mut().nth(index)
    {
        queue.answer = Some(*id);
        queue.below = parent;
    }
    state.unsaved = true;
    Some(effect)
}

/// Enter on an empty field: sends what waits although its answer broke off, below the selected
/// response. `None`: nothing waits here.
pub(super) fn send_held(state: &mut State) -> Option<Vec<Effect>> {
    let index = state.queue_here().filter(|_| state.awaited().is_none())?;
    if state.open.selected_response().is_some_and(|selected| selected.is_human()) {
        state.say(Role::Warning, words::NOT_ANSWERED);
        return Some(Vec::new());
    }
    let (conversation, parent) = (state.open.id().cloned(), state.open.selected_id());
    Some(send(state, index, conversation, parent, true).into_iter().collect())
}

/// Takes the message that was written last back into the text field, before what stands there.
pub(super) fn take_back(state: &mut State) {
    let Some(message) = state.queue_here().and_then(|index| state.queues.take(index, true)) else {
        state.say(Role::Quiet, words::NOTHING_WAITS);
        return;
    };
    let text = if state.composer.is_blank() {
        message.text
    } else {
        format!("{}\n{}", message.text, state.composer.text())
    };
    state.composer.set(&text);
    let since = state.attachments.take();
    state.attachments.extend(message.attached.into_iter().chain(since));
    state.unsaved = true;
}
