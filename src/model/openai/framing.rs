//! Prepares the bytes of an answer for the parser of server-sent events, which is strict: broken
//! UTF-8 is replaced, bare lines of JSON become `data:` lines, the last event needs no blank line.
//! Also stops waiting for a server that has gone silent, and refuses lines without end.

use std::future::Future;
use std::io::Cursor;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::Stream;
use futures::stream::BoxStream;
use tokio::time::{Instant, Sleep};

/// The body of a response: the bytes as they come from the network.
pub(super) type Body = BoxStream<'static, Result<Vec<u8>, Broken>>;

/// Longest line, in bytes. No answer needs one nearly as long.
const LONGEST_LINE: usize = 64 << 20;

/// Why no more bytes come.
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Broken {
    #[error("{0}")]
    Lost(String),
    #[error("nothing came for {} seconds", .0.as_secs_f32())]
    Silent(Duration),
    #[error("a line of more than {} MB came", LONGEST_LINE >> 20)]
    Endless,
}

/// How long silence is borne: before the answer has begun, and after.
#[derive(Clone)]
pub(super) struct Patience {
    pub(super) first: Duration,
    pub(super) idle: Duration,
    /// Set by the reader once the answer has begun.
    pub(super) begun: Arc<AtomicBool>,
}

impl Patience {
    fn now(&self) -> Duration {
        if self.begun.load(Ordering::Relaxed) { self.idle } else { self.first }
    }
}

/// The bytes, prepared.
pub(super) struct Framing {
    body: Body,
    patience: Patience,
    sleep: Pin<Box<Sleep>>,
    asleep: bool,
    lines: Lines,
    ended: bool,
}

impl Framing {
    pub(super) fn new(body: Body, patience: Patience) -> Self {
        let sleep = Box::pin(tokio::time::sleep(patience.now()));
        Self { body, patience, sleep, asleep: false, lines: Lines::default(), ended: false }
    }

    /// Waits for the body, but not for ever.
    fn poll_body(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Vec<u8>, Broken>>> {
        match self.body.as_mut().poll_next(cx) {
            Poll::Ready(item) => {
                self.asleep = false;
                Poll::Ready(item)
            }
            Poll::Pending => {
                let patience = self.patience.now();
                if !self.asleep {
                    self.asleep = true;
                    self.sleep.as_mut().reset(Instant::now() + patience);
                }
                ready!(self.sleep.as_mut().poll(cx));
                Poll::Ready(Some(Err(Broken::Silent(patience))))
            }
        }
    }
}

impl Stream for Framing {
    type Item = Result<Cursor<String>, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if this.ended {
                return Poll::Ready(None);
            }
            let (result, last) = match ready!(this.poll_body(cx)) {
                Some(Ok(bytes)) => (this.lines.push(bytes), false),
                Some(Err(broken)) => (Err(broken), true),
                None => (Ok(this.lines.end()), true),
            };
            this.ended = last || result.is_err();
            match result {
                Ok(text) if text.is_empty() => {}
                Ok(text) => return Poll::Ready(Some(Ok(Cursor::new(text)))),
                Err(broken) => return Poll::Ready(Some(Err(broken))),
            }
        }
    }
}

/// Mends lines and characters; knows nothing of the network.
struct Lines {
    /// The beginning of a character whose rest did not come yet.
    cut: Vec<u8>,
    /// The next byte begins a line.
    at_start: bool,
    /// This line is bare JSON.
    bare: bool,
    /// Nothing came so far: a byte order mark may.
    fresh: bool,
    /// Bytes of this line so far.
    length: usize,
}

impl Default for Lines {
    fn default() -> Self {
        Self { cut: Vec::new(), at_start: true, bare: false, fresh: true, length: 0 }
    }
}

impl Lines {
    fn push(&mut self, bytes: Vec<u8>) -> Result<String, Broken> {
        let text = self.whole_characters(bytes);
        let text = self.events(text);
        if self.length > LONGEST_LINE { Err(Broken::Endless) } else { Ok(text) }
    }

    /// What is still missing when no more bytes come.
    fn end(&mut self) -> String {
        let rest = if self.cut.is_empty() { "\n\n" } else { "\u{fffd}\n\n" };
        self.cut.clear();
        rest.to_owned()
    }

