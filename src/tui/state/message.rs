//! A message of the path: what the chat pane has to know of it, and of which rows it consists.

use ratatui::text::Line;

use super::chat::ChatRow;
use crate::forest::{Response, Slot, Source};
use crate::tui::markdown;
use crate::tui::theme::{Role, Theme};
use crate::tui::words::{chat as words, linear as aloud};

/// Bytes of reasoning of which the last rows are shown while it is received.
const LOOKED_AT: usize = 1_000;
/// Rows of it.
const LAST_ROWS: usize = 3;

/// What the layout needs to know of a message.
pub struct Message<'a> {
    /// Its place in the forest.
    pub slot: Slot,
    /// The response itself.
    pub response: &'a Response,
    /// What the model thought before.
    pub reasoning: Reasoning<'a>,
    /// What the answer rests on.
    pub sources: &'a [Source],
    /// Whether it continues the message before it.
    pub continues: bool,
    /// Whether it is being received.
    pub growing: bool,
    /// Whether it is the last of the path.
    pub is_last: bool,
    /// Remarks of ours that go below the text, one a line.
    pub notes: Vec<(Role, String)>,
}

/// What a model thought before it answered.
#[derive(Debug, Clone, Copy, Default)]
pub struct Reasoning<'a> {
    /// In its words; empty: nothing that we know of.
    pub text: &'a str,
    /// How long it took, in seconds, where that is known.
    pub seconds: Option<i64>,
    /// Whether it goes on.
    pub growing: bool,
}

/// The rows of a message, top to bottom: the header, what is said of its reasoning, the reasoning if
/// it is open, the text, and what goes below.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) above: Vec<ChatRow>,
    /// Rows of the reasoning.
    pub(super) reasoning: usize,
    /// Empty rows between it and the text.
    pub(super) gap: usize,
    /// Rows of the text.
    pub(super) text: usize,
    pub(super) below: Vec<ChatRow>,
}

/// What of a message the layout has found out.
pub(super) struct Measured {
    pub(super) open: bool,
    /// Words of its reasoning.
    pub(super) words: usize,
    /// Rows of the reasoning, if it is open.
    pub(super) reasoning: usize,
    /// Rows of the text.
    pub(super) text: usize,
}

impl Shape {
    pub(super) fn new(
        message: &Message<'_>,
        measured: &Measured,
        width: usize,
        theme: Theme,
    ) -> Self {
        let &Measured { open, words, reasoning, text } = measured;
        let mut above = vec![if message.continues { ChatRow::Seam } else { ChatRow::Header }];
        let thoughts = message.reasoning;
        if thoughts.growing && theme.is_linear() {
            above.push(note(aloud::THINKING.to_owned(), theme));
        } else if thoughts.growing {
            above.push(note(words::thinking(open, words), theme));
            if !open {
                above.extend(last_rows(thoughts.text, width, theme));
            }
        } else if !thoughts.text.is_empty() {
            above.push(note(words::thought(open, thoughts.seconds, words), theme));
        }
        let gap = usize::from(reasoning > 0 && text > 0);
        Self { above, reasoning, gap, text, below: below(message, open, width, theme) }
    }

    pub(super) fn height(&self) -> usize {
        self.text_begins() + self.text + self.below.len()
    }

    /// The first row of the text.
    pub(super) fn text_begins(&self) -> usize {
        self.above.len() + self.reasoning + self.gap
    }

    pub(super) fn row(&self, index: usize) -> Option<ChatRow> {
        if let Some(row) = self.above.get(index) {
            return Some(row.clone());
        }
        let index = index - self.above.len();
        if index < self.reasoning {
            return Some(ChatRow::Reasoning(index));
        }
        let index = index - self.reasoning;
        if index < self.gap {
            return Some(ChatRow::Blank);
        }
        let index = index - self.gap;
        if index < self.text {
            return Some(ChatRow::Text(index));
        }
        self.below.get(index - self.text).cloned()
    }
}

fn note(words: String, theme: Theme) -> ChatRow {
    ChatRow::Note(Line::styled(theme.words(words), theme.style(Role::Quiet)))
}

/// The end of reasoning that is being received.
fn last_rows(text: &str, width: usize, theme: Theme) -> Vec<ChatRow> {
    let start = text.ceil_char_boundary(text.len().saturating_sub(LOOKED_AT));
    let mut rows = markdown::verbatim(text[start..].trim(), width, theme, Role::Quote);
    let rows = rows.split_off(rows.len().saturating_sub(LAST_ROWS));
    rows.into_iter().map(ChatRow::Note).collect()
}

/// What goes below the text.
fn below(message: &Message<'_>, open: bool, width: usize, theme: Theme) -> Vec<ChatRow> {
    let mut rows = Vec::new();
    if message.response.is_human() && !message.notes.is_empty() {
        // What is said about the answer is not part of what the person said.
        rows.push(ChatRow::Blank);
    }
    if !message.sources.is_empty() {
        rows.push(note(words::sources(open, message.sources.len()), theme));
        for source in message.sources.iter().filter(|_| open) {
            let line = match source.title.as_str() {
                "" => format!("  ↗ {}", source.url),
                title => format!("  ↗ {title} · {}", source.url),
            };
            let line = theme.words(line);
            let lines = markdown::verbatim(&line, width, theme, Role::Quiet);
            rows.extend(lines.into_iter().map(ChatRow::Note));
        }
    }
    for (role, note) in &message.notes {
        let note = theme.words(note);
        rows.extend(markdown::verbatim(&note, width, theme, *role).into_iter().map(ChatRow::Note));
    }
    if !message.is_last {
        rows.push(ChatRow::Blank);
    }
    rows
}
