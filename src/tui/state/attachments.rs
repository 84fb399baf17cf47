//! What goes with a message beside its text: pictures, and pasted texts too long for the text field.
//! Contents are shared, never copied: a draft with ten megabytes costs its edits nothing.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::forest::{Response, Time};

/// Pasted texts beyond either of these become attachments: bytes, and lines.
pub const LONG_PASTE: (usize, usize) = (8_000, 100);

/// One thing that goes with a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// The name under which its content is remembered; see `session`.
    pub file: String,
    /// What it is.
    pub kind: Kind,
    /// The address of a picture, or a pasted text. Remembered in a file of its own.
    #[serde(skip)]
    pub content: Arc<str>,
}

/// What an attachment is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A picture.
    Picture,
    /// A pasted text.
    Text {
        /// How many lines it has.
        lines: usize,
    },
}

impl Attachment {
    /// Whether it is a picture.
    #[must_use]
    pub fn is_picture(&self) -> bool {
        self.kind == Kind::Picture
    }
}

/// Something written: a text, and what goes with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Written {
    /// As typed.
    pub text: String,
    /// In order.
    pub attached: Vec<Attachment>,
}

impl Written {
    /// What is said: the pasted texts, and below them what was typed.
    #[must_use]
    pub fn message(&self) -> String {
        let pasted = self.attached.iter().filter(|one| !one.is_picture());
        let mut parts: Vec<&str> = pasted.map(|one| one.content.as_ref()).collect();
        if parts.is_empty() {
            return self.text.clone();
        }
        if !self.text.trim().is_empty() {
            parts.push(&self.text);
        }
        parts.join("\n\n")
    }

    /// The addresses of its pictures.
    #[must_use]
    pub fn images(&self) -> Vec<Arc<str>> {
        let pictures = self.attached.iter().filter(|one| one.is_picture());
        pictures.map(|one| Arc::clone(&one.content)).collect()
    }

    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty() && self.attached.is_empty()
    }
}

/// What is attached to what is being written.
#[derive(Debug, Default)]
pub struct Attachments {
    items: Vec<Attachment>,
    /// What was removed since the last edit of the text, and where it was.
    removed: Vec<(usize, Attachment)>,
    /// Files that were asked for and are still being read.
    pub reading: usize,
    /// The path of the last of them.
    pub asked: String,
    /// How many have been named in this run.
    named: u64,
}

impl Attachments {
    /// All of them, in order.
    #[must_use]
    pub fn items(&self) -> &[Attachment] {
        &self.items
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Takes all out.
    pub fn take(&mut self) -> Vec<Attachment> {
        self.removed.clear();
        std::mem::take(&mut self.items)
    }

    /// Adds some.
    pub fn extend(&mut self, more: impl IntoIterator<Item = Attachment>) {
        self.items.extend(more);
    }

    /// Attaches a picture.
    pub fn add_picture(&mut self, address: &str, now: Time) {
        let picture = self.named(Kind::Picture, address, now);
        self.items.push(picture);
    }

    /// Attaches a pasted text.
    pub fn add_text(&mut self, text: &str, now: Time) {
        let pasted = self.named(Kind::Text { lines: lines(text) }, text, now);
        self.items.push(pasted);
    }

    /// The pictures of a response, to go with a changed copy of it.
    pub fn of_response(&mut self, response: &Response, now: Time) -> Vec<Attachment> {
        let given = response.details.as_ref().map(|details| details.image_attachments.as_slice());
        let given = given.unwrap_or_default().iter();
        given.map(|address| self.named(Kind::Picture, address, now)).collect()
    }

    /// Removes the last one; false if there is none.
    pub fn remove_last(&mut self) -> bool {
        let Some(last) = self.items.pop() else { return false };
        self.removed.push((self.items.len(), last));
        true
    }

    /// Brings back what was removed last, unless the text was edited since; false if there is nothing.
    pub fn restore(&mut self) -> bool {
        let Some((at, back)) = self.removed.pop() else { return false };
        self.items.insert(at.min(self.items.len()), back);
        true
    }

    /// The text is edited: what was removed before stays so.
    pub fn settle(&mut self) {
        self.removed.clear();
    }

    /// Takes out the last pasted text.
    pub fn take_text(&mut self) -> Option<Arc<str>> {
        let at = self.items.iter().rposition(|one| !one.is_picture())?;
        Some(self.items.remove(at).content)
    }

    /// A name that no other program on the same folder gives: the moment, in microseconds.
    fn named(&mut self, kind: Kind, content: &str, now: Time) -> Attachment {
        self.named += 1;
        Attachment { file: format!("{:x}-{}", now.0, self.named), kind, content: content.into() }
    }
}

/// Lines of a text.
#[must_use]
pub fn lines(text: &str) -> usize {
    text.lines().count()
}

/// Whether a pasted text is too long for the text field.
#[must_use]
pub fn is_long(text: &str) -> bool {
    let (bytes, most_lines) = LONG_PASTE;
    // Terminals may send the end of a line as a carriage return.
    let ends = text.bytes().filter(|byte| matches!(byte, b'\n' | b'\r')).count();
    let both = text.matches("\r\n").count();
    let lines = ends - both + usize::from(!text.ends_with(['\n', '\r']));
    text.len() > bytes || lines > most_lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pasted_texts_stand_before_what_was_typed() {
        let mut attached = Attachments::default();
        attached.add_text("one\ntwo", Time(1));
        attached.add_picture("data:image/png;base64,AA==", Time(1));
        attached.add_text("three", Time(1));
        let mut written = Written { text: "Compare.".to_owned(), attached: attached.take() };
        assert_eq!(written.message(), "one\ntwo\n\nthree\n\nCompare.");
        assert_eq!(written.images().len(), 1);
        written.text = " ".to_owned();
        assert_eq!(written.message(), "one\ntwo\n\nthree");
        let names: Vec<&str> = written.attached.iter().map(|one| one.file.as_str()).collect();
        assert_eq!(names, ["1-1", "1-2", "1-3"]);
    }

    #[test]
    fn what_is_removed_comes_back_until_the_text_is_edited() {
        let mut attached = Attachments::default();
        attached.add_text("one", Time(1));
        attached.add_text("two", Time(1));
        assert!(attached.remove_last() && attached.remove_last() && !attached.remove_last());
        assert!(attached.restore());
        assert_eq!(attached.items()[0].content.as_ref(), "one");
        attached.settle();
        assert!(!attached.restore());
    }

    #[test]
    fn long_is_what_has_many_bytes_or_lines() {
        assert!(!is_long(&"x".repeat(8_000)) && is_long(&"x".repeat(8_001)));
        for end in ["\n", "\r", "\r\n"] {
            let lines = |count| format!("x{end}").repeat(count);
            assert!(!is_long(&lines(100)) && is_long(&lines(101)), "{end:?}");
        }
    }
}
