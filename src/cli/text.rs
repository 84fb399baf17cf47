//! Text for a terminal: what could move the cursor, change colours or turn the direction of
//! writing is shown in a visible form instead of being sent.

use std::borrow::Cow;

/// `text` with every control character in a visible form; line breaks and tabs stay.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    replaced(text, |c| is_dangerous(c) && c != '\n' && c != '\t')
}

/// As [`visible`], on one line.
pub(super) fn visible_line(text: &str) -> Cow<'_, str> {
    replaced(text, is_dangerous)
}

fn replaced(text: &str, hide: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&hide) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hide(c) { push_visible(&mut shown, c) } else { shown.push(c) }
    }
    Cow::Owned(shown)
}

fn push_visible(shown: &mut String, c: char) {
    let picture = match u32::from(c) {
        code @ 0..=0x1f => char::from_u32(0x2400 + code),
        0x7f => Some('\u{2421}'),
        _ => None,
    };
    match picture {
        Some(picture) => shown.push(picture),
        None => shown.push_str(&format!("<U+{:04X}>", u32::from(c))),
    }
}

/// Controls, marks and overrides of the writing direction, odd line breaks, invisible tags.
fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{202a}'
                ..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e007f}'
        )
}

/// The first words of `text` on one line, at most `width` characters.
pub(super) fn first_words(text: &str, width: usize) -> String {
    let mut words = String::new();
    let mut length = 0;
    for word in text.split_whitespace() {
        let longer = length + usize::from(length > 0) + word.chars().count();
        if longer > width {
            words.extend((length == 0).then(|| word.chars().take(width.saturating_sub(1))).into_iter().flatten());
            words.push('…');
            break;
        }
        if length > 0 {
            words.push(' ');
        }
        words.push_str(word);
        length = longer;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_text_is_untouched() {
        let text = "Grüße,\n\t世界 👩‍👩‍👧 עברית";
        assert!(matches!(visible(text), Cow::Borrowed(same) if same == text));
    }

    #[test]
    fn escapes_and_overrides_are_shown_not_sent() {
        assert_eq!(visible("\u{1b}[31m\u{7}\r\n"), "␛[31m␇␍\n");
        assert_eq!(visible("a\u{202e}b\u{9b}c\u{7f}"), "a<U+202E>b<U+009B>c␡");
        assert_eq!(visible_line("a\nb\tc"), "a␊b␉c");
    }

    #[test]
    fn first_words_are_cut_at_a_word() {
        assert_eq!(first_words("Why does\n entropy increase?", 16), "Why does entropy…");
        assert_eq!(first_words("short", 16), "short");
        assert_eq!(first_words("Donaudampfschiff", 6), "Donau…");
    }
}
