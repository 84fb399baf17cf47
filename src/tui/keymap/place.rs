//! Where keys mean what: what has them, and in which of these places a binding holds.

use serde::Deserialize;

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Context {
    /// The text field.
    Writing,
    /// The chat pane.
    Chat,
    /// The forest pane.
    Forest,
    /// The list of conversations.
    List,
    /// The chat pane, while text is selected in it.
    Visual,
    /// The panel of samples below the chat.
    Samples,
}

impl Context {
    pub(super) const ALL: [Self; 6] =
        [Self::Writing, Self::Chat, Self::Forest, Self::List, Self::Visual, Self::Samples];

    /// As it is called in words.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Writing => "the text field",
            Self::Chat => "the chat",
            Self::Forest => "the forest",
            Self::List => "the conversations",
            Self::Visual => "a selection",
            Self::Samples => "the samples",
        }
    }
}

/// Where a binding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In every context.
    Everywhere,
    /// In the text field.
    Writing,
    /// In the chat and the forest.
    Reading,
    /// In the chat, the forest and the list.
    Browsing,
    /// In the chat.
    Chat,
    /// In the forest.
    Forest,
    /// In the list of conversations.
    List,
    /// In the chat, while text is selected.
    Visual,
    /// In the panel of samples.
    Samples,
}

impl Place {
    /// Whether it is part of a context.
    #[must_use]
    pub fn holds_in(self, context: Context) -> bool {
        match self {
            Self::Everywhere => true,
            Self::Writing => context == Context::Writing,
            Self::Reading => {
                matches!(context, Context::Chat | Context::Forest | Context::Samples)
            }
            Self::Browsing => !matches!(context, Context::Writing | Context::Visual),
            Self::Chat => context == Context::Chat,
            Self::Forest => context == Context::Forest,
            Self::List => context == Context::List,
            Self::Visual => context == Context::Visual,
            Self::Samples => context == Context::Samples,
        }
    }

    /// In how many contexts it holds.
    #[must_use]
    pub fn breadth(self) -> usize {
        Context::ALL.into_iter().filter(|context| self.holds_in(*context)).count()
    }

    /// Where both hold.
    pub(super) fn overlap(self, other: Self) -> Option<Context> {
        Context::ALL.into_iter().find(|context| self.holds_in(*context) && other.holds_in(*context))
    }
}
