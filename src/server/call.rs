//! One call of a served service: what is streamed until its end, and its line in the log, which holds
//! nothing of what was said.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Instant;

use http_body::Frame;
use tokio::sync::OwnedSemaphorePermit;
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};
use tonic::body::Body;
use tonic::codegen::{Bytes, http};
use tonic::{Code, Status};

use super::connection::Peer;
use super::homes::Home;
use super::status;

/// Longest path of a request that is written into the log.
const LONGEST_PATH: usize = 100;

/// A call, which is written into the log when it is over. Holds nothing of what was said.
pub(super) struct Call {
    method: String,
    /// Empty: nobody in particular.
    pub(super) user: String,
    peer: Peer,
    begun: Instant,
    bytes: usize,
    /// How it ended, as far as is known.
    pub(super) code: Code,
}

impl Call {
    pub(super) fn new(path: &str, peer: Peer) -> Self {
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

type Cancelled = Pin<Box<WaitForCancellationFutureOwned>>;

/// The rest of a call: what is streamed to the client, until it ends or is cut short.
pub(super) struct Tail {
    inner: Body,
    call: Call,
    /// Its key is taken away.
    revoked: Option<Cancelled>,
    /// The server has ended, which what is streamed does not notice by itself.
    ended: Option<Cancelled>,
    /// Held to its end: room among the calls of its user, and what it works with.
    _held: (Option<OwnedSemaphorePermit>, Option<Arc<Home>>),
}

impl Tail {
    pub(super) fn new(
        inner: Body,
        call: Call,
        (revoked, ended): (Option<CancellationToken>, Option<CancellationToken>),
        held: (Option<OwnedSemaphorePermit>, Option<Arc<Home>>),
    ) -> Self {
        let wait = |token: CancellationToken| Box::pin(token.cancelled_owned());
        let (revoked, ended) = (revoked.map(wait), ended.map(wait));
        Self { inner, call, revoked, ended, _held: held }
    }

    /// Ends it with `status`, and with it what is behind it.
    fn cut(&mut self, status: &Status) -> Result<Frame<Bytes>, Status> {
        (self.revoked, self.ended) = (None, None);
        self.inner = Body::empty();
        self.call.code = status.code();
        let mut trailers = http::HeaderMap::new();
        status.add_header(&mut trailers)?;
        Ok(Frame::trailers(trailers))
    }

    fn note(&mut self, frame: &Frame<Bytes>) {
        if let Some(data) = frame.data_ref() {
            self.call.bytes += data.len();
        }
        if let Some(status) = frame.trailers_ref().and_then(Status::from_header_map) {
            self.call.code = status.code();
        }
    }
}

impl http_body::Body for Tail {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        if is_done(&mut this.revoked, cx) {
            return Poll::Ready(Some(this.cut(&Status::unauthenticated("the key was taken away"))));
        }
        match Pin::new(&mut this.inner).poll_frame(cx) {
            Poll::Ready(frame) => {
                if let Some(Ok(frame)) = &frame {
                    this.note(frame);
                }
                Poll::Ready(frame)
            }
            Poll::Pending if is_done(&mut this.ended, cx) => {
                Poll::Ready(Some(this.cut(&status::ending())))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}

fn is_done(cancelled: &mut Option<Cancelled>, cx: &mut Context<'_>) -> bool {
    cancelled.as_mut().is_some_and(|cancelled| cancelled.as_mut().poll(cx).is_ready())
}

#[cfg(test)]
mod tests {
    use super::*;

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
