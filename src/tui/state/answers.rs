//! Answers on their way: what each has brought so far and how fast.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::State;
use super::samples::Likelihood;
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
    /// The title that its conversation was made with: its beginning, which gives way to a better one;
    /// empty if the conversation was there before.
    pub makeshift: String,
    /// Its text, while its conversation is not on the screen.
    pub aside: String,
    /// The message that goes with it, until the service has it.
    pub outgoing: Option<Written>,
    /// Whether the screen goes along with it.
    pub followed: bool,
    /// What has to be selected for that: somebody who went elsewhere since is not fetched back.
    pub from: Option<ResponseId>,
    /// Tokens so far.
    pub tokens: u32,
    /// How likely they were.
    pub likelihood: Likelihood,
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

/// Seconds without a token from which on an answer counts as silent.
const SILENT: i64 = 2;

impl Answer {
    /// Tokens per second, once that can be told.
    #[must_use]
    pub fn speed(&self) -> Option<f32> {
        let micros = self.last_token.0 - self.first_token?.0;
        (micros > 0 && self.tokens > 1)
            .then(|| (self.tokens - 1) as f32 / (micros as f32 / 1_000_000.0))
    }

    /// Whole seconds since its last token, once it is silent; `None` also before its first.
    #[must_use]
    pub fn silent_for(&self, now: Time) -> Option<i64> {
        self.first_token?;
        Some(self.seconds_since_last(now)).filter(|seconds| *seconds >= SILENT)
    }

    /// When [`Self::silent_for`] changes if nothing comes; `None` before its first token.
    fn silence_grows_at(&self, now: Time) -> Option<Time> {
        self.first_token?;
        let seconds = (self.seconds_since_last(now) + 1).max(SILENT);
        Some(Time(self.last_token.0 + seconds * 1_000_000))
    }

    fn seconds_since_last(&self, now: Time) -> i64 {
        (now.0 - self.last_token.0) / 1_000_000
    }
}

impl State {
    /// The answer that writes the selected response; else the latest that was asked for below it, or
    /// beside it and has not begun.
    #[must_use]
    pub fn stoppable(&self) -> Option<AnswerId> {
        let selected = self.open.selected_response();
        let id = selected.map(|response| &response.id);
        let beside = selected.and_then(|response| response.parent.as_ref());
        let running = || {
            let here = self.answers.in_conversation(self.open.id());
            here.filter(|(_, answer)| !answer.stopping)
        };
        let writes = running().find(|(_, answer)| id.is_some() && answer.response.as_ref() == id);
        let awaited = || {
            running().rfind(|(_, answer)| {
                let parent = answer.parent.as_ref();
                let awaited = answer.response.is_none();
                parent.is_some() && (parent == id || awaited && parent == beside)
            })
        };
        writes.or_else(awaited).map(|(id, _)| id)
    }

    /// The answer that a message sent now would have to wait for: the selected response is being
    /// received, or its answer was asked for and has not begun.
    #[must_use]
    pub fn awaited(&self) -> Option<AnswerId> {
        let mut here = self.answers.in_conversation(self.open.id());
        let Some(selected) = self.open.selected_id() else { return here.next().map(|(id, _)| id) };
        let awaits = |answer: &Answer| {
            answer.response.is_none() && answer.parent.as_ref() == Some(&selected)
        };
        let writes = self.answers.of_response(&selected);
        writes.or_else(|| here.find(|(_, answer)| awaits(answer))).map(|(id, _)| id)
    }

    /// When the screen is to be drawn again although nothing happens: an answer on it is silent, and
    /// says for how long. `None` while none has begun, and where the screen is read aloud.
    #[must_use]
    pub fn silence_grows_at(&self) -> Option<Time> {
        if self.answers.is_empty() || self.theme.is_linear() {
            return None;
        }
        let here = self.answers.in_conversation(self.open.id());
        here.filter_map(|(_, answer)| answer.silence_grows_at(self.now)).min()
    }
}

/// All answers on their way, oldest first.
#[derive(Debug, Default)]
pub struct Answers {
    running: BTreeMap<AnswerId, Answer>,
    /// The answers that write a response, by its name.
    writing: FxHashMap<ResponseId, AnswerId>,
    next: u64,
    /// Answers looked at so far: tests count the work.
    #[cfg(test)]
    pub visits: std::cell::Cell<usize>,
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
    #[must_use]
    pub fn get(&self, id: AnswerId) -> Option<&Answer> {
        self.visit();
        self.running.get(&id)
    }

    /// The answer of that name, to be changed.
    pub fn get_mut(&mut self, id: AnswerId) -> Option<&mut Answer> {
        self.visit();
        self.running.get_mut(&id)
    }

    /// The response that an answer writes has got its name.
    pub fn name(&mut self, id: AnswerId, response: &ResponseId) {
        if let Some(answer) = self.running.get_mut(&id) {
            answer.response = Some(response.clone());
            self.writing.insert(response.clone(), id);
        }
    }

    /// Takes out an answer that has ended.
    pub fn remove(&mut self, id: AnswerId) -> Option<Answer> {
        let answer = self.running.remove(&id)?;
        if let Some(response) = &answer.response {
            self.writing.remove(response);
        }
        Some(answer)
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (AnswerId, &Answer)> {
        self.running.iter().map(|(id, answer)| (*id, answer)).inspect(|_| self.visit())
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
        self.visit();
        let id = *self.writing.get(response)?;
        self.running.get(&id).map(|answer| (id, answer))
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

    fn visit(&self) {
        #[cfg(test)]
        self.visits.set(self.visits.get() + 1);
    }
}
