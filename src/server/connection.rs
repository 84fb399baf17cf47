//! Connections of a served service: where one comes from, how many there may be, and how long one is
//! kept that asks for nothing.

use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::transport::server::Connected;

use super::limits::Limits;

/// Where a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) enum Peer {
    Tcp(SocketAddr),
    /// The same machine, through a socket in its file system.
    Local,
}

impl Peer {
    /// Whom connections and guesses at keys are counted against: an address, or the network of one
    /// subscriber where addresses are plentiful.
    pub(super) fn origin(self) -> Option<IpAddr> {
        let Self::Tcp(address) = self else { return None };
        Some(match address.ip().to_canonical() {
            IpAddr::V6(address) if !address.is_loopback() => {
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64))
            }
            other => other,
        })
    }
}

/// What the calls of a connection know of it.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) peer: Peer,
    welcome: Arc<AtomicBool>,
}

impl Caller {
    /// Has the connection kept for as long as its client wants: a call of it was let in.
    pub(super) fn welcome(&self) {
        self.welcome.store(true, Ordering::Relaxed);
    }

    fn is_welcome(&self) -> bool {
        self.welcome.load(Ordering::Relaxed)
    }
}

impl Default for Caller {
    fn default() -> Self {
        Self { peer: Peer::Local, welcome: Arc::default() }
    }
}

/// Room for connections. Clones are the same room.
#[derive(Clone)]
pub(super) struct Room {
    all: Arc<Semaphore>,
    from: Arc<Mutex<HashMap<IpAddr, usize>>>,
    most_from_one: usize,
}

/// The place of one connection, given back when this is dropped.
pub(super) struct Place {
    _one_of_all: OwnedSemaphorePermit,
    from: Option<(Room, IpAddr)>,
}

impl Room {
    pub(super) fn new(limits: &Limits) -> Self {
        let all = Arc::new(Semaphore::new(limits.connections));
        Self { all, from: Arc::default(), most_from_one: limits.connections_per_peer }
    }

    /// Waits until there is room for one more.
    pub(super) async fn one_more(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// A place for a connection from `peer`; `None` if it has enough. Programs of the same machine
    /// are not counted: behind a proxy on it may be everybody.
    pub(super) fn place(&self, one_of_all: OwnedSemaphorePermit, peer: Peer) -> Option<Place> {
        let origin = peer.origin().filter(|origin| !origin.is_loopback());
        if let Some(origin) = origin {
            let mut from = self.from.lock().unwrap_or_else(PoisonError::into_inner);
            let count = from.entry(origin).or_default();
            if *count >= self.most_from_one {
                return None;
            }
            *count += 1;
        }
        let from = origin.map(|origin| (self.clone(), origin));
        Some(Place { _one_of_all: one_of_all, from })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let Some((room, origin)) = &self.from else { return };
        let mut from = room.from.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = from.get_mut(origin) {
            *count -= 1;
            if *count == 0 {
                from.remove(origin);
            }
        }
    }
}

/// What a connection is made of.
pub(super) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// A connection that was taken, encrypted where that is wanted.
pub(super) struct Connection {
    wire: Box<dyn Wire>,
    caller: Caller,
    /// Runs out with time, or with the server, unless a call is let in before; `None`: one was.
    patience: Option<BoxFuture<'static, ()>>,
    _place: Place,
}

impl Connection {
    /// A connection from `peer`, which is given up if nothing was asked over it after `patience`, or
    /// before the server is `closing`.
    pub(super) fn new(
        wire: Box<dyn Wire>,
        (peer, place): (Peer, Place),
        patience: Duration,
        closing: CancellationToken,
    ) -> Self {
        let caller = Caller { peer, ..Caller::default() };
        let patience = async move {
            // Whichever it is that comes first.
            let _ = timeout(patience, closing.cancelled_owned()).await;
        };
        Self { wire, caller, patience: Some(patience.boxed()), _place: place }
    }
}

impl Connected for Connection {
    type ConnectInfo = Caller;

    fn connect_info(&self) -> Caller {
        self.caller.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if let Some(patience) = &mut self.patience
            && patience.poll_unpin(cx).is_ready()
        {
            if !self.caller.is_welcome() {
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
            self.patience = None;
        }
        Pin::new(&mut self.wire).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.wire).poll_write_vectored(cx, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.wire.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str) -> Peer {
        Peer::Tcp(SocketAddr::new(address.parse().unwrap(), 1))
    }

    #[test]
    fn one_origin_takes_only_so_many_places() {
        let room = Room::new(&Limits { connections_per_peer: 1, ..Limits::default() });
        let place = |address| {
            let one = room.one_more().now_or_never().unwrap().unwrap();
            room.place(one, peer(address))
        };
        let first = place("2001:db8::1");
        assert!(first.is_some() && place("2001:db8::2").is_none(), "one subscriber");
        assert!(place("2001:db8:0:1::1").is_some(), "another one");
        drop(first);
        assert!(place("2001:db8::2").is_some());
        let near: Vec<_> = (0..3).map(|_| place("127.0.0.1")).collect();
        assert!(near.iter().all(Option::is_some));
        assert!(room.from.lock().unwrap().is_empty(), "nothing is kept of those who have gone");
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_for_nothing_is_given_up() {
        use tokio::io::AsyncReadExt as _;
        let patience = Duration::from_secs(30);
        let room = Room::new(&Limits::default());
        for (asks, ends) in [(false, false), (false, true), (true, false), (true, true)] {
            let (near, _far) = tokio::io::duplex(64);
            let from = peer("192.0.2.1");
            let place = room.place(room.one_more().await.unwrap(), from).unwrap();
            let closing = CancellationToken::new();
            let told = closing.clone();
            let mut connection = Connection::new(Box::new(near), (from, place), patience, closing);
            if asks {
                connection.connect_info().welcome();
            }
            let read = tokio::spawn(async move { connection.read_u8().await.unwrap_err().kind() });
            let long = if ends {
                told.cancel();
                patience / 2
            } else {
                patience * 9
            };
            let given_up = timeout(long, read).await.map(Result::unwrap).ok();
            assert_eq!(given_up, (!asks).then_some(io::ErrorKind::TimedOut), "{asks} {ends}");
        }
    }

    #[test]
    fn an_address_has_one_form() {
        assert_eq!(peer("::ffff:192.0.2.1").origin(), peer("192.0.2.1").origin());
        assert_eq!(peer("::1").origin(), Some("::1".parse().unwrap()));
        assert_eq!(Peer::Local.origin(), None);
    }
}
