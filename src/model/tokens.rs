//! Makes tokens of what a server sends: texts on one side, probabilities on the other. The texts of
//! the tokens always add up to the texts that came; a probability is given only where it is certain
//! which text it belongs to.

use super::logprobs::{Bytes, Entry, Text};
use crate::forest::{Candidate, Token};

/// Probabilities that may wait for their text; more are given up.
const MOST_WAITING: usize = 64;

/// Puts texts and probabilities together.
#[derive(Default)]
pub(super) struct Tokens {
    /// Tokens whose text did not come yet: servers hold back a character that is not whole.
    waiting: Vec<Piece>,
    begun: bool,
}

/// A token of the server's list, which may be part of a character.
#[derive(Debug, Clone)]
struct Piece {
    id: u32,
    bytes: Vec<u8>,
    /// The server could not tell its bytes.
    lossy: bool,
    prob: Option<f32>,
    top: Vec<Candidate>,
}

impl Tokens {
    /// Takes the text of one chunk and the list that came with it.
    pub(super) fn push(
        &mut self,
        content: &str,
        entries: Vec<Entry<'_>>,
        out: &mut impl FnMut(Token),
    ) {
        if let ([], [entry]) = (self.waiting.as_slice(), entries.as_slice())
            && !content.is_empty()
            && entry.token.0 == content
        {
            self.begun = true;
            return out(whole(entry, content));
        }
        let known = self.waiting.len();
        self.waiting.extend(entries.iter().map(Piece::new));
        if content.is_empty() {
            let surplus = self.waiting.len().saturating_sub(MOST_WAITING);
            self.waiting.drain(..surplus);
            return;
        }
        // What waits may belong to no text at all (a marker that is not shown): try without.
        let found = (0..=known).find_map(|skipped| {
            let (tokens, used) = self.walk(&self.waiting[skipped..], content)?;
            Some((tokens, skipped + used))
        });
        self.begun = true;
        if let Some((tokens, used)) = found {
            self.waiting.drain(..used);
            tokens.into_iter().for_each(out);
        } else {
            self.waiting.clear();
            out(Token { text: content.to_owned(), ..Token::default() });
        }
    }

    /// The reasoning's tokens are not kept.
    pub(super) fn forget(&mut self) {
        self.waiting.clear();
    }

    /// Follows `content` through `pieces`; also says how many were used.
    fn walk(&self, pieces: &[Piece], content: &str) -> Option<(Vec<Token>, usize)> {
        let mut tokens = Vec::new();
        let (mut at, mut next) = (0, 0);
        while at < content.len() {
            let Some(piece) = pieces.get(next) else {
                tokens.push(Token { text: content[at..].to_owned(), ..Token::default() });
                break;
            };
            if piece.bytes.is_empty() {
                next += 1;
                continue;
            }
            let rest = &content[at..];
            let first = at == 0 && !self.begun;
            let (text, count) = group(&pieces[next..], rest)
                .or_else(|| first.then(|| without_space(piece, rest)).flatten())?;
            tokens.push(join(&pieces[next..next + count], text));
            at += text.len();
            next += count;
        }
        Some((tokens, next))
    }
}

/// The text of the first pieces that make whole characters, and how many they are.
fn group<'a>(pieces: &[Piece], rest: &'a str) -> Option<(&'a str, usize)> {
    let mut length = 0;
    for (index, piece) in pieces.iter().enumerate() {
        if !rest.as_bytes()[length..].starts_with(&piece.bytes) {
            break;
        }
        length += piece.bytes.len();
        if length > 0 && rest.is_char_boundary(length) {
            return Some((&rest[..length], index + 1));
        }
    }
    lossy_group(pieces, rest)
}

/// Where the bytes are not known: the text up to where the next known piece begins.
fn lossy_group<'a>(pieces: &[Piece], rest: &'a str) -> Option<(&'a str, usize)> {
    let count = pieces.iter().take_while(|piece| piece.lossy).count();
    if count == 0 {
        return None;
    }
    let Some(after) = pieces[count..].iter().find(|piece| !piece.bytes.is_empty()) else {
        return Some((rest, count));
    };
    let after = std::str::from_utf8(&after.bytes).ok()?;
    let end =
        rest.char_indices().skip(1).map(|(at, _)| at).find(|&at| rest[at..].starts_with(after))?;
    Some((&rest[..end], count))
}

/// Some servers take away the space in front of the first word, but not in their list.
fn without_space<'a>(piece: &Piece, rest: &'a str) -> Option<(&'a str, usize)> {
    let text = std::str::from_utf8(&piece.bytes).ok()?;
    let bare = text.trim_start_matches([' ', '\u{2581}']);
    (!bare.is_empty() && rest.starts_with(bare)).then(|| (&rest[..bare.len()], 1))
}

