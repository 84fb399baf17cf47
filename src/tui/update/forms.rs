//! Forms: opening them, writing in them, and what their values lead to.

use super::picker::{self, Meaning};
use super::{samples, writing};
use crate::forest::{Conversation, Settings};
use crate::tui::action::Action;
use crate::tui::effect::Effect;
use crate::tui::keymap::Key;
use crate::tui::state::composer::Composer;
use crate::tui::state::form::{Field, Form, Name, Purpose, Source};
use crate::tui::state::picker::Picker;
use crate::tui::state::samples::{MOST_SAMPLES, Wish};
use crate::tui::state::{Overlay, State};
use crate::tui::theme::Role;
use crate::tui::words;

/// The fields of a conversation's settings.
const SETTINGS: [Name; 9] = [
    Name::Prompt,
    Name::Model,
    Name::Temperature,
    Name::TopP,
    Name::MaxTokens,
    Name::Stop,
    Name::Seed,
    Name::TopK,
    Name::Search,
];

/// The fields of sampling with choices.
const RESAMPLE: [Name; 8] = [
    Name::Count,
    Name::Model,
    Name::Temperature,
    Name::TopP,
    Name::MaxTokens,
    Name::Seed,
    Name::TopK,
    Name::Prompt,
];

/// The count that stands there the first time.
const USUAL_COUNT: &str = "5";

/// Asks how a conversation is to be answered.
pub(super) fn settings(state: &mut State, conversation: Option<&Conversation>) -> Vec<Effect> {
    let id = conversation.map(|conversation| conversation.id.clone());
    let settings = conversation.map_or(&state.new_settings, |conversation| &conversation.settings);
    let mut form = Form::new(Purpose::Settings(id), &SETTINGS);
    for field in &mut form.fields {
        field.text = Composer::with_text(&settings.value(field.name.setting()));
        field.usual = usual(state, &Settings::default(), field.name);
    }
    open(state, form)
}

/// Asks how answers to the selected response are to be sampled.
pub(super) fn resample(state: &mut State, count: Option<usize>) -> Vec<Effect> {
    let Some(parent) = samples::parent(state) else { return Vec::new() };
    let left = state.samples.left.as_ref().filter(|(of, _)| *of == parent);
    let first = left.map_or(&state.samples.remembered, |(_, texts)| texts).clone();
    let mut form = Form::new(Purpose::Resample(parent), &RESAMPLE);
    let own = state.open.conversation.as_ref().map(|c| c.settings.clone()).unwrap_or_default();
    for (index, field) in form.fields.iter_mut().enumerate() {
        let remembered = first.get(index).cloned();
        let typed = count.filter(|_| field.name == Name::Count).map(|count| count.to_string());
        let first = if field.name == Name::Count { USUAL_COUNT } else { "" };
        let text = typed.or(remembered).unwrap_or_else(|| first.to_owned());
        field.text = Composer::with_text(&text);
        field.usual = match field.name {
            // What was chosen for this run wins over the conversation.
            Name::Model if !state.model.is_empty() => Some((state.model.clone(), Source::Run)),
            name => usual(state, &own, name),
        };
    }
    open(state, form)
}

/// What holds where a field is left empty, and why.
fn usual(state: &State, own: &Settings, name: Name) -> Option<(String, Source)> {
    let configured = Settings { sampling: state.sampling.clone(), ..Settings::default() };
    let service = Settings {
        system_prompt_name: words::forms::REGULAR.to_owned(),
        model: state.default_model.clone(),
        ..Settings::default()
    };
    let known = [
        (own, Source::Conversation),
        (&configured, Source::Configuration),
        (&service, Source::Service),
    ];
    let mut values =
        known.into_iter().map(|(settings, source)| (settings.value(name.setting()), source));
    values.find(|(value, _)| !value.is_empty())
}

fn open(state: &mut State, form: Form) -> Vec<Effect> {
    state.overlay = Some(Overlay::Form(Box::new(form)));
    vec![Effect::LoadModels, Effect::LoadPrompts]
}

/// The names of system prompts have come.
pub(super) fn prompts_loaded(state: &mut State, names: Vec<String>) {
    if let Some(form) = state.form_mut() {
        form.prompts = Some(names);
    }
}

