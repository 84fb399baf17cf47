//! What covers the screen: the help, a choice, the models.

use super::picker::{self, Meaning};
use super::{forms, pictures, turns, writing};
use crate::model::ModelInfo;
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::{Context, Key};
use crate::tui::state::composer::Composer;
use crate::tui::state::picker::Picker;
use crate::tui::state::{Choice, Overlay, State};
use crate::tui::theme::Role;
use crate::tui::view;
use crate::tui::words::overlay as words;

/// What a key means to a list with a cursor.
enum Move {
    By(isize),
    Take,
    Leave,
    Nothing,
}

fn meaning(key: Key, action: Option<Action>) -> Move {
    match key.to_string().as_str() {
        "↓" | "j" | "Tab" => Move::By(1),
        "↑" | "k" | "Shift-Tab" => Move::By(-1),
        "PgDn" | "Space" => Move::By(10),
        "PgUp" => Move::By(-10),
        "Home" | "g" => Move::By(-1_000_000),
        "End" | "G" => Move::By(1_000_000),
        "⏎" => Move::Take,
        "Esc" | "q" => Move::Leave,
        _ if action == Some(Action::Help) => Move::Leave,
        _ => Move::Nothing,
    }
}

/// A key was pressed while something covers the screen.
pub(super) fn key(state: &mut State, key: Key, action: Option<Action>) -> Vec<Effect> {
    match state.overlay.take() {
        Some(Overlay::Help { top, field }) => help(state, top, field, key, action),
        // Its keys may do anything; `keys` sees to it.
        Some(Overlay::Palette(palette)) => state.overlay = Some(Overlay::Palette(palette)),
        Some(Overlay::Picture(view)) => return pictures::key(state, view, key, action),
        Some(Overlay::Filters { options, cursor }) => {
            let last = options.len().saturating_sub(1);
            let cursor = match meaning(key, action) {
                Move::By(by) => cursor.saturating_add_signed(by).min(last),
                Move::Take => {
                    let filter = options.into_iter().nth(cursor).flatten();
                    return super::forest::filter(state, filter);
                }
                Move::Leave => return Vec::new(),
                Move::Nothing => cursor,
            };
            state.overlay = Some(Overlay::Filters { options, cursor });
        }
        Some(Overlay::Choice(choice)) => return choose(state, choice, key, action),
        Some(Overlay::Form(form)) => return forms::key(state, form, key, action),
        Some(Overlay::Models { models, problems, mut picker, loading }) => {
            let mut shown = models.iter().filter(|model| picker.shows(&model.name));
            let (rows, name) = (shown.clone().count(), shown.nth(picker.cursor));
            // Letters are typed.
            let action = state.keymap.action(key, Context::Writing);
            match picker::key(&mut picker, rows, key, action) {
                Meaning::Nothing => {}
                Meaning::Take | Meaning::Mark => {
                    if let Some(name) = name.map(|model| &*model.name).or(picker.whole_name()) {
                        take_model(state, name);
                        return Vec::new();
                    }
                }
                Meaning::Leave => return Vec::new(),
            }
            state.overlay = Some(Overlay::Models { models, problems, picker, loading });
        }
        None => {}
    }
    Vec::new()
}

/// Whatever covers the screen closes.
pub(super) fn close(state: &mut State) {
    if let Some(Overlay::Form(form)) = state.overlay.take() {
        forms::leave(state, *form);
    }
}

/// The help: letters search it, other keys scroll or close it.
fn help(state: &mut State, top: usize, mut field: Composer, key: Key, action: Option<Action>) {
    let closes = action == Some(Action::Help);
    let typed = key.character().filter(|c| !field.text().is_empty() || !closes && *c != ' ');
    let mut top = top;
    if let Some(c) = typed {
        field.insert(c.encode_utf8(&mut [0; 4]));
        top = 0;
    } else {
        let last = view::help_last_top(state, field.text());
        let page = isize::try_from(state.size.height.saturating_sub(3)).unwrap_or(1);
        match meaning(key, action) {
            Move::By(10) => top = top.saturating_add_signed(page).min(last),
            Move::By(-10) => top = top.saturating_add_signed(-page),
            Move::By(by) => top = top.saturating_add_signed(by).min(last),
            Move::Leave if !closes && !field.text().is_empty() => field = Composer::default(),
            Move::Take | Move::Leave => return,
            Move::Nothing => {
                if let Some(action) = state.keymap.action(key, Context::Writing) {
                    writing::edit(&mut field, action);
                    top = 0;
                }
            }
        }
    }
    state.overlay = Some(Overlay::Help { top, field });
}

fn choose(state: &mut State, mut choice: Choice, key: Key, action: Option<Action>) -> Vec<Effect> {
    if let Some(c) = key.character()
        && let Some((_, _, exit)) = choice.options.iter().find(|(letter, _, _)| *letter == c)
    {
        return turns::leave_by(state, *exit);
    }
    match meaning(key, action) {
        Move::By(by) => {
            let last = choice.options.len().saturating_sub(1);
            choice.cursor = choice.cursor.saturating_add_signed(by).min(last);
        }
        Move::Take => {
            if let Some((_, _, exit)) = choice.options.get(choice.cursor) {
                return turns::leave_by(state, *exit);
            }
        }
        Move::Leave => return Vec::new(),
        Move::Nothing => {}
    }
    state.overlay = Some(Overlay::Choice(choice));
    Vec::new()
}

/// Opens the list of models.
pub(super) fn choose_model(state: &mut State) -> Vec<Effect> {
    state.overlay = Some(Overlay::Models {
        models: Vec::new(),
        problems: Vec::new(),
        picker: Picker::default(),
        loading: true,
    });
    vec![Effect::LoadModels]
}

/// The models have come.
pub(super) fn models_loaded(state: &mut State, models: Vec<ModelInfo>, problems: Vec<String>) {
    if let Some(form) = state.form_mut() {
        form.models = Some(models.into_iter().map(|model| model.name).collect());
        return;
    }
    let current = state.answering_model();
    let at = models.iter().position(|model| model.name == current).unwrap_or(0);
    if let Some(Overlay::Models { models: shown, problems: told, picker, loading }) =
        &mut state.overlay
    {
        // What was typed meanwhile stays.
        picker.cursor = if picker.filter.is_empty() { at } else { 0 };
        (*shown, *told, *loading) = (models, problems, false);
    }
}

/// A model answers from now on. A server may have more than it lists, so a name that begins with its
/// server is taken as it was typed.
fn take_model(state: &mut State, name: &str) {
    name.clone_into(&mut state.model);
    state.say(Role::Good, words::taken(name));
}