/// One token of the pieces of a character: as likely as all of them in a row.
fn join(pieces: &[Piece], text: &str) -> Token {
    let [first, others @ ..] = pieces else { return Token::default() };
    if others.is_empty() {
        let top_k = first.top.clone();
        return Token { token_id: first.id, text: text.to_owned(), prob: first.prob, top_k };
    }
    let prob =
        others.iter().try_fold(first.prob, |product, piece| Some(Some(product? * piece.prob?)));
    let prob = prob.flatten();
    let mut top_k = first.top.clone();
    if let Some(prob) = prob
        && !top_k.is_empty()
    {
        let place = top_k.partition_point(|candidate| candidate.prob >= prob);
        top_k.insert(place, Candidate { token_id: 0, text: text.to_owned(), prob });
    }
    Token { token_id: 0, text: text.to_owned(), prob, top_k }
}

/// The usual case: one token, whose text is all that came.
fn whole(entry: &Entry<'_>, text: &str) -> Token {
    Token {
        token_id: entry.id.unwrap_or(0),
        text: text.to_owned(),
        prob: probability(entry.logprob),
        top_k: candidates(entry, true),
    }
}

impl Piece {
    fn new(entry: &Entry<'_>) -> Self {
        let bytes = entry.bytes.as_ref().map(Bytes::get).filter(|bytes| !bytes.is_empty());
        let bytes = bytes.unwrap_or_else(|| entry.token.0.as_bytes().to_vec());
        let lossy = std::str::from_utf8(&bytes).is_ok_and(|text| text.contains('\u{fffd}'));
        let (prob, top) = (probability(entry.logprob), candidates(entry, false));
        Self { id: entry.id.unwrap_or(0), bytes, lossy, prob, top }
    }
}

/// The candidates that are texts by themselves, best first. `readable`: the server writes tokens as
/// they are.
fn candidates(entry: &Entry<'_>, readable: bool) -> Vec<Candidate> {
    let Some(top) = &entry.top_logprobs else { return Vec::new() };
    let mut candidates = Vec::with_capacity(top.len());
    for top in top {
        let text = candidate_text(&top.token, top.bytes.as_ref(), readable);
        if let (Some(text), Some(prob)) = (text, probability(top.logprob)) {
            candidates.push(Candidate { token_id: top.id.unwrap_or(0), text, prob });
        }
    }
    if !candidates.is_sorted_by(|a, b| a.prob >= b.prob) {
        candidates.sort_by(|a, b| b.prob.total_cmp(&a.prob));
    }
    candidates
}

fn candidate_text(token: &Text<'_>, bytes: Option<&Bytes<'_>>, readable: bool) -> Option<String> {
    let token = &token.0;
    let plain = readable && !token.is_empty() && token.is_ascii() && !token.contains('\\');
    let bytes = bytes.filter(|_| !plain).map(Bytes::get).filter(|bytes| !bytes.is_empty());
    let text = match bytes {
        Some(bytes) => String::from_utf8(bytes).ok()?,
        None => token.clone().into_owned(),
    };
    (plain || !text.contains('\u{fffd}')).then_some(text)
}

