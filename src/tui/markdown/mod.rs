//! Markdown as rows of the chat pane. A document that grows is parsed incrementally: every block
//! but the last is frozen, so that a token costs the same however long the answer is.

mod bare;
mod code;
mod fence;
mod inline;
mod links;
mod math;
mod pieces;
mod render;
mod rows;
mod table;
mod wrap;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use ratatui::text::{Line, Span};

use super::theme::{Role, Theme};
use crate::text;
use fence::Fence;
use render::{Part, Rendered};
use rows::{Row, Rows};

pub use code::code_block;
pub use links::of_colour as link_of_colour;
pub use pieces::Piece;
pub use rows::{CodeAt, Content};
pub use wrap::plain;

/// A last block longer than this, in bytes, is frozen up to its last line or word: no real text has
/// such blocks, and parsing one for every frame would be felt.
const LONGEST_OPEN_BLOCK: usize = 16 << 10;
/// A longer text, in bytes, is parsed in pieces of this length: what the parser makes of one takes
/// many times its memory.
const LONGEST_PIECE: usize = 64 << 10;

/// What a message is written on.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// In cells.
    pub width: usize,
    /// The colours.
    pub theme: Theme,
    /// What the text is.
    pub role: Role,
}

/// A code block of a message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeBlock {
    /// As it stands behind the fence; empty if it does not.
    pub language: Arc<str>,
    /// Where the code is in the message, in bytes: in one piece, or line by line where something
    /// stands in front of each.
    first: Range<usize>,
    more: Vec<Range<usize>>,
}

impl CodeBlock {
    /// The code, with a line break behind every complete line.
    #[must_use]
    pub fn code<'a>(&self, source: &'a str) -> Cow<'a, str> {
        let piece = |range: &Range<usize>| source.get(range.clone()).unwrap_or_default();
        if self.more.is_empty() {
            return Cow::Borrowed(piece(&self.first));
        }
        std::iter::once(&self.first).chain(&self.more).map(piece).collect()
    }
}

/// The rows of a message at one width.
#[derive(Debug, Clone, Default)]
pub struct Document {
    width: usize,
    /// Rows of blocks that no further text can change.
    frozen: Rows,
    /// How much of the source they cover, in bytes.
    frozen_to: usize,
    /// How many of the code blocks they cover.
    frozen_code: usize,
    /// Whether what follows belongs to the block that was frozen last.
    joined: bool,
    /// Whether a block was frozen in pieces, which may not be what the whole of it is.
    cut: bool,
    /// The code block in which `frozen_to` lies.
    fence: Option<Fence>,
    /// Rows of the rest.
    tail: Vec<Row>,
    blocks: Vec<CodeBlock>,
    links: BTreeMap<u32, Arc<str>>,
    /// Length of the source that the rows show, in bytes.
    len: usize,
    /// Whether the rows are those of a message that does not grow.
    settled: bool,
}

impl Document {
    /// Brings the rows up to date with a message that grows: what was shown before must be a
    /// beginning of `source`. True if anything changed.
    pub fn update(&mut self, source: &str, page: Page) -> bool {
        if self.width != page.width || source.len() < self.len {
            *self = Self { width: page.width, ..Self::default() };
        } else if source.len() == self.len {
            return false;
        } else if self.settled {
            *self = Self { width: page.width, ..Self::default() };
        }
        self.len = source.len();
        self.tail.clear();
        self.blocks.truncate(self.frozen_code);
        if self.fence.is_some() {
            self.freeze_code(source, page);
        }
        if self.fence.is_none() {
            self.freeze_blocks(source, page);
        }
        true
    }

    /// Whether the rows are those of a beginning of a message that has grown to `source`.
    #[must_use]
    pub fn is_behind(&self, source: &str, page: Page) -> bool {
        self.width == page.width && !self.settled && (1..source.len()).contains(&self.len)
    }

