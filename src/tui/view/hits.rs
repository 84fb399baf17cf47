//! Words that were looked for, in the rows on the screen. A row shows what of them is in it; they may
//! begin in the row above or go on in the next one.

use std::ops::Range;

use ratatui::text::Line;

use crate::tui::markdown::Document;
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
    let ranges = in_row(document, row, &find.needle);
    if ranges.is_empty() {
        return line;
    }
    let current = current.and_then(|(hit, source)| {
        let start = hit.start as usize;
        let begins = document.source_of(row).min(start);
        (document.row_of(start) == row).then(|| find.needle.count_in(source, begins..start))
    });
    let indent = document.content(row).map_or(0, |content| content.indent);
    // What goes on from the row above was counted there.
    let goes_on = ranges.iter().take_while(|(_, begins)| !begins).count();
    let styles = ranges.iter().enumerate().map(|(index, (range, _))| {
        let is_current = current.is_some_and(|current| current + goes_on == index);
        let role = if is_current { Role::CurrentHit } else { Role::Hit };
        (range.start + indent..range.end + indent, theme.style(role))
    });
    restyled(line, styles)
}

/// Where in the text of a row the words are, in bytes, and whether they begin there.
fn in_row(document: &Document, row: usize, needle: &Needle) -> Vec<(Range<usize>, bool)> {
    let Some(content) = document.content(row) else { return Vec::new() };
    let (mut text, mut before, mut goes_on) = (content.text.into_owned(), 0, content.wrapped);
    let (length, enough) = (text.len(), needle.longest());
    for above in (0..row).rev() {
        let Some(content) = document.content(above).filter(|_| goes_on && before < enough) else {
            break;
        };
        before += content.text.len();
        text.insert_str(0, &content.text);
        goes_on = content.wrapped;
    }
    for below in row + 1.. {
        let more = document.content(below).filter(|content| content.wrapped);
        let Some(content) = more.filter(|_| text.len() < before + length + enough) else { break };
        text.push_str(&content.text);
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
