//! The stored form of tokens. A blob is a sequence of chunks, so that two blobs of adjoining text
//! are joined by writing one after the other. Texts of chosen tokens are not repeated: a chunk
//! says how many bytes of the message each takes.
//!
//! Chunk: version 1, then varints: bytes of message covered, whether texts are in the blob (1) or
//! in the message (0), tokens. Token: varint id, varint length, [text], varint twice the number
//! of candidates plus one if its probability is known, [f32], candidates (id, length, text, f32).

use crate::forest::{Candidate, Token};

const VERSION: u8 = 1;

/// A blob that this program did not write, or that was damaged.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Corrupt;

/// The chunk for a piece of the message. Without tokens it still takes its place.
pub(super) fn encode(text: &str, tokens: &[Token]) -> Vec<u8> {
    let mut out = Vec::with_capacity(8 + tokens.len() * 8);
    let inline = !adds_up(text, tokens);
    out.push(VERSION);
    put_varint(&mut out, text.len() as u64);
    put_varint(&mut out, u64::from(inline));
    put_varint(&mut out, tokens.len() as u64);
    for token in tokens {
        put_token(&mut out, token, inline);
    }
    out
}

/// The chunk for `bytes` of message of which no tokens are known.
pub(super) fn skip(bytes: usize) -> Vec<u8> {
    let mut out = vec![VERSION];
    put_varint(&mut out, bytes as u64);
    out.extend([0, 0]);
    out
}

/// The tokens of `message`.
pub(super) fn decode(blob: &[u8], message: &str) -> Result<Vec<Token>, Corrupt> {
    let mut input = Input { rest: blob };
    let mut tokens = Vec::new();
    let mut start = 0_usize;
    while !input.rest.is_empty() {
        if input.byte()? != VERSION {
            return Err(Corrupt);
        }
        let end = start.checked_add(input.length()?).ok_or(Corrupt)?;
        let covered = message.get(start..end).ok_or(Corrupt)?;
        input.chunk(covered, &mut tokens)?;
        start = end;
    }
    Ok(tokens)
}

fn adds_up(text: &str, tokens: &[Token]) -> bool {
    let mut rest = text;
    tokens.iter().all(|token| match rest.strip_prefix(token.text.as_str()) {
        Some(after) => {
            rest = after;
            true
        }
        None => false,
    })
}

fn put_token(out: &mut Vec<u8>, token: &Token, inline: bool) {
    put_varint(out, u64::from(token.token_id));
    put_varint(out, token.text.len() as u64);
    if inline {
        out.extend(token.text.as_bytes());
    }
    put_varint(out, (token.top_k.len() as u64) << 1 | u64::from(token.prob.is_some()));
    if let Some(prob) = token.prob {
        out.extend(prob.to_le_bytes());
    }
    for candidate in &token.top_k {
        put_varint(out, u64::from(candidate.token_id));
        put_varint(out, candidate.text.len() as u64);
        out.extend(candidate.text.as_bytes());
        out.extend(candidate.prob.to_le_bytes());
    }
}

fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn chunk(&mut self, covered: &str, tokens: &mut Vec<Token>) -> Result<(), Corrupt> {
        let inline = self.varint()? != 0;
        let count = self.length()?;
        // A token takes three bytes or more: a count beyond that is not believed.
        tokens.reserve(count.min(self.rest.len() / 3));
        let mut from_message = Input { rest: covered.as_bytes() };
        for _ in 0..count {
            let token_id = self.id()?;
            let length = self.length()?;
            let text = if inline { self.text(length)? } else { from_message.text(length)? };
            let packed = self.length()?;
            let prob = if packed & 1 == 1 { Some(self.float()?) } else { None };
            let top_k = self.candidates(packed >> 1)?;
            tokens.push(Token { token_id, text, prob, top_k });
        }
        Ok(())
    }

    fn candidates(&mut self, count: usize) -> Result<Vec<Candidate>, Corrupt> {
        // A candidate takes six bytes or more.
        let mut candidates = Vec::with_capacity(count.min(self.rest.len() / 6));
        for _ in 0..count {
            let token_id = self.id()?;
            let length = self.length()?;
            candidates.push(Candidate { token_id, text: self.text(length)?, prob: self.float()? });
        }
        Ok(candidates)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Corrupt> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Corrupt)?;
        self.rest = rest;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Corrupt> {
        self.take(1)?.first().copied().ok_or(Corrupt)
    }

    fn text(&mut self, length: usize) -> Result<String, Corrupt> {
        let text = std::str::from_utf8(self.take(length)?).map_err(|_| Corrupt)?;
        Ok(text.to_owned())
    }

    fn float(&mut self) -> Result<f32, Corrupt> {
        let bytes = self.take(4)?.try_into().map_err(|_| Corrupt)?;
        Ok(f32::from_le_bytes(bytes))
    }

    fn id(&mut self) -> Result<u32, Corrupt> {
        u32::try_from(self.varint()?).map_err(|_| Corrupt)
    }

    fn length(&mut self) -> Result<usize, Corrupt> {
        usize::try_from(self.varint()?).map_err(|_| Corrupt)
    }

    fn varint(&mut self) -> Result<u64, Corrupt> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return Err(Corrupt);
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Corrupt)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn token() -> impl Strategy<Value = Token> {
        let candidate = (any::<u32>(), ".{0,4}", 0f32..1.0)
            .prop_map(|(token_id, text, prob)| Candidate { token_id, text, prob });
        let top_k = prop::collection::vec(candidate, 0..4);
        (any::<u32>(), "\\PC{0,5}|\0", prop::option::of(0f32..=1.0), top_k)
            .prop_map(|(token_id, text, prob, top_k)| Token { token_id, text, prob, top_k })
    }

    fn tokens() -> impl Strategy<Value = Vec<Token>> {
        prop::collection::vec(token(), 0..12)
    }

    fn text_of(tokens: &[Token]) -> String {
        tokens.iter().map(|token| token.text.as_str()).collect()
    }

    proptest! {
        #[test]
        fn joined_chunks_give_the_tokens_back(pieces in prop::collection::vec(tokens(), 0..5)) {
            let message = "before".to_owned() + &pieces.iter().map(|p| text_of(p)).collect::<String>();
            let mut blob = skip("before".len());
            for piece in &pieces {
                blob.extend(encode(&text_of(piece), piece));
            }
            prop_assert_eq!(decode(&blob, &message), Ok(pieces.concat()));
        }

        #[test]
        fn tokens_that_do_not_add_up_keep_their_texts(tokens in tokens(), text in ".{0,20}") {
            prop_assert_eq!(decode(&encode(&text, &tokens), &text), Ok(tokens));
        }

        #[test]
        fn damaged_bytes_are_no_panic(bytes: Vec<u8>, text in ".{0,20}") {
            let _ = decode(&bytes, &text);
        }

        #[test]
        fn one_changed_byte_is_no_panic(tokens in tokens(), at: prop::sample::Index, byte: u8) {
            let message = text_of(&tokens);
            let mut blob = encode(&message, &tokens);
            let at = at.index(blob.len());
            blob[at] = byte;
            let _ = decode(&blob, &message);
        }
    }

    #[test]
    fn a_chunk_beyond_the_message_is_refused() {
        assert_eq!(decode(&skip(3), "ab"), Err(Corrupt));
        assert_eq!(decode(&skip(1), "ü"), Err(Corrupt));
    }

    #[test]
    fn a_token_with_its_probability_takes_seven_bytes() {
        let token = Token { text: "ab".into(), prob: Some(0.5), ..Token::default() };
        let tokens = vec![token; 100];
        assert_eq!(encode(&text_of(&tokens), &tokens).len(), 5 + 700);
    }
}
