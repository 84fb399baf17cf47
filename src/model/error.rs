//! What can go wrong with a model, in words that say what to do next.

use std::time::Duration;

/// The kind of failure, which decides about retries and the gRPC status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// The key is missing, wrong or expired.
    Unauthenticated,
    /// The key is good but may not do this.
    PermissionDenied,
    /// No such model or address.
    NotFound,
    /// The request itself is at fault.
    InvalidArgument,
    /// Too many requests, or the credit is used up.
    RateLimited,
    /// The server cannot be reached or is not ready.
    Unavailable,
    /// The server did not answer in time.
    Timeout,
    /// The server said something that makes no sense.
    Protocol,
    /// The answer broke off after it had begun.
    Interrupted,
    /// The server failed.
    Internal,
}

/// A failure of a backend. Never contains a key.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// What happened, to what, and what to do, in a sentence or two.
    pub message: String,
    /// How long the server asked to wait before the next try.
    pub retry_after: Option<Duration>,
}

impl Error {
    /// An error of `kind`; `message` says what happened, to what, and what to do.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), retry_after: None }
    }
}
