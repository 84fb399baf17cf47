//! The selection in the chat: two points in rows of messages, and the text between them. Also what
//! the mouse has to be remembered for: it makes a selection by dragging.

use std::ops::Range;

use ratatui::layout::Position as Cell;
use unicode_segmentation::UnicodeSegmentation as _;

use super::chat::{Chat, ChatRow, Position};
use super::open::Open;
use crate::forest::{Slot, Time};
use crate::text;
use crate::tui::words::chat as words;

/// What stands at the left of code and quotations and is not part of them.
const BARS: [char; 2] = ['│', '▏'];

/// A place in the chat. Later ones are greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The row.
    pub at: Position,
    /// The cell in the row, from 0.
    pub column: usize,
}

/// What is selected: everything between two points, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visual {
    /// Where it was begun.
    pub anchor: Point,
    /// The end that moves.
    pub cursor: Point,
    /// Whether whole rows are selected.
    pub rows: bool,
    /// The column that moving up and down tries to keep.
    pub column: usize,
    /// The messages of both points, and the cells of a row, for which the points were made.
    pub made_for: (Slot, Slot, u16),
}

/// What the mouse did last.
#[derive(Debug, Clone, Copy, Default)]
pub struct Pointer {
    /// Where in the chat its button was pressed and is still held.
    pub pressed: Option<Point>,
    /// When and on which cell it was pressed last.
    pub clicked: Option<(Time, Cell)>,
}

impl Visual {
    /// Both ends, the first one first.
    #[must_use]
    pub fn ends(&self) -> (Point, Point) {
        (self.anchor.min(self.cursor), self.anchor.max(self.cursor))
    }

    /// The columns of a row that are selected: from where, and up to which cluster, where not all.
    #[must_use]
    pub fn columns(&self, at: Position) -> Option<(Option<usize>, Option<usize>)> {
        let (start, end) = self.ends();
        let from = (at == start.at && !self.rows).then_some(start.column);
        let to = (at == end.at && !self.rows).then_some(end.column);
        (start.at <= at && at <= end.at).then_some((from, to))
    }
}

/// The text of a row as it is shown, and where in it the text of the message begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RowText {
    text: String,
    /// In bytes.
    start: usize,
    /// Whether it goes on with the text of the row above.
    pub wrapped: bool,
}

impl RowText {
    /// What a row of the chat says. The rows of its message have to be there.
    #[must_use]
    pub fn of(chat: &Chat, open: &Open, index: usize, row: &ChatRow) -> Self {
        let all = |text: &str| Self { text: text.to_owned(), start: 0, wrapped: false };
        let Some(&slot) = open.path.get(index) else { return Self::default() };
        match row {
            ChatRow::Header if open.forest.response(slot).is_human() => all(words::YOU),
            ChatRow::Header => all(words::GROK),
            ChatRow::Text(number) => Self::of_message(chat, slot, *number).unwrap_or_default(),
            ChatRow::Reasoning(number) => chat
                .reasoning_row(slot, *number)
                .map_or_else(Self::default, |line| all(&line.to_string())),
            ChatRow::Note(line) => all(&line.to_string()),
            ChatRow::Seam | ChatRow::Blank => Self::default(),
        }
    }

    fn of_message(chat: &Chat, slot: Slot, number: usize) -> Option<Self> {
        let text = chat.words_of(slot, number)?;
        let (indent, wrapped) = chat.indent(slot, number)?;
        // Of what stands in front of a text, markers of lists belong to it, and bars do not.
        let front = &text[..indent.min(text.len())];
        let bar = front
            .rfind(BARS)
            .map_or(0, |at| at + front[at..].chars().map_while(bar).sum::<usize>());
        let start = if wrapped { front.len() } else { bar };
        Some(Self { text, start, wrapped })
    }

    /// The clusters of the text, each with the cells that it takes.
    fn clusters(&self) -> impl Iterator<Item = (Range<usize>, &str)> {
        let mut column = text::width(&self.text[..self.start]);
        self.text[self.start..].graphemes(true).map(move |cluster| {
            let from = column;
            column += text::width(cluster);
            (from..column, cluster)
        })
    }

    /// The column of the first cluster.
    #[must_use]
    pub fn first(&self) -> usize {
        text::width(&self.text[..self.start])
    }

    /// The column of the last cluster.
    #[must_use]
    pub fn last(&self) -> usize {
        self.clusters().last().map_or(self.first(), |(cells, _)| cells.start)
    }

    /// The column of the cluster that is at a cell, or else nearest to it.
    #[must_use]
    pub fn snap(&self, column: usize) -> usize {
        let before = self.clusters().take_while(|(cells, _)| cells.start <= column);
        before.last().map_or(self.first(), |(cells, _)| cells.start)
    }

