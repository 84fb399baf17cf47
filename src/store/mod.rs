//! Where conversations are kept. This file owns the interface that the service relies on; SQL
//! stands only in the files below it.

pub mod sqlite;

use async_trait::async_trait;
use tokio::sync::{broadcast, mpsc};

use crate::forest::{
    Annotation, Conversation, ConversationId, Details, Response, ResponseId, Settings, Time, Token,
};

pub use sqlite::{SqliteStore, StoreCheck, StoreStamp};

/// What can go wrong in the store.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// No conversation of that name, or it is in the trash.
    #[error("there is no conversation {0}")]
    NoConversation(ConversationId),
    /// No response of that name in the conversation.
    #[error("there is no response {response} in conversation {conversation}")]
    NoResponse {
        /// Where it was looked for.
        conversation: ConversationId,
        /// What was looked for.
        response: ResponseId,
    },
    /// A response or conversation of that name is there already.
    #[error("{0} exists already")]
    Exists(String),
    /// A page token that this store did not make.
    #[error("the page token is not one of this service; ask for the first page again")]
    BadPageToken,
    /// The store is full, locked, damaged or from a newer program; says which, and what to do.
    #[error("{0}")]
    Unusable(String),
    /// Anything else; the details are in the log.
    #[error("the store failed: {0}")]
    Internal(String),
}

/// The result of a store operation.
pub type Result<T> = std::result::Result<T, Error>;

/// A part of a list.
#[derive(Debug, Clone, Default)]
pub struct PageRequest {
    /// Most items to return; `None`: all.
    pub size: Option<usize>,
    /// Where the previous page said to go on.
    pub token: Option<String>,
}

/// Conversations of one page.
#[derive(Debug, Clone, Default)]
pub struct Page {
    /// Starred first, then the one changed last.
    pub conversations: Vec<Conversation>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<String>,
}

/// A path that was made public, as far as others may see it.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedPath {
    /// The conversation's title; may be empty.
    pub title: String,
    /// From the root on.
    pub steps: Vec<SharedStep>,
}

/// A response of a shared path.
#[derive(Debug, Clone, PartialEq)]
pub struct SharedStep {
    /// The response.
    pub response: Response,
    /// Which of its siblings it is, from 1 on.
    pub number: u64,
    /// How many there are, itself included. The others are not shown.
    pub siblings: u64,
}

/// How an answer ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Whether the answer is incomplete.
    pub partial: bool,
    /// What is now known of it; replaces the details it was begun with.
    pub details: Details,
}

/// A conversation that is being read: one state of it, whatever is changed meanwhile.
#[derive(Debug)]
pub struct Reading {
    /// What is known of it at once.
    pub conversation: Conversation,
    /// What is noted about its responses; those of which nothing is are left out.
    pub annotations: Vec<(ResponseId, Annotation)>,
    /// Its responses, part by part, in the order in which they were kept; ends with the last one, or
    /// with a failure.
    pub responses: mpsc::Receiver<Result<Vec<Response>>>,
}

impl Reading {
    /// All its responses, oldest first.
    ///
    /// # Errors
    /// When not all of them could be read.
    pub async fn whole(&mut self) -> Result<Vec<Response>> {
        let mut all = Vec::new();
        while let Some(part) = self.responses.recv().await {
            all.extend(part?);
        }
        // Of the same moment, they stay in the order in which they were kept.
        all.sort_by_key(|response| response.create_time);
        Ok(all)
    }
}

