//! Looks at a file without changing anything: how large it is, from which version, whether it is whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rusqlite::{Connection, OpenFlags};

use super::connection;
use super::fault::Fault;
use crate::store::{Error, Result};

/// What is to be known of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCheck {
    /// Conversations, the trash included.
    pub conversations: u64,
    /// Responses of all of them.
    pub responses: u64,
    /// Size of the file, in bytes.
    pub bytes: u64,
    /// Size of what was not yet moved into it, in bytes.
    pub log_bytes: u64,
    /// The format of the file.
    pub version: usize,
    /// The newest format that this program knows.
    pub known_version: usize,
    /// What SQLite finds wrong with it.
    pub problems: Vec<String>,
}

/// What a store's files look like from outside: it differs once something was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoreStamp {
    file: (SystemTime, u64),
    /// What was not yet moved into it.
    log: Option<(SystemTime, u64)>,
}

/// `None`: there is no such file.
pub(super) fn stamp(file: &Path) -> Option<StoreStamp> {
    let look = |path: &Path| {
        let data = fs::metadata(path).ok()?;
        Some((data.modified().ok()?, data.len()))
    };
    Some(StoreStamp { file: look(file)?, log: look(&log_of(file)) })
}

/// The file beside a store that SQLite writes to first.
pub(super) fn log_of(file: &Path) -> PathBuf {
    let mut log = file.to_owned().into_os_string();
    log.push("-wal");
    log.into()
}

pub(super) fn check(file: &Path) -> Result<StoreCheck> {
    look(file).map_err(|fault| fault.in_words(file))
}

fn look(file: &Path) -> std::result::Result<StoreCheck, Fault> {
    let size = |path: &Path| fs::metadata(path).map(|data| data.len()).unwrap_or(0);
    let log_bytes = size(&log_of(file));
    let connection = open(file, log_bytes > 0)?;
    connection::check(&connection, file)?;
    let count = |table: &str| {
        let sql = format!("SELECT count(*) FROM {table}");
        connection.query_row(&sql, (), |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
    };
    let mut statement = connection.prepare("PRAGMA quick_check(20)")?;
    let lines =
        statement.query_map((), |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()?;
    Ok(StoreCheck {
        conversations: count("conversation")?,
        responses: count("response")?,
        bytes: size(file),
        log_bytes,
        version: connection::user_version(&connection)?,
        known_version: connection::newest_version(),
        problems: lines.into_iter().filter(|line| line != "ok").collect(),
    })
}

/// The public ids of a store, without changing it.
pub(super) fn shared_ids(file: &Path) -> Result<Vec<String>> {
    let read = || {
        let is_open = fs::metadata(log_of(file)).is_ok_and(|data| data.len() > 0);
        let connection = open(file, is_open)?;
        connection::check(&connection, file)?;
        let mut statement = connection.prepare("SELECT id FROM share")?;
        let ids = statement.query_map((), |row| row.get(0))?;
        Ok(ids.collect::<rusqlite::Result<Vec<String>>>()?)
    };
    read().map_err(|fault: Fault| fault.in_words(file))
}

/// A file that nobody has open is taken as it is, so that not even SQLite's own files appear beside it.
fn open(file: &Path, is_open: bool) -> std::result::Result<Connection, Fault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if is_open {
        return Ok(Connection::open_with_flags(file, flags)?);
    }
    let path = file.to_str().ok_or_else(|| {
        Error::Unusable(format!("{} is no name that SQLite can open", file.display()))
    })?;
    let mut name = String::from("file:");
    for c in path.chars() {
        match c {
            '%' => name.push_str("%25"),
            '?' => name.push_str("%3f"),
            '#' => name.push_str("%23"),
            c => name.push(c),
        }
    }
    name.push_str("?immutable=1");
    Ok(Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_URI)?)
}
