//! How events change the state. Never waits, reads a clock or touches anything but the state: what
//! is to be done elsewhere is returned as effects.

mod answers;
mod conversations;
mod forms;
mod keys;
mod mouse;
mod overlay;
mod reading;
mod samples;
mod turns;
mod writing;

use crossterm::event::{Event as Terminal, KeyEventKind};
use ratatui::layout::Size;

use super::effect::Effect;
use super::event::Event;
use super::session::Place;
use super::state::{Connection, State, open};
use super::theme::Role;
use super::view::areas;
use crate::client::ErrorKind;
use crate::forest::{ConversationId, Time};

/// What the program does first.
#[must_use]
pub fn begin(state: &mut State, conversation: Option<ConversationId>) -> Vec<Effect> {
    let mut effects = Vec::new();
    state.open.loading.clone_from(&conversation);
    if conversation.is_some() {
        state.starting = true;
        state.new_draft = state.composer.take();
    }
    state.list.loading = true;
    effects.extend(conversation.map(Effect::Open));
    effects.push(Effect::LoadConversations { query: None, page: None });
    effects.push(Effect::AskService);
    if state.mouse {
        effects.push(Effect::Mouse(true));
    }
    effects
}

/// What is to be remembered of the conversation on the screen: its name, and where one stood.
#[must_use]
pub fn place(state: &State) -> Option<(String, Place)> {
    let id = state.open.id()?.to_string();
    let mut place = state.open.place();
    if !state.composer.is_blank() {
        let key = open::draft_name(&turns::draft_key(state));
        place.drafts.insert(key, state.composer.text().to_owned());
    }
    Some((id, place))
}

/// Takes in an event that happened at `now`.
#[must_use]
pub fn update(state: &mut State, event: Event, now: Time) -> Vec<Effect> {
    state.now = now;
    match event {
        Event::Terminal(event) => terminal(state, event),
        Event::Conversations { query, conversations, first, next } => {
            conversations::loaded(state, query, conversations, first, next)
        }
        Event::Refreshed { conversations, whole } => {
            conversations::refreshed(state, conversations, whole)
        }
        Event::Opened { conversation, forest, place } => {
            conversations::opened(state, conversation, *forest, &place)
        }
        Event::NotOpened { id, error } => {
            conversations::not_opened(state, &id, &error);
            Vec::new()
        }
        Event::Created { answer, conversation } => {
            conversations::created(state, answer, conversation)
        }
        Event::Answer { id, pieces } => answers::arrived(state, id, pieces),
        Event::AnswerEnded { id, error } => answers::ended(state, id, error),
        Event::Stored { conversation, made, response, then } => {
            if let Some(made) = made {
                conversations::made(state, made);
            }
            turns::stored(state, &conversation, response, then)
        }
        Event::Updated(conversation) => conversations::updated(state, conversation),
        Event::Titled { conversation, title } => conversations::titled(state, &conversation, title),
        Event::Deleted(id) => conversations::deleted(state, id),
        Event::Discarded(id) => conversations::discarded(state, &id),
        Event::Restored(conversation) => conversations::restored(state, conversation),
        Event::Shared { response, shared_id, url } => {
            conversations::shared(state, &response, if url.is_empty() { &shared_id } else { &url })
        }
        Event::Service(info) => {
            let lost = matches!(state.connection, Connection::Lost { .. });
            reached(state);
            state.default_model = info.default_model;
            state.hint = info.hint;
            // What could not be loaded meanwhile is loaded now.
            if lost { conversations::reload(state) } else { Vec::new() }
        }
        Event::Models(models, problems) => {
            overlay::models_loaded(state, models, problems);
            Vec::new()
        }
        Event::Prompts(names) => {
            forms::prompts_loaded(state, names);
            Vec::new()
        }
        Event::Changed(id) => conversations::changed(state, id),
        Event::Failed { what, error } => {
            failed(state, what, &error);
            Vec::new()
        }
    }
}

/// Decides what is on the screen; to be called before it is drawn.
pub fn prepare(state: &mut State) {
    let area = areas(state).chat_text;
    let State { open, answers, theme, .. } = state;
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let mut chat = std::mem::take(&mut open.chat);
    let message = |index: usize| super::view::message(open, answers, index);
    chat.layout(width, height, *theme, open.path.len(), message);
    let mut before = None;
    for (index, _) in &chat.rows {
        if before.replace(*index) != Some(*index) {
            open.look_for_twins(open.path[*index]);
        }
    }
    open.chat = chat;
}

fn terminal(state: &mut State, event: Terminal) -> Vec<Effect> {
    match event {
        Terminal::Key(key) if key.kind != KeyEventKind::Release => keys::key(state, key),
        Terminal::Key(_) | Terminal::FocusLost => Vec::new(),
        Terminal::FocusGained => vec![Effect::RefreshConversations],
        Terminal::Mouse(event) => mouse::mouse(state, event),
        Terminal::Paste(text) => writing::paste(state, &text),
        Terminal::Resize(width, height) => {
            state.size = Size { width, height };
            Vec::new()
        }
    }
}

/// The service has answered.
fn reached(state: &mut State) {
    let endpoint = match &state.connection {
        Connection::Embedded => return,
        Connection::Connecting(endpoint)
        | Connection::Connected(endpoint)
        | Connection::Lost { endpoint, .. } => endpoint.clone(),
    };
    state.connection = Connection::Connected(endpoint);
}

/// Something failed: says so, and whether the server is out of reach.
fn failed(state: &mut State, what: &str, error: &crate::client::Error) {
    let endpoint = match &state.connection {
        Connection::Embedded => None,
        Connection::Connecting(endpoint)
        | Connection::Connected(endpoint)
        | Connection::Lost { endpoint, .. } => Some(endpoint.clone()),
    };
    if let (ErrorKind::Unavailable, Some(endpoint)) = (error.kind, endpoint) {
        state.connection = Connection::Lost { endpoint, why: error.message.clone() };
    }
    state.say(Role::Error, format!("Could not {what}: {}", error.message));
}
