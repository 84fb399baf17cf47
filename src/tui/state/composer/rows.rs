//! Where a text is wrapped. Kept for one width and mended after an edit: rows above the edit are
//! counted from the beginning of the text and rows below it from its end, so that neither changes,
//! and only the rows around the edit are looked at again. Where an edit moves all that follows, as in
//! a text that is one long line, the rows below are forgotten, and found again when they are shown.

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;

use super::Row;
use crate::text;

/// Rows above an edit that may be wrapped otherwise after it: the word that was edited may fit into
/// the row above, and what decided the break above that one stands at most two rows further down.
const UNSURE: usize = 3;
/// Rows below an edit that are wrapped in the hope to come to one that begins where it did.
const AHEAD: usize = 16;

/// The rows of a text at one width, as far as they are known; without a width there are none yet.
#[derive(Debug, Clone, Default)]
pub struct Rows {
    cells: usize,
    /// Bytes of the text.
    length: usize,
    /// Beginnings of the first rows, from the beginning of the text.
    head: Vec<usize>,
    /// Beginnings of the others, the last one first, from the end of the text.
    tail: Vec<usize>,
    /// Whether others may follow that are not known.
    open: bool,
    /// Clusters that were measured so far: what wrapping has cost.
    #[cfg(test)]
    pub(super) measured: usize,
}

impl Rows {
    /// The rows of a text, of which only the first is known.
    #[must_use]
    pub fn of(text: &str, cells: usize) -> Self {
        let (cells, length) = (cells.max(1), text.len());
        Self { cells, length, head: vec![0], open: true, ..Self::default() }
    }

    /// Cells of a row; zero where nothing was wrapped.
    #[must_use]
    pub fn cells(&self) -> usize {
        self.cells
    }

    /// How many there are, counted no further than `most`.
    #[must_use]
    pub fn count_up_to(&self, text: &str, most: usize) -> usize {
        let known = self.head.len() + self.tail.len();
        if known >= most || !self.open {
            return known.min(most);
        }
        known - 1 + self.from(text, known - 1).take(most - (known - 1)).count()
    }

    /// The rows from one on.
    pub fn from<'a>(&'a self, text: &'a str, first: usize) -> impl Iterator<Item = Row> + 'a {
        let known = self.head.len() + self.tail.len();
        // What is not known is found from the last one on that is.
        let begin = first.min(known.saturating_sub(1));
        let (mut index, mut start) = (begin, self.start(begin));
        let all = std::iter::from_fn(move || {
            let at = start?;
            index += 1;
            start = self.start(index);
            if start.is_none() && self.open {
                start = row_after(text, at, self.cells).0;
            }
            let next = start.unwrap_or(text.len());
            let broken = start.is_some() && text.as_bytes().get(next - 1) == Some(&b'\n');
            Some(Row { start: at, end: next - usize::from(broken) })
        });
        all.skip(first - begin)
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, text: &str, index: usize) -> Option<Row> {
        self.from(text, index).next()
    }

    /// The row in which a place of the text is. Between two rows it is the lower one.
    #[must_use]
    pub fn at(&self, text: &str, offset: usize) -> usize {
        let in_head = self.head.partition_point(|start| *start <= offset);
        if in_head < self.head.len() {
            return in_head.saturating_sub(1);
        }
        let known = self.head.len() + self.tail.len();
        let from_end = self.length.saturating_sub(offset);
        let below = self.tail.partition_point(|start| *start < from_end);
        let row = (known - below).saturating_sub(1);
        if row + 1 < known || !self.open {
            return row;
        }
        let further = self.from(text, row + 1).take_while(|row| row.start <= offset);
        row + further.count()
    }

    /// Makes the rows up to the one with this place known, and the one below it.
    pub fn reach(&mut self, text: &str, offset: usize) {
        if !self.open {
            return;
        }
        self.part_at(self.length);
        while let Some(start) = self.head.last().copied().filter(|start| *start <= offset) {
            let (next, clusters) = row_after(text, start, self.cells);
            self.count_work(clusters);
            match next {
                Some(next) => self.head.push(next),
                None => {
                    self.open = false;
                    return;
                }
            }
        }
    }

