//! Clients that come and go, answers without measure, clocks that jump: nothing is lost, nothing hangs,
//! nothing stays behind.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join_all;
use grok_tui::client::{AddResponse, Answer, Client};
use grok_tui::forest::{ConversationId, Response, ResponseId, Time};
use grok_tui::model::scripted::{ScriptedBackend, Step};
use grok_tui::server::{Address, Listener, Service, Serving, SingleBackend};
use grok_tui::store::{PageRequest, SqliteStore, Store};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

/// Long enough for a busy machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(120);

/// A service on a runtime of its own, where every task is one of the service.
struct House {
    runtime: Option<Runtime>,
    address: String,
    backend: ScriptedBackend,
    store: Arc<SqliteStore>,
    stop: CancellationToken,
}

impl House {
    async fn new(script: Vec<Step>) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let backend = ScriptedBackend::new(script);
        let store = Arc::new(SqliteStore::in_memory());
        let models = SingleBackend::new("scripted", backend.clone());
        let service = Service::new(store.clone(), Arc::new(models));
        let loopback: Address = "127.0.0.1:0".parse().unwrap();
        let bound = runtime.spawn(async move { Listener::bind(&loopback).await });
        let listener = bound.await.unwrap().unwrap();
        let address = format!("http://{}", listener.address().unwrap());
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        runtime.spawn(async move {
            Serving::new(service).run(listener, stopped, std::future::pending()).await.unwrap();
        });
        Self { runtime: Some(runtime), address, backend, store, stop }
    }

    fn tasks(&self) -> usize {
        self.runtime.as_ref().unwrap().metrics().num_alive_tasks()
    }

    async fn client(&self) -> Client {
        Client::connect(&self.address, None).await.unwrap()
    }

    /// Waits for what has to become true by itself.
    async fn until(&self, what: &str, is: impl Fn(&Self) -> bool) {
        let waited = tokio::time::timeout(PATIENCE, async {
            while !is(self) {
                tokio::task::yield_now().await;
            }
        });
        assert!(
            waited.await.is_ok(),
            "{what}: {} tasks, {} answers",
            self.tasks(),
            self.backend.live()
        );
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.stop.cancel();
        // A runtime must not be dropped where tasks run.
        self.runtime.take().unwrap().shutdown_background();
    }
}

fn ask(id: &ConversationId) -> AddResponse {
    AddResponse::new(id.clone(), "a question", None)
}

/// The text of the answer's last step.
async fn told(client: &Client, id: &ConversationId) -> String {
    let mut answer = client.add_response(ask(id)).await.unwrap();
    let mut text = String::new();
    while let Some(step) = answer.next().await {
        if let Answer::Finished(response) = step.unwrap() {
            text = response.message;
        }
    }
    text
}

#[tokio::test]
async fn a_thousand_clients_that_come_and_go_leave_nothing_behind() {
    let house = House::new(vec![Step::token("a"), Step::token("b"), Step::Hang]).await;
    drop(house.client().await.create_conversation("").await.unwrap());
    house.until("at rest", |house| house.tasks() <= 2).await;
    let at_rest = house.tasks();
    let visits = (0..1_000_usize).map(|number| {
        let house = &house;
        async move {
            let client = house.client().await;
            let id = client.create_conversation("").await.unwrap().id;
            // Each goes at another moment: before it asked, while it is answered, while it watches.
            let mut answer = match number % 4 {
                0 => return,
                1 => return drop(client.watch_changes().await.unwrap()),
                _ => client.add_response(ask(&id)).await.unwrap(),
            };
            for _ in 0..number % 5 {
                answer.next().await;
            }
        }
    });
    futures::stream::iter(visits).buffer_unordered(64).collect::<Vec<()>>().await;
    house.until("no answer goes on", |house| house.backend.live() == 0).await;
    house.until("no task is left", |house| house.tasks() <= at_rest).await;
    let all = house.store.list(PageRequest::default()).await.unwrap().conversations;
    assert_eq!(all.len(), 1_001);
}

#[tokio::test]
async fn many_answers_at_once_are_each_whole() {
    let script: Vec<Step> =
        (0..50).map(|n| Step::token(format!("{n} "))).chain([Step::finish("stop")]).collect();
    let house = House::new(script).await;
    let client = house.client().await;
    let whole: String = (0..50).map(|n| format!("{n} ")).collect();
    let told = join_all((0..300).map(|_| async {
        let id = client.create_conversation("").await.unwrap().id;
        told(&client, &id).await
    }));
    let told = tokio::time::timeout(PATIENCE, told).await.unwrap();
    assert!(told.iter().all(|text| *text == whole));
}

#[tokio::test]
async fn answers_that_are_not_read_for_a_while_are_whole_all_the_same() {
    let script = (0..2_000).map(|_| Step::token("a ")).chain([Step::finish("stop")]);
    let house = House::new(script.collect()).await;
    let client = house.client().await;
    let mut answers = Vec::new();
    for _ in 0..40 {
        let id = client.create_conversation("").await.unwrap().id;
        answers.push(client.add_response(ask(&id)).await.unwrap());
    }
    // One after the other: the last one waits for all others.
    for answer in answers {
        let last = answer.collect::<Vec<_>>().await.pop().unwrap();
        assert!(matches!(last, Ok(Answer::Finished(response)) if response.message.len() == 4_000));
    }
}

#[tokio::test]
async fn an_answer_of_a_hundred_megabytes_is_kept_whole() {
    let piece = "abcdefg ".repeat(1 << 17);
    let pieces = 100;
    let script = (0..pieces).map(|_| Step::token(piece.as_str())).chain([Step::finish("stop")]);
    let house = House::new(script.collect()).await;
    let client = house.client().await;
    let id = client.create_conversation("").await.unwrap().id;
    let text = tokio::time::timeout(PATIENCE, told(&client, &id)).await.unwrap();
    assert_eq!(text.len(), piece.len() * pieces);
    let stored = house.store.responses(&id).await.unwrap().pop().unwrap();
    assert!(!stored.partial && stored.message == text);
}

#[tokio::test]
async fn after_a_clock_that_jumped_answers_still_follow_questions() {
    let house = House::new(vec![Step::token("a"), Step::finish("stop")]).await;
    let client = house.client().await;
    let id = client.create_conversation("").await.unwrap().id;
    let future = Time(i64::MAX / 2);
    let early = Response::human(ResponseId::random(), "said when the clock was wrong", future);
    house.store.add(&id, early.clone()).await.unwrap();
    let below = AddResponse::new(id.clone(), "said when it was right", Some(early.id.clone()));
    let steps: Vec<_> = client.add_response(below).await.unwrap().collect().await;
    assert!(matches!(steps.last(), Some(Ok(Answer::Finished(_)))), "{steps:?}");
    let (_, said) = client.get_conversation(&id).await.unwrap();
    let parents: Vec<_> = said.iter().map(|response| response.parent.clone()).collect();
    assert_eq!(parents, [None, Some(early.id), Some(said[1].id.clone())]);
    assert!(said.iter().all(|response| response.create_time == future));
}
