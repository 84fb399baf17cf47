//! The text field: editing by grapheme cluster, as in readline, and where the cursor is. Where rows
//! break is in `rows`, what can be taken back in `undo`, what was cut in `kills`. Knows nothing of
//! what the text is for. An edit costs what its row costs, however long the text is.

mod kills;
mod rows;
#[cfg(test)]
mod tests;
mod undo;

use std::borrow::Cow;
use std::ops::Range;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use kills::Kills;
pub use rows::Rows;
use undo::{Kind, Step, Undo};

/// A text being edited, and the cursor in it.
#[derive(Debug, Clone, Default)]
pub struct Composer {
    text: String,
    /// Byte offset, always between two grapheme clusters.
    cursor: usize,
    /// Where it is wrapped at the width it was last shown at.
    rows: Rows,
    undo: Undo,
    kills: Kills,
    /// What the last key did, where the next one may go on with it.
    last: Last,
    /// Column that moving up and down tries to keep.
    column: Option<usize>,
}

/// What the last key did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Last {
    #[default]
    Other,
    /// It cut something: the next cut is part of the same text.
    Cut,
    /// It put back what was cut, here: an older text may take its place.
    Yank(Range<usize>),
}

/// Where to move or up to where to delete.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Motion {
    /// One grapheme cluster back.
    Left,
    /// One grapheme cluster on.
    Right,
    /// To the beginning of the word before.
    WordLeft,
    /// To the end of the next word.
    WordRight,
    /// To the beginning of the line.
    LineStart,
    /// To the end of the line.
    LineEnd,
    /// To the beginning of the text.
    Start,
    /// To the end of the text.
    End,
}

/// One row of the text as it is shown: a range of it, without the line break.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Byte offset of its beginning.
    pub start: usize,
    /// Byte offset behind its end.
    pub end: usize,
}

impl Composer {
    /// A field that holds `text`, with the cursor at its end and nothing to take back.
    #[must_use]
    pub fn with_text(text: &str) -> Self {
        Self { text: text.to_owned(), cursor: text.len(), ..Self::default() }
    }

    /// Puts a text in that has nothing to do with the one before: nothing is to be taken back. What
    /// was cut can still be put in.
    pub fn load(&mut self, text: &str) {
        let kills = std::mem::take(&mut self.kills);
        *self = Self { kills, ..Self::with_text(text) };
    }

    /// The text as it is now.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What stands before the cursor.
    #[must_use]
    pub fn before_cursor(&self) -> &str {
        &self.text[..self.cursor]
    }

    /// Whether the cursor is at the end of a line.
    #[must_use]
    pub fn at_line_end(&self) -> bool {
        matches!(self.text.as_bytes().get(self.cursor), None | Some(b'\n'))
    }

    /// Whether nothing but space was written.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }

    /// Whether the cursor stands before everything.
    #[must_use]
    pub fn is_at_start(&self) -> bool {
        self.cursor == 0
    }

    /// Takes the last occurrence of `part` out, as one step that can be undone; false if there is none.
    pub fn take_out(&mut self, part: &str) -> bool {
        let Some(at) = self.text.rfind(part).filter(|_| !part.is_empty()) else { return false };
        let end = at + part.len();
        let cursor =
            if self.cursor >= end { self.cursor - part.len() } else { self.cursor.min(at) };
        self.last = Last::Other;
        self.replace(Kind::Other, at..end, "", Some(cursor));
        true
    }

