//! The program in a pseudo-terminal, and what the system knows of it.

use std::fs;
use std::io::{Read as _, Write};
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

use crate::model::Server;

/// How the program is started.
pub(crate) struct Launch {
    data: PathBuf,
    variables: Vec<(String, String)>,
    arguments: Vec<String>,
}

impl Launch {
    pub(crate) fn new(data: &Path) -> Self {
        Self { data: data.to_owned(), variables: Vec::new(), arguments: Vec::new() }
    }

    pub(crate) fn with_model(mut self, server: &Server, name: &str) -> Self {
        self.variables.push(("OPENAI_BASE_URL".to_owned(), server.address()));
        self.arguments.extend(["--model".to_owned(), format!("openai/{name}")]);
        self
    }

    pub(crate) fn with_argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }
}

/// What the program has used so far.
#[derive(Clone, Copy)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    pub(crate) wakeups: u64,
    pub(crate) kilobytes: u64,
}

impl Usage {
    pub(crate) fn cpu_since(&self, before: Self) -> Duration {
        self.cpu.saturating_sub(before.cpu)
    }

    pub(crate) fn memory(&self) -> String {
        format!("{:.1} MB", self.kilobytes as f64 / 1024.0)
    }
}

pub(crate) struct Program {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    /// Unbounded: the benchmark must not slow the program down.
    output: mpsc::Receiver<Vec<u8>>,
    screen: vt100::Parser,
    bytes: usize,
    started: Instant,
    _master: Box<dyn MasterPty + Send>,
}

impl Program {
    pub(crate) fn start(launch: Launch) -> Self {
        let pair = native_pty_system()
            .openpty(PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 })
            .expect("a pseudo-terminal");
        let measured = std::env::var_os("GROK_TUI_MEASURED");
        let ours = || env!("CARGO_BIN_EXE_grok-tui").into();
        let mut command = CommandBuilder::new(measured.unwrap_or_else(ours));
        command.env_clear();
        command.env("PATH", std::env::var("PATH").unwrap_or_default());
        command.env("HOME", &launch.data);
        command.env("TERM", "xterm-256color");
        command.env("TZ", "UTC");
        // Else the screen is drawn with ASCII only.
        command.env("LANG", "C.UTF-8");
        command.env("GROK_TUI_NO_DISCOVERY", "1");
        command.env("GROK_TUI_DATA_DIR", &launch.data);
        for (name, value) in &launch.variables {
            command.env(name, value);
        }
        command.args(&launch.arguments);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let (sender, output) = mpsc::channel();
        std::thread::spawn(move || {
            let mut buffer = vec![0; 1 << 16];
            while let Ok(read @ 1..) = reader.read(&mut buffer) {
                if sender.send(buffer[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program");
        let cells = |count| NonZeroU16::new(count).expect("some cells");
        let screen = vt100::Parser::new(cells(40), cells(120), 0);
        Self { child, writer, output, screen, bytes: 0, started, _master: pair.master }
    }

    pub(crate) fn since_start(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn write(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).expect("a terminal that takes keys");
        self.writer.flush().expect("a terminal that takes keys");
    }

    /// Waits until the program's own screen shows `text`.
    pub(crate) fn wait(&mut self, text: &str, longest: Duration) {
        self.wait_until(longest, text, |screen| {
            screen.alternate_screen() && screen.contents().contains(text)
        });
    }

    pub(crate) fn wait_gone(&mut self, text: &str, longest: Duration) {
        self.wait_until(longest, text, |screen| !screen.contents().contains(text));
    }

    /// Waits until the letter stands before the cursor.
    pub(crate) fn wait_typed(&mut self, letter: char, longest: Duration) {
        let mut shown = [0; 4];
        let shown: &str = letter.encode_utf8(&mut shown);
        self.wait_until(longest, shown, |screen| {
            let (row, column) = screen.cursor_position();
            column > 0 && screen.cell(row, column - 1).is_some_and(|cell| cell.contents() == shown)
        });
    }

    fn wait_until(
        &mut self,
        longest: Duration,
        what: &str,
        condition: impl Fn(&vt100::Screen) -> bool,
    ) {
        let deadline = Instant::now() + longest;
        while !condition(self.screen.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.output.recv_timeout(left) {
                Ok(bytes) => self.take(&bytes),
                Err(_) => panic!("no {what:?} on\n{}", self.screen.screen().contents()),
            }
        }
    }

    /// Takes in what comes until nothing has come for a while.
    pub(crate) fn settle(&mut self) {
        while let Ok(bytes) = self.output.recv_timeout(Duration::from_millis(400)) {
            self.take(&bytes);
        }
    }

    /// Takes in what comes for this long.
    pub(crate) fn settle_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        while let Ok(bytes) =
            self.output.recv_timeout(end.saturating_duration_since(Instant::now()))
        {
            self.take(&bytes);
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn usage(&self) -> Usage {
        let process = PathBuf::from(format!("/proc/{}", self.child.process_id().unwrap_or(0)));
        let field = |text: &str, name: &str| -> u64 {
            let line = text.lines().find(|line| line.starts_with(name));
            line.and_then(|l| l.split_whitespace().nth(1)).and_then(|n| n.parse().ok()).unwrap_or(0)
        };
        let mut usage = Usage { cpu: Duration::ZERO, wakeups: 0, kilobytes: 0 };
        let status = fs::read_to_string(process.join("status")).unwrap_or_default();
        usage.kilobytes = field(&status, "VmRSS:");
        for task in fs::read_dir(process.join("task")).into_iter().flatten().flatten() {
            let status = fs::read_to_string(task.path().join("status")).unwrap_or_default();
            usage.wakeups += field(&status, "voluntary_ctxt_switches:");
            let times = fs::read_to_string(task.path().join("schedstat")).unwrap_or_default();
            let nanos = times.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0);
            usage.cpu += Duration::from_nanos(nanos);
        }
        usage
    }

    /// Waits until the program has ended by itself.
    pub(crate) fn wait_end(&mut self, longest: Duration) {
        let deadline = Instant::now() + longest;
        while self.child.try_wait().is_ok_and(|code| code.is_none()) {
            assert!(Instant::now() < deadline, "it does not end");
            self.settle_for(Duration::from_millis(10));
        }
    }

    pub(crate) fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    fn take(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len();
        self.screen.process(bytes);
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}
