//! Reads a conversation: the last part of it as tokens, what it is about, and the beginning of an
//! answer that is to be continued. What lies further back than the window is not read at all.

use super::mode::Mode;
use super::ngram::{Conversation, Model};
use super::tokenizer::{ANSWER, END, HUMAN, Id, units};
use crate::model::{Message, Role};

/// Longest conversation that is taken, in tokens. Like every n-gram model it lets only the end of it
/// count, but a conversation longer than this is refused.
pub(super) const CONTEXT: u32 = 1 << 17;
/// Most tokens of a conversation that count.
pub(super) const WINDOW: usize = 2048;
/// Most bytes of a conversation that are looked at.
const BYTES: usize = 16 * 1024;
/// Most bytes of a message that say what it is about.
const TOPIC_BYTES: usize = 4096;
/// Most tokens in which repetitions are looked for.
const REPEATABLE: usize = 512;
/// Most words of the conversation that may turn up where nothing else is known.
const WORDS: usize = 64;
/// A word more frequent than this says nothing about the conversation.
const COMMON: f64 = 0.001;

/// A conversation as the model sees it.
#[derive(Debug)]
pub(super) struct Prompt {
    /// What stands before the next token.
    pub(super) history: Vec<Id>,
    /// The end of the text to be continued; empty for a fresh answer.
    pub(super) prefix: String,
    /// Where in its markup the answer stands.
    pub(super) mode: Mode,
    pub(super) conversation: Conversation,
    /// Number of tokens read.
    pub(super) tokens: u32,
}

/// Reads the last part of `messages`.
pub(super) fn read(model: &Model, messages: &[Message]) -> Prompt {
    let (prefix, earlier) = match messages.split_last() {
        Some((last, earlier)) if last.role == Role::Assistant => (last.text.as_str(), earlier),
        Some(_) | None => ("", messages),
    };
    let prefix_end = tail(prefix, BYTES);
    let parts = last_parts(earlier, BYTES - prefix_end.len());
    let mut history = Vec::new();
    for &(role, text) in parts.iter().rev() {
        history.push(if role == Role::Assistant { ANSWER } else { HUMAN });
        model.vocabulary.encode(text, &mut history);
        if role == Role::Assistant {
            history.push(END);
        }
    }
    history.push(ANSWER);
    model.vocabulary.encode(prefix_end, &mut history);
    history.drain(..history.len().saturating_sub(WINDOW));
    let tokens = history.len() as u32;
    // What may be only the beginning of a word is no evidence yet.
    let mut begun = Vec::new();
    model.vocabulary.encode(units(prefix_end).last().unwrap_or(""), &mut begun);
    let said = &history[..history.len().saturating_sub(begun.len())];
    let conversation = Conversation {
        tokens: said[said.len().saturating_sub(REPEATABLE)..].to_vec(),
        words: words(model, &history),
        weights: model.topics.weigh(&topics(prefix_end, &parts)),
    };
    let mode = units(prefix_end).fold(Mode::START, Mode::after);
    Prompt { history, prefix: prefix_end.to_owned(), mode, conversation, tokens }
}

/// The last messages, newest first, of at most `room` bytes; the oldest may be cut.
fn last_parts(messages: &[Message], mut room: usize) -> Vec<(Role, &str)> {
    let mut parts = Vec::new();
    for message in messages.iter().rev() {
        if room == 0 {
            break;
        }
        let text = tail(&message.text, room);
        // Counts the marker too, so that thousands of empty messages come to an end.
        room = room.saturating_sub(text.len() + 8);
        parts.push((message.role, text));
    }
    parts
}

/// The end of `text`, of at most `most` bytes.
fn tail(text: &str, most: usize) -> &str {
    &text[text.ceil_char_boundary(text.len().saturating_sub(most))..]
}

/// What the conversation is about, the last message of a person first; `parts` is newest first.
fn topics<'a>(prefix: &'a str, parts: &[(Role, &'a str)]) -> Vec<(&'a str, f64)> {
    let mut importance = 1.0_f64;
    let mut topics: Vec<(&str, f64)> = Vec::new();
    for &(role, text) in parts.iter().take(8) {
        let text = tail(text, TOPIC_BYTES);
        match role {
            Role::User => {
                topics.push((text, importance));
                importance *= 0.25;
            }
            Role::Assistant | Role::System => topics.push((text, 0.05)),
        }
    }
    if !prefix.is_empty() {
        topics.push((tail(prefix, TOPIC_BYTES), 0.9));
    }
    // The sort is stable: of equally important ones the newer stays in front.
    topics.sort_by(|a, b| b.1.total_cmp(&a.1));
    topics
}

/// The last words said that are not in everybody's mouth.
fn words(model: &Model, history: &[Id]) -> Vec<Id> {
    let mut words = Vec::new();
    for &id in history.iter().rev() {
        let text = model.vocabulary.text(id);
        let telling = text.starts_with(' ')
            && text.chars().count() > 4
            && text.ends_with(char::is_alphabetic)
            && model.base.probability(id) < COMMON;
        if telling && !words.contains(&id) {
            words.push(id);
        }
        if words.len() == WORDS {
            break;
        }
    }
    words
}
