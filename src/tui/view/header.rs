//! The first row: title, model, settings, and how we stand with the service.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::text;
use crate::tui::state::{Connection, State};
use crate::tui::theme::Role;

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let (role, sign, words) = connection(state);
    let mut right = vec![Span::raw(" ")];
    let model = state.answering_model();
    if !model.is_empty() && width >= 40 {
        right.push(Span::styled(text::fit(model, width / 3), theme.style(Role::Model)));
        right.push(Span::styled(settings(state), theme.style(Role::Quiet)));
        right.push(Span::raw(" · "));
    }
    right.push(Span::styled(sign, theme.style(role)));
    right.push(Span::styled(text::fit(&words, width / 3), theme.style(Role::Quiet)));
    right.push(Span::raw(" "));
    let right = Line::from(right);

    let star = state.open.conversation.as_ref().is_some_and(|c| c.starred);
    // Where there is little room, the title is worth more than the name.
    let name = if width < 60 { " " } else { " grok-tui  " };
    let taken = right.width() + name.len() + 4;
    let title = match state.open.title() {
        "" if state.open.id().is_none() => "New conversation",
        "" => "Untitled",
        title => title,
    };
    let mut left = vec![
        Span::styled(name, theme.style(Role::Quiet)),
        Span::styled(text::fit(title, width.saturating_sub(taken)), theme.style(Role::Title)),
    ];
    if star {
        left.push(Span::styled(" ★", theme.style(Role::Star)));
    }
    frame.render_widget(Line::from(left), area);
    let right_width = (right.width() as u16).min(area.width);
    let right_area = Rect { x: area.right() - right_width, width: right_width, ..area };
    frame.render_widget(right, right_area);
}

fn settings(state: &State) -> String {
    let sampling = state.effective_sampling();
    let conversation = state.open.conversation.as_ref();
    let mut words = String::new();
    if let Some(temperature) = sampling.temperature {
        words.push_str(&format!(" · t {temperature}"));
    }
    if let Some(seed) = sampling.seed {
        words.push_str(&format!(" · seed {seed}"));
    }
    if sampling.search == Some(true) {
        words.push_str(" · search");
    }
    if let Some(prompt) = conversation.map(|known| known.settings.system_prompt_name.as_str())
        && !prompt.is_empty()
    {
        words.push_str(&format!(" · {}", text::fit(prompt, 24)));
    }
    words
}

fn connection(state: &State) -> (Role, &'static str, String) {
    match &state.connection {
        Connection::Embedded => (Role::Good, "● ", "local".to_owned()),
        Connection::Connecting(endpoint) => {
            (Role::Warning, "◌ ", format!("connecting to {endpoint}"))
        }
        Connection::Connected(endpoint) => (Role::Good, "● ", endpoint.clone()),
        Connection::Lost { endpoint, .. } => {
            (Role::Error, "○ ", format!("no connection to {endpoint}"))
        }
    }
}
