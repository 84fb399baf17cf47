//! Words on copying and on the selection in the chat.

use std::path::Path;

use crate::tui::clipboard::{Copied, WhyFile};
use crate::tui::effect::What;

/// Who speaks, in a path that is copied; `model` may be empty.
#[must_use]
pub fn heading(human: bool, model: &str) -> String {
    let who = if human { super::chat::YOU } else { super::chat::GROK };
    match model {
        "" => format!("## {who}"),
        model => format!("## {who} ({model})"),
    }
}

/// Nothing is on the screen that could be copied.
pub const NOTHING: &str = "There is nothing to copy";
/// Nothing but empty rows was selected.
pub const NOTHING_SELECTED: &str = "There is no text in what is selected";
/// Why a text is nowhere: nothing was left to try.
pub const NO_WAY: &str = "no way was left to try";
/// Why a program was given up.
pub const TOO_SLOW: &str = "it takes too long";
/// The message holds no code.
pub const NO_CODE: &str = "There is no code block in this message";

/// The message holds fewer blocks of code.
#[must_use]
pub fn fewer_blocks(count: usize) -> String {
    match count {
        1 => "This message has one code block only".to_owned(),
        count => format!("This message has {count} code blocks only"),
    }
}

/// What was copied.
fn name(what: What) -> String {
    match what {
        What::Message => "the message".to_owned(),
        What::Path => "the path".to_owned(),
        What::CodeBlock(number) => format!("code block {number}"),
        What::Selection => "the selection".to_owned(),
    }
}

/// What became of a copy, and nothing that is not known.
#[must_use]
pub fn copied(what: What, characters: usize, copied: &Copied) -> String {
    let name = name(what);
    let size = match characters {
        1 => "1 character".to_owned(),
        count => format!("{count} characters"),
    };
    match copied {
        Copied::Tool(tool) => format!("Copied {name}, {size}, with {tool}"),
        Copied::Tmux => {
            format!("Copied {name}, {size}, with tmux, which tells the terminal if it may")
        }
        Copied::Terminal(_) => format!(
            "Sent {size} to the terminal (OSC 52); most put it into the clipboard, some ask or refuse"
        ),
        Copied::File(path, why) => file(&name, &size, path, *why),
        Copied::Nowhere(why) => format!("Could not copy {name}: {why}"),
    }
}

fn file(name: &str, size: &str, path: &Path, why: WhyFile) -> String {
    let path = path.display();
    match why {
        WhyFile::Asked => format!("Written to {path}: {name}, {size}"),
        WhyFile::NoClipboard => format!("Written to {path}: no clipboard was found"),
        WhyFile::TooLong => {
            format!("Written to {path}: {size} are too many for the terminal's clipboard")
        }
    }
}
