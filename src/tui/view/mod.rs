//! What the state looks like. Never changes anything; what depends on the size of the screen is
//! decided here, and asked for by `update` where a click or a page depends on it.

mod areas;
mod attachments;
mod chat;
mod composer;
mod footer;
mod forest;
mod form;
mod header;
mod help;
mod hits;
mod linear;
mod list;
mod message;
mod overlay;
mod palette;
mod pane;
mod pictures;
mod samples;
mod visual;

use ratatui::Frame;
use ratatui::layout::{Rect, Size};
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, Paragraph};

use super::state::{Focus, State};
use super::theme::{Role, Theme};
use super::words::{header as titles, overlay as words};
use crate::forest::Conversation;
use pane::Pane;

pub use areas::{Areas, areas, sidebar_covers};
pub use composer::top as composer_top;
pub use forest::indent as forest_indent;
pub use form::field_at as form_field_at;
pub use help::last_top as help_last_top;
pub use message::message;
pub use pictures::picture_room;
pub use samples::top as samples_top;

/// Below this the screen only says that it is too small.
const SMALLEST: Size = Size { width: 20, height: 6 };
/// Characters of a message in which a name for its conversation is looked for.
const MOST_OF_A_MESSAGE: usize = 500;

/// Draws the whole screen. `update::prepare` has to come first.
pub fn draw(frame: &mut Frame<'_>, state: &State) {
    let size = frame.area().as_size();
    if size.width < SMALLEST.width || size.height < SMALLEST.height {
        let text = words::too_small(size, SMALLEST);
        frame.render_widget(
            Paragraph::new(text).wrap(ratatui::widgets::Wrap { trim: true }),
            frame.area(),
        );
        return;
    }
    let areas = areas(state);
    header::draw(frame, areas.header, state);
    if areas.chat.height > 0 {
        chat::draw(frame, &areas, state);
        visual::draw(frame, &areas, state);
    }
    if areas.samples.height > 0 {
        samples::draw(frame, &areas, state);
    }
    if areas.composer.height > 0 {
        composer::draw(frame, &areas, state);
    }
    if areas.list.height > 0 {
        list::draw(frame, areas.list, state);
    }
    if areas.forest.height > 0 {
        forest::draw(frame, areas.forest, state);
    }
    footer::draw(frame, areas.footer, state);
    if state.theme.is_linear() {
        linear::cursor(frame, &areas, state);
    }
    overlay::draw(frame, state);
}

/// What a conversation is called. The one on the screen goes by its first message until it has a title.
fn title_of<'a>(state: &'a State, conversation: &'a Conversation) -> &'a str {
    if !conversation.title.is_empty() {
        return &conversation.title;
    }
    let here = state.open.id() == Some(&conversation.id);
    let root = state.open.path.first().filter(|_| here);
    let said = root.map_or("", |&root| &state.open.forest.response(root).message);
    // What is on no screen is not looked through.
    let begin = said.char_indices().nth(MOST_OF_A_MESSAGE).map_or(said, |(end, _)| &said[..end]);
    begin.lines().find(|line| !line.trim().is_empty()).unwrap_or(titles::UNTITLED)
}

/// The same of what is on the screen.
fn title_here(state: &State) -> &str {
    state.open.conversation.as_ref().map_or(titles::NEW, |here| title_of(state, here))
}

/// A frame with a title, lit when the pane has the keys.
fn pane(theme: Theme, title: Line<'static>, active: bool) -> Pane {
    let glyphs = theme.glyphs();
    let (role, border) = match active {
        true => (Role::ActiveBorder, glyphs.active_border),
        false => (Role::Border, glyphs.border),
    };
    Pane::new(border, theme.style(role)).title_top(title)
}

/// As much of a line as there is room for, with a sign where something is missing.
fn fitted(theme: Theme, line: Line<'_>, width: u16) -> Line<'_> {
    let mut room = usize::from(width);
    if line.width() <= room {
        return line;
    }
    let mut shown = Line::default().style(line.style);
    for span in line.spans {
        let wide = span.width();
        if wide < room {
            room -= wide;
            shown.push_span(span);
            continue;
        }
        // What follows is missing too, also where this one would just fit.
        let more = format!("{} .", span.content);
        shown.push_span(Span::styled(theme.fit(&more, room), span.style));
        break;
    }
    shown
}

/// Makes room for a pane of the sidebar where that covers the chat.
fn clear(frame: &mut Frame<'_>, area: Rect, state: &State) {
    if sidebar_covers(state) {
        frame.render_widget(Clear, area);
    }
}

/// The title of a pane.
fn pane_title(theme: Theme, text: String, active: bool) -> Line<'static> {
    let style = if active { theme.style(Role::Title) } else { theme.style(Role::Quiet) };
    Line::from(Span::styled(theme.words(text), style))
}

/// A row of a list, over its whole width when it is under the cursor.
fn row_style(theme: Theme, under_cursor: bool, active: bool) -> Style {
    match (under_cursor, active) {
        (true, true) => theme.style(Role::Selected),
        (true, false) => theme.style(Role::Title),
        (false, _) => Style::new(),
    }
}

fn has_keys(state: &State, focus: Focus) -> bool {
    let over = state.overlay.is_some() || state.prompt.is_some() || state.samples_have_keys();
    state.focus == focus && !over
}
