//! Finding words in the conversation on the screen. Texts are looked through in steps, so that the
//! screen never waits, however much there is.

use std::ops::Range;

use crate::forest::{Forest, Slot};

/// Bytes that one step looks through, and messages.
const STEP_BYTES: usize = 64 << 10;
const STEP_MESSAGES: usize = 2_000;
/// Places that are remembered; who looks for one letter in a long conversation finds no more.
pub const MOST_HITS: usize = 50_000;

/// A search.
#[derive(Debug)]
pub struct Find {
    /// Its number: steps of an earlier one are dropped.
    pub number: u64,
    /// What is looked for.
    pub words: String,
    /// The same, ready to be compared.
    pub needle: Needle,
    /// Whether other branches than the path are looked through.
    pub everywhere: bool,
    /// What was found so far, in order.
    pub hits: Vec<Hit>,
    /// The one that is shown.
    pub current: Option<usize>,
    /// The end of the path when it was begun.
    pub leaf: Option<Slot>,
    /// How often texts had come or changed by then.
    pub version: u64,
    /// Whether everything was looked through.
    pub done: bool,
    /// The messages to look through.
    slots: Vec<Slot>,
    /// The next one, the part of it, and where in that part.
    next: (usize, Part, usize),
    /// Index in `slots` and place in its message from which on the first hit is shown.
    from: (usize, Hit),
}

/// A text of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// What the model thought.
    Reasoning,
    /// What was said.
    Text,
}

/// A place at which the words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The message.
    pub slot: Slot,
    /// The text of it.
    pub part: Part,
    /// Where it begins, in bytes.
    pub start: u32,
}

impl Find {
    /// Looks for `words` in these messages; the first place at or behind `from` is shown.
    #[must_use]
    pub fn new(number: u64, words: String, everywhere: bool, slots: Vec<Slot>, from: Hit) -> Self {
        let at = slots.iter().position(|slot| *slot == from.slot).unwrap_or(0);
        Self {
            number,
            needle: Needle::new(&words),
            everywhere,
            hits: Vec::new(),
            current: None,
            leaf: None,
            version: 0,
            done: slots.is_empty() || words.is_empty(),
            words,
            slots,
            next: (0, Part::Reasoning, 0),
            from: (at, from),
        }
    }

    /// Looks through the next few messages. True if a place is to be shown now.
    pub fn step(&mut self, forest: &Forest) -> bool {
        let (mut bytes, mut messages) = (0, 0);
        let before = self.current;
        while bytes < STEP_BYTES && messages < STEP_MESSAGES && !self.done {
            let (index, part, at) = self.next;
            let Some(&slot) = self.slots.get(index) else {
                self.done = true;
                break;
            };
            let text = text_of(forest, slot, part);
            let end = text.ceil_char_boundary((at + STEP_BYTES).min(text.len()));
            let found = self.needle.starts_in(text, at..end);
            for start in found {
                let Ok(start) = u32::try_from(start) else { break };
                self.take_in(index, Hit { slot, part, start });
            }
            bytes += end - at;
            self.next = match part {
                _ if end < text.len() => (index, part, end),
                Part::Reasoning => (index, Part::Text, 0),
                Part::Text => {
                    messages += 1;
                    (index + 1, Part::Reasoning, 0)
                }
            };
        }
        if self.done && self.current.is_none() && !self.hits.is_empty() {
            // There is none further down.
            self.current = Some(0);
        }
        before != self.current
    }

    /// Goes to the next hit, or back to the one before; round at the ends.
    pub fn go(&mut self, by: isize) {
        let count = self.hits.len() as isize;
        if count > 0 {
            let at = self.current.map_or(0, |at| (at as isize + by).rem_euclid(count));
            self.current = Some(at.unsigned_abs());
        }
    }

    /// From where on the first hit was shown.
    #[must_use]
    pub fn from(&self) -> Hit {
        self.from.1
    }

    /// The hit that is shown.
    #[must_use]
    pub fn current(&self) -> Option<Hit> {
        self.hits.get(self.current?).copied()
    }

    /// `3/17`, with what is still to be looked through.
    #[must_use]
    pub fn count(&self) -> String {
        let at = self.current.map_or(0, |at| at + 1);
        let more = if self.done && self.hits.len() < MOST_HITS { "" } else { "+" };
        format!("{at}/{}{more}", self.hits.len())
    }

    fn take_in(&mut self, index: usize, hit: Hit) {
        if self.hits.len() >= MOST_HITS {
            self.done = true;
            return;
        }
        let (first, from) = &self.from;
        let reached =
            index > *first || index == *first && (hit.part, hit.start) >= (from.part, from.start);
        self.hits.push(hit);
        if self.current.is_none() && reached {
            self.current = Some(self.hits.len() - 1);
        }
    }
}

/// A text of a message.
#[must_use]
pub fn text_of(forest: &Forest, slot: Slot, part: Part) -> &str {
    let response = forest.response(slot);
    match part {
        Part::Text => &response.message,
        Part::Reasoning => {
            response.details.as_ref().map_or("", |details| details.reasoning.as_str())
        }
    }
}

