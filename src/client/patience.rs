//! How long a server is waited for: until it begins to answer a call, and for every further piece of
//! that answer. A long answer may so take any time, as long as it keeps coming.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::Frame;
use tokio::time::{Instant, Sleep, sleep};
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::{Bytes, http};

/// Bytes of a request that every connection is trusted to carry within a second.
const SLOWEST: f64 = 65_536.0;

/// How long a server is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For a connection; for its encryption as long again.
    pub connect: Duration,
    /// For the answer to a call. Answers of models are streams, which may take as long as they do.
    pub call: Duration,
    /// The same, where a model has to say something first: a title.
    pub sampled: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            call: Duration::from_secs(60),
            sampled: Duration::from_secs(180),
        }
    }
}

/// So long the server may say nothing. Travels with a request to where that is seen to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait(Duration);

/// Why a call was given up.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("no answer within {0:?}")]
pub(super) struct Late(pub(super) Duration);

impl Wait {
    /// The wait for the answer to a request of so many bytes, which take their time to be sent.
    pub(super) fn new(answer: Duration, bytes: usize) -> Self {
        Self(answer + Duration::from_secs_f64(bytes as f64 / SLOWEST))
    }

    /// Waits for an answer and for each piece of it.
    pub(super) async fn of<E>(
        self,
        answer: impl Future<Output = Result<http::Response<Body>, E>>,
    ) -> Result<http::Response<Body>, super::transport::BoxError>
    where
        super::transport::BoxError: From<E>,
    {
        let answer = tokio::time::timeout(self.0, answer).await.map_err(|_| Late(self.0))??;
        Ok(answer
            .map(|inner| Body::new(Pieces { inner, wait: self.0, late: Box::pin(sleep(self.0)) })))
    }
}

/// An answer whose next piece is waited for so long.
struct Pieces {
    inner: Body,
    wait: Duration,
    late: Pin<Box<Sleep>>,
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Poll::Ready(piece) = Pin::new(&mut self.inner).poll_frame(cx) {
            let until = Instant::now() + self.wait;
            self.late.as_mut().reset(until);
            return Poll::Ready(piece);
        }
        std::task::ready!(self.late.as_mut().poll(cx));
        Poll::Ready(Some(Err(Status::from_error(Box::new(Late(self.wait))))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, StreamBody};

    use super::super::error::is_late;
    use super::*;

    /// What comes of an answer whose pieces come so many seconds apart, if ever.
    async fn taken(waits: &'static [u64]) -> Result<usize, Status> {
        let pieces = stream::iter(waits).then(|&seconds| async move {
            sleep(Duration::from_secs(seconds)).await;
            Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"piece")))
        });
        let body = Body::new(StreamBody::new(pieces));
        let answer = async { Ok::<_, Infallible>(http::Response::new(body)) };
        let wait = Wait::new(Duration::from_secs(10), 0);
        let body = wait.of(answer).await.unwrap().into_body();
        Ok(body.collect().await?.to_bytes().len())
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_keeps_coming_is_not_cut_short() {
        assert_eq!(taken(&[9, 9, 9, 9]).await.unwrap(), 20);
        let late = taken(&[9, 9, 1_000_000]).await.unwrap_err();
        assert!(is_late(&late), "{late:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_never_begins_is_given_up_and_a_large_request_has_its_time() {
        for (bytes, seconds) in [(0, 10), (655_360, 20)] {
            let began = Instant::now();
            let never = std::future::pending::<Result<_, Infallible>>();
            let wait = Wait::new(Duration::from_secs(10), bytes);
            let error = wait.of(never).await.unwrap_err();
            assert!(error.is::<Late>() && began.elapsed().as_secs() == seconds, "{bytes}");
        }
    }
}
