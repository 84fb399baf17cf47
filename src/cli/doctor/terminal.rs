//! The terminal: colours, widths, keys, the clipboard, tmux.

use std::io::IsTerminal as _;
use std::process::Command;

use super::Finding;
use crate::config::ClipboardSetting;
use crate::tui::clipboard::{Route, Surroundings};
use crate::tui::host::Host;
use crate::tui::theme::Depth;
use crate::tui::theme::environment::{depth, is_utf8, locale as set_locale};
#[cfg(target_os = "linux")]
use crate::tui::theme::{Background, Environment};

const AREA: &str = "Terminal";

pub(super) fn look(setting: ClipboardSetting) -> Vec<Finding> {
    let mut found = vec![locale(), colours()];
    if std::io::stdout().is_terminal() && std::io::stdin().is_terminal() {
        found.extend(size());
        found.extend(asked());
    } else {
        found.push(Finding::ok(AREA, "abilities", "not checked: there is no terminal here"));
    }
    found.push(clipboard(setting));
    found.extend(tmux());
    found
}

/// What copying in the client will try; the same code decides there.
fn clipboard(setting: ClipboardSetting) -> Finding {
    let routes = Surroundings::here().routes(setting);
    let ways = routes.iter().map(Route::to_string).collect::<Vec<_>>().join(", else ");
    let found = Finding::ok(AREA, "clipboard", ways);
    match (routes.first(), setting) {
        (Some(Route::File), ClipboardSetting::File) => found,
        (Some(Route::File), _) => {
            found.warning("copied texts go into a file; wl-copy, xclip or tmux would help")
        }
        _ => found,
    }
}

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

fn locale() -> Finding {
    let locale = set_locale(&variable);
    if is_utf8(&locale) {
        return Finding::ok(AREA, "locale", locale);
    }
    let shown = if locale.is_empty() { "none is set".to_owned() } else { locale };
    Finding::ok(AREA, "locale", shown).warning(
        "the client draws with ASCII only; set LANG to one with UTF-8, for example C.UTF-8",
    )
}

fn colours() -> Finding {
    let (term, colour) = (variable("TERM"), variable("COLORTERM"));
    if matches!(term.as_str(), "" | "dumb") {
        return Finding::ok(AREA, "colours", format!("TERM is {term:?}"))
            .warning("set TERM to what your terminal is, for example xterm-256color");
    }
    let colours = match depth(&term, &colour) {
        Depth::All => "16 million",
        Depth::Many => "256",
        Depth::Sixteen => "16",
    };
    let none = if variable("NO_COLOR").is_empty() { "" } else { ", off by NO_COLOR" };
    Finding::ok(AREA, "colours", format!("{term}: {colours}{none}"))
}

fn size() -> Option<Finding> {
    let (columns, rows) = crossterm::terminal::size().ok()?;
    let found = Finding::ok(AREA, "size", format!("{columns}x{rows}"));
    let small = columns < 60 || rows < 16;
    Some(if small {
        found.warning("from 60x16 on two panes fit, from 100 columns on all")
    } else {
        found
    })
}

#[cfg(not(target_os = "linux"))]
fn asked() -> Vec<Finding> {
    vec![Finding::ok(AREA, "abilities", "not asked on this system")]
}

#[cfg(target_os = "linux")]
fn asked() -> Vec<Finding> {
    let said = match ask::terminal(Environment::read(variable).answers) {
        Ok(said) => said,
        Err(error) => {
            let failed = Finding::ok(AREA, "abilities", format!("cannot be asked: {error}"));
            return vec![failed.warning("the client works all the same")];
        }
    };
    if !said.complete {
        let silent = Finding::ok(AREA, "abilities", "the terminal does not answer questions");
        return vec![silent.warning("the client works all the same: it waits for no answer")];
    }
    let yes = |can: bool| if can { "yes" } else { "no" };
    vec![
        widths(&said.widths),
        background(said.background),
        Finding::ok(AREA, "kitty keys", yes(said.kitty)),
        Finding::ok(AREA, "whole frames", yes(said.synchronized)),
    ]
}

