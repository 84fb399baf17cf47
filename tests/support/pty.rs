//! The real program in a terminal of its own: keys go in, a terminal emulator takes what comes out.
//! Nothing here waits for a time to pass; everything waits for the screen to show something.

use std::ffi::OsStr;
use std::io::{Read, Write};
use std::num::NonZeroU16;
use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, ExitStatus, MasterPty, PtySize, native_pty_system};
use serde_json::Value;
use tempfile::TempDir;

use crate::modes::Modes;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_grok-tui");
/// What the program asks a terminal, once, that may know its background.
pub(crate) const QUESTION: &str = "\x1b]11;?\x1b\\";
/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(20);

/// An empty home, and what the programs in it see of the environment.
pub(crate) struct Home {
    folder: TempDir,
    environment: Vec<(String, String)>,
}

impl Home {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let environment = [
            ("PATH", std::env::var("PATH").unwrap()),
            ("HOME", path("")),
            ("GROK_TUI_DATA_DIR", path("data")),
            ("GROK_TUI_CONFIG", path("config.toml")),
            ("GROK_TUI_NO_DISCOVERY", "1".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
            ("TZ", "UTC".to_owned()),
        ];
        let environment = environment.map(|(name, value)| (name.to_owned(), value)).into();
        Self { folder, environment }
    }

    /// The same with one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with the model of a test's own server, at this address.
    pub(crate) fn with_model(self, address: &str) -> Self {
        self.with("OPENAI_BASE_URL", address).with("GROK_TUI_MODEL", "openai/scripted")
    }

    /// The same with a configuration.
    pub(crate) fn configured(self, text: &str) -> Self {
        std::fs::write(self.folder.path().join("config.toml"), text).unwrap();
        self
    }

    /// A file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Where the screen remembers things.
    pub(crate) fn state(&self) -> PathBuf {
        self.folder.path().join("data/state")
    }

    /// The program as a command without a terminal.
    pub(crate) fn command<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear();
        command.envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// What a command with `--json` says.
    pub(crate) fn json<const N: usize>(&self, args: [&str; N]) -> Value {
        let output = self.command(args).output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {words}");
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// All conversations.
    pub(crate) fn conversations(&self) -> Vec<Value> {
        self.json(["list", "--json"])["conversations"].as_array().unwrap().clone()
    }

    /// All responses of the only conversation, oldest first.
    pub(crate) fn responses(&self) -> Vec<Value> {
        let conversations = self.conversations();
        assert_eq!(conversations.len(), 1, "{conversations:?}");
        let id = conversations[0]["conversation_id"].as_str().unwrap();
        self.json(["show", id, "--json"])["responses"].as_array().unwrap().clone()
    }

    /// Starts the client in a terminal of this size.
    pub(crate) fn start(&self, width: u16, height: u16) -> Program {
        self.start_with([], width, height)
    }

    /// Starts the program with these arguments in a terminal of this size.
    pub(crate) fn start_with<const N: usize>(
        &self,
        args: [&str; N],
        width: u16,
        height: u16,
    ) -> Program {
        self.start_other(PROGRAM, &args, width, height)
    }

    /// Starts another program in a terminal of this size.
    pub(crate) fn start_other(
        &self,
        program: &str,
        args: &[&str],
        width: u16,
        height: u16,
    ) -> Program {
        let pair = native_pty_system().openpty(size(width, height)).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        for (name, value) in &self.environment {
            command.env(name, value);
        }
        command.cwd(self.folder.path());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let parser = vt100::Parser::new(cells(height), cells(width), 0);
        let output = Output { parser, raw: Vec::new(), chunks: Vec::new(), ended: false };
        let terminal = Arc::new(Terminal { output: Mutex::new(output), more: Condvar::new() });
        let reader = read(pair.master.try_clone_reader().unwrap(), Arc::clone(&terminal));
        Program {
            input: pair.master.take_writer().unwrap(),
            master: pair.master,
            child,
            terminal,
            reader: Some(reader),
        }
    }
}

/// What the program has written, and what a terminal makes of it.
struct Output {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// When bytes came, and how many there were then.
    chunks: Vec<(Instant, usize)>,
    ended: bool,
}

struct Terminal {
    output: Mutex<Output>,
    more: Condvar,
}

fn read(mut from: Box<dyn Read + Send>, terminal: Arc<Terminal>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut bytes = [0; 1 << 16];
        loop {
            // The end of the program is an error on some systems and the end of the input on others.
            let count = from.read(&mut bytes).unwrap_or(0);
            let mut output = terminal.output.lock().unwrap();
            output.ended = count == 0;
            output.raw.extend_from_slice(&bytes[..count]);
            output.parser.process(&bytes[..count]);
            let total = output.raw.len();
            output.chunks.push((Instant::now(), total));
            terminal.more.notify_all();
            if count == 0 {
                return;
            }
        }
    })
}

