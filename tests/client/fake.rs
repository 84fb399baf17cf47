//! A server that knows only `prompt_ide.Chat` and does with it what a test wants.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use futures::stream::{self, BoxStream, StreamExt as _};
use grok_tui::proto::prompt_ide::chat_server::{Chat, ChatServer};
use grok_tui::proto::prompt_ide::{self as wire, add_response_response::Response as Event};
use tokio::net::TcpListener;
use tonic::metadata::MetadataMap;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic::{Request, Response, Status};

/// What a call is answered with, in the order of calls; when it is empty, with something good.
#[derive(Clone, Default)]
pub(crate) struct Fake {
    pub(crate) failures: Arc<Mutex<VecDeque<Status>>>,
    pub(crate) events: Arc<Mutex<Vec<Result<Event, Status>>>>,
    /// As long as somebody holds it, no call is answered.
    pub(crate) silence: Arc<tokio::sync::Mutex<()>>,
    /// Name and metadata of every call.
    pub(crate) calls: Arc<Mutex<Vec<(&'static str, MetadataMap)>>>,
}

impl Fake {
    pub(crate) fn failing(status: &Status, times: usize) -> Self {
        let fake = Self::default();
        fake.failures.lock().unwrap().extend(std::iter::repeat_n(status.clone(), times));
        fake
    }

    pub(crate) fn answering(events: Vec<Result<Event, Status>>) -> Self {
        let fake = Self::default();
        *fake.events.lock().unwrap() = events;
        fake
    }

    /// Listens and returns the address.
    pub(crate) async fn start(&self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Server::builder()
            .add_service(ChatServer::new(self.clone()))
            .serve_with_incoming(TcpIncoming::from(listener));
        tokio::spawn(server);
        format!("http://{address}")
    }

    pub(crate) fn count(&self, name: &str) -> usize {
        self.calls.lock().unwrap().iter().filter(|(called, _)| *called == name).count()
    }

    fn note<T>(&self, name: &'static str, request: &Request<T>) -> Result<(), Status> {
        self.calls.lock().unwrap().push((name, request.metadata().clone()));
        self.failures.lock().unwrap().pop_front().map_or(Ok(()), Err)
    }
}

pub(crate) fn conversation() -> wire::Conversation {
    wire::Conversation { conversation_id: "c".into(), ..Default::default() }
}

pub(crate) fn response(id: &str) -> wire::Response {
    wire::Response { response_id: id.into(), sender: "ASSISTANT".into(), ..Default::default() }
}

macro_rules! call {
    ($name:ident, $request:ty, $answer:ty, $good:expr) => {
        fn $name<'a, 'b>(
            &'a self,
            request: Request<$request>,
        ) -> std::pin::Pin<Box<dyn Future<Output = Result<Response<$answer>, Status>> + Send + 'b>>
        where
            'a: 'b,
            Self: 'b,
        {
            let noted = self.note(stringify!($name), &request);
            Box::pin(async move {
                drop(self.silence.lock().await);
                noted.map(|()| Response::new($good))
            })
        }
    };
}

impl Chat for Fake {
    type AddResponseStream = BoxStream<'static, Result<wire::AddResponseResponse, Status>>;

    fn add_response<'a, 'b>(
        &'a self,
        request: Request<wire::AddResponseRequest>,
    ) -> std::pin::Pin<
        Box<dyn Future<Output = Result<Response<Self::AddResponseStream>, Status>> + Send + 'b>,
    >
    where
        'a: 'b,
        Self: 'b,
    {
        let noted = self.note("add_response", &request);
        let events = std::mem::take(&mut *self.events.lock().unwrap());
        let events = events
            .into_iter()
            .map(|event| event.map(|event| wire::AddResponseResponse { response: Some(event) }));
        Box::pin(async move {
            drop(self.silence.lock().await);
            noted.map(|()| Response::new(stream::iter(events).boxed()))
        })
    }

    call!(create_conversation, wire::CreateConversationRequest, wire::Conversation, conversation());
    call!(get_conversation, wire::GetConversationRequest, wire::Conversation, conversation());
    call!(
        list_conversations,
        wire::ListConversationsRequest,
        wire::ListConversationsResponse,
        wire::ListConversationsResponse::default()
    );
    call!(delete_conversation, wire::DeleteConversationRequest, (), ());
    call!(
        generate_title,
        wire::GenerateTitleRequest,
        wire::GenerateTitleResponse,
        wire::GenerateTitleResponse::default()
    );
    call!(update_conversation, wire::UpdateConversationRequest, wire::Conversation, conversation());
    call!(add_model_response, wire::AddModelResponseRequest, wire::Response, response("r"));
    call!(
        share_conversation,
        wire::ShareConversationRequest,
        wire::ShareConversationResponse,
        wire::ShareConversationResponse::default()
    );
    call!(
        search_conversations,
        wire::SearchConversationsRequest,
        wire::SearchConversationsResponse,
        wire::SearchConversationsResponse::default()
    );
}
