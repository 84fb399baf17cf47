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

/// The commands that a word may have been meant for, in words to put behind what went wrong; nothing where
/// it resembles none.
pub(super) fn suggestion(word: &str) -> String {
    let program = Cli::command();
    // Without a conversation to open, which every word could be.
    let commands = clap::Command::new("grok-tui").subcommands(program.get_subcommands().cloned());
    let Err(error) = commands.try_get_matches_from(["grok-tui", word]) else {
        return String::new();
    };
    let alike = match error.get(ContextKind::SuggestedSubcommand) {
        Some(ContextValue::Strings(alike)) => alike.clone(),
        Some(ContextValue::String(alike)) => vec![alike.clone()],
        Some(_) | None => Vec::new(),
    };
    // The one that is most like it comes last.
    let alike: Vec<_> = alike.iter().rev().map(|name| format!("`grok-tui {name}`")).collect();
    if alike.is_empty() {
        String::new()
    } else {
        format!("; or did you mean {}?", alike.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_like_a_command_is_taken_for_a_slip() {
        let list = suggestion("lst");
        assert!(
            list.starts_with("; or did you mean `grok-tui list`") && list.ends_with('?'),
            "{list}"
        );
        assert!(suggestion("serach").contains("`grok-tui search`"));
        for word in ["Entropy probe", "7f3a", "--list", "", "list"] {
            assert_eq!(suggestion(word), "", "{word}");
        }
    }
}
