//! The clipboard: which ways lead to it from here, and going them one after the other until one
//! works. What belongs on the terminal is handed back, for the loop to write between two frames.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use super::host::Host;
use super::words::copying as words;
use crate::config::{ClipboardSetting, write_private};

/// How long a program may take to accept a text.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longest text, encoded, that terminals take in one sequence: more than this some of them drop
/// without a word.
const LONGEST_SEQUENCE: usize = 100_000;
/// Longest string that GNU screen passes on in one piece.
const LONGEST_OF_SCREEN: usize = 760;
/// The file of last resort, in the folder in which drafts are.
const FILE: &str = "copied.txt";

/// A way to the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// A program of the desktop, which is given the text.
    Tool(Tool),
    /// tmux, which keeps the text as a buffer and tells the terminal around it.
    Tmux,
    /// The terminal, by the sequence OSC 52.
    Terminal,
    /// A file that only its owner can read.
    File,
}

/// A program that takes a text into the clipboard of the desktop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    arguments: &'static [&'static str],
}

const WL_COPY: Tool = Tool { name: "wl-copy", arguments: &[] };
const XCLIP: Tool = Tool { name: "xclip", arguments: &["-selection", "clipboard"] };
const XSEL: Tool = Tool { name: "xsel", arguments: &["--clipboard", "--input"] };
const PBCOPY: Tool = Tool { name: "pbcopy", arguments: &[] };
const CLIP: Tool = Tool { name: "clip.exe", arguments: &[] };

/// What a way depends on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// The desktop is on another machine.
    ssh: bool,
    /// Inside tmux.
    tmux: bool,
    /// Inside GNU screen.
    screen: bool,
    /// The terminal is one that shows or swallows the sequence: a console, or none at all.
    plain: bool,
    /// Programs that are there and have a desktop to talk to.
    tools: Vec<Tool>,
}

/// What became of a text that was to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// The program of this name took it.
    Tool(&'static str),
    /// tmux took it.
    Tmux,
    /// This sequence is to be written to the terminal, which may do with it as it likes.
    Terminal(String),
    /// It is in this file.
    File(PathBuf, WhyFile),
    /// It is nowhere; in words, why.
    Nowhere(String),
}

/// Why a text went into a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyFile {
    /// It was asked for.
    Asked,
    /// No other way was there, or none worked.
    NoClipboard,
    /// The terminal would have been the way, but takes only shorter ones.
    TooLong,
}

impl Surroundings {
    /// Those of this process.
    #[must_use]
    pub fn here() -> Self {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let mac = cfg!(target_os = "macos");
        Self::told(|name| std::env::var(name).unwrap_or_default(), |tool| is_on(&path, tool), mac)
    }

    fn told(variable: impl Fn(&str) -> String, is_there: impl Fn(&str) -> bool, mac: bool) -> Self {
        let host = Host::read(&variable);
        let set = |name: &str| !variable(name).is_empty();
        let desktops = [
            (set("WAYLAND_DISPLAY"), WL_COPY),
            (set("DISPLAY"), XCLIP),
            (set("DISPLAY"), XSEL),
            (mac, PBCOPY),
            (set("WSL_DISTRO_NAME") || set("WSL_INTEROP") || cfg!(windows), CLIP),
        ];
        let there =
            |(desktop, tool): (bool, Tool)| (desktop && is_there(tool.name)).then_some(tool);
        Self {
            ssh: set("SSH_CONNECTION") || set("SSH_TTY") || set("SSH_CLIENT"),
            tmux: host.tmux && is_there("tmux"),
            screen: host.screen,
            plain: host.is_simple(),
            tools: desktops.into_iter().filter_map(there).collect(),
        }
    }

    /// The ways to try, in order. The last one is always the file.
    #[must_use]
    pub fn routes(&self, setting: ClipboardSetting) -> Vec<Route> {
        let tools = self.tools.iter().map(|&tool| Route::Tool(tool));
        let mut routes: Vec<Route> = match setting {
            // Over ssh such a program would reach the desktop of a machine nobody sits at.
            ClipboardSetting::Auto if self.ssh => Vec::new(),
            ClipboardSetting::Auto | ClipboardSetting::Native => tools.collect(),
            ClipboardSetting::Osc52 => vec![Route::Terminal],
            ClipboardSetting::Tmux => vec![Route::Tmux],
            ClipboardSetting::File => Vec::new(),
        };
        if setting == ClipboardSetting::Auto {
            routes.extend(self.tmux.then_some(Route::Tmux));
            routes.extend((!self.plain).then_some(Route::Terminal));
        }
        routes.push(Route::File);
        routes
    }

