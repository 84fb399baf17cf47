//! What is said of the looks of the screen.

use crate::tui::theme::Name;

/// The screen is drawn with another theme. `colourless`: `NO_COLOR` takes its colours away.
#[must_use]
pub fn chosen(name: Name, colourless: bool) -> String {
    let word = name.word();
    let why = match name {
        Name::None => "",
        _ if colourless => ", without colours because of NO_COLOR",
        Name::Auto => ", by the background of the terminal",
        Name::Dark | Name::Light | Name::Contrast => "",
    };
    format!("Theme {word}{why}; to keep it: theme = \"{word}\" in the [ui] table of config.toml")
}
