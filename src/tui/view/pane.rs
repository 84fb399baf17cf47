//! The frame around a pane. Only the cells at its edge are touched: it is drawn many times a second,
//! and what is in it is drawn by others.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::symbols::border;
use ratatui::text::Line;
use ratatui::widgets::{Block, Borders, Widget};

/// A frame with titles.
pub(super) struct Pane {
    set: border::Set<'static>,
    style: Style,
    borders: Borders,
    above: Vec<Line<'static>>,
    below: Vec<Line<'static>>,
}

impl Pane {
    /// A frame of such lines, on all sides.
    pub(super) fn new(set: border::Set<'static>, style: Style) -> Self {
        Self { set, style, borders: Borders::ALL, above: Vec::new(), below: Vec::new() }
    }

    /// The sides that there are.
    pub(super) fn borders(self, borders: Borders) -> Self {
        Self { borders, ..self }
    }

    /// Adds a title to the upper side.
    pub(super) fn title_top(mut self, title: Line<'static>) -> Self {
        self.above.push(title);
        self
    }

    /// Adds a title to the lower side.
    pub(super) fn title_bottom(mut self, title: Line<'static>) -> Self {
        self.below.push(title);
        self
    }

    /// What is left in it.
    pub(super) fn inner(&self, area: Rect) -> Rect {
        let block = self.sides(self.borders).title_top("");
        if self.below.is_empty() { block } else { block.title_bottom("") }.inner(area)
    }

    fn sides(&self, borders: Borders) -> Block<'static> {
        Block::new().borders(borders).border_set(self.set).border_style(self.style)
    }
}

impl Widget for Pane {
    fn render(mut self, area: Rect, buffer: &mut Buffer) {
        let area = area.intersection(buffer.area);
        let (above, below) = (std::mem::take(&mut self.above), std::mem::take(&mut self.below));
        let above = |block| above.into_iter().fold(block, Block::title_top);
        let below = |block| below.into_iter().fold(block, Block::title_bottom);
        if self.borders != Borders::ALL || area.height < 3 {
            return below(above(self.sides(self.borders))).render(area, buffer);
        }
        // A block styles all of its area, which is most of the screen: here one is drawn for each side.
        let ends = Borders::LEFT | Borders::RIGHT;
        let first = Rect { height: 1, ..area };
        above(self.sides(ends | Borders::TOP)).render(first, buffer);
        let last = Rect { y: area.bottom() - 1, ..first };
        below(self.sides(ends | Borders::BOTTOM)).render(last, buffer);
        let left =
            Rect { y: area.y + 1, height: area.height - 2, width: area.width.min(1), ..area };
        self.sides(Borders::LEFT).render(left, buffer);
        let right = Rect { x: area.right().saturating_sub(1), ..left };
        self.sides(Borders::RIGHT).render(right, buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_looks_as_a_block_does() {
        for (width, height) in [(0, 5), (1, 4), (2, 2), (12, 1), (12, 2), (12, 3), (30, 9)] {
            for borders in [Borders::ALL, Borders::TOP] {
                let area = Rect::new(2, 1, width, height);
                let style = Style::new().bold();
                let mut ours = Buffer::empty(Rect::new(0, 0, 40, 12));
                let pane = Pane::new(border::ROUNDED, style).borders(borders);
                let pane = pane.title_top("above".into()).title_bottom("below".into());
                let pane = pane.title_top(Line::from("right").right_aligned());
                let block = Block::new().borders(borders).border_set(border::ROUNDED);
                let block = block.border_style(style).title_top("above").title_bottom("below");
                let block = block.title_top(Line::from("right").right_aligned());
                assert_eq!(pane.inner(area), block.inner(area));
                let mut theirs = ours.clone();
                pane.render(area, &mut ours);
                block.render(area, &mut theirs);
                assert_eq!(ours, theirs, "{area}");
            }
        }
    }
}
