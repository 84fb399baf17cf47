//! A form: a row for each field, what is wrong below it, and a word on the field that is written in.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use unicode_segmentation::UnicodeSegmentation as _;

use super::overlay::window;
use super::row_style;
use crate::text;
use crate::tui::state::State;
use crate::tui::state::composer::Composer;
use crate::tui::state::form::{Field, Form, Name, Picker, Purpose};
use crate::tui::theme::{Role, Theme};
use crate::tui::words;

/// Cells of the window.
const WIDTH: u16 = 76;
/// Cells of the labels, with the space around them.
const LABEL: usize = 14;
/// Rows of the list of names at most.
const MOST_NAMES: usize = 14;

/// A row of the form.
enum Row<'a> {
    Field(usize, &'a Field),
    Error(&'a str),
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, state: &State, form: &Form) {
    let theme = state.theme;
    let mut rows = Vec::new();
    for (index, field) in form.fields.iter().enumerate() {
        rows.push(Row::Field(index, field));
        if !field.error.is_empty() {
            rows.push(Row::Error(&field.error));
        }
    }
    let (title, done) = match form.purpose {
        Purpose::Settings(_) => (words::forms::SETTINGS, words::forms::SAVES),
        Purpose::Resample(_) => (words::forms::RESAMPLE, words::forms::SAMPLES),
    };
    let keys = words::forms::keys(done);
    let title = if frame.area().width < WIDTH { keys } else { format!("{title} · {keys}") };
    // The last row is for the word on the field.
    let inner = window(frame, theme, &title, WIDTH, rows.len() as u16 + 3);
    let height = usize::from(inner.height.saturating_sub(1)).max(1);
    let at =
        rows.iter().position(|row| matches!(row, Row::Field(index, _) if *index == form.cursor));
    // What is wrong with a field is in sight with it.
    let bottom = at.unwrap_or(0) + 2;
    let top = bottom.saturating_sub(height).min(rows.len().saturating_sub(height));
    for (row, y) in rows.iter().skip(top).take(height).zip(inner.y..inner.bottom()) {
        let place = Rect { y, height: 1, ..inner };
        match row {
            Row::Field(index, field) => {
                self::field(
                    frame,
                    place,
                    theme,
                    field,
                    *index == form.cursor,
                    form.picker.is_none(),
                );
            }
            Row::Error(words) => {
                let words = text::fit(words, usize::from(inner.width).saturating_sub(3));
                frame.render_widget(
                    Line::styled(format!("  {words}"), theme.style(Role::Error)),
                    place,
                );
            }
        }
    }
    if usize::from(inner.height) > 1 {
        let words = text::fit(&word(form), usize::from(inner.width).saturating_sub(2));
        let place = Rect { y: inner.bottom() - 1, height: 1, ..inner };
        frame.render_widget(Line::styled(format!(" {words}"), theme.style(Role::Quiet)), place);
    }
    if let Some(picker) = &form.picker {
        self::picker(frame, theme, form, picker);
    }
}

fn field(
    frame: &mut Frame<'_>,
    area: Rect,
    theme: Theme,
    field: &Field,
    current: bool,
    writing: bool,
) {
    let role = if current { Role::Key } else { Role::Text };
    let label = format!(" {:<width$}", field.name.setting(), width = LABEL - 1);
    frame.render_widget(Span::styled(label, theme.style(role)), area);
    let indent = (LABEL as u16).min(area.width);
    // The last cell is for the cursor behind a full row.
    let cells = usize::from(area.width - indent).saturating_sub(1);
    let value = Rect { x: area.x + indent, width: area.width - indent, ..area };
    let (shown, column) = part(&field.text, cells);
    if field.text.text().is_empty() {
        let words = text::fit(&words::forms::default(&field.usual), cells);
        frame.render_widget(Span::styled(words, theme.style(Role::Quiet)), value);
    } else {
        frame.render_widget(Span::raw(shown), value);
    }
    if current && writing && value.width > 0 {
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
fn word(form: &Form) -> String {
    let count = form.value(Name::Count).parse::<usize>().unwrap_or(1).max(1);
    let models = form.models_named().len().max(1);
    let seed = form.fields.iter().find(|field| field.name == Name::Seed);
    let seed = seed.and_then(|field| match field.text.text().trim() {
        "" => field.usual.parse::<u64>().ok(),
        written => written.parse().ok(),
    });
    match form.field().name {
        Name::Count => words::forms::answers(count, models),
        Name::Model if form.takes_several() => words::forms::LISTS_SEVERAL.to_owned(),
        Name::Model | Name::Prompt => words::forms::LISTS_ONE.to_owned(),
        Name::Temperature => words::forms::TEMPERATURE.to_owned(),
        Name::TopP => words::forms::TOP_P.to_owned(),
        Name::Seed => match seed {
            Some(seed) if count > 1 => words::forms::seeds(seed, count),
            Some(_) | None => words::forms::SEED.to_owned(),
        },
        Name::MaxTokens => words::forms::MAX_TOKENS.to_owned(),
        Name::TopK => words::forms::TOP_K.to_owned(),
        Name::Stop => words::forms::STOPS.to_owned(),
        Name::Search => words::forms::SEARCH.to_owned(),
    }
}

/// The names to choose from.
fn picker(frame: &mut Frame<'_>, theme: Theme, form: &Form, picker: &Picker) {
    let several = form.takes_several();
    let names = form.names_shown();
    let mut rows: Vec<(bool, &str)> = Vec::new();
    if !several {
        rows.push((form.field().text.text().is_empty(), words::forms::LEAVE_OUT));
    }
    let named = form.models_named();
    let marked = |name: &str| {
        if several { named.contains(&name) } else { form.field().text.text().trim() == name }
    };
    rows.extend(names.iter().map(|name| (marked(name), *name)));
    let remark = match form.names() {
        None => words::forms::ASKING,
        Some(all) if all.is_empty() => words::forms::NONE_LISTED,
        Some(_) if names.is_empty() => words::forms::NONE_MATCH,
        Some(_) => "",
    };
    let keys = if several { words::forms::PICK_SEVERAL } else { words::forms::PICK_ONE };
    let title = match picker.filter.as_str() {
        "" => keys.to_owned(),
        filter => format!("{} · {keys}", text::fit(filter, 20)),
    };
    let height = (rows.len() + usize::from(!remark.is_empty())).clamp(1, MOST_NAMES) as u16 + 2;
    let inner = window(frame, theme, &title, WIDTH - 16, height);
    let shown = usize::from(inner.height).saturating_sub(usize::from(!remark.is_empty())).max(1);
    let cursor = picker.cursor.min(rows.len().saturating_sub(1));
    let top = cursor.saturating_sub(shown / 2).min(rows.len().saturating_sub(shown));
    let mut y = inner.y;
    for (index, (marked, name)) in rows.iter().enumerate().skip(top).take(shown) {
        let mark = if *marked { "✓" } else { " " };
        let name = text::fit(name, usize::from(inner.width).saturating_sub(4));
        let line =
            Line::raw(format!(" {mark} {name}")).style(row_style(theme, index == cursor, true));
        frame.render_widget(line, Rect { y, height: 1, ..inner });
        y += 1;
    }
    if !remark.is_empty() && y < inner.bottom() {
        let words = Line::styled(format!("   {remark}"), theme.style(Role::Quiet));
        frame.render_widget(words, Rect { y, height: 1, ..inner });
    }
}
