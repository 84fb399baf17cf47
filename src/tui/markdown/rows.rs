//! Rows of a message: as they are made, and packed once they do not change any more. As lines of
//! spans with a string each, the rows of a large answer take twenty times the memory of its text.

use std::borrow::Cow;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::links;
use super::pieces::Cell;

/// A row as it is made.
#[derive(Debug, Clone, Default)]
pub(super) struct Row {
    pub(super) line: Line<'static>,
    /// What comes before the text: indentation, bars, markers; in bytes.
    pub(super) indent: usize,
    /// Where in the message the text is from, in bytes.
    pub(super) source: usize,
    /// Whether it goes on with the text of the row above.
    pub(super) wrapped: bool,
    pub(super) code: Option<CodeAt>,
    /// What it shows of the cells of a table.
    pub(super) cells: Vec<Cell>,
    /// How much of it is words, what stands in front included, in bytes; `None`: all. The rest is drawn.
    pub(super) said: Option<usize>,
}

/// What a row shows of a code block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeAt {
    /// Which block of the message, from 0.
    pub block: usize,
    /// Which line of it, from 0.
    pub line: usize,
    /// Where in the line, in bytes of its visible form.
    pub at: usize,
}

/// The text of a row, without what stands in front of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content<'a> {
    /// The text.
    pub text: Cow<'a, str>,
    /// Bytes in front of it.
    pub indent: usize,
    /// Whether it goes on with the text of the row above.
    pub wrapped: bool,
}

impl Row {
    /// A row that is all text.
    pub(super) fn of(line: impl Into<Line<'static>>, source: usize) -> Self {
        Self { line: line.into(), source, ..Self::default() }
    }

    /// A row without text of the message: a line, a space.
    pub(super) fn bare(line: impl Into<Line<'static>>, source: usize) -> Self {
        let row = Self::of(line, source);
        let indent = row.line.spans.iter().map(|span| span.content.len()).sum();
        Self { indent, ..row }
    }

    pub(super) fn content(&self) -> Content<'_> {
        let mut text: String = self.line.spans.iter().map(|span| &*span.content).collect();
        let text = text.split_off(self.indent.min(text.len()));
        Content { text: text.into(), indent: self.indent, wrapped: self.wrapped }
    }
}

/// Many rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    text: String,
    /// Where each span ends in `text`, in bytes, and which of `styles` it has.
    spans: Vec<(u32, u16)>,
    rows: Vec<Packed>,
    /// The few styles that there are.
    styles: Vec<Style>,
    /// The spans that are links, and which.
    links: Vec<(u32, u32)>,
    /// The rows that are code, and which: row, block, line, and where in the line.
    code: Vec<[u32; 4]>,
    /// The rows that show cells of a table, each once for every cell.
    cells: Vec<(u32, Cell)>,
    /// The rows of which only a beginning is words, and how many bytes.
    said: Vec<(u32, u32)>,
    /// The spans that are drawn lines, and how long they are. Their text is not kept: there is one above
    /// each code block.
    rules: Vec<(u32, u16)>,
}

/// A drawn line, from which others are cut.
const RULE: &str = "────────────────────────────────────────────────────────────────────────────────────────────────────\
                    ────────────────────────────────────────────────────────────────────────────────────────────────────";
/// What it consists of.
const DASH: char = '─';

#[derive(Debug, Clone, Copy)]
struct Packed {
    /// Where it ends in `spans`.
    end: u32,
    source: u32,
    indent: u16,
    wrapped: bool,
}

impl Rows {
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Adds a row below. Alignment and style of its line are not kept: rows of text have none.
    pub(super) fn push(&mut self, row: &Row) {
        let length: usize = row.line.spans.iter().map(|span| span.content.len()).sum();
        for span in &row.line.spans {
            match rule(&span.content).filter(|_| row.indent == length) {
                Some(cells) => self.rules.push((mark(self.spans.len()), cells)),
                None => self.text.push_str(&span.content),
            }
            if let Some(link) = links::of(span.style) {
                self.links.push((mark(self.spans.len()), link));
            }
            let style = self.number_of(links::without(span.style));
            self.spans.push((mark(self.text.len()), style));
        }
        if let Some(code) = row.code {
            let CodeAt { block, line, at } = code;
            self.code.push([mark(self.rows.len()), mark(block), mark(line), mark(at)]);
        }
        let number = mark(self.rows.len());
        self.cells.extend(row.cells.iter().map(|cell| (number, *cell)));
        if let Some(said) = row.said {
            self.said.push((mark(self.rows.len()), mark(said)));
        }
        // The places of rows ascend, so that a row is found by its place.
        let before = self.rows.last().map_or(0, |row| row.source);
        self.rows.push(Packed {
            end: mark(self.spans.len()),
            source: mark(row.source).max(before),
            indent: u16::try_from(row.indent).unwrap_or(u16::MAX),
            wrapped: row.wrapped,
        });
    }

