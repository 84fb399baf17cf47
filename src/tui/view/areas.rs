//! Where everything is: beside each other where there is room, over each other or one at a time
//! where there is none.

use ratatui::layout::{Rect, Size};

use super::attachments;
use crate::tui::state::{Focus, Mode, State};

/// From this width on the left side stands beside the chat.
const WIDE: u16 = 100;
/// Below these the panes are shown one at a time.
const NARROW: Size = Size { width: 60, height: 16 };

/// Below this height the chat and the text field go without frames: rows are for text.
const LOW: u16 = 12;

/// The parts of the screen. A part without height is not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Areas {
    /// Title, model, connection.
    pub header: Rect,
    /// Conversations, with their frame.
    pub list: Rect,
    /// Forest, with its frame.
    pub forest: Rect,
    /// Whether chat and text field have frames.
    pub framed: bool,
    /// Chat, with its frame.
    pub chat: Rect,
    /// The rows of messages in it.
    pub chat_text: Rect,
    /// Panel of samples, with its frame.
    pub samples: Rect,
    /// Text field, with its frame.
    pub composer: Rect,
    /// What waits to be sent, above the text.
    pub queued: Rect,
    /// The text in it.
    pub composer_text: Rect,
    /// What is attached to the text, above it.
    pub chips: Rect,
    /// Hints and notices.
    pub footer: Rect,
}

/// Whether the left side, when it is shown, covers the chat.
#[must_use]
pub fn sidebar_covers(state: &State) -> bool {
    state.size.width < WIDE || state.theme.is_linear()
}

/// Where everything is.
#[must_use]
pub fn areas(state: &State) -> Areas {
    let Size { width, height } = state.size;
    let on_side = matches!(state.focus, Focus::List | Focus::Forest) && state.prompt.is_none();
    let mut areas = Areas {
        header: Rect { x: 0, y: 0, width, height: 1 },
        footer: Rect { x: 0, y: height.saturating_sub(1), width, height: 1 },
        framed: height >= LOW,
        ..Areas::default()
    };
    let middle = Rect { x: 0, y: 1, width, height: height.saturating_sub(2) };
    let small = width < NARROW.width || height < NARROW.height;
    let one_at_a_time = small || state.theme.is_linear();
    if one_at_a_time {
        match state.focus {
            Focus::List if on_side => areas.list = middle,
            Focus::Forest if on_side => areas.forest = middle,
            _ => split_chat(&mut areas, middle, state),
        }
    } else if sidebar_covers(state) {
        split_chat(&mut areas, middle, state);
        if on_side {
            let width = (width * 2 / 3).clamp(40, 60);
            split_side(&mut areas, Rect { width, ..middle }, state);
        }
    } else if state.sidebar {
        let side = (width / 3).clamp(32, 48);
        split_side(&mut areas, Rect { width: side, ..middle }, state);
        split_chat(&mut areas, Rect { x: side, width: width - side, ..middle }, state);
    } else {
        split_chat(&mut areas, middle, state);
    }
    areas
}

fn split_side(areas: &mut Areas, area: Rect, state: &State) {
    let wanted = state.list.conversations.len().max(2) as u16 + 2;
    let list = wanted.min(area.height * 2 / 5).max(4);
    areas.list = Rect { height: list, ..area };
    areas.forest = Rect { y: area.y + list, height: area.height - list, ..area };
}

fn split_chat(areas: &mut Areas, area: Rect, state: &State) {
    let inner = area.width.saturating_sub(4).max(1);
    let frame = if areas.framed { 2 } else { 1 };
    let waits = u16::from(state.prompt.is_none() && state.queue_here().is_some());
    let most = (area.height / 2).max(frame + 1);
    // Rows beyond the most there can be are not worth counting.
    let asked = state.prompt.as_ref().map(|prompt| &prompt.field);
    let text = match asked {
        None if state.mode == Mode::Message && state.composer.text().is_empty() => 1,
        asked => {
            let field = asked.unwrap_or(&state.composer);
            field.row_count(usize::from(inner), usize::from(most))
        }
    };
    let chips = attachments::height(state, inner);
    let composer = (text as u16).saturating_add(chips).saturating_add(frame + waits);
    let composer = composer.min(most).min(area.height);
    let room = area.height - composer;
    let samples = super::samples::height(state, room, frame);
    let chat = room - samples;
    areas.chat = Rect { height: chat, ..area };
    areas.samples = Rect { y: area.y + chat, height: samples, ..area };
    areas.composer = Rect { y: area.y + room, height: composer, ..area };
    areas.chat_text = inside(areas.chat);
    areas.composer_text = inside(areas.composer);
    if !areas.framed {
        // Only the text field keeps a line, its title, above it.
        areas.chat_text.y = areas.chat.y;
        areas.chat_text.height = areas.chat.height;
        areas.composer_text.height = areas.composer.height.saturating_sub(1);
    }
    if waits > 0 && areas.composer_text.height > 1 {
        areas.queued = Rect { height: 1, ..areas.composer_text };
        areas.composer_text.y += 1;
        areas.composer_text.height -= 1;
    }
    // The text keeps a row.
    let text = &mut areas.composer_text;
    let chips = chips.min(text.height.saturating_sub(1));
    areas.chips = Rect { height: chips, ..*text };
    text.y += chips;
    text.height -= chips;
}

/// What a frame with a cell of margin left and right leaves.
fn inside(area: Rect) -> Rect {
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    }
}
