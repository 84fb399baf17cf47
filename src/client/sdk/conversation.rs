//! The handle on a conversation: what it has seen of the forest, its leaf, and its turns.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::{StreamExt as _, TryStreamExt as _, stream};

use super::index::Index;
use super::turn::{Step, turn};
use super::{GrokResponse, Turn};
use crate::client::{AddResponse, Answer, Client, Error, ErrorKind};
use crate::forest::{Conversation, ConversationId, Response, ResponseId, Sampling, Time};

/// A conversation. Clones are the same handle: they share the leaf and what was seen.
#[derive(Debug, Clone)]
pub struct GrokConversation {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    client: Client,
    model_name: String,
    /// Empty for the regular mode, `fun` for fun mode.
    system_prompt_name: &'static str,
    /// Never held while waiting for anything.
    state: Mutex<State>,
    /// Held while the conversation is created or loaded, so that two first turns make one.
    arriving: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct State {
    id: Option<ConversationId>,
    /// `None` until it was created or loaded.
    conversation: Option<Conversation>,
    index: Index,
    leaf: Option<ResponseId>,
    sampling: Sampling,
    deleted: bool,
}

impl State {
    fn alive(&mut self) -> Result<&mut Self, Error> {
        if self.deleted {
            return Err(Error::new(ErrorKind::Deleted, "this conversation was deleted"));
        }
        Ok(self)
    }

