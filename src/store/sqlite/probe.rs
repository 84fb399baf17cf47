//! Finds out whether a store could be written to, without writing anything that stays.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::check::log_of;
use super::connection::{BUSY, cannot_create};
use super::fault::{Fault, no_room};
use crate::store::{Error, Result};

/// As much as SQLite's own files take at least.
const ROOM: usize = 64 << 10;

/// Whether the store in `file` could be written to. Where there is none yet: whether its folder could.
pub(super) fn try_writing(file: &Path) -> Result<()> {
    let folder = folder_of(file);
    if !folder.exists() {
        return Ok(());
    }
    let exists = file.exists();
    try_folder(folder).map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull => no_room(file),
        _ if !exists => cannot_create(file, &error),
        _ => Error::Unusable(format!(
            "nothing can be written beside {} ({error}); make its folder writable, or choose another \
             with --data-dir",
            file.display()
        )),
    })?;
    if !exists {
        return Ok(());
    }
    try_file(file).map_err(|error| Fault::from(error).in_words(file))
}

/// Whether there is no room for what `file` needs beside it.
pub(super) fn is_disk_full(file: &Path) -> bool {
    try_folder(folder_of(file)).is_err_and(|error| error.kind() == io::ErrorKind::StorageFull)
}

fn folder_of(file: &Path) -> &Path {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn try_folder(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".grok-tui-{}", uuid::Uuid::new_v4()));
    let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
    let written = fill(file);
    let removed = fs::remove_file(&path);
    written.and(removed)
}

fn fill(mut file: File) -> io::Result<()> {
    file.write_all(&[0; ROOM])?;
    // Some systems find out only now that there is no room.
    file.sync_all()
}

fn try_file(file: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let has_log = fs::metadata(log_of(file)).is_ok_and(|data| data.len() > 0);
    let connection = Connection::open_with_flags(file, flags)?;
    // What another program has left in the log stays there.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, has_log)?;
    connection.busy_timeout(BUSY)?;
    connection.execute_batch("BEGIN IMMEDIATE; ROLLBACK")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_stays_of_a_try() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        let names = || {
            let names = fs::read_dir(folder.path()).unwrap();
            let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert!(try_writing(&file).is_ok() && names().is_empty());
        assert!(try_writing(&folder.path().join("no/store.db")).is_ok() && names().is_empty());
        let store = Connection::open(&file).unwrap();
        store.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (x)").unwrap();
        drop(store);
        let before = names();
        assert!(try_writing(&file).is_ok());
        assert_eq!(names(), before);
    }

    #[test]
    fn what_cannot_be_written_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("store.db");
        let store = Connection::open(&file).unwrap();
        store.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (x)").unwrap();
        drop(store);
        // Stands where SQLite needs a file of its own.
        fs::create_dir(folder.path().join("store.db-shm")).unwrap();
        let error = try_writing(&file).unwrap_err().to_string();
        assert!(error.contains("store.db"), "{error}");
        let error = try_writing(&file.join("below.db")).unwrap_err().to_string();
        assert!(error.contains("cannot be made"), "{error}");
    }

    #[test]
    fn a_full_disk_is_said() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let words = cannot_create(Path::new("a.db"), &full).to_string();
        assert!(words.contains("no room left") && words.contains("a.db"), "{words}");
    }
}
