//! How a terminal shows pictures. Found from the environment: asking the terminal would delay the start
//! and race the reader of the keys for the answer.

use serde::Deserialize;

use crate::tui::host::{Host, Program};

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

/// The way for a setting on a terminal; `None`: pictures are off.
#[must_use]
pub(super) fn way(setting: Setting, host: &Host) -> Option<Way> {
    match setting {
        Setting::Auto => Some(found(host)),
        Setting::Kitty => Some(Way::Kitty),
        Setting::Iterm2 => Some(Way::Iterm2),
        Setting::Sixel => Some(Way::Sixel),
        Setting::Blocks => Some(Way::Blocks),
        Setting::Off => None,
    }
}

fn found(host: &Host) -> Way {
    if host.is_inside() || host.zellij {
        return Way::Blocks;
    }
    match host.program {
        // Konsole and WezTerm know a part of kitty's protocol; it is not the part that is needed.
        Some(
            Program::Iterm2 | Program::WezTerm | Program::Konsole | Program::Mintty | Program::Rio,
        ) => Way::Iterm2,
        Some(Program::Kitty | Program::Ghostty) => Way::Kitty,
        Some(Program::Foot | Program::Sixels) => Way::Sixel,
        Some(Program::Alacritty) | None => Way::Blocks,
    }
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
            let host = Host::read(|name| {
                let found = environment.iter().find(|(known, _)| *known == name);
                found.map_or(String::new(), |(_, value)| (*value).to_owned())
            });
            assert_eq!(way(Setting::Auto, &host), Some(wanted), "{environment:?}");
            assert_eq!(way(Setting::Off, &host), None);
            assert_eq!(way(Setting::Sixel, &host), Some(Way::Sixel));
        }
    }
}
