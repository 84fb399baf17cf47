//! The client: a typed connection to a conversation service, embedded or across the network.
//! Protocol types stop here; above it there are only values of the forest.

mod answer;
mod calls;
mod error;
mod extension;
mod parts;
mod patience;
mod retry;
pub mod sdk;
mod transport;

use std::sync::Arc;

use secrecy::SecretString;

pub use answer::{AddModelResponse, AddResponse, Answer, AnswerStream};
pub use error::{Error, ErrorKind};
pub use extension::{Annotated, Changes, ServiceInfo};
pub use patience::Patience;

use transport::Transport;

/// Largest message taken from the embedded service, in bytes.
const EMBEDDED_MESSAGE_LIMIT: usize = crate::server::LONGEST_MESSAGE;
/// Largest message taken from a server, in bytes: enough for a conversation of millions of responses.
const NETWORK_MESSAGE_LIMIT: usize = 1 << 30;

/// A connection to a conversation service. Clones are cheap and share the connection.
#[derive(Debug, Clone)]
pub struct Client {
    transport: Transport,
    endpoint: Arc<str>,
    patience: Patience,
    /// Whether a certificate was named that is trusted besides those of the system.
    names_authority: bool,
}

impl Client {
    /// Joins the generated client directly to the generated servers of `service`: every call takes
    /// the path it would take over a network, without one.
    #[must_use]
    pub fn embedded(service: crate::server::Service) -> Self {
        Self {
            transport: Transport::embedded(&service),
            endpoint: "local".into(),
            // Nothing that is part of this process is given up.
            patience: Patience::default(),
            names_authority: false,
        }
    }

    /// A connection to the server at `endpoint`: `http://HOST:PORT` in plaintext, `https://HOST:PORT`
    /// with TLS. Without a scheme, loopback means plaintext and everything else TLS. The key goes
    /// with every call. Nothing is sent yet: the connection is made with the first call, and made
    /// again with the next call after it broke.
    ///
    /// # Errors
    /// When `endpoint` is no such address, or the key holds characters that cannot be sent.
    #[expect(clippy::unused_async, reason = "needs the runtime; async says so to the caller")]
    pub async fn connect(endpoint: &str, api_key: Option<SecretString>) -> Result<Self, Error> {
        Self::over_network(endpoint, api_key.as_ref(), None, Patience::default())
    }

    /// The same, trusting the certificate `authority` (in PEM form) besides those of the system.
    ///
    /// # Errors
    /// As [`Self::connect`]; also when `authority` is no certificate.
    #[expect(clippy::unused_async, reason = "needs the runtime; async says so to the caller")]
    pub async fn connect_trusting(
        endpoint: &str,
        api_key: Option<SecretString>,
        authority: &[u8],
    ) -> Result<Self, Error> {
        Self::over_network(endpoint, api_key.as_ref(), Some(authority), Patience::default())
    }

    /// As [`Self::connect_trusting`] where there is an `authority`, else as [`Self::connect`], waiting
    /// for the server as long as `patience` says.
    ///
    /// # Errors
    /// As those.
    #[expect(clippy::unused_async, reason = "needs the runtime; async says so to the caller")]
    pub async fn connect_patiently(
        endpoint: &str,
        api_key: Option<SecretString>,
        authority: Option<&[u8]>,
        patience: Patience,
    ) -> Result<Self, Error> {
        Self::over_network(endpoint, api_key.as_ref(), authority, patience)
    }

    fn over_network(
        endpoint: &str,
        api_key: Option<&SecretString>,
        authority: Option<&[u8]>,
        patience: Patience,
    ) -> Result<Self, Error> {
        let endpoint = transport::with_scheme(endpoint);
        let transport = Transport::network(&endpoint, api_key, authority, patience.connect)?;
        Ok(Self {
            transport,
            endpoint: endpoint.into(),
            patience,
            names_authority: authority.is_some(),
        })
    }

    /// Whether the service is part of this process.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        matches!(self.transport, Transport::Embedded(_))
    }

    /// The address of the service; `local` when it is embedded.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn message_limit(&self) -> usize {
        if self.is_embedded() { EMBEDDED_MESSAGE_LIMIT } else { NETWORK_MESSAGE_LIMIT }
    }
}
