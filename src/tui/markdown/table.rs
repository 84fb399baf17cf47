//! Tables: aligned columns, with cells wrapped where the screen is too narrow for them, and one line
//! per cell where it is narrower still.

use pulldown_cmark::Alignment;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::pieces::Cell;
use super::rows::{Row, mark};
use super::wrap::{self, Run};
use crate::text;
use crate::tui::theme::{Role, Theme};

/// Cells that a column has at least, where its texts are wrapped.
const NARROWEST: usize = 6;
/// Cells between two columns.
const GAP: usize = 3;

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
        mut self,
        out: &mut Vec<Row>,
        width: usize,
        theme: Theme,
        prefix: &[Span<'static>],
    ) {
        for run in self.rows.first_mut().into_iter().flatten().flatten() {
            run.style = run.style.patch(theme.style(Role::Title));
        }
        let cells = width.saturating_sub(wrap::prefix_width(prefix));
        match self.columns(cells) {
            Some(columns) => self.draw_aligned(out, &columns, theme, prefix),
            None => self.draw_stacked(out, width, theme, prefix),
        }
    }

    /// The width of each column, if they have room beside each other: what is wide gives way.
    fn columns(&self, cells: usize) -> Option<Vec<usize>> {
        let count = self.alignments.len();
        let natural: Vec<usize> = (0..count)
            .map(|column| self.rows.iter().map(|row| cell_width(row, column)).max().unwrap_or(0))
            .collect();
        let room = cells.checked_sub(count.saturating_sub(1) * GAP)?;
        if natural.iter().sum::<usize>() <= room {
            return Some(natural);
        }
        if room < natural.iter().map(|&wide| wide.min(NARROWEST)).sum() {
            return None;
        }
        let mut by_width: Vec<usize> = (0..count).collect();
        by_width.sort_by_key(|&column| natural[column]);
        let mut columns = natural.clone();
        let mut left = room;
        for (done, column) in by_width.into_iter().enumerate() {
            columns[column] = natural[column].min(left / (count - done));
            left -= columns[column];
        }
        Some(columns)
    }

    fn draw_aligned(
        &self,
        out: &mut Vec<Row>,
        columns: &[usize],
        theme: Theme,
        prefix: &[Span<'static>],
    ) {
        let border = theme.style(Role::Border);
        let rule: Vec<String> = columns.iter().map(|&wide| "─".repeat(wide)).collect();
        let rule = Line::from([prefix, &[Span::styled(rule.join("─┼─"), border)]].concat());
        let rows: Vec<Vec<Vec<Row>>> = self.rows.iter().map(|row| wrapped(row, columns)).collect();
        // Without lines between them, wrapped rows would run together.
        let ruled = rows.iter().skip(1).any(|row| height(row) > 1);
        for (index, row) in rows.iter().enumerate() {
            let first = row.iter().flatten().next();
            let source = first.map_or_else(|| out.last().map_or(0, |r| r.source), |r| r.source);
            for line in 0..height(row) {
                let mut spans = prefix.to_vec();
                let mut cells = Vec::new();
                for (column, &wide) in columns.iter().enumerate() {
                    if column > 0 {
                        spans.push(Span::styled(" │ ", border));
                    }
                    let cell = row.get(column).and_then(|rows| rows.get(line));
                    cells.extend(self.cell(&mut spans, cell, column, wide));
                }
                out.push(Row { cells, ..Row::of(spans, source) });
            }
            if index == 0 || ruled && index + 1 < rows.len() {
                out.push(Row::bare(rule.clone(), source));
            }
        }
    }

    /// One row of a cell, filled up to the width of its column. Where it stands, if there is one.
    fn cell(
        &self,
        spans: &mut Vec<Span<'static>>,
        cell: Option<&Row>,
        column: usize,
        wide: usize,
    ) -> Option<Cell> {
        let mut texts = cell.map_or_else(Vec::new, |row| row.line.spans.clone());
        let mut space = false;
        // Spaces at the end of a row may hang over.
        if let Some(last) = texts.last_mut() {
            let kept = last.content.trim_end();
            space = kept.len() < last.content.len();
            last.content = kept.to_owned().into();
        }
        let used = texts.iter().map(|span| text::width(&span.content)).sum();
        let free = wide.saturating_sub(used);
        let before = match self.alignments.get(column) {
            Some(Alignment::Right) => free,
            Some(Alignment::Center) => free / 2,
            Some(Alignment::Left | Alignment::None) | None => 0,
        };
        spans.push(Span::raw(" ".repeat(before)));
        let start = wrap::prefix_bytes(spans);
        spans.extend(texts);
        let end = wrap::prefix_bytes(spans);
        spans.push(Span::raw(" ".repeat(free - before)));
        let (start, end) = (mark(start), mark(end));
        cell.map(|&Row { source, wrapped, .. }| Cell {
            column: mark(column),
            start,
            end,
            source: mark(source),
            wrapped,
            space,
        })
    }

    fn draw_stacked(
        &self,
        out: &mut Vec<Row>,
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
                let source = out.last().map_or(0, |row| row.source);
                out.push(Row::bare([prefix, &[rule]].concat(), source));
            }
            for (column, cell) in row.iter().enumerate() {
                let name = head.get(column).into_iter().flatten();
                let name: String = name.map(|run| run.text.as_str()).collect();
                let source = cell.first().map_or(0, |run| run.source);
                let style = theme.style(Role::Title);
                let mut runs = vec![Run { text: format!("{name}: "), style, source, plain: false }];
                runs.extend(cell.iter().cloned());
                let hang = [prefix, &[Span::styled("  ", Style::new())]].concat();
                wrap::runs(out, &runs, width, prefix, &hang);
            }
        }
    }
}

fn wrapped(row: &[Vec<Run>], columns: &[usize]) -> Vec<Vec<Row>> {
    let cells = row.iter().zip(columns);
    cells
        .map(|(runs, &wide)| {
            let mut rows = Vec::new();
            wrap::runs(&mut rows, runs, wide, &[], &[]);
            rows
        })
        .collect()
}

fn height(row: &[Vec<Row>]) -> usize {
    row.iter().map(Vec::len).max().unwrap_or(1)
}

fn cell_width(row: &[Vec<Run>], column: usize) -> usize {
    row.get(column).map_or(0, |runs| runs.iter().map(|run| text::width(&run.text)).sum())
}