/// The background, which decides the theme where the configuration does not.
#[cfg(target_os = "linux")]
fn background(told: Option<Background>) -> Finding {
    let of_variable = Environment::read(variable).background;
    let detail = match (of_variable, told) {
        (Some(Background::Dark), _) => "dark, by COLORFGBG",
        (Some(Background::Light), _) => "light, by COLORFGBG",
        (None, Some(Background::Dark)) => "dark",
        (None, Some(Background::Light)) => "light",
        (None, None) => "the terminal does not tell; taken for dark",
    };
    let found = Finding::ok(AREA, "background", detail);
    if of_variable.or(told).is_some() {
        return found;
    }
    found.warning("on a light one, set theme = \"light\" in the [ui] table of the configuration")
}

#[cfg(target_os = "linux")]
fn widths(told: &[Option<u16>]) -> Finding {
    let differ: Vec<&str> = ask::SAMPLES
        .iter()
        .zip(told)
        .filter(|(sample, told)| {
            told.is_some_and(|told| usize::from(told) != crate::text::width(sample))
        })
        .map(|(sample, _)| *sample)
        .collect();
    if differ.is_empty() {
        return Finding::ok(AREA, "widths", "wide and combined characters as expected");
    }
    Finding::ok(AREA, "widths", format!("the terminal sees {} differently", differ.join(" ")))
        .warning("rows with such characters may look out of line; a newer terminal helps")
}

/// Settings of tmux that get in the way.
fn tmux() -> Vec<Finding> {
    if !Host::here().tmux {
        return Vec::new();
    }
    let value = |name: &str| {
        let shown = Command::new("tmux").args(["show", "-gv", name]).output().ok()?;
        let shown = String::from_utf8(shown.stdout).ok()?.trim().to_owned();
        (!shown.is_empty()).then_some(shown)
    };
    let mut found = Vec::new();
    if let Some(time) = value("escape-time") {
        let known = Finding::ok(AREA, "tmux escape-time", format!("{time} ms"));
        let slow = time.parse::<u32>().is_ok_and(|time| time > 50);
        found.push(if slow {
            known.warning("Esc comes late; `set -sg escape-time 10` in ~/.tmux.conf")
        } else {
            known
        });
    }
    if let Some(set) = value("set-clipboard") {
        let known = Finding::ok(AREA, "tmux set-clipboard", set.as_str());
        found.push(if set == "off" {
            known.warning("copying needs `set -g set-clipboard on` in ~/.tmux.conf")
        } else {
            known
        });
    }
    if let Some(term) = value("default-terminal") {
        let known = Finding::ok(AREA, "tmux default-terminal", term.as_str());
        found.push(if term.contains("256color") {
            known
        } else {
            known.warning("`set -g default-terminal tmux-256color` gives more colours")
        });
    }
    found
}

/// Questions to the terminal, and its answers.
#[cfg(target_os = "linux")]
mod ask {
    use std::io::{self, Read as _, Write as _};
    use std::time::{Duration, Instant};

    use rustix::event::{PollFd, PollFlags, Timespec, poll};

    use crate::tui::background;
    use crate::tui::theme::Background;

    /// How long the terminal may take for all answers.
    const PATIENCE: Duration = Duration::from_millis(500);
    /// Longest answer that is read, in bytes.
    const LONGEST: usize = 4_096;

    /// Wide, combined and joined characters.
    pub(super) const SAMPLES: [&str; 4] = ["熱", "e\u{301}", "👩\u{200d}👩\u{200d}👧", "🇳🇴"];

    /// What the terminal said.
    #[derive(Debug, Default, PartialEq)]
    pub(super) struct Said {
        /// Whether it came to the last answer.
        pub(super) complete: bool,
        /// Columns that each sample took.
        pub(super) widths: Vec<Option<u16>>,
        pub(super) kitty: bool,
        pub(super) synchronized: bool,
        pub(super) background: Option<Background>,
    }

