//! How much of a served service one user, and all together, may take.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tonic::Status;
use tonic_types::{ErrorDetails, StatusExt as _};

/// The limits of a served service.
#[derive(Debug, Clone, PartialEq)]
pub struct Limits {
    /// Longest request, in bytes.
    pub message: usize,
    /// Calls of one user that run at once; each answer that streams is one.
    pub calls_per_user: usize,
    /// Calls that one user may begin in a second, over time; twice as many at once.
    pub requests_per_second: f64,
    /// Connections at once, of all.
    pub connections: usize,
    /// Connections at once from one address of another machine.
    pub connections_per_peer: usize,
    /// How long a connection may take to be encrypted.
    pub handshake: Duration,
    /// How long a connection may take until a call of it is let in.
    pub first_call: Duration,
    /// How long what a user has opened is kept open without a call, and with nothing running.
    pub idle_user: Duration,
}

impl Limits {
    /// Longest request where nobody has set another limit, in bytes.
    pub const MESSAGE: usize = 20 << 20;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message: Self::MESSAGE,
            calls_per_user: 256,
            requests_per_second: 100.0,
            connections: 4_096,
            connections_per_peer: 256,
            handshake: Duration::from_secs(10),
            first_call: Duration::from_secs(30),
            idle_user: Duration::from_secs(600),
        }
    }
}

/// A bucket of tokens, one for each call.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Tokens that come in a second; the bucket holds twice as many.
    rate: f64,
    state: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub(super) fn new(rate: f64) -> Self {
        Self { rate, state: Mutex::new((rate * 2.0, Instant::now())) }
    }

    /// Takes a token; if there is none, says when there will be one.
    pub(super) fn take(&self) -> Result<(), Duration> {
        let now = Instant::now();
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = *state;
        let come = now.saturating_duration_since(since).as_secs_f64() * self.rate;
        let tokens = (tokens + come).min(self.rate * 2.0);
        if tokens < 1.0 {
            *state = (tokens, now);
            return Err(Duration::from_secs_f64((1.0 - tokens) / self.rate));
        }
        *state = (tokens - 1.0, now);
        Ok(())
    }
}

/// The status for who takes more than is theirs; says when to try again.
pub(super) fn too_many(words: &str, wait: Duration) -> Status {
    let words = format!("{words} {:.1} s and try again", wait.as_secs_f64().max(0.1));
    let details = ErrorDetails::with_retry_info(Some(wait));
    Status::with_error_details(tonic::Code::ResourceExhausted, words, details)
}

/// The status for a request that is longer than `longest` bytes.
pub(super) fn too_long(longest: usize) -> Status {
    let words = format!("the request is longer than {} MiB; send less at once", longest >> 20);
    Status::resource_exhausted(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_runs_dry_and_says_for_how_long() {
        let bucket = Bucket::new(1.0);
        assert!(bucket.take().is_ok() && bucket.take().is_ok());
        let wait = bucket.take().unwrap_err();
        assert!(wait <= Duration::from_secs(1) && wait > Duration::from_millis(500), "{wait:?}");
    }
}
