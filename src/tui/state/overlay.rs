//! What lies over the panes and has the keys: a line that is asked for, a list, a form, the help.

use super::composer::Composer;
use super::filter::Filter;
use super::form::Form;
use super::palette::Palette;
use super::picker::Picker;
use super::pictures::View;
use crate::forest::{ConversationId, ResponseId};
use crate::model::ModelInfo;

/// A line that is asked for.
#[derive(Debug)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// What was written so far.
    pub field: Composer,
}

/// What a prompt is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PromptKind {
    /// A title for this conversation.
    Rename(ConversationId),
    /// Words to search for.
    Search,
    /// Words to find in the conversation on the screen; whether in all of its branches.
    Find(bool),
    /// The path of a picture.
    Attach,
    /// A label for this response.
    Label(ResponseId),
    /// A note on this response.
    Note(ResponseId),
    /// Words that the rows of the forest pane have to contain.
    Filter,
}

/// What covers the screen and has the keys.
#[derive(Debug)]
pub enum Overlay {
    /// All keys, from this row on.
    Help {
        /// First row shown.
        top: usize,
        /// What is searched for.
        field: Composer,
    },
    /// Everything that can be done.
    Palette(Palette),
    /// What to do with a text in the model's name.
    Choice(Choice),
    /// Values to be written.
    Form(Box<Form>),
    /// A picture of a response.
    Picture(View),
    /// What the forest pane is to show.
    Filters {
        /// What can be chosen; `None`: everything.
        options: Vec<Option<Filter>>,
        /// The one under the cursor.
        cursor: usize,
    },
    /// The models.
    Models {
        /// As the service lists them.
        models: Vec<ModelInfo>,
        /// Backends that could not be asked.
        problems: Vec<String>,
        /// The one under the cursor, and which are shown.
        picker: Picker,
        /// Whether they are still being asked for.
        loading: bool,
    },
}

/// A question with a few answers, each with a letter.
#[derive(Debug)]
pub struct Choice {
    /// The question.
    pub title: &'static str,
    /// Letter, words and meaning.
    pub options: Vec<(char, &'static str, Exit)>,
    /// The one that Enter takes.
    pub cursor: usize,
}

/// The ways out of an edit of a text in the model's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Store it as it is.
    Keep,
    /// Store it as incomplete.
    KeepPartial,
    /// Store it as incomplete and let the model go on.
    Continue,
    /// Store it, and have what followed said and answered again.
    Resample,
}
