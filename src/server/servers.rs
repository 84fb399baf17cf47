//! The generated servers of one service, told apart by the path of a request, as a router would.

use std::convert::Infallible;

use futures::future::BoxFuture;
use tonic::body::Body;
use tonic::codegen::{Service as _, http};

use super::Service;
use crate::proto::grok_tui::forest_server::{self, ForestServer};
use crate::proto::prompt_ide::chat_server::{self, ChatServer};
use crate::proto::prompt_ide::sampler_server::{self, SamplerServer};

/// The generated servers of a service.
#[derive(Clone)]
pub struct Servers {
    chat: ChatServer<Service>,
    sampler: SamplerServer<Service>,
    forest: ForestServer<Service>,
}

impl Servers {
    /// Those of `service`, for requests of at most so many bytes.
    #[must_use]
    pub fn new(service: &Service, longest_request: usize) -> Self {
        Self {
            chat: service.chat().max_decoding_message_size(longest_request),
            sampler: service.sampler().max_decoding_message_size(longest_request),
            forest: service.forest().max_decoding_message_size(longest_request),
        }
    }

    /// Hands a request to the server that its path names.
    pub fn answer(
        &self,
        request: http::Request<Body>,
    ) -> BoxFuture<'static, Result<http::Response<Body>, Infallible>> {
        match service_of(request.uri().path()) {
            chat_server::SERVICE_NAME => self.chat.clone().call(request),
            sampler_server::SERVICE_NAME => self.sampler.clone().call(request),
            forest_server::SERVICE_NAME => self.forest.clone().call(request),
            _ => Box::pin(async { Ok(tonic::Status::unimplemented("").into_http()) }),
        }
    }
}

/// The service that a path names.
pub(super) fn service_of(path: &str) -> &str {
    path.trim_start_matches('/').split('/').next().unwrap_or_default()
}
