//! The cost of the offline model: making it, reading a prompt, drawing tokens.

use divan::Bencher;
use divan::counter::ItemsCount;
use futures::StreamExt;
use grok_tui::forest::Sampling;
use grok_tui::model::offline::OfflineBackend;
use grok_tui::model::{Backend, Event, Message, Request, Role};
use tokio::runtime::{Builder, Runtime};

fn main() {
    divan::main();
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().expect("a runtime without I/O can be made")
}

fn request(text: &str, seed: u64) -> Request {
    Request {
        model: "ngram".to_owned(),
        messages: vec![Message::new(Role::User, text)],
        sampling: Sampling { seed: Some(seed), ..Sampling::default() },
        conversation: None,
    }
}

/// Samples answers until there are `count` tokens.
async fn tokens(backend: &OfflineBackend, count: usize, sampling: &Sampling) -> usize {
    let mut drawn = 0;
    for seed in 0.. {
        let mut request = request("How do I resample an answer?", seed);
        request.sampling = Sampling { seed: Some(seed), ..sampling.clone() };
        let mut answer = backend.sample(request);
        while let Some(event) = answer.next().await {
            drawn += usize::from(matches!(event, Ok(Event::Token(_))));
            if drawn == count {
                return drawn;
            }
        }
    }
    drawn
}

#[divan::bench]
fn train() {
    let backend = OfflineBackend::new();
    runtime().block_on(backend.prepare()).expect("the runtime is running");
}

#[divan::bench(args = [100, 10_000, 1_000_000])]
fn first_token(bencher: Bencher<'_, '_>, bytes: usize) {
    let (runtime, backend) = (runtime(), OfflineBackend::new());
    runtime.block_on(backend.prepare()).expect("the runtime is running");
    let text = "Why does entropy increase? ".repeat(bytes / 27 + 1);
    bencher.with_inputs(|| request(&text, 1)).bench_local_values(|request| {
        runtime.block_on(async { backend.sample(request).next().await })
    });
}

#[divan::bench(args = ["default", "top_k 0", "top_p 0.9", "temperature 1.5", "temperature 5"])]
fn thousand_tokens(bencher: Bencher<'_, '_>, settings: &str) {
    let (runtime, backend) = (runtime(), OfflineBackend::new());
    let sampling = match settings {
        "top_k 0" => Sampling { top_k: Some(0), ..Sampling::default() },
        "top_p 0.9" => Sampling { top_p: Some(0.9), ..Sampling::default() },
        "temperature 1.5" => Sampling { temperature: Some(1.5), ..Sampling::default() },
        "temperature 5" => Sampling { temperature: Some(5.0), ..Sampling::default() },
        _ => Sampling::default(),
    };
    bencher
        .counter(ItemsCount::new(1_000_usize))
        .bench_local(|| runtime.block_on(tokens(&backend, 1_000, &sampling)));
}
