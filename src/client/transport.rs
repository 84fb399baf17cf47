//! How requests travel: straight into the embedded service, or over a channel that connects when
//! it is needed and again after it broke. Adds the key; knows nothing of the calls themselves.

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tonic::body::Body;
use tonic::codegen::{Service, http};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};

use super::error::{Error, ErrorKind};
use crate::proto::grok_tui::forest_server::{self, ForestServer};
use crate::proto::prompt_ide::chat_server::{self, ChatServer};
use crate::proto::prompt_ide::sampler_server::{self, SamplerServer};
use crate::server;

type HttpRequest = http::Request<Body>;
type HttpResponse = http::Response<Body>;
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The generated servers of the service in this process.
pub(super) struct Servers {
    chat: ChatServer<server::Service>,
    sampler: SamplerServer<server::Service>,
    forest: ForestServer<server::Service>,
}

impl Servers {
    /// Hands a request to the server that its path names, as a router would.
    fn answer(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Infallible>> {
        let path = request.uri().path();
        let service = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        match service {
            chat_server::SERVICE_NAME => self.chat.clone().call(request),
            sampler_server::SERVICE_NAME => self.sampler.clone().call(request),
            forest_server::SERVICE_NAME => self.forest.clone().call(request),
            _ => Box::pin(async { Ok(tonic::Status::unimplemented("").into_http()) }),
        }
    }
}

/// Where the requests of a client go. A clone is the same connection.
#[derive(Clone)]
pub(super) enum Transport {
    /// To the service in this process.
    Embedded(Arc<Servers>),
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
        let (chat, sampler, forest) = (service.chat(), service.sampler(), service.forest());
        Self::Embedded(Arc::new(Servers { chat, sampler, forest }))
    }

    /// A connection to `endpoint` (`http://` or `https://`) that is made with the first request.
    pub(super) fn network(endpoint: &str, key: Option<&SecretString>) -> Result<Self, Error> {
        let bad = |why: &dyn fmt::Display| {
            Error::new(
                ErrorKind::InvalidArgument,
                format!(
                    "\"{endpoint}\" is not an address of a service ({why}); use http://HOST:PORT or https://HOST:PORT"
                ),
            )
        };
        let mut built = Endpoint::from_shared(endpoint.to_owned()).map_err(|error| bad(&error))?;
        if built.uri().host().is_none_or(str::is_empty) {
            return Err(bad(&"no host in it"));
        }
        match built.uri().scheme_str() {
            Some("https") => {
                let tls = ClientTlsConfig::new().with_native_roots();
                built = built.tls_config(tls).map_err(|error| bad(&error))?;
            }
            Some("http") => {}
            Some(_) | None => return Err(bad(&"no known scheme in front")),
        }
        let channel = built
            .user_agent(concat!("grok-tui/", env!("CARGO_PKG_VERSION")))
            .map_err(|error| bad(&error))?
            .connect_timeout(Duration::from_secs(10))
            .tcp_nodelay(true)
            .tcp_keepalive(Some(Duration::from_secs(30)))
            .http2_adaptive_window(true)
            .connect_lazy();
        Ok(Self::Network { channel, headers: key_headers(key)?.into() })
    }
}

/// `endpoint` with a scheme in front: where none was given, plaintext on loopback and TLS elsewhere.
pub(super) fn with_scheme(endpoint: &str) -> String {
    let endpoint = endpoint.trim();
    if endpoint.contains("://") {
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
                let answer = channel.call(request);
                Box::pin(async move { answer.await.map_err(Into::into) })
            }
        }
    }
}
