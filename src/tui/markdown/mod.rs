//! Markdown as rows of the chat pane. A document that grows is parsed incrementally: every block
//! but the last is frozen, so that a token costs the same however long the answer is.

mod render;
mod rows;
mod table;
mod wrap;

use ratatui::text::{Line, Span};

use super::theme::{Role, Theme};
use crate::text;
use render::Rendered;
use rows::Rows;

pub use wrap::plain;

/// A last block longer than this, in bytes, is frozen up to its last line or word: no real text has
/// such blocks, and parsing one for every frame would be felt.
const LONGEST_OPEN_BLOCK: usize = 16 << 10;

/// The rows of a message at one width.
#[derive(Debug, Clone, Default)]
pub struct Document {
    width: usize,
    /// Rows of blocks that no further text can change.
    frozen: Rows,
    /// How much of the source they cover, in bytes.
    frozen_to: usize,
    /// Whether what follows belongs to the block that was frozen last.
    joined: bool,
    /// The code block in which `frozen_to` lies.
    fence: Option<Fence>,
    /// Rows of the rest.
    tail: Vec<Line<'static>>,
    /// Length of the source that the rows show, in bytes.
    len: usize,
}

/// An open code block: the line that closes it consists of `marker`, at least `length` times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fence {
    marker: u8,
    length: usize,
}

impl Document {
    /// Brings the rows up to date with `source`, of which what was shown before must be a beginning;
    /// true if anything changed.
    pub fn update(&mut self, source: &str, width: usize, theme: Theme) -> bool {
        if self.width != width || source.len() < self.len {
            *self = Self { width, ..Self::default() };
        } else if source.len() == self.len {
            return false;
        }
        self.len = source.len();
        self.freeze_code(source, theme);
        if self.fence.is_none() {
            self.freeze_blocks(source, theme);
        }
        true
    }

    /// As [`update`](Self::update), for a text that is not markdown.
    pub fn update_verbatim(&mut self, source: &str, width: usize, theme: Theme) -> bool {
        if self.width == width && source.len() == self.len {
            return false;
        }
        let tail = verbatim(source, width, theme, Role::Text);
        *self = Self { width, tail, len: source.len(), ..Self::default() };
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
            let line = self.tail.get(index.checked_sub(self.frozen.len())?)?;
            // Its texts are lent, not copied.
            let spans = line.spans.iter().map(|span| Span::styled(&*span.content, span.style));
            Some(Line::from_iter(spans).style(line.style))
        })
    }

    /// Bytes in front of the text of a row, and whether it goes on with the row above.
    #[must_use]
    pub fn indent(&self, row: usize) -> Option<(usize, bool)> {
        self.row(row).map(|line| wrap::indent(&line))
    }

    fn freeze_blocks(&mut self, source: &str, theme: Theme) {
        let rest = &source[self.frozen_to..];
        let separate = !self.frozen.is_empty() && !self.joined;
        let rendered = render::render(rest, self.width, theme, separate);
        let Rendered { mut rows, last_block, last_row } = rendered;
        // An incomplete line may still turn out to belong to the block before it; in a large piece
        // that is not waited for.
        let certain = rest[last_block..].contains('\n') || rest.len() > LONGEST_OPEN_BLOCK;
        if last_block > 0 && certain {
            self.tail = rows.split_off(last_row);
            self.frozen.extend(&rows);
            self.frozen_to += last_block;
            self.joined = false;
        } else {
            self.tail = rows;
        }
        let open = &source[self.frozen_to..];
        if open.len() > LONGEST_OPEN_BLOCK {
            self.freeze_long_block(source, theme);
        }
    }

    fn freeze_long_block(&mut self, source: &str, theme: Theme) {
        let open = &source[self.frozen_to..];
        let body = open.trim_start_matches('\n');
        if let Some(fence) = Fence::opened_by(body) {
            let first_line =
                open.len() - body.len() + body.find('\n').map_or(body.len(), |at| at + 1);
            let separate = !self.frozen.is_empty() && !self.joined;
            let opening = render::render(&open[..first_line], self.width, theme, separate).rows;
            // A block without content is shown as one empty line of code.
            self.frozen.extend(&opening[..opening.len().saturating_sub(1)]);
            self.frozen_to += first_line;
            self.fence = Some(fence);
            self.tail.clear();
            self.code_rows(&open[first_line..], theme);
            if self.fence.is_none() {
                let behind = &source[self.frozen_to..];
                self.tail = render::render(behind, self.width, theme, true).rows;
            }
            return;
        }
        let cut = open.rfind('\n').or_else(|| open.rfind(' ')).map_or(open.len(), |at| at + 1);
        let separate = !self.frozen.is_empty() && !self.joined;
        self.frozen.extend(&render::render(&open[..cut], self.width, theme, separate).rows);
        self.frozen_to += cut;
        self.joined = true;
        self.tail = render::render(&open[cut..], self.width, theme, false).rows;
    }

    fn freeze_code(&mut self, source: &str, theme: Theme) {
        if self.fence.is_some() {
            let rest = &source[self.frozen_to..];
            self.code_rows(rest, theme);
        }
    }

    /// Freezes the complete lines of an open code block, up to the one that closes it.
    fn code_rows(&mut self, rest: &str, theme: Theme) {
        let Some(fence) = self.fence else { return };
        let mut at = 0;
        let mut lines = Vec::new();
        self.tail.clear();
        while let Some(end) = rest[at..].find('\n') {
            let line = &rest[at..at + end];
            at += end + 1;
            if fence.is_closed_by(line) {
                self.fence = None;
                break;
            }
            lines.clear();
            render::code_line(&mut lines, line, self.width, theme, &[]);
            self.frozen.extend(&lines);
        }
        self.frozen_to += at;
        if self.fence.is_some() {
            render::code_line(&mut self.tail, &rest[at..], self.width, theme, &[]);
        }
    }
}

impl Fence {
    fn opened_by(block: &str) -> Option<Self> {
        let line = block.lines().next()?.trim_start_matches(' ');
        let marker = *line.as_bytes().first().filter(|byte| matches!(byte, b'`' | b'~'))?;
        let length = line.bytes().take_while(|&byte| byte == marker).count();
        (length >= 3).then_some(Self { marker, length })
    }

    fn is_closed_by(self, line: &str) -> bool {
        let line = line.trim();
        line.len() >= self.length && line.bytes().all(|byte| byte == self.marker)
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

#[cfg(test)]
mod tests;
