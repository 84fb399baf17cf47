//! Messages that wait for an answer to be complete, to be sent below it. Each waits for one answer and
//! is never sent below another without the user.

use std::collections::VecDeque;

use crate::forest::{ConversationId, Forest, ResponseId, Slot};
use crate::tui::event::AnswerId;
use crate::tui::session::Waiting;
use crate::tui::state::attachments::Written;

/// Messages that may wait for one answer.
pub const MOST_WAITING: usize = 20;
/// Answers for which messages may wait.
const MOST_QUEUES: usize = 50;

/// What waits for one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Where; `None` until the conversation was made.
    pub conversation: Option<ConversationId>,
    /// The answer; `None` once it broke off, and in a later run: then the user has to send them.
    pub answer: Option<AnswerId>,
    /// The response they belong after: the answer, and until it has begun what it answers.
    pub below: Option<ResponseId>,
    /// The messages, in the order in which they are to be sent.
    pub messages: VecDeque<Written>,
}

/// Everything that waits. None of the queues is empty.
#[derive(Debug, Default)]
pub struct Queues(Vec<Queue>);

impl Queues {
    /// What waited when the last run ended.
    #[must_use]
    pub fn remembered(waiting: Vec<Waiting>) -> Self {
        let queue = |waiting: Waiting| Queue {
            conversation: waiting.conversation.as_deref().and_then(ConversationId::parse),
            answer: None,
            below: waiting.below.as_deref().and_then(ResponseId::parse),
            messages: waiting.messages.into(),
        };
        let full = |queue: &Queue| !queue.messages.is_empty();
        Self(waiting.into_iter().map(queue).filter(full).collect())
    }

    /// What is to be remembered.
    #[must_use]
    pub fn waiting(&self) -> Vec<Waiting> {
        let waiting = |queue: &Queue| Waiting {
            conversation: queue.conversation.as_ref().map(ToString::to_string),
            below: queue.below.as_ref().map(ToString::to_string),
            messages: queue.messages.iter().cloned().collect(),
        };
        self.0.iter().map(waiting).collect()
    }

    /// Lets a message wait for the answer of `queue`, which is taken in if nothing waits for it yet.
    ///
    /// # Errors
    /// The message, if too many wait already.
    pub fn add(&mut self, queue: Queue, message: Written) -> Result<(), Written> {
        let room = self.0.len() < MOST_QUEUES;
        let known = self.0.iter_mut().find(|known| known.answer == queue.answer);
        match known {
            Some(known) if known.messages.len() < MOST_WAITING => known.messages.push_back(message),
            None if room => {
                self.0.push(Queue { messages: [message].into(), ..queue });
            }
            Some(_) | None => return Err(message),
        }
        Ok(())
    }

    /// What waits for an answer.
    pub fn of(&mut self, answer: AnswerId) -> Option<&mut Queue> {
        self.0.iter_mut().find(|queue| queue.answer == Some(answer))
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Queue> {
        self.0.iter_mut()
    }

    /// What waits at a response of a conversation: for the answer named, else for one that broke off
    /// at the response or before it on its path.
    #[must_use]
    pub fn at(
        &self,
        conversation: Option<&ConversationId>,
        answer: Option<AnswerId>,
        forest: &Forest,
        selected: Option<Slot>,
    ) -> Option<usize> {
        let here = |queue: &Queue| queue.conversation.as_ref() == conversation;
        let awaited = |queue: &Queue| answer.is_some() && queue.answer == answer;
        let before = |queue: &Queue| match (&queue.below, selected) {
            (Some(below), Some(selected)) => {
                forest.slot(below).is_some_and(|below| forest.is_ancestor(below, selected))
            }
            (Some(_), None) => false,
            (None, _) => true,
        };
        let held = |queue: &Queue| queue.answer.is_none() && before(queue);
        let find = |wanted: &dyn Fn(&Queue) -> bool| {
            self.0.iter().rposition(|queue| here(queue) && wanted(queue))
        };
        find(&awaited).or_else(|| find(&held))
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<&Queue> {
        self.0.get(index)
    }

    /// Takes the first message of a queue out, or the last; an empty queue goes.
    pub fn take(&mut self, index: usize, last: bool) -> Option<Written> {
        let queue = self.0.get_mut(index)?;
        let message = if last { queue.messages.pop_back() } else { queue.messages.pop_front() };
        if queue.messages.is_empty() {
            self.0.remove(index);
        }
        message
    }

    /// The place of what waits for an answer.
    #[must_use]
    pub fn position(&self, answer: AnswerId) -> Option<usize> {
        self.0.iter().position(|queue| queue.answer == Some(answer))
    }
}
