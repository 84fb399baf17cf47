//! The themes. Only the 16 colours that every terminal has, so that the user's own palette decides
//! what they look like. No theme tells anything by colour alone: a sign or a word is always there.

use ratatui::style::{Color, Modifier, Style};

use super::Role;

/// For dark backgrounds.
pub(super) fn dark(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Text | Role::CodeText => style,
        Role::Quiet | Role::Border => style.fg(Color::DarkGray),
        Role::ActiveBorder | Role::Key | Role::CodeType | Role::CodeName => style.fg(Color::Cyan),
        Role::Title | Role::Heading => style.bold(),
        Role::Human => style.fg(Color::Cyan).bold(),
        Role::Model => style.fg(Color::Magenta).bold(),
        Role::Star | Role::Partial | Role::Warning => style.fg(Color::Yellow),
        Role::Manual | Role::CodeFunction => style.fg(Color::Blue),
        Role::Streaming | Role::Good => style.fg(Color::Green),
        Role::Selected => style.reversed(),
        Role::Hit => style.fg(Color::Yellow).underlined().bold(),
        Role::CurrentHit => style.fg(Color::Yellow).reversed().bold(),
        Role::Code | Role::CodeNumber => style.fg(Color::Yellow),
        Role::CodeKeyword => style.fg(Color::Magenta),
        Role::CodeString | Role::CodeAdded => style.fg(Color::Green),
        Role::CodeComment | Role::Quote => style.fg(Color::DarkGray).italic(),
        Role::CodeRemoved => style.fg(Color::Red),
        Role::Link => style.fg(Color::Blue).underlined(),
        Role::Error => style.fg(Color::Red).bold(),
    }
}

/// For light backgrounds: of the 16 colours only blue, magenta, red and the dark grey can be read on
/// white.
pub(super) fn light(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Text | Role::CodeText | Role::CodeNumber | Role::CodeName => style,
        Role::Quiet | Role::Border => style.fg(Color::DarkGray),
        Role::ActiveBorder | Role::Key => style.fg(Color::Blue),
        Role::Title | Role::Heading => style.bold(),
        Role::Human => style.fg(Color::Blue).bold(),
        Role::Model => style.fg(Color::Magenta).bold(),
        Role::Star | Role::Manual => style.fg(Color::Magenta),
        Role::Partial | Role::Warning => style.fg(Color::Red),
        Role::Streaming | Role::Good => style.fg(Color::Blue).bold(),
        Role::Selected => style.reversed(),
        Role::Hit => style.fg(Color::Magenta).underlined().bold(),
        Role::CurrentHit => style.fg(Color::Magenta).reversed().bold(),
        Role::Code | Role::CodeString => style.fg(Color::Magenta),
        Role::CodeKeyword => style.fg(Color::Blue).bold(),
        Role::CodeFunction | Role::CodeType | Role::CodeAdded => style.fg(Color::Blue),
        Role::CodeComment | Role::Quote => style.fg(Color::DarkGray).italic(),
        Role::CodeRemoved => style.fg(Color::Red),
        Role::Link => style.fg(Color::Blue).underlined(),
        Role::Error => style.fg(Color::Red).bold(),
    }
}

/// The terminal's own two colours, which are told apart best, and everything else by bold,
/// underlined and reversed. Nothing is dim or grey.
pub(super) fn contrast(role: Role) -> Style {
    let style = Style::new();
    match role {
        Role::Text
        | Role::CodeText
        | Role::Quiet
        | Role::Border
        | Role::Manual
        | Role::CodeString
        | Role::CodeNumber
        | Role::CodeName
        | Role::CodeType
        | Role::CodeFunction => style,
        Role::ActiveBorder
        | Role::Title
        | Role::Model
        | Role::Star
        | Role::Streaming
        | Role::Good
        | Role::Key
        | Role::Code
        | Role::CodeKeyword
        | Role::CodeAdded => style.bold(),
        Role::Human | Role::Heading | Role::Partial | Role::Warning | Role::Hit => {
            style.bold().underlined()
        }
        Role::Selected | Role::CurrentHit | Role::Error => style.bold().reversed(),
        Role::Link | Role::CodeRemoved => style.underlined(),
        Role::CodeComment | Role::Quote => style.italic(),
    }
}

/// No colours: those of the dark theme taken away, and what would be grey is dim.
pub(super) fn none(role: Role) -> Style {
    let style = dark(role);
    let quiet = style.fg == Some(Color::DarkGray);
    let style = Style { fg: None, bg: None, ..style };
    // Italics stand back enough.
    if quiet && !style.add_modifier.contains(Modifier::ITALIC) { style.dim() } else { style }
}
