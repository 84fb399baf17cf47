//! The last row: a notice if there is one, else what the keys do here.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::text;
use crate::tui::action::Action;
use crate::tui::state::{Connection, Focus, State};
use crate::tui::theme::Role;

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let line = if let Some(notice) = &state.notice {
        let words = text::fit(&notice.text, width.saturating_sub(2));
        Line::styled(format!(" {words}"), theme.style(notice.role))
    } else if let Connection::Lost { why, .. } = &state.connection {
        let words = text::fit(&format!("{why} ^L tries again"), width.saturating_sub(2));
        Line::styled(format!(" {words}"), theme.style(Role::Error))
    } else {
        hints(state, width)
    };
    frame.render_widget(line, area);
}

fn hints(state: &State, width: usize) -> Line<'static> {
    let theme = state.theme;
    let mut spans = vec![Span::raw(" ")];
    if let Some(count) = state.count {
        spans.push(Span::styled(format!("{count} "), theme.style(Role::Warning)));
    }
    let mut used = spans.iter().map(Span::width).sum::<usize>();
    for &(action, words) in actions(state) {
        let Some(key) = state.key_for(action) else { continue };
        let wide = text::width(&key) + 1 + words.len() + 2;
        if used + wide > width {
            break;
        }
        used += wide;
        spans.push(Span::styled(key, theme.style(Role::Key)));
        spans.push(Span::styled(format!(" {words}  "), theme.style(Role::Quiet)));
    }
    Line::from(spans)
}

fn actions(state: &State) -> &'static [(Action, &'static str)] {
    match state.focus {
        _ if state.prompt.is_some() => &[(Action::Send, "done"), (Action::Cancel, "cancel")],
        _ if state.form().is_some() => &[
            (Action::Send, "done"),
            (Action::NextPane, "next field"),
            (Action::PreviousPane, "field before"),
            (Action::Cancel, "leave"),
        ],
        _ if state.samples_have_keys() => &[
            (Action::Select, "show"),
            (Action::Down, "next"),
            (Action::Up, "before"),
            (Action::Stop, "stop"),
            (Action::StopAll, "stop all"),
            (Action::Cancel, "back"),
        ],
        Focus::Composer => &[
            (Action::Help, "all keys"),
            (Action::NextPane, "next pane"),
            (Action::NewConversation, "new"),
            (Action::ChooseModel, "model"),
            (Action::Cancel, "read"),
            (Action::MoveUp, "history"),
            (Action::Quit, "quit"),
        ],
        Focus::List => &[
            (Action::Open, "open"),
            (Action::Search, "search"),
            (Action::Star, "star"),
            (Action::Rename, "title"),
            (Action::Delete, "delete"),
            (Action::Undelete, "bring back"),
            (Action::NewConversation, "new"),
            (Action::Help, "all keys"),
        ],
        Focus::Chat | Focus::Forest => &[
            (Action::Resample, "resample"),
            (Action::Replace, "edit"),
            (Action::Continue, "continue"),
            (Action::WriteAsModel, "as Grok"),
            (Action::PreviousSibling, "sibling"),
            (Action::NextSibling, "sibling"),
            (Action::Write, "write"),
            (Action::Star, "star"),
            (Action::Search, "search"),
            (Action::Help, "all keys"),
        ],
    }
}
