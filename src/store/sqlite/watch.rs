//! Notices what other programs do to the file, while somebody wants to know: twice a second the
//! size and age of SQLite's log are looked at, and only when they have changed the writer is asked
//! whether that was another program. Nobody watching: no thread, no timer.

use std::path::PathBuf;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime};

use tokio::sync::broadcast;

use super::connection::Location;
use super::writer::Writer;
use crate::forest::ConversationId;

/// How soon another program's change is noticed.
const INTERVAL: Duration = Duration::from_millis(500);

/// The watch over one file. Dropping it ends the thread.
pub(super) struct Watch {
    changes: broadcast::Sender<Option<ConversationId>>,
    /// Holds the running thread's stop signal: it ends when this is dropped.
    running: Arc<Mutex<Option<Sender<()>>>>,
}

impl Watch {
    pub(super) fn new(changes: broadcast::Sender<Option<ConversationId>>) -> Self {
        Self { changes, running: Arc::default() }
    }

    /// Subscribes, and sees to it that a thread watches.
    pub(super) fn subscribe(
        &self,
        location: &Location,
        writer: &Writer,
    ) -> broadcast::Receiver<Option<ConversationId>> {
        let receiver = self.changes.subscribe();
        let Location::File(file) = location else { return receiver };
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_none() {
            let (stop, stopped) = channel();
            let changes = self.changes.clone();
            let shared = Arc::clone(&self.running);
            let writer = writer.clone();
            let mut log = file.clone().into_os_string();
            log.push("-wal");
            let mut seen = Seen { log: log.into(), last: None };
            let spawned = thread::Builder::new().name("store-watch".to_owned()).spawn(move || {
                while stopped.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
                    if seen.has_changed() && !writer.check_others() {
                        return;
                    }
                    let mut running = shared.lock().unwrap_or_else(PoisonError::into_inner);
                    if changes.receiver_count() == 0 {
                        *running = None;
                        return;
                    }
                }
            });
            match spawned {
                Ok(_) => *running = Some(stop),
                Err(error) => tracing::error!(%error, "changes of other programs go unnoticed"),
            }
        }
        receiver
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

struct Seen {
    log: PathBuf,
    last: Option<(u64, SystemTime)>,
}

impl Seen {
    /// The first look counts as a change: something may have happened since the file was opened.
    fn has_changed(&mut self) -> bool {
        let now = std::fs::metadata(&self.log)
            .and_then(|data| Ok((data.len(), data.modified()?)))
            .unwrap_or((0, SystemTime::UNIX_EPOCH));
        self.last.replace(now) != Some(now)
    }
}
