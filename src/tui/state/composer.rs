//! The text field: editing by grapheme cluster, undo in words, and where the rows of the text are.
//! Knows nothing of what the text is for.

use unicode_segmentation::UnicodeSegmentation;

use crate::text;

/// Steps of undo that are kept.
const MOST_UNDO: usize = 200;

/// A text being edited, and the cursor in it.
#[derive(Debug, Clone, Default)]
pub struct Composer {
    text: String,
    /// Byte offset, always between two grapheme clusters.
    cursor: usize,
    undo: Vec<Snapshot>,
    redo: Vec<Snapshot>,
    /// What the last edit was, so that letters of one word are undone together.
    last: Option<Edit>,
    /// Column that moving up and down tries to keep.
    column: Option<usize>,
    /// Text cut last.
    cut: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Snapshot {
    text: String,
    cursor: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Edit {
    Letters,
    Space,
    Delete,
    Other,
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
    /// A field that holds `text`, with the cursor at its end.
    #[must_use]
    pub fn with_text(text: &str) -> Self {
        let mut composer = Self::default();
        composer.set(text);
        composer
    }

    /// The text as it is now.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
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
        self.remember(Edit::Other);
        let end = at + part.len();
        self.text.drain(at..end);
        self.cursor = match self.cursor {
            cursor if cursor >= end => cursor - part.len(),
            cursor => cursor.min(at),
        };
        self.settle();
        true
    }

    /// Takes the text out and leaves an empty field without history.
    pub fn take(&mut self) -> String {
        let cut = std::mem::take(&mut self.cut);
        let text = std::mem::take(&mut self.text);
        *self = Self { cut, ..Self::default() };
        text
    }

    /// Puts another text in, as one step that can be undone.
    pub fn set(&mut self, text: &str) {
        self.remember(Edit::Other);
        self.text = text.to_owned();
        self.cursor = self.text.len();
    }

    /// Inserts at the cursor. Line breaks of other systems become ours.
    pub fn insert(&mut self, text: &str) {
        let single = text.chars().count() == 1;
        let edit = match text {
            _ if !single => Edit::Other,
            text if text.trim().is_empty() => Edit::Space,
            _ => Edit::Letters,
        };
        self.remember(edit);
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        self.text.insert_str(self.cursor, &text);
        self.cursor += text.len();
        self.settle();
    }

    /// Moves the cursor.
    pub fn move_by(&mut self, motion: Motion) {
        self.cursor = self.target(motion);
        self.column = None;
        self.last = None;
    }

    /// Deletes up to where `motion` leads. What words and lines held can be put back by `yank`.
    pub fn delete(&mut self, motion: Motion) {
        let target = self.target(motion);
        let (start, end) = (target.min(self.cursor), target.max(self.cursor));
        if start == end {
            return;
        }
        let single = matches!(motion, Motion::Left | Motion::Right);
        self.remember(if single { Edit::Delete } else { Edit::Other });
        let gone: String = self.text.drain(start..end).collect();
        if !single {
            self.cut = gone;
        }
        self.cursor = start;
        self.settle();
    }

    /// Inserts what was cut last.
    pub fn yank(&mut self) {
        if !self.cut.is_empty() {
            let cut = self.cut.clone();
            self.insert(&cut);
        }
    }

    /// Takes the last edit back.
    pub fn undo(&mut self) {
        if let Some(before) = self.undo.pop() {
            self.redo.push(self.snapshot());
            self.restore(before);
        }
    }

    /// Makes the last undone edit again.
    pub fn redo(&mut self) {
        if let Some(after) = self.redo.pop() {
            self.undo.push(self.snapshot());
            self.restore(after);
        }
    }

    /// The rows of the text when `cells` are there for each, at least one. A row that a line break
    /// ends and one that was wrapped look the same.
    #[must_use]
    pub fn rows(&self, cells: usize) -> Vec<Row> {
        let mut rows = Vec::new();
        let mut start = 0;
        for line in self.text.split('\n') {
            let mut from = start;
            for offset in text::breaks(line, cells) {
                rows.push(Row { start: from, end: start + offset });
                from = start + offset;
            }
            let end = start + line.len();
            rows.push(Row { start: from, end });
            start = end + 1;
        }
        rows
    }

    /// Row and column of the cursor, both from 0.
    #[must_use]
    pub fn cursor_cell(&self, rows: &[Row]) -> (usize, usize) {
        let row = rows.partition_point(|row| row.start <= self.cursor).saturating_sub(1);
        let start = rows.get(row).map_or(0, |row| row.start);
        (row, text::width(&text::visible(&self.text[start..self.cursor])))
    }

    /// Moves the cursor `by` rows; false, and nothing happens, if there is no such row.
    pub fn move_rows(&mut self, by: isize, cells: usize) -> bool {
        let rows = self.rows(cells);
        let (row, column) = self.cursor_cell(&rows);
        let column = self.column.unwrap_or(column);
        let Some(target) = row.checked_add_signed(by).and_then(|row| rows.get(row)) else {
            return false;
        };
        self.cursor = target.start + self.offset_at(*target, column);
        self.column = Some(column);
        self.last = None;
        true
    }

    /// Puts the cursor at a cell of the shown text.
    pub fn click(&mut self, row: usize, column: usize, cells: usize) {
        let rows = self.rows(cells);
        if let Some(row) = rows.get(row.min(rows.len() - 1)) {
            self.cursor = row.start + self.offset_at(*row, column);
            self.column = None;
        }
    }

    fn offset_at(&self, row: Row, column: usize) -> usize {
        let text = &self.text[row.start..row.end];
        let mut used = 0;
        for (at, cluster) in text.grapheme_indices(true) {
            used += text::width(&text::visible(cluster));
            if used > column {
                return at;
            }
        }
        text.len()
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

    /// After an edit the clusters around the cursor may have joined: moves it behind the one it is in.
    fn settle(&mut self) {
        self.column = None;
        let line = self.text[..self.cursor].rfind('\n').map_or(0, |at| at + 1);
        let mut end = line;
        for cluster in self.text[line..].graphemes(true) {
            if end >= self.cursor {
                break;
            }
            end += cluster.len();
        }
        self.cursor = end.max(self.cursor);
    }

    fn remember(&mut self, edit: Edit) {
        let goes_on = match (self.last, edit) {
            (Some(Edit::Letters | Edit::Space), Edit::Space) => true,
            (Some(last), edit) => last == edit && edit != Edit::Other,
            (None, _) => false,
        };
        if !goes_on {
            self.undo.push(self.snapshot());
            if self.undo.len() > MOST_UNDO {
                self.undo.remove(0);
            }
        }
        self.redo.clear();
        self.last = Some(edit);
    }

    fn snapshot(&self) -> Snapshot {
        Snapshot { text: self.text.clone(), cursor: self.cursor }
    }

    fn restore(&mut self, snapshot: Snapshot) {
        self.text = snapshot.text;
        self.cursor = snapshot.cursor;
        self.column = None;
        self.last = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(text: &str) -> Composer {
        let mut composer = Composer::default();
        for c in text.chars() {
            composer.insert(c.encode_utf8(&mut [0; 4]));
        }
        composer
    }

    #[test]
    fn backspace_takes_whole_clusters() {
        for cluster in ["👨‍👩‍👧‍👦", "🇳🇴", "e\u{301}", "नि", "字"] {
            let mut composer = typed(&format!("a{cluster}"));
            composer.delete(Motion::Left);
            assert_eq!(composer.text(), "a");
        }
    }

    #[test]
    fn undo_goes_word_by_word_and_redo_back() {
        let mut composer = typed("one two");
        composer.undo();
        assert_eq!(composer.text(), "one ");
        composer.undo();
        assert_eq!(composer.text(), "");
        composer.redo();
        composer.redo();
        assert_eq!(composer.text(), "one two");
    }

    #[test]
    fn words_and_lines_are_cut_and_put_back() {
        let mut composer = typed("one two\nthree");
        composer.delete(Motion::WordLeft);
        assert_eq!(composer.text(), "one two\n");
        composer.yank();
        composer.move_by(Motion::LineStart);
        composer.delete(Motion::LineEnd);
        assert_eq!(composer.text(), "one two\n");
        composer.move_by(Motion::Start);
        composer.yank();
        assert_eq!(composer.text(), "threeone two\n");
    }

    #[test]
    fn moving_up_and_down_keeps_the_column() {
        let mut composer = typed("long line\nx\nlong line");
        assert!(composer.move_rows(-1, 80));
        assert!(composer.move_rows(-1, 80));
        assert_eq!(composer.cursor_cell(&composer.rows(80)), (0, 9));
        assert!(!composer.move_rows(-1, 80));
    }

    #[test]
    fn pasted_line_breaks_become_ours() {
        let mut composer = Composer::default();
        composer.insert("a\r\nb\rc");
        assert_eq!(composer.text(), "a\nb\nc");
    }

    proptest! {
        #[test]
        fn the_cursor_never_leaves_cluster_borders(steps in proptest::collection::vec((0..14u8, "\\PC{1,3}|\n|\u{200d}|\u{301}"), 0..60), cells in 1..12usize) {
            let mut composer = Composer::default();
            for (step, text) in steps {
                match step {
                    0..5 => composer.insert(&text),
                    5 => composer.move_by(Motion::Left),
                    6 => composer.move_by(Motion::Right),
                    7 => composer.move_by(Motion::WordLeft),
                    8 => composer.delete(Motion::Left),
                    9 => composer.delete(Motion::WordRight),
                    10 => composer.undo(),
                    11 => composer.redo(),
                    12 => drop(composer.move_rows(-1, cells)),
                    _ => composer.click(0, 3, cells),
                }
                prop_assert!(composer.text.is_char_boundary(composer.cursor));
                let rows = composer.rows(cells);
                prop_assert!(composer.cursor_cell(&rows).0 < rows.len());
            }
        }
    }
}