/// A field was clicked.
pub(super) fn click(form: &mut Form, index: usize) {
    if form.picker.is_none() {
        form.cursor = index.min(form.fields.len() - 1);
    }
}

/// The wheel turned.
pub(super) fn wheel(form: &mut Form, by: isize) {
    let by = by.signum();
    let rows = form.picker_rows();
    match &mut form.picker {
        Some(picker) => picker.go(by, rows),
        None => {
            form.cursor = form.cursor.saturating_add_signed(by).min(form.fields.len() - 1);
        }
    }
}

/// A text was pasted.
pub(super) fn paste(form: &mut Form, text: &str) {
    if form.picker.is_none() {
        let field = form.field_mut();
        // A field is one line.
        field.text.insert(&text.replace(['\r', '\n'], " "));
        field.error.clear();
    }
}

/// A key was pressed while the form has the keys.
pub(super) fn key(
    state: &mut State,
    mut form: Box<Form>,
    key: Key,
    action: Option<Action>,
) -> Vec<Effect> {
    if form.picker.is_some() {
        pick(&mut form, key, action);
        state.overlay = Some(Overlay::Form(form));
        return Vec::new();
    }
    let last = form.fields.len() - 1;
    match (action, key.character()) {
        (Some(Action::Cancel), _) => {
            leave(state, *form);
            return Vec::new();
        }
        (Some(Action::Send), _) => return done(state, form),
        (Some(Action::NextPane), _) => {
            form.cursor = if form.cursor == last { 0 } else { form.cursor + 1 };
        }
        (Some(Action::PreviousPane), _) => {
            form.cursor = form.cursor.checked_sub(1).unwrap_or(last);
        }
        (Some(Action::MoveDown), _) => form.cursor = (form.cursor + 1).min(last),
        (Some(Action::MoveUp), _) => form.cursor = form.cursor.saturating_sub(1),
        (None, Some(' ')) if lists_names(&form) => form.picker = Some(Picker::default()),
        (None, Some(c)) => {
            let field = form.field_mut();
            field.text.insert(c.encode_utf8(&mut [0; 4]));
            field.error.clear();
        }
        (Some(action), _) => {
            let field = form.field_mut();
            writing::edit(&mut field.text, action);
            field.error.clear();
        }
        (None, None) => {}
    }
    state.overlay = Some(Overlay::Form(form));
    Vec::new()
}

/// The form closes, and nothing is done. What was chosen for samples is there the next time; settings
/// are what they were.
pub(super) fn leave(state: &mut State, form: Form) {
    match form.purpose {
        Purpose::Resample(parent) => state.samples.left = Some((parent, texts(&form.fields))),
        Purpose::Settings(_) => {}
    }
}

fn texts(fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| field.text.text().to_owned()).collect()
}

/// Whether Space lists names: not behind the comma of several, where one writes on.
fn lists_names(form: &Form) -> bool {
    form.has_names() && !form.field().text.text().trim_end().ends_with(',')
}

/// A key was pressed while the list of names is open.
fn pick(form: &mut Form, key: Key, action: Option<Action>) {
    let several = form.takes_several();
    let rows = form.picker_rows();
    let named = !form.models_named().is_empty();
    let Some(picker) = &mut form.picker else { return };
    match picker::key(picker, rows, key, action) {
        Meaning::Nothing => {}
        Meaning::Leave => form.picker = None,
        Meaning::Mark if several => toggle(form),
        Meaning::Take if several && named => form.picker = None,
        Meaning::Take | Meaning::Mark => {
            if several {
                toggle(form);
            } else {
                take(form);
            }
            form.picker = None;
        }
    }
}

/// Marks or unmarks the name under the cursor.
fn toggle(form: &mut Form) {
    let cursor = form.picker.as_ref().map_or(0, |picker| picker.cursor);
    let Some(name) = form.names_shown().get(cursor).copied() else { return };
    let mut named = form.models_named();
    match named.iter().position(|known| *known == name) {
        Some(index) => drop(named.remove(index)),
        None => named.push(name),
    }
    let text = named.join(", ");
    write(form, &text);
}

/// Takes the name under the cursor, or none.
fn take(form: &mut Form) {
    let cursor = form.picker.as_ref().map_or(0, |picker| picker.cursor);
    let name = cursor.checked_sub(1).and_then(|index| form.names_shown().get(index).copied());
    let name = name.unwrap_or_default().to_owned();
    write(form, &name);
}

