//! Colours by role. Only the 16 colours that every terminal has, so that the user's own palette
//! decides what they look like; everything else of the screen names a role.

use ratatui::style::{Color, Modifier, Style};

/// What a piece of the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Text,
    /// Text that stands back: times, hints, counts.
    Quiet,
    /// Frames.
    Border,
    /// The frame of the pane that keys go to.
    ActiveBorder,
    /// A name or title.
    Title,
    /// What a person said.
    Human,
    /// What the model said.
    Model,
    /// A star.
    Star,
    /// An incomplete response.
    Partial,
    /// A response written by hand.
    Manual,
    /// What is being received.
    Streaming,
    /// The row or message that actions apply to.
    Selected,
    /// A heading in a message.
    Heading,
    /// Code and formulas within a line.
    Code,
    /// A code block, as far as nothing else is said of it.
    CodeText,
    /// Words that were looked for.
    Hit,
    /// The place of them that is shown.
    CurrentHit,
    /// In code: a keyword.
    CodeKeyword,
    /// In code: a string.
    CodeString,
    /// In code: a comment.
    CodeComment,
    /// In code: a number, or another constant.
    CodeNumber,
    /// In code: a function.
    CodeFunction,
    /// In code: a type.
    CodeType,
    /// In code: a name in markup, an attribute, a key.
    CodeName,
    /// In code: a line that was added.
    CodeAdded,
    /// In code: a line that was taken away.
    CodeRemoved,
    /// A link.
    Link,
    /// A quotation, and text of reasoning.
    Quote,
    /// A key in a hint.
    Key,
    /// An error.
    Error,
    /// Something worth a look.
    Warning,
    /// Something that went well.
    Good,
}

/// The style of every role.
#[derive(Debug, Clone, Copy)]
pub struct Theme {
    colours: bool,
}

impl Theme {
    /// With colours, or with none (`NO_COLOR`): then only bold, dim, underlined and reversed.
    #[must_use]
    pub fn new(colours: bool) -> Self {
        Self { colours }
    }

    /// The style of a role.
    #[must_use]
    pub fn style(self, role: Role) -> Style {
        let (colour, modifier) = match role {
            Role::Text | Role::CodeText => (None, Modifier::empty()),
            Role::Quiet | Role::Border => (Some(Color::DarkGray), Modifier::DIM),
            Role::ActiveBorder | Role::Key => (Some(Color::Cyan), Modifier::empty()),
            Role::Title | Role::Heading => (None, Modifier::BOLD),
            Role::Human => (Some(Color::Cyan), Modifier::BOLD),
            Role::Model => (Some(Color::Magenta), Modifier::BOLD),
            Role::Star | Role::Partial | Role::Warning => (Some(Color::Yellow), Modifier::empty()),
            Role::Manual => (Some(Color::Blue), Modifier::empty()),
            Role::Streaming | Role::Good => (Some(Color::Green), Modifier::empty()),
            Role::Selected => (None, Modifier::REVERSED),
            Role::Hit => (Some(Color::Yellow), Modifier::UNDERLINED | Modifier::BOLD),
            Role::CurrentHit => (Some(Color::Yellow), Modifier::REVERSED | Modifier::BOLD),
            Role::Code => (Some(Color::Yellow), Modifier::empty()),
            Role::CodeKeyword => (Some(Color::Magenta), Modifier::empty()),
            Role::CodeString | Role::CodeAdded => (Some(Color::Green), Modifier::empty()),
            Role::CodeComment => (Some(Color::DarkGray), Modifier::ITALIC | Modifier::DIM),
            Role::CodeNumber => (Some(Color::Yellow), Modifier::empty()),
            Role::CodeFunction => (Some(Color::Blue), Modifier::empty()),
            Role::CodeType | Role::CodeName => (Some(Color::Cyan), Modifier::empty()),
            Role::CodeRemoved => (Some(Color::Red), Modifier::empty()),
            Role::Link => (Some(Color::Blue), Modifier::UNDERLINED),
            Role::Quote => (Some(Color::DarkGray), Modifier::ITALIC),
            Role::Error => (Some(Color::Red), Modifier::BOLD),
        };
        let style = Style::new();
        match colour {
            // With colours, the grey already says that the text stands back.
            Some(Color::DarkGray) if self.colours => {
                style.fg(Color::DarkGray).add_modifier(modifier - Modifier::DIM)
            }
            Some(colour) if self.colours => style.fg(colour).add_modifier(modifier),
            _ => style.add_modifier(modifier),
        }
    }
}
