//! A form: a row for each field, what is wrong below it, and a word on the field that is written in.

use ratatui::Frame;
use ratatui::layout::{Margin, Position, Rect, Size};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::overlay::{picker_title, window, window_area};
use super::{linear, row_style};
use crate::text;
use crate::tui::action::Action;
use crate::tui::state::State;
use crate::tui::state::composer::Composer;
use crate::tui::state::form::{Field, Form, Name, Purpose};
use crate::tui::state::picker::Picker;
use crate::tui::state::samples::MOST_SAMPLES;
use crate::tui::theme::{Role, Theme};
use crate::tui::words::{forms as words, overlay};

/// Cells of the window.
const WIDTH: u16 = 76;
/// Cells of the labels, with the space around them.
const LABEL: usize = 14;
/// Cells of the list of names.
const PICKER_WIDTH: u16 = WIDTH - 16;
/// Rows of the list of names at most.
const MOST_NAMES: usize = 14;

/// A row of the form.
enum Row<'a> {
    Field(usize, &'a Field),
    Error(&'a str),
}

fn rows(form: &Form) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for (index, field) in form.fields.iter().enumerate() {
        rows.push(Row::Field(index, field));
        if !field.error.is_empty() {
            rows.push(Row::Error(&field.error));
        }
    }
    rows
}

