//! What happened: input of the user, and news of the tasks that effects have started.

use crate::client;
use crate::forest::{Annotation, Conversation, ConversationId, Forest, Response, ResponseId};
use crate::model::ModelInfo;

use super::clipboard::Copied;
use super::effect::{Then, What};
use super::state::samples::Likelihood;

/// Names one running answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnswerId(pub u64);

/// Something that the state has to be told.
#[derive(Debug)]
pub enum Event {
    /// Keys, mouse, paste, a new size.
    Terminal(crossterm::event::Event),
    /// The terminal has told what its background is.
    Theme(Box<super::theme::Theme>),
    /// The user went on to another theme.
    ThemeChosen {
        /// Which.
        name: super::theme::Name,
        /// What it is on this terminal.
        theme: Box<super::theme::Theme>,
        /// Whether `NO_COLOR` takes its colours away.
        colourless: bool,
    },
    /// A part of the list of conversations.
    Conversations {
        /// What was searched for; `None`: all conversations.
        query: Option<String>,
        /// The next ones, in the order of the service.
        conversations: Vec<Conversation>,
        /// Whether they are the first ones, which replace those shown before.
        first: bool,
        /// Where the next part begins.
        next: Option<String>,
    },
    /// The list of conversations, or a part of it, did not come.
    NotListed {
        /// What was searched for; `None`: all conversations.
        query: Option<String>,
        /// Why.
        error: client::Error,
    },
    /// The conversations that stand first in the list, as they are now.
    Refreshed {
        /// In the order of the service.
        conversations: Vec<Conversation>,
        /// Whether there are no others.
        whole: bool,
    },
    /// A conversation was loaded.
    Opened {
        /// What it is.
        conversation: Conversation,
        /// All of its responses.
        forest: Box<Forest>,
        /// What is noted about some of them.
        annotations: Vec<(ResponseId, Annotation)>,
        /// What was remembered of the last visit.
        place: Box<super::session::Place>,
    },
    /// A conversation could not be loaded.
    NotOpened {
        /// Which one.
        id: ConversationId,
        /// Why.
        error: client::Error,
    },
    /// A conversation was made for an answer that is about to begin.
    Created {
        /// The answer.
        answer: AnswerId,
        /// What it is.
        conversation: Conversation,
    },
    /// Pieces of an answer that have arrived since the last such event.
    Answer {
        /// Which one.
        id: AnswerId,
        /// In order.
        pieces: Vec<Piece>,
    },
    /// An answer on the screen has been silent for another second.
    Silence,
    /// No more of an answer will come.
    AnswerEnded {
        /// Which one.
        id: AnswerId,
        /// Why, if it is not complete.
        error: Option<client::Error>,
    },
    /// A response written by hand is stored.
    Stored {
        /// Where.
        conversation: ConversationId,
        /// The conversation, if it was made for it.
        made: Option<Conversation>,
        /// As stored.
        response: Response,
        /// What was to follow.
        then: Then,
    },
    /// What is noted about a response is stored.
    Annotated {
        /// Where.
        conversation: ConversationId,
        /// Of which response.
        response: ResponseId,
        /// What is stored.
        annotation: Annotation,
    },
    /// It could not be stored.
    NotAnnotated {
        /// Where.
        conversation: ConversationId,
        /// Of which response.
        response: ResponseId,
        /// Why.
        error: client::Error,
    },
    /// There are more responses to be looked at for the filter of the forest pane.
    FilterOn,
    /// Title or star of a conversation are stored.
    Updated(Conversation),
    /// A title was found.
    Titled {
        /// Of which conversation.
        conversation: ConversationId,
        /// The title, stored already.
        title: String,
    },
    /// A conversation is in the trash. Whatever lists it may have been renewed by now.
    Deleted {
        /// Which.
        id: ConversationId,
        /// What it was called.
        title: String,
    },
    /// A conversation that was made for a turn was taken back: the service did not take the turn.
    Discarded(ConversationId),
    /// A conversation is out of the trash.
    Restored(Conversation),
    /// The path up to a response is public.
    Shared {
        /// Up to where.
        response: ResponseId,
        /// The id under which it is found.
        shared_id: String,
        /// Where it can be read; empty: nowhere yet.
        url: String,
    },
    /// What was public up to a response is so no more.
    Unshared {
        /// Where.
        conversation: ConversationId,
        /// How many paths it was; 0: nothing was shared up to there.
        count: usize,
    },
    /// A picture is ready to be drawn.
    PictureDrawn {
        /// The name under which it was asked for.
        request: u32,
        /// It, or why it is not shown, in words.
        drawn: Result<Box<super::picture::Drawn>, String>,
    },
    /// Pictures were read from files.
    PicturesRead {
        /// The text that named them, if it was pasted.
        pasted: Option<String>,
        /// Their addresses, or why there are none, in words.
        pictures: Result<Vec<String>, String>,
    },
    /// Who answers.
    Service(client::ServiceInfo),
    /// The models behind the service, and backends that could not be asked.
    Models(Vec<ModelInfo>, Vec<String>),
    /// The search of this number in the conversation on the screen is to go on.
    FindOn(u64),
    /// Lines of code were coloured.
    Highlighted(super::highlight::Done),
    /// The names of the system prompts; none where the service cannot tell.
    Prompts(Vec<String>),
    /// The store was changed, perhaps by another program; `None`: anything may have changed.
    Changed(Option<ConversationId>),
    /// A text was copied, as far as that can be known.
    Copied {
        /// What it is.
        what: What,
        /// Its length.
        characters: usize,
        /// Where it went.
        copied: Copied,
    },
    /// The user's editor has ended: the text, or why there is none, in words.
    Edited(Result<String, String>),
    /// No title was found that nobody had asked for.
    NotTitled,
    /// Something was asked for and failed.
    Failed {
        /// What was asked for, as in "could not WHAT".
        what: &'static str,
        /// Why.
        error: client::Error,
    },
}

/// A piece of an answer. Tokens that arrive together come as one piece.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// The human response is stored.
    User(Response),
    /// The answer is stored from here on.
    Started(Response),
    /// Text, and how many tokens it was.
    Text(String, u32),
    /// How likely the tokens since the last such piece were, where the model tells.
    Likelihood(Likelihood),
    /// Reasoning text.
    Reasoning(String),
    /// What is being waited for, in words.
    Notice(String),
    /// The complete answer.
    Finished(Response),
}
