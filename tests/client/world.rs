//! A service with scripted answers, reached both ways.

use std::sync::Arc;

use futures::StreamExt as _;
use grok_tui::client::{AddResponse, Answer, Client, Error};
use grok_tui::forest::{Conversation, ConversationId, Response, ResponseId};
use grok_tui::model::scripted::{Script, ScriptedBackend, Step};
use grok_tui::server::{self, Service, SingleBackend};
use grok_tui::store::SqliteStore;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// A running service.
pub(crate) struct World {
    pub(crate) client: Client,
    pub(crate) backend: ScriptedBackend,
    pub(crate) service: Service,
    /// Ends the listener when it is dropped.
    _listening: Option<oneshot::Sender<()>>,
}

impl World {
    pub(crate) fn embedded(backend: ScriptedBackend) -> Self {
        let service = service(&backend);
        let client = Client::embedded(service.clone());
        Self { client, backend, service, _listening: None }
    }

    pub(crate) async fn networked(backend: ScriptedBackend) -> Self {
        let service = service(&backend);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (ender, end) = oneshot::channel::<()>();
        let serving = service.clone();
        tokio::spawn(async move {
            let stop = async {
                let _ = end.await;
            };
            server::serve(listener, serving, stop).await.unwrap();
        });
        let client = Client::connect(&format!("http://{address}"), None).await.unwrap();
        Self { client, backend, service, _listening: Some(ender) }
    }

    /// The same service twice, reached in each way.
    pub(crate) async fn both(backend: impl Fn() -> ScriptedBackend) -> [Self; 2] {
        [Self::embedded(backend()), Self::networked(backend()).await]
    }

    pub(crate) async fn conversation(&self) -> Conversation {
        self.client.create_conversation("").await.unwrap()
    }

    /// Takes a turn to its end.
    pub(crate) async fn say(
        &self,
        conversation: &ConversationId,
        message: &str,
        parent: Option<ResponseId>,
    ) -> Response {
        let request = AddResponse::new(conversation.clone(), message, parent);
        match self.answers(request).await.pop() {
            Some(Ok(Answer::Finished(response))) => response,
            other => panic!("not finished: {other:?}"),
        }
    }

    pub(crate) async fn answers(&self, request: AddResponse) -> Vec<Result<Answer, Error>> {
        self.client.add_response(request).await.unwrap().collect().await
    }
}

fn service(backend: &ScriptedBackend) -> Service {
    let models = SingleBackend::new("test", backend.clone());
    Service::new(Arc::new(SqliteStore::in_memory()), Arc::new(models))
}

/// Every answer the same.
pub(crate) fn saying(text: &'static str) -> impl Fn() -> ScriptedBackend {
    move || ScriptedBackend::new(Script::text(text)).with_instructions(false)
}

/// Some words, and then nothing more, ever.
pub(crate) fn hanging() -> ScriptedBackend {
    ScriptedBackend::new([Script::tokens("half an answer"), vec![Step::Hang]].concat())
}
