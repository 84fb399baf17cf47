//! `prompt_ide.Chat`: thin handlers. Each reads its request, asks the store and answers.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

use super::choice::Choice;
use super::models::Resolved;
use super::turn::{Item, Turn};
use super::{Service, annotation, prompt, request, status, title, window};
use crate::forest::{self, Conversation, ConversationId, ResponseId, Settings, Time};
use crate::model;
use crate::proto::prompt_ide::add_response_response::Response as Part;
use crate::proto::prompt_ide::chat_server::Chat;
use crate::proto::prompt_ide::{self as wire};
use crate::store;

/// Messages that wait for a client before the turn does.
const STREAM: usize = 128;

/// How long an answer may take to its end, when something is to go on from it.
const ENDING: Duration = Duration::from_secs(2);

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Chat for Service {
    type AddResponseStream = ReceiverStream<Item>;

    async fn create_conversation(
        &self,
        request: Request<wire::CreateConversationRequest>,
    ) -> Answer<wire::Conversation> {
        let name = request.into_inner().system_prompt_name;
        self.prompts().check(&name, self.store().as_ref()).await?;
        let now = request::now();
        let conversation = Conversation {
            id: ConversationId::random(),
            title: String::new(),
            starred: false,
            create_time: now,
            modify_time: now,
            settings: Settings { system_prompt_name: name, ..Settings::default() },
            response_count: 0,
        };
        let created = self.store().create_conversation(conversation.clone()).await;
        created.map_err(|error| status::of_store(&error))?;
        Ok(Response::new(conversation.into()))
    }

    async fn get_conversation(
        &self,
        request: Request<wire::GetConversationRequest>,
    ) -> Answer<wire::Conversation> {
        let id = request::conversation(&request.into_inner().conversation_id)?;
        let (conversation, responses, annotations) = self.whole(&id).await?;
        let mut answer = wire::Conversation::from((conversation, responses));
        annotation::add(&mut answer, annotations);
        Ok(Response::new(answer))
    }

    async fn list_conversations(
        &self,
        request: Request<wire::ListConversationsRequest>,
    ) -> Answer<wire::ListConversationsResponse> {
        let request = request.into_inner();
        let page = request::page(request.page_size, request.next_page_token)?;
        let page = self.store().list(page).await.map_err(|error| status::of_store(&error))?;
        Ok(Response::new(wire::ListConversationsResponse {
            conversations: page.conversations.into_iter().map(Into::into).collect(),
            next_page_token: page.next.unwrap_or_default(),
        }))
    }

    async fn add_response(
        &self,
        request: Request<wire::AddResponseRequest>,
    ) -> Answer<Self::AddResponseStream> {
        self.begin_turn(request.into_inner()).await.map(Response::new)
    }

    async fn delete_conversation(
        &self,
        request: Request<wire::DeleteConversationRequest>,
    ) -> Answer<()> {
        let id = request::conversation(&request.into_inner().conversation_id)?;
        let deleted = self.store().delete(&id, request::now()).await;
        deleted.map_err(|error| status::of_store(&error))?;
        self.hide_pages(&id).await.map(Response::new)
    }

    async fn generate_title(
        &self,
        request: Request<wire::GenerateTitleRequest>,
    ) -> Answer<wire::GenerateTitleResponse> {
        let request = request.into_inner();
        let id = request::conversation(&request.conversation_id)?;
        let leaf = ResponseId::parse(&request.leaf_response_id)
            .ok_or_else(|| status::invalid("leaf_response_id is empty; name the last response"))?;
        let path = self.store().path(&id, &leaf).await;
        let path = path.map_err(|error| status::of_store(&error))?;
        let title = title::generate(self.models(), &request.model_name, &id, &path).await;
        let title = title.map_err(|error| status::of_model(&error))?.ok_or_else(|| {
            status::invalid("nothing has been said yet that a title could be made of")
        })?;
        let known = self.store().conversation(&id).await;
        let known = known.map_err(|error| status::of_store(&error))?;
        if let Some(why) = title.makeshift.filter(|_| !known.title.is_empty()) {
            return Err(status::without_title(&why));
        }
        let new_title = title.text;
        // The star may have changed while the model thought.
        let stored = self.store().update(&id, Some(&new_title), None, request::now()).await;
        stored.map_err(|error| status::of_store(&error))?;
        Ok(Response::new(wire::GenerateTitleResponse { new_title }))
    }

    async fn update_conversation(
        &self,
        request: Request<wire::UpdateConversationRequest>,
    ) -> Answer<wire::Conversation> {
        let request = request.into_inner();
        let id = request::conversation(&request.conversation_id)?;
        let (title, starred) = (&request.title, request.starred);
        request::check_title(title)?;
        let updated = self.store().update(&id, Some(title), Some(starred), request::now()).await;
        let updated = updated.map_err(|error| status::of_store(&error))?;
        Ok(Response::new(updated.into()))
    }

    async fn add_model_response(
        &self,
        request: Request<wire::AddModelResponseRequest>,
    ) -> Answer<wire::Response> {
        let request = request.into_inner();
        let id = request::conversation(&request.conversation_id)?;
        let parent = ResponseId::parse(&request.parent_response_id);
        let above = match &parent {
            Some(parent) => {
                let found = self.store().response(&id, parent).await;
                Some(found.map_err(|error| status::of_store(&error))?)
            }
            None => None,
        };
        let edited_from = self.edited_from(&id, &request.edited_from_response_id).await?;
        let response = forest::Response {
            parent,
            manual: true,
            partial: request.partial,
            edited_from,
            ..forest::Response::model(ResponseId::random(), request.message, after(above.as_ref()))
        };
        let added = self.store().add(&id, response.clone()).await;
        added.map_err(|error| status::of_store(&error))?;
        Ok(Response::new(response.into()))
    }

    async fn share_conversation(
        &self,
        request: Request<wire::ShareConversationRequest>,
    ) -> Answer<wire::ShareConversationResponse> {
        let request = request.into_inner();
        let id = request::conversation(&request.conversation_id)?;
        let response = request::response(&request.response_id)?;
        let shared_id = self.store().share(&id, &response).await;
        let shared_id = shared_id.map_err(|error| status::of_store(&error))?;
        let url = self.publish(&shared_id).await?;
        Ok(Response::new(wire::ShareConversationResponse { shared_id, url }))
    }

    async fn search_conversations(
        &self,
        request: Request<wire::SearchConversationsRequest>,
    ) -> Answer<wire::SearchConversationsResponse> {
        let request = request.into_inner();
        let page = request::page(request.page_size, request.next_page_token)?;
        request::check_query(&request.query)?;
        let page = self.store().search(&request.query, page).await;
        let page = page.map_err(|error| status::of_store(&error))?;
        Ok(Response::new(wire::SearchConversationsResponse {
            conversations: page.conversations.into_iter().map(Into::into).collect(),
            next_page_token: page.next.unwrap_or_default(),
        }))
    }
}

