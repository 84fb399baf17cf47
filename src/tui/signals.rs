//! Signals of the system: those that end the program, and the one that stops it.

use std::io;
#[cfg(unix)]
use std::time::Duration;

#[cfg(unix)]
use tokio::time::Instant;

/// So long after an editor has ended, what its keys caused may still be on its way: the runtime can
/// tell of the end first.
#[cfg(unix)]
const ON_THE_WAY: Duration = Duration::from_secs(1);

/// The signal of a terminal that goes away, by which the program says that it ended for that.
pub(super) const HANG_UP: u8 = 1;

/// Signals that end the program; the terminal is given back on the way out.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
    /// These do not come from keys while the terminal is ours, but from `kill`, or from keys in an
    /// editor.
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    quit: tokio::signal::unix::Signal,
    /// From when on the last two are for the program.
    #[cfg(unix)]
    keys_count_from: Instant,
}

impl Signals {
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            hang_up: signal(SignalKind::hangup())?,
            interrupt: signal(SignalKind::interrupt())?,
            quit: signal(SignalKind::quit())?,
            keys_count_from: Instant::now(),
        })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> u8 {
        loop {
            let of_a_key = tokio::select! {
                _ = self.terminate.recv() => return 15,
                _ = self.hang_up.recv() => return HANG_UP,
                _ = self.interrupt.recv() => 2,
                _ = self.quit.recv() => 3,
            };
            if self.keys_count_from <= Instant::now() {
                return of_a_key;
            }
        }
    }

    /// Those that end the program even while an editor has the terminal.
    #[cfg(unix)]
    pub(super) async fn end(&mut self) -> u8 {
        tokio::select! {
            _ = self.terminate.recv() => 15,
            _ = self.hang_up.recv() => HANG_UP,
        }
    }

    /// Those of a program whose editor has just ended: what its keys caused was not for us.
    #[cfg(unix)]
    pub(super) fn after_editor() -> io::Result<Self> {
        Ok(Self { keys_count_from: Instant::now() + ON_THE_WAY, ..Self::new()? })
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) fn after_editor() -> io::Result<Self> {
        Self::new()
    }

    #[cfg(not(unix))]
    pub(super) async fn next(&mut self) -> u8 {
        std::future::pending().await
    }

    #[cfg(not(unix))]
    pub(super) async fn end(&mut self) -> u8 {
        std::future::pending().await
    }
}

/// Stops the process, as Ctrl+Z does, until the shell resumes it.
pub(super) fn suspend() {
    #[cfg(unix)]
    {
        // The whole process group, as the terminal would; through `kill`, because a signal needs code
        // that the compiler cannot check.
        let _ = std::process::Command::new("kill").args(["-TSTP", "0"]).status();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use futures::FutureExt as _;
    use tokio::signal::unix::{SignalKind, signal};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn what_a_key_in_the_editor_caused_is_not_for_the_program_however_late_it_comes() {
        let mut arrived = signal(SignalKind::interrupt()).unwrap();
        let mut interrupt = async || {
            let process = std::process::id().to_string();
            let sent = std::process::Command::new("kill").args(["-INT", &process]).status();
            assert!(sent.unwrap().success());
            arrived.recv().await;
        };
        let mut signals = Signals::after_editor().unwrap();
        interrupt().await;
        assert_eq!(signals.next().now_or_never(), None);
        tokio::time::advance(ON_THE_WAY).await;
        assert_eq!(signals.next().now_or_never(), None, "it came too early");
        interrupt().await;
        assert_eq!(signals.next().now_or_never(), Some(2));
    }
}
