//! `prompt_ide.Sampler`: what a conversation service can answer of it.

use tonic::{Request, Response, Status};

use super::Service;
use crate::proto::prompt_ide::sampler_server::Sampler;
use crate::proto::prompt_ide::{
    GetTokenBudgetRequest, ListModelsResponse, TokenBudget, TokenizeRequest, TokenizeResponse,
};

#[tonic::async_trait]
impl Sampler for Service {
    async fn list_models(&self, _: Request<()>) -> Result<Response<ListModelsResponse>, Status> {
        let (models, _) = self.models().list().await;
        let model_names = models.into_iter().map(|model| model.name).collect();
        Ok(Response::new(ListModelsResponse { model_names }))
    }

    async fn tokenize(
        &self,
        _: Request<TokenizeRequest>,
    ) -> Result<Response<TokenizeResponse>, Status> {
        Err(Status::unimplemented(
            "this service does not know how its models split a text into tokens",
        ))
    }

    /// A local service has no allowance: every limit is 0.
    async fn get_token_budget(
        &self,
        _: Request<GetTokenBudgetRequest>,
    ) -> Result<Response<TokenBudget>, Status> {
        Ok(Response::new(TokenBudget::default()))
    }
}
