//! What the service costs per call and per token, joined directly with the generated client.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream;
use grok_tui::forest::{Candidate, Token};
use grok_tui::model::{Backend, Error, Event, EventStream, ModelInfo, Request};
use grok_tui::proto::prompt_ide::chat_client::ChatClient;
use grok_tui::proto::prompt_ide::{
    AddResponseRequest, CreateConversationRequest, GetConversationRequest,
};
use grok_tui::server::{Service, SingleBackend};
use grok_tui::store::SqliteStore;
use tokio::runtime::Runtime;

/// Says the same token again and again, as fast as it is asked.
struct Tireless {
    tokens: usize,
    candidates: usize,
}

impl Backend for Tireless {
    fn sample(&self, _: Request) -> EventStream {
        let candidate = Candidate { token_id: 1, text: " law".into(), prob: 0.1 };
        let token = Token {
            token_id: 1,
            text: " law".into(),
            prob: Some(0.5),
            top_k: vec![candidate; self.candidates],
        };
        let finish = Event::Finish { reason: "stop".into(), usage: None };
        let tokens = stream::repeat(token).take(self.tokens).map(|token| Ok(Event::Token(token)));
        tokens.chain(stream::iter([Ok(finish)])).boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>> {
        let model = ModelInfo::named("tireless");
        Box::pin(async { Ok(vec![model]) })
    }
}

fn service(tokens: usize, candidates: usize) -> (Runtime, Service) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let models = SingleBackend::new("bench", Tireless { tokens, candidates });
    let service = Service::new(Arc::new(SqliteStore::in_memory()), Arc::new(models));
    (runtime, service)
}

fn main() {
    divan::main();
}

#[divan::bench(args = [0, 5], sample_count = 20)]
fn stream_100_000_tokens(bencher: Bencher, candidates: usize) {
    const TOKENS: usize = 100_000;
    let (runtime, service) = service(TOKENS, candidates);
    bencher.counter(ItemsCount::new(TOKENS)).bench_local(|| {
        runtime.block_on(async {
            let mut chat = ChatClient::new(service.chat());
            let created = chat.create_conversation(CreateConversationRequest::default()).await;
            let request = AddResponseRequest {
                conversation_id: created.unwrap().into_inner().conversation_id,
                message: "go".into(),
                ..Default::default()
            };
            let mut stream = chat.add_response(request).await.unwrap().into_inner();
            let mut messages = 0;
            while let Some(message) = stream.message().await.unwrap() {
                divan::black_box(message);
                messages += 1;
            }
            assert_eq!(messages, TOKENS + 2);
        });
    });
}

#[divan::bench]
fn get_a_small_conversation(bencher: Bencher) {
    let (runtime, service) = service(1, 0);
    let mut chat = ChatClient::new(service.chat());
    let created = runtime.block_on(chat.create_conversation(CreateConversationRequest::default()));
    let conversation_id = created.unwrap().into_inner().conversation_id;
    bencher.bench_local(|| {
        let request = GetConversationRequest { conversation_id: conversation_id.clone() };
        runtime.block_on(chat.get_conversation(request)).unwrap()
    });
}
