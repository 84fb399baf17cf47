//! What an answer costs from the socket to its events: a server on loopback sends it at full speed.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use divan::counter::ItemsCount;
use futures::StreamExt as _;
use grok_tui::forest::Sampling;
use grok_tui::model::openai::{OpenAiBackend, Settings};
use grok_tui::model::{Backend as _, Message, Request, Role};
use tokio::runtime::{Builder, Runtime};

const TOKENS: usize = 20_000;

fn main() {
    divan::main();
}

/// Tokens as most servers send them.
#[divan::bench]
fn plain(bencher: divan::Bencher<'_, '_>) {
    let chunk = r#"{"id":"chatcmpl-0123456789","object":"chat.completion.chunk","created":1700000000,"model":"some-model","choices":[{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}]}"#;
    run(bencher, chunk);
}

/// Tokens with probabilities and five candidates each.
#[divan::bench]
fn with_candidates(bencher: divan::Bencher<'_, '_>) {
    let bytes = "[32,119,111,114,100]";
    let top = format!(r#"{{"token":" word","logprob":-0.25,"bytes":{bytes}}}"#);
    let tops = [top.as_str(); 5].join(",");
    let chunk = format!(
        r#"{{"id":"chatcmpl-0123456789","object":"chat.completion.chunk","created":1700000000,"model":"some-model","choices":[{{"index":0,"delta":{{"content":" word"}},"logprobs":{{"content":[{{"token":" word","logprob":-0.25,"bytes":{bytes},"top_logprobs":[{tops}]}}]}},"finish_reason":null}}]}}"#
    );
    run(bencher, &chunk);
}

fn run(bencher: divan::Bencher<'_, '_>, chunk: &str) {
    let end = r#"{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#;
    let mut body = String::from(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\r\n",
    );
    body.extend(std::iter::repeat_n(format!("data: {chunk}\n\n"), TOKENS));
    body.push_str(&format!("data: {end}\n\ndata: [DONE]\n\n"));
    let Ok(address) = serve(body) else { return };
    let Ok(runtime) = Builder::new_current_thread().enable_all().build() else { return };
    let backend = OpenAiBackend::new(Settings::new(address));
    bencher.counter(ItemsCount::new(TOKENS)).bench_local(|| answer(&runtime, &backend));
}

fn answer(runtime: &Runtime, backend: &OpenAiBackend) {
    let message = Message::new(Role::User, "Hello?");
    let request = Request {
        model: "m".to_owned(),
        messages: vec![message],
        sampling: Sampling::default(),
        conversation: None,
    };
    let events =
        runtime.block_on(backend.sample(request).filter(|e| std::future::ready(e.is_ok())).count());
    assert_eq!(events, TOKENS + 1);
}

/// Says `reply` to everyone until the program ends.
fn serve(reply: String) -> std::io::Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}/v1", listener.local_addr()?);
    let reply: Arc<str> = reply.into();
    std::thread::spawn(move || {
        for mut socket in listener.incoming().flatten() {
            let reply = Arc::clone(&reply);
            let mut request = [0; 8192];
            // A client that has gone ends its benchmark by itself.
            let _ = socket.read(&mut request).and_then(|_| socket.write_all(reply.as_bytes()));
        }
    });
    Ok(address)
}
