//! What the screen is drawn with: a style for every role, and the signs of the interface. Everything
//! else of the screen names roles and signs, so that themes, terminals and users can differ.

mod entry;
pub mod environment;
mod glyphs;
mod palette;

use std::borrow::Cow;
use std::collections::BTreeMap;

use ratatui::style::Style;
use serde::Deserialize;

pub use entry::Entry;
pub use environment::{Background, Depth, Environment};
pub use glyphs::Glyphs;

/// What a piece of the screen is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
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

impl Role {
    /// All of them, in the order of their declaration, with their names in the configuration.
    pub const ALL: [(Self, &'static str); 32] = [
        (Self::Text, "text"),
        (Self::Quiet, "quiet"),
        (Self::Border, "border"),
        (Self::ActiveBorder, "active_border"),
        (Self::Title, "title"),
        (Self::Human, "human"),
        (Self::Model, "model"),
        (Self::Star, "star"),
        (Self::Partial, "partial"),
        (Self::Manual, "manual"),
        (Self::Streaming, "streaming"),
        (Self::Selected, "selected"),
        (Self::Heading, "heading"),
        (Self::Code, "code"),
        (Self::CodeText, "code_text"),
        (Self::Hit, "hit"),
        (Self::CurrentHit, "current_hit"),
        (Self::CodeKeyword, "code_keyword"),
        (Self::CodeString, "code_string"),
        (Self::CodeComment, "code_comment"),
        (Self::CodeNumber, "code_number"),
        (Self::CodeFunction, "code_function"),
        (Self::CodeType, "code_type"),
        (Self::CodeName, "code_name"),
        (Self::CodeAdded, "code_added"),
        (Self::CodeRemoved, "code_removed"),
        (Self::Link, "link"),
        (Self::Quote, "quote"),
        (Self::Key, "key"),
        (Self::Error, "error"),
        (Self::Warning, "warning"),
        (Self::Good, "good"),
    ];

    /// The role of that name in the configuration.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == name).map(|(role, _)| role)
    }
}

/// The theme that the user wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Name {
    /// The one for the terminal's background.
    #[default]
    Auto,
    /// For a dark background.
    Dark,
    /// For a light background.
    Light,
    /// As much contrast as there is, on any background.
    Contrast,
    /// No colours.
    None,
}

impl Name {
    /// Its name in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Dark => "dark",
            Self::Light => "light",
            Self::Contrast => "contrast",
            Self::None => "none",
        }
    }

    /// The one after it, around and around.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Auto => Self::Dark,
            Self::Dark => Self::Light,
            Self::Light => Self::Contrast,
            Self::Contrast => Self::None,
            Self::None => Self::Auto,
        }
    }
}

/// The signs that the user wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signs {
    /// Those that the terminal can show.
    #[default]
    Auto,
    /// Lines, stars and arrows.
    Unicode,
    /// Only what every terminal has.
    Ascii,
}

/// Everything that a user can say about the looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The theme.
    pub theme: Name,
    /// The signs.
    pub glyphs: Signs,
    /// Whether the screen is to be read aloud: no frames, words for what colours and signs say.
    pub linear: bool,
    /// Styles of single roles, on top of the theme.
    pub roles: BTreeMap<Role, Entry>,
}

/// The style of every role, and the signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    styles: [Style; Role::ALL.len()],
    glyphs: &'static Glyphs,
    linear: bool,
}

impl Theme {
    /// The one for dark backgrounds, or one without any colours; with all signs.
    #[must_use]
    pub fn new(colours: bool) -> Self {
        let name = if colours { Name::Dark } else { Name::None };
        let wishes = Wishes { theme: name, glyphs: Signs::Unicode, ..Wishes::default() };
        Self::of(&wishes, &Environment::default(), Background::Dark)
    }

    /// The one that follows from what the user wants and what the terminal is.
    #[must_use]
    pub fn of(wishes: &Wishes, environment: &Environment, background: Background) -> Self {
        let palette = match (wishes.theme, background) {
            (Name::Auto, _) if environment.no_colours => palette::none,
            (Name::Auto, Background::Dark) | (Name::Dark, _) => palette::dark,
            (Name::Auto, Background::Light) | (Name::Light, _) => palette::light,
            (Name::Contrast, _) => palette::contrast,
            (Name::None, _) => palette::none,
        };
        let colourless = environment.no_colours || wishes.theme == Name::None;
        let styles = Role::ALL.map(|(role, _)| {
            let own = wishes.roles.get(&role).map(|entry| entry.style(environment.depth));
            let style = own.unwrap_or_else(|| palette(role));
            if colourless { Style { fg: None, bg: None, ..style } } else { style }
        });
        let ascii = match wishes.glyphs {
            Signs::Auto => environment.ascii,
            Signs::Unicode => false,
            Signs::Ascii => true,
        };
        let glyphs = Glyphs::of(ascii, wishes.theme == Name::Contrast, wishes.linear);
        Self { styles, glyphs, linear: wishes.linear }
    }

    /// The style of a role.
    #[must_use]
    pub fn style(self, role: Role) -> Style {
        // Roles are numbered as they are declared, from 0.
        self.styles[role as usize]
    }

    /// The signs.
    #[must_use]
    pub fn glyphs(self) -> &'static Glyphs {
        self.glyphs
    }

    /// Words of the interface, their signs included, as the terminal shows them.
    #[must_use]
    pub fn words<'a>(self, words: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        self.glyphs.words(words)
    }

    /// A text cut to `cells`, with a mark where something is missing.
    #[must_use]
    pub fn fit(self, text: &str, cells: usize) -> String {
        self.glyphs.fit(text, cells)
    }

    /// Whether the screen is to be read aloud.
    #[must_use]
    pub fn is_linear(self) -> bool {
        self.linear
    }
}

#[cfg(test)]
mod tests;