/// Words to look for, without regard to upper and lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needle {
    folded: Vec<char>,
}

impl Needle {
    /// Looks for `words`.
    #[must_use]
    pub fn new(words: &str) -> Self {
        Self { folded: words.chars().flat_map(folded).collect() }
    }

    /// Where the words are in a text, in bytes; they do not overlap.
    #[must_use]
    pub fn found_in(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some(hit) = self.next_in(text, at..text.len()) {
            at = hit.end;
            found.push(hit);
        }
        found
    }

    /// How often the words begin within a range of a text.
    #[must_use]
    pub fn count_in(&self, text: &str, range: Range<usize>) -> usize {
        self.starts_in(text, range).len()
    }

    /// Longest text, in bytes, that the words may be.
    #[must_use]
    pub fn longest(&self) -> usize {
        self.folded.len() * 4
    }

    /// Where the words begin within a range of a text; they may end behind it.
    fn starts_in(&self, text: &str, range: Range<usize>) -> Vec<usize> {
        let mut starts = Vec::new();
        let mut at = range.start;
        while at < range.end
            && let Some(hit) = self.next_in(text, at..range.end)
        {
            starts.push(hit.start);
            at = hit.end;
        }
        starts
    }

    fn next_in(&self, text: &str, range: Range<usize>) -> Option<Range<usize>> {
        let first = *self.folded.first()?;
        text.get(range.clone())?.char_indices().find_map(|(offset, c)| {
            let begins = if c.is_ascii() {
                c.to_ascii_lowercase() == first
            } else {
                folded(c).next() == Some(first)
            };
            let start = range.start + offset;
            let end = if begins { self.end_at(&text[start..])? } else { return None };
            Some(start..start + end)
        })
    }

    /// Length of the words, if a text begins with them.
    fn end_at(&self, text: &str) -> Option<usize> {
        let mut wanted = self.folded.iter();
        for (offset, c) in text.char_indices() {
            if wanted.as_slice().is_empty() {
                return Some(offset);
            }
            for c in folded(c) {
                if wanted.next() != Some(&c) {
                    return None;
                }
            }
        }
        wanted.as_slice().is_empty().then_some(text.len())
    }
}

/// A character without regard to case: `ß` is `ss`, and both small sigmas are one.
fn folded(c: char) -> impl Iterator<Item = char> {
    c.to_uppercase().flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{Response, ResponseId, Time};

    fn found<'a>(words: &str, text: &'a str) -> Vec<&'a str> {
        Needle::new(words).found_in(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn words_are_found_in_any_case_of_any_script() {
        assert_eq!(found("grüsse", "GRÜSSE, Grüße!"), ["GRÜSSE", "Grüße"]);
        assert_eq!(found("ΣΟΦΟΣ", "σοφος σοφός ΣΟΦΟς"), ["σοφος", "ΣΟΦΟς"]);
        assert_eq!(found("İ", "i̇ İ"), ["i̇", "İ"]);
        assert_eq!(found("aa", "aaaa a"), ["aa", "aa"]);
        assert_eq!(found("熱力", "熱力学"), ["熱力"]);
        assert_eq!(found("s", "ß"), Vec::<&str>::new(), "not within a character");
        assert_eq!(found("", "abc"), Vec::<&str>::new());
    }

    fn forest(texts: &[&str]) -> (Forest, Vec<Slot>) {
        let mut forest = Forest::default();
        for (index, text) in texts.iter().enumerate() {
            let id = ResponseId::parse(&format!("r{index}")).unwrap();
            forest.insert(Response::human(id, *text, Time(index as i64))).unwrap();
        }
        let slots = forest.slots().collect();
        (forest, slots)
    }

    fn find(words: &str, slots: &[Slot], from: usize) -> Find {
        let from = Hit { slot: slots[from], part: Part::Text, start: 0 };
        Find::new(1, words.to_owned(), false, slots.to_vec(), from)
    }

    #[test]
    fn a_search_shows_the_next_place_first_and_goes_round() {
        let (forest, slots) = forest(&["x", "-", "x x", "-"]);
        let mut find = find("X", &slots, 1);
        assert!(find.step(&forest));
        assert_eq!((find.count().as_str(), find.done), ("2/3", true));
        find.go(1);
        find.go(1);
        assert_eq!(find.count(), "1/3");
        find.go(-1);
        assert_eq!(find.current().unwrap().start, 2);
    }

    #[test]
    fn a_long_text_takes_several_steps_and_loses_nothing_between_them() {
        let text = format!("{}needle{}needle", "é".repeat(STEP_BYTES / 2 - 1), " x".repeat(90_000));
        let (forest, slots) = forest(&[&text]);
        let mut find = find("NEEDLE", &slots, 0);
        let mut steps = 0;
        while !find.done {
            find.step(&forest);
            steps += 1;
        }
        assert!(steps > 3, "{steps}");
        assert_eq!(find.count(), "1/2");
    }
}
