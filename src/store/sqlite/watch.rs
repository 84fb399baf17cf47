//! Notices what other programs do to the file, while somebody wants to know: when SQLite's log has
//! changed, the writer is asked whether that was another program. Nobody watching: no thread.

mod eyes;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::SystemTime;

use tokio::sync::broadcast;

use super::connection::Location;
use super::writer::Writer;
use crate::forest::ConversationId;
use eyes::{Eyes, Stop};

type Changes = broadcast::Sender<Option<ConversationId>>;

/// The watch over one file. Dropping it ends the thread.
pub(super) struct Watch {
    changes: Changes,
    running: Arc<Mutex<Option<Stop>>>,
}

impl Watch {
    pub(super) fn new(changes: Changes) -> Self {
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
            let mut log = file.clone().into_os_string();
            log.push("-wal");
            let guard = Guard {
                seen: Seen { log: log.into(), last: None },
                changes: self.changes.clone(),
                running: Arc::clone(&self.running),
                writer: writer.clone(),
            };
            let (stop, eyes) = eyes::pair();
            let thread = thread::Builder::new().name("store-watch".to_owned());
            match thread.spawn(move || guard.watch(eyes)) {
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

struct Guard {
    seen: Seen,
    changes: Changes,
    running: Arc<Mutex<Option<Stop>>>,
    writer: Writer,
}

impl Guard {
    fn watch(mut self, mut eyes: Eyes) {
        // The folder is there once the file is open; where that fails, there is nothing to see.
        let _ = self.writer.wait_until_open();
        eyes.look_at(&self.seen.log);
        loop {
            if self.seen.has_changed() && !self.writer.check_others() {
                return;
            }
            if !eyes.wait() {
                return;
            }
            let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            if self.changes.receiver_count() == 0 {
                *running = None;
                return;
            }
        }
    }
}

/// What the log looked like last.
struct Seen {
    log: PathBuf,
    last: Option<(u64, SystemTime)>,
}

impl Seen {
    fn has_changed(&mut self) -> bool {
        let now = std::fs::metadata(&self.log)
            .and_then(|data| Ok((data.len(), data.modified()?)))
            .unwrap_or((0, SystemTime::UNIX_EPOCH));
        self.last.replace(now) != Some(now)
    }
}
