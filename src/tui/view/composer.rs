//! The text field, with what it is for in its frame, and the cursor of the terminal in it.

use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};
use ratatui::widgets::Borders;

use super::{Areas, attachments, has_keys, pane, pane_title};
use crate::forest::Response;
use crate::text;
use crate::tui::action::Action;
use crate::tui::keymap::Context;
use crate::tui::state::attachments::Written;
use crate::tui::state::composer::Composer;
use crate::tui::state::{Focus, Mode, Prompt, PromptKind, State};
use crate::tui::theme::Role;
use crate::tui::words::{self, writing as texts};

/// The first row of the text that is shown: the cursor is always in sight.
#[must_use]
pub fn top(state: &State) -> usize {
    let area = super::areas(state).composer_text;
    let rows = state.composer.rows(usize::from(area.width));
    let (row, _) = state.composer.cursor_cell(&rows);
    (row + 1).saturating_sub(usize::from(area.height))
}

/// Draws it.
pub(super) fn draw(frame: &mut Frame<'_>, areas: &Areas, state: &State) {
    let theme = state.theme;
    let area = areas.composer;
    let prompted = state.prompt.is_some() && state.overlay.is_none();
    let active = has_keys(state, Focus::Composer) || prompted;
    let title = theme.fit(&purpose(state), usize::from(area.width).saturating_sub(4));
    let title = pane_title(theme, format!(" {title} "), active);
    let mut block = pane(theme, title, active);
    if !areas.framed {
        block = block.borders(Borders::TOP);
    }
    if active && areas.framed && area.width >= 50 {
        let keys = Line::styled(theme.words(keys(state)), theme.style(Role::Quiet)).right_aligned();
        block = block.title_bottom(keys);
    }
    frame.render_widget(block, area);
    queued(frame, areas.queued, state);
    attachments::draw(frame, areas.chips, state);
    match &state.prompt {
        Some(Prompt { field, .. }) => text_field(frame, areas.composer_text, state, field, active),
        None => text_field(frame, areas.composer_text, state, &state.composer, active),
    }
}

/// The first of the messages that wait, and how to get it back.
fn queued(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let Some(queue) = state.queue_here().and_then(|index| state.queues.get(index)) else { return };
    if area.height == 0 {
        return;
    }
    let key = |action| state.keymap.hint(action, Context::Writing);
    let mut hints = String::new();
    let writes = has_keys(state, Focus::Composer);
    if queue.answer.is_none()
        && state.awaited().is_none()
        && let Some(send) = key(Action::Send).filter(|_| writes && state.composer.is_blank())
    {
        hints.push_str(&texts::sends_it(&send));
    }
    if let Some(back) = key(Action::TakeBackQueued).filter(|_| writes) {
        hints.push_str(&texts::takes_back(&back, queue.messages.len()));
    }
    let lead = if queue.answer.is_some() { texts::QUEUED } else { texts::HELD };
    let lead = texts::lead(lead, queue.messages.len());
    let taken = text::width(&lead) + text::width(&hints);
    let room = usize::from(area.width).saturating_sub(taken).clamp(1, 60);
    let first = queue.messages.front().map(Written::message).unwrap_or_default();
    let theme = state.theme;
    let line = Line::from(vec![
        Span::styled(lead, theme.style(Role::Streaming)),
        Span::raw(theme.glyphs().first_words(&first, room)),
        Span::styled(theme.words(hints), theme.style(Role::Quiet)),
    ]);
    frame.render_widget(line, area);
}

fn text_field(frame: &mut Frame<'_>, area: Rect, state: &State, field: &Composer, active: bool) {
    if area.width == 0 || area.height == 0 {
        return;
    }
    let rows = field.rows(usize::from(area.width));
    let (row, column) = field.cursor_cell(&rows);
    let height = usize::from(area.height);
    let top = (row + 1).saturating_sub(height);
    for (shown, y) in field.shown(&rows, top, height).zip(area.y..area.bottom()) {
        let line = text::visible(shown).into_owned();
        frame.render_widget(Line::raw(line), Rect { y, height: 1, ..area });
    }
    if field.text().is_empty() && state.prompt.is_none() {
        let key = state.keymap.hint(Action::Write, Context::Chat).filter(|_| !active);
        let words = key.map_or(String::new(), |key| texts::press_to_write(&key));
        frame.render_widget(Line::styled(words, state.theme.style(Role::Quiet)), area);
    }
    if active {
        // Behind a full row the cursor stands in the margin.
        let x = (area.x + column as u16).min(area.right());
        frame.set_cursor_position(Position { x, y: area.y + (row - top) as u16 });
    }
}

/// What is being written, and below what.
fn purpose(state: &State) -> String {
    match &state.prompt {
        Some(Prompt { kind: PromptKind::Rename(_), .. }) => {
            return texts::TITLE.to_owned();
        }
        Some(Prompt { kind: PromptKind::Find(everywhere), .. }) => {
            return words::chat::find(*everywhere).to_owned();
        }
        Some(Prompt { kind: PromptKind::Label(_), .. }) => return words::forest::LABEL.to_owned(),
        Some(Prompt { kind: PromptKind::Note(_), .. }) => return words::forest::NOTE.to_owned(),
        Some(Prompt { kind: PromptKind::Filter, .. }) => {
            return words::forest::FILTER_TEXT.to_owned();
        }
        Some(Prompt { kind: PromptKind::Search, .. }) => {
            return texts::SEARCH_ALL.to_owned();
        }
        Some(Prompt { kind: PromptKind::Attach, .. }) => {
            return words::attachments::WHICH_FILE.to_owned();
        }
        None => {}
    }
    if let Some(search) = &state.searching {
        let lead = match (search.failed, search.at) {
            (false, _) => texts::SEARCH,
            (true, None) => texts::SEARCH_FAILED,
            (true, Some(_)) => texts::SEARCH_ENDED,
        };
        return format!("{lead}{}", search.words);
    }
    let open = &state.open;
    match &state.mode {
        Mode::Replace(_) => texts::EDIT.to_owned(),
        Mode::AsModel(_) => texts::AS_MODEL.to_owned(),
        Mode::Message => match open.selected() {
            None => texts::FIRST_MESSAGE.to_owned(),
            Some(slot) if Some(slot) == open.leaf() => texts::MESSAGE.to_owned(),
            Some(slot) => {
                let words =
                    state.theme.glyphs().first_words(&open.forest.response(slot).message, 30);
                let below = open.forest.subtree_count(slot) - 1;
                texts::new_branch(&words, below)
            }
        },
    }
}

fn keys(state: &State) -> String {
    let key = |action| state.keymap.hint(action, Context::Writing).unwrap_or_default();
    let (send, cancel) = (key(Action::Send), key(Action::Cancel));
    if state.searching.is_some() {
        return texts::keys_of_search(&send, &key(Action::HistorySearch), &cancel);
    }
    if state.prompt.is_some() {
        return texts::keys_of_prompt(&send, &cancel);
    }
    let sends = match &state.mode {
        Mode::Message if state.awaited().is_some() => texts::QUEUES,
        Mode::Message => texts::SENDS,
        Mode::Replace(id) if state.open.forest.get(id).is_some_and(Response::is_human) => {
            texts::ASKS
        }
        Mode::Replace(_) | Mode::AsModel(_) => texts::KEEPS,
    };
    let cancels = match &state.mode {
        Mode::Message if state.stoppable().is_some() => texts::STOPS,
        Mode::Message | Mode::Replace(_) | Mode::AsModel(_) => texts::LEAVES,
    };
    texts::keys((&send, sends), &key(Action::Newline), (&cancel, cancels))
}
