//! Any server that speaks the OpenAI-compatible protocol over HTTP. This file owns the settings and
//! the backend; below it, each file owns one part: the address, the request, one turn, the bytes, the
//! JSON, the errors. Which servers there are is left to the registry.

mod address;
mod answer;
mod dialect;
mod echo;
mod fault;
mod framing;
mod http;
mod models;
mod request;
mod retry;
mod server;
mod turn;
mod wire;
mod words;

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _};
use secrecy::SecretString;

use super::{Backend, Error, EventStream, ModelInfo, Request, RetryPolicy, Timeouts};
use server::Server;

pub use dialect::Dialect;
pub use models::looks_like_chat;

/// The address of OpenAI itself.
pub const OPENAI_BASE_URL: &str = "https://api.openai.com/v1";

/// Where a server is and how it is spoken to.
#[derive(Clone)]
pub struct Settings {
    /// The address up to and including `/v1`. A slash at the end does not matter, and a bare host
    /// gets `/v1`; any other path is taken as given. May hold a user name and a password.
    pub base_url: String,
    /// The key, if the server wants one.
    pub api_key: Option<SecretString>,
    /// The environment variable that holds the key; named in errors.
    pub api_key_env: Option<String>,
    /// Further headers to send. Their values are treated as secrets.
    pub headers: Vec<(String, SecretString)>,
    /// Which server it is; `None`: found out when it matters.
    pub dialect: Option<Dialect>,
    /// How long it is waited for.
    pub timeouts: Timeouts,
    /// How often it is tried again.
    pub retry: RetryPolicy,
}

impl Settings {
    /// A server without key, with the usual patience.
    #[must_use]
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            api_key: None,
            api_key_env: None,
            headers: Vec::new(),
            dialect: None,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = address::Address::parse(&self.base_url);
        f.debug_struct("Settings")
            .field("base_url", &address.as_ref().map_or("(none)", address::Address::shown))
            .field("dialect", &self.dialect)
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// The models of one OpenAI-compatible server.
#[derive(Clone)]
pub struct OpenAiBackend {
    server: Arc<Server>,
}

impl OpenAiBackend {
    /// A backend for that server. Nothing is connected, read or checked before it is used; what is
    /// wrong with the settings is then told by the first call.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { server: Arc::new(Server::new(settings)) }
    }

    /// The server's address, without secrets; empty if what was given is none.
    #[must_use]
    pub fn address(&self) -> &str {
        self.server.shown()
    }
}

impl fmt::Debug for OpenAiBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OpenAiBackend").field(&self.address()).finish()
    }
}

impl Backend for OpenAiBackend {
    fn sample(&self, request: Request) -> EventStream {
        turn::events(Arc::clone(&self.server), request).boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>> {
        self.server.models().boxed()
    }
}
