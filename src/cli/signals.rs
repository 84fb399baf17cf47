//! What ends a command before its end: `^C`, and what a system sends when it, or the terminal, goes.

use std::io;

#[cfg(unix)]
use tokio::signal::unix::{Signal as Listener, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC, ctrl_c};

/// A signal that came.
#[cfg_attr(windows, expect(dead_code, reason = "only Unix sends all of them"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signal {
    /// `^C`.
    Interrupt,
    /// The system, or somebody else, ends the program.
    Terminate,
    /// The terminal went away.
    HangUp,
}

impl Signal {
    /// The exit code that tells of it.
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Interrupt => super::STOPPED,
            Self::Terminate => 128 + 15,
            Self::HangUp => 128 + 1,
        }
    }
}

/// The signals that come from the moment this is made; none of them ends the program by itself any
/// more, and each is told once.
#[derive(Debug)]
pub(super) struct Signals {
    #[cfg(unix)]
    interrupt: Listener,
    #[cfg(unix)]
    terminate: Listener,
    #[cfg(unix)]
    hang_up: Listener,
    #[cfg(windows)]
    interrupt: CtrlC,
}

impl Signals {
    /// Listens from now on.
    ///
    /// # Errors
    /// When the system does not let this program hear of them.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
            #[cfg(unix)]
            hang_up: signal(SignalKind::hangup())?,
            #[cfg(windows)]
            interrupt: ctrl_c()?,
        })
    }

    /// The next one. Nothing is lost where this is not waited for to the end.
    #[cfg(unix)]
    pub(super) async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
            _ = self.hang_up.recv() => Signal::HangUp,
        }
    }

    /// The next one.
    #[cfg(windows)]
    pub(super) async fn next(&mut self) -> Signal {
        self.interrupt.recv().await;
        Signal::Interrupt
    }
}