    fn loaded(&mut self) -> Result<&mut Conversation, Error> {
        let state = self.alive()?;
        match (&state.id, &mut state.conversation) {
            (_, Some(conversation)) => Ok(conversation),
            (None, None) => Err(Error::new(
                ErrorKind::NotCreated,
                "this conversation does not exist yet; its first turn creates it",
            )),
            (Some(id), None) => Err(Error::new(
                ErrorKind::NotLoaded,
                format!("conversation {id} is not loaded yet; load it first"),
            )),
        }
    }
}

impl GrokConversation {
    pub(super) fn new(
        client: Client,
        id: Option<ConversationId>,
        model_name: &str,
        fun_mode: bool,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                client,
                model_name: model_name.to_owned(),
                system_prompt_name: if fun_mode { "fun" } else { "" },
                state: Mutex::new(State { id, ..State::default() }),
                arriving: tokio::sync::Mutex::new(()),
            }),
        }
    }

    /// Its name.
    ///
    /// # Errors
    /// When it does not exist yet, is not loaded, or was deleted.
    pub fn conversation_id(&self) -> Result<ConversationId, Error> {
        self.known(|conversation| conversation.id.clone())
    }

    /// When it was begun.
    ///
    /// # Errors
    /// As [`GrokConversation::conversation_id`].
    pub fn create_time(&self) -> Result<Time, Error> {
        self.known(|conversation| conversation.create_time)
    }

    /// Its title; empty until one was set or generated.
    ///
    /// # Errors
    /// As [`GrokConversation::conversation_id`].
    pub fn title(&self) -> Result<String, Error> {
        self.known(|conversation| conversation.title.clone())
    }

    /// Whether it is starred.
    ///
    /// # Errors
    /// As [`GrokConversation::conversation_id`].
    pub fn starred(&self) -> Result<bool, Error> {
        self.known(|conversation| conversation.starred)
    }

    /// The responses without parent, in the order in which they became known.
    ///
    /// # Errors
    /// When the conversation was deleted.
    pub fn root_responses(&self) -> Result<Vec<GrokResponse>, Error> {
        self.below(None)
    }

    /// The response of that name.
    ///
    /// # Errors
    /// When this handle has not seen such a response, or the conversation was deleted.
    pub fn get_response(&self, response_id: &ResponseId) -> Result<GrokResponse, Error> {
        let found = self.state().alive()?.index.get(response_id).cloned();
        found.map(|response| GrokResponse::new(self.clone(), response)).ok_or_else(|| {
            let words = format!("there is no response {response_id} in this conversation");
            Error::new(ErrorKind::NotFound, words)
        })
    }

    /// What answers a response, in the order in which it became known.
    ///
    /// # Errors
    /// When the conversation was deleted.
    pub fn get_children(&self, parent: &ResponseId) -> Result<Vec<GrokResponse>, Error> {
        self.below(Some(parent))
    }

    /// Adds a response that was stored by other means to what this handle has seen.
    ///
    /// # Errors
    /// When the conversation was deleted.
    pub fn register_response(&self, response: Response) -> Result<GrokResponse, Error> {
        let response = Arc::new(response);
        self.state().alive()?.index.insert(response.clone());
        Ok(GrokResponse::new(self.clone(), response))
    }

    /// The response that the next turn goes below; `None`: it begins a new root.
    ///
    /// # Errors
    /// When the conversation was deleted.
    pub fn leaf_response_id(&self) -> Result<Option<ResponseId>, Error> {
        Ok(self.state().alive()?.leaf.clone())
    }

    /// Moves the leaf. [`GrokResponse::select`] is the usual way.
    ///
    /// # Errors
    /// When the conversation was deleted.
    pub fn set_leaf_response_id(&self, leaf: Option<ResponseId>) -> Result<(), Error> {
        self.state().alive()?.leaf = leaf;
        Ok(())
    }

    /// How the turns from now on are sampled.
    ///
    /// # Errors
    /// When the conversation was deleted.
    pub fn set_sampling(&self, sampling: Sampling) -> Result<(), Error> {
        self.state().alive()?.sampling = sampling;
        Ok(())
    }

    /// Says something below the leaf and has the model answer; the answer becomes the leaf. With
    /// an empty message nobody says anything and the model answers right below the leaf. The
    /// first turn creates the conversation on the service, or loads it.
    ///
    /// # Errors
    /// When the conversation was deleted. What fails later shows in the turn.
    pub fn add_response(&self, user_message: impl Into<String>) -> Result<Turn, Error> {
        self.begin_turn(user_message.into(), None)
    }

    /// Sets the title.
    ///
    /// # Errors
    /// As [`GrokConversation::conversation_id`], or when the service fails.
    pub async fn set_title(&self, title: &str) -> Result<(), Error> {
        let starred = self.starred()?;
        self.update(title, starred).await
    }

    /// Has the service make a title from the path up to the leaf.
    ///
    /// # Errors
    /// As [`GrokConversation::conversation_id`], or when the service fails.
    pub async fn generate_title(&self) -> Result<String, Error> {
        let (id, leaf) = (self.conversation_id()?, self.leaf_response_id()?);
        let title = self.inner.client.generate_title_of(&id, leaf.as_ref(), "").await?;
        self.state().loaded()?.title.clone_from(&title);
        Ok(title)
    }

    /// Stars it.
    ///
    /// # Errors
    /// As [`GrokConversation::conversation_id`], or when the service fails.
    pub async fn star(&self) -> Result<(), Error> {
        let title = self.title()?;
        self.update(&title, true).await
    }

    /// Takes the star away.
    ///
    /// # Errors
    /// As [`GrokConversation::conversation_id`], or when the service fails.
    pub async fn unstar(&self) -> Result<(), Error> {
        let title = self.title()?;
        self.update(&title, false).await
    }

    /// Asks the service for the conversation and all its responses; forgets what was seen before.
    /// The response that came last becomes the leaf.
    ///
    /// # Errors
    /// When it does not exist yet, was deleted, or the service fails.
    pub async fn load(&self) -> Result<(), Error> {
        let id = self.state().alive()?.id.clone();
        let Some(id) = id else {
            let words = "this conversation does not exist yet, so it cannot be loaded";
            return Err(Error::new(ErrorKind::NotCreated, words));
        };
        let (conversation, responses) = self.inner.client.get_conversation(&id).await?;
        let mut state = self.state();
        state.conversation = Some(conversation);
        state.index = Index::default();
        if let Some(last) = responses.last() {
            state.leaf = Some(last.id.clone());
        }
        for response in responses {
            state.index.insert(Arc::new(response));
        }
        Ok(())
    }

    /// Deletes it. Every later use of this handle is an error.
    ///
    /// # Errors
    /// As [`GrokConversation::conversation_id`], or when the service fails.
    pub async fn delete(&self) -> Result<(), Error> {
        let id = self.conversation_id()?;
        self.inner.client.delete_conversation(&id).await?;
        self.state().deleted = true;
        Ok(())
    }
}

