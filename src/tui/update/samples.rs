//! Several answers to one response: asking for them, and the panel that shows how they fare.

use super::reading;
use super::turns::{self, Request};
use crate::forest::ResponseId;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::event::AnswerId;
use crate::tui::state::attachments::Written;
use crate::tui::state::samples::{Batch, Fate, MOST_SAMPLES, Sample, Wish};
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;
use crate::tui::view::{self, areas};
use crate::tui::words;

/// Samples answers: siblings of a model response, answers to a human one.
pub(super) fn resample(state: &mut State, count: usize) -> Vec<Effect> {
    let Some(parent) = parent(state) else { return Vec::new() };
    let usual = Wish::usual(state);
    let wishes = (0..count as u64).map(|index| usual.clone().numbered(index)).collect();
    ask(state, &parent, wishes)
}

/// What would be answered anew: says why, if nothing can be.
pub(super) fn parent(state: &mut State) -> Option<ResponseId> {
    let response = turns::target(state)?;
    let parent = if response.is_human() { Some(response.id) } else { response.parent };
    if parent.is_none() {
        let key = state.key_told(Action::Continue);
        state.say(Role::Warning, words::turns::answers_nothing(&key));
    }
    parent
}

/// Asks for an answer for each wish, as many as may run at once. Of several the screen goes along with
/// the first to begin, and only from the end of the path: what one reads further up stays.
pub(super) fn ask(state: &mut State, parent: &ResponseId, mut wishes: Vec<Wish>) -> Vec<Effect> {
    let room = room_for(state, parent);
    if room == 0 {
        return Vec::new();
    }
    if wishes.len() > room {
        wishes.truncate(room);
        state.say(Role::Warning, words::samples::fewer(room, MOST_SAMPLES));
    }
    let followed = wishes.len() == 1 || state.open.selected() == state.open.leaf();
    let mut effects = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let (id, effect) = begin(state, parent, followed, &wish);
        asked(state, id, parent.clone(), wish);
        effects.push(effect);
    }
    effects
}

/// How many more may run below a response; says so, if none may.
fn room_for(state: &mut State, parent: &ResponseId) -> usize {
    let room = MOST_SAMPLES.saturating_sub(state.samples.running_below(parent));
    if room == 0 {
        let key = state.key_told(Action::StopAll);
        state.say(Role::Warning, words::samples::too_many(MOST_SAMPLES, &key));
    }
    room
}

fn begin(
    state: &mut State,
    parent: &ResponseId,
    followed: bool,
    wish: &Wish,
) -> (AnswerId, Effect) {
    let request = Request {
        conversation: state.open.id().cloned(),
        said: Written::default(),
        parent: Some(parent.clone()),
        edited_from: None,
        followed,
        wish: wish.clone(),
    };
    turns::ask(state, request)
}

/// An answer to a response that the service has was asked for.
pub(super) fn asked(state: &mut State, answer: AnswerId, parent: ResponseId, wish: Wish) {
    let model =
        if wish.model.is_empty() { state.answering_model() } else { &wish.model }.to_owned();
    let sample = Sample {
        answer,
        response: None,
        model,
        wish,
        tally: Default::default(),
        fate: Fate::Running,
    };
    state.samples.add(state.open.id().cloned(), parent, sample);
}

/// Stops all answers of the conversation on the screen.
pub(super) fn stop_all(state: &mut State) -> Vec<Effect> {
    let here = state.answers.in_conversation(state.open.id());
    let running: Vec<AnswerId> =
        here.filter(|(_, answer)| !answer.stopping).map(|(id, _)| id).collect();
    if running.is_empty() {
        state.say(Role::Quiet, words::samples::NOTHING_RUNS);
        return Vec::new();
    }
    state.say(Role::Quiet, words::samples::stopping_all(running.len()));
    running.into_iter().filter_map(|id| stop_one(state, id)).collect()
}

/// Stops an answer, once.
pub(super) fn stop_one(state: &mut State, id: AnswerId) -> Option<Effect> {
    let answer = state.answers.get_mut(id).filter(|answer| !answer.stopping)?;
    answer.stopping = true;
    Some(Effect::Stop(id))
}

/// Gives the keys to the panel.
pub(super) fn enter(state: &mut State) -> Vec<Effect> {
    if state.shown_samples().is_none() {
        let none = words::samples::none(&state.keymap.told(Action::Resample));
        state.say(Role::Quiet, none);
        return Vec::new();
    }
    state.samples.active = true;
    state.focus = Focus::Chat;
    let row = state.shown_samples().map(|batch| row_on_screen(state, batch).unwrap_or(0));
    point_to(state, row.unwrap_or(0));
    Vec::new()
}

/// The row of the panel whose response is on the path.
fn row_on_screen(state: &State, batch: &Batch) -> Option<usize> {
    batch.rows.iter().position(|(index, _)| state.is_on_screen(batch, *index))
}

/// A row of the panel was clicked.
pub(super) fn click(state: &mut State, row: usize) -> Vec<Effect> {
    let areas = areas(state);
    let frame = if areas.framed { 2 } else { 1 };
    let lines = usize::from(areas.samples.height.saturating_sub(frame));
    let top = state.shown_samples().map_or(0, |batch| view::samples_top(state, batch, lines));
    enter(state);
    point_to(state, top + row);
    let _ = show(state);
    Vec::new()
}

