//! The signs of the interface, and what stands for them where a terminal has only ASCII.

use std::borrow::Cow;

use ratatui::symbols::border::{self, Set};

use crate::text;

/// The signs. Each takes the cells that its text has.
#[derive(Debug, PartialEq, Eq)]
pub struct Glyphs {
    ascii: bool,
    /// Frames.
    pub border: Set<'static>,
    /// The frame of the pane that has the keys.
    pub active_border: Set<'static>,
    /// Marks the message that actions apply to, at its left.
    pub bar: &'static str,
    /// Marks the selected row of the forest, at its right.
    pub pointer: &'static str,
    /// A star.
    pub star: &'static str,
    /// What is being received.
    pub streaming: &'static str,
    /// What is waited for.
    pub waiting: &'static str,
    /// A text by hand.
    pub manual: &'static str,
    /// Something worth a look.
    pub warning: &'static str,
    /// A search.
    pub search: &'static str,
    /// A source.
    pub source: &'static str,
    /// A picture.
    pub picture: &'static str,
    /// Before a sibling's number.
    pub before: &'static str,
    /// After it.
    pub after: &'static str,
    /// A row that is open.
    pub open: &'static str,
    /// A row that can be opened.
    pub closed: &'static str,
    /// Something is left out: turns, or the end of a text.
    pub run: &'static str,
    /// The seam of a continuation.
    pub seam: &'static str,
    /// Connected.
    pub connected: &'static str,
    /// Being connected.
    pub connecting: &'static str,
    /// Not connected.
    pub lost: &'static str,
    /// Between facts.
    pub dot: &'static str,
    /// Before an item of a list.
    pub bullet: &'static str,
    /// Before quoted lines.
    pub quote: &'static str,
    /// Before lines of code, and between columns.
    pub column: &'static str,
    /// A line.
    pub rule: &'static str,
    /// Where a line and a column meet.
    pub cross: &'static str,
}

const UNICODE: Glyphs = Glyphs {
    ascii: false,
    border: border::PLAIN,
    active_border: border::PLAIN,
    bar: "▌",
    pointer: "◀",
    star: "★",
    streaming: "▮",
    waiting: "▯",
    manual: "✎",
    warning: "⚠",
    search: "⌕",
    source: "↗",
    picture: "▣",
    before: "‹",
    after: "›",
    open: "▾",
    closed: "▸",
    run: "⋯",
    seam: "┈",
    connected: "●",
    connecting: "◌",
    lost: "○",
    dot: "·",
    bullet: "•",
    quote: "▏",
    column: "│",
    rule: "─",
    cross: "┼",
};

const ASCII: Glyphs = Glyphs {
    ascii: true,
    border: frame("+", "-", "|"),
    active_border: frame("+", "=", "|"),
    bar: "|",
    pointer: "<",
    star: "*",
    streaming: ">",
    waiting: "-",
    manual: "w",
    warning: "!",
    search: "?",
    source: "@",
    picture: "#",
    before: "<",
    after: ">",
    open: "v",
    closed: ">",
    run: ":",
    seam: "~",
    connected: "+",
    connecting: "~",
    lost: "!",
    dot: "-",
    bullet: "*",
    quote: ">",
    column: "|",
    rule: "-",
    cross: "+",
};

const STRONG: Glyphs = Glyphs { active_border: border::THICK, ..UNICODE };

const ASCII_STRONG: Glyphs = Glyphs { active_border: frame("#", "#", "#"), ..ASCII };

/// Frames take their room without being read aloud, and words say what the signs say.
const LINEAR: Glyphs = Glyphs {
    border: frame(" ", " ", " "),
    active_border: frame(" ", " ", " "),
    quote: " ",
    column: " ",
    ..UNICODE
};

const ASCII_LINEAR: Glyphs = Glyphs {
    border: frame(" ", " ", " "),
    active_border: frame(" ", " ", " "),
    quote: " ",
    column: " ",
    ..ASCII
};

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

    /// Words of the interface, their typography included, as the terminal can show them. Not for texts
    /// of users and models.
    #[must_use]
    pub fn words<'a>(&self, words: impl Into<Cow<'a, str>>) -> Cow<'a, str> {
        let words = words.into();
        if !self.ascii || words.is_ascii() {
            return words;
        }
        let mut plain = String::with_capacity(words.len());
        for c in words.chars() {
            match plain_word(c) {
                Some(word) => plain.push_str(word),
                None => plain.push(c),
            }
        }
        Cow::Owned(plain)
    }

    /// A text cut to `cells`, with a mark where something is missing.
    #[must_use]
    pub fn fit(&self, text: &str, cells: usize) -> String {
        let mut fitted = text::fit(text, cells);
        if self.ascii && fitted.ends_with('…') && !text.ends_with('…') {
            fitted.pop();
            fitted.push('~');
        }
        fitted
    }
}

/// What stands for a character in words of ours.
fn plain_word(c: char) -> Option<&'static str> {
    Some(match c {
        '…' => "...",
        '·' => "-",
        '“' | '”' | '«' | '»' => "\"",
        '‘' | '’' => "'",
        '⏎' => "Enter",
        '↑' => "Up",
        '↓' => "Down",
        '←' => "Left",
        '→' => "Right",
        '×' => "x",
        _ => [
            ('★', ASCII.star),
            ('▮', ASCII.streaming),
            ('▯', ASCII.waiting),
            ('✎', ASCII.manual),
            ('⚠', ASCII.warning),
            ('⌕', ASCII.search),
            ('↗', ASCII.source),
            ('▣', ASCII.picture),
            ('‹', ASCII.before),
            ('›', ASCII.after),
            ('▾', ASCII.open),
            ('▸', ASCII.closed),
            ('⋯', ASCII.run),
            ('┈', ASCII.seam),
            ('◀', ASCII.pointer),
        ]
        .into_iter()
        .find_map(|(sign, plain)| (sign == c).then_some(plain))?,
    })
}