/// A running program and its terminal. Dropping it kills the program.
pub(crate) struct Program {
    input: Box<dyn Write + Send>,
    master: Box<dyn MasterPty + Send>,
    child: Box<dyn Child + Send + Sync>,
    terminal: Arc<Terminal>,
    reader: Option<JoinHandle<()>>,
}

impl Program {
    /// Types a text, as fast as a terminal can.
    pub(crate) fn type_text(&mut self, text: &str) -> &mut Self {
        self.input.write_all(text.as_bytes()).unwrap();
        self.input.flush().unwrap();
        self
    }

    /// Presses a key: `Enter`, `C-c`, `M-u`, `r`. What follows `Escape` has to wait until that has
    /// had its effect: a terminal sends Alt and a key as the same bytes.
    pub(crate) fn key(&mut self, name: &str) -> &mut Self {
        let bytes = match name {
            "Enter" => "\r".to_owned(),
            "Escape" => "\x1b".to_owned(),
            "Tab" => "\t".to_owned(),
            "BackTab" => "\x1b[Z".to_owned(),
            "Backspace" => "\x7f".to_owned(),
            "Delete" => "\x1b[3~".to_owned(),
            "Up" => "\x1b[A".to_owned(),
            "Down" => "\x1b[B".to_owned(),
            "Right" => "\x1b[C".to_owned(),
            "Left" => "\x1b[D".to_owned(),
            "Home" => "\x1b[H".to_owned(),
            "End" => "\x1b[F".to_owned(),
            "PageUp" => "\x1b[5~".to_owned(),
            "PageDown" => "\x1b[6~".to_owned(),
            "F1" => "\x1bOP".to_owned(),
            "F7" => "\x1b[18~".to_owned(),
            "F8" => "\x1b[19~".to_owned(),
            name => match (name.strip_prefix("C-"), name.strip_prefix("M-")) {
                (Some(letter), _) => char::from(letter.as_bytes()[0] & 0x1f).to_string(),
                (None, Some(letter)) => format!("\x1b{letter}"),
                (None, None) => name.to_owned(),
            },
        };
        self.type_text(&bytes)
    }

    /// Pastes a text, as terminals do that know of bracketed paste.
    pub(crate) fn paste(&mut self, text: &str) -> &mut Self {
        self.type_text(&format!("\x1b[200~{text}\x1b[201~"))
    }

    /// Waits until the screen is as `holds` wants it.
    pub(crate) fn wait_for(&mut self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut output = self.output();
        while !holds(output.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || output.ended {
                let why = if output.ended { "the program has ended" } else { "it took too long" };
                let shown = output.parser.screen().contents();
                drop(output);
                panic!("no {what}: {why}; the screen:\n{shown}");
            }
            output = self.terminal.more.wait_timeout(output, left).unwrap().0;
        }
    }

    /// Waits until the screen shows a text.
    pub(crate) fn wait_for_text(&mut self, text: &str) -> &mut Self {
        self.wait_for(&format!("{text:?}"), |screen| screen.contents().contains(text));
        self
    }

    /// Waits until the screen shows a text that may go over several rows of the only pane.
    pub(crate) fn wait_for_words(&mut self, words: &str) -> &mut Self {
        self.wait_for(&format!("{words:?}"), |screen| {
            let text = screen.contents().replace(['│', '▌'], " ");
            text.split_whitespace().collect::<Vec<_>>().join(" ").contains(words)
        });
        self
    }

