//! Text is data: makes any text safe to show, measures it in cells and wraps it, by grapheme
//! cluster. Every text that reaches the terminal goes through here.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Characters without width that one cluster may carry; more of them would only serve to flood.
const MOST_MARKS: usize = 16;

/// Columns between tab stops.
const TAB: usize = 4;

/// Whether a terminal might act on this character instead of showing it.
#[must_use]
pub fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{2028}' | '\u{2029}')
        || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{206F}')
        || matches!(c, '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Whether it cannot be shown as it is: a terminal acts on it, or nobody would know that it is there.
fn is_unsafe(c: char) -> bool {
    acts(c)
        || matches!(c, '\u{00AD}' | '\u{180E}' | '\u{200B}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\0'..='\x1F' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{FFFD}')),
        '\x7F' => out.push('\u{2421}'),
        _ => {
            out.push_str("<U+");
            out.push_str(&format!("{:04X}>", c as u32));
        }
    }
}

/// One line of text with every control character, escape sequence and direction override in a
/// visible form. Tabs become spaces; line breaks become visible too.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        return Cow::Borrowed(text);
    }
    if !text.chars().any(|c| is_unsafe(c) || c as u32 >= 0x300) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut marks = 0;
    for c in text.chars() {
        if c == '\t' {
            out.extend(std::iter::repeat_n(' ', TAB));
        } else if is_unsafe(c) {
            push_visible(&mut out, c);
        } else {
            let mut buffer = [0; 4];
            let has_width = c.encode_utf8(&mut buffer).width() > 0;
            marks = if has_width { 0 } else { marks + 1 };
            if marks <= MOST_MARKS {
                out.push(c);
            } else if marks == MOST_MARKS + 1 {
                out.push('…');
            }
        }
    }
    Cow::Owned(out)
}

/// As [`visible`], with line breaks kept as they are: for text that goes to a pipe or a pager.
#[must_use]
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| (0x20..0x7F).contains(&b) || b == b'\n') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for (index, line) in text.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        out.push_str(&visible(line));
    }
    Cow::Owned(out)
}

/// Cells that a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.graphemes(true).map(UnicodeWidthStr::width).sum()
    }
}

/// The beginning of a text that fits into `cells`, with `…` where something was left out. The text
/// is made visible first.
#[must_use]
pub fn fit(text: &str, cells: usize) -> String {
    let text = visible(text);
    if width(&text) <= cells {
        return text.into_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for cluster in text.graphemes(true) {
        let wide = cluster.width();
        if used + wide + 1 > cells {
            break;
        }
        used += wide;
        out.push_str(cluster);
    }
    if cells > 0 {
        out.push('…');
    }
    out
}

/// The first words of a text as one line: line breaks and runs of spaces become one space.
#[must_use]
pub fn first_words(text: &str, cells: usize) -> String {
    // However long the text is, only its beginning is looked at.
    let text = &text[..text.floor_char_boundary(256 + cells * 32)];
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > cells * 4 {
            break;
        }
    }
    fit(&line, cells)
}

/// Whether a text contains `needle`, which must be in lower case, whatever the case of the text.
#[must_use]
pub fn contains_in_any_case(text: &str, needle: &str) -> bool {
    let Some(first) = needle.bytes().next() else { return true };
    if needle.is_ascii() {
        // Of other characters only the Kelvin sign and the dotted I have lower cases in ASCII.
        let bytes = text.as_bytes();
        let last = bytes.len().checked_sub(needle.len());
        return last.is_some_and(|last| {
            (0..=last).any(|at| {
                bytes[at].to_ascii_lowercase() == first
                    && bytes[at..at + needle.len()].eq_ignore_ascii_case(needle.as_bytes())
            })
        });
    }
    text.to_lowercase().contains(needle)
}

