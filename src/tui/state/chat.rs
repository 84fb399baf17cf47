//! The chat pane: which rows of which messages are on the screen. Rows are made for the messages in
//! sight only and kept per width, so that a long conversation costs no more than a short one.

mod layout;

use std::sync::Arc;

use ratatui::text::Line;
use rustc_hash::{FxHashMap, FxHashSet};

use super::find::{Hit, Part};
use super::message::Message;
use super::paint::{Paint, restyled};
use crate::forest::Slot;
use crate::tui::highlight::{Done, Job};
use crate::tui::markdown::{CodeAt, Document};
use crate::tui::theme::Theme;

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
    /// A row of the reasoning, by its number.
    Reasoning(usize),
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
    /// The reasoning of messages, as far as it was looked at.
    thoughts: FxHashMap<Slot, Thoughts>,
    /// Messages whose reasoning and sources are shown.
    unfolded: FxHashSet<Slot>,
    /// Colours of code blocks, by message and number from 0.
    paints: FxHashMap<(Slot, usize), Paint>,
    width: usize,
    height: usize,
    /// Bytes of new text that may still be made rows of for this frame.
    room: usize,
    /// Whether there was more of it.
    behind: bool,
}

/// The reasoning of a message.
#[derive(Debug, Default)]
struct Thoughts {
    document: Document,
    words: usize,
    /// Bytes in which they were counted.
    counted: usize,
}

impl Thoughts {
    /// The words of a text of which what was counted before is a beginning.
    fn count(&mut self, text: &str) -> usize {
        let known = text.get(..self.counted).unwrap_or_default();
        let new = &text[known.len()..];
        let goes_on = known.ends_with(|c: char| !c.is_whitespace())
            && new.starts_with(|c: char| !c.is_whitespace());
        if known.is_empty() {
            self.words = 0;
        }
        self.words += new.split_whitespace().count() - usize::from(goes_on);
        self.counted = text.len();
        self.words
    }
}

