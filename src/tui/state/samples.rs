//! Samples: several answers to one response, each with a line in the panel below the chat, also once
//! it has ended. What a running one has brought so far is in `answers`.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::answers::Answer;
use super::{Focus, State};
use crate::forest::{Conversation, ConversationId, ResponseId, Sampling};
use crate::tui::event::AnswerId;

/// Answers that may run at once below one response, and lines of a batch.
pub const MOST_SAMPLES: usize = 50;
/// Batches that are remembered; the oldest that has ended makes room.
const MOST_BATCHES: usize = 8;

/// What became of a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It was asked for, or is arriving.
    Running,
    /// It is complete, and its text has this hash.
    Complete(u64),
    /// It failed, for this reason.
    Failed(String),
    /// The user stopped it.
    Stopped,
}

/// The likelihood of an answer, as far as its model told.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Likelihood {
    /// Sum of the natural logarithms of the tokens' probabilities.
    pub log_sum: f64,
    /// Tokens whose probability is known.
    pub tokens: u32,
}

impl Likelihood {
    /// Takes in those of further tokens.
    pub fn add(&mut self, more: Self) {
        self.log_sum += more.log_sum;
        self.tokens += more.tokens;
    }

    /// The geometric mean of the tokens' probabilities; `None` where no token told.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.tokens > 0).then(|| (self.log_sum / f64::from(self.tokens)).exp())
    }
}

/// What an answer has brought, kept when it has ended.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Tally {
    /// Tokens so far.
    pub tokens: u32,
    /// Tokens per second, once that can be told.
    pub speed: Option<f32>,
    /// How likely it was.
    pub likelihood: Likelihood,
}

impl Tally {
    /// That of a running answer.
    #[must_use]
    pub fn of(answer: &Answer) -> Self {
        Self { tokens: answer.tokens, speed: answer.speed(), likelihood: answer.likelihood }
    }
}

/// How one answer is to be sampled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wish {
    /// `backend/model`; empty: as the service has it.
    pub model: String,
    /// The name of a system prompt; empty: as the conversation has it.
    pub system_prompt_name: String,
    /// Everything else.
    pub sampling: Sampling,
}

impl Wish {
    /// As the conversation, the configuration and this run have it.
    #[must_use]
    pub fn usual(state: &State) -> Self {
        Self::usual_in(state, state.open.conversation.as_ref())
    }

    /// The same in any conversation.
    #[must_use]
    pub fn usual_in(state: &State, conversation: Option<&Conversation>) -> Self {
        Self {
            model: state.model.clone(),
            system_prompt_name: String::new(),
            sampling: state.sampling_in(conversation),
        }
    }

    /// The same for the sample of that index: a fixed seed for all would sample the same answer again
    /// and again.
    #[must_use]
    pub fn numbered(mut self, index: u64) -> Self {
        self.sampling.seed = self.sampling.seed.map(|seed| seed.wrapping_add(index));
        self
    }
}

/// One sample.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The answer that brings it.
    pub answer: AnswerId,
    /// Its response, once there is one.
    pub response: Option<ResponseId>,
    /// The model it was asked of.
    pub model: String,
    /// How it was asked for, to be asked for again.
    pub wish: Wish,
    /// What it had brought when it ended.
    pub tally: Tally,
    /// What became of it.
    pub fate: Fate,
}

/// Samples that were asked for below one response.
#[derive(Debug)]
pub struct Batch {
    /// In which conversation.
    pub conversation: Option<ConversationId>,
    /// What they answer.
    pub parent: ResponseId,
    /// In the order in which they were asked for.
    pub samples: Vec<Sample>,
    /// A row of the panel for each, but one for all that say the same: the first of them, and how
    /// many they are.
    pub rows: Vec<(usize, usize)>,
}

impl Batch {
    /// How many are on their way.
    #[must_use]
    pub fn running(&self) -> usize {
        self.samples.iter().filter(|sample| sample.fate == Fate::Running).count()
    }

    /// How many different complete texts there are.
    #[must_use]
    pub fn different(&self) -> usize {
        let complete =
            |(index, _): &&(usize, usize)| matches!(self.samples[*index].fate, Fate::Complete(_));
        self.rows.iter().filter(complete).count()
    }

