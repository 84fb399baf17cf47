//! The language model itself: an interpolated 5-gram model over the manual, in which every answer
//! of the manual counts as much as the conversation's topic says. Reading conversations and drawing
//! tokens are left to others.

use std::sync::{Mutex, PoisonError};

use super::corpus::Section;
use super::mode::Mode;
use super::sampler::{Base, Distribution};
use super::tokenizer::{ANSWER, END, HUMAN, Id, Vocabulary};
use super::topic::{Topics, Weights};

/// Tokens of history that are looked at.
pub(super) const ORDER: usize = 4;
/// How much the shorter history counts per different token seen, by length of the history.
const VARIETY: [f64; ORDER] = [0.03, 0.3, 0.35, 0.3];
/// How much it counts in any case: draws the answer away from places that have nothing to do with
/// the topic.
const PULL: [f64; ORDER] = [0.0002, 0.001, 0.003, 0.006];
/// Weight of a place in the conversation.
const CONVERSATION: f64 = 0.05;
/// What is left of the weight of a place that stands elsewhere in its markup.
const OTHER_MODE: f64 = 0.001;
/// Share of the conversation's words where nothing is known of the history.
const CACHE: f64 = 0.2;

/// A trained model. Never changes.
///
/// The probability of a token after a history is, from the shortest history to the longest,
/// `p_n = (c_n + g_n p_(n-1)) / (C_n + g_n)` (Witten and Bell, 1991), where `c_n` and `C_n` are the
/// weights of all places with the same last `n` tokens, and `g_n` grows with the number of
/// different tokens seen there. `p_0` mixes how often tokens are used, the words of the
/// conversation, and a little of everything, so that no token is impossible. The conversation is
/// one more text in which such places are looked for.
#[derive(Debug)]
pub(super) struct Model {
    pub(super) vocabulary: Vocabulary,
    pub(super) topics: Topics,
    pub(super) base: Base,
    /// All texts of the manual, one behind the other.
    tokens: Vec<Id>,
    /// The places in `tokens` that belong to answers, ordered by what stands before them, read
    /// backwards.
    places: Vec<u32>,
    /// The number of the answer that a token belongs to.
    answers: Vec<u16>,
    /// Where in its markup each token stands.
    modes: Vec<Mode>,
    /// The history to fall back to where nothing is known: the end of a sentence.
    sentence_end: Option<Id>,
    /// Kept for the next prediction; at most one for every thread that predicts at once.
    workspaces: Mutex<Vec<Workspace>>,
}

/// What the conversation adds to the model.
#[derive(Debug, Default)]
pub(super) struct Conversation {
    /// What was said, also by the model, but not what it is saying now.
    pub(super) tokens: Vec<Id>,
    /// Words said, each once.
    pub(super) words: Vec<Id>,
    /// How much each answer of the manual counts.
    pub(super) weights: Weights,
}

impl Model {
    pub(super) fn train(sections: &[Section]) -> Self {
        let texts = sections.iter().flat_map(|section| [&section.heading, &section.body]);
        let vocabulary = Vocabulary::of(texts);
        let (mut tokens, mut answers) = (Vec::new(), Vec::new());
        let (mut places, mut modes) = (Vec::new(), Vec::new());
        for (number, section) in sections.iter().enumerate() {
            for question in section.heading.split(" / ") {
                tokens.push(HUMAN);
                vocabulary.encode(question, &mut tokens);
            }
            tokens.push(ANSWER);
            let start = tokens.len() as u32;
            vocabulary.encode(section.body, &mut tokens);
            tokens.push(END);
            modes.resize(start as usize, Mode::START);
            let mut mode = Mode::START;
            for &token in &tokens[start as usize..] {
                modes.push(mode);
                mode = mode.after(vocabulary.text(token));
            }
            places.extend(start..tokens.len() as u32);
            answers.resize(tokens.len(), u16::try_from(number).unwrap_or(u16::MAX));
        }
        let before = |&place: &u32| {
            let at = place as usize;
            std::array::from_fn::<Id, ORDER, _>(|n| if n < at { tokens[at - 1 - n] } else { 0 })
        };
        places.sort_by_cached_key(|place| (before(place), *place));
        let base = Base::of(&vocabulary, places.iter().map(|&place| tokens[place as usize]));
        let sentence_end = vocabulary.id(".");
        let topics = Topics::of(sections);
        let workspaces = Mutex::default();
        Self { vocabulary, topics, base, tokens, places, answers, modes, sentence_end, workspaces }
    }

