//! Text to token numbers and back, without loss: words with the space before them, digits,
//! punctuation, line ends; what the vocabulary does not hold is spelled character by character.

use std::ops::Range;

/// The number of a token. 0 is never used: elsewhere it means "unknown".
pub(super) type Id = u32;

/// The end of an answer.
pub(super) const END: Id = 1;
/// Stands before what a person says.
pub(super) const HUMAN: Id = 2;
/// Stands before an answer.
pub(super) const ANSWER: Id = 3;
/// The number of the first text in the vocabulary.
const FIRST: Id = 4;
/// A character outside the vocabulary has this number plus its code point.
const CHARACTERS: Id = 1 << 21;

/// Every character that is always in the vocabulary.
const ASCII: &str = "\t\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
                     abcdefghijklmnopqrstuvwxyz{|}~";

/// The texts that have a number of their own, in order, so that those with a common beginning
/// stand together.
#[derive(Debug)]
pub(super) struct Vocabulary {
    texts: Vec<&'static str>,
}

impl Vocabulary {
    /// The vocabulary of `texts`: their units and every printable ASCII character.
    pub(super) fn of<'a>(texts: impl Iterator<Item = &'a &'static str>) -> Self {
        let mut all: Vec<&'static str> = (0..ASCII.len()).map(|i| &ASCII[i..=i]).collect();
        for text in texts {
            all.extend(units(text));
        }
        all.sort_unstable();
        all.dedup();
        all.shrink_to_fit();
        Self { texts: all }
    }

    /// One more than the largest number of a text in the vocabulary.
    pub(super) fn size(&self) -> usize {
        self.texts.len() + FIRST as usize
    }

    /// The number of `text`, if it has one.
    pub(super) fn id(&self, text: &str) -> Option<Id> {
        self.texts.binary_search(&text).ok().map(|at| at as Id + FIRST)
    }

    /// Whether `id` stands for a text of the vocabulary.
    pub(super) fn holds(&self, id: Id) -> bool {
        (FIRST as usize..self.size()).contains(&(id as usize))
    }

    /// The text of a token of the vocabulary; empty for markers and characters outside of it.
    pub(super) fn text(&self, id: Id) -> &'static str {
        id.checked_sub(FIRST).and_then(|at| self.texts.get(at as usize)).copied().unwrap_or("")
    }

    /// The numbers of all texts that begin with `beginning`.
    pub(super) fn beginning_with(&self, beginning: &str) -> Range<Id> {
        let start = self.texts.partition_point(|text| *text < beginning);
        let count = self.texts[start..].partition_point(|text| text.starts_with(beginning));
        (start as Id + FIRST)..((start + count) as Id + FIRST)
    }

    /// Appends the tokens of `text` to `ids`.
    pub(super) fn encode(&self, text: &str, ids: &mut Vec<Id>) {
        for unit in units(text) {
            match self.id(unit) {
                Some(id) => ids.push(id),
                None => ids.extend(unit.chars().map(|c| self.character(c))),
            }
        }
    }

    fn character(&self, c: char) -> Id {
        self.id(c.encode_utf8(&mut [0; 4])).unwrap_or(CHARACTERS + c as Id)
    }
}

/// The units of `text`, which add up to it.
pub(super) fn units(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (unit, after) = rest.split_at(unit_len(rest));
        rest = after;
        Some(unit)
    })
}

/// Length in bytes of the first unit of `text`, which is not empty; never 0.
pub(super) fn unit_len(text: &str) -> usize {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return 0 };
    let lead = if first == ' ' { 1 } else { 0 };
    let Some(c) = (if lead == 1 { chars.next() } else { Some(first) }) else { return 1 };
    let body = &text[lead..];
    lead + if c.is_alphabetic() {
        word_len(body)
    } else if c.is_ascii_digit() {
        run_len(body, 3, |c| c.is_ascii_digit())
    } else if c == ' ' {
        return spaces_len(text);
    } else if c == '\n' && lead == 0 {
        run_len(body, 2, |c| c == '\n')
    } else if c.is_ascii_punctuation() {
        run_len(body, 3, |other| other == c)
    } else if lead == 1 {
        0
    } else {
        c.len_utf8()
    }
}

/// Letters, with single apostrophes between them.
fn word_len(text: &str) -> usize {
    let mut len = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = c == '\'' && chars.peek().is_some_and(|(_, next)| next.is_alphabetic());
        if !c.is_alphabetic() && !inside {
            break;
        }
        len = at + c.len_utf8();
    }
    len
}

fn run_len(text: &str, most: usize, belongs: impl Fn(char) -> bool) -> usize {
    text.chars().take(most).take_while(|&c| belongs(c)).map(char::len_utf8).sum()
}

/// Up to eight spaces; the last one is left to the word behind them.
fn spaces_len(text: &str) -> usize {
    let spaces = text.bytes().take(9).take_while(|&b| b == b' ').count();
    let more = text.as_bytes().get(spaces).is_some_and(|&b| b != b'\n');
    if more || spaces == 9 { spaces - 1 } else { spaces }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn vocabulary() -> Vocabulary {
        Vocabulary::of(["The tree has two trees.\n\nIt's 1234 `code`."].iter())
    }

    fn decode(vocabulary: &Vocabulary, ids: &[Id]) -> String {
        let text = |&id: &Id| match id.checked_sub(CHARACTERS) {
            Some(code) => char::from_u32(code).unwrap().to_string(),
            None => vocabulary.text(id).to_owned(),
        };
        ids.iter().map(text).collect()
    }

    proptest! {
        #[test]
        fn any_text_comes_back(text in any::<String>()) {
            let vocabulary = vocabulary();
            let mut ids = Vec::new();
            vocabulary.encode(&text, &mut ids);
            prop_assert_eq!(decode(&vocabulary, &ids), text);
        }

        #[test]
        fn text_of_few_characters_comes_back(text in "[ a\n'.1\t\u{e9}\u{4e16}\u{1f600}]{0,40}") {
            prop_assert_eq!(units(&text).collect::<String>(), text.as_str());
            prop_assert!(units(&text).all(|unit| !unit.is_empty()));
        }
    }

    #[test]
    fn splits_as_described() {
        let split = |text| units(text).collect::<Vec<_>>();
        assert_eq!(split("It's a tree."), ["It's", " a", " tree", "."]);
        assert_eq!(split("a\n\n\nb"), ["a", "\n\n", "\n", "b"]);
        assert_eq!(split("x = 12345"), ["x", " =", " 123", "45"]);
        assert_eq!(split("```rust\n    f()"), ["```", "rust", "\n", "   ", " f", "(", ")"]);
        assert_eq!(split("a  \n "), ["a", "  ", "\n", " "]);
    }

    #[test]
    fn texts_with_a_common_beginning_stand_together() {
        let vocabulary = vocabulary();
        let found: Vec<_> =
            vocabulary.beginning_with(" tre").map(|id| vocabulary.text(id)).collect();
        assert_eq!(found, [" tree", " trees"]);
        assert!(vocabulary.beginning_with(" zebra").is_empty());
    }
}
