//! Serves the pages of shared paths over HTTP/1: reads nothing but an id, knows nothing but pages.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::page::{POLICY, page};
use crate::server::connection::{Peer, Room, Wire};
use crate::server::limits::Limits;
use crate::server::tls::Tls;
use crate::store::SharedPath;

/// Connections at once, of all.
const CONNECTIONS: usize = 1_024;
/// Longest head of a request, in bytes.
const HEAD: usize = 16 << 10;
/// How long a client may take to send its request, and how long a connection may last.
const PATIENCE: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(120);
/// How long to wait when the system has no room for another connection.
const BREATH: Duration = Duration::from_millis(50);
/// Longest id.
const LONGEST_ID: usize = 64;

/// Finds shared paths by their public ids: all that this server can see.
pub type FindShared = Arc<dyn Fn(String) -> BoxFuture<'static, Option<SharedPath>> + Send + Sync>;

/// Serves pages until `shutdown` is done, encrypted where there is something to encrypt them.
pub(in crate::server) async fn serve(
    (listener, tls): (TcpListener, Option<Arc<Tls>>),
    find: FindShared,
    limits: Limits,
    shutdown: impl Future<Output = ()>,
) {
    let patience = limits.first_call.min(PATIENCE);
    let room = Room::new(&Limits { connections: CONNECTIONS, ..limits });
    // Dropped with this function, which ends them all.
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        while connections.try_join_next().is_some() {}
        let Some(one_more) = room.one_more().await else { return };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => return,
        };
        let Ok((socket, peer)) = accepted else {
            tokio::time::sleep(BREATH).await;
            continue;
        };
        let Some(place) = room.place(one_more, Peer::Tcp(peer)) else {
            tracing::warn!(%peer, "too many connections of one peer");
            continue;
        };
        let find = Arc::clone(&find);
        let answers = service_fn(move |request| {
            let find = Arc::clone(&find);
            async move { Ok::<_, Infallible>(answer(&request, &find, peer).await) }
        });
        let acceptor = tls.as_ref().map(|tls| tls.page_acceptor());
        let connection = async move {
            let wire: Box<dyn Wire> = match acceptor {
                Some(acceptor) => {
                    Box::new(timeout(patience, acceptor.accept(socket)).await.ok()?.ok()?)
                }
                None => Box::new(socket),
            };
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(patience)
                .max_buf_size(HEAD)
                .serve_connection(TokioIo::new(wire), answers);
            connection.await.ok()
        };
        connections.spawn(async move {
            // A client that breaks off, or takes for ever, concerns nobody else.
            let _ = timeout(LONGEST, connection).await;
            drop(place);
        });
    }
}

async fn answer(
    request: &Request<Incoming>,
    find: &FindShared,
    peer: SocketAddr,
) -> Response<Full<Bytes>> {
    let response = match *request.method() {
        Method::GET | Method::HEAD => shared(request.uri().path(), find).await,
        _ => {
            let mut response =
                text(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered.\n");
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
            response
        }
    };
    // The path holds the secret of the page, so it is not told.
    tracing::info!(%peer, code = response.status().as_u16(), "page");
    response
}

async fn shared(path: &str, find: &FindShared) -> Response<Full<Bytes>> {
    let id = path.strip_prefix("/share/").filter(|id| is_id(id));
    let found = match id {
        Some(id) => find(id.to_owned()).await,
        None => None,
    };
    let Some(path) = found else {
        return text(StatusCode::NOT_FOUND, "There is no such page, or it was taken back.\n");
    };
    match tokio::task::spawn_blocking(move || page(&path)).await {
        Ok(page) => with_headers(StatusCode::OK, "text/html; charset=utf-8", page),
        Err(_) => text(StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.\n"),
    }
}

pub(super) fn is_id(id: &str) -> bool {
    let good = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(good)
}

fn text(status: StatusCode, words: &str) -> Response<Full<Bytes>> {
    with_headers(status, "text/plain; charset=utf-8", words.to_owned())
}

fn with_headers(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let policy = format!("{}; frame-ancestors 'none'", *POLICY);
    let policy = HeaderValue::try_from(policy);
    let headers = response.headers_mut();
    let fixed = [
        (header::CONTENT_TYPE, kind),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        // It may be taken back at any time.
        (header::CACHE_CONTROL, "no-store"),
        (header::HeaderName::from_static("x-robots-tag"), "noindex, nofollow"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ];
    headers.extend(fixed.map(|(name, value)| (name, HeaderValue::from_static(value))));
    headers.extend(policy.ok().map(|policy| (header::CONTENT_SECURITY_POLICY, policy)));
    response
}
