//! Holds tokens back as long as they could be the beginning of a text that ends the answer.

use std::collections::VecDeque;

use crate::forest::Token;

/// Tokens on their way out.
#[derive(Debug, Default)]
pub(super) struct StopFilter {
    stops: Vec<String>,
    held: VecDeque<Token>,
    /// The texts of `held`.
    text: String,
}

impl StopFilter {
    /// Empty texts among `stops` are ignored.
    pub(super) fn new(mut stops: Vec<String>) -> Self {
        stops.retain(|stop| !stop.is_empty());
        Self { stops, ..Self::default() }
    }

    /// Takes a token and moves to `ready` what can no longer be part of a stop text. Returns
    /// whether the answer ends here; then all before the stop text is in `ready`.
    pub(super) fn push(&mut self, token: Token, ready: &mut VecDeque<Token>) -> bool {
        self.text.push_str(&token.text);
        self.held.push_back(token);
        let found = self.stops.iter().filter_map(|stop| self.text.find(stop.as_str())).min();
        if let Some(at) = found {
            let rest = at - self.release(at, ready);
            if let Some(mut token) = self.held.pop_front() {
                token.text.truncate(rest);
                if !token.text.is_empty() {
                    ready.push_back(token);
                }
            }
            self.held.clear();
            self.text.clear();
            return true;
        }
        let begins = |at: &usize| {
            let tail = &self.text[*at..];
            self.stops.iter().any(|stop| stop.starts_with(tail))
        };
        let mut places = self.text.char_indices().map(|(at, _)| at);
        let keep = places.find(begins).unwrap_or(self.text.len());
        self.release(keep, ready);
        false
    }

    /// Moves everything to `ready`.
    pub(super) fn flush(&mut self, ready: &mut VecDeque<Token>) {
        self.text.clear();
        ready.append(&mut self.held);
    }

    /// Moves the tokens that end at or before `at` to `ready`; returns how long they were.
    fn release(&mut self, at: usize, ready: &mut VecDeque<Token>) -> usize {
        let mut len = 0;
        while let Some(token) = self.held.pop_front_if(|token| len + token.text.len() <= at) {
            len += token.text.len();
            ready.push_back(token);
        }
        self.text.drain(..len);
        len
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What comes out of `texts`, and whether a stop text ended it.
    fn run(stops: &[String], texts: &[String]) -> (String, bool) {
        let mut filter = StopFilter::new(stops.to_vec());
        let mut ready = VecDeque::new();
        let mut ended = false;
        for text in texts {
            ended = filter.push(Token { text: text.clone(), ..Token::default() }, &mut ready);
            if ended {
                break;
            }
        }
        if !ended {
            filter.flush(&mut ready);
        }
        (ready.into_iter().map(|token| token.text).collect(), ended)
    }

    proptest! {
        #[test]
        fn ends_at_the_first_stop_text_however_it_is_cut(
            stops in proptest::collection::vec("[ab\u{e9}]{0,3}", 0..3),
            texts in proptest::collection::vec("[abc\u{e9}]{0,3}", 0..12),
        ) {
            let whole = texts.concat();
            let at = stops.iter().filter(|s| !s.is_empty()).filter_map(|s| whole.find(s.as_str())).min();
            let (text, ended) = run(&stops, &texts);
            // A longer stop text that began earlier may be complete only after a shorter one.
            match at {
                None => prop_assert_eq!((text, ended), (whole, false)),
                Some(at) => {
                    prop_assert!(ended);
                    prop_assert!(whole.starts_with(&text));
                    prop_assert!(text.len() >= at);
                    let rest = &whole[text.len()..];
                    prop_assert!(stops.iter().any(|s| !s.is_empty() && rest.starts_with(s.as_str())));
                }
            }
        }
    }

    #[test]
    fn nothing_is_held_without_need() {
        let mut filter = StopFilter::new(vec!["\n\n".to_owned()]);
        let mut ready = VecDeque::new();
        for (text, out) in [("one", 1), ("\n", 1), ("two", 3)] {
            filter.push(Token { text: text.to_owned(), ..Token::default() }, &mut ready);
            assert_eq!(ready.len(), out);
        }
    }
}
