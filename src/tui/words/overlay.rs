//! The words of what covers the screen: the help, the models, a choice.

use ratatui::layout::Size;

use crate::model::ModelInfo;

/// The title of the help.
pub const HELP: &str = "Keys · ↑ ↓ PgUp PgDn scroll · Esc closes";
/// The same where there is little room.
pub const SHORT_HELP: &str = "Keys · Esc closes";
/// The title of the models.
pub const MODELS: &str = "Models";
/// What keys do in their list.
pub const PICK_MODEL: &str = "⏎ takes one · letters filter · Esc closes";
/// Said where no name has what was typed in it.
pub const NONE_MATCH: &str = "None has that in its name";
/// The same of a name that can be taken all the same.
pub const NONE_LISTED_SO: &str = "None is listed by that name; ⏎ takes it as it is";
/// They are on their way.
pub const ASKING: &str = "Asking…";
/// What other keys do in a choice.
pub const BACK: &str = " ⏎ takes the marked one · Esc back to the text";

/// In place of everything, on a screen below the smallest size.
#[must_use]
pub fn too_small(size: Size, smallest: Size) -> String {
    let (width, height) = (size.width, size.height);
    format!("{width}x{height} is too small; grok-tui needs {}x{}", smallest.width, smallest.height)
}

/// What a model can, and how long a path may be for it.
#[must_use]
pub fn abilities(model: &ModelInfo) -> String {
    let length = model.context_length.map(|length| format!("{length} tok"));
    let abilities = [
        (model.logprobs, "logprobs"),
        (model.prefill == Some(true), "prefill"),
        (model.images == Some(true), "images"),
    ];
    let abilities = abilities.into_iter().filter(|(can, _)| *can).map(|(_, word)| word.to_owned());
    length.into_iter().chain(abilities).collect::<Vec<_>>().join(" · ")
}

/// A model was taken.
#[must_use]
pub fn taken(name: &str) -> String {
    format!("{name} answers from now on")
}
