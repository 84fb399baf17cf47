//! Wrapping of styled text into rows, each with what stands in front of it.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use crate::text;

/// A piece of a paragraph: text of one style, made visible already.
pub(super) type Run = (String, Style);

/// What follows is the text of a row: an empty span, hidden where the text goes on from the row above.
fn mark(wrapped: bool) -> Span<'static> {
    let hidden = Modifier::HIDDEN;
    Span::styled("", if wrapped { Style::new().add_modifier(hidden) } else { Style::new() })
}

/// Bytes in front of the text of a row, and whether it goes on with the row above.
pub(super) fn indent(line: &Line<'_>) -> (usize, bool) {
    let mut before = 0;
    for span in &line.spans {
        if span.content.is_empty() {
            return (before, span.style.add_modifier.contains(Modifier::HIDDEN));
        }
        before += span.content.len();
    }
    (0, false)
}

/// Wraps a text of one style. `prefix` stands in front of every row and counts as part of `width`.
pub fn plain(
    rows: &mut Vec<Line<'static>>,
    line: &str,
    width: usize,
    style: Style,
    prefix: &[Span<'static>],
) {
    let cells = width.saturating_sub(prefix_width(prefix)).max(1);
    let mut start = 0;
    for end in text::breaks(line, cells).into_iter().chain([line.len()]) {
        let mut spans = prefix.to_vec();
        spans.push(mark(start > 0));
        spans.push(Span::styled(line[start..end].to_owned(), style));
        rows.push(Line::from(spans));
        start = end;
    }
}

/// Wraps a paragraph. The first row begins with `first`, all others with `rest`.
pub(super) fn runs(
    rows: &mut Vec<Line<'static>>,
    runs: &[Run],
    width: usize,
    first: &[Span<'static>],
    rest: &[Span<'static>],
) {
    let whole: String = runs.iter().map(|(text, _)| text.as_str()).collect();
    let indent = prefix_width(first).max(prefix_width(rest));
    let cells = width.saturating_sub(indent).max(1);
    let mut pieces = Pieces { runs, run: 0, at: 0 };
    let mut start = 0;
    for (index, end) in text::breaks(&whole, cells).into_iter().chain([whole.len()]).enumerate() {
        let mut spans = if index == 0 { first.to_vec() } else { rest.to_vec() };
        spans.push(mark(index > 0));
        pieces.take(end - start, &mut spans);
        rows.push(Line::from(spans));
        start = end;
    }
}

/// Cells that a prefix takes.
pub(super) fn prefix_width(prefix: &[Span<'static>]) -> usize {
    prefix.iter().map(|span| text::width(&span.content)).sum()
}

/// Deals out runs by length in bytes.
struct Pieces<'a> {
    runs: &'a [Run],
    run: usize,
    at: usize,
}

impl Pieces<'_> {
    fn take(&mut self, mut bytes: usize, spans: &mut Vec<Span<'static>>) {
        while let Some((text, style)) = self.runs.get(self.run) {
            let end = text.len().min(self.at + bytes);
            if end > self.at {
                spans.push(Span::styled(text[self.at..end].to_owned(), *style));
            }
            bytes -= end - self.at;
            if end < text.len() {
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
