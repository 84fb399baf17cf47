//! An entry of the `[theme]` table: a role, and its colours and modifiers in words.

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use serde::de::{Deserializer, Error as _};

use super::{Depth, Role};

/// What is allowed, as errors say it.
const ALLOWED: &str = "a colour (default, black, red, green, yellow, blue, magenta, cyan, white, each of \
     these eight also with `bright-` in front, a number from 0 to 255, or #rrggbb), `on` and a colour for \
     the background, and any of bold, dim, italic, underlined, reversed";

/// The names of the first eight colours; those with `bright-` are eight further.
const NAMES: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/// The 16 colours as most terminals show them, which is what decides which of them is nearest.
const SIXTEEN: [(u8, u8, u8); 16] = [
    (0, 0, 0),
    (205, 0, 0),
    (0, 205, 0),
    (205, 205, 0),
    (0, 0, 238),
    (205, 0, 205),
    (0, 205, 205),
    (229, 229, 229),
    (127, 127, 127),
    (255, 0, 0),
    (0, 255, 0),
    (255, 255, 0),
    (92, 92, 255),
    (255, 0, 255),
    (0, 255, 255),
    (255, 255, 255),
];

/// Steps of each channel in the 6x6x6 colours of a terminal with 256.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

/// A colour as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paint {
    /// The terminal's own.
    Default,
    /// By its number; the first 16 are the named ones.
    Number(u8),
    /// By its channels.
    Rgb(u8, u8, u8),
}

/// The style of a role, as the user wants it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entry {
    front: Option<Paint>,
    back: Option<Paint>,
    modifiers: Modifier,
}

impl Entry {
    /// Reads `bold cyan on #202020`.
    ///
    /// # Errors
    /// What is wrong, and what is allowed.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut entry = Self::default();
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            if let Some(modifier) = modifier(word) {
                entry.modifiers |= modifier;
                continue;
            }
            let (place, name) = if word == "on" {
                (&mut entry.back, words.next().unwrap_or_default())
            } else {
                (&mut entry.front, word)
            };
            let colour = paint(name).ok_or_else(|| match name {
                "" => format!("`on` needs a colour behind it; allowed are {ALLOWED}"),
                name => {
                    format!("`{name}` is neither a colour nor a modifier; allowed are {ALLOWED}")
                }
            })?;
            if place.replace(colour).is_some() {
                return Err(format!("`{name}` is one colour too many; allowed are {ALLOWED}"));
            }
        }
        Ok(entry)
    }

    /// The style where a terminal has so many colours.
    pub(super) fn style(self, depth: Depth) -> Style {
        let colour = |paint: Option<Paint>| paint.map(|paint| colour(paint, depth));
        Style { fg: colour(self.front), bg: colour(self.back), ..Style::new() }
            .add_modifier(self.modifiers)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Role {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        Self::named(&name).ok_or_else(|| {
            let known: Vec<&str> = Self::ALL.iter().map(|(_, name)| *name).collect();
            let known = known.join(", ");
            D::Error::custom(format!("the theme has no role `{name}`; there are {known}"))
        })
    }
}

fn modifier(word: &str) -> Option<Modifier> {
    Some(match word {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underlined" => Modifier::UNDERLINED,
        "reversed" => Modifier::REVERSED,
        _ => return None,
    })
}

fn paint(word: &str) -> Option<Paint> {
    if word == "default" {
        return Some(Paint::Default);
    }
    if let Some(hex) = word.strip_prefix('#') {
        let good = hex.len() == 6 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        let all = u32::from_str_radix(hex, 16).ok().filter(|_| good)?;
        let [_, red, green, blue] = all.to_be_bytes();
        return Some(Paint::Rgb(red, green, blue));
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return word.parse().ok().map(Paint::Number);
    }
    let (name, first) = word.strip_prefix("bright-").map_or((word, 0), |name| (name, 8));
    let index = NAMES.iter().position(|known| *known == name)?;
    u8::try_from(index).ok().map(|index| Paint::Number(first + index))
}

fn colour(paint: Paint, depth: Depth) -> Color {
    match (paint, depth) {
        (Paint::Default, _) => Color::Reset,
        (Paint::Number(number @ 0..16), _) => named(number),
        (Paint::Number(number), Depth::Many | Depth::All) => Color::Indexed(number),
        (Paint::Number(number), Depth::Sixteen) => named(nearest(channels(number))),
        (Paint::Rgb(red, green, blue), Depth::All) => Color::Rgb(red, green, blue),
        (Paint::Rgb(red, green, blue), Depth::Many) => Color::Indexed(cube((red, green, blue))),
        (Paint::Rgb(red, green, blue), Depth::Sixteen) => named(nearest((red, green, blue))),
    }
}

fn named(number: u8) -> Color {
    const COLOURS: [Color; 16] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    COLOURS[usize::from(number % 16)]
}

/// How far two colours are apart.
fn distance(one: (u8, u8, u8), other: (u8, u8, u8)) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    // Eyes are most sensitive to green and least to blue.
    3 * square(one.0, other.0) + 4 * square(one.1, other.1) + 2 * square(one.2, other.2)
}

/// The number of the nearest of the 16 colours.
fn nearest(wanted: (u8, u8, u8)) -> u8 {
    let apart = SIXTEEN.iter().map(|known| distance(*known, wanted));
    let nearest = (0..16).zip(apart).min_by_key(|(_, apart)| *apart);
    nearest.map_or(7, |(number, _)| number)
}

/// The number of the nearest of the 240 colours behind the 16.
fn cube(wanted: (u8, u8, u8)) -> u8 {
    let nearest = (16..=255).min_by_key(|number| distance(channels(*number), wanted));
    nearest.unwrap_or(16)
}

/// The channels of one of the 256 colours.
fn channels(number: u8) -> (u8, u8, u8) {
    match number {
        0..16 => SIXTEEN[usize::from(number)],
        16..232 => {
            let step = |index: u8| STEPS[usize::from(index % 6)];
            let index = number - 16;
            (step(index / 36), step(index / 6), step(index))
        }
        232.. => {
            let grey = 8 + 10 * (number - 232);
            (grey, grey, grey)
        }
    }
}
