//! Mistakes in what was typed, as clap words them. What was typed is part of the words, and is data like any
//! other text.

use clap::CommandFactory as _;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::Cli;
use crate::text::{visible, visible_lines};

/// The words of an error, without anything in them that a terminal might act on.
pub(super) fn words(mut error: clap::Error) -> String {
    let shown: Vec<(ContextKind, ContextValue)> =
        error.context().map(|(kind, value)| (kind, harmless(value))).collect();
    for (kind, value) in shown {
        error.insert(kind, value);
    }
    let words = error.render().to_string();
    visible_lines(words.trim_end()).into_owned()
}

/// The same part of an error, to be shown. The colours of clap are taken away first: nobody could tell
/// them from those that were typed.
fn harmless(value: &ContextValue) -> ContextValue {
    let text = |text: &String| visible(text).into_owned();
    match value {
        ContextValue::String(one) => ContextValue::String(text(one)),
        ContextValue::Strings(all) => ContextValue::Strings(all.iter().map(text).collect()),
        ContextValue::StyledStr(one) => ContextValue::StyledStr(plain(one)),
        ContextValue::StyledStrs(all) => ContextValue::StyledStrs(all.iter().map(plain).collect()),
        other => other.clone(),
    }
}

fn plain(styled: &StyledStr) -> StyledStr {
    visible_lines(&styled.to_string()).into_owned().into()
}

/// Replaces the usage that was made of what is set, by option or variable, by that of the command:
/// nothing of that is required.
pub(super) fn show_plain_usage(error: &mut clap::Error) {
    let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) else { return };
    let usage = usage.to_string();
    let mut program = Cli::command();
    program.build();
    let mut command = &program;
    for word in usage.split_whitespace().skip_while(|word| *word != "grok-tui").skip(1) {
        let Some(found) = command.find_subcommand(word) else { break };
        command = found;
    }
    let usage = command.clone().render_usage();
    error.insert(ContextKind::Usage, ContextValue::StyledStr(usage));
}

/// A mistake in what was typed, whatever the command.
pub(super) fn misuse(words: &str) -> anyhow::Error {
    Cli::command().error(ErrorKind::ValueValidation, visible_lines(words)).into()
}

/// A mistake in how `command` was called.
pub(super) fn usage(command: &str, words: &str) -> anyhow::Error {
    let mut program = Cli::command();
    program.build();
    let caller = program.find_subcommand_mut(command);
    caller.map_or_else(
        || misuse(words),
        |caller| caller.error(ErrorKind::ValueValidation, visible_lines(words)).into(),
    )
}