impl Chat {
    /// A row of the text of a message, with the colours that are known of it.
    #[must_use]
    pub fn text_row(&self, slot: Slot, row: usize, theme: Theme) -> Option<Line<'_>> {
        let document = self.documents.get(&slot)?;
        let line = document.row(row)?;
        let Some(code) = document.code_at(row) else { return Some(line) };
        let Some(paint) = self.paints.get(&(slot, code.block)) else { return Some(line) };
        let indent = document.content(row).map_or(0, |content| content.indent);
        // Pieces are those of the whole line, of which the row may be a later part.
        let mut at = 0;
        let styles = paint.line(code.line).iter().filter_map(|&(bytes, role)| {
            let start = usize::max(at, code.at);
            at += usize::from(bytes);
            let range = start.checked_sub(code.at)? + indent..at.checked_sub(code.at)? + indent;
            (!range.is_empty()).then(|| (range, theme.style(role)))
        });
        Some(restyled(line, styles))
    }

    /// A row of the reasoning of a message.
    #[must_use]
    pub fn reasoning_row(&self, slot: Slot, row: usize) -> Option<Line<'_>> {
        self.thoughts.get(&slot)?.document.row(row)
    }

    /// Shows the reasoning and the sources of a message.
    pub fn unfold(&mut self, slot: Slot) {
        self.unfolded.insert(slot);
    }

    /// The rows of the text of a message, if they were made.
    #[must_use]
    pub fn document(&self, slot: Slot, part: Part) -> Option<&Document> {
        match part {
            Part::Text => self.documents.get(&slot),
            Part::Reasoning => self.thoughts.get(&slot).map(|thoughts| &thoughts.document),
        }
    }

    /// What stands at the top of the screen, as the beginning of a search.
    #[must_use]
    pub fn place(&self, path: &[Slot]) -> Option<Hit> {
        let &(index, ref row) = self.rows.first()?;
        let slot = *path.get(index)?;
        let (part, start) = match row {
            ChatRow::Text(row) => (Part::Text, self.documents.get(&slot)?.source_of(*row)),
            ChatRow::Note(_) | ChatRow::Blank => (Part::Text, usize::MAX),
            ChatRow::Header | ChatRow::Seam | ChatRow::Reasoning(_) => (Part::Reasoning, 0),
        };
        Some(Hit { slot, part, start: u32::try_from(start).unwrap_or(u32::MAX) })
    }

    /// Brings a place of the message at `index` into sight, if it is not there.
    pub fn show<'a>(
        &mut self,
        index: usize,
        hit: Hit,
        theme: Theme,
        message: impl Fn(usize) -> Message<'a>,
    ) {
        let shape = self.shape(&message(index), theme);
        let Some(document) = self.document(hit.slot, hit.part) else { return };
        let row = document.row_of(hit.start as usize);
        let (row, shown) = match hit.part {
            Part::Text => (shape.text_begins() + row, ChatRow::Text(row)),
            Part::Reasoning => (shape.above.len() + row, ChatRow::Reasoning(row)),
        };
        if !self.rows.iter().any(|(at, row)| *at == index && *row == shown) {
            let top = self.back(Position { message: index, row }, self.height / 3, theme, &message);
            self.anchor = Anchor::Top(top);
        }
    }

    /// Shows or hides the reasoning and the sources of a message.
    pub fn toggle(&mut self, slot: Slot) {
        if !self.unfolded.remove(&slot) {
            self.unfolded.insert(slot);
        }
    }

    /// The links in sight, by the numbers that their cells carry. `slot` tells which message of the
    /// path is meant.
    pub fn links(&self, slot: impl Fn(usize) -> Option<Slot>) -> Vec<(u32, Arc<str>)> {
        let texts = self.rows.iter().filter_map(|(index, row)| match row {
            ChatRow::Text(row) => Some((self.documents.get(&slot(*index)?)?, *row)),
            _ => None,
        });
        texts.flat_map(|(document, row)| document.links_in(row)).collect()
    }

    /// Lines of code were coloured.
    pub fn painted(&mut self, slot: Slot, done: Done) {
        if let Some(paint) = self.paints.get_mut(&(slot, done.block)) {
            paint.take_in(done);
        }
    }

    /// The code in sight that has no colours and is not being coloured.
    pub fn unpainted<'a>(&mut self, message: impl Fn(usize) -> Message<'a>) -> Vec<Job> {
        let mut jobs = Vec::new();
        // The last line of each block in sight.
        let mut seen: Vec<(usize, CodeAt)> = Vec::new();
        let mut shown: Option<(usize, Slot)> = None;
        for (index, row) in &self.rows {
            let ChatRow::Text(row) = row else { continue };
            let known = shown.filter(|(shown, _)| shown == index).map(|(_, slot)| slot);
            let slot = known.unwrap_or_else(|| message(*index).slot);
            shown = Some((*index, slot));
            let code = self.documents.get(&slot).and_then(|document| document.code_at(*row));
            let Some(code) = code else { continue };
            match seen.last_mut() {
                Some((last, at)) if *last == *index && at.block == code.block => *at = code,
                _ => seen.push((*index, code)),
            }
        }
        for (index, CodeAt { block, line, .. }) in seen {
            let Message { slot, response, growing, .. } = message(index);
            let Some(document) = self.documents.get(&slot) else { continue };
            let Some(code) = document.blocks().get(block).filter(|code| !code.language.is_empty())
            else {
                continue;
            };
            let paint = self.paints.entry((slot, block)).or_default();
            if !paint.lacks(line) {
                continue;
            }
            let grows = growing && block + 1 == document.blocks().len();
            let text = code.code(&response.message);
            let Some(wanted) = paint.wants(line, &text, grows) else { continue };
            jobs.push(Job {
                response: response.id.clone(),
                block,
                language: code.language.clone(),
                line: wanted.line,
                lines: wanted.lines.to_owned(),
            });
        }
        jobs
    }

    /// What a row of the text of a message says.
    #[must_use]
    pub fn words_of(&self, slot: Slot, row: usize) -> Option<String> {
        self.documents.get(&slot)?.words(row)
    }

    /// Bytes in front of the text of such a row, and whether it goes on with the row above.
    #[must_use]
    pub fn indent(&self, slot: Slot, row: usize) -> Option<(usize, bool)> {
        let content = self.documents.get(&slot)?.content(row)?;
        Some((content.indent, content.wrapped))
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

    /// Whether text has arrived that is not on the screen yet: another frame shows more of it.
    #[must_use]
    pub fn is_behind(&self) -> bool {
        self.behind
    }

    /// The rows of a message have to be made anew.
    pub fn forget(&mut self, slot: Slot) {
        self.documents.remove(&slot);
        self.thoughts.remove(&slot);
        self.paints.retain(|(of, _), _| *of != slot);
    }

    /// The rows of all messages have to be made anew.
    pub fn forget_all(&mut self) {
        self.documents.clear();
        self.thoughts.clear();
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
}
