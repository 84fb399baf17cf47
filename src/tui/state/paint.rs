//! The colours of code blocks, as far as they are known: which lines have them, which are asked for.

use std::borrow::Cow;
use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::tui::highlight::{Done, Outcome};
use crate::tui::theme::Role;

/// Code of a block beyond this, in bytes, stays plain.
pub const LONGEST: usize = 256 << 10;
/// Code that is asked for at once, in bytes; more only for one long line.
const ONE_JOB: usize = 16 << 10;

/// The colours of one code block. They are those of its lines, whatever the width of the screen.
#[derive(Debug, Default)]
pub struct Paint {
    /// Bytes of each piece in its visible form, and what it is.
    pieces: Vec<(u16, Role)>,
    /// For each line, where its pieces end.
    lines: Vec<u32>,
    /// Bytes of code in these lines.
    done: usize,
    asked: bool,
    plain: bool,
}

impl Paint {
    /// The pieces of a line; none if it is plain, or not known yet.
    pub fn line(&self, line: usize) -> &[(u16, Role)] {
        let end = self.lines.get(line).map_or(0, |&end| end as usize);
        let before = line.checked_sub(1).and_then(|before| self.lines.get(before));
        let start = before.map_or(0, |&end| end as usize);
        self.pieces.get(start..end).unwrap_or_default()
    }

    /// Whether `line` has no colours yet, but may get some.
    pub fn lacks(&self, line: usize) -> bool {
        !self.plain && !self.asked && line >= self.lines.len() && self.done < LONGEST
    }

    /// The lines of `code` that are to be asked for next, if `line` has no colours yet. The last line
    /// of a block that `grows` is waited for.
    pub fn wants<'a>(&mut self, line: usize, code: &'a str, grows: bool) -> Option<Wanted<'a>> {
        if !self.lacks(line) {
            return None;
        }
        let rest = code.get(self.done..)?;
        let most = rest.floor_char_boundary(ONE_JOB);
        let cut = match rest[..most].rfind('\n').or_else(|| rest.find('\n')) {
            Some(_) if !grows && most == rest.len() => rest.len(),
            Some(at) => at + 1,
            None if grows => 0,
            None => rest.len(),
        };
        if cut == 0 {
            return None;
        }
        self.asked = true;
        Some(Wanted { line: self.lines.len(), lines: &rest[..cut] })
    }

    /// Lines were coloured. Those that were not asked for are dropped.
    pub fn take_in(&mut self, done: Done) {
        if !self.asked || done.line != self.lines.len() {
            return;
        }
        self.asked = false;
        match done.outcome {
            Outcome::Coloured => {}
            Outcome::Unknown => self.plain = true,
            Outcome::Forgotten => {
                *self = Self::default();
                return;
            }
        }
        self.done += done.bytes;
        for line in done.lines {
            let pieces = line.into_iter();
            let pieces =
                pieces.map(|(bytes, role)| (u16::try_from(bytes).unwrap_or(u16::MAX), role));
            self.pieces.extend(pieces);
            self.lines.push(u32::try_from(self.pieces.len()).unwrap_or(u32::MAX));
        }
    }
}

/// A row in which some ranges of bytes, in order, have a further style.
#[must_use]
pub fn restyled<'a>(
    line: Line<'a>,
    styles: impl Iterator<Item = (Range<usize>, Style)>,
) -> Line<'a> {
    let mut styles = styles.peekable();
    let mut spans = Vec::with_capacity(line.spans.len() + 8);
    let mut start = 0;
    for span in line.spans {
        let end = start + span.content.len();
        let mut at = start;
        while at < end {
            while styles.next_if(|(range, _)| range.end <= at).is_some() {}
            let (to, style) = match styles.peek() {
                Some((range, style)) if range.start <= at => {
                    (range.end.min(end), span.style.patch(*style))
                }
                Some((range, _)) => (range.start.min(end), span.style),
                None => (end, span.style),
            };
            let piece = match &span.content {
                Cow::Borrowed(text) => text.get(at - start..to - start).map(Cow::Borrowed),
                Cow::Owned(text) => {
                    text.get(at - start..to - start).map(|text| Cow::Owned(text.to_owned()))
                }
            };
            // A range that ends within a character is no range.
            let Some(piece) = piece else {
                spans.push(span.clone());
                break;
            };
            spans.push(Span::styled(piece, style));
            at = to;
        }
        start = end;
    }
    Line::from(spans)
}

/// Lines that are to be coloured.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// Number of the first one.
    pub line: usize,
    /// The lines.
    pub lines: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::ResponseId;

    fn done(line: usize, lines: &str, outcome: Outcome) -> Done {
        let response = ResponseId::parse("r").unwrap();
        let rows = lines.lines().map(|line| vec![(line.len(), Role::CodeString)]).collect();
        Done { response, block: 0, line, bytes: lines.len(), lines: rows, outcome }
    }

    #[test]
    fn only_what_is_missing_is_asked_for_and_only_once() {
        let mut paint = Paint::default();
        let code = "a\nbc\nd";
        let wanted = paint.wants(0, code, true).unwrap();
        assert_eq!((wanted.line, wanted.lines), (0, "a\nbc\n"), "the last line may grow");
        assert!(paint.wants(0, code, true).is_none(), "it is asked for already");
        paint.take_in(done(1, "zz\n", Outcome::Coloured));
        assert!(paint.line(0).is_empty(), "nobody asked for that");
        paint.take_in(done(0, "a\nbc\n", Outcome::Coloured));
        assert_eq!(paint.line(1), [(2, Role::CodeString)]);
        assert!(paint.wants(1, code, true).is_none());
        let wanted = paint.wants(2, code, false).unwrap();
        assert_eq!((wanted.line, wanted.lines), (2, "d"));
        paint.take_in(done(2, "", Outcome::Forgotten));
        assert_eq!(paint.wants(0, code, false).unwrap().lines, code, "begun anew");
    }

    #[test]
    fn long_blocks_are_asked_for_in_parts_and_unknown_ones_never_again() {
        let mut paint = Paint::default();
        let code = "some code\n".repeat(40_000);
        let first = paint.wants(39_999, &code, false).unwrap().lines.to_owned();
        assert!(first.len() <= ONE_JOB && first.ends_with('\n'));
        paint.take_in(done(0, &first, Outcome::Coloured));
        assert_eq!(paint.wants(39_999, &code, false).unwrap().line, first.lines().count());
        let mut paint = Paint::default();
        paint.wants(0, "x\n", false).unwrap();
        paint.take_in(done(0, "", Outcome::Unknown));
        assert!(paint.wants(0, "x\n", false).is_none());
    }
}
