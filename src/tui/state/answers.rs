//! Answers on their way: what each has brought so far and how fast.

use std::collections::BTreeMap;

use crate::forest::{ConversationId, ResponseId, Time};
use crate::tui::event::AnswerId;

use super::attachments::Written;

/// One answer on its way.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where; `None` until the conversation was made.
    pub conversation: Option<ConversationId>,
    /// What it answers, as far as that is known.
    pub parent: Option<ResponseId>,
    /// Its name, once its first token has come.
    pub response: Option<ResponseId>,
    /// Its text, while its conversation is not on the screen.
    pub aside: String,
    /// The message that goes with it, until the service has it.
    pub outgoing: Option<Written>,
    /// Whether the screen goes along with it.
    pub followed: bool,
    /// Tokens so far.
    pub tokens: u32,
    /// When it was asked for.
    pub asked: Time,
    /// When the first token came.
    pub first_token: Option<Time>,
    /// When the last token came.
    pub last_token: Time,
    /// Reasoning text so far.
    pub reasoning: String,
    /// What is being waited for, in words.
    pub notice: String,
    /// Whether it was told to stop.
    pub stopping: bool,
    /// Whether all of it has come.
    pub complete: bool,
}

impl Answer {
    /// Tokens per second, once that can be told.
    #[must_use]
    pub fn speed(&self) -> Option<f32> {
        let micros = self.last_token.0 - self.first_token?.0;
        (micros > 0 && self.tokens > 1)
            .then(|| (self.tokens - 1) as f32 / (micros as f32 / 1_000_000.0))
    }
}

/// All answers on their way, oldest first.
#[derive(Debug, Default)]
pub struct Answers {
    running: BTreeMap<AnswerId, Answer>,
    next: u64,
}

impl Answers {
    /// Takes in an answer and names it.
    pub fn add(&mut self, answer: Answer) -> AnswerId {
        let id = AnswerId(self.next);
        self.next += 1;
        self.running.insert(id, answer);
        id
    }

    /// The answer of that name, if it is still on its way.
    pub fn get_mut(&mut self, id: AnswerId) -> Option<&mut Answer> {
        self.running.get_mut(&id)
    }

    /// Takes out an answer that has ended.
    pub fn remove(&mut self, id: AnswerId) -> Option<Answer> {
        self.running.remove(&id)
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (AnswerId, &Answer)> {
        self.running.iter().map(|(id, answer)| (*id, answer))
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (AnswerId, &mut Answer)> {
        self.running.iter_mut().map(|(id, answer)| (*id, answer))
    }

    /// Those in one conversation.
    pub fn in_conversation<'a>(
        &'a self,
        conversation: Option<&'a ConversationId>,
    ) -> impl DoubleEndedIterator<Item = (AnswerId, &'a Answer)> {
        self.iter().filter(move |(_, answer)| answer.conversation.as_ref() == conversation)
    }

    /// The answer that writes this response.
    #[must_use]
    pub fn of_response(&self, response: &ResponseId) -> Option<(AnswerId, &Answer)> {
        self.iter().find(|(_, answer)| answer.response.as_ref() == Some(response))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.running.len()
    }
}
