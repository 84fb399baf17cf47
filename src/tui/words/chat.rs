//! What the chat pane says about messages.

/// Whether something folded is open.
fn mark(open: bool) -> char {
    if open { '▾' } else { '▸' }
}

/// 1234567 as `1,234,567`.
#[must_use]
pub fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", thousands(number), if number == 1 { one } else { many })
}

/// The line for reasoning that is complete. `seconds`: how long it took, where that is known.
#[must_use]
pub fn thought(open: bool, seconds: Option<i64>, words: usize) -> String {
    let time = seconds.map_or(String::new(), |seconds| match seconds {
        ..60 => format!(" for {seconds} s"),
        _ => format!(" for {} min {} s", seconds / 60, seconds % 60),
    });
    format!("{} thought{time} · {}", mark(open), counted(words, "word", "words"))
}

/// The line for reasoning that is being received.
#[must_use]
pub fn thinking(open: bool, words: usize) -> String {
    format!("{} thinking… · {}", mark(open), counted(words, "word", "words"))
}

/// The line for the sources of an answer.
#[must_use]
pub fn sources(open: bool, count: usize) -> String {
    format!("{} {}", mark(open), counted(count, "source", "sources"))
}

/// The title of the line that asks for words to find.
#[must_use]
pub fn find(everywhere: bool) -> &'static str {
    if everywhere {
        "Find in all branches · Tab: only on the path"
    } else {
        "Find in the conversation · Tab: in all branches"
    }
}

/// Said where words are nowhere.
#[must_use]
pub fn not_found(words: &str) -> String {
    format!("“{words}” is nowhere in this conversation")
}

/// Said when there is nothing to look for yet. `key` asks for words.
#[must_use]
pub fn nothing_to_find(key: &str) -> String {
    format!("Nothing was looked for yet; {key} asks for words")
}

/// Said where there is nothing to unfold.
pub const NOTHING_FOLDED: &str = "This message has neither reasoning nor sources";

/// The last sibling is on the screen; `key` samples one more.
#[must_use]
pub fn last_of(count: usize, key: &str) -> String {
    format!("The last of {count}; {key} samples another")
}

/// The first sibling is on the screen.
pub const FIRST: &str = "This is the first";
/// The model added nothing to what it was given.
pub const ADDED_NOTHING: &str = "(Grok added nothing)";
/// A message has no answer.
pub const NOT_ANSWERED: &str = "⚠ not answered · r asks for an answer";
/// An answer has not begun.
pub const WAITING: &str = "▯ waiting for the first token · Esc stops";

/// An answer has no end; `why`, if it is known.
#[must_use]
pub fn incomplete(why: &str) -> String {
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    format!("⚠ incomplete{why} · c continues it")
}

/// An answer never began.
#[must_use]
pub fn no_answer(why: &str) -> String {
    format!("⚠ no answer: {why} · r tries again")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folded_parts_are_named_with_their_size() {
        assert_eq!(thought(false, Some(12), 1_234), "▸ thought for 12 s · 1,234 words");
        assert_eq!(thought(true, None, 1), "▾ thought · 1 word");
        assert_eq!(
            thought(true, Some(75), 1_000_000),
            "▾ thought for 1 min 15 s · 1,000,000 words"
        );
        assert_eq!(sources(false, 5), "▸ 5 sources");
    }
}