/// What a turn starts from, once the request has been understood.
struct Asked {
    id: ConversationId,
    /// The path to the answer's parent.
    path: Vec<forest::Response>,
    choice: Choice,
}

impl Service {
    /// Stores what the person said and starts the answer.
    async fn begin_turn(
        &self,
        request: wire::AddResponseRequest,
    ) -> Result<ReceiverStream<Item>, Status> {
        if self.is_ending() {
            return Err(status::ending());
        }
        let Asked { id, mut path, choice } = self.understand(&request).await?;
        let Choice { system_prompt, sampling, model } = choice;
        let (client, stream) = mpsc::channel(STREAM);
        if !says_nothing(&request) {
            let edited_from = self.edited_from(&id, &request.edited_from_response_id).await?;
            let said = said(&request, path.last(), edited_from);
            let stored = self.store().add(&id, said.clone()).await;
            stored.map_err(|error| status::of_store(&error))?;
            path.push(said.clone());
            let part = Part::UserResponse(said.into());
            // The channel is empty and its other end at hand: there is room.
            let _ = client.try_send(Ok(wire::AddResponseResponse { response: Some(part) }));
        }
        let text = system_prompt.as_ref().map(|found| found.text.as_str());
        let messages = prompt::messages(text, &path)?;
        let fewest_tokens = window::fewest_tokens(&messages);
        let resolved = match model {
            Ok(model) => self.fitting(model, fewest_tokens).await,
            out_of_reach => out_of_reach,
        };
        // What was said is kept, whether or not there is somebody to answer it.
        let resolved = match resolved {
            Ok(resolved) => resolved,
            Err(status) if request.message.is_empty() => return Err(status),
            Err(status) => {
                let _ = client.try_send(Err(status));
                return Ok(ReceiverStream::new(stream));
            }
        };
        let sampling = sampling.or(&resolved.sampling);
        let above = path.last();
        let mut response = forest::Response::model(ResponseId::random(), "", after(above));
        response.parent = above.map(|parent| parent.id.clone());
        response.model = resolved.full_name.into();
        let details = response.details_mut();
        details.sampling = sampling.clone();
        if let Some(found) = system_prompt {
            self.prompts().keep(&found, self.store().as_ref()).await?;
            details.system_prompt_name = found.name;
        }
        let running = self.running().begin(response.id.clone());
        let turn = Turn {
            store: self.store().clone(),
            response,
            backend: resolved.backend,
            request: model::Request {
                model: resolved.model,
                messages,
                sampling,
                conversation: Some(id.clone()),
            },
            conversation: id,
            client,
            fewest_tokens,
            stop: self.stop_signal(),
            extended: request.extended_stream,
        };
        self.spawn(async move {
            turn.run().await;
            drop(running);
        });
        Ok(ReceiverStream::new(stream))
    }

