//! The texts that a row shows: one, or one for each cell of a table, which goes on in the rows below
//! independently of its neighbours.

use super::Document;

/// A text, as far as one row shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Which of those beside each other, from 0.
    pub column: usize,
    /// Where in the row it begins, in bytes.
    pub start: usize,
    /// It.
    pub text: String,
    /// Where in the message it begins, in bytes.
    pub source: usize,
    /// Whether it goes on with the text of this column in the row above.
    pub wrapped: bool,
    /// Whether a space at its end is not shown.
    pub space: bool,
}

/// A cell of a table, as far as one row shows it; places in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) column: u32,
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) source: u32,
    pub(super) wrapped: bool,
    pub(super) space: bool,
}

impl Document {
    /// The texts of a row, from left to right.
    #[must_use]
    pub fn pieces(&self, row: usize) -> Vec<Piece> {
        let Some(content) = self.content(row) else { return Vec::new() };
        let cells = self.cells(row);
        if cells.is_empty() {
            let (start, text) = (content.indent, content.text.into_owned());
            let (source, wrapped) = (self.source_of(row), content.wrapped);
            return vec![Piece { column: 0, start, text, source, wrapped, space: false }];
        }
        let piece = |cell: Cell| {
            // What stands in front of a table counts as its text.
            let range = cell.start as usize..cell.end as usize;
            Piece {
                column: cell.column as usize,
                start: content.indent + range.start,
                text: content.text.get(range).unwrap_or_default().to_owned(),
                source: cell.source as usize,
                wrapped: cell.wrapped,
                space: cell.space,
            }
        };
        cells.into_iter().map(piece).collect()
    }

    /// The text of a column in a row.
    #[must_use]
    pub fn piece(&self, row: usize, column: usize) -> Option<Piece> {
        self.pieces(row).into_iter().find(|piece| piece.column == column)
    }

    fn cells(&self, row: usize) -> Vec<Cell> {
        match self.open_row(row) {
            Some(row) => row.cells.clone(),
            None => self.frozen.cells(row).collect(),
        }
    }

    /// Of rows that share a place, the one whose text is nearest before `offset` of the message.
    pub(super) fn nearest(
        &self,
        rows: std::ops::RangeInclusive<usize>,
        offset: usize,
    ) -> Option<usize> {
        let mut nearest: Option<(usize, usize)> = None;
        for row in rows {
            let before = |piece: &Piece| piece.source <= offset && !piece.text.is_empty();
            let source = self.pieces(row).iter().filter(|p| before(p)).map(|p| p.source).max();
            if let Some(source) =
                source.filter(|source| nearest.is_none_or(|(known, _)| known < *source))
            {
                nearest = Some((source, row));
            }
        }
        nearest.map(|(_, row)| row)
    }
}
