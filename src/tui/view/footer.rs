//! The last row: a notice if there is one, else what the keys do here.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::linear;
use crate::text;
use crate::tui::action::Action;
use crate::tui::keymap::Context;
use crate::tui::state::{Connection, Focus, State};
use crate::tui::theme::Role;
use crate::tui::words::footer as words;

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let said = |role, words: &str| {
        let words = theme.fit(&theme.words(words), width.saturating_sub(2));
        Line::styled(format!(" {words}"), theme.style(role))
    };
    let line = if let Some(notice) = &state.notice {
        match notice.role {
            Role::Error => said(Role::Error, &words::error(&notice.text)),
            role => said(role, &notice.text),
        }
    } else if let Connection::Lost { why, .. } = &state.connection {
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
        _ if state.form().is_some() => words::FORM,
        _ if state.samples_have_keys() => words::SAMPLES,
        Focus::Chat if state.visual.is_some() => words::SELECTING,
        Focus::Composer => words::WRITING,
        Focus::List => words::LIST,
        Focus::Chat if state.open.find.is_some() => words::FINDING,
        Focus::Forest => words::FOREST,
        Focus::Chat => words::CHAT,
    }
}
