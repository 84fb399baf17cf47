//! What a user does to the forest: saying, resampling, replacing, continuing, writing as the model.
//! Nothing here changes a response; every one of these makes a new one.

use super::{attachments, history, queue, reading, samples, writing};
use crate::forest::{ConversationId, Response, ResponseId, Settings};
use crate::tui::effect::{Effect, ModelText, Then, Turn};
use crate::tui::event::AnswerId;
use crate::tui::state::answers::Answer;
use crate::tui::state::attachments::Written;
use crate::tui::state::chat::Anchor;
use crate::tui::state::open::DraftKey;
use crate::tui::state::samples::Wish;
use crate::tui::state::{Choice, Exit, Focus, Mode, Overlay, State};
use crate::tui::theme::Role;
use crate::tui::words::turns as words;

/// What the text in the text field is a draft of.
pub(super) fn draft_key(state: &State) -> DraftKey {
    let below = (state.mode == Mode::Message).then(|| state.open.selected_id()).flatten();
    (state.mode.clone(), below)
}

/// Sends what was written.
pub(super) fn send(state: &mut State) -> Vec<Effect> {
    if state.open.loading.is_some() {
        state.say(Role::Warning, words::STILL_LOADING);
        return Vec::new();
    }
    match state.mode.clone() {
        Mode::Message => send_message(state),
        Mode::Replace(id) => send_replacement(state, &id),
        Mode::AsModel(_) => ask_for_exit(state),
    }
}

fn send_message(state: &mut State) -> Vec<Effect> {
    if state.is_blank()
        && state.attachments.reading == 0
        && let Some(sent) = queue::send_held(state)
    {
        return sent;
    }
    if !attachments::ready(state) {
        return Vec::new();
    }
    if let Some(answer) = state.awaited() {
        queue::add(state, answer);
        return Vec::new();
    }
    let parent = state.open.selected_id();
    let said = attachments::take(state);
    history::remember(state, &said.text);
    vec![begin(state, said, parent, None, true)]
}

fn send_replacement(state: &mut State, id: &ResponseId) -> Vec<Effect> {
    let Some(old) = state.open.forest.get(id).cloned() else {
        state.mode = Mode::Message;
        return Vec::new();
    };
    if !old.is_human() {
        return ask_for_exit(state);
    }
    if !attachments::ready(state) {
        return Vec::new();
    }
    let said = attachments::take(state);
    history::remember(state, &said.text);
    state.mode = Mode::Message;
    vec![begin(state, said, old.parent, Some(old.id), true)]
}

/// An answer that is to be asked for.
pub(super) struct Request {
    /// In which conversation; `None`: in a new one.
    pub(super) conversation: Option<ConversationId>,
    /// What is said first; nothing: `parent` is to be answered.
    pub(super) said: Written,
    /// Below which response.
    pub(super) parent: Option<ResponseId>,
    /// What it is a changed copy of.
    pub(super) edited_from: Option<ResponseId>,
    /// Whether the screen goes along with it.
    pub(super) followed: bool,
    /// How it is to be sampled.
    pub(super) wish: Wish,
}

/// Asks for an answer. `followed`: the screen goes along with it.
fn begin(
    state: &mut State,
    said: Written,
    parent: Option<ResponseId>,
    edited_from: Option<ResponseId>,
    followed: bool,
) -> Effect {
    let conversation = state.open.id().cloned();
    begin_in(state, conversation, said, parent, edited_from, followed)
}

/// The same in any conversation that is known.
pub(super) fn begin_in(
    state: &mut State,
    conversation: Option<ConversationId>,
    said: Written,
    parent: Option<ResponseId>,
    edited_from: Option<ResponseId>,
    followed: bool,
) -> Effect {
    let wish = Wish::usual_in(state, state.known(conversation.as_ref()));
    let answered = parent.clone().filter(|_| said.is_empty());
    if answered.is_none() {
        state.samples.forget_ended(conversation.as_ref());
    }
    let request = Request { conversation, said, parent, edited_from, followed, wish: wish.clone() };
    let (id, effect) = ask(state, request);
    if let Some(parent) = answered {
        samples::asked(state, id, parent, wish);
    }
    effect
}

