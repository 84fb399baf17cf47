//! Words that were looked for, in the rows on the screen. A row shows what of them is in it; they may
//! begin in the row above or go on in the next one.

use std::ops::Range;

use ratatui::style::Style;
use ratatui::text::Line;

use crate::tui::markdown::{Document, Piece};
use crate::tui::state::find::{Find, Hit, Needle};
use crate::tui::state::paint::restyled;
use crate::tui::theme::{Role, Theme};

/// A row of a document, with the words in it.
pub(super) fn marked<'a>(
    line: Line<'a>,
    document: &Document,
    row: usize,
    find: &Find,
    current: Option<(Hit, &str)>,
    theme: Theme,
) -> Line<'a> {
    let pieces = document.pieces(row);
    let current = current.and_then(|(hit, source)| {
        let start = hit.start as usize;
        let here = document.row_of(start) == row;
        // Of the cells of a table, the one that begins last before it.
        let before = pieces.iter().filter(|piece| piece.source <= start);
        let piece = before.max_by_key(|piece| piece.source).filter(|_| here)?;
        Some((piece.column, find.needle.count_in(source, piece.source..start)))
    });
    let styles: Vec<_> = pieces
        .iter()
        .flat_map(|piece| {
            let ranges = in_piece(document, row, piece, &find.needle);
            let current = current.filter(|(column, _)| *column == piece.column);
            styled(piece, &ranges, current.map(|(_, number)| number), theme)
        })
        .collect();
    if styles.is_empty() { line } else { restyled(line, styles.into_iter()) }
}

/// The places of a piece with their styles; `current`: the number of the one that is shown, of those that
/// begin there.
fn styled(
    piece: &Piece,
    ranges: &[(Range<usize>, bool)],
    current: Option<usize>,
    theme: Theme,
) -> Vec<(Range<usize>, Style)> {
    // What goes on from the row above was counted there.
    let goes_on = ranges.iter().take_while(|(_, begins)| !begins).count();
    let styles = ranges.iter().enumerate().map(|(index, (range, _))| {
        let is_current = current.is_some_and(|current| current + goes_on == index);
        let role = if is_current { Role::CurrentHit } else { Role::Hit };
        (range.start + piece.start..range.end + piece.start, theme.style(role))
    });
    styles.collect()
}

/// Where in a text of a row the words are, in bytes, and whether they begin there.
fn in_piece(
    document: &Document,
    row: usize,
    piece: &Piece,
    needle: &Needle,
) -> Vec<(Range<usize>, bool)> {
    let (length, enough) = (piece.text.len(), needle.longest());
    let (mut text, mut before, mut goes_on) = (piece.text.clone(), 0, piece.wrapped);
    for above in (0..row).rev() {
        let above = document.piece(above, piece.column).filter(|_| goes_on && before < enough);
        let Some(above) = above else { break };
        let said = whole(&above);
        before += said.len();
        text.insert_str(0, &said);
        goes_on = above.wrapped;
    }
    if piece.space {
        text.push(' ');
    }
    for below in row + 1.. {
        let more = document.piece(below, piece.column).filter(|piece| piece.wrapped);
        let Some(below) = more.filter(|_| text.len() < before + length + enough) else { break };
        text.push_str(&whole(&below));
    }
    let within = before..before + length;
    needle
        .found_in(&text)
        .into_iter()
        .filter(|hit| hit.start < within.end && hit.end > within.start)
        .map(|hit| {
            let start = hit.start.max(within.start) - before;
            (start..hit.end.min(within.end) - before, hit.start >= within.start)
        })
        .collect()
}

/// A text with the space that is not shown.
fn whole(piece: &Piece) -> String {
    format!("{}{}", piece.text, if piece.space { " " } else { "" })
}
