//! What goes to the terminal, written by a thread of its own: a terminal that takes it slowly, or not
//! at all, holds up frames and nothing else. There is never more than one frame on its way.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tokio::sync::Notify;

/// Stack of the thread, in bytes: all it does is to write.
const STACK: usize = 64 << 10;
/// Between two tries to write where another program has told the terminal not to wait.
const A_MOMENT: Duration = Duration::from_millis(2);

/// Gathers what a frame consists of. What it holds is sent as a whole.
#[derive(Debug, Clone, Default)]
pub(super) struct Gathered(Rc<RefCell<Vec<u8>>>);

/// The way to the terminal. Dropping it ends the thread once it has written what it has.
pub(super) struct Line {
    shared: Arc<Shared>,
}

/// Waits for a line, even from elsewhere than where it is written to.
#[derive(Clone)]
pub(super) struct Settled(Arc<Shared>);

#[derive(Default)]
struct Shared {
    slot: Mutex<Slot>,
    changed: Condvar,
    freed: Notify,
}

/// One frame at most, and the few bytes beside frames (a mode, a copied text), which are not held
/// back.
#[derive(Default)]
struct Slot {
    waiting: Vec<u8>,
    writing: bool,
    /// Whether somebody waits to be told that the line is free.
    wanted: bool,
    closed: bool,
    broken: Option<io::Error>,
}

impl Write for Gathered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Does nothing: only whole frames are sent.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Slot {
    fn is_free(&self) -> bool {
        self.waiting.is_empty() && !self.writing
    }

    /// The error that ended the line, if one did.
    fn check(&self) -> io::Result<()> {
        match &self.broken {
            Some(error) => Err(io::Error::new(error.kind(), error.to_string())),
            None => Ok(()),
        }
    }
}

impl Shared {
    fn slot(&self) -> MutexGuard<'_, Slot> {
        // Nothing panics while it is held.
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Line {
    /// A line to standard output.
    ///
    /// # Errors
    /// When there is none, or the thread cannot be made.
    pub(super) fn to_stdout() -> io::Result<Self> {
        Self::new(stdout()?)
    }

    fn new(mut to: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared::default());
        let line = Self { shared: Arc::clone(&shared) };
        let thread = thread::Builder::new().name("terminal".to_owned()).stack_size(STACK);
        thread.spawn(move || write_all(&shared, &mut to))?;
        Ok(line)
    }

    /// Sends what was gathered.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn send(&self, gathered: &Gathered) -> io::Result<()> {
        let mut bytes = gathered.0.borrow_mut();
        let mut slot = self.shared.slot();
        slot.check()?;
        if slot.waiting.is_empty() {
            // The emptied one comes back for the next frame.
            std::mem::swap(&mut slot.waiting, &mut *bytes);
        } else {
            slot.waiting.extend_from_slice(&bytes);
        }
        bytes.clear();
        self.shared.changed.notify_all();
        Ok(())
    }

    /// Whether the terminal has taken everything so far.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn is_free(&self) -> io::Result<bool> {
        let slot = self.shared.slot();
        slot.check()?;
        Ok(slot.is_free())
    }

    /// Waits until the terminal has taken everything so far.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) async fn freed(&self) -> io::Result<()> {
        loop {
            {
                let mut slot = self.shared.slot();
                slot.check()?;
                if slot.is_free() {
                    return Ok(());
                }
                slot.wanted = true;
            }
            // A notice that comes before this waits for it.
            self.shared.freed.notified().await;
        }
    }

    /// The same for the end of the program.
    pub(super) fn settled(&self) -> Settled {
        Settled(Arc::clone(&self.shared))
    }
}

impl Settled {
    /// Waits until the terminal has taken everything so far, but in vain no longer than so.
    pub(super) fn wait(&self, patience: Duration) {
        let busy = |slot: &mut Slot| !slot.is_free() && slot.broken.is_none();
        let slot = self.0.slot();
        drop(self.0.changed.wait_timeout_while(slot, patience, busy));
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.shared.slot().closed = true;
        self.shared.changed.notify_all();
    }
}

/// The thread.
fn write_all(shared: &Shared, to: &mut impl Write) {
    let mut bytes = Vec::new();
    loop {
        let mut slot = shared.slot();
        while slot.waiting.is_empty() {
            if slot.closed {
                return;
            }
            slot = shared.changed.wait(slot).unwrap_or_else(PoisonError::into_inner);
        }
        std::mem::swap(&mut slot.waiting, &mut bytes);
        slot.writing = true;
        drop(slot);
        let written = write(to, &bytes);
        bytes.clear();
        let mut slot = shared.slot();
        slot.writing = false;
        let broken = written.is_err();
        slot.broken = written.err();
        if std::mem::take(&mut slot.wanted) || broken {
            shared.freed.notify_one();
        }
        shared.changed.notify_all();
        if broken {
            return;
        }
    }
}

fn write(to: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match to.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => thread::sleep(A_MOMENT),
            Err(error) => return Err(error),
        }
    }
    to.flush()
}

/// Standard output, but not by the handle of the standard library, which would be locked for as long
/// as a terminal takes nothing: a panic could not say a word.
#[cfg(unix)]
fn stdout() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd as _;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the same as elsewhere")]
fn stdout() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// A terminal that takes one piece each time it is told to.
    struct Slow {
        told: Receiver<()>,
        taken: Sender<Vec<u8>>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.told.recv().map_err(|_| io::Error::other("gone"))?;
            let count = bytes.len().min(3);
            let _ = self.taken.send(bytes[..count].to_vec());
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Line, Sender<()>, Receiver<Vec<u8>>) {
        let ((tell, told), (taken, seen)) = (channel(), channel());
        (Line::new(Slow { told, taken }).unwrap(), tell, seen)
    }

    fn send(line: &Line, text: &str) {
        let gathered = Gathered::default();
        gathered.clone().write_all(text.as_bytes()).unwrap();
        line.send(&gathered).unwrap();
    }

    #[tokio::test]
    async fn the_line_is_free_again_once_all_is_taken() {
        let (line, tell, seen) = slow();
        assert!(line.is_free().unwrap());
        send(&line, "frame");
        assert!(!line.is_free().unwrap());
        send(&line, "!");
        for _ in 0..4 {
            tell.send(()).unwrap();
        }
        line.freed().await.unwrap();
        assert!(line.is_free().unwrap());
        drop((line, tell));
        assert_eq!(seen.iter().flatten().collect::<Vec<_>>(), b"frame!");
    }

    #[tokio::test]
    async fn a_terminal_that_goes_away_is_noticed() {
        let (line, tell, _seen) = slow();
        send(&line, "frame");
        drop(tell);
        assert_eq!(line.freed().await.unwrap_err().to_string(), "gone");
        assert!(line.is_free().is_err());
        assert!(line.send(&Gathered::default()).is_err());
        line.settled().wait(Duration::from_secs(1_000));
    }

    #[test]
    fn nobody_waits_forever_for_a_terminal_that_takes_nothing() {
        let (line, _tell, _seen) = slow();
        send(&line, "frame");
        line.settled().wait(Duration::from_millis(1));
        assert!(!line.is_free().unwrap());
    }
}
