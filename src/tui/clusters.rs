//! Clusters of characters that terminals measure in different ways: flags, joined emoji, emoji with a
//! skin tone or a selector of their presentation, vowels that have a cell of their own. A terminal that
//! takes one for wider than we do writes over the cells behind it, and one that takes it for narrower
//! leaves an old cell in its place; one that does not join it shows several, of which the later ones
//! stay. Around them, and where they have been, cells are written that a plain comparison of frames
//! would leave out.

use ratatui::buffer::{Buffer, Cell};
use unicode_width::UnicodeWidthChar as _;

use crate::text;

/// Such clusters of the screen: those that stand, and those of the frame that is drawn.
#[derive(Debug, Default)]
pub(super) struct Clusters {
    standing: Vec<Cluster>,
    drawn: Vec<(u16, u16)>,
}

#[derive(Debug)]
struct Cluster {
    x: u16,
    y: u16,
    symbol: String,
}

impl Clusters {
    /// One is written.
    pub(super) fn draw(&mut self, x: u16, y: u16) {
        self.drawn.push((x, y));
    }

    /// The cells to be written again after a frame, row by row: what stands behind clusters that were
    /// drawn, and all that those which have gone may have covered. Costs nothing where there are none.
    pub(super) fn again(&mut self, buffer: &Buffer) -> Vec<(u16, u16, Cell)> {
        let mut ranges = Vec::new();
        let symbol = |x, y| buffer.cell((x, y)).map_or("", Cell::symbol);
        let drawn = std::mem::take(&mut self.drawn);
        self.standing.retain(|one| {
            let stands = symbol(one.x, one.y) == one.symbol;
            if !stands {
                ranges.push((one.y, one.x, one.x + cells(&one.symbol)));
            }
            stands && !drawn.contains(&(one.x, one.y))
        });
        for (x, y) in drawn {
            let symbol = symbol(x, y);
            let own = text::width(symbol) as u16;
            ranges.push((y, x + own, x + cells(symbol)));
            self.standing.push(Cluster { x, y, symbol: symbol.to_owned() });
        }
        ranges.sort_unstable();
        let mut again = Vec::new();
        let (mut row, mut next) = (0, 0);
        for (y, first, mut end) in ranges {
            let first = whole(buffer, first, y);
            let mut x = if y == row { first.max(next) } else { first };
            row = y;
            while x < end
                && let Some(cell) = buffer.cell((x, y))
            {
                again.push((x, y, cell.clone()));
                // The second cell of a wide one is not written, and one of these spills itself.
                if spill(cell.symbol()).is_some() {
                    end = end.max(x + cells(cell.symbol()));
                }
                x += text::width(cell.symbol()).max(1) as u16;
            }
            next = x;
        }
        again
    }
}

/// Where the character begins that a cell belongs to: written on its own, the second cell of a wide one
/// would wipe out the first.
fn whole(buffer: &Buffer, x: u16, y: u16) -> u16 {
    let mut at = buffer.area.left();
    while let Some(cell) = buffer.cell((at, y)) {
        let next = at + text::width(cell.symbol()).max(1) as u16;
        if next > x {
            break;
        }
        at = next;
    }
    at.min(x)
}

/// Cells that some terminal may give a cluster.
fn cells(symbol: &str) -> u16 {
    text::width(symbol) as u16 + spill(symbol).unwrap_or(0)
}

/// Cells that a terminal may give a symbol beyond ours; `None`: it is measured alike everywhere.
#[must_use]
pub(super) fn spill(symbol: &str) -> Option<u16> {
    // Two characters that have cells of their own outside ASCII have at least as many bytes, and so has
    // one with a selector.
    if symbol.len() < 5 {
        return None;
    }
    let is_flag = |c: char| ('\u{1f1e6}'..='\u{1f1ff}').contains(&c);
    let apart = |c: char| if is_flag(c) { 2 } else { c.width().unwrap_or(0) };
    let drawn_apart = symbol.chars().filter(|c| apart(*c) > 0).count() > 1;
    if !drawn_apart && !symbol.contains(['\u{fe0f}', '\u{20e3}']) {
        return None;
    }
    let most: usize = symbol.chars().map(apart).sum();
    Some(most.saturating_sub(text::width(symbol)) as u16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    #[test]
    fn only_what_terminals_disagree_about_spills() {
        for same in ["a", "熱", "e\u{301}", "क\u{94d}", "😀", "\u{1f1f3}", "ب"] {
            assert_eq!(spill(same), None, "{same}");
        }
        // A flag, a family, a skin tone, a heart in its two presentations, a keycap; vowels with a cell of
        // their own.
        for (symbol, more) in [
            ("🇳🇴", 2),
            ("👩‍👩‍👧", 4),
            ("👍🏽", 2),
            ("❤\u{fe0f}", 0),
            ("1\u{fe0f}\u{20e3}", 0),
            ("น้ำ", 0),
            ("नि", 0),
        ] {
            assert_eq!(spill(symbol), Some(more), "{symbol}");
        }
    }

    fn again(clusters: &mut Clusters, buffer: &Buffer) -> Vec<(u16, u16, String)> {
        let again = clusters.again(buffer).into_iter();
        again.map(|(x, y, cell)| (x, y, cell.symbol().to_owned())).collect()
    }

    #[test]
    fn what_a_flag_covered_is_written_again_when_it_comes_and_when_it_goes() {
        let mut clusters = Clusters::default();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 2));
        let style = ratatui::style::Style::new();
        assert_eq!(again(&mut clusters, &buffer), []);
        buffer.set_string(0, 0, "🇳🇴a熱c", style);
        buffer.set_string(5, 1, "🇳🇴d", style);
        clusters.draw(5, 1);
        clusters.draw(0, 0);
        let cell = |x, y, symbol: &str| (x, y, symbol.to_owned());
        // As far as the row goes, and a wide character as a whole.
        let behind = [cell(2, 0, "a"), cell(3, 0, "熱"), cell(7, 1, "d")];
        assert_eq!(again(&mut clusters, &buffer), behind);
        assert_eq!(again(&mut clusters, &buffer), [], "a flag that stands is left alone");
        buffer.set_string(0, 0, "12", style);
        let all = [cell(0, 0, "1"), cell(1, 0, "2"), cell(2, 0, "a"), cell(3, 0, "熱")];
        assert_eq!(again(&mut clusters, &buffer), all);
        assert_eq!(again(&mut clusters, &buffer), []);
    }

    #[test]
    fn a_wide_character_that_stands_across_where_a_heart_was_is_written_as_a_whole() {
        let mut clusters = Clusters::default();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 8, 1));
        let style = ratatui::style::Style::new();
        buffer.set_string(0, 0, "a❤\u{fe0f} b", style);
        clusters.draw(1, 0);
        again(&mut clusters, &buffer);
        buffer.set_string(0, 0, "漢字漢字", style);
        let cell = |x, symbol: &str| (x, 0, symbol.to_owned());
        assert_eq!(again(&mut clusters, &buffer), [cell(0, "漢"), cell(2, "字")]);
    }

    #[test]
    fn flags_beside_each_other_are_written_once_each() {
        let mut clusters = Clusters::default();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 10, 1));
        buffer.set_string(0, 0, "🇳🇴🇩🇪ab", ratatui::style::Style::new());
        clusters.draw(0, 0);
        clusters.draw(2, 0);
        let behind: String = again(&mut clusters, &buffer).into_iter().map(|(_, _, s)| s).collect();
        assert_eq!(behind, "🇩🇪ab");
    }
}
