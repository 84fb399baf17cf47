//! How events change the state. Never waits, reads a clock or touches anything but the state: what
//! is to be done elsewhere is returned as effects.

mod answers;
mod attachments;
mod conversations;
mod copying;
mod find;
mod forest;
mod forms;
mod history;
mod keys;
mod marks;
mod mouse;
mod opening;
mod overlay;
mod palette;
mod picker;
mod pictures;
mod queue;
mod reading;
mod samples;
mod turns;
mod visual;
mod writing;

use crossterm::event::{Event as Terminal, KeyEventKind};
use ratatui::layout::Size;

use super::effect::Effect;
use super::event::Event;
use super::session::Place;
use super::state::{Connection, State, open};
use super::theme::{Role, Theme};
use super::view::areas;
use super::words::{self, turns::could_not};
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
        state.new_attached = state.attachments.take();
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

/// What is to be done before the program ends: what was noted and not sent yet is sent.
#[must_use]
pub fn last(state: &State) -> Vec<Effect> {
    let unsent = state.notes.unsent();
    unsent
        .map(|((conversation, response), annotation)| Effect::Annotate {
            conversation,
            response,
            annotation,
        })
        .collect()
}

/// What is to be remembered of the conversation on the screen: its name, and where one stood.
#[must_use]
pub fn place(state: &State) -> Option<(String, Place)> {
    let id = state.open.id()?.to_string();
    let mut place = state.open.place();
    let key = open::draft_name(&turns::draft_key(state));
    if !state.attachments.is_empty() {
        place.attached.insert(key.clone(), state.attachments.items().to_vec());
    }
    if !state.draft().is_blank() {
        place.drafts.insert(key, state.draft().text().to_owned());
    }
    Some((id, place))
}

/// Takes in an event that happened at `now`.
#[must_use]
pub fn update(state: &mut State, event: Event, now: Time) -> Vec<Effect> {
    state.now = now;
    let picture = pictures::kept(state);
    let mut effects = take_in(state, event);
    if let Some(erase) = pictures::erased(picture, state) {
        // Before anything else: the program may be about to end.
        effects.insert(0, erase);
    }
    effects
}

fn take_in(state: &mut State, event: Event) -> Vec<Effect> {
    match event {
        Event::Terminal(event) => terminal(state, event),
        Event::Theme(theme) => {
            draw_with(state, *theme);
            Vec::new()
        }
        Event::ThemeChosen { name, theme, colourless } => {
            draw_with(state, *theme);
            state.say(Role::Quiet, words::looks::chosen(name, colourless));
            Vec::new()
        }
        Event::Conversations { query, conversations, first, next } => {
            conversations::loaded(state, query, conversations, first, next)
        }
        Event::NotListed { query, error } => {
            conversations::not_loaded(state, query.as_ref(), &error);
            Vec::new()
        }
        Event::Refreshed { conversations, whole } => {
            conversations::refreshed(state, conversations, whole)
        }
        Event::Opened { conversation, forest, annotations, place } => {
            let id = conversation.id.clone();
            let effects = opening::opened(state, conversation, *forest, &place);
            if state.open.id() == Some(&id) {
                let annotations = state.notes.merge(&id, annotations);
                state.open.annotate_all(annotations);
            }
            effects
        }
        Event::Annotated { conversation, response, annotation } => {
            marks::taken(state, conversation, response, annotation)
        }
        Event::NotAnnotated { conversation, response, error } => {
            marks::refused(state, conversation, response, &error);
            Vec::new()
        }
        Event::FilterOn => forest::filter_on(state),
        Event::NotOpened { id, error } => {
            opening::not_opened(state, &id, &error);
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
        Event::Deleted { id, title } => conversations::deleted(state, id, &title),
        Event::Discarded(id) => conversations::discarded(state, &id),
        Event::Restored(conversation) => conversations::restored(state, conversation),
        Event::Shared { response, shared_id, url } => {
            conversations::shared(state, &response, if url.is_empty() { &shared_id } else { &url })
        }
        Event::PictureDrawn { request, drawn } => {
            pictures::drawn(state, request, drawn);
            Vec::new()
        }
        Event::Unshared { conversation, count } => {
            conversations::unshared(state, conversation, count)
        }
        Event::PicturesRead { pasted, pictures } => {
            attachments::read(state, pasted.as_deref(), pictures)
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
        Event::FindOn(number) => find::go_on(state, number),
        // The time is taken in already.
        Event::Silence => Vec::new(),
        Event::Highlighted(done) => {
            if let Some(slot) = state.open.forest.slot(&done.response) {
                state.open.chat.painted(slot, done);
            }
            Vec::new()
        }
        Event::Changed(id) => conversations::changed(state, id),
        Event::Copied { what, characters, copied } => {
            copying::copied(state, what, characters, copied)
        }
        Event::Edited(edited) => {
            writing::edited(state, edited);
            Vec::new()
        }
        Event::NotTitled => Vec::new(),
        Event::Failed { what, error } => {
            failed(state, what, &error);
            Vec::new()
        }
    }
}

/// Draws with a theme from now on.
fn draw_with(state: &mut State, theme: Theme) {
    if state.theme != theme {
        state.theme = theme;
        state.open.chat.forget_all();
    }
}

/// Decides what is on the screen; to be called before it is drawn.
pub fn prepare(state: &mut State) {
    let areas = areas(state);
    let cells = usize::from(areas.composer_text.width);
    match &mut state.prompt {
        _ if cells == 0 => {}
        Some(prompt) => prompt.field.wrap(cells),
        None => state.composer.wrap(cells),
    }
    let area = areas.chat_text;
    let forest_rows = usize::from(areas.forest.height.saturating_sub(2));
    state.open.lay_out(forest_rows);
    let State { open, answers, keymap, theme, .. } = state;
    let width = usize::from(area.width);
    let height = usize::from(area.height);
    let mut chat = std::mem::take(&mut open.chat);
    let message = |index: usize| super::view::message(open, answers, keymap, index);
    chat.layout(width, height, *theme, open.path.len(), message);
    open.chat = chat;
    if open.read_what_is_shown() {
        open.lay_out(forest_rows);
        state.unsaved = true;
    }
    state.open.look_for_twins();
    visual::keep(state, area.width);
}

/// What the frame on the screen still lacks; to be called after it was drawn.
#[must_use]
pub fn missing(state: &mut State) -> Vec<Effect> {
    let State { open, answers, keymap, .. } = state;
    let mut chat = std::mem::take(&mut open.chat);
    let jobs = chat.unpainted(|index| super::view::message(open, answers, keymap, index));
    open.chat = chat;
    jobs.into_iter().map(Effect::Highlight).collect()
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
            // It may have been smaller in between, and have lost what was there.
            let mut effects = pictures::ask(state);
            effects.push(Effect::Redraw);
            effects
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
    lost(state, error);
    state.say(Role::Error, could_not(what, &error.message));
}

/// Takes in whether a failure means that the server is out of reach.
fn lost(state: &mut State, error: &crate::client::Error) {
    let endpoint = match &state.connection {
        Connection::Embedded => None,
        Connection::Connecting(endpoint)
        | Connection::Connected(endpoint)
        | Connection::Lost { endpoint, .. } => Some(endpoint.clone()),
    };
    if let (ErrorKind::Unavailable, Some(endpoint)) = (error.kind, endpoint) {
        state.connection = Connection::Lost { endpoint, why: error.message.clone() };
    }
}