fn probability(logprob: Option<f64>) -> Option<f32> {
    let prob = logprob?.exp() as f32;
    (!prob.is_nan()).then_some(prob.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn entry(token: &str, prob: f64, bytes: Option<&[u8]>) -> Entry<'static> {
        Entry {
            token: Text(token.to_owned().into()),
            logprob: Some(prob.ln()),
            bytes: bytes.map(|bytes| Bytes::Read(bytes.to_vec())),
            ..Entry::default()
        }
    }

    fn through(chunks: Vec<(&str, Vec<Entry<'static>>)>) -> Vec<(String, Option<f32>)> {
        let mut tokens = Tokens::default();
        let mut out = Vec::new();
        for (content, entries) in chunks {
            tokens.push(content, entries, &mut |token: Token| {
                out.push((token.text, token.prob.map(|prob| (prob * 100.0).round() / 100.0)));
            });
        }
        out
    }

    fn token(text: &str, prob: f32) -> (String, Option<f32>) {
        (text.to_owned(), Some(prob))
    }

    #[test]
    fn one_token_and_several_in_a_chunk() {
        assert_eq!(through(vec![("a", vec![entry("a", 0.5, None)])]), [token("a", 0.5)]);
        let two = vec![entry("ab", 0.5, None), entry("c", 0.25, None)];
        assert_eq!(through(vec![("abc", two)]), [token("ab", 0.5), token("c", 0.25)]);
    }

    #[test]
    fn a_character_split_over_tokens_becomes_one_token() {
        let (a, b) = (&"😀".as_bytes()[..2], &"😀".as_bytes()[2..]);
        let all_at_once = vec![(
            "😀!",
            vec![
                entry("\\xf0\\x9f", 0.5, Some(a)),
                entry("\\x98\\x80", 0.5, Some(b)),
                entry("!", 0.9, Some(b"!")),
            ],
        )];
        let expected = [token("😀", 0.25), token("!", 0.9)];
        assert_eq!(through(all_at_once), expected);
        let held_back = vec![
            ("", vec![entry("\u{fffd}", 0.5, Some(a))]),
            ("😀", vec![entry("\u{fffd}", 0.5, Some(b))]),
            ("!", vec![entry("!", 0.9, Some(b"!"))]),
        ];
        assert_eq!(through(held_back), expected);
        let lossy = || entry("\u{fffd}", 0.5, Some("\u{fffd}".as_bytes()));
        let bytes_lost = vec![("😀!", vec![lossy(), lossy(), entry("!", 0.9, Some(b"!"))])];
        assert_eq!(through(bytes_lost), expected);
        assert_eq!(through(vec![("😀", vec![lossy(), lossy()])]), [token("😀", 0.25)]);
    }

    #[test]
    fn text_without_probabilities_is_not_held_back() {
        assert_eq!(through(vec![("ab", vec![])]), [("ab".to_owned(), None)]);
        let some = through(vec![("abc", vec![entry("a", 0.5, None)])]);
        assert_eq!(some, [token("a", 0.5), ("bc".to_owned(), None)]);
    }

    #[test]
    fn a_list_that_does_not_fit_gives_no_probabilities() {
        let wrong = vec![("abc", vec![entry("x", 0.5, None), entry("y", 0.5, None)])];
        assert_eq!(through(wrong), [("abc".to_owned(), None)]);
        let last_part_only = vec![("😀", vec![entry("?", 0.5, Some(&[0x80]))])];
        assert_eq!(through(last_part_only), [("😀".to_owned(), None)]);
    }

    #[test]
    fn markers_without_text_do_not_disturb() {
        let chunks = vec![
            ("", vec![entry("<|start|>", 0.9, None)]),
            ("a", vec![entry("a", 0.5, None)]),
            ("", vec![entry("<|end|>", 0.9, None)]),
        ];
        assert_eq!(through(chunks), [token("a", 0.5)]);
        let empty = vec![("a", vec![entry("", 0.9, None), entry("a", 0.5, None)])];
        assert_eq!(through(empty), [token("a", 0.5)]);
    }

    #[test]
    fn the_first_word_may_lack_its_space() {
        let chunks =
            vec![("Hi", vec![entry(" Hi", 0.5, None)]), ("Hi", vec![entry(" Hi", 0.5, None)])];
        assert_eq!(through(chunks), [token("Hi", 0.5), ("Hi".to_owned(), None)]);
    }

    #[test]
    fn candidates_are_sorted_and_only_whole_texts() {
        let top = |token: &str, prob: f64, bytes: Option<&[u8]>| crate::model::logprobs::Top {
            token: Text(token.to_owned().into()),
            logprob: Some(prob.ln()),
            bytes: bytes.map(|bytes| Bytes::Read(bytes.to_vec())),
            ..Default::default()
        };
        let mut a = entry("a", 0.5, None);
        a.top_logprobs = Some(vec![
            top("b", 0.2, None),
            top("a", 0.5, Some(b"a")),
            top("\u{fffd}", 0.1, Some(&[0xf0])),
            top("c", f64::NAN, None),
        ]);
        let mut out = Vec::new();
        Tokens::default().push("a", vec![a], &mut |token: Token| out.push(token));
        let texts: Vec<&str> = out[0].top_k.iter().map(|c| c.text.as_str()).collect();
        assert_eq!(texts, ["a", "b"]);
    }

    #[test]
    fn probabilities_stay_within_bounds() {
        assert_eq!(probability(Some(-9999.0)), Some(0.0));
        assert_eq!(probability(Some(0.1)), Some(1.0));
        assert_eq!(probability(Some(f64::NAN)), None);
        assert_eq!(probability(Some(f64::INFINITY)), Some(1.0));
        assert_eq!(probability(None), None);
    }

    proptest! {
        #[test]
        fn the_texts_always_add_up(
            chunks in prop::collection::vec(
                ("[ab😀é\u{fffd} ]{0,4}", prop::collection::vec(("[ab😀é\u{fffd} ]{0,3}", any::<bool>(), 0usize..4), 0..4)),
                0..12,
            )
        ) {
            let mut tokens = Tokens::default();
            let (mut sent, mut got) = (String::new(), String::new());
            for (content, entries) in &chunks {
                sent.push_str(content);
                let entries = entries.iter().map(|(text, bytes, cut)| {
                    let bytes = bytes.then(|| &text.as_bytes()[(*cut).min(text.len())..]);
                    entry(text, 0.5, bytes)
                });
                tokens.push(content, entries.collect(), &mut |t: Token| got.push_str(&t.text));
            }
            prop_assert_eq!(sent, got);
        }

        #[test]
        fn characters_cut_anywhere_are_put_together(text in "[ab😀é한]{1,20}", cuts in prop::collection::vec(1usize..4, 80)) {
            let (mut entries, mut rest) = (Vec::new(), text.as_bytes());
            for cut in cuts {
                let (part, after) = rest.split_at(cut.min(rest.len()));
                if !part.is_empty() {
                    entries.push(entry(&String::from_utf8_lossy(part), 0.5, Some(part)));
                }
                rest = after;
            }
            let mut out = Vec::new();
            Tokens::default().push(&text, entries, &mut |token: Token| out.push(token));
            prop_assert!(out.iter().all(|token| token.prob.is_some()));
            prop_assert_eq!(out.iter().map(|t| t.text.as_str()).collect::<String>(), text);
        }
    }
}
