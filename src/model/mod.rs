//! Models: what turns a path through the forest into a stream of tokens. This file owns the
//! interface between the service and any backend; each backend has a file of its own.

pub mod error;
mod logprobs;
pub mod offline;
pub mod openai;
mod patience;
pub(crate) mod prefill;
pub mod registry;
pub mod scripted;
mod tokens;
mod turn;
pub mod xai;

use futures::future::BoxFuture;
use futures::stream::BoxStream;

pub use error::{Error, ErrorKind};
pub use patience::{RetryPolicy, Timeouts};
pub use registry::Registry;

use crate::forest::{ConversationId, Sampling, Source, Token, Usage};

/// Candidates that are asked for where the request does not say.
pub const DEFAULT_TOP_K: u32 = 5;

/// Who says a message of a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Instructions that stand before the conversation.
    System,
    /// A person.
    User,
    /// The model.
    Assistant,
}

/// One message of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Who says it.
    pub role: Role,
    /// What is said.
    pub text: String,
    /// Pictures that come with it, each as an address: `https:`, or `data:` with the picture in it.
    pub images: Vec<String>,
}

impl Message {
    /// A message of nothing but text.
    #[must_use]
    pub fn new(role: Role, text: impl Into<String>) -> Self {
        Self { role, text: text.into(), images: Vec::new() }
    }
}

/// What to sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The model's name within its backend, without the `backend/` in front.
    pub model: String,
    /// The conversation so far. When the last message is the assistant's, the answer continues it
    /// and holds only the new text.
    pub messages: Vec<Message>,
    /// How to sample.
    pub sampling: Sampling,
    /// Whose turn this is; servers use it to find their cache again.
    pub conversation: Option<ConversationId>,
}

impl Request {
    /// The text to continue, where the last message is the assistant's.
    #[must_use]
    pub fn prefix(&self) -> Option<&str> {
        self.messages.last().filter(|m| m.role == Role::Assistant).map(|m| m.text.as_str())
    }
}

/// What a backend reports while it samples.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The next token of the answer.
    Token(Token),
    /// The next piece of reasoning text, which is not part of the answer.
    Reasoning(String),
    /// A search made by the model.
    Query {
        /// What it looks for.
        query: String,
        /// Where: `web`, `x`, ...
        kind: String,
    },
    /// Something that the answer rests on. Told once for each.
    Source(Source),
    /// What the backend is waiting for, in words (a retry, a model being loaded).
    Notice(String),
    /// The answer is complete. Always the last event; a stream that ends without it broke off.
    Finish {
        /// As the server named it: `stop`, `length`, ...
        reason: String,
        /// What it cost, if the server told.
        usage: Option<Usage>,
    },
}

/// A model that can be asked for, and what it can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelInfo {
    /// The model's name within its backend; with the `backend/` in front where a registry lists it.
    pub name: String,
    /// Longest prompt and answer together, in tokens, if known.
    pub context_length: Option<u32>,
    /// Tells token probabilities.
    pub logprobs: bool,
    /// Continues a given beginning of the answer; `None` if nobody knows.
    pub prefill: Option<bool>,
    /// Takes pictures; `None` if nobody knows.
    pub images: Option<bool>,
    /// What it costs, if known.
    pub price: Option<Price>,
}

impl ModelInfo {
    /// A model of which nothing but the name is known.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            context_length: None,
            logprobs: false,
            prefill: None,
            images: None,
            price: None,
        }
    }
}

/// What tokens cost, in hundredths of a US cent per million.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    /// Tokens that are read.
    pub prompt: u64,
    /// Tokens that are written.
    pub completion: u64,
}

impl Price {
    /// Both in US dollars per million tokens.
    #[must_use]
    pub fn in_dollars(self) -> [f64; 2] {
        [self.prompt, self.completion].map(|price| price as f64 / 10_000.0)
    }
}

/// The events of one answer. Dropping it cancels the request behind it.
pub type EventStream = BoxStream<'static, Result<Event, Error>>;

/// A source of answers.
pub trait Backend: Send + Sync + 'static {
    /// Begins to sample. Errors come as the stream's last item.
    fn sample(&self, request: Request) -> EventStream;

    /// The models it offers.
    ///
    /// # Errors
    /// When the server behind it cannot be asked.
    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>>;

    /// Whether `models` names all there are: a name that is not among them is refused without asking.
    fn lists_all(&self) -> bool {
        false
    }

    /// Whether its models follow instructions well enough to be asked for a title.
    fn follows_instructions(&self) -> bool {
        true
    }
}