    /// Waits until the screen does not show a text any more.
    pub(crate) fn wait_until_gone(&mut self, text: &str) -> &mut Self {
        self.wait_for(&format!("end of {text:?}"), |screen| !screen.contents().contains(text));
        self
    }

    /// Waits until the program has written these bytes.
    pub(crate) fn wait_for_bytes(&mut self, bytes: &[u8]) -> &mut Self {
        let deadline = Instant::now() + PATIENCE;
        let mut output = self.output();
        while !output.raw.windows(bytes.len()).any(|part| part == bytes) {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !output.ended, "it never writes {bytes:?}");
            output = self.terminal.more.wait_timeout(output, left).unwrap().0;
        }
        drop(output);
        self
    }

    /// Waits until the program has written nothing for so long.
    pub(crate) fn wait_for_quiet(&mut self, quiet: Duration) {
        let deadline = Instant::now() + PATIENCE;
        let mut output = self.output();
        loop {
            let before = output.raw.len();
            let waited = self.terminal.more.wait_timeout(output, quiet).unwrap();
            output = waited.0;
            if waited.1.timed_out() && output.raw.len() == before {
                return;
            }
            assert!(Instant::now() < deadline, "the program never comes to rest");
        }
    }

    /// What is on the screen.
    pub(crate) fn screen(&self) -> String {
        self.output().parser.screen().contents()
    }

    /// What was on the screen at a moment that has passed.
    pub(crate) fn screen_at(&self, moment: Instant) -> String {
        let output = self.output();
        let seen = output.chunks.iter().rev().find(|(at, _)| *at <= moment);
        let (rows, columns) = output.parser.screen().size();
        let mut parser = vt100::Parser::new(rows, columns, 0);
        parser.process(&output.raw[..seen.map_or(0, |(_, bytes)| *bytes)]);
        parser.screen().contents()
    }

    /// Everything that was ever written to the terminal.
    pub(crate) fn raw_bytes(&self) -> Vec<u8> {
        self.output().raw.clone()
    }

    /// The modes that the terminal is in.
    pub(crate) fn modes(&self) -> Modes {
        Modes::after(&self.output().raw)
    }

    /// Changes the size of the terminal.
    pub(crate) fn resize(&mut self, width: u16, height: u16) -> &mut Self {
        self.output().parser.set_size(cells(height), cells(width));
        self.master.resize(size(width, height)).unwrap();
        self
    }

    /// Sends a signal, by its name: `KILL`, `TERM`, `HUP`.
    pub(crate) fn signal(&mut self, name: &str) {
        let id = self.child.process_id().unwrap().to_string();
        let sent = Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until the program has ended and all it has written was read.
    pub(crate) fn wait_exit(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        let mut output = self.output();
        while !output.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                let shown = output.parser.screen().contents();
                drop(output);
                panic!("the program does not end; the screen:\n{shown}");
            }
            output = self.terminal.more.wait_timeout(output, left).unwrap().0;
        }
        drop(output);
        self.child.wait().unwrap()
    }

    /// Kills the program without any warning.
    pub(crate) fn kill(&mut self) {
        self.signal("KILL");
        self.wait_exit();
    }

    /// Whether the terminal hands on keys one by one, without showing them (raw mode).
    pub(crate) fn is_raw(&self) -> bool {
        let settings = self.master.get_termios().unwrap();
        let local = format!("{:?}", settings.local_flags);
        assert_eq!(local.contains("ICANON"), local.contains("ECHO |"), "half raw: {local}");
        !local.contains("ICANON")
    }

    fn output(&self) -> MutexGuard<'_, Output> {
        self.terminal.output.lock().unwrap()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let id = self.child.process_id().unwrap_or_default().to_string();
            let _ = Command::new("kill").args(["-KILL", &id]).status();
            let _ = self.child.wait();
        }
        if let Some(reader) = self.reader.take() {
            let _ = reader.join();
        }
    }
}

fn size(width: u16, height: u16) -> PtySize {
    PtySize { rows: height, cols: width, pixel_width: 0, pixel_height: 0 }
}

fn cells(number: u16) -> NonZeroU16 {
    NonZeroU16::new(number).unwrap()
}
