//! What covers the screen: the help, a choice, the models.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::{linear, pane, pane_title, pictures, row_style};
use crate::model::ModelInfo;
use crate::text;
use crate::tui::keymap::{Binding, Key, Place};
use crate::tui::markdown;
use crate::tui::state::filter::Filter;
use crate::tui::state::{Choice, Overlay, State};
use crate::tui::theme::{Role, Theme};
use crate::tui::words::{forest as words, overlay as texts};

/// Draws it, if there is one.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State) {
    match &state.overlay {
        None => {}
        Some(Overlay::Help { top }) => help(frame, state, *top),
        Some(Overlay::Picture(view)) => pictures::draw(frame, state, view),
        Some(Overlay::Choice(choice)) => self::choice(frame, state, choice),
        Some(Overlay::Form(form)) => super::form::draw(frame, state, form),
        Some(Overlay::Filters { options, cursor }) => filters(frame, state, options, *cursor),
        Some(Overlay::Models { models, problems, cursor, loading }) => {
            self::models(frame, state, models, problems, *cursor, *loading);
        }
    }
}

/// Where a box in the middle of the screen is, with its frame.
pub(super) fn window_area(screen: Size, theme: Theme, wanted: Size) -> Rect {
    // Where a screen is read aloud, nothing of what is below may be read with it.
    let wanted = if theme.is_linear() { screen } else { wanted };
    let width = wanted.width.min(screen.width);
    let height = wanted.height.min(screen.height);
    Rect { x: (screen.width - width) / 2, y: (screen.height - height) / 2, width, height }
}

/// A framed box in the middle of the screen, no larger than it; what is inside the frame.
pub(super) fn window(
    frame: &mut Frame<'_>,
    theme: Theme,
    title: &str,
    width: u16,
    height: u16,
) -> Rect {
    let area = window_area(frame.area().as_size(), theme, Size { width, height });
    let block = pane(theme, pane_title(theme, format!(" {title} "), true), true);
    let inner = block.inner(area);
    frame.render_widget(Clear, area);
    frame.render_widget(block, area);
    if theme.is_linear() {
        frame.set_cursor_position(inner.as_position());
    }
    inner
}

/// Cells of the help's frame and margin.
const HELP_FRAME: u16 = 2;

/// The rows of the help: headings, and what keys do.
fn help_rows(state: &State) -> Vec<Line<'static>> {
    let theme = state.theme;
    let width = usize::from(state.size.width.min(HELP_WIDTH) - HELP_FRAME.min(state.size.width));
    let mut places: Vec<Place> = Vec::new();
    for binding in state.keymap.bindings() {
        if !places.contains(&binding.place) {
            places.push(binding.place);
        }
    }
    let mut rows = Vec::new();
    for place in places {
        if !rows.is_empty() {
            rows.push(Line::default());
        }
        rows.push(Line::styled(place.heading(), theme.style(Role::Heading)));
        for binding in state.keymap.bindings().iter().filter(|binding| binding.place == place) {
            help_entry(&mut rows, binding, width, theme);
        }
    }
    rows
}

/// The keys of a binding, and behind them, or below where there is no room, what they do.
fn help_entry(rows: &mut Vec<Line<'static>>, binding: &Binding, width: usize, theme: Theme) {
    let keys = binding.keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ");
    let keys = theme.words(format!("  {keys}")).into_owned();
    let indent = if width < 60 { 6 } else { 23 };
    let mut words = Vec::new();
    let help = theme.words(text::visible(&binding.help));
    let prefix = [Span::raw(" ".repeat(indent))];
    markdown::plain(&mut words, &help, width, theme.style(Role::Text), &prefix);
    let key = Span::styled(keys.clone(), theme.style(Role::Key));
    if text::width(&keys) < indent && !words.is_empty() {
        let gap = Span::raw(" ".repeat(indent - text::width(&keys)));
        words[0].spans[0] = gap;
        words[0].spans.insert(0, key);
    } else {
        rows.push(Line::from(key));
    }
    rows.append(&mut words);
}

/// Cells that the help takes where there is room.
const HELP_WIDTH: u16 = 84;

/// The last row that the help can begin with.
#[must_use]
pub fn help_last_top(state: &State) -> usize {
    help_rows(state).len().saturating_sub(usize::from(state.size.height.saturating_sub(2)))
}

