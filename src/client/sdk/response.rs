//! The handle on one response: what it says, what stands around it, and how to branch from it.

use std::sync::Arc;

use futures::{FutureExt as _, StreamExt as _, stream};

use super::turn::{Step, turn};
use super::{GrokConversation, Turn};
use crate::client::{AddModelResponse, Error, ErrorKind};
use crate::forest::{Response, ResponseId, Time};

/// A response of a conversation, as it was when it became known. Clones are cheap.
#[derive(Debug, Clone)]
pub struct GrokResponse {
    conversation: GrokConversation,
    response: Arc<Response>,
}

impl GrokResponse {
    pub(super) fn new(conversation: GrokConversation, response: Arc<Response>) -> Self {
        Self { conversation, response }
    }

    /// All that is known of it.
    #[must_use]
    pub fn response(&self) -> &Arc<Response> {
        &self.response
    }

    /// Its name.
    #[must_use]
    pub fn response_id(&self) -> &ResponseId {
        &self.response.id
    }

    /// The name of what it answers; `None` for a root.
    #[must_use]
    pub fn parent_response_id(&self) -> Option<&ResponseId> {
        self.response.parent.as_ref()
    }

    /// What it answers; `None` for a root.
    ///
    /// # Errors
    /// When the handle has not seen the parent, or the conversation was deleted.
    pub fn parent_response(&self) -> Result<Option<Self>, Error> {
        self.parent_response_id().map(|id| self.conversation.get_response(id)).transpose()
    }

    /// What answers it, in the order in which it became known.
    ///
    /// # Errors
    /// When the conversation was deleted.
    pub fn children(&self) -> Result<Vec<Self>, Error> {
        self.conversation.get_children(&self.response.id)
    }

    /// The text.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.response.message
    }

    /// Who said it: `human` in any case for people, anything else is the model.
    #[must_use]
    pub fn sender(&self) -> &str {
        self.response.sender.as_str()
    }

    /// When it was begun.
    #[must_use]
    pub fn create_time(&self) -> Time {
        self.response.create_time
    }

    /// Whether it was written by hand as if the model had said it.
    #[must_use]
    pub fn manual(&self) -> bool {
        self.response.manual
    }

    /// Whether it is incomplete.
    #[must_use]
    pub fn partial(&self) -> bool {
        self.response.partial
    }

    /// Whether it is public, as far as this handle knows; true after [`GrokResponse::share`].
    #[must_use]
    pub fn shared(&self) -> bool {
        self.response.shared || self.conversation.knows_as_shared(&self.response.id)
    }

    /// The search that the model made while answering; empty if none.
    #[must_use]
    pub fn query(&self) -> &str {
        self.response.details.as_ref().map_or("", |details| &details.query)
    }

    /// Where it searched: `web`, `x`, ...; empty if it did not.
    #[must_use]
    pub fn query_type(&self) -> &str {
        self.response.details.as_ref().map_or("", |details| &details.query_type)
    }

    /// Makes this the leaf, so that the next turn goes below it.
    ///
    /// # Errors
    /// When the conversation was deleted.
    pub fn select(&self) -> Result<(), Error> {
        self.conversation.set_leaf_response_id(Some(self.response.id.clone()))
    }

    /// Says something else here. The result is a model response in either case, and the leaf:
    /// for a human response the answer to a new sibling of it, for a model response a sibling
    /// written by hand (there are no tokens then). This response stays as it is.
    ///
    /// # Errors
    /// When the conversation was deleted or is not loaded.
    pub fn replace(&self, new_message: impl Into<String>) -> Result<Turn, Error> {
        let parent = self.response.parent.clone();
        let edited = Some(self.response.id.clone());
        if self.response.is_human() {
            self.conversation.set_leaf_response_id(parent)?;
            return self.conversation.begin_turn(new_message.into(), edited);
        }
        let request = AddModelResponse {
            conversation: self.conversation.conversation_id()?,
            message: new_message.into(),
            partial: false,
            parent,
            edited_from: edited,
        };
        let conversation = self.conversation.clone();
        let written = async move {
            let response = conversation.client().add_model_response(request).await?;
            Ok(Step::Final(conversation.register_leaf(response)))
        };
        Ok(turn(stream::once(written.boxed()).boxed()))
    }

    /// Has the model answer once more: the result is a sibling of this response.
    ///
    /// # Errors
    /// When this is a human response, or the conversation was deleted.
    pub fn resample(&self) -> Result<Turn, Error> {
        if self.response.is_human() {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "what a person said cannot be sampled again; replace it instead",
            ));
        }
        self.conversation.set_leaf_response_id(self.response.parent.clone())?;
        self.conversation.begin_turn(String::new(), None)
    }

    /// Makes the path up to here public and returns its address.
    ///
    /// # Errors
    /// When the conversation was deleted, or the service fails.
    pub async fn share(&self) -> Result<String, Error> {
        let conversation = self.conversation.conversation_id()?;
        let client = self.conversation.client();
        let (shared_id, url) = client.share_conversation(&conversation, &self.response.id).await?;
        self.conversation.remember_shared(&self.response.id);
        if !url.is_empty() {
            return Ok(url);
        }
        Ok(address(client.endpoint(), &shared_id, &self.response.id))
    }
}

/// Where a shared path can be read. The hosted service names its pages by the response; any other
/// serves them below its own address, unless it told a whole address itself.
fn address(endpoint: &str, shared_id: &str, response: &ResponseId) -> String {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let host = host.split([':', '/']).next().unwrap_or_default();
    if shared_id.contains("://") {
        shared_id.to_owned()
    } else if host.ends_with(".x.ai") {
        format!("https://share.x.ai/conversations/{response}")
    } else {
        format!("{}/share/{shared_id}", endpoint.trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hosted_service_names_pages_by_the_response() {
        let id = ResponseId::parse("r1").unwrap();
        let hosted = "https://share.x.ai/conversations/r1";
        assert_eq!(address("https://api.x.ai:443", "s1", &id), hosted);
        assert_eq!(address("http://127.0.0.1:5", "s1", &id), "http://127.0.0.1:5/share/s1");
        assert_eq!(address("http://h", "https://h/p/1", &id), "https://h/p/1");
    }
}