/// What the handles on responses need.
impl GrokConversation {
    pub(super) fn client(&self) -> &Client {
        &self.inner.client
    }

    /// As `add_response`; `edited` is what the message is an edited version of.
    pub(super) fn begin_turn(
        &self,
        message: String,
        edited: Option<ResponseId>,
    ) -> Result<Turn, Error> {
        let mut state = self.state();
        let state = state.alive()?;
        // The leaf of this moment: others may move it before the turn is polled.
        let leaf = state.conversation.is_some().then(|| state.leaf.clone());
        let sampling = state.sampling.clone();
        let this = self.clone();
        let steps = async move {
            this.arrive().await?;
            let (conversation, parent) = (
                this.conversation_id()?,
                match leaf {
                    Some(leaf) => leaf,
                    None => this.leaf_response_id()?,
                },
            );
            let inner = &this.inner;
            let request = AddResponse {
                model: inner.model_name.clone(),
                system_prompt_name: inner.system_prompt_name.to_owned(),
                sampling,
                edited_from: edited,
                ..AddResponse::new(conversation, message, parent)
            };
            let answers = inner.client.add_response(request).await?;
            Ok(answers.try_filter_map(move |answer| {
                let step = this.take(answer);
                async { Ok(step) }
            }))
        };
        Ok(turn(stream::once(Box::pin(steps)).try_flatten().boxed()))
    }

    pub(super) fn register_leaf(&self, response: Response) -> GrokResponse {
        let response = Arc::new(response);
        let mut state = self.state();
        state.index.insert(response.clone());
        state.leaf = Some(response.id.clone());
        GrokResponse::new(self.clone(), response)
    }

    pub(super) fn remember_shared(&self, id: &ResponseId) {
        self.state().index.mark_shared(id);
    }

    pub(super) fn knows_as_shared(&self, id: &ResponseId) -> bool {
        self.state().index.get(id).is_some_and(|response| response.shared)
    }
}

impl GrokConversation {
    fn state(&self) -> MutexGuard<'_, State> {
        self.inner.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn known<T>(&self, read: impl FnOnce(&Conversation) -> T) -> Result<T, Error> {
        Ok(read(self.state().loaded()?))
    }

    fn below(&self, parent: Option<&ResponseId>) -> Result<Vec<GrokResponse>, Error> {
        let mut state = self.state();
        let responses = state.alive()?.index.children(parent);
        Ok(responses.map(|found| GrokResponse::new(self.clone(), found.clone())).collect())
    }

    async fn update(&self, title: &str, starred: bool) -> Result<(), Error> {
        let id = self.conversation_id()?;
        let updated = self.inner.client.update_conversation(&id, title, starred).await?;
        *self.state().loaded()? = updated;
        Ok(())
    }

    /// Creates the conversation where it does not exist, loads it where it was not.
    async fn arrive(&self) -> Result<(), Error> {
        let _one_at_a_time = self.inner.arriving.lock().await;
        let missing = match self.state().loaded() {
            Ok(_) => return Ok(()),
            Err(error) => error,
        };
        if missing.kind == ErrorKind::NotLoaded {
            return self.load().await;
        }
        if missing.kind != ErrorKind::NotCreated {
            return Err(missing);
        }
        let prompt = self.inner.system_prompt_name;
        let made = self.inner.client.create_conversation(prompt).await?;
        let mut state = self.state();
        state.id = Some(made.id.clone());
        state.conversation = Some(made);
        Ok(())
    }

    /// What a step of an answer means here.
    fn take(&self, answer: Answer) -> Option<Step> {
        match answer {
            Answer::Token(token) => Some(Step::Token(token)),
            Answer::User(response) => {
                self.state().index.insert(Arc::new(response));
                None
            }
            Answer::Finished(response) => Some(Step::Final(self.register_leaf(response))),
            Answer::Started(_)
            | Answer::Reasoning(_)
            | Answer::Query { .. }
            | Answer::Notice(_) => None,
        }
    }
}
