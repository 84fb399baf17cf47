//! Opening the file: permissions, pragmas and migrations. Safe when two programs start at once.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use super::fault::{Fault, no_room};
use crate::store::Error;

/// Marks a file as ours ("grok" in ASCII).
const APPLICATION_ID: i64 = 0x6772_6f6b;

/// How long to wait for another program that writes.
pub(super) const BUSY: Duration = Duration::from_secs(5);

/// Only ever appended to: the file's `user_version` counts those it has gone through.
const MIGRATIONS: &[&str] = &[
    include_str!("../../../assets/migrations/0001_conversations.sql"),
    include_str!("../../../assets/migrations/0002_settings.sql"),
    include_str!("../../../assets/migrations/0003_annotations.sql"),
];

/// Where the data is.
#[derive(Debug, Clone)]
pub(super) enum Location {
    /// In a file, which is made if need be.
    File(PathBuf),
    /// In memory, under a name of its own, until the last connection closes.
    Memory(String),
}

impl Location {
    /// The file's path, or the name that stands for it.
    pub(super) fn path(&self) -> &Path {
        match self {
            Self::File(path) => path,
            Self::Memory(name) => Path::new(name),
        }
    }

    fn connect(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match self {
            Self::File(path) => Connection::open_with_flags(path, flags)?,
            Self::Memory(name) => Connection::open_with_flags(
                format!("file:/{name}?vfs=memdb"),
                flags | OpenFlags::SQLITE_OPEN_URI,
            )?,
        };
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(64);
        // Without this a statement with an order is planned anew for every value that it is given.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        connection.pragma_update(None, "foreign_keys", true)?;
        // The log reaches the disk with every commit: what arrived survives a loss of power.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "temp_store", "MEMORY")?;
        // A log that one large change has swollen shrinks again.
        connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
        Ok(connection)
    }
}

/// A connection for the writer. Makes the file and brings it up to date.
pub(super) fn open(location: &Location) -> Result<Connection, Fault> {
    if let Location::File(path) = location {
        create(path).map_err(|error| cannot_create(path, &error))?;
    }
    let mut connection = location.connect()?;
    check(&connection, location.path())?;
    if matches!(location, Location::File(_)) {
        write_ahead(&connection)?;
    }
    migrate(&mut connection, location.path(), MIGRATIONS)?;
    Ok(connection)
}

/// A connection for a reader, once the writer has opened the file.
pub(super) fn open_for_reading(location: &Location) -> Result<Connection, Fault> {
    let connection = location.connect()?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn create(path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    }
}

/// Why a file could not be made, in words.
pub(super) fn cannot_create(path: &Path, error: &io::Error) -> Error {
    if error.kind() == io::ErrorKind::StorageFull {
        return no_room(path);
    }
    Error::Unusable(format!(
        "{} cannot be made ({error}); make its folder writable, or choose another with --data-dir",
        path.display()
    ))
}

/// Refuses files of newer programs and of others.
pub(super) fn check(connection: &Connection, file: &Path) -> Result<(), Fault> {
    // One look at all three: another program may be making the file at this moment.
    let look = connection.unchecked_transaction()?;
    let version = user_version(&look)?;
    let application: i64 = look.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: i64 = look.query_row("SELECT count(*) FROM sqlite_schema", (), |row| row.get(0))?;
    drop(look);
    if tables > 0 && application != APPLICATION_ID {
        return Err(Error::Unusable(format!(
            "{} is the database of another program; it is kept untouched: move it away, or choose \
             another folder with --data-dir",
            file.display()
        ))
        .into());
    }
    refuse_newer(version, MIGRATIONS.len(), file)
}

/// The newest format that this program knows.
pub(super) fn newest_version() -> usize {
    MIGRATIONS.len()
}

fn refuse_newer(version: usize, known: usize, file: &Path) -> Result<(), Fault> {
    if version <= known {
        return Ok(());
    }
    Err(Error::Unusable(format!(
        "{} was written by a newer version of this program (format {version}; this one knows up \
         to {known}); update the program, or choose another folder with --data-dir",
        file.display()
    ))
    .into())
}

pub(super) fn user_version(connection: &Connection) -> rusqlite::Result<usize> {
    let version: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(version).unwrap_or(usize::MAX))
}

/// Readers never wait for the writer. The switch itself does not honour the busy timeout while
/// another program makes it too, so it is tried again here.
fn write_ahead(connection: &Connection) -> rusqlite::Result<()> {
    let end = Instant::now() + BUSY;
    loop {
        let switched = connection
            .pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get::<_, String>(0));
        match switched {
            Ok(_) => return Ok(()),
            Err(error)
                if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                    && Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            Err(error) => return Err(error),
        }
    }
}

fn migrate(connection: &mut Connection, file: &Path, all: &[&str]) -> Result<(), Fault> {
    if user_version(connection)? == all.len() {
        return Ok(());
    }
    // Each in a transaction of its own; whoever comes second finds it done.
    for (number, migration) in all.iter().enumerate() {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let version = user_version(&transaction)?;
        refuse_newer(version, all.len(), file)?;
        if version == number {
            transaction.execute_batch(migration)?;
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.pragma_update(None, "user_version", number as i64 + 1)?;
        }
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_run_once_and_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        let file = Path::new("memory");
        let first = "CREATE TABLE a (x)";
        migrate(&mut connection, file, &[first]).unwrap();
        migrate(&mut connection, file, &[first]).unwrap();
        let second = "INSERT INTO a VALUES (1)";
        migrate(&mut connection, file, &[first, second]).unwrap();
        migrate(&mut connection, file, &[first, second]).unwrap();
        let rows: i64 =
            connection.query_row("SELECT count(*) FROM a", (), |row| row.get(0)).unwrap();
        assert_eq!(rows, 1);
        assert_eq!(user_version(&connection).unwrap(), 2);
    }

    #[test]
    fn programs_that_make_a_file_at_once_find_it_theirs() {
        for _ in 0..50 {
            let folder = tempfile::tempdir().unwrap();
            let location = Location::File(folder.path().join("store.db"));
            std::thread::scope(|scope| {
                let opened: Vec<_> =
                    (0..4).map(|_| scope.spawn(|| open(&location).map(drop))).collect();
                for opened in opened {
                    opened
                        .join()
                        .unwrap()
                        .map_err(|fault| fault.in_words(location.path()))
                        .unwrap();
                }
            });
        }
    }

    #[test]
    fn a_migration_that_fails_leaves_nothing_behind() {
        let mut connection = Connection::open_in_memory().unwrap();
        let broken = "CREATE TABLE a (x); INSERT INTO nowhere VALUES (1)";
        assert!(migrate(&mut connection, Path::new("memory"), &[broken]).is_err());
        assert_eq!(user_version(&connection).unwrap(), 0);
        connection.execute("CREATE TABLE a (x)", ()).unwrap();
    }
}
