//! Takes away the text to continue where a server repeats it in front of the continuation.

use crate::forest::Token;

/// Holds tokens back only as long as the answer is, so far, a repetition of the given beginning:
/// with most answers the first token already decides.
#[derive(Default)]
pub(super) struct Echo {
    /// What may be repeated; empty once that is decided.
    prefix: String,
    /// How much of it was repeated so far, in bytes.
    repeated: usize,
    held: Vec<Token>,
}

impl Echo {
    /// Watches for `prefix`; an empty one for nothing.
    pub(super) fn new(prefix: &str) -> Self {
        Self { prefix: prefix.to_owned(), ..Self::default() }
    }

    /// Hands the tokens that may go on to `out`.
    pub(super) fn push(&mut self, token: Token, out: &mut impl FnMut(Token)) {
        if self.prefix.is_empty() {
            return out(token);
        }
        let rest = &self.prefix[self.repeated..];
        if let Some(new) = token.text.strip_prefix(rest) {
            let new = Token { text: new.to_owned(), ..Token::default() };
            *self = Self::default();
            if !new.text.is_empty() {
                out(new);
            }
        } else if rest.starts_with(&token.text) {
            self.repeated += token.text.len();
            self.held.push(token);
        } else {
            self.flush(out);
            out(token);
        }
    }

    /// The answer is over, or is no repetition: hands out what was held back.
    pub(super) fn flush(&mut self, out: &mut impl FnMut(Token)) {
        std::mem::take(self).held.into_iter().for_each(out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn through(prefix: &str, texts: &[&str]) -> Vec<String> {
        let mut echo = Echo::new(prefix);
        let mut out = Vec::new();
        let mut push = |token: Token| out.push(token.text);
        for text in texts {
            echo.push(Token { text: (*text).to_owned(), ..Token::default() }, &mut push);
        }
        echo.flush(&mut push);
        out
    }

    #[test]
    fn a_repeated_beginning_is_taken_away() {
        assert_eq!(through("Once upon", &["On", "ce", " upon", " a", " time"]), [" a", " time"]);
        assert_eq!(through("Once upon", &["Once upon a", " time"]), [" a", " time"]);
        assert_eq!(through("é", &["é", "!"]), ["!"]);
    }

    #[test]
    fn anything_else_stays_whole() {
        assert_eq!(through("Once upon", &[" a", " time"]), [" a", " time"]);
        assert_eq!(through("Once upon", &["Once", " more"]), ["Once", " more"]);
        assert_eq!(through("Once upon", &["Once"]), ["Once"]);
        assert_eq!(through("", &["Once"]), ["Once"]);
    }

    #[test]
    fn only_the_first_repetition_is_taken_away() {
        assert_eq!(through("ha", &["ha", "ha", "ha"]), ["ha", "ha"]);
    }
}