    /// How likely each token is after `history`, which holds at most the last `ORDER` tokens of
    /// interest at its end, in a text that stands in `mode`. The probabilities of all tokens add
    /// up to 1.
    pub(super) fn predict(
        &self,
        conversation: &Conversation,
        history: &[Id],
        mode: Mode,
    ) -> Distribution {
        let mut found = self.find(conversation, history, mode);
        if found.is_empty()
            && let Some(end) = self.sentence_end
        {
            found = self.find(conversation, &[end], mode);
        }
        let mut workspace = self.workspace();
        let (coefficients, rest) = coefficients(&found, &mut workspace);
        for place in &found {
            workspace.add(place.token, coefficients[place.depth - 1] * place.weight);
        }
        let mut rest = rest;
        if !conversation.words.is_empty() {
            let share = rest * CACHE / conversation.words.len() as f64;
            conversation.words.iter().for_each(|&word| workspace.add(word, share));
            rest *= 1.0 - CACHE;
        }
        let seen = workspace.drain().map(|(id, p)| (id, p + rest * self.base.probability(id)));
        let distribution = Distribution { seen: seen.collect(), rest };
        self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).push(workspace);
        distribution
    }

    /// About how much memory the model itself takes, without what is kept for speed.
    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        let place = size_of::<Id>() + size_of::<u32>() + size_of::<u16>() + size_of::<Mode>();
        let word = size_of::<&str>() + size_of::<f64>() + size_of::<Id>();
        self.tokens.capacity() * place + self.vocabulary.size() * word + self.topics.bytes()
    }

    fn workspace(&self) -> Workspace {
        let kept = self.workspaces.lock().unwrap_or_else(PoisonError::into_inner).pop();
        kept.unwrap_or_else(|| Workspace::new(self.vocabulary.size()))
    }

    /// All places with at least the last token of `history` before them.
    fn find(&self, conversation: &Conversation, history: &[Id], mode: Mode) -> Vec<Place> {
        let Some(&last) = history.last() else { return Vec::new() };
        let backwards = || history.iter().rev().take(ORDER).copied();
        let depth = |text: &[Id], at: usize| {
            let same = text[..at].iter().rev().zip(backwards());
            same.take_while(|(a, b)| *a == b).count()
        };
        let key = |place: u32| self.tokens[place as usize - 1];
        let start = self.places.partition_point(|&place| key(place) < last);
        let count = self.places[start..].partition_point(|&place| key(place) == last);
        let mut found = Vec::with_capacity(count);
        for &place in &self.places[start..start + count] {
            let at = place as usize;
            let weight = conversation.weights.get(usize::from(self.answers[at]));
            let weight = f64::from(weight.copied().unwrap_or(1.0));
            let fit = match last {
                // Where to begin is a matter of the topic above all.
                ANSWER => weight,
                _ if self.modes[at] == mode => 1.0,
                _ => OTHER_MODE,
            };
            let weight = weight * fit;
            found.push(Place { depth: depth(&self.tokens, at), token: self.tokens[at], weight });
        }
        let said = &conversation.tokens;
        for at in 1..said.len() {
            if said[at - 1] == last && self.vocabulary.holds(said[at]) {
                let depth = depth(said, at);
                found.push(Place { depth, token: said[at], weight: CONVERSATION });
            }
        }
        found
    }
}

/// A place in the manual or the conversation where the history has occurred.
#[derive(Debug, Clone, Copy)]
struct Place {
    /// How many tokens before it are those of the history; from 1 to `ORDER`.
    depth: usize,
    /// What stands there.
    token: Id,
    weight: f64,
}

/// By depth, what the weight of a place is to be multiplied with, and what is left for `p_0`.
fn coefficients(found: &[Place], workspace: &mut Workspace) -> ([f64; ORDER], f64) {
    let mut own = [0.0; ORDER];
    let mut rest = 1.0;
    for n in (0..ORDER).rev() {
        let places = found.iter().filter(|place| place.depth > n);
        let (mut weight, mut variety) = (0.0, 0.0);
        for place in places {
            weight += place.weight;
            variety += workspace.raise(place.token, place.weight);
        }
        workspace.clear();
        if weight > 0.0 {
            let shorter = VARIETY[n] * variety + PULL[n];
            own[n] = rest / (weight + shorter);
            rest *= shorter / (weight + shorter);
        }
    }
    for n in 1..ORDER {
        own[n] += own[n - 1];
    }
    (own, rest)
}

/// A number for every token, most of them 0, that can be cleared in the time it took to fill it.
#[derive(Debug)]
struct Workspace {
    values: Vec<f64>,
    used: Vec<Id>,
}

impl Workspace {
    fn new(size: usize) -> Self {
        Self { values: vec![0.0; size], used: Vec::new() }
    }

    fn add(&mut self, id: Id, amount: f64) {
        let value = &mut self.values[id as usize];
        if *value == 0.0 {
            self.used.push(id);
        }
        *value += amount;
    }

    /// Raises the number of `id` to `amount`, if it is smaller; returns by how much.
    fn raise(&mut self, id: Id, amount: f64) -> f64 {
        let more = amount - self.values[id as usize];
        if more > 0.0 {
            self.add(id, more);
        }
        more.max(0.0)
    }

    fn clear(&mut self) {
        self.drain().for_each(drop);
    }

    fn drain(&mut self) -> impl Iterator<Item = (Id, f64)> {
        let values = &mut self.values;
        self.used.drain(..).map(move |id| (id, std::mem::take(&mut values[id as usize])))
    }
}
