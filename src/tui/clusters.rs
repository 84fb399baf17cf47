//! Clusters of characters that terminals measure in different ways: flags, joined emoji, emoji with a
//! skin tone or a selector of their presentation. A terminal that takes one for wider than we do
//! writes over the cells behind it, and one that takes it for narrower leaves an old cell in its
//! place: around them cells are written that a plain comparison of frames would leave out.

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthChar as _;

use crate::text;

/// The cells behind a cluster that a terminal may have written over, where they begin.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Behind {
    /// The cell of the cluster.
    pub(super) cluster: (u16, u16),
    /// The column of the first of them.
    pub(super) x: u16,
    /// What belongs there.
    pub(super) cells: Vec<Cell>,
}

/// Cells that a terminal may give a symbol beyond ours; `None`: it is measured alike everywhere.
#[must_use]
pub(super) fn spill(symbol: &str) -> Option<u16> {
    // Two characters outside ASCII, one of them an emoji, selector or joiner, have at least as many bytes.
    if symbol.len() < 5 {
        return None;
    }
    let is_flag = |c: char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
    let apart = |c: char| if is_flag(c) { 2 } else { c.width().unwrap_or(0) };
    let unsure = |c: char| {
        is_flag(c) || matches!(c, '\u{200d}' | '\u{fe0f}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}')
    };
    if !symbol.chars().any(unsure) {
        return None;
    }
    let most: usize = symbol.chars().map(apart).sum();
    Some(most.saturating_sub(text::width(symbol)) as u16)
}

/// What stands behind every such cluster of a frame.
#[must_use]
pub(super) fn behind(buffer: &Buffer) -> Vec<Behind> {
    let area = buffer.area;
    let mut all = Vec::new();
    for (index, cell) in buffer.content.iter().enumerate() {
        let Some(more) = spill(cell.symbol()).filter(|more| *more > 0) else { continue };
        let (x, y) = buffer.pos_of(index);
        let first = x + text::width(cell.symbol()) as u16;
        let cells = (first..area.right().min(first + more)).filter_map(|x| buffer.cell((x, y)));
        all.push(Behind { cluster: (x, y), x: first, cells: cells.cloned().collect() });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    #[test]
    fn only_what_terminals_disagree_about_spills() {
        for same in ["a", "熱", "e\u{301}", "नि", "क्षि", "😀", "\u{1f1f3}", "العربية"]
        {
            assert_eq!(spill(same), None, "{same}");
        }
        // A flag, a family, a skin tone, a heart in its two presentations, a keycap.
        for (symbol, more) in
            [("🇳🇴", 2), ("👩‍👩‍👧", 4), ("👍🏽", 2), ("❤\u{fe0f}", 0), ("1\u{fe0f}\u{20e3}", 0)]
        {
            assert_eq!(spill(symbol), Some(more), "{symbol}");
        }
    }

    #[test]
    fn what_stands_behind_ends_with_the_row() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 2));
        buffer.set_string(0, 0, "🇳🇴abc", ratatui::style::Style::new());
        buffer.set_string(3, 1, "🇳🇴d", ratatui::style::Style::new());
        let behind = behind(&buffer);
        let shown: Vec<(u16, String)> = behind
            .iter()
            .map(|one| (one.x, one.cells.iter().map(Cell::symbol).collect::<String>()))
            .collect();
        assert_eq!(shown, [(2, "ab".to_owned()), (5, "d".to_owned())]);
    }
}