    /// As [`update`](Self::update), but of what is new only so many bytes as there is `room` for, which
    /// they then take. True if that was all.
    pub fn follow(&mut self, source: &str, page: Page, room: &mut usize) -> bool {
        let known = if self.width == page.width { self.len.min(source.len()) } else { 0 };
        let end = source.ceil_char_boundary(known.saturating_add(*room));
        *room = room.saturating_sub(end - known);
        if end > known {
            self.update(&source[..end], page);
        }
        end == source.len()
    }

    fn update_in_pieces(&mut self, source: &str, page: Page) {
        *self = Self::default();
        let mut end = 0;
        while end < source.len() && !self.cut {
            end = source.floor_char_boundary(end + LONGEST_PIECE);
            self.update(&source[..end], page);
        }
    }

    /// Brings the rows up to date with a message that does not grow any more. What of a message can
    /// only be told from all of it (a link that is explained at the end) is mended here.
    pub fn settle(&mut self, source: &str, page: Page) -> bool {
        let same = self.width == page.width && self.len == source.len();
        if same && self.settled {
            return false;
        }
        let looks_ahead = explains(source);
        if !same && !looks_ahead && source.len() > LONGEST_PIECE {
            self.update_in_pieces(source, page);
        }
        let shown = self.width == page.width && self.len == source.len();
        if shown && !self.cut && !looks_ahead {
            self.settled = true;
            self.frozen.shrink();
            self.blocks.shrink_to_fit();
            return !same;
        }
        let part = Part { source, from: 0, separate: false, code_before: 0 };
        let (mut frozen, rendered) = render::render_below(Rows::default(), &part, page);
        frozen.extend(&rendered.rows);
        frozen.shrink();
        *self = Self {
            width: page.width,
            frozen,
            frozen_to: source.len(),
            frozen_code: rendered.blocks.len(),
            blocks: rendered.blocks,
            links: rendered.links.into_iter().collect(),
            len: source.len(),
            settled: true,
            ..Self::default()
        };
        true
    }

    /// As [`settle`](Self::settle), for a text that is not markdown.
    pub fn settle_verbatim(&mut self, source: &str, page: Page) -> bool {
        if self.width == page.width && source.len() == self.len && self.settled {
            return false;
        }
        let Page { width, theme, role } = page;
        let style = theme.style(role);
        let (mut frozen, mut rows, mut at) = (Rows::default(), Vec::new(), 0);
        for line in source.split('\n') {
            let shown = text::visible(line.strip_suffix('\r').unwrap_or(line));
            rows.clear();
            wrap::line_of(&mut rows, &shown, width, style, &[], at, None);
            frozen.extend(&rows);
            at += line.len() + 1;
        }
        frozen.shrink();
        *self = Self { width, frozen, len: source.len(), settled: true, ..Self::default() };
        true
    }