/// Asks for an answer; whether it is one of several samples is left to the caller.
pub(super) fn ask(state: &mut State, request: Request) -> (AnswerId, Effect) {
    let Request { conversation, said, parent, edited_from, followed, wish } = request;
    let (message, images) = (said.message(), said.images());
    // A message below what failed is no new attempt at it.
    let again = said.is_empty();
    let id = state.answers.add(Answer {
        conversation: conversation.clone(),
        parent: parent.clone(),
        response: None,
        makeshift: String::new(),
        aside: String::new(),
        outgoing: (!said.is_empty()).then_some(said),
        followed,
        from: state.open.selected_id(),
        tokens: 0,
        likelihood: Default::default(),
        asked: state.now,
        first_token: None,
        last_token: state.now,
        reasoning: String::new(),
        notice: String::new(),
        stopping: false,
        complete: false,
    });
    let here = conversation.as_ref() == state.open.id();
    if let Some(slot) =
        parent.as_ref().and_then(|id| state.open.forest.slot(id)).filter(|_| here && again)
    {
        state.open.failures.remove(&slot);
    }
    if followed {
        state.open.chat.anchor = Anchor::End;
    }
    let known = state.known(conversation.as_ref());
    let Wish { model, system_prompt_name, mut sampling } = wish;
    let answering = if model.is_empty() { state.model_in(known) } else { &model };
    if answering.starts_with("offline/") {
        sampling.max_tokens_per_second = (state.pace > 0.0).then_some(state.pace);
    }
    let settings = settings_of_new(state, conversation.as_ref());
    let turn = Turn {
        conversation,
        settings,
        message,
        images,
        parent,
        edited_from,
        model,
        system_prompt_name,
        sampling,
    };
    (id, Effect::Answer { id, turn })
}

/// What a conversation that has to be made is set to.
fn settings_of_new(state: &State, conversation: Option<&ConversationId>) -> Settings {
    if conversation.is_some() { Settings::default() } else { state.new_settings.clone() }
}

/// The selected response, once the forest's cursor was taken for a selection.
pub(super) fn target(state: &mut State) -> Option<Response> {
    if state.focus == Focus::Forest {
        reading::commit_cursor(state);
    }
    let response = state.open.selected_response().cloned();
    if response.is_none() {
        state.say(Role::Quiet, words::NO_RESPONSE);
    }
    response
}

/// Takes the selected response into the text field, to make a changed copy of it.
pub(super) fn replace(state: &mut State) -> Vec<Effect> {
    let Some(response) = target(state) else { return Vec::new() };
    if state.answers.of_response(&response.id).is_some() {
        state.say(Role::Quiet, words::AS_FAR_AS_IT_IS);
    }
    let attached = state.attachments.of_response(&response, state.now);
    let text = response.message;
    enter(state, Mode::Replace(response.id), Written { text, attached })
}

/// The same in the user's editor.
pub(super) fn replace_in_editor(state: &mut State) -> Vec<Effect> {
    let mut effects = replace(state);
    if matches!(state.mode, Mode::Replace(_)) && state.focus == Focus::Composer {
        effects.push(Effect::Edit(state.composer.text().to_owned()));
    }
    effects
}

/// Writes in the model's name below the selected response.
pub(super) fn write_as_model(state: &mut State) -> Vec<Effect> {
    if state.focus == Focus::Forest {
        reading::commit_cursor(state);
    }
    let below = state.open.selected_id();
    enter(state, Mode::AsModel(below), Written::default())
}

fn enter(state: &mut State, mode: Mode, first: Written) -> Vec<Effect> {
    if state.mode != mode {
        writing::put_draft_aside(state);
        state.mode = mode;
        writing::take_draft_up(state);
        if state.is_blank() {
            state.composer.load(&first.text);
            attachments::put(state, first.attached);
        }
    }
    state.focus = Focus::Composer;
    Vec::new()
}

/// Back to writing messages; the text stays as a draft. False if that is what is going on.
pub(super) fn leave_mode(state: &mut State) -> bool {
    if state.mode == Mode::Message {
        return false;
    }
    writing::put_draft_aside(state);
    state.mode = Mode::Message;
    writing::take_draft_up(state);
    state.focus = Focus::Chat;
    state.say(Role::Quiet, words::LEFT_AS_IT_WAS);
    true
}

