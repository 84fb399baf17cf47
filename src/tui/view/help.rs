//! All keys, made from the live map: those of the present context first, and only those that have
//! what was typed.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::overlay::window;
use crate::text;
use crate::tui::keymap::{Binding, Key, Place};
use crate::tui::markdown;
use crate::tui::state::State;
use crate::tui::state::palette::title;
use crate::tui::theme::{Role, Theme};
use crate::tui::words::keys as words;

/// Cells that it takes where there is room.
const WIDTH: u16 = 84;
/// Cells of its frame.
const FRAME: u16 = 2;

/// The last row that the help can begin with.
#[must_use]
pub fn last_top(state: &State, wanted: &str) -> usize {
    let height = usize::from(state.size.height.saturating_sub(FRAME));
    rows(state, wanted).len().saturating_sub(height)
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, top: usize, wanted: &str) {
    let rows = rows(state, wanted);
    let height = frame.area().height;
    let heading = match (wanted.is_empty(), state.size.width < 60) {
        (false, _) => format!("{}{wanted}", words::HELP_SEARCH),
        (true, true) => words::HELP_SHORT.to_owned(),
        (true, false) => words::HELP.to_owned(),
    };
    let heading =
        state.theme.fit(&heading, usize::from(frame.area().width.min(WIDTH).saturating_sub(4)));
    let inner = window(frame, state.theme, &heading, WIDTH, height);
    if rows.is_empty() {
        let nothing = Line::styled(words::NOTHING_FOUND, state.theme.style(Role::Quiet));
        frame.render_widget(nothing, inner);
    }
    for (row, y) in rows.into_iter().skip(top).zip(inner.y..inner.bottom()) {
        frame.render_widget(row, Rect { y, height: 1, ..inner });
    }
}

/// The places of the map: what holds here first, and of that what holds here only.
fn places(state: &State) -> Vec<Place> {
    let context = state.context();
    let mut places: Vec<Place> = Vec::new();
    for binding in state.keymap.bindings() {
        if !places.contains(&binding.place) {
            places.push(binding.place);
        }
    }
    places.sort_by_key(|place| (!place.holds_in(context), place.breadth()));
    places
}

/// Headings, and what keys do.
fn rows(state: &State, wanted: &str) -> Vec<Line<'static>> {
    let theme = state.theme;
    let width = usize::from(state.size.width.min(WIDTH).saturating_sub(FRAME));
    let mut rows = Vec::new();
    for place in places(state) {
        let here = |binding: &&Binding| binding.place == place && has(binding, wanted);
        let mut bindings = state.keymap.bindings().iter().filter(here).peekable();
        if bindings.peek().is_none() {
            continue;
        }
        if !rows.is_empty() {
            rows.push(Line::default());
        }
        rows.push(Line::styled(words::heading(place), theme.style(Role::Heading)));
        for binding in bindings {
            entry(&mut rows, binding, width, theme);
        }
    }
    rows
}

/// Whether a binding has every word that was typed, in its keys, its name or what it does.
fn has(binding: &Binding, wanted: &str) -> bool {
    let text = format!("{} {} {}", keys(binding), title(binding.action), binding.help);
    let text = text.to_lowercase();
    wanted.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

fn keys(binding: &Binding) -> String {
    match binding.keys.as_slice() {
        [] => words::NO_KEY.to_owned(),
        keys => keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" "),
    }
}

/// The keys of a binding, and behind them, or below where there is no room, what they do.
fn entry(rows: &mut Vec<Line<'static>>, binding: &Binding, width: usize, theme: Theme) {
    let role = if binding.keys.is_empty() { Role::Quiet } else { Role::Key };
    let keys = theme.words(format!("  {}", keys(binding))).into_owned();
    let indent = if width < 60 { 6 } else { 23 };
    let mut words = Vec::new();
    let help = theme.words(text::visible(&binding.help));
    let prefix = [Span::raw(" ".repeat(indent))];
    markdown::plain(&mut words, &help, width, theme.style(Role::Text), &prefix);
    let key = Span::styled(theme.fit(&keys, width), theme.style(role));
    if text::width(&keys) < indent && !words.is_empty() {
        let gap = Span::raw(" ".repeat(indent - text::width(&keys)));
        words[0].spans[0] = gap;
        words[0].spans.insert(0, key);
    } else {
        rows.push(Line::from(key));
    }
    rows.append(&mut words);
}
