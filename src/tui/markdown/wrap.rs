//! Wrapping of styled text into rows, each with what stands in front of it.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::rows::{CodeAt, Row};
use crate::text;

/// A piece of a paragraph.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Made visible already.
    pub(super) text: String,
    pub(super) style: Style,
    /// Where in the message it is from, in bytes.
    pub(super) source: usize,
    /// Whether it is text that may have addresses in it: no code, no formula, no link.
    pub(super) plain: bool,
}

/// Wraps a text of one style. `prefix` stands in front of every row and counts as part of `width`.
pub fn plain(
    rows: &mut Vec<Line<'static>>,
    line: &str,
    width: usize,
    style: Style,
    prefix: &[Span<'static>],
) {
    let mut made = Vec::new();
    line_of(&mut made, line, width, style, prefix, 0, None);
    rows.extend(made.into_iter().map(|row| row.line));
}

/// As [`plain`], for a line that is at `source` in the message, and at `code` in its code blocks.
pub(super) fn line_of(
    rows: &mut Vec<Row>,
    line: &str,
    width: usize,
    style: Style,
    prefix: &[Span<'static>],
    source: usize,
    code: Option<CodeAt>,
) {
    let cells = width.saturating_sub(prefix_width(prefix)).max(1);
    let indent = prefix_bytes(prefix);
    let mut start = 0;
    for end in text::breaks(line, cells).into_iter().chain([line.len()]) {
        let mut spans = prefix.to_vec();
        spans.push(Span::styled(line[start..end].to_owned(), style));
        let code = code.map(|code| CodeAt { at: start, ..code });
        let (line, source, wrapped) = (Line::from(spans), source + start, start > 0);
        rows.push(Row { line, indent, source, wrapped, code, ..Row::default() });
        start = end;
    }
}

/// Wraps a paragraph. The first row begins with `first`, all others with `rest`.
pub(super) fn runs(
    rows: &mut Vec<Row>,
    runs: &[Run],
    width: usize,
    first: &[Span<'static>],
    rest: &[Span<'static>],
) {
    let whole: String = runs.iter().map(|run| run.text.as_str()).collect();
    let cells = prefix_width(first).max(prefix_width(rest));
    let cells = width.saturating_sub(cells).max(1);
    let mut pieces = Pieces { runs, run: 0, at: 0 };
    let mut start = 0;
    for end in text::breaks(&whole, cells).into_iter().chain([whole.len()]) {
        let prefix = if start == 0 { first } else { rest };
        let mut spans = prefix.to_vec();
        let source = pieces.source();
        pieces.take(end - start, &mut spans);
        let (line, indent, wrapped) = (Line::from(spans), prefix_bytes(prefix), start > 0);
        rows.push(Row { line, indent, source, wrapped, ..Row::default() });
        start = end;
    }
}

/// Cells that a prefix takes.
pub(super) fn prefix_width(prefix: &[Span<'static>]) -> usize {
    prefix.iter().map(|span| text::width(&span.content)).sum()
}

/// Bytes of a prefix, or of a row so far.
pub(super) fn prefix_bytes(prefix: &[Span<'static>]) -> usize {
    prefix.iter().map(|span| span.content.len()).sum()
}

/// Deals out runs by length in bytes.
struct Pieces<'a> {
    runs: &'a [Run],
    run: usize,
    at: usize,
}

impl Pieces<'_> {
    /// Where in the message the next piece is from.
    fn source(&self) -> usize {
        let next = self.runs.get(self.run).map(|run| run.source + self.at);
        next.or_else(|| self.runs.last().map(|run| run.source)).unwrap_or_default()
    }

    fn take(&mut self, mut bytes: usize, spans: &mut Vec<Span<'static>>) {
        while let Some(run) = self.runs.get(self.run) {
            let end = run.text.len().min(self.at + bytes);
            if end > self.at {
                spans.push(Span::styled(run.text[self.at..end].to_owned(), run.style));
            }
            bytes -= end - self.at;
            if end < run.text.len() {
                self.at = end;
                return;
            }
            self.run += 1;
            self.at = 0;
            if bytes == 0 {
                return;
            }
        }
    }
}
