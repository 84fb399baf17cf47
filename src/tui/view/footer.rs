//! The last row: a notice if there is one, else what the keys do here.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Clear;

use super::linear;
use crate::forest::Response;
use crate::text;
use crate::tui::action::Action;
use crate::tui::keymap::Context;
use crate::tui::state::form::Purpose;
use crate::tui::state::{Connection, Focus, Mode, State};
use crate::tui::theme::{Role, Theme};
use crate::tui::words::footer as words;

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let said = |role, words: &str| {
        let words = theme.fit(&theme.words(words), width.saturating_sub(2));
        Line::styled(format!(" {words}"), theme.style(role))
    };
    if let Some(notice) = &state.notice {
        let (role, words) = match notice.role {
            Role::Error => (Role::Error, words::error(&notice.text)),
            role => (role, notice.text.clone()),
        };
        return self::notice(frame, area, theme, role, &words);
    }
    let line = if let Connection::Lost { why, .. } = &state.connection {
        let key = state.keymap.hint(Action::Redraw, Context::Writing).unwrap_or_default();
        said(Role::Error, &words::lost(why, &key))
    } else if theme.is_linear()
        && let Some(status) = linear::status(state)
    {
        said(Role::Streaming, status)
    } else {
        hints(state, width)
    };
    frame.render_widget(line, area);
}

/// Rows that a notice may take at most.
const MOST_ROWS: usize = 4;

/// A notice. One that is longer than the row covers what stands above it, until the next key.
fn notice(frame: &mut Frame<'_>, area: Rect, theme: Theme, role: Role, words: &str) {
    let cells = usize::from(area.width).saturating_sub(2).max(1);
    let said = theme.words(text::visible(words));
    let most = MOST_ROWS.min(usize::from(frame.area().height) / 3).max(1);
    let mut starts = vec![0];
    starts.extend(text::breaks(&said, cells).into_iter().take(most - 1));
    let height = starts.len() as u16;
    let area = Rect { y: area.bottom().saturating_sub(height), height, ..area };
    frame.render_widget(Clear, area);
    let ends = starts.iter().skip(1).copied().chain([said.len()]);
    for ((start, end), y) in starts.iter().zip(ends).zip(area.y..) {
        let line = format!(" {}", theme.fit(said[*start..end].trim_end(), cells));
        let row = Rect { y, height: 1, ..area };
        frame.render_widget(Line::styled(line, theme.style(role)), row);
    }
}

/// What keys do, as many as have room. How all of them are shown is always told.
fn hints(state: &State, width: usize) -> Line<'static> {
    let theme = state.theme;
    let mut spans = vec![Span::raw(" ")];
    if let Some(count) = state.count {
        spans.push(Span::styled(format!("{count} × "), theme.style(Role::Warning)));
    }
    let mut used = spans.iter().map(Span::width).sum::<usize>();
    let hint = |action| state.key_for(action).map(|key| theme.words(key).into_owned());
    let cells = |key: &str, words: &str| text::width(key) + 1 + text::width(words) + 2;
    let told = |words: &'static str| theme.words(words);
    let all = hints_here(state);
    let help = all.iter().find(|(action, _)| *action == Action::Help);
    let mut kept = help
        .and_then(|&(action, words)| Some(cells(&hint(action)?, &told(words))))
        .filter(|kept| used + kept <= width)
        .unwrap_or(0);
    for &(action, words) in all {
        let Some(key) = hint(action) else { continue };
        let words = told(words);
        let wide = cells(&key, &words);
        if action == Action::Help {
            kept = 0;
        }
        if used + wide + kept > width {
            continue;
        }
        used += wide;
        spans.push(Span::styled(key, theme.style(Role::Key)));
        spans.push(Span::styled(format!(" {words}  "), theme.style(Role::Quiet)));
    }
    Line::from(spans)
}

fn hints_here(state: &State) -> words::Hints {
    match state.focus {
        _ if state.prompt.is_some() => words::PROMPT,
        _ if let Some(form) = state.form() => match (&form.picker, &form.purpose) {
            (Some(_), _) => words::NAMES,
            (None, Purpose::Settings(_)) => words::SETTINGS,
            (None, Purpose::Resample(_)) => words::CHOICES,
        },
        _ if state.overlay.is_some() => words::CHOOSING,
        _ if state.samples_have_keys() => words::SAMPLES,
        Focus::Composer if state.searching.is_some() => words::SEARCHING,
        Focus::Chat if state.visual.is_some() => words::SELECTING,
        Focus::Composer => match &state.mode {
            Mode::Message if state.stoppable().is_some() => words::ARRIVING,
            Mode::Message => words::WRITING,
            Mode::Replace(id) if state.open.forest.get(id).is_some_and(Response::is_human) => {
                words::EDITING
            }
            Mode::Replace(_) | Mode::AsModel(_) => words::MAKING,
        },
        Focus::List => words::LIST,
        Focus::Chat if state.open.find.is_some() => words::FINDING,
        Focus::Forest => words::FOREST,
        Focus::Chat => words::CHAT,
    }
}
