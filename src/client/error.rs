//! What can go wrong on the client's side, in plain words, and the only place where a gRPC status
//! becomes such an error.

use std::error::Error as _;
use std::time::Duration;

use tonic::{Code, Status};

use super::patience::Late;

/// The kind of failure, for code that has to react to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// No conversation or response of that name.
    NotFound,
    /// The request itself is at fault.
    InvalidArgument,
    /// The key is missing, wrong or expired.
    Unauthenticated,
    /// The key is good but may not do this.
    PermissionDenied,
    /// Too many requests, or the credit is used up.
    RateLimited,
    /// The service, or the model behind it, cannot be reached.
    Unavailable,
    /// The service does not offer this.
    Unimplemented,
    /// The service said something that makes no sense.
    Protocol,
    /// The conversation was deleted through this handle.
    Deleted,
    /// The conversation does not exist on the service yet.
    NotCreated,
    /// The conversation was not loaded yet.
    NotLoaded,
    /// The call was stopped.
    Cancelled,
    /// Anything else.
    Other,
}

/// A failed call. The message says what happened and, where that is known, what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What kind of failure.
    pub kind: ErrorKind,
    /// What happened, in a sentence or two. May hold text of the service: data, not markup.
    pub message: String,
}

impl Error {
    /// An error of `kind` with the words for the user.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// The service broke the contract in the way that `message` tells.
    pub(super) fn protocol(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Protocol, message)
    }

    /// Puts a status from `endpoint`, to which there is a connection, into words.
    pub(super) fn from_status(status: &Status, endpoint: &str) -> Self {
        match words_for(status, endpoint) {
            Some(words) => Self::new(ErrorKind::Unavailable, words),
            None => Self::said(status, endpoint),
        }
    }

    /// As [`Self::from_status`], where the connection may be what failed. `named`: a certificate was
    /// named that is to be trusted.
    pub(super) fn of_call(status: &Status, endpoint: &str, named: bool) -> Self {
        if is_unsent(status) {
            return Self::new(ErrorKind::Unavailable, unreachable(status, endpoint, named));
        }
        let error = Self::from_status(status, endpoint);
        // A call that is answered has no such cause: maybe nobody there understood it.
        if is_lost(status) && !endpoint.starts_with("unix:") {
            let advice = "if that happens every time, it is no conversation service that listens there, but \
                          perhaps a web server (HTTP/1.1 only), or one that wants https://";
            return Self::new(error.kind, format!("{}; {advice}", error.message));
        }
        error
    }

    /// The words of the service itself.
    fn said(status: &Status, endpoint: &str) -> Self {
        let kind = kind_of(status.code());
        let message = match status.message() {
            "" => wordless(kind, endpoint),
            words => words.to_owned(),
        };
        Self::new(kind, message)
    }
}

/// What to say where it is the connection that failed; `None`: it is not.
fn words_for(status: &Status, endpoint: &str) -> Option<String> {
    if let Some(Late(waited)) = late(status) {
        return Some(unanswered(*waited, endpoint));
    }
    if is_unsent(status) {
        return Some(unreachable(status, endpoint, false));
    }
    if let Some(words) = other_kind(status, endpoint) {
        return Some(words);
    }
    if is_silent(status) {
        return Some(format!(
            "{endpoint} takes connections but does not answer; is that the service, and is it running?"
        ));
    }
    let cause = innermost(status);
    status.source().is_some().then(|| format!("the connection to {endpoint} was lost ({cause})"))
}

/// Whether the connection ended under a call, and nothing is known of why.
fn is_lost(status: &Status) -> bool {
    let ended = ["broken pipe", "reset", "connection closed", "unexpected end of file"];
    let ended = ended.iter().any(|words| innermost(status).to_ascii_lowercase().contains(words));
    status.source().is_some() && ended
}

/// Whether the server took the connection, and did not even say that it is there.
pub(super) fn is_silent(status: &Status) -> bool {
    causes(status).any(|cause| cause.to_string().contains("keep-alive timed out"))
}

