//! Tables: aligned columns where they fit, one line per cell where they do not.

use pulldown_cmark::Alignment;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::wrap::{self, Run};
use crate::text;
use crate::tui::theme::{Role, Theme};

/// A table as it is being read.
#[derive(Debug, Default)]
pub(super) struct Table {
    alignments: Vec<Alignment>,
    /// The first row is the head.
    rows: Vec<Vec<Vec<Run>>>,
}

impl Table {
    pub(super) fn new(alignments: Vec<Alignment>) -> Self {
        Self { alignments, rows: Vec::new() }
    }

    pub(super) fn begin_row(&mut self) {
        self.rows.push(Vec::new());
    }

    pub(super) fn add_cell(&mut self, runs: Vec<Run>) {
        if let Some(row) = self.rows.last_mut() {
            row.push(runs);
        }
    }

    pub(super) fn draw(
        &self,
        out: &mut Vec<Line<'static>>,
        width: usize,
        theme: Theme,
        prefix: &[Span<'static>],
    ) {
        let cells = width.saturating_sub(wrap::prefix_width(prefix));
        let columns: Vec<usize> = (0..self.alignments.len())
            .map(|column| self.rows.iter().map(|row| cell_width(row, column)).max().unwrap_or(0))
            .collect();
        if columns.iter().sum::<usize>() + columns.len().saturating_sub(1) * 3 <= cells {
            self.draw_aligned(out, &columns, theme, prefix);
        } else {
            self.draw_stacked(out, width, theme, prefix);
        }
    }

    fn draw_aligned(
        &self,
        out: &mut Vec<Line<'static>>,
        columns: &[usize],
        theme: Theme,
        prefix: &[Span<'static>],
    ) {
        let border = theme.style(Role::Border);
        for (index, row) in self.rows.iter().enumerate() {
            let mut spans = prefix.to_vec();
            for (column, &wide) in columns.iter().enumerate() {
                if column > 0 {
                    spans.push(Span::styled(" │ ", border));
                }
                let free = wide - cell_width(row, column);
                let before = match self.alignments.get(column) {
                    Some(Alignment::Right) => free,
                    Some(Alignment::Center) => free / 2,
                    Some(Alignment::Left | Alignment::None) | None => 0,
                };
                spans.push(Span::raw(" ".repeat(before)));
                let cell = row.get(column).map_or(&[][..], Vec::as_slice);
                spans.extend(cell.iter().map(|(text, style)| {
                    let style =
                        if index == 0 { style.patch(theme.style(Role::Title)) } else { *style };
                    Span::styled(text.clone(), style)
                }));
                spans.push(Span::raw(" ".repeat(free - before)));
            }
            out.push(Line::from(spans));
            if index == 0 {
                let rule: Vec<String> = columns.iter().map(|&wide| "─".repeat(wide)).collect();
                let mut spans = prefix.to_vec();
                spans.push(Span::styled(rule.join("─┼─"), border));
                out.push(Line::from(spans));
            }
        }
    }

    fn draw_stacked(
        &self,
        out: &mut Vec<Line<'static>>,
        width: usize,
        theme: Theme,
        prefix: &[Span<'static>],
    ) {
        let Some((head, body)) = self.rows.split_first() else { return };
        if body.is_empty() {
            for cell in head {
                wrap::runs(out, cell, width, prefix, prefix);
            }
        }
        for (index, row) in body.iter().enumerate() {
            if index > 0 {
                let rule = Span::styled("─".repeat(3), theme.style(Role::Border));
                out.push(Line::from([prefix, &[rule]].concat()));
            }
            for (column, cell) in row.iter().enumerate() {
                let name: String =
                    head.get(column).into_iter().flatten().map(|(text, _)| text.as_str()).collect();
                let mut runs: Vec<Run> = vec![(format!("{name}: "), theme.style(Role::Title))];
                runs.extend(cell.iter().cloned());
                let hang = [prefix, &[Span::styled("  ", Style::new())]].concat();
                wrap::runs(out, &runs, width, prefix, &hang);
            }
        }
    }
}

fn cell_width(row: &[Vec<Run>], column: usize) -> usize {
    row.get(column).map_or(0, |runs| runs.iter().map(|(text, _)| text::width(text)).sum())
}
