//! The service under load, over loopback TCP with its store on the disk: how long a call takes, how
//! much it adds to a backend's first token, and how late tokens are when many answers stream at once.
//!
//! `cargo bench --bench load -- --streams 1000 --seconds 60`

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]
#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use futures::future::{BoxFuture, join_all};
use futures::{StreamExt as _, stream};
use grok_tui::client::{AddResponse, Answer, Client};
use grok_tui::forest::{Time, Token};
use grok_tui::model::{Backend, Error, Event, EventStream, ModelInfo, Request};
use grok_tui::server::{Address, Limits, Listener, Service, Serving, SingleBackend, User, Users};
use grok_tui::store::{SqliteStore, Store};
use secrecy::SecretString;
use tokio::runtime::Runtime;
use tokio::time::sleep_until;

/// Time between two tokens of an answer: 50 a second.
const BEAT: Duration = Duration::from_millis(20);
/// Clients that share the streams.
const CLIENTS: usize = 10;
const CALLS: usize = 5_000;
const FIRSTS: usize = 300;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// Says what time it is, beat after beat.
struct Metronome {
    beats: u64,
}

impl Backend for Metronome {
    fn sample(&self, _: Request) -> EventStream {
        let (begun, beats) = (tokio::time::Instant::now(), self.beats);
        let tokens = stream::iter(0..beats).then(move |beat| async move {
            sleep_until(begun + BEAT * beat as u32).await;
            let text = format!("{} ", START.elapsed().as_micros());
            Ok(Event::Token(Token { text, ..Token::default() }))
        });
        let finish = Event::Finish { reason: "stop".into(), usage: None };
        tokens.chain(stream::iter([Ok(finish)])).boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>> {
        Box::pin(async { Ok(vec![ModelInfo::named("metronome")]) })
    }
}

/// A service on a runtime of its own.
struct House {
    address: String,
    key: Option<SecretString>,
    store: Arc<SqliteStore>,
    _runtime: Runtime,
    _folder: tempfile::TempDir,
}

impl House {
    fn new(beats: u64, with_users: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let store = Arc::new(SqliteStore::open(folder.path().join("conversations.db")));
        let models = SingleBackend::new("bench", Metronome { beats });
        let service = Service::new(store.clone(), Arc::new(models));
        let mut serving = Serving::new(service);
        let mut key = None;
        if with_users {
            let users = Users::of(folder.path());
            key = Some(users.add("ada", true, Time(0)).unwrap());
            let unused = |_: &User| -> Arc<dyn Store> { Arc::new(SqliteStore::in_memory()) };
            let limits = Limits { requests_per_second: 1e6, ..Limits::default() };
            serving = serving.limited(limits).for_users(users, unused).unwrap();
        }
        let loopback: Address = "127.0.0.1:0".parse().unwrap();
        let listener = runtime.block_on(Listener::bind(&loopback)).unwrap();
        let address = format!("http://{}", listener.address().unwrap());
        let never = std::future::pending;
        runtime.spawn(async move { serving.run(listener, never(), never()).await.unwrap() });
        Self { address, key, store, _runtime: runtime, _folder: folder }
    }

    async fn client(&self) -> Client {
        Client::connect(&self.address, self.key.clone()).await.unwrap()
    }
}

fn report(what: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize].as_secs_f64() * 1e3;
    println!("{what:<44} p50 {:8.3}  p95 {:8.3}  p99 {:8.3} ms", at(0.5), at(0.95), at(0.99));
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, default: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.map_or(default, |at| arguments[at + 1].parse().unwrap())
    };
    let (streams, seconds) = (number("--streams", 1_000), number("--seconds", 10));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for with_users in [false, true] {
        let what = if with_users { "a call with a key" } else { "a call" };
        report(what, runtime.block_on(calls(&House::new(1, with_users))));
    }
    report("first token, beyond the backend's", runtime.block_on(firsts(&House::new(1, false))));
    let house = House::new(seconds * 1_000 / BEAT.as_millis() as u64, false);
    let (late, whole) = runtime.block_on(many(&house, streams as usize));
    println!(
        "{streams} streams of 50 tokens/s for {seconds} s: {} tokens, {whole} complete and stored",
        late.len()
    );
    report("a token of them, after the backend's", late);
}

/// Unary calls, one after the other.
async fn calls(house: &House) -> Vec<Duration> {
    let client = house.client().await;
    let id = client.create_conversation("").await.unwrap().id;
    let mut times = Vec::with_capacity(CALLS);
    for _ in 0..CALLS {
        let begun = Instant::now();
        client.get_conversation(&id).await.unwrap();
        times.push(begun.elapsed());
    }
    times
}

/// How much later than at the backend a first token is at the client.
async fn firsts(house: &House) -> Vec<Duration> {
    let client = house.client().await;
    let id = client.create_conversation("").await.unwrap().id;
    let mut late = Vec::with_capacity(FIRSTS);
    for _ in 0..FIRSTS {
        let asked = AddResponse::new(id.clone(), "what time is it?", None);
        let mut answer = client.add_response(asked).await.unwrap();
        while let Some(step) = answer.next().await {
            if let Answer::Token(token) = step.unwrap() {
                late.push(delay(&token.text));
            }
        }
    }
    late
}

fn delay(stamp: &str) -> Duration {
    let sent = Duration::from_micros(stamp.trim().parse().unwrap());
    START.elapsed().saturating_sub(sent)
}

/// Many answers at once; how late each token was, and how many answers are whole.
async fn many(house: &House, streams: usize) -> (Vec<Duration>, usize) {
    let clients = join_all((0..CLIENTS).map(|_| house.client())).await;
    let answers = (0..streams).map(|index| {
        let client = &clients[index % CLIENTS];
        async move {
            let id = client.create_conversation("").await.unwrap().id;
            let asked = AddResponse::new(id.clone(), "what time is it?", None);
            let mut answer = client.add_response(asked).await.unwrap();
            let (mut late, mut told) = (Vec::new(), String::new());
            while let Some(step) = answer.next().await {
                match step.unwrap() {
                    Answer::Token(token) => {
                        late.push(delay(&token.text));
                        told.push_str(&token.text);
                    }
                    Answer::Finished(response) => assert_eq!(response.message, told),
                    _ => {}
                }
            }
            (id, told, late)
        }
    });
    let (mut late, mut whole) = (Vec::new(), 0);
    for (id, told, times) in join_all(answers).await {
        let stored = house.store.responses(&id).await.unwrap();
        whole +=
            usize::from(stored.last().is_some_and(|last| !last.partial && last.message == told));
        late.extend(times);
    }
    (late, whole)
}