    /// Takes the text out and leaves an empty field without history.
    pub fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        self.load("");
        text
    }

    /// Puts another text in, as one step that can be undone; the cursor goes to its end.
    pub fn set(&mut self, text: &str) {
        let same = |(one, other): &(u8, u8)| one == other;
        let (old, new) = (self.text.as_bytes(), text.as_bytes());
        let start = old.iter().copied().zip(new.iter().copied()).take_while(same).count();
        let start = text.floor_char_boundary(start);
        let ends = old[start..].iter().copied().rev().zip(new[start..].iter().copied().rev());
        let end = text.len() - ends.take_while(same).count();
        let end = text.ceil_char_boundary(end);
        let gone = start..self.text.len() - (text.len() - end);
        self.last = Last::Other;
        self.replace(Kind::Other, gone, &text[start..end], Some(text.len()));
    }

    /// Inserts at the cursor. Line breaks of other systems become ours.
    pub fn insert(&mut self, text: &str) {
        let single = text.chars().nth(1).is_none();
        let kind = match text {
            _ if !single => Kind::Other,
            text if text.trim().is_empty() => Kind::Space,
            _ => Kind::Letters,
        };
        self.last = Last::Other;
        let text = if text.contains('\r') {
            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            Cow::Borrowed(text)
        };
        self.replace(kind, self.cursor..self.cursor, &text, None);
    }

    /// Moves the cursor.
    pub fn move_by(&mut self, motion: Motion) {
        self.cursor = self.target(motion);
        self.moved();
        self.column = None;
    }

    /// Deletes up to where `motion` leads. What words and lines held can be put back by `yank`; cut
    /// one after the other, they are one text.
    pub fn delete(&mut self, motion: Motion) {
        let target = self.target(motion);
        let gone = target.min(self.cursor)..target.max(self.cursor);
        if gone.is_empty() {
            return;
        }
        if matches!(motion, Motion::Left | Motion::Right) {
            self.last = Last::Other;
            self.replace(Kind::Delete, gone, "", None);
            return;
        }
        let joins = self.last == Last::Cut;
        self.kills.cut(&self.text[gone.clone()], target < self.cursor, joins);
        self.last = Last::Cut;
        self.replace(Kind::Other, gone, "", None);
    }

    /// Inserts what was cut last.
    pub fn yank(&mut self) {
        if let Some(cut) = self.kills.newest() {
            let start = self.cursor;
            self.replace(Kind::Other, start..start, &cut, None);
            self.last = Last::Yank(start..start + cut.len());
        }
    }

    /// Right after `yank` or itself: puts what was cut before that in its place.
    pub fn yank_older(&mut self) {
        let Last::Yank(place) = self.last.clone() else { return };
        if let Some(cut) = self.kills.older() {
            let start = place.start;
            self.replace(Kind::Other, place, &cut, None);
            self.last = Last::Yank(start..start + cut.len());
        }
    }

    /// Exchanges the clusters before and behind the cursor, at the end of a line the two before it,
    /// and moves on.
    pub fn transpose(&mut self) {
        if self.at_line_end() {
            let end = self.cursor;
            self.move_by(Motion::Left);
            if self.text[self.cursor..end].contains('\n') {
                self.cursor = end;
            }
        }
        let (start, end) = (self.target(Motion::Left), self.target(Motion::Right));
        let both = &self.text[start..end];
        if start < self.cursor && self.cursor < end && !both.contains('\n') {
            let (before, behind) = both.split_at(self.cursor - start);
            let swapped = format!("{behind}{before}");
            self.last = Last::Other;
            self.replace(Kind::Other, start..end, &swapped, None);
        }
    }

    /// Takes the last edit back.
    pub fn undo(&mut self) {
        if let Some(step) = self.undo.back() {
            self.splice(step.at..step.at + step.inserted.len(), &step.removed);
            self.cursor = step.before;
            (self.column, self.last) = (None, Last::Other);
        }
    }

    /// What stands in the field stays: no edit before this is taken back.
    pub fn keep(&mut self) {
        self.undo = Undo::default();
    }

    /// Makes the last undone edit again.
    pub fn redo(&mut self) {
        if let Some(step) = self.undo.forth() {
            self.splice(step.at..step.at + step.removed.len(), &step.inserted);
            self.cursor = step.after;
            (self.column, self.last) = (None, Last::Other);
        }
    }

    /// Wraps the text up to the cursor for rows of `cells`, at least one, so that showing it costs only
    /// the rows that are shown.
    pub fn wrap(&mut self, cells: usize) {
        if self.rows.cells() != cells.max(1) {
            self.rows = Rows::of(&self.text, cells);
        }
        self.rows.reach(&self.text, self.cursor);
    }

    /// The rows of the text when `cells` are there for each, at least one. A row that a line break
    /// ends and one that was wrapped look the same.
    #[must_use]
    pub fn rows(&self, cells: usize) -> Cow<'_, Rows> {
        if self.rows.cells() == cells.max(1) {
            Cow::Borrowed(&self.rows)
        } else {
            Cow::Owned(Rows::of(&self.text, cells))
        }
    }

    /// How many rows there are, counted no further than `most`.
    #[must_use]
    pub fn row_count(&self, cells: usize, most: usize) -> usize {
        self.rows(cells).count_up_to(&self.text, most)
    }

    /// The text of some of the rows, `most` of them from `first` on.
    pub fn shown<'a>(
        &'a self,
        rows: &'a Rows,
        first: usize,
        most: usize,
    ) -> impl Iterator<Item = &'a str> {
        rows.from(&self.text, first).take(most).map(|row| &self.text[row.start..row.end])
    }

    /// Row and column of the cursor, both from 0.
    #[must_use]
    pub fn cursor_cell(&self, rows: &Rows) -> (usize, usize) {
        let row = rows.at(&self.text, self.cursor);
        let start = rows.get(&self.text, row).map_or(0, |row| row.start);
        (row, self.text[start..self.cursor].graphemes(true).map(rows::width).sum())
    }

    /// Moves the cursor `by` rows; false, and nothing happens, if there is no such row.
    pub fn move_rows(&mut self, by: isize, cells: usize) -> bool {
        self.wrap(cells);
        let (row, column) = self.cursor_cell(&self.rows);
        let column = self.column.unwrap_or(column);
        let target = row.checked_add_signed(by).and_then(|row| self.rows.get(&self.text, row));
        let Some(target) = target else { return false };
        self.cursor = target.start + self.offset_at(target, column);
        self.moved();
        self.column = Some(column);
        true
    }

    /// Puts the cursor at a cell of the shown text.
    pub fn click(&mut self, row: usize, column: usize, cells: usize) {
        self.wrap(cells);
        let row = row.min(self.rows.count_up_to(&self.text, row + 1).saturating_sub(1));
        if let Some(row) = self.rows.get(&self.text, row) {
            self.cursor = row.start + self.offset_at(row, column);
            self.moved();
            self.column = None;
        }
    }

    /// The cursor is elsewhere: the next edit is a step of its own.
    fn moved(&mut self) {
        self.undo.close();
        self.last = Last::Other;
    }

    fn offset_at(&self, row: Row, column: usize) -> usize {
        let text = &self.text[row.start..row.end];
        let mut used = 0;
        for (at, cluster) in text.grapheme_indices(true) {
            used += rows::width(cluster);
            if used > column {
                return at;
            }
        }
        // Behind the last cluster of a row that was wrapped is the beginning of the next one.
        let wrapped = self.text.as_bytes().get(row.end).is_some_and(|next| *next != b'\n');
        let last = text.grapheme_indices(true).next_back().filter(|_| wrapped);
        last.map_or(text.len(), |(at, _)| at)
    }

    fn target(&self, motion: Motion) -> usize {
        let before = &self.text[..self.cursor];
        let after = &self.text[self.cursor..];
        match motion {
            Motion::Left => before.grapheme_indices(true).next_back().map_or(0, |(at, _)| at),
            Motion::Right => self.cursor + after.graphemes(true).next().map_or(0, str::len),
            Motion::WordLeft => {
                let mut words = before.unicode_word_indices();
                words.next_back().map_or(0, |(at, _)| at)
            }
            Motion::WordRight => {
                let next = after.unicode_word_indices().next();
                next.map_or(self.text.len(), |(at, word)| self.cursor + at + word.len())
            }
            Motion::LineStart => before.rfind('\n').map_or(0, |at| at + 1),
            Motion::LineEnd => after.find('\n').map_or(self.text.len(), |at| self.cursor + at),
            Motion::Start => 0,
            Motion::End => self.text.len(),
        }
    }

    /// Makes an edit that can be taken back. The cursor goes to `cursor`, else behind what was put in.
    fn replace(&mut self, kind: Kind, gone: Range<usize>, text: &str, cursor: Option<usize>) {
        let (at, before) = (gone.start, self.cursor);
        let removed = self.text[gone.clone()].to_owned();
        self.splice(gone, text);
        self.cursor = cursor.unwrap_or(at + text.len());
        self.settle();
        let (inserted, after) = (text.to_owned(), self.cursor);
        self.undo.made(kind, Step { at, removed, inserted, before, after });
    }

    fn splice(&mut self, gone: Range<usize>, text: &str) {
        let at = gone.start;
        self.text.replace_range(gone, text);
        self.rows.edited(&self.text, at, text.len());
    }

    /// After an edit the clusters around the cursor may have joined: moves it behind the one it is in.
    fn settle(&mut self) {
        self.column = None;
        let mut place = GraphemeCursor::new(self.cursor, self.text.len(), true);
        if place.is_boundary(&self.text, 0) == Ok(false) {
            let next = place.next_boundary(&self.text, 0);
            self.cursor = next.ok().flatten().unwrap_or(self.text.len());
        }
    }
}
