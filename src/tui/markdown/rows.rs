//! Rows that will not change any more, packed: one text, and marks in it. As lines of spans with a
//! string each, the rows of a large answer take twenty times the memory of its text.

use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Many rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    text: String,
    /// Where each span ends in `text`, in bytes, and which of `styles` it has.
    spans: Vec<(u32, u16)>,
    /// Where each row ends in `spans`, and which of `styles` all of its width has.
    rows: Vec<(u32, u16)>,
    /// The few styles that there are.
    styles: Vec<Style>,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row below. Its alignment is not kept: rows of text begin at the left.
    pub(super) fn push(&mut self, line: &Line<'_>) {
        for span in &line.spans {
            self.text.push_str(&span.content);
            let style = self.number_of(span.style);
            self.spans.push((mark(self.text.len()), style));
        }
        let style = self.number_of(line.style);
        self.rows.push((mark(self.spans.len()), style));
    }

    /// Adds rows below.
    pub(super) fn extend(&mut self, lines: &[Line<'_>]) {
        for line in lines {
            self.push(line);
        }
    }

    /// The row of this number, from 0.
    pub(super) fn get(&self, index: usize) -> Option<Line<'_>> {
        let &(end, style) = self.rows.get(index)?;
        let first = index.checked_sub(1).map_or(0, |before| self.rows[before].0 as usize);
        let mut start = first.checked_sub(1).map_or(0, |before| self.spans[before].0 as usize);
        let spans = self.spans[first..end as usize].iter().map(|&(end, style)| {
            let content = &self.text[start..end as usize];
            start = end as usize;
            Span::styled(content, self.styles[usize::from(style)])
        });
        Some(Line::from_iter(spans).style(self.styles[usize::from(style)]))
    }

    fn number_of(&mut self, style: Style) -> u16 {
        // The latest are the likeliest.
        let known = self.styles.iter().rposition(|&known| known == style);
        let number = known.unwrap_or_else(|| {
            self.styles.push(style);
            self.styles.len() - 1
        });
        u16::try_from(number).expect("a theme has a few dozen styles")
    }
}

fn mark(place: usize) -> u32 {
    u32::try_from(place).expect("a message is far smaller than 4 GiB")
}
