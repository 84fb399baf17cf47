//! Which terminal this is, and what stands between it and the program, as far as the environment tells:
//! one reading for colours, keys, pictures and the clipboard. Nothing here asks the terminal.

/// The terminal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// Its kind, as `TERM` has it; within a multiplexer that of the multiplexer.
    pub term: String,
    /// The program, if it is one that can more than others.
    pub program: Option<Program>,
    /// Whether tmux is in between.
    pub tmux: bool,
    /// Whether GNU screen is.
    pub screen: bool,
    /// Whether Zellij is.
    pub zellij: bool,
}

/// A program that draws a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Alacritty.
    Alacritty,
    /// foot.
    Foot,
    /// Ghostty.
    Ghostty,
    /// iTerm2.
    Iterm2,
    /// kitty.
    Kitty,
    /// Konsole.
    Konsole,
    /// mintty, as Git for Windows has it.
    Mintty,
    /// Rio.
    Rio,
    /// mlterm, Contour or yaft, of which only sixels matter here.
    Sixels,
    /// WezTerm.
    WezTerm,
}

impl Host {
    /// The terminal of this process.
    #[must_use]
    pub fn here() -> Self {
        Self::read(|name| std::env::var(name).unwrap_or_default())
    }

    /// Reads the variables.
    #[must_use]
    pub fn read(variable: impl Fn(&str) -> String) -> Self {
        let is_set = |name: &str| !variable(name).is_empty();
        Self {
            term: variable("TERM"),
            program: program(&variable),
            tmux: is_set("TMUX"),
            screen: is_set("STY"),
            zellij: is_set("ZELLIJ"),
        }
    }

    /// Whether tmux or screen is in between, here or on the machine one comes from. They keep to
    /// themselves what they do not know.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        let inner = ["tmux", "screen"].iter().any(|name| self.term.starts_with(name));
        self.tmux || self.screen || inner
    }

    /// Whether it does no more than show letters.
    #[must_use]
    pub fn is_simple(&self) -> bool {
        is_simple(&self.term)
    }
}

/// Whether a terminal of this name (`TERM`) does no more than show letters: one without a name, a dumb
/// one, and the console of Linux.
#[must_use]
pub fn is_simple(term: &str) -> bool {
    matches!(term, "" | "dumb" | "linux")
}

/// The program. What it says of itself comes before the kind that others also claim to be.
fn program(variable: &impl Fn(&str) -> String) -> Option<Program> {
    let is_set = |name: &str| !variable(name).is_empty();
    if is_set("WEZTERM_EXECUTABLE") || is_set("WEZTERM_PANE") {
        return Some(Program::WezTerm);
    }
    if is_set("KONSOLE_VERSION") {
        return Some(Program::Konsole);
    }
    let named = match variable("TERM_PROGRAM").as_str() {
        "iTerm.app" => Some(Program::Iterm2),
        "WezTerm" => Some(Program::WezTerm),
        "mintty" => Some(Program::Mintty),
        "rio" => Some(Program::Rio),
        "ghostty" => Some(Program::Ghostty),
        "kitty" => Some(Program::Kitty),
        _ => None,
    };
    if named.is_some() {
        return named;
    }
    if variable("LC_TERMINAL") == "iTerm2" {
        return Some(Program::Iterm2);
    }
    let kinds = [
        ("xterm-ghostty", Program::Ghostty),
        ("xterm-kitty", Program::Kitty),
        ("foot", Program::Foot),
        ("alacritty", Program::Alacritty),
        ("rio", Program::Rio),
        ("mlterm", Program::Sixels),
        ("contour", Program::Sixels),
        ("yaft", Program::Sixels),
    ];
    let term = variable("TERM");
    let kind = kinds.into_iter().find(|(kind, _)| term.starts_with(kind));
    let kind = kind.map(|(_, program)| program);
    kind.or_else(|| is_set("KITTY_WINDOW_ID").then_some(Program::Kitty))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(set: &[(&str, &str)]) -> Host {
        Host::read(|name| {
            let value = set.iter().find(|(known, _)| *known == name);
            value.map_or(String::new(), |(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn programs_are_known_by_what_they_say_of_themselves() {
        for (set, program) in [
            (&[("TERM", "xterm-256color")][..], None),
            (&[], None),
            (&[("TERM", "xterm-kitty"), ("KITTY_WINDOW_ID", "1")], Some(Program::Kitty)),
            (&[("TERM", "foot-extra"), ("KITTY_WINDOW_ID", "1")], Some(Program::Foot)),
            (&[("TERM", "xterm-256color"), ("KITTY_WINDOW_ID", "1")], Some(Program::Kitty)),
            (&[("TERM", "xterm-256color"), ("KONSOLE_VERSION", "1")], Some(Program::Konsole)),
            (&[("TERM_PROGRAM", "WezTerm")], Some(Program::WezTerm)),
            (&[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], Some(Program::Iterm2)),
            (&[("TERM", "alacritty-direct")], Some(Program::Alacritty)),
        ] {
            assert_eq!(host(set).program, program, "{set:?}");
        }
    }

    #[test]
    fn multiplexers_are_known_by_their_variable_or_kind() {
        assert!(host(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux,1,0")]).is_inside());
        assert!(host(&[("TERM", "screen-256color")]).is_inside());
        assert!(host(&[("TERM", "xterm"), ("STY", "1.pts")]).is_inside());
        assert!(!host(&[("TERM", "xterm-256color")]).is_inside());
        assert!(host(&[("TERM", "linux")]).is_simple() && !host(&[("TERM", "vt100")]).is_simple());
    }
}
