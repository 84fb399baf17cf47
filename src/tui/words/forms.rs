//! Words of the forms: how a conversation's answers are sampled, and sampling with choices.

use crate::tui::state::form::{Name, Source};

/// The title of the form of a conversation's settings.
pub const SETTINGS: &str = "How this conversation is answered";
/// The settings of a conversation that is not begun yet were written.
pub const BEGINS_SO: &str = "The conversation begins with these settings";
/// The title of the form of `R`.
pub const RESAMPLE: &str = "Sample answers here";
/// The row of a list that leaves a field empty.
pub const LEAVE_OUT: &str = "default";
/// Said while names are being asked for.
pub const ASKING: &str = "Asking…";
/// Said where a service has no names to offer.
pub const NONE_LISTED: &str = "This service lists none; write the name";

/// Where a value comes from.
fn from(source: Source) -> &'static str {
    match source {
        Source::Conversation => "from the conversation",
        Source::Configuration => "from the configuration",
        Source::Run => "chosen for this run",
        Source::Service => "the default",
    }
}

/// What holds where a field is left empty.
#[must_use]
pub fn usual(name: Name, usual: Option<(&str, Source)>) -> String {
    match (usual, name) {
        (Some((value, source)), _) => format!("{value} · {}", from(source)),
        (None, Name::Seed) => "another one each time".to_owned(),
        (None, Name::Stop) => "none".to_owned(),
        (None, Name::Search) => "off".to_owned(),
        (None, Name::Count | Name::Model | Name::Prompt) => LEAVE_OUT.to_owned(),
        (None, Name::Temperature | Name::TopP | Name::MaxTokens | Name::TopK) => {
            "left to the model".to_owned()
        }
    }
}

/// What would hold if the field were empty.
#[must_use]
pub fn instead(value: &str, source: Source) -> String {
    format!("empty: {value}, {}", from(source))
}

/// Another model was chosen for this run.
#[must_use]
pub fn overruled(model: &str) -> String {
    format!("in this run {model} answers, whatever stands here")
}

/// In front of what is wrong with a field.
#[must_use]
pub fn wrong(said: &str) -> String {
    format!("⚠ {said}")
}

/// How to use the field of names.
pub const LISTS_ONE: &str = "Space lists them";
/// As [`LISTS_ONE`], where several may be named.
pub const LISTS_SEVERAL: &str = "Space lists them; with several, each gives so many answers";
/// What stands in the field of texts that end an answer.
pub const STOPS: &str = "texts that end the answer, such as \"END\" \"\\n\\n\"";
/// What the seed does.
pub const SEED: &str = "the same seed gives the same answer, where the server can do that";
/// What the count of alternatives is for.
pub const TOP_K: &str = "alternatives to record for every token, 0 to 20";
/// What the temperature may be.
pub const TEMPERATURE: &str = "0 to 2; 0 takes the likeliest";
/// What the nucleus may be.
pub const TOP_P: &str = "above 0, up to 1";
/// What the length is.
pub const MAX_TOKENS: &str = "longest answer, in tokens";
/// What a search costs.
pub const SEARCH: &str = "on or off (Space lists them); searches cost money";

/// The seeds of several answers.
#[must_use]
pub fn seeds(seed: u64, count: usize) -> String {
    let last = seed.wrapping_add(count as u64 - 1);
    match count {
        2 => format!("seeds {seed} and {last}, one for each answer"),
        3 => format!("seeds {seed}, {} and {last}, one for each answer", seed.wrapping_add(1)),
        _ => format!("seeds {seed}, {}, … {last}, one for each answer", seed.wrapping_add(1)),
    }
}

/// How many answers there will be.
#[must_use]
pub fn answers(count: usize, models: usize) -> String {
    match (count, models) {
        (1, 1) => "1 answer".to_owned(),
        (count, 1) => format!("{count} answers"),
        (count, models) => format!("{count} × {models} models = {} answers", count * models),
    }
}

/// What a count may be.
#[must_use]
pub fn count(most: usize) -> String {
    format!("1 to {most}")
}

/// What is wrong with a count.
#[must_use]
pub fn bad_count(text: &str, most: usize) -> String {
    format!("count is a whole number from 1 to {most}, not {text:?}")
}

/// Nothing that is known answers by this name.
#[must_use]
pub fn not_listed(name: &str, enter: &str) -> String {
    format!("no server lists {name}; {enter} asks for it all the same")
}

/// More answers than there may be.
#[must_use]
pub fn too_many(count: usize, models: usize, most: usize) -> String {
    format!("{} are too many; {most} at most", answers(count, models))
}

/// What the keys do, in the frame.
#[must_use]
pub fn keys(done: &str, enter: &str, next: &str, leave: &str) -> String {
    format!("{enter} {done}  {next} next  {leave} leave")
}

/// What Enter does with settings, in the frame and in the last row.
pub const SAVES: &str = "save";
/// What Enter does with choices, in the frame and in the last row.
pub const SAMPLES: &str = "sample";
/// The keys of a list of names, of which one is taken.
pub const PICK_ONE: &str = "⏎ takes it · letters filter · Esc back";
/// The keys of a list of names, of which several can be taken.
pub const PICK_SEVERAL: &str = "Space marks · ⏎ takes · letters filter";
/// The system prompt where none is named.
pub const REGULAR: &str = "regular";
