//! `grok_tui.Forest`: what this service adds to the original contract.

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use tokio::sync::broadcast::error::RecvError;
use tonic::{Request, Response, Status};

use super::{Service, annotation, request, status};
use crate::forest::{ResponseId, Settings};
use crate::proto::grok_tui::forest_server::Forest;
use crate::proto::grok_tui::{
    Change, ConversationPart, DeletedConversation, GetTokensRequest, GetTokensResponse,
    ListDeletedResponse, ListModelsResponse, ListSystemPromptsResponse, RestoreConversationRequest,
    ServiceInfo, SystemPrompt, UnshareConversationRequest, UnshareConversationResponse,
    UpdateAnnotationsRequest, UpdateSettingsRequest,
};
use crate::proto::prompt_ide::{
    self as wire, AddResponseRequest, Conversation, GetConversationRequest,
};

type Answer<T> = Result<Response<T>, Status>;

#[tonic::async_trait]
impl Forest for Service {
    type ReadConversationStream = BoxStream<'static, Result<ConversationPart, Status>>;
    type WatchChangesStream = BoxStream<'static, Result<Change, Status>>;

    async fn get_service_info(&self, _: Request<()>) -> Answer<ServiceInfo> {
        Ok(Response::new(ServiceInfo {
            server: concat!("grok-tui ", env!("CARGO_PKG_VERSION")).to_owned(),
            default_model: self.models().default_model().await,
            hint: self.models().hint().unwrap_or_default(),
        }))
    }

    async fn read_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Answer<Self::ReadConversationStream> {
        let id = request::conversation(&request.into_inner().conversation_id)?;
        Ok(Response::new(self.parts(&id).await?.boxed()))
    }

    async fn list_models(&self, _: Request<()>) -> Answer<ListModelsResponse> {
        let (models, problems) = self.models().list().await;
        let models = models.into_iter().map(Into::into).collect();
        Ok(Response::new(ListModelsResponse { models, problems }))
    }

    async fn get_tokens(&self, request: Request<GetTokensRequest>) -> Answer<GetTokensResponse> {
        let request = request.into_inner();
        let id = request::conversation(&request.conversation_id)?;
        let response = request::response(&request.response_id)?;
        let tokens = self.store().tokens(&id, &response).await;
        let tokens = tokens.map_err(|error| status::of_store(&error))?;
        let tokens = tokens.iter().map(Into::into).collect();
        Ok(Response::new(GetTokensResponse { tokens }))
    }

    async fn list_deleted(&self, _: Request<()>) -> Answer<ListDeletedResponse> {
        let deleted = self.store().deleted().await;
        let deleted = deleted.map_err(|error| status::of_store(&error))?;
        let conversations = deleted.into_iter().map(|(conversation, time)| DeletedConversation {
            conversation: Some(conversation.into()),
            delete_time: Some(time.into()),
        });
        Ok(Response::new(ListDeletedResponse { conversations: conversations.collect() }))
    }

    async fn restore_conversation(
        &self,
        request: Request<RestoreConversationRequest>,
    ) -> Answer<Conversation> {
        let id = request::conversation(&request.into_inner().conversation_id)?;
        let restored = self.store().restore(&id).await;
        let restored = restored.map_err(|error| status::of_store(&error))?;
        self.show_pages(&id).await?;
        Ok(Response::new(restored.into()))
    }

    async fn update_settings(
        &self,
        request: Request<UpdateSettingsRequest>,
    ) -> Answer<Conversation> {
        let request = request.into_inner();
        let id = request::conversation(&request.conversation_id)?;
        let settings = Settings {
            system_prompt_name: request.system_prompt_name,
            model: request.model_name,
            sampling: request.sampling.map(Into::into).unwrap_or_default(),
        };
        request::check_sampling(&settings.sampling)?;
        self.prompts().check(&settings.system_prompt_name, self.store().as_ref()).await?;
        let before = self.store().conversation(&id).await;
        let before = before.map_err(|error| status::of_store(&error))?.settings;
        if !settings.model.is_empty() && settings.model != before.model {
            self.check_model(&settings.model).await?;
        }
        let updated = self.store().set_settings(&id, settings).await;
        let updated = updated.map_err(|error| status::of_store(&error))?;
        Ok(Response::new(updated.into()))
    }

    async fn update_annotations(
        &self,
        request: Request<UpdateAnnotationsRequest>,
    ) -> Answer<wire::Response> {
        let request = request.into_inner();
        let id = request::conversation(&request.conversation_id)?;
        let response = request::response(&request.response_id)?;
        let annotation = annotation::read(request.annotation)?;
        let annotated = self.store().annotate(&id, &response, annotation.clone()).await;
        let annotated = annotated.map_err(|error| status::of_store(&error))?;
        let annotated = wire::Response { annotation: annotation.into(), ..annotated.into() };
        Ok(Response::new(annotated))
    }

    async fn check_first_response(&self, request: Request<AddResponseRequest>) -> Answer<()> {
        self.check_first(&request.into_inner()).await.map(Response::new)
    }

    async fn list_system_prompts(&self, _: Request<()>) -> Answer<ListSystemPromptsResponse> {
        let (prompts, problems) = self.prompts().list().await;
        let prompts = prompts.into_iter().map(|(name, text)| SystemPrompt { name, text });
        Ok(Response::new(ListSystemPromptsResponse { prompts: prompts.collect(), problems }))
    }

    async fn unshare_conversation(
        &self,
        request: Request<UnshareConversationRequest>,
    ) -> Answer<UnshareConversationResponse> {
        let request = request.into_inner();
        let id = request::conversation(&request.conversation_id)?;
        let response = ResponseId::parse(&request.response_id);
        let shared_ids = self.store().unshare(&id, response.as_ref()).await;
        let shared_ids = shared_ids.map_err(|error| status::of_store(&error))?;
        self.withdraw(&shared_ids).await?;
        Ok(Response::new(UnshareConversationResponse { shared_ids }))
    }

    async fn watch_changes(&self, _: Request<()>) -> Answer<Self::WatchChangesStream> {
        let changes = stream::unfold(self.store().changes(), |mut changes| async {
            let conversation_id = match changes.recv().await {
                Ok(Some(id)) => id.to_string(),
                // What was missed may have been anything.
                Ok(None) | Err(RecvError::Lagged(_)) => String::new(),
                Err(RecvError::Closed) => return None,
            };
            Some((Ok(Change { conversation_id }), changes))
        });
        let ended = self.stop_signal().cancelled_owned();
        Ok(Response::new(changes.take_until(ended).boxed()))
    }
}