    /// What stood at `at` was replaced by `inserted` other bytes; `text` is as it is now.
    pub fn edited(&mut self, text: &str, at: usize, inserted: usize) {
        if self.cells == 0 {
            return;
        }
        self.part_at(at);
        self.length = text.len();
        // Rows that began in what was removed are gone.
        let behind = text.len() - (at + inserted);
        while self.tail.last().is_some_and(|start| *start > behind) {
            self.tail.pop();
        }
        self.head.truncate(self.head.len().saturating_sub(UNSURE).max(1));
        self.mend(text, at + inserted);
    }

    fn start(&self, index: usize) -> Option<usize> {
        if let Some(start) = self.head.get(index) {
            return Some(*start);
        }
        let from_last = (self.head.len() + self.tail.len()).checked_sub(index + 1)?;
        self.tail.get(from_last).map(|start| self.length - start)
    }

    /// Moves rows between head and tail, so that the head ends with the row in which `at` is.
    fn part_at(&mut self, at: usize) {
        while self.head.len() > 1 && self.head.last().is_some_and(|start| *start > at) {
            self.tail.extend(self.head.pop().map(|start| self.length - start));
        }
        while let Some(from_end) = self.tail.last().copied()
            && self.length - from_end <= at
        {
            self.tail.pop();
            self.head.push(self.length - from_end);
        }
    }

    /// Wraps from the last row of the head on, until a row begins where one began before; from `sure`
    /// on the text is as it was then.
    fn mend(&mut self, text: &str, sure: usize) {
        let mut left = AHEAD;
        while left > 0 {
            let Some(start) = self.head.last().copied() else { return };
            let (next, clusters) = row_after(text, start, self.cells);
            self.count_work(clusters);
            let Some(next) = next else {
                self.tail.clear();
                self.open = false;
                return;
            };
            let from_end = self.length - next;
            while self.tail.last().is_some_and(|start| *start > from_end) {
                self.tail.pop();
            }
            if next >= sure && self.tail.last() == Some(&from_end) {
                return;
            }
            self.head.push(next);
            left -= usize::from(next >= sure);
        }
        self.tail.clear();
        self.open = true;
    }

    #[cfg(test)]
    fn count_work(&mut self, clusters: usize) {
        self.measured += clusters;
    }

    #[cfg(not(test))]
    fn count_work(&self, _clusters: usize) {}
}

/// Where the row below the one that begins at `start` begins, and how many clusters were looked at.
/// `None`: it is the last one.
///
/// Rows break after spaces, and inside a word only where it is wider than a row. One space may hang
/// over the end of a row; the row ends with it, so that the cursor always has a cell of its own.
fn row_after(text: &str, start: usize, cells: usize) -> (Option<usize>, usize) {
    let (mut used, mut word) = (0, None);
    for (count, (at, cluster)) in text[start..].grapheme_indices(true).enumerate() {
        let at = start + at;
        let end = at + cluster.len();
        if cluster == "\n" {
            return (Some(end), count);
        }
        let shown = cluster.strip_suffix('\n').unwrap_or(cluster);
        let wide = width(shown);
        if cluster == " " {
            if used >= cells {
                return (Some(end), count);
            }
            used += 1;
            word = Some(end);
            continue;
        }
        if used + wide > cells && at > start {
            return (Some(word.unwrap_or(at)), count);
        }
        used += wide;
        if shown.len() < cluster.len() {
            return (Some(end), count);
        }
        if wide == 2 && text::is_ideograph(cluster) {
            word = Some(end);
        }
    }
    (None, text.len() - start)
}

/// Cells of a cluster as it is shown.
pub(super) fn width(cluster: &str) -> usize {
    match text::visible(cluster) {
        Cow::Borrowed(shown) => text::width(shown),
        Cow::Owned(shown) => text::width(&shown),
    }
}
