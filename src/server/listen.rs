//! Serving on sockets: the connections, and an end that lets answers finish.

use std::future::Future;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt as _, stream};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;
use tonic::transport::Server;

use super::address::Address;
use super::connection::{Connection, Peer, Place, Room, Wire};
use super::gate::{self, Gate, HEALTH};
use super::homes::{Homes, Stores};
use super::limits::Limits;
#[cfg(unix)]
use super::socket::{self, SocketFile};
use super::tls::Tls;
use super::users::keyring::Keyring;
use super::users::{UserError, Users};
use super::{Service, share};
use crate::proto::grok_tui::forest_server;
use crate::proto::prompt_ide::{chat_server, sampler_server};

/// Streams on one connection; clients share a connection among all their answers.
const STREAMS: u32 = 4_096;

/// Longest headers of a request, in bytes.
const HEADERS: u32 = 16 << 10;

/// How often a silent connection is asked whether it lives, and how long it may take to answer.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Connections that are being encrypted at once: more than one peer may have.
const HANDSHAKES: usize = 1_024;

/// How often it is looked whether a key was taken away.
const REFRESH: Duration = Duration::from_secs(1);

/// How long to wait when the system has no room for another connection.
const BREATH: Duration = Duration::from_millis(50);

/// How long clients may take to end their connections once all answers have ended.
const FAREWELL: Duration = Duration::from_secs(5);

/// A socket that connections come to.
#[derive(Debug)]
pub enum Listener {
    /// Of the network.
    Tcp(TcpListener),
    /// Of the file system; removed when it is dropped.
    #[cfg(unix)]
    Unix(UnixListener, SocketFile),
}

impl Listener {
    /// Listens on `address`.
    ///
    /// # Errors
    /// When it is taken, or not ours to take.
    pub async fn bind(address: &Address) -> io::Result<Self> {
        match address {
            Address::Tcp(address) => Ok(Self::Tcp(TcpListener::bind(address).await?)),
            #[cfg(unix)]
            Address::Unix(path) => {
                let (listener, file) = socket::bind(path).await?;
                Ok(Self::Unix(listener, file))
            }
            #[cfg(not(unix))]
            Address::Unix(_) => Err(io::Error::other("this system has no such sockets")),
        }
    }

    /// Where it listens: with the port that was chosen for 0.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn address(&self) -> io::Result<Address> {
        match self {
            Self::Tcp(listener) => Ok(Address::Tcp(listener.local_addr()?)),
            #[cfg(unix)]
            Self::Unix(_, file) => Ok(Address::Unix(file.path.clone())),
        }
    }

    async fn accept(&self) -> io::Result<(Box<dyn Wire>, Peer)> {
        match self {
            Self::Tcp(listener) => {
                let (socket, peer) = listener.accept().await?;
                socket.set_nodelay(true)?;
                Ok((Box::new(socket), Peer::Tcp(peer)))
            }
            #[cfg(unix)]
            Self::Unix(listener, _) => Ok((Box::new(listener.accept().await?.0), Peer::Local)),
        }
    }
}

/// How a service is served: to whom, how safely, and how it ends.
pub struct Serving {
    service: Service,
    users: Option<gate::Users>,
    tls: Option<Arc<Tls>>,
    limits: Limits,
    grace: Duration,
    /// Where pages are served, and what encrypts them.
    pages: Option<(TcpListener, Option<Arc<Tls>>)>,
}

impl Serving {
    /// `service`, for whoever reaches the socket.
    #[must_use]
    pub fn new(service: Service) -> Self {
        let limits = Limits::default();
        Self { service, users: None, tls: None, limits, grace: Duration::ZERO, pages: None }
    }