    /// The response that was edited, which has to be one of the conversation; empty: none was.
    async fn edited_from(
        &self,
        id: &ConversationId,
        edited: &str,
    ) -> Result<Option<ResponseId>, Status> {
        let Some(edited) = ResponseId::parse(edited) else { return Ok(None) };
        match self.store().response(id, &edited).await {
            Ok(_) => Ok(Some(edited)),
            Err(store::Error::NoResponse { .. }) => Err(status::invalid(
                "edited_from_response_id names no response of this conversation; name one, or leave \
                 it empty",
            )),
            Err(error) => Err(status::of_store(&error)),
        }
    }

    /// The model, if the path fits into its context as far as that can be told.
    async fn fitting(&self, model: Resolved, fewest_tokens: u64) -> Result<Resolved, Status> {
        let context = match model.context_length {
            None if fewest_tokens > window::SURELY_FITS => {
                self.models().context_length(&model.full_name).await
            }
            known => known,
        };
        let fits = window::check(fewest_tokens, context, &model.full_name);
        fits.map(|()| model).map_err(|error| status::of_model(&error))
    }

    /// Refuses what would go on from an answer of which only the beginning is there. One that is about to
    /// end, or was stopped a moment ago, is waited for.
    async fn is_whole(&self, parent: &ResponseId) -> Result<(), Status> {
        timeout(ENDING, self.running().ended(parent)).await.map_err(|_| {
            status::unusable(
                "the answer above is still arriving; wait for its end, or stop it, or name another \
                 response in parent_response_id",
            )
        })
    }

    async fn understand(&self, request: &wire::AddResponseRequest) -> Result<Asked, Status> {
        let id = request::conversation(&request.conversation_id)?;
        let parent = ResponseId::parse(&request.parent_response_id);
        if says_nothing(request) && parent.is_none() {
            return Err(status::invalid(
                "there is nothing to answer: send a message, or name the response to answer in \
                 parent_response_id",
            ));
        }
        if let Some(parent) = &parent {
            self.is_whole(parent).await?;
        }
        let found = async {
            let conversation = self.store().conversation(&id).await?;
            let path = match &parent {
                Some(parent) => self.store().path(&id, parent).await?,
                None => Vec::new(),
            };
            Ok((conversation, path))
        };
        let (conversation, path) = found.await.map_err(|error| status::of_store(&error))?;
        let choice = self.choose(request, &conversation.settings, &path).await?;
        Ok(Asked { id, path, choice })
    }
}

/// Whether nobody says anything: the model is to answer what is there.
fn says_nothing(request: &wire::AddResponseRequest) -> bool {
    request.message.is_empty() && request.image_attachments.is_empty()
}

/// Now; but never before the response above, whatever the clock does: order goes by time.
fn after(above: Option<&forest::Response>) -> Time {
    request::now().max(above.map_or(Time::default(), |above| above.create_time))
}

fn said(
    request: &wire::AddResponseRequest,
    parent: Option<&forest::Response>,
    edited_from: Option<ResponseId>,
) -> forest::Response {
    let id = ResponseId::random();
    let mut said = forest::Response {
        parent: parent.map(|parent| parent.id.clone()),
        edited_from,
        ..forest::Response::human(id, request.message.as_str(), after(parent))
    };
    if !request.image_attachments.is_empty() {
        said.details_mut().image_attachments.clone_from(&request.image_attachments);
    }
    said
}