/// Where a line is broken: byte offsets at which each further row begins, so that no row is wider
/// than `cells` in its visible form. Breaks after spaces, and inside a word only where it is wider than a row. Spaces
/// at the end of a row may hang over.
#[must_use]
pub fn breaks(line: &str, cells: usize) -> Vec<usize> {
    let cells = cells.max(1);
    let mut rows = Vec::new();
    if line.len() <= cells && line.bytes().all(|b| (0x20..0x7F).contains(&b)) {
        return rows;
    }
    let mut used = 0;
    let mut row_start = 0;
    let mut word: Option<(usize, usize)> = None;
    for (at, cluster) in line.grapheme_indices(true) {
        let wide = width(&visible(cluster));
        if cluster == " " {
            used += 1;
            word = Some((at + 1, used));
            continue;
        }
        if used + wide > cells && at > row_start {
            match word {
                Some((start, before)) if start > row_start => {
                    rows.push(start);
                    row_start = start;
                    used -= before;
                }
                _ => {
                    rows.push(at);
                    row_start = at;
                    used = 0;
                }
            }
            word = None;
            if used + wide > cells && at > row_start {
                rows.push(at);
                row_start = at;
                used = 0;
            }
        }
        used += wide;
        if wide == 2 && is_ideograph(cluster) {
            word = Some((at + cluster.len(), used));
        }
    }
    rows
}

/// Whether a line may be broken after this cluster, as between ideographs.
pub(crate) fn is_ideograph(cluster: &str) -> bool {
    cluster.chars().next().is_some_and(|c| {
        matches!(c, '\u{2E80}'..='\u{9FFF}' | '\u{AC00}'..='\u{D7A3}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(line: &str, cells: usize) -> Vec<&str> {
        let starts = [vec![0], breaks(line, cells), vec![line.len()]].concat();
        starts.windows(2).map(|pair| &line[pair[0]..pair[1]]).collect()
    }

    #[test]
    fn rows_have_room_for_what_is_shown_of_controls() {
        assert_eq!(rows("ab\u{202e}cd", 9), ["ab", "\u{202e}c", "d"]);
        assert_eq!(rows("a\tb", 5), ["a\t", "b"]);
    }

    #[test]
    fn what_a_terminal_would_act_on_is_shown() {
        assert_eq!(visible("a\x1b[31mb\x07\0\x7f"), "a␛[31mb␇␀␡");
        assert_eq!(visible("\u{9b}31m\u{202e}x"), "<U+009B>31m<U+202E>x");
        assert_eq!(visible("one\ttwo"), "one    two");
        assert_eq!(visible("👨‍👩‍👧 e\u{301} नमस्ते"), "👨‍👩‍👧 e\u{301} नमस्ते");
        assert_eq!(visible_lines("a\r\nb"), "a␍\nb");
    }

    #[test]
    fn words_are_found_in_any_case() {
        for (text, needle, found) in [
            ("About Entropy", "entropy", true),
            ("About Entropy", "entropi", false),
            ("ÄRGER und Öl", "öl", true),
            ("日本語 ENTROPY", "entropy", true),
            ("", "a", false),
            ("a", "", true),
        ] {
            assert_eq!(contains_in_any_case(text, needle), found, "{text} {needle}");
        }
    }

    #[test]
    fn a_flood_of_marks_is_cut() {
        let flood = format!("e{}", "\u{301}".repeat(10_000));
        assert!(visible(&flood).len() < 64);
    }

    #[test]
    fn rows_break_after_spaces_and_inside_long_words_only() {
        assert_eq!(rows("the quick brown fox", 9), ["the quick ", "brown fox"]);
        assert_eq!(rows("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(rows("a abcdefgh", 4), ["a ", "abcd", "efgh"]);
        assert_eq!(rows("日本語です", 4), ["日本", "語で", "す"]);
        assert_eq!(rows("", 4), [""]);
    }

    #[test]
    fn fitting_marks_what_it_left_out() {
        assert_eq!(fit("hello", 5), "hello");
        assert_eq!(fit("hello!", 5), "hell…");
        assert_eq!(fit("日本語", 4), "日…");
        assert_eq!(first_words(" one\n two  three ", 20), "one two three");
    }

    proptest! {
        #[test]
        fn no_row_is_wider_than_asked_but_for_spaces(line in "\\PC{0,80}", cells in 2..30usize) {
            let line = visible(&line);
            let rows = rows(&line, cells);
            prop_assert_eq!(rows.concat(), line.as_ref());
            for row in rows {
                let trimmed = row.trim_end_matches(' ');
                let first = trimmed.graphemes(true).next().map_or(0, width);
                prop_assert!(width(trimmed) <= cells.max(first), "{:?}", row);
            }
        }

        #[test]
        fn nothing_unsafe_comes_through(text in any::<String>()) {
            prop_assert!(!visible(&text).chars().any(is_unsafe));
            prop_assert!(!fit(&text, 20).chars().any(is_unsafe));
            prop_assert!(width(&fit(&text, 20)) <= 20);
        }
    }
}
