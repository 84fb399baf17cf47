//! The gate of a served service: who calls, whether they may, and a line in the log for every call.
//! Behind it each user has a service of their own, over a store of their own: a handler cannot see
//! anybody else's conversations.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;

use futures::future::BoxFuture;
use http_body::Frame;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::WaitForCancellationFutureOwned;
use tonic::body::Body;
use tonic::codegen::{Bytes, http};
use tonic::service::Routes;
use tonic::{Code, Status};

use super::limits::{Limits, too_many};
use super::servers::{Servers, service_of};
use super::users::User;
use super::users::keyring::{Guest, Keyring};
use super::{FindShared, Service};
use crate::store::{SharedPath, Store};

/// Opens the store of a user.
pub type Stores = Arc<dyn Fn(&User) -> Arc<dyn Store> + Send + Sync>;

/// Longest path of a request that is written into the log.
const LONGEST_PATH: usize = 100;

const HEALTH: &str = "grpc.health.v1.Health";

/// Where a connection comes from.
#[derive(Debug, Clone)]
pub(super) enum Peer {
    Tcp(SocketAddr),
    /// The same machine, through a socket in its file system.
    Local,
}

impl Peer {
    fn address(&self) -> Option<IpAddr> {
        match self {
            Self::Tcp(address) => Some(address.ip()),
            Self::Local => None,
        }
    }
}

/// Everybody's way in. Clones are the same gate.
#[derive(Clone)]
pub(super) struct Gate {
    shared: Arc<Shared>,
}

/// A user's store, and the service over it.
type Home = (Arc<dyn Store>, Servers);

struct Shared {
    /// The service of the machine itself.
    own: (Service, Servers),
    /// Those who have keys; `None`: nobody has.
    keyring: Option<(Arc<Keyring>, Stores)>,
    /// Those of users, by their names.
    users: Mutex<HashMap<String, Home>>,
    limits: Limits,
    health: Routes,
    reflection: Routes,
}

impl Gate {
    pub(super) fn new(
        service: Service,
        keyring: Option<(Arc<Keyring>, Stores)>,
        limits: Limits,
        (health, reflection): (Routes, Routes),
    ) -> Self {
        let servers = Servers::new(&service, limits.message);
        let (own, users) = ((service, servers), Mutex::default());
        let shared = Shared { own, keyring, users, limits, health, reflection };
        Self { shared: Arc::new(shared) }
    }
}

impl Gate {
    /// Finds what is public, for those who serve pages.
    pub(super) fn pages(&self) -> FindShared {
        let shared = Arc::clone(&self.shared);
        Arc::new(move |id| {
            let shared = Arc::clone(&shared);
            Box::pin(async move { shared.shared(&id).await })
        })
    }
}

impl tonic::codegen::Service<http::Request<Body>> for Gate {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<http::Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        Box::pin(async move { Ok(shared.call(request).await) })
    }
}

impl Shared {
    async fn call(&self, request: http::Request<Body>) -> http::Response<Body> {
        let peer = request.extensions().get::<Peer>().cloned().unwrap_or(Peer::Local);
        let mut call = Call::new(request.uri().path(), peer);
        let admitted = match service_of(request.uri().path()) {
            HEALTH => Ok(None),
            _ => {
                let key = key_of(request.headers()).map(ToOwned::to_owned);
                self.admit(key, call.peer.address()).await
            }
        };
        let admitted = admitted.and_then(|guest| {
            let permit = guest.as_deref().map(permit).transpose()?;
            Ok((guest, permit))
        });
        let (guest, permit) = match admitted {
            Ok(admitted) => admitted,
            Err(status) => {
                call.code = status.code();
                return status.into_http();
            }
        };
        if let Some(guest) = &guest {
            call.user.clone_from(&guest.user.name);
        }
        let response = self.forward(request, guest.as_deref()).await;
        if let Some(status) = Status::from_header_map(response.headers()) {
            call.code = status.code();
        }
        let revoked = guest.map(|guest| Box::pin(guest.revoked.clone().cancelled_owned()));
        response.map(|inner| Body::new(Tail { inner, call, revoked, _permit: permit }))
    }

    /// Who calls; `None`: anybody, where no key is asked for.
    async fn admit(
        &self,
        key: Option<String>,
        from: Option<IpAddr>,
    ) -> Result<Option<Arc<Guest>>, Status> {
        let Some((keyring, _)) = self.keyring.as_ref().filter(|(keyring, _)| keyring.is_closed())
        else {
            return Ok(None);
        };
        let Some(key) = key else {
            return Err(Status::unauthenticated(
                "this server asks for a key: send it as `apikey: KEY` or `authorization: Bearer KEY` \
                 (grok-tui takes it from GROK_TUI_API_KEY)",
            ));
        };
        keyring.admit(&key, from).await.map(Some)
    }

    async fn forward(
        &self,
        request: http::Request<Body>,
        guest: Option<&Guest>,
    ) -> http::Response<Body> {
        use tonic::codegen::Service as _;
        let service = service_of(request.uri().path());
        let routes = match service {
            HEALTH => Some(&self.health),
            _ if service.starts_with("grpc.reflection.") => Some(&self.reflection),
            _ => None,
        };
        let answered = match routes {
            Some(routes) => routes.clone().call(request).await,
            None => self.servers(guest.map(|guest| &guest.user)).answer(request).await,
        };
        answered.unwrap_or_else(|never| match never {})
    }

