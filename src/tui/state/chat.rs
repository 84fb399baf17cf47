//! The chat pane: which rows of which messages are on the screen. Rows are made for the messages in
//! sight only and kept per width, so that a long conversation costs no more than a short one.

use ratatui::text::Line;
use rustc_hash::FxHashMap;

use crate::forest::{Response, Slot};
use crate::tui::markdown::{self, Document};
use crate::tui::theme::{Role, Theme};

/// Messages whose rows are kept when they are out of sight.
const MOST_KEPT: usize = 64;

/// Where the rows on the screen begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Anchor {
    /// So that the last row is at the bottom; it stays there while text arrives.
    #[default]
    End,
    /// At this row of a message of the path; it stays there while text arrives.
    Top(Position),
}

/// A row of the path: a message and a row of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Index in the path.
    pub message: usize,
    /// Row of the message, its header being 0.
    pub row: usize,
}

/// What a row on the screen shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChatRow {
    /// Who says what follows.
    Header,
    /// The seam between a partial response and its continuation.
    Seam,
    /// A row of the text, by its number.
    Text(usize),
    /// A remark of ours.
    Note(Line<'static>),
    /// Nothing.
    Blank,
}

/// The chat pane.
#[derive(Debug, Default)]
pub struct Chat {
    /// Where the rows on the screen begin.
    pub anchor: Anchor,
    /// The rows on the screen, top to bottom: index in the path, and what of it.
    pub rows: Vec<(usize, ChatRow)>,
    /// The row at the top of the screen.
    pub top: Position,
    /// Whether there is more below the screen.
    pub more_below: bool,
    documents: FxHashMap<Slot, Document>,
    width: usize,
    height: usize,
}

/// What the layout needs to know of a message.
pub struct Message<'a> {
    /// Its place in the forest.
    pub slot: Slot,
    /// The response itself.
    pub response: &'a Response,
    /// Whether it continues the message before it.
    pub continues: bool,
    /// Whether it is the last of the path.
    pub is_last: bool,
    /// Remarks of ours that go below the text, one a line.
    pub notes: Vec<(Role, String)>,
}