    /// How many broke off, failed or were stopped.
    #[must_use]
    pub fn incomplete(&self) -> usize {
        let broken = |sample: &&Sample| matches!(sample.fate, Fate::Failed(_) | Fate::Stopped);
        self.samples.iter().filter(broken).count()
    }

    /// Whether something has arrived of any of them.
    #[must_use]
    pub fn has_begun(&self) -> bool {
        self.samples.iter().any(|sample| sample.response.is_some())
    }

    /// Whether they were asked of more than one model.
    #[must_use]
    pub fn several_models(&self) -> bool {
        self.samples.windows(2).any(|pair| pair[0].model != pair[1].model)
    }

    /// Adds one; where there are too many lines, one that has ended makes room.
    fn push(&mut self, sample: Sample) {
        if self.samples.len() == MOST_SAMPLES {
            let ended = self.samples.iter().position(|sample| sample.fate != Fate::Running);
            self.samples.remove(ended.unwrap_or(0));
        }
        self.samples.push(sample);
    }

    /// Groups what is the same. At most [`MOST_SAMPLES`] are compared, when one begins or ends.
    fn group(&mut self) {
        self.rows.clear();
        for index in 0..self.samples.len() {
            let fate = &self.samples[index].fate;
            let same = |row: &&mut (usize, usize)| self.samples[row.0].fate == *fate;
            let twin = match fate {
                Fate::Complete(_) => self.rows.iter_mut().find(same),
                Fate::Running | Fate::Failed(_) | Fate::Stopped => None,
            };
            match twin {
                Some((_, count)) => *count += 1,
                None => self.rows.push((index, 1)),
            }
        }
    }
}

/// The batches, the latest last, and the panel.
#[derive(Debug, Default)]
pub struct Samples {
    batches: VecDeque<Batch>,
    /// Whether the panel has the keys.
    pub active: bool,
    /// The sample under the panel's cursor.
    pub cursor: Option<AnswerId>,
    /// What was written last into the form of `R`, field by field.
    pub remembered: Vec<String>,
    /// What stood in it when it was left without sampling, and below which response that was.
    pub left: Option<(ResponseId, Vec<String>)>,
}

impl Samples {
    /// An answer was asked for below `parent`. It joins those that run there; batches that have ended
    /// are forgotten.
    pub fn add(
        &mut self,
        conversation: Option<ConversationId>,
        parent: ResponseId,
        sample: Sample,
    ) {
        self.forget_ended(conversation.as_ref());
        let here =
            |batch: &&mut Batch| batch.conversation == conversation && batch.parent == parent;
        let batch = match self.batches.iter_mut().find(here) {
            Some(batch) => batch,
            None => {
                if self.batches.len() == MOST_BATCHES {
                    self.batches.pop_front();
                }
                let samples = Vec::new();
                let rows = Vec::new();
                self.batches.push_back(Batch { conversation, parent, samples, rows });
                self.batches.back_mut().expect("a batch was just put there")
            }
        };
        batch.push(sample);
        batch.group();
    }

    /// A sample is asked for again: in its own line if nothing had arrived of it, else in one more.
    pub fn again(&mut self, ended: AnswerId, answer: AnswerId) {
        let Some((at, sample)) = self.find(ended) else { return };
        let tally = Tally::default();
        let new = Sample { answer, response: None, tally, fate: Fate::Running, ..sample.clone() };
        let in_place = sample.response.is_none();
        let batch = &mut self.batches[at];
        match batch.samples.iter_mut().find(|sample| sample.answer == ended && in_place) {
            Some(sample) => *sample = new,
            None => batch.push(new),
        }
        batch.group();
    }

    /// How many run below a response.
    #[must_use]
    pub fn running_below(&self, parent: &ResponseId) -> usize {
        let here = self.batches.iter().filter(|batch| batch.parent == *parent);
        here.map(Batch::running).sum()
    }

    /// The response that an answer writes has got its name.
    pub fn named(&mut self, answer: AnswerId, response: &ResponseId) {
        if let Some((_, sample)) = self.find(answer) {
            sample.response = Some(response.clone());
        }
    }

    /// An answer is complete.
    pub fn completed(&mut self, answer: AnswerId, text: &str) {
        self.settle(answer, None, Fate::Complete(hash(text)));
    }