    /// Number of rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.frozen.len() + self.tail.len()
    }

    /// The rows from `start` on, `count` at most.
    pub fn rows(&self, start: usize, count: usize) -> impl Iterator<Item = Line<'_>> {
        (start..self.height().min(start.saturating_add(count))).filter_map(|index| self.row(index))
    }

    /// The row of this number, from 0.
    #[must_use]
    pub fn row(&self, index: usize) -> Option<Line<'_>> {
        self.frozen.get(index).or_else(|| {
            // Its texts are lent, not copied.
            let spans = self.open_row(index)?.line.spans.iter();
            Some(Line::from_iter(spans.map(|span| Span::styled(&*span.content, span.style))))
        })
    }

    /// The text of a row, without what stands in front of it.
    #[must_use]
    pub fn content(&self, row: usize) -> Option<Content<'_>> {
        self.frozen.content(row).or_else(|| self.open_row(row).map(Row::content))
    }

    /// What a row says: of the line above a code block that is the language of its code.
    #[must_use]
    pub fn words(&self, row: usize) -> Option<String> {
        let mut words = self.row(row)?.to_string();
        let open = || self.open_row(row).and_then(|row| row.said);
        words.truncate(self.frozen.said(row).or_else(open).unwrap_or(words.len()));
        Some(words)
    }

    /// What a row shows of a code block.
    #[must_use]
    pub fn code_at(&self, row: usize) -> Option<CodeAt> {
        if row < self.frozen.len() { self.frozen.code(row) } else { self.open_row(row)?.code }
    }

    /// The row that shows what is at `offset` bytes of the message. Of rows that share a place, as those of
    /// a table do, it is the one with the text that is there.
    #[must_use]
    pub fn row_of(&self, offset: usize) -> usize {
        let tail = self.tail.iter().take_while(|row| row.source <= offset).count();
        let frozen = if tail > 0 { self.frozen.len() } else { self.frozen.up_to(offset) };
        let last = (frozen + tail).saturating_sub(1);
        let place = self.source_of(last);
        let together = (0..last).rev().take_while(|&row| self.source_of(row) == place).count();
        self.nearest(last - together..=last, offset).unwrap_or(last)
    }

    /// Where in the message a row begins, in bytes.
    #[must_use]
    pub fn source_of(&self, row: usize) -> usize {
        let open = || self.open_row(row).map(|row| row.source);
        self.frozen.source(row).or_else(open).unwrap_or(self.len)
    }

    /// The code blocks, in the order in which they are numbered.
    #[must_use]
    pub fn blocks(&self) -> &[CodeBlock] {
        &self.blocks
    }

    /// The links in a row: the numbers that their cells carry, and their addresses.
    #[must_use]
    pub fn links_in(&self, row: usize) -> Vec<(u32, Arc<str>)> {
        if self.links.is_empty() {
            return Vec::new();
        }
        let spans = self.row(row).unwrap_or_default().spans;
        let numbers = spans.iter().filter_map(|span| links::of(span.style));
        numbers.filter_map(|number| Some((number, Arc::clone(self.links.get(&number)?)))).collect()
    }

    fn open_row(&self, index: usize) -> Option<&Row> {
        self.tail.get(index.checked_sub(self.frozen.len())?)
    }

    fn separate(&self) -> bool {
        !self.frozen.is_empty() && !self.joined
    }

    /// Renders what lies between two places. Its blocks and links are taken in.
    fn render(&mut self, source: &str, range: Range<usize>, page: Page) -> Rendered {
        self.render_part(source, range, page, false)
    }

    /// As `render`. If it is to `freeze`, the rows of all blocks but the last are packed at once.
    fn render_part(
        &mut self,
        source: &str,
        range: Range<usize>,
        page: Page,
        freeze: bool,
    ) -> Rendered {
        let code_before = self.blocks.len();
        let source = &source[..range.end];
        let part = Part { source, from: range.start, separate: self.separate(), code_before };
        let mut rendered = if freeze {
            let frozen = std::mem::take(&mut self.frozen);
            let (frozen, rendered) = render::render_below(frozen, &part, page);
            self.frozen = frozen;
            rendered
        } else {
            render::render(&part, page)
        };
        for mut block in rendered.blocks.drain(..) {
            if let Some(last) = self.blocks.last().filter(|last| last.language == block.language) {
                block.language = Arc::clone(&last.language);
            }
            self.blocks.push(block);
        }
        self.links.extend(rendered.links.drain(..));
        rendered
    }

    fn freeze_blocks(&mut self, source: &str, page: Page) {
        let from = self.frozen_to;
        // An incomplete line may still turn out to belong to the block before it; in a large piece
        // that is not waited for.
        let large = source.len() - from > LONGEST_OPEN_BLOCK;
        let Rendered { mut rows, last_block, last_row, last_code, .. } =
            self.render_part(source, from..source.len(), page, large);
        if last_block > from && (large || source[last_block..].contains('\n')) {
            self.tail = rows.split_off(last_row);
            self.frozen.extend(&rows);
            self.frozen_to = last_block;
            self.frozen_code += last_code;
            self.joined = false;
        } else {
            self.tail = rows;
        }
        if source.len() - self.frozen_to > LONGEST_OPEN_BLOCK {
            self.freeze_long_block(source, page);
        }
    }

    fn freeze_long_block(&mut self, source: &str, page: Page) {
        self.tail.clear();
        self.blocks.truncate(self.frozen_code);
        let from = self.frozen_to;
        let open = &source[from..];
        if let Some((fence, body)) = Fence::opened_by(open) {
            let opening = self.render(source, from..from + body, page).rows;
            // A block without content is shown as one empty line of code.
            self.frozen.extend(&opening[..opening.len().saturating_sub(1)]);
            self.frozen_to = from + body;
            self.frozen_code = self.blocks.len();
            self.fence = Some(fence);
            self.freeze_code(source, page);
            if self.fence.is_none() {
                self.freeze_blocks(source, page);
            }
            return;
        }
        let cut = open.rfind('\n').or_else(|| open.rfind(' ')).map_or(open.len(), |at| at + 1);
        let rows = self.render(source, from..from + cut, page).rows;
        self.frozen.extend(&rows);
        self.frozen_to = from + cut;
        self.frozen_code = self.blocks.len();
        self.joined = true;
        self.cut = true;
        self.tail = self.render(source, self.frozen_to..source.len(), page).rows;
    }

    /// Freezes the complete lines of an open code block, up to the one that closes it.
    fn freeze_code(&mut self, source: &str, page: Page) {
        let Some(mut fence) = self.fence.take() else { return };
        let block = self.frozen_code.saturating_sub(1);
        let start = self.frozen_to;
        let mut at = start;
        let mut rows = Vec::new();
        let mut closed = false;
        while let Some(length) = source[at..].find('\n') {
            let line = &source[at..at + length];
            if fence.is_closed_by(line) {
                self.extend_code(block, start..at);
                at += length + 1;
                closed = true;
                break;
            }
            rows.clear();
            let place = CodeAt { block, line: fence.lines, at: 0 };
            render::code_line(&mut rows, fence.inside(line), page, &[], at, place);
            self.frozen.extend(&rows);
            fence.lines += 1;
            at += length + 1;
        }
        self.frozen_to = at;
        if !closed {
            self.extend_code(block, start..source.len());
            let place = CodeAt { block, line: fence.lines, at: 0 };
            let line = fence.inside(&source[at..]);
            render::code_line(&mut self.tail, line, page, &[], at, place);
            self.fence = Some(fence);
        }
    }

    /// More of a code block has come, or what was taken for more of it is none.
    fn extend_code(&mut self, block: usize, range: Range<usize>) {
        let Some(block) = self.blocks.get_mut(block) else { return };
        if block.first.is_empty() {
            block.first = range;
        } else {
            block.first.end = range.end;
        }
    }
}

/// The rows of a text that is not markdown: line breaks stay, long lines are wrapped.
#[must_use]
pub fn verbatim(source: &str, width: usize, theme: Theme, role: Role) -> Vec<Line<'static>> {
    let style = theme.style(role);
    let mut rows = Vec::new();
    for line in source.split('\n') {
        let line = text::visible(line.strip_suffix('\r').unwrap_or(line));
        wrap::plain(&mut rows, &line, width, style, &[]);
    }
    rows
}

/// Whether a line may explain a link or a note, of which any part of the text may make use.
fn explains(source: &str) -> bool {
    let may_explain = |line: &str| {
        let Some(end) = line.find("]:") else { return false };
        // Its name stands in brackets, with at most the marks of quotes and lists before them. If they
        // are not opened here, that may have been in a line above.
        let Some(start) = line[..end].find('[') else { return true };
        let is_mark = |c: char| c.is_whitespace() || c.is_ascii_digit() || ">-*+.)".contains(c);
        line[..start].chars().all(is_mark)
    };
    source.contains("]:") && source.split(['\n', '\r']).any(may_explain)
}

#[cfg(test)]
mod tests;
