//! xAI's own gRPC interface (`xai_api`). This file owns the settings and the backend; below it, each
//! file owns one part: the connection, the request, one turn, the answer's pieces, what becomes of a given
//! beginning, the errors.

mod answer;
mod fault;
mod prefill;
mod request;
mod server;
mod turn;

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _};
use secrecy::SecretString;

use super::{Backend, Error, EventStream, ModelInfo, Request, RetryPolicy, Timeouts};
use server::Server;

/// Where xAI's models are.
pub const XAI_API_HOST: &str = "api.x.ai";

/// Where xAI's models are asked, and how.
#[derive(Clone)]
pub struct Settings {
    /// A host, which is spoken to over TLS, or a whole address; `http://` only on this machine.
    pub host: String,
    /// The key.
    pub api_key: SecretString,
    /// How long the server is waited for.
    pub timeouts: Timeouts,
    /// How often it is tried again.
    pub retry: RetryPolicy,
}

impl Settings {
    /// That host, with the usual patience.
    #[must_use]
    pub fn new(host: impl Into<String>, api_key: SecretString) -> Self {
        Self {
            host: host.into(),
            api_key,
            timeouts: Timeouts::default(),
            retry: RetryPolicy::default(),
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("host", &self.host)
            .field("timeouts", &self.timeouts)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// The models of xAI.
#[derive(Clone)]
pub struct XaiBackend {
    server: Arc<Server>,
}

impl XaiBackend {
    /// A backend for that host. Nothing is connected or checked before it is used; what is wrong with
    /// the settings is then told by the first call.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { server: Arc::new(Server::new(settings)) }
    }

    /// The server's address.
    #[must_use]
    pub fn address(&self) -> &str {
        self.server.address()
    }
}

impl fmt::Debug for XaiBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("XaiBackend").field(&self.address()).finish()
    }
}

impl Backend for XaiBackend {
    fn sample(&self, request: Request) -> EventStream {
        let continued = request.prefix().is_some().then(|| request.model.clone());
        let answer = turn::events(Arc::clone(&self.server), request).boxed();
        match continued {
            Some(model) => prefill::with_word(&self.server, &model, answer).boxed(),
            None => answer,
        }
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>> {
        self.server.models().boxed()
    }
}
