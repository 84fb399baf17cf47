//! What to do: the only way in which the state acts on the world. Effects are data; the tasks that
//! carry them out are in `effects`.

use std::sync::Arc;

use ratatui::layout::Size;

use crate::client::{AddModelResponse, AddResponse};
use crate::forest::{Annotation, ConversationId, ResponseId, Settings};

use super::event::AnswerId;
use super::session::Place;
use super::state::attachments::Written;

/// Something to be done outside of the state.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Load conversations: all, or those that match; from the beginning or from a page on.
    LoadConversations {
        /// What to search for.
        query: Option<String>,
        /// Where to go on.
        page: Option<String>,
    },
    /// Look what has changed among the conversations; the ones changed last are enough.
    RefreshConversations,
    /// Load a conversation with all its responses.
    Open(ConversationId),
    /// Ask for an answer.
    Answer {
        /// The name under which its pieces are to arrive.
        id: AnswerId,
        /// What to ask for; `conversation: None` makes a new one first.
        turn: Turn,
    },
    /// Stop an answer. What arrived stays.
    Stop(AnswerId),
    /// Store a response written by hand.
    Store {
        /// What to store.
        text: ModelText,
        /// What to do once it is stored.
        then: Then,
    },
    /// Set title and star.
    Update {
        /// Of which conversation.
        id: ConversationId,
        /// The title it is to have.
        title: String,
        /// Whether it is to be starred.
        starred: bool,
    },
    /// Set how the answers of a conversation are sampled.
    SetSettings {
        /// Of which conversation.
        id: ConversationId,
        /// What they are sampled with.
        settings: Settings,
    },
    /// Set all that is noted about a response.
    Annotate {
        /// Where.
        conversation: ConversationId,
        /// Of which response.
        response: ResponseId,
        /// What is noted.
        annotation: Annotation,
    },
    /// Come back to the filter of the forest pane once what is waiting has had its turn.
    FilterOn,
    /// Have a title made from the path up to a response.
    GenerateTitle(ConversationId, ResponseId),
    /// The same where nobody has asked for it: it may fail without a word.
    ImproveTitle(ConversationId, ResponseId),
    /// Move a conversation to the trash.
    Delete {
        /// Which.
        id: ConversationId,
        /// What it is called, for the words about it.
        title: String,
    },
    /// Take out of the trash: this one, or the one deleted last.
    Restore(Option<ConversationId>),
    /// Make a path public.
    Share(ConversationId, ResponseId),
    /// Make a picture ready to be drawn.
    DrawPicture {
        /// The name under which it is to arrive, and under which the terminal keeps it.
        request: u32,
        /// Its address, with its data.
        picture: String,
        /// Cells that it may take.
        room: Size,
    },
    /// Take a picture off the screen that the terminal keeps there, by its name if it has one.
    ErasePicture(Option<u32>),
    /// Take back what is public up to a response.
    Unshare(ConversationId, ResponseId),
    /// Read the pictures that a text names.
    ReadPictures {
        /// Paths, as they were pasted or typed.
        text: String,
        /// Whether the text was pasted, and is only a text if it names no picture.
        pasted: bool,
    },
    /// Remember where one stood in a conversation that leaves the screen, and what was drafted there.
    Remember(ConversationId, Place),
    /// Ask who answers, and with which models.
    AskService,
    /// Ask for the names of the system prompts.
    LoadPrompts,
    /// Ask for the models.
    LoadModels,
    /// Let the search of this number go on, once what came meanwhile was taken in.
    FindOn(u64),
    /// Colour lines of code.
    Highlight(super::highlight::Job),
    /// Put a text where other programs find it.
    Copy {
        /// The text.
        text: String,
        /// What it is.
        what: What,
    },
    /// Write a sequence of ours to the terminal, between two frames.
    ToTerminal(String),
    /// Have the text of the text field edited in the user's editor, which gets the terminal.
    Edit(String),
    /// Draw with the next theme.
    NextTheme,
    /// Take the mouse, or leave it to the terminal.
    Mouse(bool),
    /// Stop the process until the shell resumes it.
    Suspend,
    /// Draw every cell anew.
    Redraw,
    /// Leave the program.
    Quit,
}

/// What is copied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The source of a message.
    Message,
    /// A path, with who said what.
    Path,
    /// The code block of this number, from 1, of a message.
    CodeBlock(usize),
    /// What was selected in the chat.
    Selection,
}

/// A turn that is to be answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// `None`: in a conversation that is made for it.
    pub conversation: Option<ConversationId>,
    /// The settings of one that is made.
    pub settings: Settings,
    /// As [`AddResponse::message`].
    pub message: String,
    /// As [`AddResponse::images`].
    pub images: Vec<Arc<str>>,
    /// As [`AddResponse::parent`].
    pub parent: Option<ResponseId>,
    /// As [`AddResponse::edited_from`].
    pub edited_from: Option<ResponseId>,
    /// As [`AddResponse::model`].
    pub model: String,
    /// As [`AddResponse::system_prompt_name`].
    pub system_prompt_name: String,
    /// As [`AddResponse::sampling`].
    pub sampling: crate::forest::Sampling,
}

impl Turn {
    /// The request, once the conversation is there.
    #[must_use]
    pub fn in_conversation(self, conversation: ConversationId) -> AddResponse {
        AddResponse {
            model: self.model,
            system_prompt_name: self.system_prompt_name,
            sampling: self.sampling,
            edited_from: self.edited_from,
            images: self.images.iter().map(ToString::to_string).collect(),
            ..AddResponse::new(conversation, self.message, self.parent)
        }
    }
}

/// A text in the model's name that is to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelText {
    /// `None`: in a conversation that is made for it.
    pub conversation: Option<ConversationId>,
    /// The settings of one that is made.
    pub settings: Settings,
    /// As [`AddModelResponse::message`].
    pub message: String,
    /// As [`AddModelResponse::partial`].
    pub partial: bool,
    /// As [`AddModelResponse::parent`].
    pub parent: Option<ResponseId>,
    /// As [`AddModelResponse::edited_from`].
    pub edited_from: Option<ResponseId>,
}

impl ModelText {
    /// The request, once the conversation is there.
    #[must_use]
    pub fn in_conversation(self, conversation: ConversationId) -> AddModelResponse {
        AddModelResponse {
            conversation,
            message: self.message,
            partial: self.partial,
            parent: self.parent,
            edited_from: self.edited_from,
        }
    }
}

/// What follows once a response is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Then {
    /// Nothing.
    Keep,
    /// The model goes on from it.
    Continue,
    /// This is said below it, and answered.
    Say(Box<Written>),
}
