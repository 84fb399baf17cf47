//! The calls of the original contract, one method each: domain values in, domain values out. Those that our
//! own service adds are in `extension`.

use std::time::Duration;

use super::Client;
use super::answer::{AddModelResponse, AddResponse, AnswerStream};
use super::error::Error;
use super::patience::Wait;
use super::retry::{Repeat, retrying};
use super::transport::Transport;
use crate::forest::{Conversation, ConversationId, Response, ResponseId};
use crate::proto::grok_tui::forest_client::ForestClient;
use crate::proto::prompt_ide;
use crate::proto::prompt_ide::chat_client::ChatClient;
use crate::proto::prompt_ide::sampler_client::SamplerClient;
use crate::text::first_words;

/// Makes a call as often as it may be made and takes the answer out of its envelope. Its answer is waited
/// for so long; without that, for ever.
macro_rules! call {
    ($self:ident, $client:ident . $method:ident, $repeat:ident, $wait:expr, $request:expr) => {{
        let request = $request;
        let wait: Option<Duration> = $wait;
        let wait = wait.map(|wait| Wait::new(wait, prost::Message::encoded_len(&request)));
        retrying(!$self.is_embedded(), Repeat::$repeat, || {
            let mut client = $self.$client();
            let mut request = tonic::Request::new(request.clone());
            if let Some(wait) = wait {
                request.extensions_mut().insert(wait);
            }
            async move { client.$method(request).await.map(tonic::Response::into_inner) }
        })
        .await
        .map_err(|status| Error::of_call(&status, &$self.endpoint, $self.names_authority))
    }};
}

/// A call that is answered at once.
macro_rules! unary {
    ($self:ident, $client:ident . $method:ident, $repeat:ident, $request:expr) => {
        call!($self, $client.$method, $repeat, Some($self.patience.call), $request)
    };
}

/// Longest title made of a message, in cells.
const MAKESHIFT_TITLE: usize = 60;

/// The original contract. Every call can fail in the ways that [`ErrorKind`](super::ErrorKind) lists.
#[expect(clippy::missing_errors_doc, reason = "the same for all: see ErrorKind")]
impl Client {
    /// Begins an empty conversation. `system_prompt_name`: empty for the regular mode, `fun` for
    /// fun mode.
    pub async fn create_conversation(
        &self,
        system_prompt_name: &str,
    ) -> Result<Conversation, Error> {
        let request = prompt_ide::CreateConversationRequest {
            system_prompt_name: system_prompt_name.to_owned(),
        };
        domain(unary!(self, chat.create_conversation, Doubles, request)?)
    }

    /// Begins a conversation with the beginning of its first message as title: a list of conversations
    /// without titles helps nobody, and a model need not be asked for this one.
    pub async fn begin_conversation(
        &self,
        system_prompt_name: &str,
        message: &str,
    ) -> Result<Conversation, Error> {
        let made = self.create_conversation(system_prompt_name).await?;
        match &*first_words(message, MAKESHIFT_TITLE) {
            "" => Ok(made),
            title => self.update_conversation(&made.id, title, false).await,
        }
    }

    /// A conversation with all its responses, oldest first.
    pub async fn get_conversation(
        &self,
        id: &ConversationId,
    ) -> Result<(Conversation, Vec<Response>), Error> {
        let request = prompt_ide::GetConversationRequest { conversation_id: id.to_string() };
        domain(unary!(self, chat.get_conversation, Harmless, request)?)
    }

    /// Conversations, starred first, then the one changed last, and where the next page begins.
    /// Without a page size: all of them.
    pub async fn list_conversations(
        &self,
        page_size: Option<u32>,
        page_token: Option<String>,
    ) -> Result<(Vec<Conversation>, Option<String>), Error> {
        let request = prompt_ide::ListConversationsRequest {
            page_size: page_size.map(i64::from),
            next_page_token: page_token,
        };
        let page = unary!(self, chat.list_conversations, Harmless, request)?;
        Ok((all(page.conversations)?, next(page.next_page_token)))
    }

    /// Conversations whose title or responses match `query`, best first, and where the next page
    /// begins.
    pub async fn search_conversations(
        &self,
        query: &str,
        page_size: Option<u32>,
        page_token: Option<String>,
    ) -> Result<(Vec<Conversation>, Option<String>), Error> {
        let request = prompt_ide::SearchConversationsRequest {
            query: query.to_owned(),
            page_size: page_size.map(i64::from),
            next_page_token: page_token,
        };
        let page = unary!(self, chat.search_conversations, Harmless, request)?;
        Ok((all(page.conversations)?, next(page.next_page_token)))
    }

