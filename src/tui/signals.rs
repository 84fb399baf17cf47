//! Signals of the system: those that end the program, and the one that stops it.

use std::io;

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
        })
    }

    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> u8 {
        tokio::select! {
            _ = self.terminate.recv() => 15,
            _ = self.hang_up.recv() => HANG_UP,
            _ = self.interrupt.recv() => 2,
            _ = self.quit.recv() => 3,
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

    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
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