    /// The text in `bytes`; a character that is not whole yet stays behind.
    fn whole_characters(&mut self, bytes: Vec<u8>) -> String {
        let bytes = if self.cut.is_empty() {
            bytes
        } else {
            let mut joined = std::mem::take(&mut self.cut);
            joined.extend_from_slice(&bytes);
            joined
        };
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => return text,
            Err(error) => error.into_bytes(),
        };
        let mut mended = String::with_capacity(bytes.len() + 8);
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            mended.push_str(chunk.valid());
            let invalid = chunk.invalid();
            let unfinished = chunks.peek().is_none()
                && std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            if unfinished {
                self.cut = invalid.to_vec();
            } else if !invalid.is_empty() {
                mended.push('\u{fffd}');
            }
        }
        mended
    }

    /// Makes an event of every line that begins with `{`.
    fn events(&mut self, mut text: String) -> String {
        if self.fresh && !text.is_empty() {
            self.fresh = false;
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
        }
        let begins_bare = |line: usize| text.as_bytes().get(line) == Some(&b'{');
        let has_bare = self.bare
            || (self.at_start && begins_bare(0))
            || text.match_indices('\n').any(|(newline, _)| begins_bare(newline + 1));
        if has_bare {
            return self.with_events(&text);
        }
        match text.rfind('\n') {
            Some(newline) => self.length = text.len() - newline - 1,
            None => self.length += text.len(),
        }
        if !text.is_empty() {
            self.at_start = text.ends_with('\n');
        }
        text
    }

    fn with_events(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + 64);
        for line in text.split_inclusive('\n') {
            if self.at_start && line.starts_with('{') {
                self.bare = true;
                out.push_str("\ndata: ");
            }
            out.push_str(line);
            self.at_start = line.ends_with('\n');
            self.length = if self.at_start { 0 } else { self.length + line.len() };
            if self.at_start && self.bare {
                self.bare = false;
                out.push('\n');
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn through(chunks: &[&[u8]]) -> String {
        let mut lines = Lines::default();
        let mut out = String::new();
        for chunk in chunks {
            out.push_str(&lines.push(chunk.to_vec()).unwrap());
        }
        out + &lines.end()
    }

    #[test]
    fn good_events_stay_as_they_are() {
        let text = "data: {\"a\":\"é\"}\n\n: ping\n\ndata: [DONE]";
        assert_eq!(through(&[text.as_bytes()]), format!("{text}\n\n"));
    }

    #[test]
    fn bare_json_becomes_an_event() {
        assert_eq!(
            through(&[b"{\"a\":1}\n{\"b\":2}"]),
            "\ndata: {\"a\":1}\n\n\ndata: {\"b\":2}\n\n"
        );
        assert_eq!(
            through(&[b"data: 1\n\n", b"{\"b\"", b":2}\n"]),
            "data: 1\n\n\ndata: {\"b\":2}\n\n\n\n"
        );
    }

    #[test]
    fn broken_characters_are_replaced_and_cut_ones_put_together() {
        assert_eq!(
            through(&[b"\xef\xbb\xbfa\xffb\xf0\x9f\x98", b"\x80c\xf0\x9f"]),
            "a\u{fffd}b😀c\u{fffd}\n\n"
        );
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut lines = Lines { length: LONGEST_LINE, ..Lines::default() };
        assert!(matches!(lines.push(b"xx".to_vec()), Err(Broken::Endless)));
    }

    proptest! {
        #[test]
        fn where_the_bytes_are_cut_does_not_matter(
            bytes in prop::collection::vec(prop_oneof![Just(b'\n'), Just(b'{'), Just(0xf0u8), Just(0x9f), Just(0x98), Just(0x80), any::<u8>()], 0..60),
            cuts in prop::collection::vec(1usize..9, 60),
        ) {
            let whole = through(&[&bytes]);
            let (mut parts, mut rest) = (Vec::new(), bytes.as_slice());
            for cut in cuts {
                let (part, after) = rest.split_at(cut.min(rest.len()));
                parts.push(part);
                rest = after;
            }
            parts.push(rest);
            prop_assert_eq!(through(&parts), whole);
        }
    }
}