    fn servers(&self, user: Option<&User>) -> Servers {
        let (service, own) = &self.own;
        let user = user.filter(|user| !user.local);
        let (Some(user), Some((_, stores))) = (user, &self.keyring) else { return own.clone() };
        let mut users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, made) = users.entry(user.name.clone()).or_insert_with(|| {
            let store = stores(user);
            let servers = Servers::new(&service.over(Arc::clone(&store)), self.limits.message);
            (store, servers)
        });
        made.clone()
    }

    /// What is public under that id, whoever shared it.
    async fn shared(&self, id: &str) -> Option<SharedPath> {
        let mut stores = vec![Arc::clone(self.own.0.store())];
        if let Some((keyring, _)) = &self.keyring {
            for user in keyring.users().into_iter().filter(|user| !user.local) {
                self.servers(Some(&user));
                let users = self.users.lock().unwrap_or_else(PoisonError::into_inner);
                stores.extend(users.get(&user.name).map(|(store, _)| Arc::clone(store)));
            }
        }
        for store in stores {
            match store.shared(id).await {
                Ok(None) => {}
                Ok(found) => return found,
                Err(error) => tracing::error!(%error, "a shared path cannot be read"),
            }
        }
        None
    }
}

/// Room for one more call of a user.
fn permit(guest: &Guest) -> Result<OwnedSemaphorePermit, Status> {
    guest
        .bucket
        .take()
        .map_err(|wait| too_many("more calls a second than one user may make; wait", wait))?;
    Arc::clone(&guest.calls).try_acquire_owned().map_err(|_| {
        let wait = std::time::Duration::from_secs(1);
        too_many("more calls at once than one user may have; end some, or wait", wait)
    })
}

/// The key in one of the two forms that clients of this protocol use.
fn key_of(headers: &http::HeaderMap) -> Option<&str> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = || {
        let (scheme, key) = text("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key)
    };
    let key = text("apikey").or_else(bearer)?.trim();
    (!key.is_empty()).then_some(key)
}

/// A call, which is written into the log when it is over. Holds nothing of what was said.
struct Call {
    method: String,
    user: String,
    peer: Peer,
    begun: Instant,
    bytes: usize,
    code: Code,
}

impl Call {
    fn new(path: &str, peer: Peer) -> Self {
        let path = path.trim_start_matches('/');
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '.' | '_');
        let known = path.len() <= LONGEST_PATH && path.chars().all(good);
        let method = if known { path } else { "?" }.to_owned();
        // A stream that ends before it says how was left by its client.
        Self {
            method,
            user: String::new(),
            peer,
            begun: Instant::now(),
            bytes: 0,
            code: Code::Cancelled,
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let peer = match &self.peer {
            Peer::Tcp(address) => address.to_string(),
            Peer::Local => "local".to_owned(),
        };
        tracing::info!(
            method = self.method,
            user = self.user,
            peer,
            code = ?self.code,
            ms = self.begun.elapsed().as_millis() as u64,
            bytes = self.bytes,
            "call"
        );
    }
}

/// The rest of a call: what is streamed to the client, until it ends or its key is taken away.
struct Tail {
    inner: Body,
    call: Call,
    revoked: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
    _permit: Option<OwnedSemaphorePermit>,
}

impl http_body::Body for Tail {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        if let Some(revoked) = &mut this.revoked
            && revoked.as_mut().poll(cx).is_ready()
        {
            this.revoked = None;
            // Dropping it stops what is behind it.
            this.inner = Body::empty();
            this.call.code = Code::Unauthenticated;
            let status = Status::unauthenticated("the key was taken away");
            let mut trailers = http::HeaderMap::new();
            status.add_header(&mut trailers)?;
            return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
        }
        let frame = std::task::ready!(Pin::new(&mut this.inner).poll_frame(cx));
        if let Some(Ok(frame)) = &frame {
            if let Some(data) = frame.data_ref() {
                this.call.bytes += data.len();
            }
            if let Some(status) = frame.trailers_ref().and_then(Status::from_header_map) {
                this.call.code = status.code();
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_in_two_forms() {
        let headers = |pairs: &[(&'static str, &'static str)]| {
            let pairs = pairs.iter().map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            });
            pairs.collect::<http::HeaderMap>()
        };
        for good in [
            &[("apikey", "k")][..],
            &[("authorization", "Bearer k")],
            &[("authorization", "bearer  k")],
            &[("apikey", "k"), ("authorization", "Bearer other")],
        ] {
            assert_eq!(key_of(&headers(good)), Some("k"), "{good:?}");
        }
        for bad in [&[][..], &[("apikey", " ")], &[("authorization", "Basic k")]] {
            assert_eq!(key_of(&headers(bad)), None, "{bad:?}");
        }
    }

    #[test]
    fn nothing_foreign_is_logged() {
        assert_eq!(
            Call::new("/prompt_ide.Chat/AddResponse", Peer::Local).method,
            "prompt_ide.Chat/AddResponse"
        );
        for odd in ["/a\u{1b}[2J", "/é", &"a".repeat(101)] {
            assert_eq!(Call::new(odd, Peer::Local).method, "?");
        }
    }
}
