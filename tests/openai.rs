//! The OpenAI-compatible backend against a server that imitates every dialect, trap and failure.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "openai/dialects.rs"]
mod dialects;
#[path = "openai/faults.rs"]
mod faults;
#[path = "support/http.rs"]
mod http;
#[path = "openai/registry.rs"]
mod registry;
#[path = "openai/requests.rs"]
mod requests;

use std::time::Duration;

use futures::StreamExt as _;
use grok_tui::forest::{Sampling, Usage};
use grok_tui::model::openai::{Dialect, OpenAiBackend, Settings};
use grok_tui::model::{
    Backend as _, Error, ErrorKind, Event, Message, Request, RetryPolicy, Role, Timeouts,
};
use http::{Random, Reply, Server, Step};

/// Settings that lose no time.
fn settings(server: &Server) -> Settings {
    let mut settings = Settings::new(server.address.clone());
    settings.timeouts = Timeouts {
        connect: Duration::from_secs(5),
        first_byte: Duration::from_secs(20),
        idle: Duration::from_secs(20),
        grace: Duration::from_millis(50),
        models: Duration::from_secs(5),
    };
    settings.retry = RetryPolicy { first_wait: Duration::from_millis(1), ..RetryPolicy::default() };
    settings
}

fn request() -> Request {
    let message = Message::new(Role::User, "Hello?");
    Request {
        model: "m".to_owned(),
        messages: vec![message],
        sampling: Sampling::default(),
        conversation: None,
    }
}

fn to_continue(text: &str) -> Request {
    let mut request = request();
    request.messages.push(Message::new(Role::Assistant, text));
    request
}

/// All that one request yields; ends with an error, or with the last event.
async fn all(backend: &OpenAiBackend, request: Request) -> (Vec<Event>, Option<Error>) {
    let mut stream = backend.sample(request);
    let mut events = Vec::new();
    let reading = async {
        while let Some(item) = stream.next().await {
            match item {
                Ok(event) => events.push(event),
                Err(error) => {
                    assert!(stream.next().await.is_none(), "an error is the last item");
                    return Some(error);
                }
            }
        }
        None
    };
    let error = tokio::time::timeout(Duration::from_secs(60), reading).await.expect("it ends");
    (events, error)
}

/// What one reply yields.
async fn of(reply: Reply) -> (Vec<Event>, Option<Error>) {
    let server = Server::start(vec![reply]).await;
    all(&OpenAiBackend::new(settings(&server)), request()).await
}

async fn error_of(reply: Reply) -> Error {
    of(reply).await.1.expect("an error")
}

/// The texts of all tokens.
fn text(events: &[Event]) -> String {
    let token = |event: &Event| match event {
        Event::Token(token) => Some(token.text.clone()),
        _ => None,
    };
    events.iter().filter_map(token).collect()
}

fn reasoning(events: &[Event]) -> String {
    let piece = |event: &Event| match event {
        Event::Reasoning(text) => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(piece).collect()
}

fn notices(events: &[Event]) -> Vec<String> {
    let notice = |event: &Event| match event {
        Event::Notice(text) => Some(text.clone()),
        _ => None,
    };
    events.iter().filter_map(notice).collect()
}

fn finish(events: &[Event]) -> Option<(String, Option<Usage>)> {
    match events.last() {
        Some(Event::Finish { reason, usage }) => Some((reason.clone(), *usage)),
        _ => None,
    }
}

/// A chunk with a piece of text.
fn piece(text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    format!(
        "data: {{\"choices\":[{{\"index\":0,\"delta\":{{\"content\":{text}}},\"finish_reason\":null}}]}}\n\n"
    )
}

const STOP: &str =
    "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
const DONE: &str = "data: [DONE]\n\n";

/// An answer of those pieces.
fn answer(pieces: &[&str]) -> Reply {
    let pieces: String = pieces.iter().map(|text| piece(text)).collect();
    Reply::sse(format!("{pieces}{STOP}{DONE}"))
}
