//! What the environment tells of the terminal: how many colours it has, whether it shows more than
//! ASCII, how bright its background is. Nothing here asks the terminal.

use crate::tui::host::{Host, is_simple};

/// How bright the background is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Background {
    /// What is assumed where nothing is known.
    #[default]
    Dark,
    /// Dark letters on white or nearly so.
    Light,
}

/// How many colours the terminal has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// The 16 with names.
    #[default]
    Sixteen,
    /// 256.
    Many,
    /// 16 million.
    All,
}

/// What is known of the terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// How many colours it has.
    pub depth: Depth,
    /// Whether the user wants no colours (`NO_COLOR`).
    pub no_colours: bool,
    /// Whether it shows nothing but ASCII.
    pub ascii: bool,
    /// Its background, where that is said.
    pub background: Option<Background>,
    /// Whether it may be asked for its background: some never answer.
    pub answers: bool,
}

impl Environment {
    /// Reads the variables.
    #[must_use]
    pub fn read(variable: impl Fn(&str) -> String) -> Self {
        let host = Host::read(&variable);
        let (term, simple) = (&host.term, host.is_simple());
        // What is older than the question, and what keeps it to itself.
        let deaf = term.starts_with("vt") || term.starts_with("screen") || host.screen;
        Self {
            depth: depth(term, &variable("COLORTERM")),
            no_colours: !variable("NO_COLOR").is_empty(),
            ascii: simple || !is_utf8(&locale(&variable)),
            background: background(&variable("COLORFGBG")),
            answers: !simple && !deaf && cfg!(unix),
        }
    }
}

/// How many colours a terminal of this kind has.
#[must_use]
pub fn depth(term: &str, colour: &str) -> Depth {
    if is_simple(term) {
        return Depth::Sixteen;
    }
    if matches!(colour, "truecolor" | "24bit") || term.ends_with("-direct") {
        return Depth::All;
    }
    let many = ["256", "kitty", "ghostty", "alacritty", "foot"];
    if many.iter().any(|name| term.contains(name)) { Depth::Many } else { Depth::Sixteen }
}

/// What is set for the locale; empty where nothing is.
#[must_use]
pub fn locale(variable: &impl Fn(&str) -> String) -> String {
    let set = ["LC_ALL", "LC_CTYPE", "LANG"].map(variable);
    set.into_iter().find(|value| !value.is_empty()).unwrap_or_default()
}

/// Whether texts of a locale are UTF-8. Windows and macOS write UTF-8 whatever is set.
#[must_use]
pub fn is_utf8(locale: &str) -> bool {
    let lower = locale.to_ascii_lowercase();
    let silent = locale.is_empty() && cfg!(any(windows, target_os = "macos"));
    silent || lower.contains("utf-8") || lower.contains("utf8")
}

/// The background by `COLORFGBG`, as rxvt, Konsole and others set it: `15;0`, or `15;default;0`.
fn background(value: &str) -> Option<Background> {
    let (_, back) = value.rsplit_once(';')?;
    match back.parse::<u8>().ok()? {
        0..=6 | 8 => Some(Background::Dark),
        7 | 9..=15 => Some(Background::Light),
        16.. => None,
    }
}
