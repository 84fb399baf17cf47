//! Conversations: finding, naming, starring, deleting them, and what becomes of them elsewhere.

use super::{attachments, forest, forms, marks, opening, queue};
use crate::client::Error;
use crate::forest::{Conversation, ConversationId, ResponseId, Settings};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::event::AnswerId;
use crate::tui::state::composer::Composer;
use crate::tui::state::{Focus, Prompt, PromptKind, State};
use crate::tui::theme::Role;
use crate::tui::words;

/// Responses up to which a conversation is loaded again when another program may have changed it.
const MOST_LOADED_ON_SUSPICION: usize = 5_000;

/// An action on a conversation: the one under the cursor of the list, else the one on the screen.
pub(super) fn action(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::NewConversation => return opening::begin_new(state),
        Action::Undelete => return vec![Effect::Restore(state.deleted.take())],
        Action::Search => {
            let field = Composer::with_text(state.list.query.as_deref().unwrap_or_default());
            state.prompt = Some(Prompt { kind: PromptKind::Search, field });
            return Vec::new();
        }
        Action::Settings if target(state).is_none() => return forms::settings(state, None),
        _ => {}
    }
    let Some(conversation) = target(state).cloned() else {
        state.say(Role::Quiet, words::conversations::NONE_YET);
        return Vec::new();
    };
    let id = conversation.id.clone();
    match action {
        Action::Open => {
            state.open.loading = Some(id.clone());
            state.chosen = Some(id.clone());
            state.sought = state.list.query.clone().map(|words| (id.clone(), words));
            vec![Effect::Open(id)]
        }
        Action::Star => {
            vec![Effect::Update { id, title: conversation.title, starred: !conversation.starred }]
        }
        Action::Rename => {
            let field = Composer::with_text(&conversation.title);
            state.prompt = Some(Prompt { kind: PromptKind::Rename(id), field });
            Vec::new()
        }
        Action::Settings => forms::settings(state, Some(&conversation)),
        Action::GenerateTitle => generate_title(state, &id),
        Action::Delete => vec![Effect::Delete { id, title: conversation.title }],
        Action::Share => match state.open.selected_id() {
            Some(response) if state.open.id() == Some(&id) => vec![Effect::Share(id, response)],
            _ => Vec::new(),
        },
        Action::Unshare => match state.open.selected_id() {
            Some(response) if state.open.id() == Some(&id) => vec![Effect::Unshare(id, response)],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn target(state: &State) -> Option<&Conversation> {
    match state.focus {
        Focus::List => state.list.at_cursor(),
        Focus::Forest | Focus::Chat | Focus::Composer => state.open.conversation.as_ref(),
    }
}

fn generate_title(state: &mut State, id: &ConversationId) -> Vec<Effect> {
    match state.open.leaf() {
        Some(leaf) if state.open.id() == Some(id) => {
            state.say(Role::Quiet, words::conversations::FINDING_A_TITLE);
            let leaf = state.open.forest.response(leaf).id.clone();
            vec![Effect::GenerateTitle(id.clone(), leaf)]
        }
        _ => {
            state.say(Role::Quiet, words::conversations::OPEN_FIRST);
            Vec::new()
        }
    }
}

/// A part of the list has come.
pub(super) fn loaded(
    state: &mut State,
    query: Option<String>,
    conversations: Vec<Conversation>,
    first: bool,
    next: Option<String>,
) -> Vec<Effect> {
    super::reached(state);
    if query != state.list.query {
        return Vec::new();
    }
    let here = conversations.iter().find(|c| Some(&c.id) == state.open.id()).cloned();
    if let Some(here) = here {
        state.open.conversation = Some(here);
    }
    state.list.load(conversations, first, next.is_some());
    match next {
        Some(page) => vec![Effect::LoadConversations { query, page: Some(page) }],
        None => Vec::new(),
    }
}

/// A part of the list did not come. Where none of it did, the reason stays on the screen.
pub(super) fn not_loaded(state: &mut State, query: Option<&String>, error: &Error) {
    if query == state.list.query.as_ref() {
        state.list.loading = false;
        state.list.failure = error.message.clone();
    }
    super::failed(state, words::list::LOAD, error);
}

/// A conversation was made for an answer that is about to begin.
pub(super) fn created(
    state: &mut State,
    answer: AnswerId,
    conversation: Conversation,
) -> Vec<Effect> {
    queue::made(state, answer, &conversation.id);
    if let Some(answer) = state.answers.get_mut(answer) {
        answer.conversation = Some(conversation.id.clone());
        answer.makeshift.clone_from(&conversation.title);
    }
    made(state, conversation);
    Vec::new()
}

/// A conversation was made for what is on the screen.
pub(super) fn made(state: &mut State, conversation: Conversation) {
    let id = conversation.id.clone();
    if state.open.conversation.is_none() {
        state.open.conversation = Some(conversation.clone());
        state.new_settings = Settings::default();
    }
    state.list.put(conversation);
    state.list.point_to(&id);
    state.unsaved = true;
}

/// Title or star were stored.
pub(super) fn updated(state: &mut State, conversation: Conversation) -> Vec<Effect> {
    if state.open.id() == Some(&conversation.id) {
        state.open.conversation = Some(conversation.clone());
    }
    state.list.put(conversation);
    Vec::new()
}

/// A title was found and stored.
pub(super) fn titled(state: &mut State, id: &ConversationId, title: String) -> Vec<Effect> {
    let known = state.list.get(id).or(state.open.conversation.as_ref()).cloned();
    match known {
        Some(conversation) if conversation.id == *id => {
            state.notice.take_if(|notice| notice.text == words::conversations::FINDING_A_TITLE);
            updated(state, Conversation { title, ..conversation })
        }
        _ => Vec::new(),
    }
}

/// A conversation is in the trash.
pub(super) fn deleted(state: &mut State, id: ConversationId, title: &str) -> Vec<Effect> {
    let running: Vec<AnswerId> =
        state.answers.in_conversation(Some(&id)).map(|(answer, _)| answer).collect();
    state.list.remove(&id);
    let mut kept = None;
    if state.open.id() == Some(&id) {
        kept = opening::leave(state);
        opening::empty(state);
    }
    let focus = state.focus;
    state.say(Role::Warning, words::conversations::deleted(title));
    state.focus = if focus == Focus::Composer { Focus::List } else { focus };
    state.deleted = Some(id);
    state.unsaved = true;
    let stops = running.into_iter().map(Effect::Stop);
    kept.into_iter().chain(stops).collect()
}

/// A conversation was taken back before anything was said in it. What was to be said stays.
pub(super) fn discarded(state: &mut State, id: &ConversationId) -> Vec<Effect> {
    queue::discarded(state, id);
    state.list.remove(id);
    if let Some(taken) = state.open.conversation.take_if(|open| open.id == *id) {
        state.new_settings = taken.settings;
    }
    for (_, answer) in state.answers.iter_mut() {
        answer.conversation.take_if(|conversation| conversation == id);
    }
    state.unsaved = true;
    Vec::new()
}

/// A conversation is out of the trash.
pub(super) fn restored(state: &mut State, conversation: Conversation) -> Vec<Effect> {
    let id = conversation.id.clone();
    state.say(Role::Good, words::conversations::restored(&conversation.title));
    state.list.put(conversation);
    state.list.point_to(&id);
    state.open.loading = Some(id.clone());
    vec![Effect::Open(id)]
}

/// A path is public.
pub(super) fn shared(state: &mut State, response: &ResponseId, place: &str) -> Vec<Effect> {
    let path: Vec<_> = state
        .open
        .forest
        .slot(response)
        .map(|slot| state.open.forest.path(slot))
        .unwrap_or_default();
    for slot in path {
        let shared =
            crate::forest::Response { shared: true, ..state.open.forest.response(slot).clone() };
        state.open.forest.replace(shared);
    }
    state.say(Role::Good, words::conversations::shared(place));
    Vec::new()
}

/// Paths are public no more. Which responses are still part of another one, only the service knows.
pub(super) fn unshared(state: &mut State, id: ConversationId, count: usize) -> Vec<Effect> {
    if count == 0 {
        state.say(Role::Quiet, words::sharing::NOTHING_SHARED);
        return Vec::new();
    }
    state.say(Role::Good, words::sharing::unshared(count));
    if state.open.id() == Some(&id) { vec![Effect::Open(id)] } else { Vec::new() }
}

/// The conversations that stand first, as they are now. If the one on the screen has responses that
/// are not here, it is loaded again.
pub(super) fn refreshed(
    state: &mut State,
    conversations: Vec<Conversation>,
    whole: bool,
) -> Vec<Effect> {
    super::reached(state);
    let here = conversations.iter().find(|c| Some(&c.id) == state.open.id()).cloned();
    if whole && state.list.query.is_none() {
        state.list.load(conversations, true, false);
    } else {
        conversations.into_iter().for_each(|conversation| state.list.put(conversation));
    }
    let Some(here) = here else { return Vec::new() };
    let id = here.id.clone();
    let missing = here.response_count != state.open.forest.len() as u64;
    state.open.conversation = Some(here);
    let busy = state.answers.in_conversation(Some(&id)).next().is_some();
    if missing && !busy { vec![Effect::Open(id)] } else { Vec::new() }
}

/// The store was changed: by us, or (then anything may have been) by another program.
pub(super) fn changed(state: &mut State, id: Option<ConversationId>) -> Vec<Effect> {
    let mut effects = vec![Effect::RefreshConversations];
    // Our own answers tell us themselves what they change. An answer that another program receives
    // grows without a response more; that is looked for where looking is cheap.
    let open = state.open.loading.as_ref().or(state.open.id()).cloned();
    let busy = state.answers.in_conversation(open.as_ref()).next().is_some();
    let small = state.open.forest.len() <= MOST_LOADED_ON_SUSPICION;
    let meant = |open: &ConversationId| id.as_ref().is_none_or(|id| id == open);
    if let Some(open) = open.filter(|open| meant(open) && !busy && small) {
        effects.push(Effect::Open(open));
    }
    effects
}

/// Loads everything on the screen again.
pub(super) fn refresh(state: &mut State) -> Vec<Effect> {
    let mut effects = vec![Effect::Redraw, Effect::AskService];
    effects.extend(reload(state));
    effects
}

/// The whole list, and the conversation on the screen or on its way to it.
pub(super) fn reload(state: &State) -> Vec<Effect> {
    let list = Effect::LoadConversations { query: state.list.query.clone(), page: None };
    let open = state.open.loading.as_ref().or(state.open.id()).cloned().map(Effect::Open);
    [Some(list), open].into_iter().flatten().collect()
}

/// A prompt was answered.
pub(super) fn prompted(state: &mut State, mut prompt: Prompt) -> Vec<Effect> {
    let text = prompt.field.take();
    let text = text.trim();
    match prompt.kind {
        PromptKind::Rename(id) => {
            let known = state.list.get(&id).or(state.open.conversation.as_ref());
            let starred = known.is_some_and(|conversation| conversation.starred);
            vec![Effect::Update { id, title: text.to_owned(), starred }]
        }
        PromptKind::Find(_) => {
            super::find::accept(state);
            Vec::new()
        }
        PromptKind::Attach => attachments::asked(state, text),
        kind @ (PromptKind::Label(_) | PromptKind::Note(_)) => marks::written(state, &kind, text),
        PromptKind::Filter => forest::written(state, text),
        PromptKind::Search if text.is_empty() => end_search(state),
        PromptKind::Search => {
            state.list.query = Some(text.to_owned());
            state.list.load(Vec::new(), true, true);
            state.focus = Focus::List;
            vec![Effect::LoadConversations { query: state.list.query.clone(), page: None }]
        }
    }
}

/// Shows all conversations again.
pub(super) fn end_search(state: &mut State) -> Vec<Effect> {
    state.list.query = None;
    vec![Effect::LoadConversations { query: None, page: None }]
}