/// The wheel turned over the panel.
pub(super) fn wheel(state: &mut State, by: isize) {
    if !state.samples_have_keys() {
        enter(state);
    }
    let row = state.sample_row().saturating_add_signed(by.signum());
    point_to(state, row);
}

/// An action while the panel has the keys; `None`: it is meant for what lies below.
pub(super) fn action(
    state: &mut State,
    action: Action,
    count: Option<usize>,
) -> Option<Vec<Effect>> {
    let row = state.sample_row();
    let steps = count.unwrap_or(1);
    match action {
        Action::Down => point_to(state, row.saturating_add(steps)),
        Action::Up => point_to(state, row.saturating_sub(steps)),
        Action::PageDown => point_to(state, row.saturating_add(5)),
        Action::PageUp => point_to(state, row.saturating_sub(5)),
        Action::First => point_to(state, 0),
        Action::Last => point_to(state, usize::MAX),
        Action::Select | Action::Child => drop(show(state)),
        Action::Stop => return Some(stop_at_cursor(state)),
        Action::Resample if count.is_none() && may_be_tried_again(state) => {
            return Some(try_again(state));
        }
        // Beside those that run, one more joins them; alone it would take the place of them all.
        Action::Resample if count.is_none() && has_ended(state) => {
            let key = state.key_told(Action::Resample);
            state.say(Role::Quiet, words::samples::not_failed(&key));
        }
        // What is continued, edited, copied, … is what the cursor points to.
        Action::Copy | Action::StarResponse => return (!show(state)).then(Vec::new),
        Action::Continue | Action::Replace | Action::Label | Action::Note => {
            if !show(state) {
                return Some(Vec::new());
            }
            state.samples.active = false;
            return None;
        }
        Action::Cancel => leave(state),
        Action::Samples => state.samples.active = false,
        Action::StopAll
        | Action::NextSibling
        | Action::PreviousSibling
        | Action::ScrollUp
        | Action::ScrollDown
        | Action::Help
        | Action::Redraw
        | Action::Suspend
        | Action::NextTheme
        | Action::ToggleMouse => return None,
        _ => {
            state.samples.active = false;
            return None;
        }
    }
    Some(Vec::new())
}

/// Back to the chat; a panel that has nothing more to tell goes.
fn leave(state: &mut State) {
    state.samples.active = false;
    let conversation = state.open.id().cloned();
    state.samples.forget_ended(conversation.as_ref());
}

/// Puts the panel's cursor on a row, or on the last one.
fn point_to(state: &mut State, row: usize) {
    let Some(batch) = state.shown_samples() else { return };
    let row = row.min(batch.rows.len().saturating_sub(1));
    let answer = batch.rows.get(row).map(|(index, _)| batch.samples[*index].answer);
    state.samples.cursor = answer;
}

fn at_cursor(state: &State) -> Option<&Sample> {
    let batch = state.shown_samples()?;
    batch.rows.get(state.sample_row()).map(|(index, _)| &batch.samples[*index])
}

/// Shows the sample under the cursor; false, with a word on it, if there is nothing to show.
fn show(state: &mut State) -> bool {
    let Some(sample) = at_cursor(state).cloned() else { return false };
    let slot = sample.response.as_ref().and_then(|id| state.open.forest.slot(id));
    match (slot, sample.fate) {
        (Some(slot), _) => {
            reading::select(state, slot);
            return true;
        }
        (None, Fate::Failed(why)) => state.say(Role::Error, why),
        (None, Fate::Running | Fate::Complete(_) | Fate::Stopped) => {
            state.say(Role::Quiet, words::samples::NOTHING_TO_SHOW);
        }
    }
    false
}

fn has_ended(state: &State) -> bool {
    state.shown_samples().is_some_and(|batch| batch.running() == 0)
}

fn may_be_tried_again(state: &State) -> bool {
    at_cursor(state).is_some_and(|sample| matches!(sample.fate, Fate::Failed(_) | Fate::Stopped))
}

/// Asks once more, in the same way, for the sample under the cursor. What arrived of it stays.
fn try_again(state: &mut State) -> Vec<Effect> {
    let parent = state.shown_samples().map(|batch| batch.parent.clone());
    let (Some(sample), Some(parent)) = (at_cursor(state).cloned(), parent) else {
        return Vec::new();
    };
    if room_for(state, &parent) == 0 {
        return Vec::new();
    }
    let (id, effect) = begin(state, &parent, false, &sample.wish);
    state.samples.again(sample.answer, id);
    state.samples.cursor = Some(id);
    vec![effect]
}

fn stop_at_cursor(state: &mut State) -> Vec<Effect> {
    let Some(answer) = at_cursor(state).map(|sample| sample.answer) else { return Vec::new() };
    let stopped = stop_one(state, answer);
    if stopped.is_none() {
        state.say(Role::Quiet, words::samples::ENDED_ALREADY);
    }
    stopped.into_iter().collect()
}