fn help(frame: &mut Frame<'_>, state: &State, top: usize) {
    let rows = help_rows(state);
    let height = frame.area().height;
    let title = if state.size.width < 60 { texts::SHORT_HELP } else { texts::HELP };
    let inner = window(frame, state.theme, title, HELP_WIDTH, height);
    for (row, y) in rows.into_iter().skip(top).zip(inner.y..inner.bottom()) {
        frame.render_widget(row, Rect { y, height: 1, ..inner });
    }
}

fn choice(frame: &mut Frame<'_>, state: &State, choice: &Choice) {
    let theme = state.theme;
    let height = choice.options.len() as u16 + 3;
    let inner = window(frame, theme, choice.title, 52, height);
    for ((index, (letter, words, _)), y) in
        choice.options.iter().enumerate().zip(inner.y..inner.bottom())
    {
        let row = Rect { y, height: 1, ..inner };
        let line = Line::from(vec![
            Span::styled(format!(" {letter}  "), theme.style(Role::Key)),
            Span::raw(*words),
            Span::raw(linear::mark(frame, row, theme, index == choice.cursor)),
        ]);
        frame.render_widget(line.style(row_style(theme, index == choice.cursor, true)), row);
    }
    let y = inner.y + choice.options.len() as u16;
    if y < inner.bottom() {
        let words = Line::styled(texts::BACK, theme.style(Role::Quiet));
        frame.render_widget(words, Rect { y, height: 1, ..inner });
    }
}

fn filters(frame: &mut Frame<'_>, state: &State, options: &[Option<Filter>], cursor: usize) {
    let theme = state.theme;
    let inner = window(frame, theme, words::FILTERS, 52, options.len() as u16 + 2);
    let shown = usize::from(inner.height).max(1);
    let top = cursor.saturating_sub(shown / 2).min(options.len().saturating_sub(shown));
    let rows = options.iter().enumerate().skip(top);
    for ((index, option), y) in rows.zip(inner.y..inner.bottom()) {
        let name = words::filter(option.as_ref());
        let name = theme.fit(&theme.words(name), usize::from(inner.width).saturating_sub(2));
        let row = Rect { y, height: 1, ..inner };
        let mark = linear::mark(frame, row, theme, index == cursor);
        let style = row_style(theme, index == cursor, true);
        frame.render_widget(Line::styled(format!(" {name}{mark}"), style), row);
    }
}

fn models(
    frame: &mut Frame<'_>,
    state: &State,
    models: &[ModelInfo],
    problems: &[String],
    cursor: usize,
    loading: bool,
) {
    let theme = state.theme;
    let height = (models.len() + problems.len()).max(1) as u16 + 2;
    let inner = window(frame, theme, texts::MODELS, 72, height);
    let width = usize::from(inner.width);
    if loading {
        frame.render_widget(
            Line::styled(theme.words(format!(" {}", texts::ASKING)), theme.style(Role::Quiet)),
            inner,
        );
        return;
    }
    let shown = usize::from(inner.height).saturating_sub(problems.len().min(3)).max(1);
    let top = cursor.saturating_sub(shown / 2).min(models.len().saturating_sub(shown));
    let rows = models.iter().enumerate().skip(top).take(shown);
    let mut y = inner.y;
    for (index, model) in rows {
        let facts = theme.words(texts::abilities(model));
        let room = width.saturating_sub(text::width(&facts) + 3);
        let name = theme.fit(&model.name, room);
        let gap = " ".repeat(room - text::width(&name) + 1);
        let row = Rect { y, height: 1, ..inner };
        let mark = linear::mark(frame, row, theme, index == cursor);
        let line = Line::from(vec![
            Span::raw(format!(" {name}{mark}{gap}")),
            Span::styled(facts, theme.style(Role::Quiet)),
        ]);
        frame.render_widget(line.style(row_style(theme, index == cursor, true)), row);
        y += 1;
    }
    for (problem, y) in problems.iter().zip(y..inner.bottom()) {
        let words = format!(" {}", theme.fit(problem, width.saturating_sub(2)));
        frame.render_widget(
            Line::styled(words, theme.style(Role::Error)),
            Rect { y, height: 1, ..inner },
        );
    }
}
