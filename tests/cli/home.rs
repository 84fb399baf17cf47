//! A user with an empty home and nothing configured, and the program as that user runs it.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The program.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_grok-tui");

/// A picture of one pixel.
pub(crate) const PIXEL: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0:~\x9bU\
    \0\0\0\nIDATx\x9cc`\0\0\0\x02\0\x01H\xaf\xa4q\0\0\0\0IEND\xaeB`\x82";

/// An empty home.
pub(crate) struct Home {
    folder: TempDir,
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// What every run sees of the environment: this home, no key, no server, no terminal.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let text = |path: PathBuf| path.to_str().unwrap().to_owned();
        vec![
            ("HOME", text(self.path(""))),
            ("PATH", std::env::var("PATH").unwrap()),
            ("GROK_TUI_DATA_DIR", text(self.path("data"))),
            ("GROK_TUI_CONFIG", text(self.path("config.toml"))),
            ("GROK_TUI_NO_DISCOVERY", "1".to_owned()),
            ("TERM", "xterm-256color".to_owned()),
            ("TZ", "UTC".to_owned()),
        ]
    }

    pub(crate) fn command(&self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Command {
        let mut command = Command::new(PROGRAM);
        command.args(args).env_clear().envs(self.environment());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn run<const N: usize>(&self, args: [&str; N]) -> Run {
        self.command(args).output().unwrap().into()
    }

    /// Runs with something piped in.
    pub(crate) fn pipe<const N: usize>(&self, args: [&str; N], input: &str) -> Run {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Runs what must work and returns its output.
    pub(crate) fn ok<const N: usize>(&self, args: [&str; N]) -> String {
        let run = self.run(args);
        assert_eq!(run.code, 0, "{args:?}: {run:?}");
        run.out
    }

    /// Runs what must work and returns its one JSON object.
    pub(crate) fn json<const N: usize>(&self, args: [&str; N]) -> Value {
        let out = self.ok(args);
        assert_eq!(out.lines().count(), 1, "{out}");
        serde_json::from_str(&out).unwrap()
    }

    /// Runs what must work and returns its events.
    pub(crate) fn events<const N: usize>(&self, args: [&str; N]) -> Vec<Value> {
        self.ok(args).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// A conversation of one turn; returns its id and those of question and answer.
    pub(crate) fn asked(&self, question: &str) -> [String; 3] {
        let events = self.events(["ask", "--json", "--seed", "1", question]);
        let (first, last) = (&events[0], events.last().unwrap());
        [
            first["conversation_id"].as_str().unwrap().to_owned(),
            first["user_response"]["response_id"].as_str().unwrap().to_owned(),
            last["model_response"]["response_id"].as_str().unwrap().to_owned(),
        ]
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A program that runs on; it ends with this.
pub(crate) struct Running(pub(crate) Child);

impl Running {
    /// The next line of its output.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        // One byte at a time, so that nothing is taken that belongs to a later reader.
        BufReader::with_capacity(1, self.0.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.0.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &id]).status().unwrap();
        assert!(sent.success());
    }

    pub(crate) fn end(mut self) -> Run {
        let stdout = std::io::read_to_string(self.0.stdout.take().unwrap()).unwrap();
        let stderr = std::io::read_to_string(self.0.stderr.take().unwrap()).unwrap();
        let code = self.0.wait().unwrap().code().unwrap_or(-1);
        Run { code, out: stdout, err: stderr }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
