//! What the chat pane says about messages.

/// The title of the pane where the path has no fork.
pub const TITLE: &str = "Chat";
/// Who said something.
pub const YOU: &str = "You";
/// Who answered.
pub const GROK: &str = "Grok";
/// The response that it answers is not in the store.
pub const NO_PARENT: &str = "its parent is missing";
/// A person wrote it in the model's name.
pub const BY_HAND: &str = "✎ by hand";
/// It is a changed copy of another one.
pub const EDITED: &str = "edited";
/// The path to it is public.
pub const SHARED: &str = "shared";
/// In the title of the pane: the beginning of the path.
pub const ROOT: &str = "root";

/// Why a server has ended an answer before its end, in its own word for it.
#[must_use]
pub fn ended_early(reason: &str) -> Option<&'static str> {
    match reason {
        "length" => Some("cut at its limit"),
        "content_filter" => Some("ended by a filter"),
        _ => None,
    }
}

/// In the title of the pane: a turn of the path, from 1.
#[must_use]
pub fn turn(number: usize) -> String {
    format!("t{number}")
}

/// How long an answer is.
#[must_use]
pub fn tokens(count: u64) -> String {
    format!("{count} tok")
}

/// What an answer has cost.
#[must_use]
pub fn cost(dollars: f64) -> String {
    format!("${dollars:.4}")
}

/// The path goes on below the screen. `key` goes to its end.
#[must_use]
pub fn more_below(key: Option<&str>) -> String {
    key.map_or(" more below ".to_owned(), |key| format!(" more below · {key} "))
}

/// How an answer fares, in words that get fewer: `speed` in tokens per second, or seconds in which
/// nothing came. `key` stops it; `None`: it is told to stop, or no key does that.
#[must_use]
pub fn streaming(
    tokens: u32,
    speed: Option<f32>,
    silent: Option<i64>,
    stopping: bool,
    key: Option<&str>,
) -> [String; 3] {
    let speed = match (silent, speed) {
        (Some(seconds), _) => format!(" · nothing for {}", duration(seconds)),
        (None, Some(speed)) => format!(" · {speed:.0} tok/s"),
        (None, None) => String::new(),
    };
    let stop = match key {
        _ if stopping => " · stopping".to_owned(),
        Some(key) => format!(" · {key} stops"),
        None => String::new(),
    };
    [
        format!(" ▮ streaming {tokens} tok{speed}{stop}"),
        format!(" ▮ {tokens} tok{speed}{stop}"),
        format!(" ▮ {tokens} tok{stop}"),
    ]
}

/// At the seam between an incomplete response and what goes on from it; `position`: which of how many.
#[must_use]
pub fn continued(position: &str) -> String {
    format!("┈ continued {position}").trim_end().to_owned()
}

/// A picture that came with a message.
#[must_use]
pub fn picture(facts: &str) -> String {
    format!("▣ {facts}")
}

/// A search that an answer rests on. `kind`: where it was searched; empty where that is not known.
#[must_use]
pub fn searched(kind: &str, query: &str) -> String {
    match kind {
        "" => format!("⌕ {query}"),
        kind => format!("⌕ {kind}: {query}"),
    }
}

/// What an answer that has not begun waits for, in words of the backend.
#[must_use]
pub fn waiting_for(notice: &str) -> String {
    format!("▯ {notice}")
}

/// What the model thinks before an answer has begun, its last words.
#[must_use]
pub fn thinks(tail: &str) -> String {
    format!("thinking… {tail}")
}

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

fn duration(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds} s"),
        _ => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

/// The line for reasoning that is complete. `seconds`: how long it took, where that is known.
#[must_use]
pub fn thought(open: bool, seconds: Option<i64>, words: usize) -> String {
    let time = seconds.map_or(String::new(), |seconds| format!(" for {}", duration(seconds)));
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

/// The same of a question; `key` takes it up to be changed.
#[must_use]
pub fn last_question_of(count: usize, key: &str) -> String {
    format!("The last of {count}; {key} asks it in other words")
}

/// The first sibling is on the screen.
pub const FIRST: &str = "This is the first";
/// The model added nothing to what it was given.
pub const ADDED_NOTHING: &str = "(Grok added nothing)";

/// A message has no answer; `again` asks for one.
#[must_use]
pub fn not_answered(again: &str) -> String {
    format!("⚠ not answered · {again} asks for an answer")
}

/// A message was answered, but not on this path.
pub const ANSWERED_BESIDE: &str = "answered in another branch";

/// An incomplete answer grew while another program had it. `on` continues it.
#[must_use]
pub fn elsewhere(on: &str) -> String {
    format!("▯ another program is receiving it; if that has ended, {on} continues it")
}

/// An answer has not begun.
#[must_use]
pub fn waiting(stop: &str) -> String {
    format!("▯ waiting for the first token · {stop} stops")
}

/// An answer has no end; `why`, if it is known. `on` continues it.
#[must_use]
pub fn incomplete(why: &str, on: &str) -> String {
    let why = if why.is_empty() { String::new() } else { format!(": {why}") };
    format!("⚠ incomplete{why} · {on} continues it")
}

/// An answer never began. `again` tries once more.
#[must_use]
pub fn no_answer(why: &str, again: &str) -> String {
    format!("⚠ no answer: {why} · {again} tries again")
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
