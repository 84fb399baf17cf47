//! Which rows are on the screen: making the rows of messages, and going from row to row through the path.

use super::{Anchor, Chat, ChatRow, Position};
use crate::forest::Slot;
use crate::tui::markdown::{Document, Page};
use crate::tui::state::message::{Measured, Message, Reasoning, Shape};
use crate::tui::theme::{Role, Theme};

/// Messages whose rows are kept when they are out of sight.
const MOST_KEPT: usize = 64;
/// New text, in bytes, of which rows are made for one frame. What arrives faster is shown by the frames
/// that follow, so that none takes long.
const MOST_NEW: usize = 8 << 10;

impl Chat {
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
        self.room = MOST_NEW;
        self.behind = false;
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

    /// What is at a place, whether on the screen or not. Makes the rows of its message.
    pub fn row_at<'a>(
        &mut self,
        at: Position,
        theme: Theme,
        message: impl Fn(usize) -> Message<'a>,
    ) -> Option<ChatRow> {
        let shown = message(at.message);
        self.shape(&shown, theme).row(at.row)
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

    fn fill<'a>(&mut self, theme: Theme, count: usize, message: &impl Fn(usize) -> Message<'a>) {
        let mut at = self.top;
        while at.message < count {
            let shape = self.shape(&message(at.message), theme);
            for row in (at.row..shape.height()).map_while(|row| shape.row(row)) {
                if self.rows.len() == self.height {
                    self.more_below = true;
                    return;
                }
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

    pub(super) fn back<'a>(
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
        self.shape(message, theme).height()
    }

    /// Of which rows a message consists.
    pub(super) fn shape(&mut self, message: &Message<'_>, theme: Theme) -> Shape {
        let text = self.text_height(message, theme);
        let open = self.unfolded.contains(&message.slot);
        let mut measured = Measured { open, words: 0, reasoning: 0, text };
        let Reasoning { text, growing, .. } = message.reasoning;
        if !text.is_empty() {
            let thoughts = self.thoughts.entry(message.slot).or_default();
            measured.words = thoughts.count(text);
            if open {
                let page = Page { width: self.width, theme, role: Role::Quote };
                let document = &mut thoughts.document;
                let steps = Steps { growing, from_the_start: false, room: &mut self.room };
                self.behind |= !steps.take(document, text, page);
                measured.reasoning = document.height();
            }
        }
        Shape::new(message, &measured, self.width, theme)
    }

    fn text_height(&mut self, message: &Message<'_>, theme: Theme) -> usize {
        let page = Page { width: self.width, theme, role: Role::Text };
        let document = self.documents.entry(message.slot).or_default();
        let text = &message.response.message;
        if message.response.is_human() {
            document.settle_verbatim(text, page);
        } else {
            // A place in the text can be kept only if the rows above it are there.
            let from_the_start = self.anchor == Anchor::End;
            let steps = Steps { growing: message.growing, from_the_start, room: &mut self.room };
            self.behind |= !steps.take(document, text, page);
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
        self.thoughts.retain(|slot, _| seen.contains(slot));
        self.paints.retain(|(slot, _), _| seen.contains(slot));
    }
}

/// How rows are made of a text that may be long.
struct Steps<'a> {
    /// Whether more of it is to be expected.
    growing: bool,
    /// Whether the first rows may be shown before there are others.
    from_the_start: bool,
    /// Bytes that are taken in at once.
    room: &'a mut usize,
}

impl Steps<'_> {
    /// Brings the rows up to date, as far as there is room. True if that was all.
    fn take(self, document: &mut Document, text: &str, page: Page) -> bool {
        let Self { growing, from_the_start, room } = self;
        let begins = growing && from_the_start && document.height() == 0;
        if (begins || document.is_behind(text, page)) && !document.follow(text, page, room) {
            return false;
        }
        match growing {
            true => document.update(text, page),
            false => document.settle(text, page),
        };
        true
    }
}
