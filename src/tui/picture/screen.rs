//! How a terminal shows pictures. Found from the environment: asking the terminal would delay the start
//! and race the reader of the keys for the answer.

use serde::Deserialize;

/// What the user wants.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// What the terminal can.
    #[default]
    Auto,
    /// The protocol of kitty and Ghostty.
    Kitty,
    /// The protocol of iTerm2 and WezTerm.
    Iterm2,
    /// Sixels, as in foot.
    Sixel,
    /// Half blocks in two colours: any terminal with colours.
    Blocks,
    /// None.
    Off,
}

/// How a picture is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Sent once, then placed by characters that stand for its parts.
    Kitty,
    /// Sent as a file.
    Iterm2,
    /// Sent as sixels.
    Sixel,
    /// Coloured half blocks.
    Blocks,
}

impl Way {
    /// Its name on the screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kitty => "kitty",
            Self::Iterm2 => "iterm2",
            Self::Sixel => "sixel",
            Self::Blocks => "blocks",
        }
    }
}

/// The way for a setting in an environment; `None`: pictures are off.
#[must_use]
pub(super) fn way(setting: Setting, variable: impl Fn(&str) -> Option<String>) -> Option<Way> {
    match setting {
        Setting::Auto => Some(found(variable)),
        Setting::Kitty => Some(Way::Kitty),
        Setting::Iterm2 => Some(Way::Iterm2),
        Setting::Sixel => Some(Way::Sixel),
        Setting::Blocks => Some(Way::Blocks),
        Setting::Off => None,
    }
}

fn found(variable: impl Fn(&str) -> Option<String>) -> Way {
    let text = |name: &str| variable(name).unwrap_or_default();
    let is_set = |name: &str| !text(name).is_empty();
    let term = text("TERM");
    let begins = |names: &[&str]| names.iter().any(|name| term.starts_with(name));
    // A multiplexer keeps to itself what it does not know; the rest of the environment tells of the
    // terminal around it.
    if is_set("TMUX") || is_set("ZELLIJ") || is_set("STY") || begins(&["screen", "tmux"]) {
        return Way::Blocks;
    }
    // Konsole and WezTerm know a part of kitty's protocol; it is not the part that is needed.
    if is_set("WEZTERM_EXECUTABLE") || is_set("WEZTERM_PANE") || is_set("KONSOLE_VERSION") {
        return Way::Iterm2;
    }
    match text("TERM_PROGRAM").as_str() {
        "iTerm.app" | "WezTerm" | "mintty" | "rio" => return Way::Iterm2,
        "ghostty" => return Way::Kitty,
        _ => {}
    }
    if text("LC_TERMINAL") == "iTerm2" {
        return Way::Iterm2;
    }
    if is_set("KITTY_WINDOW_ID") || begins(&["xterm-kitty", "xterm-ghostty"]) {
        return Way::Kitty;
    }
    if begins(&["foot", "mlterm", "contour", "yaft"]) { Way::Sixel } else { Way::Blocks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_tells_the_way() {
        for (environment, wanted) in [
            (&[("TERM", "xterm-256color")][..], Way::Blocks),
            (&[], Way::Blocks),
            (&[("TERM", "xterm-kitty"), ("KITTY_WINDOW_ID", "1")], Way::Kitty),
            (&[("TERM", "xterm-ghostty")], Way::Kitty),
            (&[("TERM", "tmux-256color"), ("KITTY_WINDOW_ID", "1")], Way::Blocks),
            (&[("TERM", "xterm-256color"), ("TMUX", "x"), ("LC_TERMINAL", "iTerm2")], Way::Blocks),
            (&[("TERM_PROGRAM", "WezTerm")], Way::Iterm2),
            (&[("TERM_PROGRAM", "iTerm.app")], Way::Iterm2),
            (&[("TERM", "xterm-256color"), ("LC_TERMINAL", "iTerm2")], Way::Iterm2),
            (&[("TERM", "foot-extra")], Way::Sixel),
        ] {
            let variable = |name: &str| {
                let found = environment.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(way(Setting::Auto, variable), Some(wanted), "{environment:?}");
            assert_eq!(way(Setting::Off, variable), None);
            assert_eq!(way(Setting::Sixel, variable), Some(Way::Sixel));
        }
    }
}