/// Conversations, responses and tokens, kept for good.
///
/// Every operation is atomic and durable when it returns. Operations of one caller happen in the
/// order in which they were asked for.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Keeps a new conversation.
    async fn create_conversation(&self, conversation: Conversation) -> Result<()>;
    /// One conversation without its responses.
    async fn conversation(&self, id: &ConversationId) -> Result<Conversation>;
    /// Conversations, starred first, then the one changed last; deleted ones are left out.
    async fn list(&self, page: PageRequest) -> Result<Page>;
    /// Conversations whose title or responses contain `query`, in any case; best first.
    async fn search(&self, query: &str, page: PageRequest) -> Result<Page>;
    /// Sets title and star; `None` leaves one as it is, whatever it is by then.
    async fn update(
        &self,
        id: &ConversationId,
        title: Option<&str>,
        starred: Option<bool>,
        now: Time,
    ) -> Result<Conversation>;
    /// Sets what answers are sampled with where their request leaves it out.
    async fn set_settings(&self, id: &ConversationId, settings: Settings) -> Result<Conversation>;
    /// Keeps the text of a system prompt under a name that says its version; one that is there
    /// already stays as it is.
    async fn keep_system_prompt(&self, name: &str, text: &str) -> Result<()>;
    /// The text that was kept under that name.
    async fn system_prompt(&self, name: &str) -> Result<Option<String>>;
    /// Moves a conversation to the trash.
    async fn delete(&self, id: &ConversationId, now: Time) -> Result<()>;
    /// The trash, the conversation deleted last first.
    async fn deleted(&self) -> Result<Vec<(Conversation, Time)>>;
    /// Takes a conversation out of the trash.
    async fn restore(&self, id: &ConversationId) -> Result<Conversation>;

    /// All responses of a conversation, oldest first, with everything that has arrived.
    async fn responses(&self, conversation: &ConversationId) -> Result<Vec<Response>> {
        self.read(conversation).await?.whole().await
    }
    /// A conversation with all its responses, which come while it is read.
    async fn read(&self, id: &ConversationId) -> Result<Reading>;
    /// One response.
    async fn response(&self, conversation: &ConversationId, id: &ResponseId) -> Result<Response>;
    /// The responses from the root to `leaf`, in that order.
    async fn path(&self, conversation: &ConversationId, leaf: &ResponseId)
    -> Result<Vec<Response>>;
    /// Keeps a new response: a human one, one written by hand, or the beginning of an answer
    /// (`partial`), whose text then grows by `append`.
    async fn add(&self, conversation: &ConversationId, response: Response) -> Result<()>;
    /// Keeps the beginning of an answer (`partial`) together with what has arrived of it: `add` and
    /// `append` in one.
    async fn begin(
        &self,
        conversation: &ConversationId,
        response: Response,
        text: String,
        tokens: Vec<Token>,
    ) -> Result<()>;
    /// Appends to a partial response. Costs the same however long the response is by now.
    async fn append(
        &self,
        conversation: &ConversationId,
        response: &ResponseId,
        text: String,
        tokens: Vec<Token>,
    ) -> Result<()>;
    /// Ends an answer and returns the response as stored.
    async fn finish(
        &self,
        conversation: &ConversationId,
        response: &ResponseId,
        outcome: Outcome,
    ) -> Result<Response>;
    /// The tokens of an answer, also of one that is still growing; empty if none were recorded.
    async fn tokens(
        &self,
        conversation: &ConversationId,
        response: &ResponseId,
    ) -> Result<Vec<Token>>;
    /// Sets all that is noted about a response, and returns the response, which stays as it is.
    async fn annotate(
        &self,
        conversation: &ConversationId,
        response: &ResponseId,
        annotation: Annotation,
    ) -> Result<Response>;
    /// Marks the path up to `response` as shared and returns the public id.
    async fn share(&self, conversation: &ConversationId, response: &ResponseId) -> Result<String>;

    /// Takes back the shared path up to `response`, or all of the conversation, and returns the
    /// public ids that stand for nothing any more.
    async fn unshare(
        &self,
        conversation: &ConversationId,
        response: Option<&ResponseId>,
    ) -> Result<Vec<String>>;
    /// The public ids of a conversation, also of one in the trash, where they lead to nothing.
    async fn shares(&self, conversation: &ConversationId) -> Result<Vec<String>>;
    /// What is public under that id; `None`: nothing.
    async fn shared(&self, id: &str) -> Result<Option<SharedPath>>;

    /// Tells which conversation was changed, by this program or another (then `None`: any may have
    /// been). A receiver that falls behind misses messages and should look at everything again.
    fn changes(&self) -> broadcast::Receiver<Option<ConversationId>>;
}
