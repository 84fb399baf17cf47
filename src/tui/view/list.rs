//! The conversations: starred first, then the one changed last.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::{clear, has_keys, linear, pane, pane_title, row_style, title_of};
use crate::forest::Conversation;
use crate::text;
use crate::tui::state::{Focus, State};
use crate::tui::theme::Role;
use crate::tui::words::list as words;

/// Draws them.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let active = has_keys(state, Focus::List);
    let count = state.list.conversations.len();
    let title = match &state.list.query {
        Some(query) => words::found(&theme.fit(query, 16)),
        None => words::TITLE.to_owned(),
    };
    let mut block = pane(theme, pane_title(theme, format!(" {title} "), active), active);
    if count > 0 || state.list.loading {
        let count = theme.words(words::count(count, state.list.loading));
        block = block.title_top(Line::styled(count, theme.style(Role::Quiet)).right_aligned());
    }
    let inner = block.inner(area);
    clear(frame, area, state);
    frame.render_widget(block, area);
    if count == 0 && !state.list.loading {
        let (role, words) = match &state.list.query {
            _ if !state.list.failure.is_empty() => (Role::Error, words::NOT_LOADED),
            Some(_) => (Role::Quiet, words::NOTHING_FOUND),
            None => (Role::Quiet, words::NONE_YET),
        };
        frame.render_widget(Line::styled(words, theme.style(role)), inner);
        return;
    }
    let top = state.list.top(usize::from(inner.height));
    let shown = state.list.conversations.iter().enumerate().skip(top);
    for ((index, conversation), y) in shown.zip(inner.y..inner.bottom()) {
        let row = Rect { y, height: 1, ..inner };
        let style = row_style(theme, index == state.list.cursor, active);
        let line = if theme.is_linear() {
            let under_cursor = index == state.list.cursor;
            let width = usize::from(inner.width);
            Line::raw(linear::conversation(state, conversation, under_cursor, width))
        } else {
            line(state, conversation, inner.width)
        };
        frame.render_widget(line.style(style), row);
    }
}

fn line(state: &State, conversation: &Conversation, width: u16) -> Line<'static> {
    let theme = state.theme;
    let here = state.open.id() == Some(&conversation.id);
    let busy = state.answers.in_conversation(Some(&conversation.id)).next().is_some();
    let age = words::age(conversation.modify_time, state.now);
    let room = usize::from(width).saturating_sub(age.len() + 4);
    let title = title_of(state, conversation);
    let title = theme.fit(title, room);
    let gap = room - text::width(&title);
    let (mark, role) = match (conversation.starred, busy) {
        (_, true) => ("▮ ", Role::Streaming),
        (true, false) => ("★ ", Role::Star),
        (false, false) => ("  ", Role::Text),
    };
    let titled = if here { Role::Title } else { Role::Text };
    Line::from(vec![
        Span::styled(theme.words(mark), theme.style(role)),
        Span::styled(title, theme.style(titled)),
        Span::raw(" ".repeat(gap + 1)),
        Span::styled(age, theme.style(Role::Quiet)),
    ])
}
