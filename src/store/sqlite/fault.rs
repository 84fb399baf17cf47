//! What can go wrong below the store's interface, and the one place that puts it into words.

use std::path::Path;

use rusqlite::ErrorCode;

use super::probe::is_disk_full;
use crate::store::Error;

/// A failure within a job.
#[derive(Debug)]
pub(super) enum Fault {
    /// SQLite's own.
    Sql(rusqlite::Error),
    /// One that is in words already.
    Store(Error),
}

/// The error where the disk is full.
pub(super) fn no_room(file: &Path) -> Error {
    Error::Unusable(format!(
        "the disk is full: there is no room left to store anything in {}; free some space on that \
         disk and try again (what was stored before is safe)",
        file.display()
    ))
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sql(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// The error for the caller: which file, what is wrong and what to do. Details go to the log.
    pub(super) fn in_words(self, file: &Path) -> Error {
        let error = match self {
            Self::Store(error) => return error,
            Self::Sql(error) => error,
        };
        tracing::error!(%error, file = %file.display(), "the store failed");
        let code = error.sqlite_error_code();
        // SQLite does not always tell a full disk from a broken one.
        let may_be_full = matches!(code, Some(ErrorCode::CannotOpen | ErrorCode::SystemIoFailure));
        if code == Some(ErrorCode::DiskFull) || (may_be_full && is_disk_full(file)) {
            return no_room(file);
        }
        let file = file.display();
        match code {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Unusable(format!(
                "another program keeps {file} locked; close it and try again"
            )),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Error::Unusable(format!(
                "{file} is damaged or no store of this program; the file is kept untouched: move \
                 it away, or choose another folder with --data-dir"
            )),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Error::Unusable(format!(
                "{file} may not be written; make it and its folder writable, or choose another \
                 folder with --data-dir"
            )),
            Some(ErrorCode::CannotOpen) => Error::Unusable(format!(
                "{file} cannot be opened; see that its folder exists and is writable, or choose \
                 another with --data-dir"
            )),
            Some(ErrorCode::SystemIoFailure) => Error::Unusable(format!(
                "{file} cannot be read or written; check the disk it is on"
            )),
            Some(ErrorCode::TooBig) => {
                Error::Unusable("a text is larger than the store can keep (1 GB)".to_owned())
            }
            _ => Error::Internal(format!("an operation on {file} went wrong; the log says more")),
        }
    }
}
