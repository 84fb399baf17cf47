//! What the forest pane shows: filters, and only a subtree.

use std::sync::Arc;

use super::reading;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::state::composer::Composer;
use crate::tui::state::filter::Filter;
use crate::tui::state::{Focus, Overlay, Prompt, PromptKind, State};
use crate::tui::theme::Role;
use crate::tui::words::forest as words;

/// Models that a filter offers, and responses that are looked at for them.
const MOST_MODELS: usize = 20;
const MOST_LOOKED_AT: usize = 20_000;

/// An action on what the pane shows.
pub(super) fn action(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Filter => choose(state),
        Action::FilterText => {
            let words = match state.open.filtered().map(|filtered| &filtered.filter) {
                Some(Filter::Text(words)) => words.clone(),
                _ => String::new(),
            };
            let field = Composer::with_text(&words);
            state.prompt = Some(Prompt { kind: PromptKind::Filter, field });
        }
        Action::Hoist => {
            let slot = match state.focus {
                Focus::Forest => reading::at_cursor(state),
                Focus::List | Focus::Chat | Focus::Composer => state.open.selected(),
            };
            match slot {
                Some(slot) => {
                    state.open.filter(None);
                    state.open.hoist(slot);
                }
                None => state.say(Role::Quiet, crate::tui::words::turns::NO_RESPONSE),
            }
        }
        Action::Unhoist if !state.open.unhoist() => state.say(Role::Quiet, words::NOT_HOISTED),
        _ => {}
    }
    Vec::new()
}

fn choose(state: &mut State) {
    let mut options = vec![
        None,
        Some(Filter::Marked),
        Some(Filter::Human),
        Some(Filter::Leaves),
        Some(Filter::Unread),
    ];
    options.extend(models(state).into_iter().map(|model| Some(Filter::Model(model))));
    let now = state.open.filtered().map(|filtered| &filtered.filter);
    let cursor = options.iter().position(|option| option.as_ref() == now).unwrap_or(0);
    state.overlay = Some(Overlay::Filters { options, cursor });
}

/// The models of the newest answers.
fn models(state: &State) -> Vec<Arc<str>> {
    let forest = &state.open.forest;
    let mut models: Vec<Arc<str>> = Vec::new();
    for slot in forest.slots().rev().take(MOST_LOOKED_AT) {
        let model = &forest.response(slot).model;
        if !model.is_empty() && models.len() < MOST_MODELS && !models.contains(model) {
            models.push(Arc::clone(model));
        }
    }
    models
}

/// Lets only some responses through, or all again.
pub(super) fn filter(state: &mut State, filter: Option<Filter>) -> Vec<Effect> {
    if filter.is_some() {
        state.sidebar = true;
        state.focus = Focus::Forest;
    }
    go_on(state.open.filter(filter))
}

/// Words to filter by were written.
pub(super) fn written(state: &mut State, text: &str) -> Vec<Effect> {
    filter(state, (!text.is_empty()).then(|| Filter::Text(text.to_owned())))
}

/// Looks at some more responses.
pub(super) fn filter_on(state: &mut State) -> Vec<Effect> {
    go_on(state.open.filter_on())
}

fn go_on(more: bool) -> Vec<Effect> {
    if more { vec![Effect::FilterOn] } else { Vec::new() }
}
