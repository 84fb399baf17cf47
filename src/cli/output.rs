//! Where the output goes: data to stdout, everything else to stderr. Decides about colours and
//! about visible control characters, which both depend on whether a terminal is there.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal as _, Stdout, Write as _};

use crate::text::{acts, visible, visible_lines};

/// Standard output, buffered until `flush`.
#[derive(Debug)]
pub(super) struct Out {
    stdout: BufWriter<Stdout>,
    terminal: bool,
    colour: bool,
}

impl Out {
    pub(super) fn stdout() -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        Self { stdout: BufWriter::new(stdout), terminal, colour: terminal && colours_wanted() }
    }

    /// Writes text of users and models: as it is into a pipe, harmless on a terminal.
    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        let text = if self.terminal { visible_lines(text) } else { Cow::Borrowed(text) };
        self.stdout.write_all(text.as_bytes())
    }

    /// Writes a row that holds text of users and models. It stays one row, also in a pipe.
    pub(super) fn line(&mut self, line: &str) -> io::Result<()> {
        let line = match self.terminal {
            true => visible(line),
            false if line.contains(['\n', '\r']) => line.replace(['\n', '\r'], " ").into(),
            false => Cow::Borrowed(line),
        };
        self.stdout.write_all(line.as_bytes())?;
        self.stdout.write_all(b"\n")
    }

    /// As [`Out::line`], set apart where there are colours.
    pub(super) fn heading(&mut self, line: &str) -> io::Result<()> {
        if !self.colour {
            return self.line(line);
        }
        writeln!(self.stdout, "\x1b[1m{}\x1b[0m", visible(line))
    }

    /// Writes bytes of this program's own making, as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stdout.write_all(bytes)
    }

    /// Writes a value as JSON on one line.
    pub(super) fn json(&mut self, value: &impl serde::Serialize) -> io::Result<()> {
        let line = serde_json::to_string(value)?;
        self.stdout.write_all(harmless(&line).as_bytes())?;
        self.stdout.write_all(b"\n")
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.stdout.flush()
    }
}

/// JSON of the same value in which nothing is left that a terminal might act on: what it does not
/// escape by itself stands in strings only.
fn harmless(json: &str) -> Cow<'_, str> {
    if !json.contains(acts) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn colours_wanted() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Tells the user something beside the data. Where stderr is gone nobody can be told.
pub(super) fn note(words: impl Display) {
    let words = words.to_string();
    let stderr = io::stderr();
    let shown = if stderr.is_terminal() { visible_lines(&words) } else { Cow::Borrowed(&*words) };
    let _ = writeln!(stderr.lock(), "{shown}");
}

/// As [`note`], but only where a person sees it.
pub(super) fn remark(words: impl Display) {
    if io::stderr().is_terminal() {
        note(words);
    }
}

/// A word as a shell takes it.
pub(super) fn quoted(word: &str) -> Cow<'_, str> {
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | ':' | '@');
    if !word.is_empty() && word.chars().all(plain) {
        return Cow::Borrowed(word);
    }
    Cow::Owned(format!("'{}'", word.replace('\'', "'\\''")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        assert_eq!(quoted("lab/llama3:8b-q4_0"), "lab/llama3:8b-q4_0");
        assert_eq!(quoted("lab/it's $HOME"), "'lab/it'\\''s $HOME'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn json_holds_nothing_that_a_terminal_acts_on_and_means_the_same() {
        let text = "a\u{9b}31m\u{7f}\u{202e}b \u{1b}[2J 熱 👩‍👩‍👧 \u{E0041}";
        let json = serde_json::to_string(text).unwrap();
        let shown = harmless(&json);
        assert!(shown.contains("\\u009b31m\\u007f\\u202eb") && !shown.contains(acts), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), text);
        assert!(matches!(harmless("\"plain\""), Cow::Borrowed(_)));
    }
}