/// Whether the call was given up because its answer did not come.
pub(super) fn is_late(status: &Status) -> bool {
    late(status).is_some()
}

fn late(status: &Status) -> Option<&Late> {
    causes(status).find_map(|cause| cause.downcast_ref())
}

/// Whether nobody took the connection, or nobody finished to make it, for as long as that was waited for.
pub(super) fn is_slow_to_connect(status: &Status) -> bool {
    let timed_out = |cause: &(dyn std::error::Error + 'static)| {
        let io = cause.downcast_ref::<std::io::Error>();
        cause.is::<tokio::time::error::Elapsed>()
            || io.is_some_and(|io| io.kind() == std::io::ErrorKind::TimedOut)
    };
    let handshake =
        |cause: &(dyn std::error::Error + 'static)| cause.to_string().contains("handshake timeout");
    is_unsent(status) && causes(status).any(|cause| timed_out(cause) || handshake(cause))
}

/// Whether the request never left this program, so that sending it again cannot do it twice.
pub(super) fn is_unsent(status: &Status) -> bool {
    causes(status).any(|cause| cause.is::<tonic::ConnectError>())
}

fn kind_of(code: Code) -> ErrorKind {
    match code {
        Code::NotFound => ErrorKind::NotFound,
        Code::InvalidArgument | Code::FailedPrecondition | Code::AlreadyExists => {
            ErrorKind::InvalidArgument
        }
        Code::Unauthenticated => ErrorKind::Unauthenticated,
        Code::PermissionDenied => ErrorKind::PermissionDenied,
        Code::ResourceExhausted => ErrorKind::RateLimited,
        Code::Unavailable | Code::DeadlineExceeded => ErrorKind::Unavailable,
        Code::Unimplemented => ErrorKind::Unimplemented,
        Code::Cancelled => ErrorKind::Cancelled,
        Code::Ok
        | Code::Unknown
        | Code::OutOfRange
        | Code::Aborted
        | Code::Internal
        | Code::DataLoss => ErrorKind::Other,
    }
}

/// What to say of a status that came without words.
fn wordless(kind: ErrorKind, endpoint: &str) -> String {
    let what = match kind {
        ErrorKind::NotFound => "has no such conversation or response",
        ErrorKind::InvalidArgument => "did not accept the request",
        ErrorKind::Unauthenticated => "did not accept the API key",
        ErrorKind::PermissionDenied => "does not allow this with the given API key",
        ErrorKind::RateLimited => "asks to wait: too many requests, or the credit is used up",
        ErrorKind::Unavailable => "is not available at present; try again later",
        ErrorKind::Unimplemented => "does not offer this",
        ErrorKind::Cancelled => "stopped the call",
        ErrorKind::Protocol
        | ErrorKind::Deleted
        | ErrorKind::NotCreated
        | ErrorKind::NotLoaded
        | ErrorKind::Other => "failed without saying why",
    };
    format!("the service at {endpoint} {what}")
}

fn unreachable(status: &Status, endpoint: &str, named: bool) -> String {
    let cause = innermost(status);
    if is_slow_to_connect(status) {
        return format!(
            "nothing at {endpoint} has taken the connection in time; is the address right, and is the \
             service running there? If it is only slow, give it longer (connect in the table [timeouts] \
             of the configuration)"
        );
    }
    if cause.to_ascii_lowercase().contains("refused") {
        format!("nothing answers at {endpoint}; is the service running there?")
    } else if cause.contains("CaUsedAsEndEntity") {
        format!(
            "the certificate of {endpoint} is one for signing others; its owner has to make one for a \
             server (openssl: -addext basicConstraints=critical,CA:FALSE)"
        )
    } else if let Some((_, why)) = cause.split_once("invalid peer certificate: ") {
        untrusted(why, endpoint, named)
    } else if let Some(words) = other_kind(status, endpoint) {
        words
    } else {
        format!("cannot connect to {endpoint}: {cause}")
    }
}

/// What to say of a call whose answer did not come.
fn unanswered(waited: Duration, endpoint: &str) -> String {
    format!(
        "the service at {endpoint} has not answered a call within {} s; is it running there, and not \
         too busy? Try again later, or give it longer (call in the table [timeouts] of the \
         configuration)",
        waited.as_secs_f32().ceil()
    )
}

/// What to say of a certificate, by the words of the TLS library. `named`: one of their own was named to
/// be trusted.
fn untrusted(why: &str, endpoint: &str, named: bool) -> String {
    let certificate = format!("the certificate of {endpoint}");
    let why = why.to_ascii_lowercase();
    if why.contains("name") {
        return format!(
            "{certificate} is for another name; use the name that it was made for, or have its owner \
             make one for this (openssl: -addext subjectAltName=DNS:HOST)"
        );
    }
    if why.contains("expired") || why.contains("not valid yet") || why.contains("notvalidyet") {
        return format!(
            "{certificate} has run out, or is not valid yet; its owner has to renew it, or the clock of \
             this machine is wrong"
        );
    }
    let is_unknown =
        ["signature", "unknownissuer", "unknown issuer"].map(|word| why.contains(word));
    let what = match (is_unknown.contains(&true), named) {
        (true, true) => "it is not the one of --ca-cert, nor signed by it, or by anybody known",
        (true, false) => "nobody known has signed it",
        (false, _) => &why,
    };
    let advice = if named {
        "it may have changed: ask its owner for the present one"
    } else {
        "if it is one of your own, name it, or the one that signed it, with --ca-cert FILE"
    };
    format!("{certificate} is not trusted ({what}); {advice}")
}

/// What to say where the two sides do not speak the same protocol.
fn other_kind(status: &Status, endpoint: &str) -> Option<String> {
    let says = |words: &str| causes(status).any(|cause| cause.to_string().contains(words));
    if let Some(rest) = endpoint.strip_prefix("http://") {
        // Text of HTTP/1.1, or an alert of TLS, taken for a frame of HTTP/2: nobody can tell which.
        return says("frame with invalid size").then(|| {
            format!(
                "the server at {endpoint} does not speak HTTP/2 without TLS. If it is an ordinary web \
                 server (HTTP/1.1 only), it is no conversation service, and the address or port is \
                 another; if it speaks TLS, use https://{rest}"
            )
        });
    }
    let rest = endpoint.strip_prefix("https://")?;
    if says("HTTP/2 was not negotiated") || says("NoApplicationProtocol") {
        return Some(format!(
            "the server at {endpoint} speaks HTTP/1.1 only, as ordinary web servers do, and a \
             conversation service needs HTTP/2; is the address, and its port, that of the service?"
        ));
    }
    says("InvalidContentType")
        .then(|| format!("the server at {endpoint} does not speak TLS; use http://{rest}"))
}

fn causes(status: &Status) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(status.source(), |&cause| cause.source())
}

fn innermost(status: &Status) -> String {
    causes(status).last().map_or_else(|| status.message().to_owned(), ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_service_are_kept() {
        let error = Error::from_status(&Status::not_found("there is no conversation x"), "local");
        assert_eq!(error.kind, ErrorKind::NotFound);
        assert_eq!(error.to_string(), "there is no conversation x");
    }

    #[test]
    fn a_status_without_words_gets_some() {
        let error = Error::from_status(&Status::new(Code::Unauthenticated, ""), "https://h:1");
        assert_eq!(error.to_string(), "the service at https://h:1 did not accept the API key");
    }

    #[test]
    fn only_a_failed_connect_counts_as_unsent() {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let status = Status::from_error(Box::new(tonic::ConnectError(Box::new(refused))));
        assert!(is_unsent(&status));
        assert!(!is_unsent(&Status::unavailable("busy")));
    }
}
