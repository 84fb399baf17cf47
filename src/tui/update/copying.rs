//! Copying: a message, the path, a block of code. What of it is on the screen is in `visual`.

use crate::forest::{Response, Slot};
use crate::tui::clipboard::Copied;
use crate::tui::effect::{Effect, What};
use crate::tui::markdown;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;
use crate::tui::words::copying as words;

/// Copies the source of a message.
pub(super) fn message(state: &mut State) -> Vec<Effect> {
    let Some(slot) = meant(state) else { return nothing(state) };
    let text = state.open.forest.response(slot).message.clone();
    copy(state, text, What::Message)
}

/// Copies a path with who said what, as markdown: the one on the screen, or the one to the row under
/// the forest's cursor.
pub(super) fn path(state: &mut State) -> Vec<Effect> {
    let path = match (state.focus, meant(state)) {
        (Focus::Forest, Some(slot)) => state.open.forest.path(slot),
        _ => state.open.path.clone(),
    };
    let text = written_out(path.iter().map(|&slot| state.open.forest.response(slot)));
    copy(state, text, What::Path)
}

/// Copies the block of code of this number, from 1, of a message.
pub(super) fn code(state: &mut State, number: usize) -> Vec<Effect> {
    let Some(slot) = meant(state) else { return nothing(state) };
    match markdown::code_block(&state.open.forest.response(slot).message, number) {
        Ok(text) => copy(state, text, What::CodeBlock(number)),
        Err(count) => {
            let text =
                if count == 0 { words::NO_CODE.to_owned() } else { words::fewer_blocks(count) };
            state.say(Role::Warning, text);
            Vec::new()
        }
    }
}

/// Copies a text; an empty one is nothing to copy.
pub(super) fn copy(state: &mut State, text: String, what: What) -> Vec<Effect> {
    if text.is_empty() {
        return nothing(state);
    }
    vec![Effect::Copy { text, what }]
}

/// A text was copied, or that was tried.
pub(super) fn copied(
    state: &mut State,
    what: What,
    characters: usize,
    copied: Copied,
) -> Vec<Effect> {
    let role = match copied {
        Copied::Tool(_) | Copied::Tmux | Copied::Terminal(_) => Role::Good,
        Copied::File(..) => Role::Warning,
        Copied::Nowhere(_) => Role::Error,
    };
    state.say(role, words::copied(what, characters, &copied));
    match copied {
        Copied::Terminal(sequence) => vec![Effect::ToTerminal(sequence)],
        Copied::Tool(_) | Copied::Tmux | Copied::File(..) | Copied::Nowhere(_) => Vec::new(),
    }
}

fn nothing(state: &mut State) -> Vec<Effect> {
    state.say(Role::Quiet, words::NOTHING);
    Vec::new()
}

/// The message under the forest's cursor, or the selected one.
fn meant(state: &State) -> Option<Slot> {
    match state.focus {
        Focus::Forest => state.open.cursor_slot(),
        Focus::List | Focus::Chat | Focus::Composer => state.open.selected(),
    }
}

/// A path as markdown. A response and its continuation are one message.
fn written_out<'a>(path: impl Iterator<Item = &'a Response>) -> String {
    let mut text = String::new();
    let mut partial = false;
    for response in path {
        let goes_on = partial && !response.is_human();
        partial = response.partial && !response.is_human();
        if !goes_on {
            if !text.is_empty() {
                text.push_str("\n\n");
            }
            text.push_str(&words::heading(response.is_human(), &response.model));
            text.push_str("\n\n");
        }
        text.push_str(&response.message);
    }
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
