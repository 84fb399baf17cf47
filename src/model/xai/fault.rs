//! What xAI's statuses mean, in words that say what to do.

use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::model::{Error, ErrorKind};

/// Longest message of a server that is shown, in characters.
const MOST_SHOWN: usize = 300;

/// The error for a status of the server at `address`.
pub(super) fn error(status: &Status, address: &str) -> Error {
    let said = said(status);
    let (kind, words) = match status.code() {
        Code::Unauthenticated => (ErrorKind::Unauthenticated, refused_key(address)),
        // So the hosted service puts it for a key that is no key.
        Code::InvalidArgument if status.message().to_ascii_lowercase().contains("api key") => {
            (ErrorKind::Unauthenticated, refused_key(address))
        }
        Code::PermissionDenied => (
            ErrorKind::PermissionDenied,
            format!("{address} does not let the key in XAI_API_KEY do this; check its rights."),
        ),
        Code::NotFound => (
            ErrorKind::NotFound,
            format!("{address} has no such model; `grok-tui models` lists those it has."),
        ),
        Code::InvalidArgument | Code::FailedPrecondition => (
            ErrorKind::InvalidArgument,
            format!("{address} did not take the request; change what it names and try again."),
        ),
        Code::OutOfRange => (
            ErrorKind::InvalidArgument,
            format!("A message to or from {address} is longer than the 20 MiB it takes."),
        ),
        Code::ResourceExhausted => (
            ErrorKind::RateLimited,
            format!("{address} takes no more requests for now; wait, or check the credit."),
        ),
        Code::Unavailable => (
            ErrorKind::Unavailable,
            format!("{address} cannot be reached; check the network and XAI_API_HOST."),
        ),
        Code::DeadlineExceeded => {
            (ErrorKind::Timeout, format!("{address} did not answer in time; try again."))
        }
        Code::Unimplemented => (
            ErrorKind::Protocol,
            format!("{address} does not speak xAI's interface; check XAI_API_HOST."),
        ),
        _ => (ErrorKind::Internal, format!("{address} failed; try again.")),
    };
    let mut error = Error::new(kind, format!("{words}{said}"));
    error.retry_after = status.get_details_retry_info().and_then(|info| info.retry_delay);
    error
}

/// An answer that began and broke off.
pub(super) fn interrupted(status: Option<&Status>, address: &str) -> Error {
    let said = status.map(said).unwrap_or_default();
    let words = format!(
        "{address} broke the answer off before its end; what arrived is kept and can be \
         continued.{said}"
    );
    Error::new(ErrorKind::Interrupted, words)
}

fn refused_key(address: &str) -> String {
    format!(
        "The server at {address} did not accept the key in XAI_API_KEY; check it or get a new one."
    )
}

fn said(status: &Status) -> String {
    let message = status.message().trim();
    if message.is_empty() {
        return String::new();
    }
    let shown: String = message.chars().take(MOST_SHOWN).collect();
    let more = if shown.len() < message.len() { "…" } else { "" };
    format!(" It said: \"{shown}{more}\".")
}