    /// Within these limits.
    #[must_use]
    pub fn limited(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Only for `users`, once there are any, each with a store of their own from `stores`.
    ///
    /// # Errors
    /// When the users cannot be read.
    pub fn for_users(self, users: Users, stores: impl Stores) -> Result<Self, UserError> {
        let keyring = Arc::new(Keyring::new(users.clone(), self.limits.clone())?);
        let index = Arc::new(share::index::Index::new(users.shares()));
        let homes = Homes::new(self.service.clone(), Box::new(stores), index, &self.limits);
        Ok(Self { users: Some((keyring, Arc::new(homes))), ..self })
    }

    /// Encrypted.
    #[must_use]
    pub fn encrypted(self, tls: impl Into<Arc<Tls>>) -> Self {
        Self { tls: Some(tls.into()), ..self }
    }

    /// Answers that run when it is to end may go on for so long.
    #[must_use]
    pub fn with_grace(self, grace: Duration) -> Self {
        Self { grace, ..self }
    }

    /// With the pages of what is shared, for whoever reaches that socket, encrypted or in plaintext.
    #[must_use]
    pub fn with_pages(self, listener: TcpListener, tls: Option<Arc<Tls>>) -> Self {
        Self { pages: Some((listener, tls)), ..self }
    }

    /// Serves until `shutdown` is done. Then no more calls are taken; running answers may end
    /// within the grace, or until `hurry` is done; what has arrived of the others is stored before this
    /// returns.
    ///
    /// # Errors
    /// If the socket fails.
    pub async fn run(
        self,
        listener: Listener,
        shutdown: impl Future<Output = ()>,
        hurry: impl Future<Output = ()>,
    ) -> Result<(), tonic::transport::Error> {
        let Self { service, users, tls, limits, grace, pages } = self;
        let (health, health_routes) = health().await;
        let _refreshing = users.clone().map(refresh);
        let closing = service.closing();
        let connections = incoming(listener, tls, limits.clone(), closing.clone());
        let aside = (health_routes, reflection());
        let gate = Gate::new(service.clone(), users.clone(), limits.clone(), aside);
        let find = gate.pages();
        let _pages = pages.map(|door| {
            let closed = closing.clone();
            AbortOnDropHandle::new(tokio::spawn(async move {
                note_shared(users, closed.clone()).await;
                share::http::serve(door, find, limits, closed.cancelled_owned()).await;
            }))
        });
        let server = Server::builder()
            .max_concurrent_streams(STREAMS)
            .http2_max_pending_accept_reset_streams(Some(STREAMS as usize))
            .http2_max_header_list_size(HEADERS)
            .http2_keepalive_interval(Some(KEEPALIVE))
            .http2_keepalive_timeout(Some(KEEPALIVE))
            .serve_with_incoming_shutdown(gate, connections, closing.clone().cancelled_owned());
        let stop = async {
            tokio::select! {
                () = shutdown => {}
                // Somebody else has ended the service.
                () = closing.cancelled() => {}
            }
            for name in SERVED {
                health.set_service_status(name, tonic_health::ServingStatus::NotServing).await;
            }
            tokio::select! {
                // An answer that does not end in time is kept as far as it came.
                _ = timeout(grace, service.finish()) => {}
                () = hurry => {}
            }
            service.shutdown().await;
            tokio::time::sleep(FAREWELL).await;
        };
        let result = tokio::select! {
            result = server => result,
            () = stop => Ok(()),
        };
        service.shutdown().await;
        result
    }
}

/// Serves `service` to whoever reaches `listener`, until `shutdown` is done; then running answers end,
/// and what has arrived is stored before this returns.
///
/// # Errors
/// If the socket fails.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    shutdown: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    Serving::new(service).run(Listener::Tcp(listener), shutdown, std::future::pending()).await
}

/// What is served, and, under the empty name, all of it.
const SERVED: [&str; 4] =
    ["", chat_server::SERVICE_NAME, sampler_server::SERVICE_NAME, forest_server::SERVICE_NAME];

/// The health service, and what tells it how things stand.
async fn health() -> (tonic_health::server::HealthReporter, Routes) {
    let (reporter, server) = tonic_health::server::health_reporter();
    for name in SERVED {
        reporter.set_service_status(name, tonic_health::ServingStatus::Serving).await;
    }
    (reporter, Routes::new(server))
}

/// The reflection service in both its versions.
fn reflection() -> Routes {
    let described = || {
        SERVED[1..].iter().fold(
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(crate::proto::DESCRIPTORS)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
                .with_service_name(HEALTH),
            |builder, name| builder.with_service_name(*name),
        )
    };
    let mut routes = Routes::default();
    // The descriptors are our own: that they are well formed is tested.
    if let Ok(service) = described().build_v1() {
        routes = routes.add_service(service);
    }
    if let Ok(service) = described().build_v1alpha() {
        routes = routes.add_service(service);
    }
    routes
}

/// Looks again and again whether somebody's key was taken away, and closes what nobody needs. Ends when
/// it is dropped.
fn refresh((keyring, homes): gate::Users) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        let mut known = keyring.stamp();
        loop {
            tokio::time::sleep(REFRESH).await;
            keyring.look_again();
            let stamp = keyring.stamp();
            if stamp != known {
                known = stamp;
                homes.only(&keyring.users());
            }
            homes.close_unused().await;
        }
    }))
}

/// Notes whose the pages are that were shared before, or with other programs.
async fn note_shared(users: Option<gate::Users>, closing: CancellationToken) {
    let Some((keyring, homes)) = users else { return };
    let note = move || homes.note_shared(&keyring.users(), || closing.is_cancelled());
    // It is over once it has begun only when it is done, or the server ends.
    let _ = tokio::task::spawn_blocking(note).await;
}

/// The connections that come, encrypted side by side. One that fails concerns nobody else.
fn incoming(
    listener: Listener,
    tls: Option<Arc<Tls>>,
    limits: Limits,
    closing: CancellationToken,
) -> impl Stream<Item = io::Result<Connection>> {
    let room = Room::new(&limits);
    stream::unfold((listener, room), |(listener, room)| async move {
        let taken = take(&listener, &room).await?;
        Some((taken, (listener, room)))
    })
    .map(move |(wire, from)| {
        let acceptor = tls.as_ref().map(|tls| tls.acceptor());
        let (limits, closing) = (limits.clone(), closing.clone());
        async move {
            let wire: Box<dyn Wire> = match acceptor {
                Some(acceptor) => {
                    Box::new(timeout(limits.handshake, acceptor.accept(wire)).await.ok()?.ok()?)
                }
                None => wire,
            };
            Some(Ok(Connection::new(wire, from, limits.first_call, closing)))
        }
    })
    .buffer_unordered(HANDSHAKES)
    .filter_map(std::future::ready)
}

/// The next connection for which there is room.
async fn take(listener: &Listener, room: &Room) -> Option<(Box<dyn Wire>, (Peer, Place))> {
    loop {
        let one_more = room.one_more().await?;
        match listener.accept().await {
            Ok((wire, peer)) => match room.place(one_more, peer) {
                Some(place) => return Some((wire, (peer, place))),
                None => tracing::warn!(?peer, "too many connections of one peer"),
            },
            Err(error) => {
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}
