//! The Rust counterpart of the Grok SDK for Python: stateful handles that remember what they have
//! seen, for programs that investigate a model by branching. Only [`Client`] is below it.
//!
//! A conversation is a forest of responses. Its handle has a *leaf*: the response that the next
//! turn goes below. The leaf is the handle's own; the service knows nothing of it.
//!
//! | Grok SDK | here |
//! |---|---|
//! | `Client().grok` | [`Client::grok`] |
//! | `AsyncGrok.create_conversation(model_name, fun_mode)` | [`AsyncGrok::create_conversation`] |
//! | `AsyncGrok.get_conversation(conversation_id, model_name, fun_mode)` | [`AsyncGrok::get_conversation`] |
//! | `AsyncGrok.list_conversations()` | [`AsyncGrok::list_conversations`] |
//! | `Conversation(stub, model_name, fun_mode, conversation_id)` | [`AsyncGrok::conversation`] |
//! | `Conversation.conversation_id` | [`GrokConversation::conversation_id`] |
//! | `Conversation.create_time` | [`GrokConversation::create_time`] |
//! | `Conversation.title` | [`GrokConversation::title`] |
//! | `Conversation.starred` | [`GrokConversation::starred`] |
//! | `Conversation.root_responses` | [`GrokConversation::root_responses`] |
//! | `Conversation.add_response(user_message)` | [`GrokConversation::add_response`] |
//! | `Conversation.get_response(response_id)` | [`GrokConversation::get_response`] |
//! | `Conversation.get_children(parent_response_id)` | [`GrokConversation::get_children`] |
//! | `Conversation.register_response(response)` | [`GrokConversation::register_response`] |
//! | `Conversation.set_leaf_response_id(leaf_response_id)` | [`GrokConversation::set_leaf_response_id`] |
//! | `Conversation.set_title(title)` | [`GrokConversation::set_title`] |
//! | `Conversation.generate_title()` | [`GrokConversation::generate_title`] |
//! | `Conversation.star()`, `unstar()` | [`GrokConversation::star`], [`GrokConversation::unstar`] |
//! | `Conversation.load()` | [`GrokConversation::load`] |
//! | `Conversation.delete()` | [`GrokConversation::delete`] |
//! | `Response.response_id` | [`GrokResponse::response_id`] |
//! | `Response.parent_response_id` | [`GrokResponse::parent_response_id`] |
//! | `Response.parent_response` | [`GrokResponse::parent_response`] |
//! | `Response.children` | [`GrokResponse::children`] |
//! | `Response.message`, `sender`, `create_time` | [`GrokResponse::message`], [`GrokResponse::sender`], [`GrokResponse::create_time`] |
//! | `Response.manual`, `partial`, `shared` | [`GrokResponse::manual`], [`GrokResponse::partial`], [`GrokResponse::shared`] |
//! | `Response.query`, `query_type` | [`GrokResponse::query`], [`GrokResponse::query_type`] |
//! | `Response.select()` | [`GrokResponse::select`] |
//! | `Response.replace(new_message)` | [`GrokResponse::replace`] |
//! | `Response.resample()` | [`GrokResponse::resample`] |
//! | `Response.share()` | [`GrokResponse::share`] |
//!
//! What differs, on purpose: the final response arrives also where nobody reads the token stream;
//! a failure shows in the stream as well as in the final response; tokens carry probabilities;
//! several turns of one conversation may run at once, each from the leaf it began with.

mod conversation;
mod index;
mod response;
mod turn;

pub use conversation::GrokConversation;
pub use response::GrokResponse;
pub use turn::{FinalResponse, TokenStream};

use super::{Client, Error};
use crate::forest::{Conversation, ConversationId};

/// What a turn gives: the tokens as they come, and the stored answer at the end. Either can be
/// used without the other; nothing is sent before one of them is polled, and dropping both stops
/// the sampling.
pub type Turn = (TokenStream, FinalResponse);

impl Client {
    /// The stateful way to use this connection.
    #[must_use]
    pub fn grok(&self) -> AsyncGrok {
        AsyncGrok { client: self.clone() }
    }
}

/// Makes and finds conversations.
#[derive(Debug, Clone)]
pub struct AsyncGrok {
    client: Client,
}

impl AsyncGrok {
    /// A new conversation, which comes to exist on the service with its first turn. An empty
    /// `model_name` means the service's default model.
    #[must_use]
    pub fn create_conversation(&self, model_name: &str, fun_mode: bool) -> GrokConversation {
        GrokConversation::new(self.client.clone(), None, model_name, fun_mode)
    }

    /// An existing conversation, loaded; its leaf is the response that came last.
    ///
    /// # Errors
    /// When there is no such conversation, or the service fails.
    pub async fn get_conversation(
        &self,
        conversation_id: &ConversationId,
        model_name: &str,
        fun_mode: bool,
    ) -> Result<GrokConversation, Error> {
        let conversation = self.conversation(conversation_id, model_name, fun_mode);
        conversation.load().await?;
        Ok(conversation)
    }

    /// An existing conversation that is not asked for yet: `load` does, or the first turn.
    #[must_use]
    pub fn conversation(
        &self,
        conversation_id: &ConversationId,
        model_name: &str,
        fun_mode: bool,
    ) -> GrokConversation {
        let id = Some(conversation_id.clone());
        GrokConversation::new(self.client.clone(), id, model_name, fun_mode)
    }

    /// All conversations without their responses, starred first, then the one changed last.
    ///
    /// # Errors
    /// When the service fails.
    pub async fn list_conversations(&self) -> Result<Vec<Conversation>, Error> {
        let (mut all, mut next) = self.client.list_conversations(None, None).await?;
        while let Some(token) = next {
            let (more, after) = self.client.list_conversations(None, Some(token)).await?;
            all.extend(more);
            next = after;
        }
        Ok(all)
    }
}