    /// No more of an answer will come; a complete one stays complete.
    pub fn ended(&mut self, id: AnswerId, answer: &Answer, fate: Fate) {
        self.settle(id, Some(Tally::of(answer)), fate);
    }

    /// The batch of several samples that an answer belongs to.
    #[must_use]
    pub fn batch_of(&self, answer: AnswerId) -> Option<&Batch> {
        let holds = |batch: &&Batch| batch.samples.iter().any(|sample| sample.answer == answer);
        self.batches.iter().find(holds).filter(|batch| batch.samples.len() > 1)
    }

    /// The latest batch of several samples of a conversation whose parent is `shown`.
    pub fn shown(
        &self,
        conversation: Option<&ConversationId>,
        shown: impl Fn(&ResponseId) -> bool,
    ) -> Option<&Batch> {
        let here = |batch: &&Batch| {
            batch.conversation.as_ref() == conversation
                && batch.samples.len() > 1
                && shown(&batch.parent)
        };
        self.batches.iter().rev().find(here)
    }

    /// Forgets batches of a conversation that have ended; whether there were any to be seen.
    pub fn forget_ended(&mut self, conversation: Option<&ConversationId>) -> bool {
        let mut seen = false;
        self.batches.retain(|batch| {
            let ended = batch.conversation.as_ref() == conversation && batch.running() == 0;
            seen |= ended && batch.samples.len() > 1;
            !ended
        });
        seen
    }

    fn find(&mut self, answer: AnswerId) -> Option<(usize, &mut Sample)> {
        let of = |sample: &&mut Sample| sample.answer == answer;
        let mut batches = self.batches.iter_mut().enumerate();
        batches.find_map(|(at, batch)| Some((at, batch.samples.iter_mut().find(of)?)))
    }

    fn settle(&mut self, answer: AnswerId, tally: Option<Tally>, fate: Fate) {
        let Some((at, sample)) = self.find(answer) else { return };
        if let Some(tally) = tally {
            sample.tally = tally;
        }
        if sample.fate == Fate::Running {
            sample.fate = fate;
        }
        self.batches[at].group();
    }
}

/// What stands for a complete text in comparisons; white space at its end does not count.
#[must_use]
pub fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.trim_end().hash(&mut hasher);
    hasher.finish()
}

impl State {
    /// The samples that the panel shows: the latest whose parent is on the path.
    #[must_use]
    pub fn shown_samples(&self) -> Option<&Batch> {
        let forest = &self.open.forest;
        let leaf = self.open.leaf()?;
        let on_path = |parent: &ResponseId| {
            forest.slot(parent).is_some_and(|parent| forest.is_ancestor(parent, leaf))
        };
        self.samples.shown(self.open.id(), on_path)
    }

    /// Whether the panel of samples has the keys.
    #[must_use]
    pub fn samples_have_keys(&self) -> bool {
        self.samples.active && self.focus == Focus::Chat && self.shown_samples().is_some()
    }

    /// Whether the response of a sample, or of one that turned out to be the same, is on the path.
    #[must_use]
    pub fn is_on_screen(&self, batch: &Batch, sample: usize) -> bool {
        let Some(leaf) = self.open.leaf() else { return false };
        let on_path = |sample: &Sample| {
            let slot = sample.response.as_ref().and_then(|id| self.open.forest.slot(id));
            slot.is_some_and(|slot| self.open.forest.is_ancestor(slot, leaf))
        };
        let fate = &batch.samples[sample].fate;
        let same = |other: &&Sample| matches!(fate, Fate::Complete(_)) && other.fate == *fate;
        on_path(&batch.samples[sample]) || batch.samples.iter().filter(same).any(on_path)
    }

    /// The row of the panel under the cursor. A sample that turned out to be the same as another is
    /// found in the row of that one.
    #[must_use]
    pub fn sample_row(&self) -> usize {
        let Some(batch) = self.shown_samples() else { return 0 };
        let at = |sample: &Sample| Some(sample.answer) == self.samples.cursor;
        let Some(cursor) = batch.samples.iter().find(|sample| at(sample)) else { return 0 };
        let mut rows = batch.rows.iter().map(|(index, _)| &batch.samples[*index]);
        let same = |sample: &Sample| {
            matches!(sample.fate, Fate::Complete(_)) && sample.fate == cursor.fate
        };
        rows.position(|sample| at(sample) || same(sample)).unwrap_or(0)
    }
}
