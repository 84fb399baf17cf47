//! The forest pane. The tree widget is given the rows in sight only, so that a frame costs the same
//! whatever the size of the forest.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use tui_tree_widget::{Tree, TreeItem, TreeState};

use super::{has_keys, pane, pane_title};
use crate::forest::Slot;
use crate::forest::layout::{Kind, Row};
use crate::text;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;

/// Cells that words have at least; what would leave fewer is not indented further.
const FEWEST_CELLS: u16 = 20;

/// Cells by which a level is indented, in a pane of a width.
#[must_use]
pub fn indent(level: usize, width: u16) -> u16 {
    let most = width.saturating_sub(FEWEST_CELLS) / 2 * 2;
    u16::try_from(level * 2).unwrap_or(u16::MAX).min(most)
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let active = has_keys(state, Focus::Forest);
    let forest = &state.open.forest;
    let mut block = pane(theme, pane_title(theme, " Forest ".to_owned(), active), active);
    if !forest.is_empty() {
        let (nodes, leaves) = (forest.len(), forest.leaf_count());
        let node = if nodes == 1 { "node" } else { "nodes" };
        let leaf = if leaves == 1 { "leaf" } else { "leaves" };
        let words = format!(" {nodes} {node} {leaves} {leaf} ");
        block = block.title_top(Line::styled(words, theme.style(Role::Quiet)).right_aligned());
    }
    let inner = block.inner(area);
    frame.render_widget(ratatui::widgets::Clear, area);
    if forest.is_empty() {
        frame.render_widget(block, area);
        frame.render_widget(Line::styled("Empty", theme.style(Role::Quiet)), inner);
        return;
    }
    let (rows, at) = state.open.pane.rows();
    let rows = rows.iter().enumerate().take(usize::from(inner.height));
    let items: Vec<TreeItem<'_, usize>> = rows
        .map(|(index, row)| TreeItem::new_leaf(index, line(state, row, usize::from(inner.width))))
        .collect();
    let mut tree_state = TreeState::default();
    tree_state.select(vec![at]);
    let highlight = if active { theme.style(Role::Selected) } else { Style::new() };
    // Indices are unique, which is all the widget asks for.
    if let Ok(tree) = Tree::new(&items) {
        let tree = tree
            .block(block)
            .highlight_style(highlight)
            .node_no_children_symbol("")
            .node_open_symbol("")
            .node_closed_symbol("");
        frame.render_stateful_widget(tree, area, &mut tree_state);
    }
}

fn line(state: &State, row: &Row, width: usize) -> Line<'static> {
    let theme = state.theme;
    let cells = usize::from(indent(row.level, width as u16 + 2));
    let indent = match row.level * 2 > cells {
        true if cells > 1 => format!("{}… ", " ".repeat(cells - 2)),
        _ => " ".repeat(cells),
    };
    let mark = match row.open {
        Some(true) => "▾ ",
        Some(false) => "▸ ",
        None => "  ",
    };
    let quiet = theme.style(Role::Quiet);
    let mut spans = vec![Span::raw(indent), Span::styled(mark, quiet)];
    let used: usize = spans.iter().map(Span::width).sum();
    match row.kind {
        Kind::Run { count, .. } => {
            let turns = if count == 1 { "turn" } else { "turns" };
            spans.push(Span::styled(
                text::fit(&format!("⋯ {count} {turns}, no branch"), width.saturating_sub(used)),
                quiet,
            ));
        }
        Kind::Archived { count, .. } => {
            let words = text::fit(&format!("({count} archived)"), width.saturating_sub(used));
            spans.push(Span::styled(words, quiet));
        }
        Kind::Main(slot) | Kind::Alternate(slot) => {
            response(state, row, slot, width.saturating_sub(used), &mut spans);
        }
    }
    Line::from(spans)
}

fn response(state: &State, row: &Row, slot: Slot, width: usize, spans: &mut Vec<Span<'static>>) {
    let theme = state.theme;
    let response = state.open.forest.response(slot);
    let position = state.open.forest.position(slot);
    let streaming = state.answers.of_response(&response.id).is_some();
    let (letter, role) = match response {
        _ if streaming => ("▮", Role::Streaming),
        r if r.partial => ("P", Role::Partial),
        r if r.manual => ("✎", Role::Manual),
        r if r.is_human() => ("H", Role::Human),
        _ => ("M", Role::Model),
    };
    let mut after = String::new();
    if position.count > 1 {
        after.push_str(&format!(" {}/{}", position.index + 1, position.count));
    }
    if row.hidden > 0 {
        after.push_str(&format!(" (+{})", row.hidden));
    }
    let selected = state.open.selected() == Some(slot);
    let pointer = if selected { " ◀" } else { "" };
    let room = width.saturating_sub(2 + text::width(&after) + 2);
    let mut words = text::first_words(&response.message, room);
    if words.is_empty() {
        words = if streaming { "…" } else { "(empty)" }.to_owned();
    }
    let leaf = state.open.leaf();
    let on_path = leaf.is_some_and(|leaf| state.open.forest.is_ancestor(slot, leaf));
    let style = if on_path { theme.style(Role::Text) } else { theme.style(Role::Quiet) };
    spans.push(Span::styled(format!("{letter} "), theme.style(role)));
    spans.push(Span::styled(words, style));
    spans.push(Span::styled(after, theme.style(Role::Quiet)));
    spans.push(Span::styled(pointer, theme.style(Role::ActiveBorder)));
}