    /// Sets title and star; the contract always sets both.
    pub async fn update_conversation(
        &self,
        id: &ConversationId,
        title: &str,
        starred: bool,
    ) -> Result<Conversation, Error> {
        let request = prompt_ide::UpdateConversationRequest {
            conversation_id: id.to_string(),
            title: title.to_owned(),
            starred,
        };
        domain(unary!(self, chat.update_conversation, Harmless, request)?)
    }

    /// Deletes a conversation; services with a trash keep it there.
    pub async fn delete_conversation(&self, id: &ConversationId) -> Result<(), Error> {
        let request = prompt_ide::DeleteConversationRequest { conversation_id: id.to_string() };
        unary!(self, chat.delete_conversation, Doubles, request)
    }

    /// Has the service make and store a title from the path up to `leaf`.
    pub async fn generate_title(
        &self,
        id: &ConversationId,
        leaf: &ResponseId,
    ) -> Result<String, Error> {
        self.generate_title_of(id, Some(leaf), "").await
    }

    /// As [`Client::generate_title`], from that model; empty: the one that answered last.
    pub async fn generate_title_with(
        &self,
        id: &ConversationId,
        leaf: &ResponseId,
        model: &str,
    ) -> Result<String, Error> {
        self.generate_title_of(id, Some(leaf), model).await
    }

    /// As [`Client::generate_title`]; without a leaf the service decides what to look at.
    pub(super) async fn generate_title_of(
        &self,
        id: &ConversationId,
        leaf: Option<&ResponseId>,
        model: &str,
    ) -> Result<String, Error> {
        let request = prompt_ide::GenerateTitleRequest {
            conversation_id: id.to_string(),
            leaf_response_id: optional(leaf),
            model_name: model.to_owned(),
        };
        let wait = Some(self.patience.sampled);
        Ok(call!(self, chat.generate_title, Doubles, wait, request)?.new_title)
    }

    /// Stores a response as if the model had said it.
    pub async fn add_model_response(&self, request: AddModelResponse) -> Result<Response, Error> {
        let request = prompt_ide::AddModelResponseRequest {
            conversation_id: request.conversation.to_string(),
            message: request.message,
            partial: request.partial,
            parent_response_id: optional(request.parent.as_ref()),
            edited_from_response_id: optional(request.edited_from.as_ref()),
        };
        domain(unary!(self, chat.add_model_response, Doubles, request)?)
    }

    /// Makes the path up to `response` public and returns its public id.
    pub async fn share_conversation(
        &self,
        id: &ConversationId,
        response: &ResponseId,
    ) -> Result<(String, String), Error> {
        let request = prompt_ide::ShareConversationRequest {
            conversation_id: id.to_string(),
            response_id: response.to_string(),
        };
        let shared = unary!(self, chat.share_conversation, Harmless, request)?;
        Ok((shared.shared_id, shared.url))
    }

    /// Takes a turn. Once the service has taken it, it is never sent again: that would be another answer.
    pub async fn add_response(&self, request: AddResponse) -> Result<AnswerStream, Error> {
        let request = request.into_wire();
        let stream = call!(self, chat.add_response, Doubles, None, request)?;
        Ok(AnswerStream::new(stream, self.endpoint.clone()))
    }
}

pub(super) use {call, unary};

impl Client {
    pub(super) fn chat(&self) -> ChatClient<Transport> {
        ChatClient::new(self.transport.clone()).max_decoding_message_size(self.message_limit())
    }

    pub(super) fn sampler(&self) -> SamplerClient<Transport> {
        SamplerClient::new(self.transport.clone())
    }

    pub(super) fn forest(&self) -> ForestClient<Transport> {
        ForestClient::new(self.transport.clone()).max_decoding_message_size(self.message_limit())
    }
}

/// A wire value as the domain has it.
pub(super) fn domain<W, D>(wire: W) -> Result<D, Error>
where
    W: TryInto<D>,
    W::Error: std::fmt::Display,
{
    wire.try_into().map_err(|error| broken(&error))
}

/// What came cannot be what it should be.
pub(super) fn broken(error: &impl std::fmt::Display) -> Error {
    Error::protocol(format!("the service sent something broken: {error}"))
}

fn all(wire: Vec<prompt_ide::Conversation>) -> Result<Vec<Conversation>, Error> {
    wire.into_iter().map(domain).collect()
}

fn next(token: String) -> Option<String> {
    (!token.is_empty()).then_some(token)
}

pub(super) fn optional(id: Option<&ResponseId>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}
