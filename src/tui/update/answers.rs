//! Answers on their way: what they bring, how they end, how they are stopped.

use super::{attachments, queue, samples, writing};
use crate::client::{Error, ErrorKind};
use crate::forest::{Conversation, ConversationId, Response, ResponseId};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::event::{AnswerId, Piece};
use crate::tui::keymap::Context;
use crate::tui::state::attachments::Written;
use crate::tui::state::samples::{Batch, Fate, Wish};
use crate::tui::state::{Mode, State};
use crate::tui::theme::Role;
use crate::tui::words::{conversations, linear as words, turns as turn_words};

/// Pieces of an answer have arrived.
pub(super) fn arrived(state: &mut State, id: AnswerId, pieces: Vec<Piece>) -> Vec<Effect> {
    for piece in pieces {
        match piece {
            Piece::User(response) => user(state, id, response),
            Piece::Started(response) => started(state, id, response),
            Piece::Text(text, tokens) => text_arrived(state, id, &text, tokens),
            Piece::Likelihood(more) => {
                if let Some(answer) = state.answers.get_mut(id) {
                    answer.likelihood.add(more);
                }
            }
            Piece::Reasoning(text) => {
                if let Some(answer) = state.answers.get_mut(id) {
                    answer.reasoning.push_str(&text);
                }
            }
            Piece::Notice(text) => {
                if let Some(answer) = state.answers.get_mut(id) {
                    answer.notice = text;
                }
            }
            Piece::Finished(response) => finished(state, id, response),
        }
    }
    Vec::new()
}

/// Whether the answer belongs to the conversation on the screen.
fn is_here(state: &mut State, id: AnswerId) -> bool {
    let open = state.open.id().cloned();
    state.answers.get_mut(id).is_some_and(|answer| answer.conversation == open)
}

fn user(state: &mut State, id: AnswerId, response: Response) {
    let here = is_here(state, id);
    let Some(answer) = state.answers.get_mut(id) else { return };
    answer.outgoing = None;
    answer.parent = Some(response.id.clone());
    answer.from = Some(response.id.clone());
    let followed = answer.followed;
    if here {
        let wish = Wish::usual(state);
        samples::asked(state, id, response.id.clone(), wish);
        show(state, response, followed);
    }
}

fn started(state: &mut State, id: AnswerId, response: Response) {
    let here = is_here(state, id);
    let now = state.now;
    let Some(answer) = state.answers.get_mut(id) else { return };
    answer.first_token.get_or_insert(now);
    answer.notice.clear();
    begun(state, id, response, here);
}

/// An answer has got a response of its own, and perhaps the screen goes along with it.
fn begun(state: &mut State, id: AnswerId, response: Response, here: bool) {
    state.answers.name(id, &response.id);
    state.samples.named(id, &response.id);
    queue::began(state, id, &response.id);
    if !here {
        return;
    }
    let selected = state.open.selected_id();
    let followed = state.answers.get(id).is_some_and(|a| a.followed && a.from == selected);
    let parent = response.parent.clone();
    show(state, response, followed);
    if followed {
        // Of several samples the first is enough.
        for (_, other) in state.answers.iter_mut().filter(|(_, other)| other.parent == parent) {
            other.followed = false;
        }
    }
}

/// Adds a response to the forest on the screen. What is being written goes along: a draft belongs
/// below the end of the path, wherever that is by now. An edit is not disturbed.
fn show(state: &mut State, response: Response, followed: bool) {
    let Some(slot) = state.open.put(response) else { return };
    if !followed || state.mode != Mode::Message {
        return;
    }
    if state.is_blank() {
        writing::put_draft_aside(state);
        state.open.select(slot);
        writing::take_draft_up(state);
    } else {
        state.open.select(slot);
    }
    state.unsaved = true;
}

fn text_arrived(state: &mut State, id: AnswerId, text: &str, tokens: u32) {
    let here = is_here(state, id);
    let now = state.now;
    let Some(answer) = state.answers.get_mut(id) else { return };
    let thought = (answer.tokens == 0 && !answer.reasoning.is_empty())
        .then(|| (now.0 - answer.asked.0) / 1_000_000);
    answer.tokens += tokens;
    answer.first_token.get_or_insert(now);
    answer.last_token = now;
    let slot = answer.response.as_ref().and_then(|response| state.open.forest.slot(response));
    match slot {
        Some(slot) if here => {
            state.open.append(slot, text);
            if let Some(seconds) = thought {
                state.open.thought.insert(slot, seconds);
            }
        }
        _ => answer.aside.push_str(text),
    }
}

fn finished(state: &mut State, id: AnswerId, response: Response) {
    let here = is_here(state, id);
    let Some(answer) = state.answers.get_mut(id) else { return };
    let started = answer.response.as_ref() == Some(&response.id);
    answer.complete = !response.partial;
    state.samples.completed(id, &response.message);
    match (started, here) {
        (false, _) => begun(state, id, response, here),
        (true, true) => show(state, response, false),
        (true, false) => {}
    }
}