    /// The sequence that hands a text to the terminal; `None` if it is longer than terminals take.
    #[must_use]
    pub fn sequence(&self, text: &str) -> Option<String> {
        let encoded = STANDARD.encode(text);
        if encoded.len() > LONGEST_SEQUENCE {
            return None;
        }
        let plain = format!("\x1b]52;c;{encoded}\x1b\\");
        Some(if self.tmux {
            // tmux takes the plain one if it may set the clipboard, and passes the other one on if it
            // may pass things on: both are settings of its user.
            let passed = plain.replace('\x1b', "\x1b\x1b");
            format!("{plain}\x1bPtmux;{passed}\x1b\\")
        } else if self.screen {
            // Each piece is passed on as it is; the terminal sees one sequence.
            let whole = format!("\x1b]52;c;{encoded}\x07");
            let pieces = whole.as_bytes().chunks(LONGEST_OF_SCREEN).map(String::from_utf8_lossy);
            pieces.map(|piece| format!("\x1bP{piece}\x1b\\")).collect()
        } else {
            plain
        })
    }
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Tool(tool) => tool.name,
            Self::Tmux => "tmux",
            Self::Terminal => "the terminal (OSC 52)",
            Self::File => "a file",
        })
    }
}

/// Copies a text: goes one way after the other until one works. Never takes longer than the patience
/// with each program.
pub async fn copy(
    text: &str,
    setting: ClipboardSetting,
    around: &Surroundings,
    folder: &Path,
) -> Copied {
    let asked = setting == ClipboardSetting::File;
    let mut why = if asked { WhyFile::Asked } else { WhyFile::NoClipboard };
    for route in around.routes(setting) {
        let tried = match route {
            Route::Tool(tool) => {
                let text = if tool == CLIP { utf16(text) } else { text.as_bytes().to_vec() };
                let done = give(tool.name, tool.arguments, &text).await;
                done.map(|()| Copied::Tool(tool.name))
            }
            Route::Tmux => give("tmux", &["load-buffer", "-w", "-"], text.as_bytes())
                .await
                .map(|()| Copied::Tmux),
            Route::Terminal => match around.sequence(text) {
                Some(sequence) => return Copied::Terminal(sequence),
                None => {
                    why = WhyFile::TooLong;
                    continue;
                }
            },
            Route::File => {
                let file = folder.join(FILE);
                return match write_private(&file, text, true) {
                    Ok(()) => Copied::File(file, why),
                    Err(error) => Copied::Nowhere(error.to_string()),
                };
            }
        };
        match tried {
            Ok(copied) => return copied,
            Err(error) => tracing::warn!("copying with {route}: {error}"),
        }
    }
    Copied::Nowhere(words::NO_WAY.to_owned())
}

/// Hands a text to a program. It counts as taken when the program has ended well: those that keep the
/// clipboard alive leave a child behind for that.
async fn give(program: &str, arguments: &[&str], text: &[u8]) -> Result<(), String> {
    let run = async {
        // What it says would end up in the middle of the screen.
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(text).await?;
            input.shutdown().await?;
        }
        child.wait().await
    };
    match tokio::time::timeout(PATIENCE, run).await {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(status.to_string()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(words::TOO_SLOW.to_owned()),
    }
}

/// What the program of Windows expects.
fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Whether a program is in one of the folders of a search path.
fn is_on(path: &OsStr, program: &str) -> bool {
    std::env::split_paths(path).any(|folder| is_program(&folder.join(program)))
}

