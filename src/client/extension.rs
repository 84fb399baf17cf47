//! The calls that our own service adds to the original contract, and what is done without them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::Stream;
use tonic::Streaming;

use super::answer::AddResponse;
use super::calls::{call, domain, optional, unary};
use super::error::{Error, ErrorKind};
use super::patience::Wait;
use super::retry::{Repeat, retrying};
use super::{Client, parts};
use crate::forest::{
    Annotation, Conversation, ConversationId, Response, ResponseId, Settings, Time, Token,
};
use crate::model::ModelInfo;
use crate::proto::{grok_tui, prompt_ide};

/// Who answers, and with what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceInfo {
    /// Name and version of the program that answers.
    pub server: String,
    /// The model where a request names none, as `backend/model`.
    pub default_model: String,
    /// One line for the user, for example how to connect a real model; may be empty.
    pub hint: String,
}

/// A conversation with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotated {
    /// What it is.
    pub conversation: Conversation,
    /// All of its responses, oldest first.
    pub responses: Vec<Response>,
    /// What is noted about some of them.
    pub annotations: Vec<(ResponseId, Annotation)>,
}

/// What changed on the service; `None`: any conversation may have. Dropping it ends the watch.
#[derive(Debug)]
pub struct Changes {
    inner: Streaming<grok_tui::Change>,
    endpoint: Arc<str>,
}

impl Stream for Changes {
    type Item = Result<Option<ConversationId>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.inner).poll_next(cx).map(|item| {
            item.map(|change| match change {
                Ok(change) => Ok(ConversationId::parse(&change.conversation_id)),
                Err(status) => Err(Error::from_status(&status, &self.endpoint)),
            })
        })
    }
}

/// What grok-tui's own service adds. A service without it answers with
/// [`ErrorKind::Unimplemented`].
#[expect(clippy::missing_errors_doc, reason = "the same for all: see ErrorKind")]
impl Client {
    /// As [`Client::get_conversation`], and what is noted about responses; those of which nothing
    /// is are left out. Services that keep no notes tell none.
    pub async fn get_annotated(&self, id: &ConversationId) -> Result<Annotated, Error> {
        let request = prompt_ide::GetConversationRequest { conversation_id: id.to_string() };
        let wait = Wait::new(self.patience.call, prost::Message::encoded_len(&request));
        let read = retrying(!self.is_embedded(), Repeat::Harmless, || {
            let mut client = self.forest();
            let mut request = tonic::Request::new(request.clone());
            request.extensions_mut().insert(wait);
            async move { parts::gather(client.read_conversation(request).await?.into_inner()).await }
        });
        match read.await {
            Ok(read) => read,
            // A service of the original contract alone has all in one message.
            Err(status) if status.code() == tonic::Code::Unimplemented => {
                let whole = unary!(self, chat.get_conversation, Harmless, request)?;
                parts::of_one(whole)
            }
            Err(status) => Err(Error::of_call(&status, &self.endpoint, self.names_authority)),
        }
    }

    /// Sets what a conversation's answers are sampled with where their request leaves it out.
    pub async fn update_settings(
        &self,
        id: &ConversationId,
        settings: &Settings,
    ) -> Result<Conversation, Error> {
        let request = grok_tui::UpdateSettingsRequest {
            conversation_id: id.to_string(),
            system_prompt_name: settings.system_prompt_name.clone(),
            model_name: settings.model.clone(),
            sampling: Some((&settings.sampling).into()),
        };
        domain(unary!(self, forest.update_settings, Harmless, request)?)
    }

    /// Sets all that is noted about a response.
    pub async fn annotate(
        &self,
        id: &ConversationId,
        response: &ResponseId,
        annotation: Annotation,
    ) -> Result<(), Error> {
        let request = grok_tui::UpdateAnnotationsRequest {
            conversation_id: id.to_string(),
            response_id: response.to_string(),
            annotation: annotation.into(),
        };
        unary!(self, forest.update_annotations, Harmless, request).map(drop)
    }