/// Lets the model go on from the selected response.
pub(super) fn go_on(state: &mut State) -> Vec<Effect> {
    let Some(response) = target(state) else { return Vec::new() };
    if response.is_human() {
        return samples::resample(state, 1);
    }
    if state.answers.of_response(&response.id).is_some() {
        state.say(Role::Warning, words::STILL_ARRIVING);
        return Vec::new();
    }
    vec![begin(state, Written::default(), Some(response.id), None, true)]
}

fn ask_for_exit(state: &mut State) -> Vec<Effect> {
    if state.is_blank() {
        state.say(Role::Quiet, words::NOTHING_TO_KEEP);
        return Vec::new();
    }
    let (title, mut options) = match &state.mode {
        Mode::Replace(_) => (
            words::EDITED,
            vec![('k', words::KEEP, Exit::Keep), ('c', words::KEEP_AND_CONTINUE, Exit::Continue)],
        ),
        Mode::AsModel(_) | Mode::Message => (
            words::IN_ITS_NAME,
            vec![
                ('k', words::KEEP_COMPLETE, Exit::Keep),
                ('p', words::KEEP_PARTIAL, Exit::KeepPartial),
                ('c', words::KEEP_AND_CONTINUE, Exit::Continue),
            ],
        ),
    };
    if followed_by_human(state).is_some() {
        options.push(('r', words::KEEP_AND_RESAMPLE, Exit::Resample));
    }
    state.overlay = Some(Overlay::Choice(Choice { title, options, cursor: 0 }));
    Vec::new()
}

/// What a person said right below the response being replaced, on the path if there are several.
fn followed_by_human(state: &State) -> Option<&Response> {
    let Mode::Replace(id) = &state.mode else { return None };
    let child = state.open.child_on_path(state.open.forest.slot(id)?)?;
    let response = state.open.forest.response(child);
    response.is_human().then_some(response)
}

/// Stores a text in the model's name, and does what was chosen to follow.
pub(super) fn leave_by(state: &mut State, exit: Exit) -> Vec<Effect> {
    let follows = followed_by_human(state).cloned();
    let (parent, edited_from) = match &state.mode {
        Mode::Replace(id) => {
            (state.open.forest.get(id).and_then(|old| old.parent.clone()), Some(id.clone()))
        }
        Mode::AsModel(below) => (below.clone(), None),
        Mode::Message => return Vec::new(),
    };
    let conversation = state.open.id().cloned();
    let (partial, then) = match exit {
        Exit::Keep => (false, Then::Keep),
        Exit::KeepPartial => (true, Then::Keep),
        Exit::Continue => (true, Then::Continue),
        Exit::Resample => {
            let said = follows.map(|follows| {
                let attached = state.attachments.of_response(&follows, state.now);
                Box::new(Written { text: follows.message, attached })
            });
            (false, said.map_or(Then::Keep, Then::Say))
        }
    };
    // The text stays in the field until it is stored: a failure must not cost it.
    let message = attachments::written(state).message();
    let settings = settings_of_new(state, conversation.as_ref());
    let text = ModelText { conversation, settings, message, partial, parent, edited_from };
    vec![Effect::Store { text, then }]
}

/// A text in the model's name is stored.
pub(super) fn stored(
    state: &mut State,
    conversation: &ConversationId,
    response: Response,
    then: Then,
) -> Vec<Effect> {
    if state.open.id() != Some(conversation) {
        return Vec::new();
    }
    if state.mode != Mode::Message && attachments::written(state).message() == response.message {
        attachments::take(state);
        state.mode = Mode::Message;
        state.focus = Focus::Chat;
        writing::take_draft_up(state);
    }
    let id = response.id.clone();
    if let Some(slot) = state.open.put(response) {
        reading::select(state, slot);
    }
    state.open.chat.anchor = Anchor::End;
    match then {
        Then::Keep => Vec::new(),
        Then::Continue => vec![begin(state, Written::default(), Some(id), None, true)],
        Then::Say(said) => vec![begin(state, *said, Some(id), None, true)],
    }
}
