//! What is attached to a message: chips above the text field.

use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::tui::state::State;
use crate::tui::state::attachments::{Attachment, Kind};
use crate::tui::theme::Role;
use crate::tui::words::attachments as words;
use crate::{picture, text};

/// Rows of chips, at most.
const MOST_ROWS: usize = 3;
/// A chip is not shown in fewer cells.
const FEWEST_CELLS: usize = 16;

/// Rows that the chips take where `cells` are there for each.
pub(super) fn height(state: &State, cells: u16) -> u16 {
    rows(state, usize::from(cells), MOST_ROWS).len() as u16
}

/// Draws them.
pub(super) fn draw(frame: &mut Frame<'_>, area: Rect, state: &State) {
    let rows = rows(state, usize::from(area.width), usize::from(area.height));
    for (row, y) in rows.into_iter().zip(area.y..area.bottom()) {
        let line = Line::styled(row, state.theme.style(Role::Key));
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}

/// As many chips as have room, side by side; the last row says how many more there are.
fn rows(state: &State, cells: usize, most: usize) -> Vec<String> {
    // While a line is asked for, the field is for that.
    if state.prompt.is_some() || most == 0 {
        return Vec::new();
    }
    let mut rows: Vec<String> = Vec::new();
    let mut texts = 0;
    let all = state.attachments.items();
    for (index, attachment) in all.iter().enumerate() {
        texts += usize::from(!attachment.is_picture());
        let left = all.len() - index;
        let chip = state.theme.fit(&state.theme.words(chip(attachment, texts)), cells);
        let wide = text::width(&chip);
        let count = rows.len();
        match rows.last_mut() {
            Some(row) if text::width(row) + 1 + wide <= cells => {
                row.push(' ');
                row.push_str(&chip);
            }
            _ if count + 1 < most || left == 1 && count < most => rows.push(chip),
            _ => {
                rows.push(first_of(state, attachment, (texts, left), cells));
                break;
            }
        }
    }
    rows.truncate(most);
    rows
}

/// The last row where there is no room for all that are `left`: the first of them, if it can be told, and
/// how many more there are.
fn first_of(
    state: &State,
    attachment: &Attachment,
    (number, left): (usize, usize),
    cells: usize,
) -> String {
    let rest = words::more(left - 1);
    let room = cells.saturating_sub(text::width(&rest) + 1);
    if left == 1 || room < FEWEST_CELLS {
        return state.theme.fit(&words::more(left), cells);
    }
    let chip = state.theme.fit(&state.theme.words(chip(attachment, number)), room);
    format!("{chip} {rest}")
}

fn chip(attachment: &Attachment, number: usize) -> String {
    match attachment.kind {
        Kind::Picture => words::picture(&picture::facts(&attachment.content)),
        Kind::Text { lines } => {
            words::pasted(number, lines, &picture::bytes(attachment.content.len()))
        }
    }
}