    /// Says whether a new conversation could begin with this turn, before there is one; which
    /// conversation it names does not matter.
    pub async fn check_first_response(&self, request: AddResponse) -> Result<(), Error> {
        let mut request = request.into_wire();
        request.conversation_id.clear();
        unary!(self, forest.check_first_response, Harmless, request)
    }

    /// The system prompts that can be named, with their texts, and in words which ones the service
    /// cannot read.
    pub async fn system_prompts(&self) -> Result<(Vec<(String, String)>, Vec<String>), Error> {
        let list = unary!(self, forest.list_system_prompts, Harmless, ())?;
        let prompts = list.prompts.into_iter().map(|prompt| (prompt.name, prompt.text)).collect();
        Ok((prompts, list.problems))
    }

    /// Takes back the shared path up to `response`, or all of the conversation, and returns the ids
    /// that stand for nothing any more.
    pub async fn unshare_conversation(
        &self,
        id: &ConversationId,
        response: Option<&ResponseId>,
    ) -> Result<Vec<String>, Error> {
        let request = grok_tui::UnshareConversationRequest {
            conversation_id: id.to_string(),
            response_id: optional(response),
        };
        Ok(unary!(self, forest.unshare_conversation, Harmless, request)?.shared_ids)
    }

    /// Takes a conversation out of the trash.
    pub async fn restore_conversation(&self, id: &ConversationId) -> Result<Conversation, Error> {
        let request = grok_tui::RestoreConversationRequest { conversation_id: id.to_string() };
        domain(unary!(self, forest.restore_conversation, Harmless, request)?)
    }

    /// The trash and when each was deleted, the one deleted last first.
    pub async fn list_deleted(&self) -> Result<Vec<(Conversation, Time)>, Error> {
        let trash = unary!(self, forest.list_deleted, Harmless, ())?;
        trash
            .conversations
            .into_iter()
            .map(|deleted| {
                let when = deleted.delete_time.map(Into::into).unwrap_or_default();
                Ok((domain(deleted.conversation.unwrap_or_default())?, when))
            })
            .collect()
    }

    /// The stored tokens of an answer, also of one that is still growing; empty if none were
    /// recorded.
    pub async fn tokens(
        &self,
        id: &ConversationId,
        response: &ResponseId,
    ) -> Result<Vec<Token>, Error> {
        let request = grok_tui::GetTokensRequest {
            conversation_id: id.to_string(),
            response_id: response.to_string(),
        };
        let stored = unary!(self, forest.get_tokens, Harmless, request)?;
        Ok(stored.tokens.into_iter().map(Into::into).collect())
    }

    /// Who answers, and with what.
    pub async fn service_info(&self) -> Result<ServiceInfo, Error> {
        let info = unary!(self, forest.get_service_info, Harmless, ())?;
        Ok(ServiceInfo { server: info.server, default_model: info.default_model, hint: info.hint })
    }

    /// The models behind the service, and in words which backends could not be asked. A service
    /// that knows only the original contract tells names and nothing else.
    pub async fn models(&self) -> Result<(Vec<ModelInfo>, Vec<String>), Error> {
        match unary!(self, forest.list_models, Harmless, ()) {
            Ok(list) => Ok((list.models.into_iter().map(Into::into).collect(), list.problems)),
            Err(error) if error.kind == ErrorKind::Unimplemented => {
                let list = unary!(self, sampler.list_models, Harmless, ())?;
                Ok((list.model_names.into_iter().map(named).collect(), Vec::new()))
            }
            Err(error) => Err(error),
        }
    }

    /// An item whenever the store was changed, by this program or another.
    pub async fn watch_changes(&self) -> Result<Changes, Error> {
        let inner = call!(self, forest.watch_changes, Harmless, None, ())?;
        Ok(Changes { inner, endpoint: self.endpoint.clone() })
    }
}

fn named(name: String) -> ModelInfo {
    ModelInfo::named(name)
}