    /// Gives the terminal back as it was, whatever happens.
    struct Raw;

    impl Drop for Raw {
        fn drop(&mut self) {
            let _ = crossterm::terminal::disable_raw_mode();
        }
    }

    /// Asks it. Not every terminal takes the question for the background without harm.
    pub(super) fn terminal(and_background: bool) -> io::Result<Said> {
        crossterm::terminal::enable_raw_mode()?;
        let _raw = Raw;
        let mut out = io::stdout().lock();
        for sample in SAMPLES {
            write!(out, "\r{sample}\x1b[6n")?;
        }
        if and_background {
            out.write_all(background::QUESTION.as_bytes())?;
        }
        // What every terminal answers comes last: it says that nothing else will come.
        write!(out, "\r\x1b[K\x1b[?u\x1b[?2026$p\x1b[c")?;
        out.flush()?;
        let (end, mut answer) = (Instant::now() + PATIENCE, Vec::new());
        let mut stdin = io::stdin().lock();
        while !is_complete(&answer) && answer.len() < LONGEST {
            let left = end.saturating_duration_since(Instant::now());
            let wait = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
            let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
            if left.is_zero() || poll(&mut ready, Some(&wait))? == 0 {
                break;
            }
            let mut buffer = [0; 256];
            match stdin.read(&mut buffer)? {
                0 => break,
                count => answer.extend_from_slice(&buffer[..count]),
            }
        }
        Ok(read(&answer))
    }

    /// The parts of `CSI … final`, in order.
    fn sequences(answer: &[u8]) -> Vec<(String, char)> {
        let text = String::from_utf8_lossy(answer);
        let sequence = |part: &str| {
            let end = part.find(|c: char| c.is_ascii_alphabetic())?;
            Some((part[..end].to_owned(), part[end..].chars().next()?))
        };
        text.split("\x1b[").skip(1).filter_map(sequence).collect()
    }

    /// What stands between `ESC ]` and the bell, or the escape, behind it.
    fn answered_background(answer: &[u8]) -> Option<Background> {
        let text = String::from_utf8_lossy(answer);
        let bodies = text.split("\x1b]").skip(1);
        bodies.filter_map(|part| part.split(['\x07', '\x1b']).next()).find_map(background::parse)
    }

    fn is_complete(answer: &[u8]) -> bool {
        sequences(answer).iter().any(|(parameters, end)| *end == 'c' && parameters.starts_with('?'))
    }

    fn read(answer: &[u8]) -> Said {
        let sequences = sequences(answer);
        let column = |parameters: &str| parameters.split_once(';')?.1.parse::<u16>().ok();
        let places = sequences.iter().filter(|(_, end)| *end == 'R');
        // The cursor stands behind the sample, counted from 1.
        let widths = places.map(|(at, _)| column(at).and_then(|column| column.checked_sub(1)));
        Said {
            complete: is_complete(answer),
            widths: widths.collect(),
            background: answered_background(answer),
            kitty: sequences.iter().any(|(p, end)| *end == 'u' && p.starts_with('?')),
            synchronized: sequences.iter().any(|(p, end)| {
                *end == 'y' && (p.starts_with("?2026;1") || p.starts_with("?2026;2"))
            }),
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn answers_are_told_apart() {
            let said = read(b"\x1b[3;3R\x1b[3;2R\x1b[?0u\x1b[?2026;2$y\x1b[?62;22c");
            let widths = vec![Some(2), Some(1)];
            let known = Said { complete: true, widths, kitty: true, ..Said::default() };
            assert_eq!(said, Said { synchronized: true, ..known });
            for end in ["\x07", "\x1b\\"] {
                let told = format!("\x1b[3;3R\x1b]11;rgb:ffff/ffff/ffff{end}\x1b[?62c");
                let said = read(told.as_bytes());
                assert_eq!((said.background, said.complete), (Some(Background::Light), true));
            }
            assert_eq!(read(b"typed\x1b[A"), Said::default());
            assert!(!is_complete(b"\x1b[?62;22"));
        }
    }
}
