//! The forest pane. The tree widget is given the rows in sight only, so that a frame costs the same
//! whatever the size of the forest.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use tui_tree_widget::{Tree, TreeItem, TreeState};

use super::{clear, has_keys, linear, pane, pane_title};
use crate::forest::layout::{Kind, Row};
use crate::forest::{Response, Slot};
use crate::text;
use crate::tui::action::Action;
use crate::tui::keymap::Context;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;
use crate::tui::words::{forest as words, samples as sampled};

/// Cells that a label takes at most.
const LONGEST_LABEL: usize = 24;

/// Cells that words have at least; what would leave fewer is not indented further.
const FEWEST_CELLS: u16 = 20;

/// Cells of what the pane shows that are not given up for how that ends.
const FEWEST_WORDS: usize = 20;

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
    let mut block = pane(theme, pane_title(theme, format!(" {} ", words::TITLE), active), active);
    if !forest.is_empty() {
        let (nodes, leaves) = (forest.len(), forest.leaf_count());
        let words = words::size(nodes, leaves, state.open.unread_count(), theme.is_linear());
        block = block
            .title_top(Line::styled(theme.words(words), theme.style(Role::Quiet)).right_aligned());
    }
    if let Some(banner) = banner(state, usize::from(area.width).saturating_sub(4)) {
        block = block.title_bottom(Line::styled(theme.words(banner), theme.style(Role::Warning)));
    }
    let inner = block.inner(area);
    clear(frame, area, state);
    frame.render_widget(block, area);
    if forest.is_empty() {
        frame.render_widget(Line::styled(words::EMPTY, theme.style(Role::Quiet)), inner);
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
            .highlight_style(highlight)
            .node_no_children_symbol("")
            .node_open_symbol("")
            .node_closed_symbol("");
        frame.render_stateful_widget(tree, inner, &mut tree_state);
    }
}

/// What the pane leaves out, and how that ends; `None` if it shows everything.
fn banner(state: &State, width: usize) -> Option<String> {
    let open = &state.open;
    let key = |action| state.keymap.hint(action, Context::Forest).unwrap_or_default();
    let (what, how) = if let Some(filtered) = open.filtered() {
        let name = words::filter(Some(&filtered.filter));
        let count = filtered.hits().0.len();
        words::hits(&name, count, filtered.is_done(&open.forest), &key(Action::Cancel))
    } else {
        let top = open.forest.response(open.hoisted()?);
        words::hoisted(
            &state.theme.glyphs().first_words(&top.message, width),
            &key(Action::Unhoist),
        )
    };
    let room = |how: &str| width.saturating_sub(text::width(how) + 2);
    let [full, short] = how;
    // What is shown matters more than how that ends.
    let how = if text::width(&what).min(FEWEST_WORDS) <= room(&full) { full } else { short };
    Some(format!(" {}{how} ", state.theme.fit(&what, room(&how))))
}

fn line(state: &State, row: &Row, width: usize) -> Line<'static> {
    let theme = state.theme;
    let quiet = theme.style(Role::Quiet);
    let leaf = state.open.leaf();
    let on_path = leaf.is_some_and(|leaf| state.open.forest.is_ancestor(row.slot(), leaf))
        && !matches!(row.kind, Kind::Archived { .. });
    if theme.is_linear() {
        return Line::raw(theme.fit(&linear::row(state, row, on_path, width), width));
    }
    let bar = if on_path { "┃" } else { " " };
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
    let bar = Span::styled(theme.words(bar), theme.style(Role::ActiveBorder));
    let mut spans =
        vec![bar, Span::raw(theme.words(indent)), Span::styled(theme.words(mark), quiet)];
    let used: usize = spans.iter().map(Span::width).sum();
    let room = width.saturating_sub(used);
    match row.kind {
        Kind::Run { count, .. } => {
            spans.push(Span::styled(theme.fit(&theme.words(words::run(count)), room), quiet));
        }
        Kind::Archived { count, .. } => {
            spans.push(Span::styled(theme.fit(&words::put_away(count), room), quiet));
        }
        Kind::Main(slot) | Kind::Alternate(slot) => {
            response(state, row, slot, room, on_path, &mut spans);
        }
    }
    Line::from(spans)
}

/// Who made a response.
fn who(response: &Response, streaming: bool) -> (&'static str, Role) {
    match response {
        _ if streaming => ("▮", Role::Streaming),
        r if r.partial => (words::PARTIAL, Role::Partial),
        r if r.manual => ("✎", Role::Manual),
        r if r.is_human() => (words::HUMAN, Role::Human),
        _ => (words::MODEL, Role::Model),
    }
}

fn response(
    state: &State,
    row: &Row,
    slot: Slot,
    width: usize,
    on_path: bool,
    spans: &mut Vec<Span<'static>>,
) {
    let theme = state.theme;
    let open = &state.open;
    let response = open.forest.response(slot);
    let answer = state.answers.of_response(&response.id).map(|(_, answer)| answer);
    let (letter, role) = who(response, answer.is_some());
    let annotation = open.annotations.get(slot);
    let after = after(state, row, slot, answer.map(|answer| answer.tokens));
    let pointer = if open.selected() == Some(slot) { " ◀" } else { "" };
    let mut room = width.saturating_sub(2 + text::width(&after) + 2);
    spans.push(Span::styled(theme.words(format!("{letter} ")), theme.style(role)));
    let mut mark = |words: String, role| {
        room = room.saturating_sub(text::width(&words));
        spans.push(Span::styled(theme.words(words), theme.style(role)));
    };
    if open.is_unread(slot) {
        mark("• ".to_owned(), Role::Good);
    }
    if annotation.is_some_and(|annotation| annotation.starred) {
        mark("★ ".to_owned(), Role::Star);
    }
    if let Some(label) = annotation.map(|a| a.label.as_str()).filter(|label| !label.is_empty()) {
        mark(format!("{} ", theme.fit(label, (width / 2).min(LONGEST_LABEL))), Role::Star);
    }
    let mut words = theme.glyphs().first_words(&response.message, room);
    if words.is_empty() {
        words = theme.fit(&theme.words(words::nothing(answer.is_some())), room);
    }
    let style = if on_path { theme.style(Role::Text) } else { theme.style(Role::Quiet) };
    spans.push(Span::styled(words, style));
    spans.push(Span::styled(theme.words(after), theme.style(Role::Quiet)));
    spans.push(Span::styled(theme.words(pointer), theme.style(Role::ActiveBorder)));
}

/// Where it stands among its siblings, what it hides, what is noted, how far it has come.
fn after(state: &State, row: &Row, slot: Slot, tokens: Option<u32>) -> String {
    let open = &state.open;
    let position = open.forest.position(slot);
    let mut after = String::new();
    if position.count > 1 {
        after.push_str(&format!(" {}/{}", position.index + 1, position.count));
    }
    let same = open.identical(slot);
    if same > 1 {
        after.push_str(&format!(" {}", sampled::times(same)));
    }
    if row.hidden > 0 {
        after.push_str(&format!(" (+{})", row.hidden));
    }
    if let Some(annotation) = open.annotations.get(slot) {
        if !annotation.note.is_empty() {
            after.push_str(&format!(" {}", words::NOTE_MARK));
        }
        if annotation.archived {
            after.push_str(&format!(" {}", words::PUT_AWAY));
        }
    }
    if let Some(tokens) = tokens {
        after.push_str(&words::progress(tokens));
    }
    after
}
