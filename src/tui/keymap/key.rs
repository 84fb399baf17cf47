//! Keys: how terminals tell them, how key maps write them, how the screen shows them.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// A key with its modifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key {
    code: KeyCode,
    modifiers: KeyModifiers,
}

impl Key {
    /// The key of a terminal event.
    #[must_use]
    pub fn of(event: KeyEvent) -> Self {
        let modifiers =
            event.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
        Self::normal(event.code, modifiers)
    }

    /// One form for what terminals tell in several: Shift is part of a character and of Shift+Tab,
    /// and Control knows no capitals.
    fn normal(code: KeyCode, mut modifiers: KeyModifiers) -> Self {
        let shifted = modifiers.contains(KeyModifiers::SHIFT);
        let code = match code {
            KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
                KeyCode::Char(c.to_ascii_lowercase())
            }
            KeyCode::Char(c) if shifted => KeyCode::Char(c.to_ascii_uppercase()),
            KeyCode::Tab if shifted => KeyCode::BackTab,
            code => code,
        };
        if matches!(code, KeyCode::Char(_) | KeyCode::BackTab) {
            modifiers -= KeyModifiers::SHIFT;
        }
        Self { code, modifiers }
    }

    /// Whether it is pressed together with Control, Alt or Shift; capitals are keys of their own.
    #[must_use]
    pub fn is_chord(self) -> bool {
        !self.modifiers.is_empty()
    }

    /// The character it types, if it types one.
    #[must_use]
    pub fn character(self) -> Option<char> {
        match self.code {
            KeyCode::Char(c) if self.modifiers.is_empty() => Some(c),
            _ => None,
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        const PREFIXES: [(&str, KeyModifiers); 3] = [
            ("ctrl+", KeyModifiers::CONTROL),
            ("alt+", KeyModifiers::ALT),
            ("shift+", KeyModifiers::SHIFT),
        ];
        let mut modifiers = KeyModifiers::empty();
        let mut rest = text;
        while let Some((after, modifier)) = PREFIXES.into_iter().find_map(|(prefix, modifier)| {
            let after = rest.strip_prefix(prefix).filter(|after| !after.is_empty())?;
            Some((after, modifier))
        }) {
            modifiers |= modifier;
            rest = after;
        }
        let code = code_named(rest)?;
        // Which character Shift makes of another one than a letter is known to the keyboard only.
        let shifted = modifiers.contains(KeyModifiers::SHIFT);
        let other = matches!(code, KeyCode::Char(c) if !c.is_ascii_alphabetic() && c != ' ');
        (!shifted || !other).then(|| Self::normal(code, modifiers))
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (modifier, sign) in [
            (KeyModifiers::CONTROL, "^"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
        ] {
            if self.modifiers.contains(modifier) {
                f.write_str(sign)?;
            }
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) if self.modifiers.contains(KeyModifiers::CONTROL) => {
                write!(f, "{}", c.to_uppercase())
            }
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::F(number) => write!(f, "F{number}"),
            code => {
                let name =
                    NAMED.iter().find(|(_, c, _)| *c == code).map_or("?", |(_, _, sign)| sign);
                f.write_str(name)
            }
        }
    }
}

/// Name in key maps, key, and how it is shown.
const NAMED: &[(&str, KeyCode, &str)] = &[
    ("enter", KeyCode::Enter, "⏎"),
    ("esc", KeyCode::Esc, "Esc"),
    ("tab", KeyCode::Tab, "Tab"),
    ("backtab", KeyCode::BackTab, "Shift-Tab"),
    ("backspace", KeyCode::Backspace, "Backspace"),
    ("delete", KeyCode::Delete, "Del"),
    ("insert", KeyCode::Insert, "Ins"),
    ("up", KeyCode::Up, "↑"),
    ("down", KeyCode::Down, "↓"),
    ("left", KeyCode::Left, "←"),
    ("right", KeyCode::Right, "→"),
    ("home", KeyCode::Home, "Home"),
    ("end", KeyCode::End, "End"),
    ("pageup", KeyCode::PageUp, "PgUp"),
    ("pagedown", KeyCode::PageDown, "PgDn"),
    ("space", KeyCode::Char(' '), "Space"),
];

fn code_named(name: &str) -> Option<KeyCode> {
    if let Some((_, code, _)) = NAMED.iter().find(|(known, _, _)| *known == name) {
        return Some(*code);
    }
    let mut characters = name.chars();
    match (characters.next(), characters.as_str()) {
        (Some(c), "") => Some(KeyCode::Char(c)),
        (Some('f'), number) => number.parse().ok().filter(|n| (1..=12).contains(n)).map(KeyCode::F),
        _ => None,
    }
}