/// What the window takes: the rows, one for the word on the field, and its frame.
fn size(rows: &[Row<'_>]) -> Size {
    Size { width: WIDTH, height: u16::try_from(rows.len()).unwrap_or(u16::MAX).saturating_add(3) }
}

/// The first row in sight in a window of that height. What is wrong with a field is in sight with it.
fn top(form: &Form, rows: &[Row<'_>], height: u16) -> usize {
    let height = usize::from(height.saturating_sub(1)).max(1);
    let here = |row: &Row<'_>| matches!(row, Row::Field(index, _) if *index == form.cursor);
    let bottom = rows.iter().position(here).unwrap_or(0) + 2;
    bottom.saturating_sub(height).min(rows.len().saturating_sub(height))
}

/// The field at a cell of the screen.
#[must_use]
pub fn field_at(state: &State, at: Position) -> Option<usize> {
    let form = state.form()?;
    let rows = rows(form);
    let inner = window_area(state.size, state.theme, size(&rows)).inner(Margin::new(1, 1));
    if !inner.contains(at) || at.y + 1 == inner.bottom() {
        return None;
    }
    let row = top(form, &rows, inner.height) + usize::from(at.y - inner.y);
    match rows.get(row)? {
        Row::Field(index, _) => Some(*index),
        Row::Error(_) => None,
    }
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, form: &Form) {
    let theme = state.theme;
    let rows = rows(form);
    let Size { width, height } = size(&rows);
    let inner = window(frame, theme, &title(state, form, frame.area().width), width, height);
    let top = top(form, &rows, inner.height);
    let last = inner.bottom().saturating_sub(1).max(inner.y + 1);
    for (row, y) in rows.iter().skip(top).zip(inner.y..last) {
        let place = Rect { y, height: 1, ..inner };
        match row {
            Row::Field(index, field) => self::field(frame, place, theme, form, (*index, field)),
            Row::Error(said) => {
                let said = theme.words(words::wrong(said)).into_owned();
                let said = theme.fit(&said, usize::from(inner.width).saturating_sub(2));
                let line = Line::styled(format!(" {said}"), theme.style(Role::Error));
                frame.render_widget(line, place);
            }
        }
    }
    if inner.height > 1 {
        let words = theme.words(word(state, form)).into_owned();
        let words = theme.fit(&words, usize::from(inner.width).saturating_sub(2));
        let place = Rect { y: inner.bottom() - 1, height: 1, ..inner };
        frame.render_widget(Line::styled(format!(" {words}"), theme.style(Role::Quiet)), place);
    }
    if let Some(picker) = &form.picker {
        self::picker(frame, theme, form, picker);
    }
}

/// What the form is for, where there is room, and what keys do.
fn title(state: &State, form: &Form, width: u16) -> String {
    let (title, done) = match form.purpose {
        Purpose::Settings(_) => (words::SETTINGS, words::SAVES),
        Purpose::Resample(_) => (words::RESAMPLE, words::SAMPLES),
    };
    let key = |action| state.key_for(action).unwrap_or_default();
    let keys = words::keys(done, &key(Action::Send), &key(Action::NextPane), &key(Action::Cancel));
    if width < WIDTH { keys } else { format!("{title} · {keys}") }
}

/// A label, and the value or what holds in its place.
fn field(
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
    form: &Form,
    (index, field): (usize, &Field),
) {
    let current = index == form.cursor;
    let role = if current { Role::Key } else { Role::Text };
    let label = format!(" {:<width$}", field.name.setting(), width = LABEL - 1);
    frame.render_widget(Span::styled(label, theme.style(role)), area);
    let indent = (LABEL as u16).min(area.width);
    // The last cell is for the cursor behind a full row.
    let cells = usize::from(area.width - indent).saturating_sub(1);
    let value = Rect { x: area.x + indent, width: area.width - indent, ..area };
    let (shown, column) = part(&field.text, cells);
    if field.text.text().is_empty() {
        let usual = field.usual.as_ref().map(|(value, source)| (value.as_str(), *source));
        let words = theme.words(words::usual(field.name, usual)).into_owned();
        let words = theme.fit(&words, cells);
        frame.render_widget(Span::styled(words, theme.style(Role::Quiet)), value);
    } else {
        frame.render_widget(Span::raw(shown), value);
    }
    if current && form.picker.is_none() && value.width > 0 {
        frame.set_cursor_position(Position { x: value.x + column as u16, y: value.y });
    }
}

/// The part of a line around its cursor that fits, and the column of the cursor in it.
fn part(field: &Composer, cells: usize) -> (String, usize) {
    let rows = field.rows(usize::MAX);
    let (_, column) = field.cursor_cell(&rows);
    let line = text::visible(field.text());
    let (mut shown, mut left) = (String::new(), column.saturating_sub(cells));
    let (mut used, mut gone) = (0, 0);
    for cluster in line.graphemes(true) {
        let wide = text::width(cluster);
        if left > 0 {
            left = left.saturating_sub(wide);
            gone += wide;
        } else if used + wide <= cells {
            used += wide;
            shown.push_str(cluster);
        } else {
            break;
        }
    }
    (shown, column.saturating_sub(gone))
}

/// A word on the field that is written in.
fn word(state: &State, form: &Form) -> String {
    let field = form.field();
    let count = form.value(Name::Count).parse::<usize>().unwrap_or(1).max(1);
    let said = match field.name {
        Name::Count => match form.value(Name::Count).parse() {
            Ok(1..=MOST_SAMPLES) => words::answers(count, form.models_named().len().max(1)),
            Ok(_) | Err(_) => words::count(MOST_SAMPLES),
        },
        Name::Model if form.takes_several() => words::LISTS_SEVERAL.to_owned(),
        Name::Model if !state.model.is_empty() => words::overruled(&state.model),
        Name::Model | Name::Prompt => words::LISTS_ONE.to_owned(),
        Name::Temperature => words::TEMPERATURE.to_owned(),
        Name::TopP => words::TOP_P.to_owned(),
        Name::Seed => match seed(form).filter(|_| count > 1) {
            Some(seed) => words::seeds(seed, count),
            None => words::SEED.to_owned(),
        },
        Name::MaxTokens => words::MAX_TOKENS.to_owned(),
        Name::TopK => words::TOP_K.to_owned(),
        Name::Stop => words::STOPS.to_owned(),
        Name::Search => words::SEARCH.to_owned(),
    };
    match &field.usual {
        Some((value, source)) if !field.text.text().is_empty() => {
            format!("{said} · {}", words::instead(value, *source))
        }
        Some(_) | None => said,
    }
}

/// The seed that holds, if one does.
fn seed(form: &Form) -> Option<u64> {
    let field = form.fields.iter().find(|field| field.name == Name::Seed)?;
    match field.text.text().trim() {
        "" => field.usual.as_ref()?.0.parse().ok(),
        written => written.parse().ok(),
    }
}

/// The names to choose from.
fn picker(frame: &mut Frame<'_>, theme: Theme, form: &Form, picker: &Picker) {
    let several = form.takes_several();
    let names = form.names_shown();
    let mut rows: Vec<(bool, &str)> = Vec::new();
    if !several {
        rows.push((form.field().text.text().is_empty(), words::LEAVE_OUT));
    }
    let named = form.models_named();
    let marked = |name: &str| {
        if several { named.contains(&name) } else { form.field().text.text().trim() == name }
    };
    rows.extend(names.iter().map(|name| (marked(name), *name)));
    let remark = match form.names() {
        None => words::ASKING,
        Some(all) if all.is_empty() => words::NONE_LISTED,
        Some(_) if names.is_empty() => overlay::NONE_MATCH,
        Some(_) => "",
    };
    let keys = if several { words::PICK_SEVERAL } else { words::PICK_ONE };
    let title = picker_title(theme, picker, "", keys);
    let height = (rows.len() + usize::from(!remark.is_empty())).clamp(1, MOST_NAMES) as u16 + 2;
    let inner = window(frame, theme, &title, PICKER_WIDTH, height);
    let shown = usize::from(inner.height).saturating_sub(usize::from(!remark.is_empty())).max(1);
    let cursor = picker.cursor.min(rows.len().saturating_sub(1));
    let top = picker.top(rows.len(), shown);
    let mut y = inner.y;
    for (index, (marked, name)) in rows.iter().enumerate().skip(top).take(shown) {
        let row = Rect { y, height: 1, ..inner };
        let sign = theme.words(if *marked { "✓" } else { " " });
        let name = theme.fit(name, usize::from(inner.width).saturating_sub(4));
        let mark = linear::mark(frame, row, theme, index == cursor);
        let line = Line::raw(format!(" {sign} {name}{mark}"));
        frame.render_widget(line.style(row_style(theme, index == cursor, true)), row);
        y += 1;
    }
    if !remark.is_empty() && y < inner.bottom() {
        let words = theme.words(format!("   {remark}"));
        frame.render_widget(
            Line::styled(words, theme.style(Role::Quiet)),
            Rect { y, height: 1, ..inner },
        );
    }
}
