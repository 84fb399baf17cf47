//! The conversations: starred first, then the one changed last.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{has_keys, pane, pane_title, row_style};
use crate::forest::{Conversation, Time};
use crate::text;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;

/// Draws them.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let active = has_keys(state, Focus::List);
    let count = state.list.conversations.len();
    let title = match &state.list.query {
        Some(query) => format!(" Found for “{}” ", text::fit(query, 16)),
        None => " Conversations ".to_owned(),
    };
    let mut block = pane(theme, pane_title(theme, title, active), active);
    if count > 0 || state.list.loading {
        let more = if state.list.loading { "…" } else { "" };
        let style = theme.style(Role::Quiet);
        block = block.title_top(Line::styled(format!(" {count}{more} "), style).right_aligned());
    }
    let inner = block.inner(area);
    frame.render_widget(ratatui::widgets::Clear, area);
    frame.render_widget(block, area);
    if count == 0 && !state.list.loading {
        let words = if state.list.query.is_some() { "Nothing found" } else { "None yet" };
        frame.render_widget(Line::styled(words, theme.style(Role::Quiet)), inner);
        return;
    }
    let top = state.list.top(usize::from(inner.height));
    let shown = state.list.conversations.iter().enumerate().skip(top);
    for ((index, conversation), y) in shown.zip(inner.y..inner.bottom()) {
        let row = Rect { y, height: 1, ..inner };
        let style = row_style(theme, index == state.list.cursor, active);
        frame.render_widget(line(state, conversation, inner.width).style(style), row);
    }
}

fn line(state: &State, conversation: &Conversation, width: u16) -> Line<'static> {
    let theme = state.theme;
    let here = state.open.id() == Some(&conversation.id);
    let busy = state.answers.in_conversation(Some(&conversation.id)).next().is_some();
    let age = age(conversation.modify_time, state.now);
    let room = usize::from(width).saturating_sub(age.len() + 4);
    let title = if conversation.title.is_empty() { "Untitled" } else { &conversation.title };
    let title = text::fit(title, room);
    let gap = room - text::width(&title);
    let mark = match (conversation.starred, busy) {
        (_, true) => Span::styled("▮ ", theme.style(Role::Streaming)),
        (true, false) => Span::styled("★ ", theme.style(Role::Star)),
        (false, false) => Span::raw("  "),
    };
    let role = if here { Role::Title } else { Role::Text };
    Line::from(vec![
        mark,
        Span::styled(title, theme.style(role)),
        Span::raw(" ".repeat(gap + 1)),
        Span::styled(age, theme.style(Role::Quiet)),
    ])
}

/// How long ago something was, in two or three characters.
fn age(then: Time, now: Time) -> String {
    let seconds = (now.0 - then.0).max(0) / 1_000_000;
    match seconds {
        0..60 => "now".to_owned(),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        86_400..31_536_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / 31_536_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let at = |seconds: i64| age(Time(0), Time(seconds * 1_000_000));
        assert_eq!(at(59), "now");
        assert_eq!(at(60 * 59), "59m");
        assert_eq!(at(3_600 * 23), "23h");
        assert_eq!(at(86_400 * 364), "364d");
        assert_eq!(at(86_400 * 800), "2y");
        assert_eq!(age(Time(5), Time(0)), "now");
    }
}
