//! The gate of a served service: who calls, and whether they may. Behind it each user has a service
//! of their own, over a store of their own: a handler cannot see anybody else's conversations.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use tokio::sync::OwnedSemaphorePermit;
use tonic::body::Body;
use tonic::codegen::{Service as _, http};
use tonic::service::Routes;
use tonic::{Code, Status};

use super::call::{Call, Tail};
use super::connection::Caller;
use super::homes::{Home, Homes};
use super::limits::{Limits, too_long, too_many};
use super::servers::{Servers, service_of};
use super::users::keyring::{Guest, Keyring};
use super::{FindShared, Service};
use crate::store::{SharedPath, Store};

pub(super) const HEALTH: &str = "grpc.health.v1.Health";

/// Everybody's way in. Clones are the same gate.
#[derive(Clone)]
pub(super) struct Gate {
    shared: Arc<Shared>,
}

/// Those who have keys, and what they have.
pub(super) type Users = (Arc<Keyring>, Arc<Homes>);

struct Shared {
    /// The service of the machine itself.
    own: (Service, Servers),
    /// Those who have keys; `None`: nobody has.
    users: Option<Users>,
    limits: Limits,
    health: Routes,
    reflection: Routes,
}

impl Gate {
    pub(super) fn new(
        service: Service,
        users: Option<Users>,
        limits: Limits,
        (health, reflection): (Routes, Routes),
    ) -> Self {
        let servers = Servers::new(&service, limits.message);
        let shared = Shared { own: (service, servers), users, limits, health, reflection };
        Self { shared: Arc::new(shared) }
    }

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
        let caller = request.extensions().get::<Caller>().cloned().unwrap_or_default();
        let mut call = Call::new(request.uri().path(), caller.peer);
        let admitted = match service_of(request.uri().path()) {
            HEALTH => Ok(None),
            _ => {
                let key = key_of(request.headers()).map(ToOwned::to_owned);
                self.admit(key, caller.peer.origin()).await
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
        caller.welcome();
        if let Some(guest) = &guest {
            call.user.clone_from(&guest.user.name);
        }
        let aside = self.aside(request.uri().path());
        let home = guest.as_deref().and_then(|guest| self.home(guest));
        let mut response = match aside {
            Some(routes) => served(routes.clone().call(request)).await,
            None => {
                let servers = home.as_ref().map_or(&self.own.1, |home| &home.servers);
                served(servers.answer(request)).await
            }
        };
        let mut said = Status::from_header_map(response.headers());
        // Of the service itself nothing has this code: the library refuses what is too long.
        if aside.is_none() && said.as_ref().is_some_and(|said| said.code() == Code::OutOfRange) {
            let status = too_long(self.limits.message);
            response = status.clone().into_http();
            said = Some(status);
        }
        if let Some(status) = said {
            call.code = status.code();
        }
        let revoked = guest.map(|guest| guest.revoked.clone());
        // The service ends its answers and watches itself.
        let ended = aside.map(|_| self.own.0.stop_signal());
        response.map(|body| Body::new(Tail::new(body, call, (revoked, ended), (permit, home))))
    }

    /// Who calls; `None`: anybody, where no key is asked for.
    async fn admit(
        &self,
        key: Option<String>,
        from: Option<IpAddr>,
    ) -> Result<Option<Arc<Guest>>, Status> {
        let asks = |(keyring, _): &&Users| keyring.is_closed(key.as_deref());
        let Some((keyring, _)) = self.users.as_ref().filter(asks) else { return Ok(None) };
        let Some(key) = key else {
            return Err(keyring.refusal(
                "this server asks for a key: send it as `apikey: KEY` or `authorization: Bearer KEY` \
                 (grok-tui takes it from GROK_TUI_API_KEY)",
            ));
        };
        keyring.admit(&key, from).await.map(Some)
    }

    /// What stands beside the service itself.
    fn aside(&self, path: &str) -> Option<&Routes> {
        match service_of(path) {
            HEALTH => Some(&self.health),
            other if other.starts_with("grpc.reflection.") => Some(&self.reflection),
            _ => None,
        }
    }

    /// What belongs to a user alone; `None`: the key opens the conversations of the machine itself.
    fn home(&self, guest: &Guest) -> Option<Arc<Home>> {
        let (_, homes) = self.users.as_ref().filter(|_| !guest.user.local)?;
        Some(homes.of(&guest.user))
    }

    /// What is public under that id, whoever shared it; nothing of a user whose key was taken away. A
    /// store of a user is opened only for an id that leads to it, or to learn what another program has
    /// shared in it.
    async fn shared(&self, id: &str) -> Option<SharedPath> {
        let own = public(self.own.0.store().as_ref(), id).await;
        if own.is_some() {
            return own;
        }
        let (keyring, homes) = self.users.as_ref()?;
        let name = homes.who_shared(id, || keyring.users()).await?;
        let user = keyring.user(&name).filter(|user| !user.local)?;
        public(homes.of(&user).store.as_ref(), id).await
    }
}

async fn public(store: &dyn Store, id: &str) -> Option<SharedPath> {
    store.shared(id).await.unwrap_or_else(|error| {
        tracing::error!(%error, "a shared path cannot be read");
        None
    })
}

async fn served(
    answer: impl Future<Output = Result<http::Response<Body>, Infallible>>,
) -> http::Response<Body> {
    answer.await.unwrap_or_else(|never| match never {})
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
}
