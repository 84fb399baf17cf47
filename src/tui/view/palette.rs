//! The palette: a line to search in, and what was found with its keys.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

use super::overlay::window;
use super::row_style;
use crate::text;
use crate::tui::keymap::Binding;
use crate::tui::state::State;
use crate::tui::state::palette::{Palette, title};
use crate::tui::theme::Role;
use crate::tui::words::keys as words;

/// Cells that it takes where there is room.
const WIDTH: u16 = 84;
const HEIGHT: u16 = 24;

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, palette: &Palette) {
    let theme = state.theme;
    let heading = match palette.count {
        Some(count) => format!("{} · {count} ×", words::PALETTE),
        None => words::PALETTE.to_owned(),
    };
    let heading = theme.fit(&heading, usize::from(frame.area().width.saturating_sub(4)));
    let inner = window(frame, theme, &heading, WIDTH, HEIGHT);
    let [field, list] = [
        Rect { height: inner.height.min(1), ..inner },
        Rect { y: inner.y + inner.height.min(1), height: inner.height.saturating_sub(1), ..inner },
    ];
    draw_field(frame, field, state, palette);
    let found = palette.found(&state.keymap);
    if found.is_empty() {
        frame.render_widget(Line::styled(words::NOTHING_FOUND, theme.style(Role::Quiet)), list);
    }
    let shown = usize::from(list.height);
    let top = (palette.cursor + 1).saturating_sub(shown);
    for ((index, binding), y) in found.iter().enumerate().skip(top).zip(list.y..list.bottom()) {
        let style = row_style(theme, index == palette.cursor, true);
        let line = row(state, palette, binding, usize::from(list.width)).style(style);
        frame.render_widget(line, Rect { y, height: 1, ..list });
    }
}

/// The end of what is searched for, and the cursor.
fn draw_field(frame: &mut Frame<'_>, area: Rect, state: &State, palette: &Palette) {
    if area.width < 4 || area.height == 0 {
        return;
    }
    let width = usize::from(area.width) - 3;
    let rows = palette.field.rows(width);
    let (row, column) = palette.field.cursor_cell(&rows);
    let shown = palette.field.shown(&rows, row, 1).next().unwrap_or_default();
    let line = Line::from(vec![
        Span::styled("› ", state.theme.style(Role::Key)),
        Span::raw(text::visible(shown).into_owned()),
    ]);
    frame.render_widget(line, area);
    frame.set_cursor_position(Position { x: area.x + 2 + column as u16, y: area.y });
}

/// Name, explanation as far as there is room, and keys.
fn row(state: &State, palette: &Palette, binding: &Binding, width: usize) -> Line<'static> {
    const NAME: usize = 20;
    let theme = state.theme;
    let keys = state.keymap.keys(binding.action, palette.context);
    let keys = theme.fit(&theme.words(keys), width / 3);
    let name = theme.fit(&title(binding.action), NAME.min(width.saturating_sub(2)));
    let gap = " ".repeat(NAME.saturating_sub(text::width(&name)) + 1);
    let taken = 1 + text::width(&name) + gap.len() + text::width(&keys) + 2;
    let help = theme.fit(&binding.help, width.saturating_sub(taken));
    let space = width.saturating_sub(taken + text::width(&help)) + 1;
    Line::from(vec![
        Span::raw(format!(" {name}{gap}")),
        Span::styled(help, theme.style(Role::Quiet)),
        Span::raw(" ".repeat(space)),
        Span::styled(keys, theme.style(Role::Key)),
    ])
}
