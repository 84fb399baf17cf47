//! What covers the screen: the help and the palette (drawn by files of their own), a choice, the
//! models.

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::{linear, pane, pane_title, pictures, row_style};
use crate::model::ModelInfo;
use crate::text;
use crate::tui::state::filter::Filter;
use crate::tui::state::picker::Picker;
use crate::tui::state::{Choice, Overlay, State};
use crate::tui::theme::{Role, Theme};
use crate::tui::words::{forest as words, overlay as texts};

/// What is known of a model is not told in fewer cells.
const FEWEST_FACTS: usize = 8;

/// Draws it, if there is one.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State) {
    match &state.overlay {
        None => {}
        Some(Overlay::Help { top, field }) => super::help::draw(frame, state, *top, field.text()),
        Some(Overlay::Palette(palette)) => super::palette::draw(frame, state, palette),
        Some(Overlay::Picture(view)) => pictures::draw(frame, state, view),
        Some(Overlay::Choice(choice)) => self::choice(frame, state, choice),
        Some(Overlay::Form(form)) => super::form::draw(frame, state, form),
        Some(Overlay::Filters { options, cursor }) => filters(frame, state, options, *cursor),
        Some(Overlay::Models { models, problems, picker, loading }) => {
            self::models(frame, state, models, problems, picker, *loading);
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
        let words = Line::styled(theme.words(texts::BACK), theme.style(Role::Quiet));
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

/// The title of a list of names: what was typed, else what the list is; and what keys do.
pub(super) fn picker_title(theme: Theme, picker: &Picker, title: &str, keys: &str) -> String {
    match (picker.filter.as_str(), title) {
        ("", "") => keys.to_owned(),
        ("", title) => format!("{title} · {keys}"),
        (filter, _) => format!("{} · {keys}", theme.fit(filter, 20)),
    }
}

fn models(
    frame: &mut Frame<'_>,
    state: &State,
    models: &[ModelInfo],
    problems: &[String],
    picker: &Picker,
    loading: bool,
) {
    let theme = state.theme;
    // As large as without a filter, so that it does not jump while one types.
    let height = (models.len() + problems.len()).max(1) as u16 + 2;
    let title = picker_title(theme, picker, texts::MODELS, texts::PICK_MODEL);
    let inner = window(frame, theme, &title, 72, height);
    let width = usize::from(inner.width);
    if loading {
        frame.render_widget(
            Line::styled(theme.words(format!(" {}", texts::ASKING)), theme.style(Role::Quiet)),
            inner,
        );
        return;
    }
    let shown = usize::from(inner.height).saturating_sub(problems.len().min(3)).max(1);
    let models: Vec<&ModelInfo> = models.iter().filter(|model| picker.shows(&model.name)).collect();
    let rows = models.iter().enumerate().skip(picker.top(models.len(), shown)).take(shown);
    let mut y = inner.y;
    if models.is_empty() && !picker.filter.is_empty() {
        let words = match picker.whole_name() {
            Some(_) => texts::NONE_LISTED_SO,
            None => texts::NONE_MATCH,
        };
        let words = theme.words(format!(" {words}"));
        frame.render_widget(Line::styled(words, theme.style(Role::Quiet)), inner);
        y += 1;
    }
    for (index, model) in rows {
        // Where there is no room for both, the name is what one chooses by.
        let wanted = text::width(&model.name).min(width.saturating_sub(3));
        let facts = theme.words(texts::abilities(model));
        let left = width.saturating_sub(wanted + 3);
        let facts = if left < FEWEST_FACTS { String::new() } else { theme.fit(&facts, left) };
        let room = width.saturating_sub(text::width(&facts) + 3);
        let name = theme.fit(&model.name, room);
        let gap = " ".repeat(room - text::width(&name) + 1);
        let row = Rect { y, height: 1, ..inner };
        let under_cursor = index == picker.cursor;
        let mark = linear::mark(frame, row, theme, under_cursor);
        let line = Line::from(vec![
            Span::raw(format!(" {name}{mark}{gap}")),
            Span::styled(facts, theme.style(Role::Quiet)),
        ]);
        frame.render_widget(line.style(row_style(theme, under_cursor, true)), row);
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
