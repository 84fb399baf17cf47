//! The real program in a terminal that reads only when it is told to, and that can go away.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{Mode, OFlags, open};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::pty::Home;

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(20);

/// The program and its terminal. Dropping it kills the program.
pub(crate) struct Bare {
    /// `None` once the terminal is gone.
    master: Option<File>,
    child: Child,
    parser: vt100::Parser,
    /// Bytes that were read.
    pub(crate) taken: usize,
}

impl Bare {
    /// Starts the program; `signalled`: the terminal controls it, so that it gets its signals.
    pub(crate) fn start(home: &Home, signalled: bool, width: u16, height: u16) -> Self {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let size = Winsize { ws_row: height, ws_col: width, ws_xpixel: 0, ws_ypixel: 0 };
        tcsetwinsize(&master, size).unwrap();
        let slave = || -> Stdio {
            let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
            let slave: OwnedFd = open(&*name, flags, Mode::empty()).unwrap();
            slave.into()
        };
        let program = home.command([""; 0]);
        let mut command = Command::new("setsid");
        command.args(signalled.then_some("--ctty")).arg(program.get_program()).env_clear();
        command.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let child = command.stdin(slave()).stdout(slave()).stderr(slave()).spawn().unwrap();
        let parser = vt100::Parser::new(height.try_into().unwrap(), width.try_into().unwrap(), 0);
        Self { master: Some(master.into()), child, parser, taken: 0 }
    }

    /// Reads up to so many bytes, if any come within the time; false: none came.
    pub(crate) fn take(&mut self, most: usize, within: Duration) -> bool {
        let Some(master) = &mut self.master else { return false };
        let mut ready = [PollFd::from_borrowed_fd(master.as_fd(), PollFlags::IN)];
        let within = Timespec::try_from(within).unwrap();
        if poll(&mut ready, Some(&within)).unwrap() == 0 {
            return false;
        }
        let mut bytes = vec![0; most];
        let count = master.read(&mut bytes).unwrap_or(0);
        self.parser.process(&bytes[..count]);
        self.taken += count;
        count > 0
    }

    /// Reads until the screen shows a text, in pieces of so many bytes.
    pub(crate) fn wait_for_text(&mut self, text: &str, piece: usize) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        while !self.screen().contains(text) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "no {text:?}; the screen:\n{}", self.screen());
            self.take(piece, left);
        }
        self
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> String {
        self.parser.screen().contents()
    }

    /// Types a text.
    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        self.master.as_mut().unwrap().write_all(text.as_bytes()).unwrap();
        self
    }

    /// The terminal goes away.
    pub(crate) fn hang_up(&mut self) {
        self.master = None;
    }

    /// Waits until the program has ended; what it writes meanwhile is not read.
    pub(crate) fn wait_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the program does not end");
            std::thread::yield_now();
        }
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something holds that another process does.
pub(crate) fn eventually(what: &str, holds: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::yield_now();
    }
}
