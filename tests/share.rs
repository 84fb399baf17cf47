//! Shared paths as others see them: pages over HTTP, what is on them, and how they go.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "share/browser.rs"]
mod browser;

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use grok_tui::client::{AddModelResponse, AddResponse, Answer, Client};
use grok_tui::forest::{ConversationId, Response, ResponseId};
use grok_tui::model::scripted::{Script, ScriptedBackend};
use grok_tui::server::{Address, Listener, Service, Serving, Sharing, SingleBackend};
use grok_tui::store::SqliteStore;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Long enough for a busy machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service with pages.
struct House {
    client: Client,
    pages: String,
    served: JoinHandle<()>,
}

impl Drop for House {
    fn drop(&mut self) {
        self.served.abort();
    }
}

impl House {
    async fn new() -> Self {
        let models =
            SingleBackend::new("scripted", ScriptedBackend::new(Script::text("An answer.")));
        let pages = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = pages.local_addr().unwrap().to_string();
        let sharing = Sharing::Pages(format!("http://{address}"));
        let service =
            Service::new(Arc::new(SqliteStore::in_memory()), Arc::new(models)).sharing(sharing);
        let listener = Listener::bind(&"127.0.0.1:0".parse::<Address>().unwrap()).await.unwrap();
        let endpoint = listener.address().unwrap().to_string();
        let serving = Serving::new(service).with_pages(pages, None);
        let served = tokio::spawn(async move {
            let never = std::future::pending;
            serving.run(listener, never(), never()).await.unwrap();
        });
        let client = Client::connect(&endpoint, None).await.unwrap();
        Self { client, pages: address, served }
    }

    async fn conversation(&self, title: &str) -> ConversationId {
        let id = self.client.create_conversation("").await.unwrap().id;
        self.client.update_conversation(&id, title, false).await.unwrap();
        id
    }

    /// The question and its answer.
    async fn ask(
        &self,
        id: &ConversationId,
        text: &str,
        parent: Option<&Response>,
    ) -> [Response; 2] {
        let parent = parent.map(|parent| parent.id.clone());
        let asked = AddResponse::new(id.clone(), text, parent);
        let mut stream = self.client.add_response(asked).await.unwrap();
        let mut said = Vec::new();
        while let Some(step) = stream.next().await {
            if let Answer::User(response) | Answer::Finished(response) = step.unwrap() {
                said.push(response);
            }
        }
        said.try_into().unwrap()
    }

    async fn hand(&self, id: &ConversationId, text: &str, parent: &ResponseId) -> Response {
        let by_hand = AddModelResponse {
            conversation: id.clone(),
            message: text.to_owned(),
            partial: false,
            parent: Some(parent.clone()),
            edited_from: None,
        };
        self.client.add_model_response(by_hand).await.unwrap()
    }

    /// The public path, as a request names it.
    async fn share(&self, id: &ConversationId, response: &ResponseId) -> String {
        let (shared_id, url) = self.client.share_conversation(id, response).await.unwrap();
        assert_eq!(url, format!("http://{}/share/{shared_id}", self.pages));
        format!("/share/{shared_id}")
    }

    /// Status line and headers in lower case, and the body.
    async fn get(&self, path: &str) -> (String, String) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        self.send(request.as_bytes()).await
    }

    async fn send(&self, request: &[u8]) -> (String, String) {
        let mut socket = TcpStream::connect(&self.pages).await.unwrap();
        socket.write_all(request).await.unwrap();
        let mut answer = Vec::new();
        let read = socket.read_to_end(&mut answer);
        // A server that has heard enough may reset the connection.
        let _ = tokio::time::timeout(PATIENCE, read).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        (head.to_lowercase(), body.to_owned())
    }
}