    /// The cluster behind the one at a column.
    #[must_use]
    pub fn next(&self, column: usize) -> Option<usize> {
        self.clusters().map(|(cells, _)| cells.start).find(|&start| start > column)
    }

    /// The cluster before the one at a column.
    #[must_use]
    pub fn previous(&self, column: usize) -> Option<usize> {
        self.clusters().map(|(cells, _)| cells.start).take_while(|&start| start < column).last()
    }

    /// The columns at which words begin.
    pub fn words(&self) -> impl DoubleEndedIterator<Item = usize> {
        let body = &self.text[self.start..];
        let first = self.first();
        body.unicode_word_indices().map(move |(at, _)| first + text::width(&body[..at]))
    }

    /// The columns of the first and the last cluster of the word at a column.
    #[must_use]
    pub fn word_at(&self, column: usize) -> Option<(usize, usize)> {
        let body = &self.text[self.start..];
        body.unicode_word_indices().find_map(|(at, word)| {
            let from = self.first() + text::width(&body[..at]);
            let end = from + text::width(word);
            (from <= column && column < end).then(|| (from, self.snap(end.saturating_sub(1))))
        })
    }

    /// The cells from one column up to the cluster at another; `None`: from the first, to the last.
    #[must_use]
    pub fn cells(&self, from: Option<usize>, to: Option<usize>) -> Range<usize> {
        let start = self.first().max(from.unwrap_or(0));
        let chosen = self.clusters().filter(|(cells, _)| to.is_none_or(|to| cells.start <= to));
        start..chosen.last().map_or(start, |(cells, _)| cells.end).max(start)
    }

    /// The text in the same cells.
    #[must_use]
    pub fn between(&self, from: Option<usize>, to: Option<usize>) -> String {
        let wanted = self.cells(from, to);
        let chosen = self.clusters().filter(|(cells, _)| {
            // Clusters without width belong to the one before them.
            let end = wanted.end + usize::from(cells.is_empty());
            wanted.start <= cells.start && cells.start < end
        });
        chosen.map(|(_, cluster)| cluster).collect()
    }
}

/// Bytes of a bar, and of the spaces behind it.
fn bar(c: char) -> Option<usize> {
    (BARS.contains(&c) || c == ' ').then(|| c.len_utf8())
}

/// Puts rows together: a text that was wrapped becomes one line again.
#[derive(Debug, Default)]
pub struct Lines {
    text: String,
    begun: bool,
}

impl Lines {
    /// Adds what is selected of the next row.
    pub fn add(&mut self, text: &str, wrapped: bool) {
        if self.begun && !wrapped {
            self.end_line();
            self.text.push('\n');
        }
        self.begun = true;
        self.text.push_str(text);
    }

    fn end_line(&mut self) {
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
    }

    /// All of it, without empty lines at the end.
    #[must_use]
    pub fn finish(mut self) -> String {
        self.end_line();
        let end = self.text.trim_end_matches('\n').len();
        self.text.truncate(end);
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn row(text: &str, start: usize) -> RowText {
        RowText { text: text.to_owned(), start, wrapped: false }
    }

    #[test]
    fn columns_are_those_of_whole_clusters() {
        let row = row("│ 日本 e\u{301}x", "│ ".len());
        assert_eq!((row.first(), row.last()), (2, 8));
        assert_eq!([0, 2, 3, 4, 7, 99].map(|column| row.snap(column)), [2, 2, 2, 4, 7, 8]);
        assert_eq!((row.next(2), row.next(8)), (Some(4), None));
        assert_eq!((row.previous(4), row.previous(2)), (Some(2), None));
        assert_eq!(row.between(Some(4), Some(7)), "本 e\u{301}");
        assert_eq!(row.cells(Some(4), Some(7)), 4..8);
        assert_eq!(row.between(None, None), "日本 e\u{301}x");
        assert_eq!(row.word_at(8), Some((7, 8)));
    }

    #[test]
    fn wrapped_rows_become_one_line() {
        let mut lines = Lines::default();
        for (text, wrapped) in
            [("one ", false), ("two", true), ("", false), ("three  ", false), ("", false)]
        {
            lines.add(text, wrapped);
        }
        assert_eq!(lines.finish(), "one two\n\nthree");
    }

    proptest! {
        #[test]
        fn moving_stays_on_clusters(text in "\\PC{0,20}", column in 0..60usize) {
            let row = row(&text::visible(&text), 0);
            let at = row.snap(column);
            prop_assert!(at >= row.first() && at <= row.last());
            prop_assert_eq!(row.snap(at), at);
            if let Some(next) = row.next(at) {
                prop_assert!(next > at && row.snap(next) == next);
            }
            let all = row.between(None, None);
            prop_assert_eq!(all, text::visible(&text).into_owned());
        }
    }
}
