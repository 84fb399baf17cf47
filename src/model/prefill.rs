//! Whether a model continues a given beginning: a question that tells, and what its answer means.

use super::{Message, Role};
use crate::forest::Sampling;

const QUESTION: &str =
    "Count from 1 to 9 in digits, separated by single spaces. Reply with nothing else.";
/// A beginning whose continuation is known.
const BEGINNING: &str = "1 2 3 4";
/// Enough for the count, and for a model that thinks a little before it.
const TOKENS: u32 = 64;

/// The question alone.
pub(crate) fn question() -> Vec<Message> {
    vec![Message::new(Role::User, QUESTION)]
}

/// The question with a beginning of its answer.
pub(crate) fn question_begun() -> Vec<Message> {
    vec![Message::new(Role::User, QUESTION), Message::new(Role::Assistant, BEGINNING)]
}

/// How it is asked.
pub(crate) fn sampling() -> Sampling {
    Sampling { max_tokens: Some(TOKENS), temperature: Some(0.0), ..Sampling::default() }
}

/// Whether the answer goes on from the beginning, if that can be told.
pub(crate) fn judge(text: &str) -> Option<bool> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.starts_with('5') {
        return Some(true);
    }
    digits.starts_with("12").then_some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_continuation_is_told_from_a_new_answer() {
        assert_eq!(judge(" 5 6 7 8 9"), Some(true));
        assert_eq!(judge("1 2 3 4 5"), Some(false));
        assert_eq!(judge("Sure! 1 2 3"), Some(false));
        assert_eq!(judge("I cannot"), None);
        assert_eq!(judge("42"), None);
    }
}