fn write(form: &mut Form, text: &str) {
    let field = form.field_mut();
    field.text.set(text);
    field.error.clear();
}

/// Everything was written: goes on if it is right, else says at the fields what is wrong.
fn done(state: &mut State, mut form: Box<Form>) -> Vec<Effect> {
    let base = match &form.purpose {
        // What the form does not show stays.
        Purpose::Settings(Some(id)) => {
            state.known(Some(id)).map(|known| known.settings.clone()).unwrap_or_default()
        }
        Purpose::Settings(None) => state.new_settings.clone(),
        Purpose::Resample(_) => Settings::default(),
    };
    let checked = check(&mut form, base);
    doubt(&mut form, &state.key_told(Action::Send));
    if let Some(first) = form.fields.iter().position(|field| !field.error.is_empty()) {
        form.cursor = first;
        state.overlay = Some(Overlay::Form(form));
        return Vec::new();
    }
    let Checked { settings, count, models } = checked;
    match form.purpose {
        Purpose::Settings(Some(id)) => vec![Effect::SetSettings { id, settings }],
        Purpose::Settings(None) => {
            state.new_settings = settings;
            state.say(Role::Good, words::forms::BEGINS_SO);
            Vec::new()
        }
        Purpose::Resample(parent) => {
            state.samples.remembered = texts(&form.fields);
            state.samples.left = None;
            let wishes = wishes(state, &settings, count, models);
            samples::ask(state, &parent, wishes)
        }
    }
}

/// What a form without mistakes says.
struct Checked {
    settings: Settings,
    count: usize,
    models: Vec<String>,
}

/// Checks every field, with the words and bounds that hold wherever settings are written.
fn check(form: &mut Form, mut settings: Settings) -> Checked {
    let several = matches!(form.purpose, Purpose::Resample(_));
    let models: Vec<String> = form.models_named().into_iter().map(str::to_owned).collect();
    let mut count = 1;
    for field in &mut form.fields {
        let text = field.text.text().trim();
        field.error = match field.name {
            Name::Count => match text.parse() {
                Ok(number) if (1..=MOST_SAMPLES).contains(&number) => {
                    count = number;
                    let all = number * models.len().max(1);
                    if all > MOST_SAMPLES {
                        words::forms::too_many(number, models.len(), MOST_SAMPLES)
                    } else {
                        String::new()
                    }
                }
                Ok(_) | Err(_) => words::forms::bad_count(text, MOST_SAMPLES),
            },
            Name::Model if several => String::new(),
            name => match settings.set_value(name.setting(), text) {
                Ok(()) => String::new(),
                Err(error) => error.to_string(),
            },
        };
    }
    Checked { settings, count, models }
}

/// Doubts names of models that are not listed, once: a server may answer to more than it lists.
fn doubt(form: &mut Form, enter: &str) {
    let models = form.models.as_deref().unwrap_or_default();
    let mut named = form.models_named().into_iter();
    let unknown = named.find(|name| !models.is_empty() && !models.iter().any(|m| m == name));
    let doubt = unknown.map(|name| words::forms::not_listed(name, enter)).unwrap_or_default();
    let field = form.fields.iter_mut().find(|field| field.name == Name::Model);
    if let Some(field) = field.filter(|field| field.error.is_empty()) {
        if field.doubted == doubt {
            return;
        }
        field.error.clone_from(&doubt);
        field.doubted = doubt;
    }
}

/// So many answers of each model. Every model gets the same seeds, so that they can be compared.
fn wishes(state: &State, settings: &Settings, count: usize, models: Vec<String>) -> Vec<Wish> {
    let usual = Wish::usual(state);
    let models = if models.is_empty() { vec![usual.model.clone()] } else { models };
    let sampling = settings.sampling.clone().or(&usual.sampling);
    let of = |model: String| {
        let system_prompt_name = settings.system_prompt_name.clone();
        let wish = Wish { model, system_prompt_name, sampling: sampling.clone() };
        (0..count as u64).map(move |index| wish.clone().numbered(index))
    };
    models.into_iter().flat_map(of).collect()
}
