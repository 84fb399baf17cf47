//! The HTTP client: built at first use, so that a launch does not pay for it.

use std::sync::Arc;
use std::time::Duration;

use reqwest::redirect::{Attempt, Policy};
use reqwest::{Client, StatusCode};
use rustls::crypto::ring;

use super::super::{Error, ErrorKind};
use super::address::Address;

/// Most redirects within a server.
const MOST_REDIRECTS: usize = 5;
/// Between probes of a silent connection.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// A client for the server at `address`.
pub(super) async fn client(address: &Address, connect: Duration) -> Result<Client, Error> {
    let (plaintext, loopback) = (address.is_plaintext(), address.is_loopback());
    let built = if plaintext {
        build(true, loopback, connect)
    } else {
        // Reads the certificates of the system from the disk.
        let build = move || build(false, loopback, connect);
        tokio::task::spawn_blocking(build).await.unwrap_or_else(|error| Err(error.to_string()))
    };
    built.map_err(|why| {
        let message = format!("cannot prepare a connection to {}: {why}", address.shown());
        Error::new(ErrorKind::Internal, message)
    })
}

fn build(plaintext: bool, loopback: bool, connect: Duration) -> Result<Client, String> {
    let mut builder = Client::builder()
        .connect_timeout(connect)
        .tcp_nodelay(true)
        .tcp_keepalive(KEEPALIVE)
        .redirect(Policy::custom(redirect))
        .user_agent(concat!("grok-tui/", env!("CARGO_PKG_VERSION")));
    if loopback {
        builder = builder.no_proxy();
    }
    if plaintext {
        builder = builder.http1_only().tls_backend_preconfigured(no_certificates()?);
    } else {
        // Another part of the program may have chosen already; any choice will do.
        let _ = ring::default_provider().install_default();
    }
    builder.build().map_err(|error| cause(&error))
}

/// TLS that trusts nobody: a plaintext server needs none, and the client wants some.
fn no_certificates() -> Result<rustls::ClientConfig, String> {
    let builder = rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|e| e.to_string())?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}

/// Follows where the server means itself and the same call; the rest becomes an error that names
/// the new address, so that no prompt and no key goes where nobody sent it.
fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let same_call =
        matches!(attempt.status(), StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT);
    let previous = attempt.previous();
    let same_server = previous.last().is_some_and(|url| url.origin() == attempt.url().origin());
    if same_call && same_server && previous.len() <= MOST_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// The innermost reason of an error, which says most; never an address.
pub(super) fn cause(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(source) = inner.source() {
        inner = source;
    }
    inner.to_string()
}
