//! What the store's operations cost on a file of the size that heavy users have. The number of
//! responses (default 1,000,000, a hundred to a conversation) can be set with
//! `GROK_TUI_BENCH_RESPONSES`; filling the file takes a while.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop at the first surprise")]

use std::sync::OnceLock;

use divan::Bencher;
use futures::future::join_all;
use grok_tui::forest::{Conversation, ConversationId, Details, Response, ResponseId, Time, Token};
use grok_tui::store::{Outcome, PageRequest, SqliteStore, Store};
use tokio::runtime::Runtime;

const TEXT: &str = "The second law says that entropy of a closed system never decreases, for the \
                    states that look alike are so many more than those that do not. ";

struct Fixture {
    runtime: Runtime,
    store: SqliteStore,
    folder: tempfile::TempDir,
    large: ConversationId,
    leaf: ResponseId,
    growing: ResponseId,
}

static FIXTURE: OnceLock<Fixture> = OnceLock::new();

fn make() -> Fixture {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = SqliteStore::open(folder.path().join("grok.db"));
    let count = std::env::var("GROK_TUI_BENCH_RESPONSES");
    let count = count.ok().and_then(|count| count.parse().ok()).unwrap_or(1_000_000);
    let numbers: Vec<i64> = (0..count / 100).collect();
    for some in numbers.chunks(5) {
        let fill = some.iter().map(async |number| {
            fill(&store, &format!("Conversation {number}"), 100).await;
        });
        runtime.block_on(join_all(fill));
    }
    let (large, leaf) = runtime.block_on(fill(&store, "The large one", 10_000));
    let begun = Response { partial: true, ..response(None, 0) };
    runtime.block_on(store.add(&large, begun.clone())).unwrap();
    Fixture { runtime, store, folder, large, leaf, growing: begun.id }
}

fn main() {
    divan::main();
    // What is static is not dropped.
    if let Some(fixture) = FIXTURE.get() {
        std::fs::remove_dir_all(fixture.folder.path()).unwrap();
    }
}

fn response(parent: Option<ResponseId>, number: i64) -> Response {
    let text = format!("Number {number}. {TEXT}");
    Response { parent, ..Response::model(ResponseId::random(), text, Time(number)) }
}

async fn fill(store: &SqliteStore, title: &str, count: i64) -> (ConversationId, ResponseId) {
    let id = ConversationId::random();
    let conversation = Conversation {
        id: id.clone(),
        title: title.into(),
        starred: false,
        create_time: Time(0),
        modify_time: Time(0),
        settings: Default::default(),
        response_count: 0,
    };
    store.create_conversation(conversation).await.unwrap();
    let mut parent = None;
    let mut all = Vec::new();
    for number in 0..count {
        let next = response(parent, number);
        parent = Some(next.id.clone());
        all.push(next);
    }
    for added in join_all(all.into_iter().map(|response| store.add(&id, response))).await {
        added.unwrap();
    }
    (id, parent.unwrap())
}

#[divan::bench]
fn open_the_file_and_list_the_first_page(bencher: Bencher) {
    let fixture = FIXTURE.get_or_init(make);
    bencher.bench_local(|| {
        let store = SqliteStore::open(fixture.folder.path().join("grok.db"));
        fixture.runtime.block_on(store.list(PageRequest { size: Some(100), token: None })).unwrap()
    });
}

#[divan::bench]
fn list_everything(bencher: Bencher) {
    let fixture = FIXTURE.get_or_init(make);
    bencher.bench_local(|| fixture.runtime.block_on(fixture.store.list(PageRequest::default())));
}

#[divan::bench]
fn open_a_conversation_of_10_000_responses(bencher: Bencher) {
    let fixture = FIXTURE.get_or_init(make);
    bencher
        .bench_local(|| fixture.runtime.block_on(fixture.store.responses(&fixture.large)).unwrap());
}

#[divan::bench]
fn path_of_10_000_responses(bencher: Bencher) {
    let fixture = FIXTURE.get_or_init(make);
    bencher.bench_local(|| {
        fixture.runtime.block_on(fixture.store.path(&fixture.large, &fixture.leaf)).unwrap()
    });
}

#[divan::bench(args = ["entropy", "Number 77", "large", "th", "nowhere"])]
fn search_the_first_page(bencher: Bencher, query: &str) {
    let fixture = FIXTURE.get_or_init(make);
    bencher.bench_local(|| {
        let page = PageRequest { size: Some(50), token: None };
        fixture.runtime.block_on(fixture.store.search(query, page)).unwrap()
    });
}

#[divan::bench]
fn append_50_tokens(bencher: Bencher) {
    let fixture = FIXTURE.get_or_init(make);
    bencher
        .with_inputs(|| {
            vec![Token { text: " law".into(), prob: Some(0.5), ..Token::default() }; 50]
        })
        .bench_local_values(|tokens| {
            let append =
                fixture.store.append(&fixture.large, &fixture.growing, " law".repeat(50), tokens);
            fixture.runtime.block_on(append).unwrap();
        });
}

#[divan::bench]
fn an_answer_from_begin_to_finish(bencher: Bencher) {
    let fixture = FIXTURE.get_or_init(make);
    bencher
        .with_inputs(|| Response { partial: true, ..response(Some(fixture.leaf.clone()), 1) })
        .bench_local_values(|begun| {
            fixture.runtime.block_on(async {
                let id = begun.id.clone();
                fixture.store.add(&fixture.large, begun).await.unwrap();
                let outcome = Outcome { partial: false, details: Details::default() };
                fixture.store.finish(&fixture.large, &id, outcome).await.unwrap()
            })
        });
}
