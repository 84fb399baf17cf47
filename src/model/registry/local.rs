//! Looking for model servers of this machine on their usual ports.

use std::time::Duration;

use futures::future::join_all;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Origin, Registry};
use crate::model::Backend as _;
use crate::model::openai::{OpenAiBackend, Settings};
use crate::model::{RetryPolicy, Timeouts};

/// How long a server of this machine may take to tell its models.
const PATIENCE: Duration = Duration::from_millis(300);

/// The names and addresses under which local servers usually answer.
pub const USUAL_PORTS: [(&str, &str); 4] = [
    ("ollama", "http://127.0.0.1:11434/v1"),
    ("llamacpp", "http://127.0.0.1:8080/v1"),
    ("lmstudio", "http://127.0.0.1:1234/v1"),
    ("vllm", "http://127.0.0.1:8000/v1"),
];

/// A place to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalServer {
    /// The backend's name, if a server is there.
    pub name: String,
    /// Its address up to and including `/v1`.
    pub base_url: String,
}

/// How far the search is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Discovery {
    #[default]
    Never,
    Running,
    Done,
}

pub(super) fn usual() -> Vec<LocalServer> {
    let server =
        |(name, url): (&str, &str)| LocalServer { name: name.to_owned(), base_url: url.to_owned() };
    USUAL_PORTS.into_iter().map(server).collect()
}

/// The right to search; says how far the search came, also where its future is dropped.
struct Search<'a> {
    registry: &'a Registry,
    came_to: Discovery,
}

impl<'a> Search<'a> {
    /// `None` while somebody else is searching.
    fn begin(registry: &'a Registry, even_again: bool) -> Option<Self> {
        let begun = registry.shared.discovery.send_if_modified(|discovery| {
            let free = match discovery {
                Discovery::Never => true,
                Discovery::Running => false,
                Discovery::Done => even_again,
            };
            if free {
                *discovery = Discovery::Running;
            }
            free
        });
        // Not made where it has not begun: dropping it ends the search.
        begun.then(|| Self { registry, came_to: Discovery::Never })
    }

    async fn run(mut self) -> Vec<String> {
        let (places, timeouts) = {
            let state = self.registry.read();
            (state.local_servers.clone(), state.timeouts.clone())
        };
        let asked = join_all(places.iter().map(answers)).await;
        let mut added = Vec::new();
        for (place, there) in places.into_iter().zip(asked) {
            if there && is_new(self.registry, &place) {
                let mut settings = Settings::new(place.base_url);
                settings.timeouts = timeouts.clone();
                self.registry.add_server(&place.name, settings, Origin::Found);
                added.push(place.name);
            }
        }
        self.came_to = Discovery::Done;
        added
    }
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        self.registry.shared.discovery.send_replace(self.came_to);
    }
}

pub(super) async fn discover(registry: &Registry) -> Vec<String> {
    match Search::begin(registry, true) {
        Some(search) => search.run().await,
        None => {
            settled(registry).await;
            Vec::new()
        }
    }
}

/// Waits until there was a search, and makes it if nobody did. Returns whether anything can have
/// changed meanwhile.
pub(super) async fn settled(registry: &Registry) -> bool {
    if let Some(search) = Search::begin(registry, false) {
        return !search.run().await.is_empty();
    }
    let mut discovery = registry.shared.discovery.subscribe();
    let running = *discovery.borrow() == Discovery::Running;
    if running {
        // The sender lives as long as the registry.
        let _ = discovery.wait_for(|&discovery| discovery != Discovery::Running).await;
    }
    running
}

/// Whether a server with models is there. No key is sent.
async fn answers(place: &LocalServer) -> bool {
    if !listens(place).await {
        return false;
    }
    let mut settings = Settings::new(place.base_url.clone());
    settings.timeouts = Timeouts { connect: PATIENCE, models: PATIENCE, ..Timeouts::default() };
    settings.retry = RetryPolicy { tries: 1, ..RetryPolicy::default() };
    let backend = OpenAiBackend::new(settings);
    let models = timeout(PATIENCE, backend.models()).await;
    models.is_ok_and(|models| models.is_ok_and(|models| !models.is_empty()))
}

/// Whether anybody takes connections there. Mostly nobody does, and an HTTP client is much to set up
/// for learning that.
async fn listens(place: &LocalServer) -> bool {
    let authority = place.base_url.strip_prefix("http://").and_then(|rest| rest.split('/').next());
    match authority {
        Some(authority) => {
            matches!(timeout(PATIENCE, TcpStream::connect(authority)).await, Ok(Ok(_)))
        }
        // Whatever it is, the client knows.
        None => true,
    }
}

/// Whether it is not the server of another backend, nor has the name of one.
fn is_new(registry: &Registry, place: &LocalServer) -> bool {
    let address = OpenAiBackend::new(Settings::new(place.base_url.clone())).address().to_owned();
    let same = |address: &str| address.replace("//localhost:", "//127.0.0.1:");
    let state = registry.read();
    !state
        .backends
        .iter()
        .any(|entry| entry.name == place.name || same(&entry.address) == same(&address))
}
