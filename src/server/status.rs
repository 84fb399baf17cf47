//! The one place where failures become gRPC statuses: words that help go over the wire, details
//! go to the log.

use tonic::{Code, Status};

use crate::model::{self, ErrorKind};
use crate::store;

/// Longest text of a status, in bytes: it travels in a header.
const LONGEST: usize = 2_000;

/// The status for a failure of the store.
pub(super) fn of_store(error: &store::Error) -> Status {
    let code = match error {
        store::Error::NoConversation(_) | store::Error::NoResponse { .. } => Code::NotFound,
        store::Error::Exists(_) => Code::AlreadyExists,
        store::Error::BadPageToken => Code::InvalidArgument,
        // Trying again does not help before the user has done something.
        store::Error::Unusable(_) => Code::FailedPrecondition,
        store::Error::Internal(_) => Code::Internal,
    };
    status(code, &error.to_string())
}

/// The status for a failure of a model.
pub(super) fn of_model(error: &model::Error) -> Status {
    tracing::warn!(kind = ?error.kind, message = error.message, "a model failed");
    let code = match error.kind {
        ErrorKind::Unauthenticated => Code::Unauthenticated,
        ErrorKind::PermissionDenied => Code::PermissionDenied,
        ErrorKind::NotFound => Code::NotFound,
        ErrorKind::InvalidArgument => Code::InvalidArgument,
        ErrorKind::RateLimited => Code::ResourceExhausted,
        ErrorKind::Unavailable | ErrorKind::Interrupted => Code::Unavailable,
        ErrorKind::Timeout => Code::DeadlineExceeded,
        ErrorKind::Protocol | ErrorKind::Internal => Code::Internal,
    };
    status(code, &error.message)
}

/// The status for a request that cannot be understood.
pub(super) fn invalid(words: &str) -> Status {
    status(Code::InvalidArgument, words)
}

/// The status for what cannot be done before the user has done something.
pub(super) fn unusable(words: &str) -> Status {
    status(Code::FailedPrecondition, words)
}

/// The status where the model found no title, and there is one already.
pub(super) fn without_title(why: &str) -> Status {
    let words = "the model gave no title; the conversation keeps the one it has";
    status(Code::Unavailable, &format!("{words}: {why}"))
}

/// The status for what is asked of a service that is ending.
pub(super) fn ending() -> Status {
    status(Code::Unavailable, "the service is shutting down; try again when it is back")
}

fn status(code: Code, words: &str) -> Status {
    Status::new(code, &words[..words.floor_char_boundary(LONGEST)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_code() {
        let code = |kind| of_model(&model::Error::new(kind, "words")).code();
        assert_eq!(code(ErrorKind::Unauthenticated), Code::Unauthenticated);
        assert_eq!(code(ErrorKind::RateLimited), Code::ResourceExhausted);
        assert_eq!(code(ErrorKind::Unavailable), Code::Unavailable);
        assert_eq!(code(ErrorKind::Interrupted), Code::Unavailable);
        assert_eq!(code(ErrorKind::Timeout), Code::DeadlineExceeded);
        assert_eq!(of_store(&store::Error::BadPageToken).code(), Code::InvalidArgument);
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        let long = "ü".repeat(LONGEST);
        let status = invalid(&format!("x{long}"));
        assert_eq!(status.message().len(), LONGEST - 1);
    }
}