    /// Adds rows below.
    pub(super) fn extend(&mut self, rows: &[Row]) {
        for row in rows {
            self.push(row);
        }
    }

    /// Gives back what was reserved for more.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.spans.shrink_to_fit();
        self.rows.shrink_to_fit();
        self.code.shrink_to_fit();
        self.cells.shrink_to_fit();
        self.said.shrink_to_fit();
        self.rules.shrink_to_fit();
    }

    /// The row of this number, from 0.
    pub(super) fn get(&self, index: usize) -> Option<Line<'_>> {
        let first = self.first_span(index);
        let end = self.rows.get(index)?.end as usize;
        let mut start = self.text_start(first);
        let spans = (first..end).map(|number| {
            let (end, style) = self.spans[number];
            let content = match find(&self.rules, number) {
                Some(cells) => &RULE[..usize::from(cells) * DASH.len_utf8()],
                None => &self.text[start..end as usize],
            };
            start = end as usize;
            let style = self.styles[usize::from(style)];
            Span::styled(
                content,
                find(&self.links, number).map_or(style, |id| links::with(style, id)),
            )
        });
        Some(Line::from_iter(spans))
    }

    /// The text of a row.
    pub(super) fn content(&self, index: usize) -> Option<Content<'_>> {
        let row = self.rows.get(index)?;
        let start = self.text_start(self.first_span(index));
        let end = self.text_start(row.end as usize);
        let indent = usize::from(row.indent).min(end - start);
        let text = Cow::Borrowed(&self.text[start + indent..end]);
        Some(Content { text, indent, wrapped: row.wrapped })
    }

    /// What a row shows of which code block.
    pub(super) fn code(&self, index: usize) -> Option<CodeAt> {
        let at = self.code.binary_search_by_key(&index, |[row, ..]| *row as usize).ok()?;
        let [_, block, line, at] = self.code[at].map(|number| number as usize);
        Some(CodeAt { block, line, at })
    }

    /// What a row shows of the cells of a table, from left to right.
    pub(super) fn cells(&self, index: usize) -> impl Iterator<Item = Cell> {
        let first = self.cells.partition_point(|(row, _)| (*row as usize) < index);
        let here = self.cells[first..].iter().take_while(move |(row, _)| *row as usize == index);
        here.map(|(_, cell)| *cell)
    }

    /// How much of a row is words, in bytes; `None`: all of it.
    pub(super) fn said(&self, index: usize) -> Option<usize> {
        find(&self.said, index).map(|said| said as usize)
    }

    /// Where in the message a row begins.
    pub(super) fn source(&self, index: usize) -> Option<usize> {
        self.rows.get(index).map(|row| row.source as usize)
    }

    /// How many rows begin at `offset` of the message or before.
    pub(super) fn up_to(&self, offset: usize) -> usize {
        self.rows.partition_point(|row| row.source as usize <= offset)
    }

    fn first_span(&self, row: usize) -> usize {
        let before = row.checked_sub(1).and_then(|before| self.rows.get(before));
        before.map_or(0, |row| row.end as usize)
    }

    fn text_start(&self, span: usize) -> usize {
        let before = span.checked_sub(1).and_then(|before| self.spans.get(before));
        before.map_or(0, |&(end, _)| end as usize)
    }

    fn number_of(&mut self, style: Style) -> u16 {
        // The latest are the likeliest.
        let known = self.styles.iter().rposition(|&known| known == style);
        let number = known.unwrap_or_else(|| {
            self.styles.push(style);
            self.styles.len() - 1
        });
        u16::try_from(number).expect("a theme has a few dozen styles, and modifiers on top of them")
    }
}

/// How long a drawn line is, in cells, if a text is one.
fn rule(text: &str) -> Option<u16> {
    let is_rule = text.starts_with(DASH) && RULE.starts_with(text);
    is_rule.then(|| u16::try_from(text.len() / DASH.len_utf8()).ok()).flatten()
}

/// What is known of a span, or of a row.
fn find<T: Copy>(known: &[(u32, T)], number: usize) -> Option<T> {
    let at = known.binary_search_by_key(&number, |(number, _)| *number as usize).ok()?;
    Some(known[at].1)
}

pub(super) fn mark(place: usize) -> u32 {
    u32::try_from(place).expect("a message is far smaller than 4 GiB")
}
