//! What the service costs per call and per token, joined directly with the generated client, and per call
//! over loopback to a user with a key.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::sync::Arc;

use divan::Bencher;
use divan::counter::ItemsCount;
use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream;
use grok_tui::forest::{Candidate, Time, Token};
use grok_tui::model::{Backend, Error, Event, EventStream, ModelInfo, Request};
use grok_tui::proto::prompt_ide::chat_client::ChatClient;
use grok_tui::proto::prompt_ide::{
    AddResponseRequest, CreateConversationRequest, GetConversationRequest,
};
use grok_tui::server::{Limits, Listener, Service, Serving, SingleBackend, User, Users};
use grok_tui::store::{SqliteStore, Store};
use secrecy::ExposeSecret as _;
use tokio::runtime::Runtime;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::Channel;

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

#[divan::bench]
fn get_a_small_conversation_over_loopback_with_a_key(bencher: Bencher) {
    let (runtime, service) = service(1, 0);
    let folder = tempfile::tempdir().unwrap();
    let users = Users::of(folder.path());
    let key = users.add("bench", false, Time(0)).unwrap();
    let key: MetadataValue<Ascii> = key.expose_secret().parse().unwrap();
    let stores = |_: &User| -> Arc<dyn Store> { Arc::new(SqliteStore::in_memory()) };
    // What is measured is the way of a call, not how it is held up.
    let limits = Limits { requests_per_second: 1e9, ..Limits::default() };
    let serving = Serving::new(service).limited(limits).for_users(users, stores).unwrap();
    let mut chat = runtime.block_on(async {
        let listener = Listener::bind(&"127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = format!("http://{}", listener.address().unwrap());
        tokio::spawn(serving.run(listener, std::future::pending(), std::future::pending()));
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        ChatClient::with_interceptor(channel, move |mut request: tonic::Request<()>| {
            request.metadata_mut().insert("apikey", key.clone());
            Ok(request)
        })
    });
    let created = runtime.block_on(chat.create_conversation(CreateConversationRequest::default()));
    let conversation_id = created.unwrap().into_inner().conversation_id;
    bencher.bench_local(|| {
        let request = GetConversationRequest { conversation_id: conversation_id.clone() };
        runtime.block_on(chat.get_conversation(request)).unwrap()
    });
}
