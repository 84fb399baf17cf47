//! One answer as a stream: what to ask for, what comes, and how it must end.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::Stream;
use tonic::Streaming;

use super::error::Error;
use crate::forest::{ConversationId, Response, ResponseId, Sampling, Token};
use crate::proto::prompt_ide::{
    self, AddResponseResponse, add_response_response::Response as Event,
    sample_tokens_response::Response as Sampled,
};

/// A turn: what is said, and how the answer is to be sampled.
#[derive(Debug, Clone, PartialEq)]
pub struct AddResponse {
    /// Where.
    pub conversation: ConversationId,
    /// What the person says. Empty: nobody says anything, the model answers right below `parent`;
    /// that is how a response is resampled and how a partial one is continued.
    pub message: String,
    /// `backend/model`; empty for the service's default.
    pub model: String,
    /// What is answered; `None` begins a new root.
    pub parent: Option<ResponseId>,
    /// Pictures that come with the message; see `image_attachments` of the contract.
    pub images: Vec<String>,
    /// Empty: as the conversation has it; else `fun`, `raw`, the name of a file of the service, or
    /// `NAME@VERSION` of an earlier answer.
    pub system_prompt_name: String,
    /// How to sample.
    pub sampling: Sampling,
    /// The response whose text `message` is an edited version of.
    pub edited_from: Option<ResponseId>,
}

impl AddResponse {
    /// `message` said below `parent`, everything else as the service does it by default.
    #[must_use]
    pub fn new(
        conversation: ConversationId,
        message: impl Into<String>,
        parent: Option<ResponseId>,
    ) -> Self {
        Self {
            conversation,
            message: message.into(),
            model: String::new(),
            parent,
            images: Vec::new(),
            system_prompt_name: String::new(),
            sampling: Sampling::default(),
            edited_from: None,
        }
    }

    pub(super) fn into_wire(self) -> prompt_ide::AddResponseRequest {
        let optional = |id: Option<ResponseId>| id.map(|id| id.to_string()).unwrap_or_default();
        prompt_ide::AddResponseRequest {
            conversation_id: self.conversation.to_string(),
            message: self.message,
            model_name: self.model,
            parent_response_id: optional(self.parent),
            system_prompt_name: self.system_prompt_name,
            image_attachments: self.images,
            disable_search: self.sampling.search == Some(false),
            additional_options: Some((&self.sampling).into()),
            sampling: Some((&self.sampling).into()),
            edited_from_response_id: optional(self.edited_from),
            extended_stream: true,
            ..Default::default()
        }
    }
}

/// A response written by hand as if the model had said it.
#[derive(Debug, Clone, PartialEq)]
pub struct AddModelResponse {
    /// Where.
    pub conversation: ConversationId,
    /// What the model is to have said.
    pub message: String,
    /// Whether it is to be continued.
    pub partial: bool,
    /// What it answers; `None` makes it a root.
    pub parent: Option<ResponseId>,
    /// The response whose text this is an edited version of.
    pub edited_from: Option<ResponseId>,
}

/// A step of an answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The stored human response; the first step where the request had a message.
    User(Response),
    /// The answer is stored from here on, partial until `Finished`. Not every service tells.
    Started(Response),
    /// The next token of the answer.
    Token(Token),
    /// The next piece of reasoning text, which is not part of the answer.
    Reasoning(String),
    /// A search made while answering.
    Query {
        /// What it looks for.
        query: String,
        /// Where: `web`, `x`, ...
        kind: String,
    },
    /// What the service is waiting for, in words.
    Notice(String),
    /// The stored answer, complete. The last step.
    Finished(Response),
}

/// The steps of one answer. Dropping it stops the sampling; what arrived is kept by the service.
///
/// Ends after [`Answer::Finished`] or after the first error. Where the service ends without
/// either, the last item is an error of kind [`Protocol`](super::ErrorKind::Protocol).
#[derive(Debug)]
pub struct AnswerStream {
    /// `None` once the stream has ended.
    inner: Option<Streaming<AddResponseResponse>>,
    endpoint: Arc<str>,
}

impl AnswerStream {
    pub(super) fn new(inner: Streaming<AddResponseResponse>, endpoint: Arc<str>) -> Self {
        Self { inner: Some(inner), endpoint }
    }
}

impl Stream for AnswerStream {
    type Item = Result<Answer, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let Some(inner) = &mut self.inner else { return Poll::Ready(None) };
            let item = match std::task::ready!(Pin::new(inner).poll_next(cx)) {
                Some(Ok(message)) => match step(message).transpose() {
                    Some(item) => item,
                    None => continue,
                },
                Some(Err(status)) => Err(Error::from_status(&status, &self.endpoint)),
                None => Err(Error::protocol(format!(
                    "the service at {} ended the answer without storing it",
                    self.endpoint
                ))),
            };
            if matches!(item, Ok(Answer::Finished(_)) | Err(_)) {
                self.inner = None;
            }
            return Poll::Ready(Some(item));
        }
    }
}

/// What a message of the stream tells; `None` for what this program has no use for.
fn step(message: AddResponseResponse) -> Result<Option<Answer>, Error> {
    let Some(event) = message.response else { return Ok(None) };
    Ok(Some(match event {
        Event::Token(sample) => match sample.response {
            Some(Sampled::Token(token)) => Answer::Token(token.into()),
            Some(Sampled::Budget(_) | Sampled::Transaction(_)) | None => return Ok(None),
        },
        Event::UserResponse(response) => Answer::User(stored(response)?),
        Event::ModelResponseStarted(response) => Answer::Started(stored(response)?),
        Event::ModelResponse(response) => Answer::Finished(stored(response)?),
        Event::Reasoning(text) => Answer::Reasoning(text),
        Event::Notice(text) => Answer::Notice(text),
        Event::QueryAction(action) => Answer::Query { query: action.query, kind: action.r#type },
        Event::ImageGenerationResponse(_)
        | Event::XSearchResults(_)
        | Event::CachedImageGenerationResponse(_)
        | Event::WebSearchResults(_)
        | Event::SearchContext(_) => return Ok(None),
    }))
}

fn stored(response: prompt_ide::Response) -> Result<Response, Error> {
    response.try_into().map_err(|error| Error::protocol(format!("a broken answer: {error}")))
}
