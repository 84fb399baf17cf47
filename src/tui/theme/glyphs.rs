//! The signs of the interface, and what stands for them where a terminal has only ASCII. Words and views
//! are written with the signs that everybody knows; what is drawn goes through here.

use std::borrow::Cow;

use ratatui::symbols::border::{self, Set};
use ratatui::text::Line;

use crate::text;

/// Signs that are drawn, what stands for them in ASCII, and what is read aloud in their place where the
/// sign says something. Keys have names.
const SIGNS: [(char, &str, Option<&str>); 42] = [
    // A star; what is received; what is waited for; by hand; a warning.
    ('★', "*", Some("starred")),
    ('▮', ">", Some("")),
    ('▯', "-", Some("")),
    ('✎', "w", Some("")),
    ('⚠', "!", Some("attention:")),
    // A search, a source, a picture, a note.
    ('⌕', "?", Some("searched:")),
    ('↗', "@", Some("source:")),
    ('▣', "#", Some("picture:")),
    ('¶', "#", Some("note:")),
    // Around the number of a sibling; open and closed rows; turns left out; only a part.
    ('‹', "<", Some("")),
    ('›', ">", Some("")),
    ('▾', "v", Some("unfolded:")),
    ('▸', ">", Some("folded:")),
    ('⋯', ":", Some("")),
    ('⊢', "^", Some("only")),
    // A continuation; what is selected; the path; unread, or an item.
    ('┈', "~", Some("")),
    ('▌', ">", Some("")),
    ('◀', "<", Some("selected")),
    ('┃', "|", Some("on the path")),
    ('•', "o", Some("")),
    ('☑', "x", Some("done:")),
    ('☐', "_", Some("open:")),
    // Connected, being connected, not connected.
    ('●', "+", None),
    ('◌', "~", None),
    ('○', "!", None),
    // Of samples: failed, stopped; the mean of something; chosen from a list.
    ('✗', "x", Some("")),
    ('■', "#", Some("")),
    ('\u{304}', "", Some("")),
    ('✓', "x", Some("chosen:")),
    // Typography.
    ('…', "...", None),
    ('·', "-", None),
    ('“', "\"", None),
    ('”', "\"", None),
    ('×', "x", None),
    // Keys.
    ('⏎', "Enter", Some("Enter")),
    ('↑', "Up", Some("Up")),
    ('↓', "Down", Some("Down")),
    ('←', "Left", Some("Left")),
    ('→', "Right", Some("Right")),
    // Lines.
    ('│', "|", None),
    ('▏', ">", None),
    ('─', "-", None),
];

/// Where lines cross.
const CROSS: char = '┼';

/// The signs that a terminal shows.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    ascii: bool,
    /// Whether lines are left out: they would be read aloud.
    linear: bool,
    /// Frames.
    pub border: Set<'static>,
    /// The frame of the pane that has the keys.
    pub active_border: Set<'static>,
}

const UNICODE: Glyphs =
    Glyphs { ascii: false, linear: false, border: border::PLAIN, active_border: border::PLAIN };

const STRONG: Glyphs = Glyphs { active_border: border::THICK, ..UNICODE };

const ASCII: Glyphs = Glyphs {
    ascii: true,
    linear: false,
    border: frame("+", "-", "|"),
    active_border: frame("+", "=", "|"),
};

const ASCII_STRONG: Glyphs = Glyphs { active_border: frame("#", "#", "#"), ..ASCII };

/// Frames take their room without being read aloud.
const LINEAR: Glyphs = Glyphs {
    linear: true,
    border: frame(" ", " ", " "),
    active_border: frame(" ", " ", " "),
    ..UNICODE
};

const ASCII_LINEAR: Glyphs = Glyphs { ascii: true, ..LINEAR };

const fn frame(
    corner: &'static str,
    horizontal: &'static str,
    vertical: &'static str,
) -> Set<'static> {
    Set {
        top_left: corner,
        top_right: corner,
        bottom_left: corner,
        bottom_right: corner,
        vertical_left: vertical,
        vertical_right: vertical,
        horizontal_top: horizontal,
        horizontal_bottom: horizontal,
    }
}

impl Glyphs {
    pub(super) fn of(ascii: bool, strong: bool, linear: bool) -> &'static Self {
        match (ascii, linear, strong) {
            (false, true, _) => &LINEAR,
            (true, true, _) => &ASCII_LINEAR,
            (false, false, false) => &UNICODE,
            (false, false, true) => &STRONG,
            (true, false, false) => &ASCII,
            (true, false, true) => &ASCII_STRONG,
        }
    }

    /// Words of the interface, their signs included, as the terminal shows them.
    #[must_use]
    pub fn words<'a>(&self, words: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        let words = words.into();
        if !self.ascii && !self.linear || words.is_ascii() {
            return words;
        }
        let words = if self.linear { words.replace(" · ", ", ") } else { words.into_owned() };
        let mut plain = String::with_capacity(words.len());
        for c in words.chars() {
            let known = SIGNS.iter().find(|(sign, _, _)| *sign == c);
            match known.map(|(_, plain, aloud)| (plain, aloud.filter(|_| self.linear))) {
                // Between what is said the spaces are enough.
                Some((_, Some(""))) if plain.is_empty() || plain.ends_with(' ') => {}
                Some((_, Some(aloud))) => plain.push_str(aloud),
                Some((sign, None)) if self.ascii => plain.push_str(sign),
                Some((_, None)) | None => plain.push(c),
            }
        }
        Cow::Owned(plain)
    }

    /// A text cut to `cells`, with a mark where something is missing.
    #[must_use]
    pub fn fit(&self, text: &str, cells: usize) -> String {
        self.marked(text::fit(text, cells), text)
    }

    /// The beginning of a text in one line of `cells`, with a mark where something is missing.
    #[must_use]
    pub fn first_words(&self, text: &str, cells: usize) -> String {
        self.marked(text::first_words(text, cells), text)
    }

    fn marked(&self, mut fitted: String, whole: &str) -> String {
        if self.ascii && fitted.ends_with('…') && !whole.trim_end().ends_with('…') {
            fitted.pop();
            fitted.push('~');
        }
        fitted
    }

    /// A row of a message, with what is drawn in it beside its text as the terminal shows it. Every sign
    /// keeps its cell.
    #[must_use]
    pub fn drawn<'a>(&self, mut line: Line<'a>) -> Line<'a> {
        if !self.ascii && !self.linear {
            return line;
        }
        for span in &mut line.spans {
            let only_drawn = |c: char| c == ' ' || self.cell(c).is_some();
            if !span.content.trim().is_empty() && span.content.chars().all(only_drawn) {
                let cells = span.content.chars().map(|c| self.cell(c).unwrap_or(c));
                span.content = Cow::Owned(cells.collect());
            }
        }
        line
    }

    /// What stands for a sign that is drawn beside texts.
    fn cell(&self, sign: char) -> Option<char> {
        match sign {
            '│' | '▏' | '─' | CROSS if self.linear => Some(' '),
            '│' => Some('|'),
            CROSS => Some('+'),
            '▏' => Some('>'),
            '─' => Some('-'),
            '•' if self.ascii => Some('*'),
            '☑' if self.ascii => Some('x'),
            '☐' if self.ascii => Some('_'),
            _ => None,
        }
    }
}
