//! Forms: a few named values to be written, each checked at its field. What they are for is decided
//! in `update`.

use super::composer::Composer;
use super::picker::Picker;
use super::{Overlay, State};
use crate::forest::{ConversationId, ResponseId};

/// What a form is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// How the answers of this conversation are sampled; `None`: of the next one that is begun.
    Settings(Option<ConversationId>),
    /// Sampling answers to this response.
    Resample(ResponseId),
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Name {
    /// How many answers.
    Count,
    /// One model, or with `Purpose::Resample` several with commas between them.
    Model,
    /// A system prompt.
    Prompt,
    /// Softmax temperature.
    Temperature,
    /// Nucleus.
    TopP,
    /// Seed of the random choices.
    Seed,
    /// Longest answer.
    MaxTokens,
    /// Alternatives to record.
    TopK,
    /// Texts that end the answer.
    Stop,
    /// Whether the model may search.
    Search,
}

impl Name {
    /// Its name among the settings, which is also how it is labelled.
    #[must_use]
    pub fn setting(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Model => "model",
            Self::Prompt => "prompt",
            Self::Temperature => "temperature",
            Self::TopP => "top_p",
            Self::Seed => "seed",
            Self::MaxTokens => "max_tokens",
            Self::TopK => "top_k",
            Self::Stop => "stop",
            Self::Search => "search",
        }
    }
}

/// Where the value of a field that is left empty comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The settings of the conversation.
    Conversation,
    /// The user's configuration.
    Configuration,
    /// What was chosen for this run of the program.
    Run,
    /// The service, whose usual value it is.
    Service,
}

/// One value.
#[derive(Debug)]
pub struct Field {
    /// What it is.
    pub name: Name,
    /// What was written.
    pub text: Composer,
    /// What holds if nothing is written, and why; `None`: the model or its server decides.
    pub usual: Option<(String, Source)>,
    /// What is wrong with it; empty: nothing, or it was not checked yet.
    pub error: String,
    /// What was doubted of it once already, and is not doubted again.
    pub doubted: String,
}

/// A form.
#[derive(Debug)]
pub struct Form {
    /// What for.
    pub purpose: Purpose,
    /// Top to bottom.
    pub fields: Vec<Field>,
    /// The field that is written in.
    pub cursor: usize,
    /// The models, once they have come.
    pub models: Option<Vec<String>>,
    /// The system prompts, once they have come.
    pub prompts: Option<Vec<String>>,
    /// The list of names over the form, from which a field is filled, while it is open.
    pub picker: Option<Picker>,
}

impl Form {
    /// An empty form of these fields.
    #[must_use]
    pub fn new(purpose: Purpose, names: &[Name]) -> Self {
        let field = |&name: &Name| Field {
            name,
            text: Composer::default(),
            usual: None,
            error: String::new(),
            doubted: String::new(),
        };
        let fields = names.iter().map(field).collect();
        Self { purpose, fields, cursor: 0, models: None, prompts: None, picker: None }
    }

    /// The field that is written in.
    #[must_use]
    pub fn field(&self) -> &Field {
        &self.fields[self.cursor.min(self.fields.len() - 1)]
    }

    /// The field that is written in, to be changed.
    pub fn field_mut(&mut self) -> &mut Field {
        let last = self.fields.len() - 1;
        &mut self.fields[self.cursor.min(last)]
    }

    /// What was written in a field, without the space around it; empty if there is no such field.
    #[must_use]
    pub fn value(&self, name: Name) -> &str {
        let field = self.fields.iter().find(|field| field.name == name);
        field.map_or("", |field| field.text.text().trim())
    }

    /// The models named, each once.
    #[must_use]
    pub fn models_named(&self) -> Vec<&str> {
        let mut models = Vec::new();
        for model in self.value(Name::Model).split(',').map(str::trim) {
            if !model.is_empty() && !models.contains(&model) {
                models.push(model);
            }
        }
        models
    }

    /// Whether several names may stand in the field that is written in.
    #[must_use]
    pub fn takes_several(&self) -> bool {
        self.field().name == Name::Model && matches!(self.purpose, Purpose::Resample(_))
    }

    /// Whether the field that is written in has names to choose from.
    #[must_use]
    pub fn has_names(&self) -> bool {
        matches!(self.field().name, Name::Model | Name::Prompt | Name::Search)
    }

    /// The names to choose from in the field that is written in; `None` while they are asked for.
    #[must_use]
    pub fn names(&self) -> Option<Vec<&str>> {
        let all = |names: &'_ Option<Vec<String>>| names.is_some();
        match self.field().name {
            Name::Model if !all(&self.models) => None,
            Name::Prompt if !all(&self.prompts) => None,
            Name::Model => Some(self.models.iter().flatten().map(String::as_str).collect()),
            Name::Prompt => Some(self.prompts.iter().flatten().map(String::as_str).collect()),
            Name::Search => Some(vec!["on", "off"]),
            Name::Count
            | Name::Temperature
            | Name::TopP
            | Name::Seed
            | Name::MaxTokens
            | Name::TopK
            | Name::Stop => Some(Vec::new()),
        }
    }

    /// The rows of the open list: names that have in them what was typed.
    #[must_use]
    pub fn names_shown(&self) -> Vec<&str> {
        let mut names = self.names().unwrap_or_default();
        names.retain(|name| self.picker.as_ref().is_none_or(|picker| picker.shows(name)));
        names
    }

    /// How many rows the open list has: where one name is taken, it can also be left out.
    #[must_use]
    pub fn picker_rows(&self) -> usize {
        self.names_shown().len() + usize::from(!self.takes_several())
    }
}

impl State {
    /// The form that covers the screen.
    #[must_use]
    pub fn form(&self) -> Option<&Form> {
        let Some(Overlay::Form(form)) = &self.overlay else { return None };
        Some(form)
    }

    /// The same, to be changed.
    pub fn form_mut(&mut self) -> Option<&mut Form> {
        let Some(Overlay::Form(form)) = &mut self.overlay else { return None };
        Some(form)
    }
}