/// No more of an answer will come.
pub(super) fn ended(state: &mut State, id: AnswerId, error: Option<Error>) -> Vec<Effect> {
    let here = is_here(state, id);
    let Some(answer) = state.answers.remove(id) else { return Vec::new() };
    let mut effects = Vec::new();
    let stopped = answer.stopping;
    let broke_off = error.is_some() && !stopped;
    let fate = match &error {
        Some(error) if !stopped => Fate::Failed(error.message.clone()),
        Some(_) | None => Fate::Stopped,
    };
    state.samples.ended(id, &answer, fate);
    // Of several samples the last to end says what concerns them all.
    let batch = state.samples.batch_of(id);
    let last = batch.is_none_or(|batch| batch.running() == 0);
    let others_answered = batch.is_some_and(Batch::has_begun);
    let (complete, tokens) = (answer.complete && error.is_none() && !stopped, answer.tokens);
    if here {
        keep_reasoning(state, answer.response.as_ref(), &answer.reasoning);
    }
    let failed = stopped || error.is_some();
    let next = queue::ended(state, id, &answer, complete);
    let not_taken = failed && answer.outgoing.is_some();
    if let Some(message) = answer.outgoing.filter(|_| failed) {
        give_back(state, here, answer.parent.clone(), message);
    }
    // Whether the chat shows why.
    let mut told = false;
    if here && failed && !not_taken {
        let began = answer.response.as_ref().and_then(|id| state.open.forest.slot(id));
        let parent = answer.parent.as_ref().and_then(|id| state.open.forest.slot(id));
        let why = match &error {
            Some(error) => error.message.clone(),
            None => turn_words::STOPPED.to_owned(),
        };
        let place = match (began, parent) {
            (Some(slot), _) if !stopped => Some(slot),
            (None, Some(slot)) if last && !others_answered => Some(slot),
            _ => None,
        };
        if let Some(slot) = place {
            state.open.failures.insert(slot, why);
            told = state.open.leaf() == Some(slot);
        }
    }
    if let Some(error) = error.filter(|_| !stopped) {
        let gone = answer.conversation.as_ref().filter(|id| {
            here && error.kind == ErrorKind::NotFound && error.message.contains(&id.to_string())
        });
        if let Some(id) = gone {
            state.deleted = Some(id.clone());
            state.say(Role::Warning, conversations::DELETED_ELSEWHERE);
        } else if told {
            super::lost(state, &error);
            state.say(Role::Error, turn_words::CHAT_SAYS_WHY);
        } else if here {
            super::failed(state, turn_words::FINISH, &error);
        } else {
            let listed = answer.conversation.as_ref().and_then(|id| state.list.get(id));
            let what = turn_words::finish_in(listed.map_or("", |listed| &listed.title));
            super::failed(state, &what, &error);
        }
        if error.kind == ErrorKind::Unavailable {
            effects.push(Effect::AskService);
        }
    }
    if here && complete && state.theme.is_linear() {
        state.say(Role::Good, words::has_answered(tokens));
    }
    // The service knows best what it has kept, when it was changed, and what the title is.
    if last {
        effects.push(Effect::RefreshConversations);
        // What broke off says no more than the question does, and what never came says nothing.
        let says = answer.makeshift.is_empty() || answer.response.is_some() && !broke_off;
        let leaf = answer.response.or(answer.parent);
        if says {
            effects.extend(title(state, answer.conversation.as_ref(), &answer.makeshift, leaf));
        }
    }
    effects.extend(next);
    effects
}

/// An answer that broke off keeps the reasoning that came with it.
fn keep_reasoning(state: &mut State, response: Option<&ResponseId>, reasoning: &str) {
    let known = response.and_then(|id| state.open.forest.get(id));
    let Some(known) = known.filter(|_| !reasoning.is_empty()) else { return };
    if known.details.as_ref().is_some_and(|details| !details.reasoning.is_empty()) {
        return;
    }
    let mut response = known.clone();
    reasoning.clone_into(&mut response.details_mut().reasoning);
    state.open.forest.replace(response);
}

/// A conversation gets a title from its first answer, or from its question where there is none.
fn title(
    state: &State,
    conversation: Option<&ConversationId>,
    makeshift: &str,
    leaf: Option<ResponseId>,
) -> Option<Effect> {
    let has_none = |known: &&Conversation| known.title.is_empty() || known.title == makeshift;
    let untitled = state.known(conversation).filter(has_none)?;
    Some(Effect::ImproveTitle(untitled.id.clone(), leaf?))
}

/// A message that the service did not take goes back into the text field.
fn give_back(state: &mut State, here: bool, parent: Option<ResponseId>, message: Written) {
    if here && state.mode == Mode::Message && state.is_blank() {
        state.composer.set(&message.text);
        attachments::put(state, message.attached);
        return;
    }
    if here {
        let key = state.keymap.hint(Action::HistoryPrevious, Context::Writing).unwrap_or_default();
        state.say(Role::Warning, turn_words::not_taken(&key));
    }
    attachments::give_back(state, here, parent, message.attached);
}

/// Stops the answer that is selected or awaited.
pub(super) fn stop(state: &mut State) -> Vec<Effect> {
    let effects = stop_here(state);
    if effects.is_empty() {
        state.say(Role::Quiet, turn_words::NOT_ARRIVING);
    }
    effects
}

/// As `stop`, but silent where there is nothing to stop.
pub(super) fn stop_here(state: &mut State) -> Vec<Effect> {
    let id = state.stoppable();
    id.and_then(|id| samples::stop_one(state, id)).into_iter().collect()
}
