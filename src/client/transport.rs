//! How requests travel: straight into the embedded service, or over a channel that connects when
//! it is needed and again after it broke. Adds the key; knows nothing of the calls themselves.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};

use super::error::{Error, ErrorKind};
use super::patience::Wait;
use crate::channel::for_streams;
use crate::server;

type HttpRequest = http::Request<Body>;
type HttpResponse = http::Response<Body>;
pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// While something is asked, a server is asked this often whether it is still there.
const ASKED_EVERY: Duration = Duration::from_secs(10);
/// So long it may take to say so.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// Where the requests of a client go. A clone is the same connection.
#[derive(Clone)]
pub(super) enum Transport {
    /// To the service in this process.
    Embedded(Arc<server::Servers>),
    /// To a server, with the same headers on every request.
    Network { channel: Channel, headers: Arc<[(http::HeaderName, http::HeaderValue)]> },
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Embedded(_) => "Embedded",
            Self::Network { .. } => "Network",
        })
    }
}

impl Transport {
    /// Straight into `service`.
    pub(super) fn embedded(service: &server::Service) -> Self {
        Self::Embedded(Arc::new(server::Servers::new(service, super::EMBEDDED_MESSAGE_LIMIT)))
    }

    /// A connection to `endpoint` (`http://`, `https://` or `unix:`) that is made with the first
    /// request, which waits for it so long. `authority`: a certificate in PEM form that is trusted
    /// besides those of the system.
    pub(super) fn network(
        endpoint: &str,
        key: Option<&SecretString>,
        authority: Option<&[u8]>,
        connect: Duration,
    ) -> Result<Self, Error> {
        let bad = |why: &dyn fmt::Display| {
            Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "\"{endpoint}\" is not an address of a service ({why}); use http://HOST:PORT, https://HOST:PORT or unix:PATH"
                ),
            )
        };
        let mut built = Endpoint::from_shared(endpoint.to_owned()).map_err(|error| bad(&error))?;
        let is_socket = endpoint.starts_with("unix:");
        if !is_socket && built.uri().host().is_none_or(str::is_empty) {
            return Err(bad(&"no host in it"));
        }
        match built.uri().scheme_str() {
            Some("https") => {
                let mut tls = ClientTlsConfig::new().with_native_roots().timeout(connect);
                if let Some(pem) = authority {
                    tls = tls.ca_certificate(Certificate::from_pem(pem));
                }
                built = built.tls_config(tls).map_err(|error| bad(&error))?;
            }
            Some("http") => {}
            Some(_) | None if is_socket => {}
            Some(_) | None => return Err(bad(&"no known scheme in front")),
        }
        let built = built
            .user_agent(concat!("grok-tui/", env!("CARGO_PKG_VERSION")))
            .map_err(|error| bad(&error))?
            .connect_timeout(connect)
            .tcp_keepalive(Some(Duration::from_secs(30)))
            // One that takes the connection and is silent is found out; only while something is asked.
            .http2_keep_alive_interval(ASKED_EVERY)
            .keep_alive_timeout(ANSWERS_WITHIN);
        let channel = for_streams(built).connect_lazy();
        Ok(Self::Network { channel, headers: key_headers(key)?.into() })
    }
}

/// `endpoint` with a scheme in front: where none was given, plaintext on loopback and TLS elsewhere.
pub(super) fn with_scheme(endpoint: &str) -> String {
    let endpoint = endpoint.trim();
    if endpoint.contains("://") || endpoint.starts_with("unix:") {
        return endpoint.to_owned();
    }
    let host = match endpoint.strip_prefix('[') {
        Some(v6) => v6.split(']').next(),
        None => endpoint.split(':').next(),
    };
    let loopback = host.is_some_and(|host| {
        host.eq_ignore_ascii_case("localhost")
            || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
    });
    format!("{}://{endpoint}", if loopback { "http" } else { "https" })
}

/// The key in both forms that services of this protocol look for.
fn key_headers(
    key: Option<&SecretString>,
) -> Result<Vec<(http::HeaderName, http::HeaderValue)>, Error> {
    let Some(key) = key else { return Ok(Vec::new()) };
    let value = |text: &str| {
        let mut value = http::HeaderValue::from_str(text).map_err(|_| {
            Error::new(
                ErrorKind::InvalidArgument,
                "the API key contains characters that no key has; was it cut or pasted wrongly?",
            )
        })?;
        value.set_sensitive(true);
        Ok(value)
    };
    let key = key.expose_secret().trim();
    Ok(vec![
        (http::HeaderName::from_static("apikey"), value(key)?),
        (http::header::AUTHORIZATION, value(&format!("Bearer {key}"))?),
    ])
}

impl Service<HttpRequest> for Transport {
    type Response = HttpResponse;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<HttpResponse, BoxError>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        match self {
            Self::Embedded(_) => Poll::Ready(Ok(())),
            Self::Network { channel, .. } => channel.poll_ready(cx).map_err(Into::into),
        }
    }

    fn call(&mut self, mut request: HttpRequest) -> Self::Future {
        match self {
            Self::Embedded(servers) => {
                let answer = servers.answer(request);
                Box::pin(async move { answer.await.map_err(|never| match never {}) })
            }
            Self::Network { channel, headers } => {
                for (name, value) in headers.iter() {
                    request.headers_mut().insert(name.clone(), value.clone());
                }
                let wait = request.extensions().get::<Wait>().copied();
                let answer = channel.call(request);
                Box::pin(async move {
                    match wait {
                        Some(wait) => wait.of(answer).await,
                        None => answer.await.map_err(Into::into),
                    }
                })
            }
        }
    }
}