impl Chat {
    /// Rows of text of a message.
    #[must_use]
    pub fn text_row(&self, slot: Slot, row: usize) -> Option<Line<'_>> {
        self.documents.get(&slot).and_then(|document| document.row(row))
    }

    /// Bytes in front of the text of such a row, and whether it goes on with the row above.
    #[must_use]
    pub fn indent(&self, slot: Slot, row: usize) -> Option<(usize, bool)> {
        self.documents.get(&slot)?.indent(row)
    }

    /// The rows on the screen with their places, top to bottom.
    pub fn places(&self) -> impl Iterator<Item = (Position, &ChatRow)> {
        let mut at = self.top;
        self.rows.iter().map(move |(message, row)| {
            if *message != at.message {
                at = Position { message: *message, row: 0 };
            }
            let place = at;
            at.row += 1;
            (place, row)
        })
    }

    /// What is at a place, whether on the screen or not. Makes the rows of its message.
    pub fn row_at<'a>(
        &mut self,
        at: Position,
        theme: Theme,
        message: impl Fn(usize) -> Message<'a>,
    ) -> Option<ChatRow> {
        let shown = message(at.message);
        let text = self.text_height(&shown, theme);
        match at.row {
            row @ 1.. if row <= text => Some(ChatRow::Text(row - 1)),
            0 => message_rows_around(&shown, self.width, theme).into_iter().next(),
            row => message_rows_around(&shown, self.width, theme).into_iter().nth(row - text),
        }
    }

    /// The place so many rows on, or back; the first or last one where there are not so many. `count`
    /// is the length of the path, at least one.
    pub fn step<'a>(
        &mut self,
        from: Position,
        by: isize,
        theme: Theme,
        count: usize,
        message: impl Fn(usize) -> Message<'a>,
    ) -> Position {
        let steps = by.unsigned_abs();
        if by < 0 {
            return self.back(from, steps, theme, &message);
        }
        let at = self.forward(from, steps, theme, count, &message);
        let height = self.height_of(&message(at.message), theme);
        Position { row: at.row.min(height.saturating_sub(1)), ..at }
    }

    /// The rows of a message have to be made anew.
    pub fn forget(&mut self, slot: Slot) {
        self.documents.remove(&slot);
    }

    /// Decides which rows are on the screen. `message` tells what the path holds at an index below
    /// `count`.
    pub fn layout<'a>(
        &mut self,
        width: usize,
        height: usize,
        theme: Theme,
        count: usize,
        message: impl Fn(usize) -> Message<'a>,
    ) {
        self.width = width;
        self.height = height;
        self.rows.clear();
        self.more_below = false;
        if count == 0 || height == 0 {
            self.top = Position::default();
            return;
        }
        let top = match self.anchor {
            Anchor::End => self.top_of_end(theme, count, &message),
            Anchor::Top(position) if position.message < count => {
                let end = self.top_of_end(theme, count, &message);
                if position >= end {
                    self.anchor = Anchor::End
                }
                position.min(end)
            }
            Anchor::Top(_) => {
                self.anchor = Anchor::End;
                self.top_of_end(theme, count, &message)
            }
        };
        self.top = top;
        self.fill(theme, count, &message);
        self.forget_the_unseen(message);
    }

    /// Moves the rows by `by`, down if positive.
    pub fn scroll<'a>(
        &mut self,
        by: isize,
        theme: Theme,
        count: usize,
        message: impl Fn(usize) -> Message<'a>,
    ) {
        if count == 0 {
            return;
        }
        let mut at = self.top;
        at.message = at.message.min(count - 1);
        let steps = by.unsigned_abs();
        at = if by < 0 {
            self.back(at, steps, theme, &message)
        } else {
            self.forward(at, steps, theme, count, &message)
        };
        self.anchor = Anchor::Top(at);
    }

    /// Brings a message into sight: nothing happens if its first row is there already.
    pub fn reveal(&mut self, index: usize) {
        let first = Position { message: index, row: 0 };
        let shown = self.rows.iter().any(|(message, row)| {
            *message == index && matches!(row, ChatRow::Header | ChatRow::Seam)
        });
        if !shown {
            self.anchor = Anchor::Top(first);
        }
    }

    /// The message at a row of the screen.
    #[must_use]
    pub fn message_at(&self, row: usize) -> Option<usize> {
        self.rows.get(row).map(|(message, _)| *message)
    }

    fn fill<'a>(&mut self, theme: Theme, count: usize, message: &impl Fn(usize) -> Message<'a>) {
        let mut at = self.top;
        while at.message < count {
            let shown = message(at.message);
            let text = self.text_height(&shown, theme);
            let around = message_rows_around(&shown, self.width, theme);
            for row in at.row..text + around.len() {
                if self.rows.len() == self.height {
                    self.more_below = true;
                    return;
                }
                let row = match row {
                    0 => around[0].clone(),
                    row if row <= text => ChatRow::Text(row - 1),
                    row => around[row - text].clone(),
                };
                self.rows.push((at.message, row));
            }
            at = Position { message: at.message + 1, row: 0 };
        }
    }

    /// The top row when the last row is at the bottom, or the first row if all fit.
    fn top_of_end<'a>(
        &mut self,
        theme: Theme,
        count: usize,
        message: &impl Fn(usize) -> Message<'a>,
    ) -> Position {
        let last = count - 1;
        let end = Position { message: last, row: self.height_of(&message(last), theme) };
        self.back(end, self.height, theme, message)
    }

    fn back<'a>(
        &mut self,
        from: Position,
        mut steps: usize,
        theme: Theme,
        message: &impl Fn(usize) -> Message<'a>,
    ) -> Position {
        let mut at = from;
        while at.row < steps {
            if at.message == 0 {
                return Position::default();
            }
            steps -= at.row;
            at.message -= 1;
            at.row = self.height_of(&message(at.message), theme);
        }
        at.row -= steps;
        at
    }

    fn forward<'a>(
        &mut self,
        from: Position,
        steps: usize,
        theme: Theme,
        count: usize,
        message: &impl Fn(usize) -> Message<'a>,
    ) -> Position {
        let mut at = Position { row: from.row + steps, ..from };
        loop {
            let height = self.height_of(&message(at.message), theme);
            if at.row < height || at.message + 1 >= count {
                return at;
            }
            at.row -= height;
            at.message += 1;
        }
    }

    /// Number of rows of a message.
    fn height_of(&mut self, message: &Message<'_>, theme: Theme) -> usize {
        self.text_height(message, theme) + message_rows_around(message, self.width, theme).len()
    }

    fn text_height(&mut self, message: &Message<'_>, theme: Theme) -> usize {
        let document = self.documents.entry(message.slot).or_default();
        let response = message.response;
        if response.is_human() {
            document.update_verbatim(&response.message, self.width, theme);
        } else {
            document.update(&response.message, self.width, theme);
        }
        document.height()
    }

    fn forget_the_unseen<'a>(&mut self, message: impl Fn(usize) -> Message<'a>) {
        if self.documents.len() <= MOST_KEPT {
            return;
        }
        let first = self.rows.first().map_or(0, |(index, _)| *index);
        let last = self.rows.last().map_or(0, |(index, _)| *index);
        let seen: Vec<Slot> = (first..=last).map(|index| message(index).slot).collect();
        self.documents.retain(|slot, _| seen.contains(slot));
    }
}

/// The rows of a message but for its text, which goes behind the first.
fn message_rows_around(message: &Message<'_>, width: usize, theme: Theme) -> Vec<ChatRow> {
    let mut rows = vec![if message.continues { ChatRow::Seam } else { ChatRow::Header }];
    if message.response.is_human() && !message.notes.is_empty() {
        // What is said about the answer is not part of what the person said.
        rows.push(ChatRow::Blank);
    }
    for (role, note) in &message.notes {
        rows.extend(markdown::verbatim(note, width, theme, *role).into_iter().map(ChatRow::Note));
    }
    if !message.is_last {
        rows.push(ChatRow::Blank);
    }
    rows
}