#[cfg(unix)]
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(file: &Path) -> bool {
    file.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(variables: &[(&str, &str)], programs: &[&str]) -> Surroundings {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map_or(String::new(), |(_, value)| (*value).to_owned())
        };
        Surroundings::told(variable, |program| programs.contains(&program), false)
    }

    fn names(around: &Surroundings, setting: ClipboardSetting) -> Vec<String> {
        around.routes(setting).iter().map(Route::to_string).collect()
    }

    #[test]
    fn the_nearest_way_comes_first_and_a_file_last() {
        let all = ["wl-copy", "xclip", "xsel", "tmux"];
        let desktop = [("WAYLAND_DISPLAY", "w"), ("DISPLAY", ":0"), ("TERM", "xterm")];
        let auto = |set: &[(&str, &str)], there: &[&str]| {
            names(&around(set, there), ClipboardSetting::Auto)
        };
        let osc = "the terminal (OSC 52)";
        assert_eq!(auto(&desktop, &all), ["wl-copy", "xclip", "xsel", osc, "a file"]);
        assert_eq!(auto(&desktop, &["xsel"]), ["xsel", osc, "a file"]);
        assert_eq!(auto(&[("TERM", "xterm")], &all), [osc, "a file"], "no desktop");
        let far = [&desktop[..], &[("SSH_CONNECTION", "a b"), ("TMUX", "t")]].concat();
        assert_eq!(auto(&far, &all), ["tmux", osc, "a file"]);
        for plain in ["linux", "dumb", ""] {
            assert_eq!(auto(&[("TERM", plain)], &all), ["a file"], "{plain}");
        }
        assert_eq!(
            auto(&[("TERM", "xterm"), ("WSL_DISTRO_NAME", "u")], &["clip.exe"])[0],
            "clip.exe"
        );
    }

    #[test]
    fn a_setting_leaves_its_way_and_the_file() {
        let all = ["wl-copy", "tmux"];
        let here = around(&[("WAYLAND_DISPLAY", "w"), ("TMUX", "t"), ("TERM", "dumb")], &all);
        for (setting, way) in [
            (ClipboardSetting::Native, "wl-copy"),
            (ClipboardSetting::Tmux, "tmux"),
            (ClipboardSetting::Osc52, "the terminal (OSC 52)"),
        ] {
            assert_eq!(names(&here, setting), [way, "a file"]);
        }
        assert_eq!(names(&here, ClipboardSetting::File), ["a file"]);
    }

    #[test]
    fn sequences_are_bounded_and_pass_through_what_is_in_between() {
        let plain = around(&[("TERM", "xterm")], &[]);
        assert_eq!(plain.sequence("hé").unwrap(), "\x1b]52;c;aMOp\x1b\\");
        assert!(plain.sequence(&"x".repeat(75_000)).is_some());
        assert_eq!(plain.sequence(&"x".repeat(75_001)), None);
        let tmux = around(&[("TERM", "tmux"), ("TMUX", "t")], &["tmux"]);
        let twice = "\x1b]52;c;aGk=\x1b\\\x1bPtmux;\x1b\x1b]52;c;aGk=\x1b\x1b\\\x1b\\";
        assert_eq!(tmux.sequence("hi").unwrap(), twice);
        let screen = around(&[("TERM", "screen"), ("STY", "1.pts")], &[]);
        let sequence = screen.sequence(&"x".repeat(3_000)).unwrap();
        for piece in sequence.split_terminator("\x1b\\") {
            assert!(piece.starts_with("\x1bP") && piece.len() < 768);
        }
        let joined = sequence.replace("\x1b\\", "").replace("\x1bP", "");
        assert_eq!(joined.len(), "\x1b]52;c;".len() + 4_000 + 1);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn what_fails_or_hangs_leads_to_the_next_way() {
        // A program that is not there, for all that was found out before.
        let gone = Tool { name: "no-such-program-here", arguments: &[] };
        let failing = Tool { name: "false", arguments: &[] };
        let around = Surroundings { tools: vec![gone, failing], plain: true, ..Default::default() };
        let folder = tempfile::tempdir().unwrap();
        let copied = copy("some text", ClipboardSetting::Auto, &around, folder.path()).await;
        let file = folder.path().join(FILE);
        assert_eq!(copied, Copied::File(file.clone(), WhyFile::NoClipboard));
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "some text");
        let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);

        let hanging = Tool { name: "sleep", arguments: &["1000"] };
        let around = Surroundings { tools: vec![hanging], ..Default::default() };
        let copied = copy("some text", ClipboardSetting::Auto, &around, folder.path()).await;
        assert_eq!(copied, Copied::Terminal(around.sequence("some text").unwrap()));
        let taking = Tool { name: "tee", arguments: &[] };
        let around = Surroundings { tools: vec![taking], ..Default::default() };
        let text = "x".repeat(1 << 20);
        let copied = copy(&text, ClipboardSetting::Auto, &around, folder.path()).await;
        assert_eq!(copied, Copied::Tool("tee"));
    }

    #[tokio::test]
    async fn what_is_too_long_for_a_terminal_goes_into_a_file() {
        let around = Surroundings::default();
        let folder = tempfile::tempdir().unwrap();
        let text = "x".repeat(100_000);
        let copied = copy(&text, ClipboardSetting::Auto, &around, folder.path()).await;
        assert_eq!(copied, Copied::File(folder.path().join(FILE), WhyFile::TooLong));
        let nowhere = folder.path().join(FILE).join("below a file");
        let copied = copy("x", ClipboardSetting::File, &around, &nowhere).await;
        assert!(matches!(copied, Copied::Nowhere(_)), "{copied:?}");
    }
}