#[tokio::test]
async fn a_page_shows_the_path_and_counts_what_it_does_not_show() {
    let house = House::new().await;
    let id = house.conversation("Why?").await;
    let [question, answer] = house.ask(&id, "Why is that?", None).await;
    house.hand(&id, "A secret sibling", &question.id).await;
    let [_, below] = house.ask(&id, "A secret below", Some(&answer)).await;
    let path = house.share(&id, &answer.id).await;
    let (head, page) = house.get(&path).await;
    assert!(head.starts_with("http/1.1 200"), "{head}");
    for header in [
        "content-security-policy: default-src 'none'; style-src 'sha256-",
        "frame-ancestors 'none'",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "x-robots-tag: noindex",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    for shown in
        ["Why is that?", "An answer.", "1 of 2 answers", "scripted/scripted", "<title>Why?"]
    {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("secret"), "{page}");

    // Another path has another address, and goes alone.
    let wider = house.share(&id, &below.id).await;
    let gone = house.client.unshare_conversation(&id, Some(&answer.id)).await.unwrap();
    assert_eq!(gone.len(), 1);
    assert!(house.get(&path).await.0.starts_with("http/1.1 404"));
    assert!(house.get(&wider).await.1.contains("A secret below"));
    let marked = |responses: Vec<Response>| responses.into_iter().filter(|r| r.shared).count();
    let (_, responses) = house.client.get_conversation(&id).await.unwrap();
    assert_eq!(marked(responses), 4);
    house.client.unshare_conversation(&id, None).await.unwrap();
    let (_, responses) = house.client.get_conversation(&id).await.unwrap();
    assert_eq!(marked(responses), 0);
    assert!(house.get(&wider).await.0.starts_with("http/1.1 404"));
}

#[tokio::test]
async fn a_conversation_in_the_trash_is_not_public() {
    let house = House::new().await;
    let id = house.conversation("t").await;
    let [_, answer] = house.ask(&id, "q", None).await;
    let path = house.share(&id, &answer.id).await;
    house.client.delete_conversation(&id).await.unwrap();
    assert!(house.get(&path).await.0.starts_with("http/1.1 404"));
    house.client.restore_conversation(&id).await.unwrap();
    assert!(house.get(&path).await.0.starts_with("http/1.1 200"));
}

#[tokio::test]
async fn nothing_else_is_told_to_anybody() {
    let house = House::new().await;
    let id = house.conversation("t").await;
    let [_, answer] = house.ask(&id, "q", None).await;
    let path = house.share(&id, &answer.id).await;
    let unknown = "/share/00000000-0000-4000-8000-000000000000";
    let (first, words) = house.get(unknown).await;
    let odd = format!("{path}/..");
    let ids = format!("/share/{id}");
    for other in ["/", "/share/", "/share/%2e%2e", "/etc/passwd", &odd, &ids] {
        let (head, body) = house.get(other).await;
        assert!(head.starts_with("http/1.1 404"), "{other}: {head}");
        assert_eq!((head.lines().next(), &body), (first.lines().next(), &words), "{other}");
    }
    let request = format!("HEAD {path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    let (head, body) = house.send(request.as_bytes()).await;
    assert!(head.starts_with("http/1.1 200") && body.is_empty(), "{head}");
    let post = b"POST / HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
    let (head, _) = house.send(post).await;
    assert!(head.starts_with("http/1.1 405") && head.contains("allow: get, head"), "{head}");
    // Noise ends the connection of whoever makes it, and nothing else.
    for noise in [&b"\0\xff\x16\x03\x01\n\n"[..], b"GET / HTTP/9.9\r\n\r\n", &[b'a'; 100_000]] {
        let mut socket = TcpStream::connect(&house.pages).await.unwrap();
        let _ = socket.write_all(noise).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(PATIENCE, socket.read_to_end(&mut answer)).await.unwrap();
        assert!(!answer.starts_with(b"HTTP/1.1 2"));
    }
    // One that says nothing holds up nobody.
    let _silent = TcpStream::connect(&house.pages).await.unwrap();
    assert!(house.get(&path).await.0.starts_with("http/1.1 200"));
}

const HOSTILE: &str = "# Hi <script>window.ran = 1</script>\n\n\
    <script>window.ran = 2</script>\n\n<img src=x onerror=\"window.ran = 3\">\n\n\
    ![pixel](http://127.0.0.1:9/pixel.png) [x](javascript:window.ran=4)\n\n\
    <style>body { display: none }</style>\n\n</div></article></main><svg onload=\"window.ran = 5\">\n\n\
    ```js\nlet x = 1; </code></pre><script>window.ran = 6</script>\n```\n\n\
    | a | b |\n|---|---|\n| <iframe src=x> | a_very_long_word_without_any_place_to_break_it_anywhere |\n\n\
    \u{202e}desrever \u{0}\u{1b}[2J end";

/// Needs chromium; where it is missing, the test says so.
#[tokio::test]
async fn a_browser_shows_a_hostile_page_and_runs_nothing() {
    let Some(program) = browser::find() else {
        eprintln!("skipped: there is no chromium here");
        return;
    };
    let house = House::new().await;
    let id = house.conversation("</title><script>window.ran = 0</script>").await;
    let wide = "W".repeat(2_000);
    let [question, _] = house.ask(&id, &wide, None).await;
    let answer = house.hand(&id, HOSTILE, &question.id).await;
    let path = house.share(&id, &answer.id).await;
    let address = format!("http://{}{path}", house.pages);
    let seen = tokio::task::spawn_blocking(move || browser::look_at(&program, &address));
    let seen = tokio::time::timeout(PATIENCE, seen).await.unwrap().unwrap();
    assert_eq!(seen.ran, serde_json::Value::Null, "a script ran");
    assert!(seen.title.starts_with("</title><script>"), "{}", seen.title);
    for shown in ["<script>window.ran = 2</script>", "<style>body", "written by hand", "end"] {
        assert!(seen.text.contains(shown), "{shown}: {}", seen.text);
    }
    assert!(seen.width <= 360, "it is {} wide", seen.width);
    let others: Vec<_> = seen.requests.iter().filter(|url| !url.contains("/share/")).collect();
    // The browser asks for an icon by itself.
    assert!(others.iter().all(|url| url.ends_with("/favicon.ico")), "{others:?}");
}
