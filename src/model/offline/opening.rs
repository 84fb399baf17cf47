//! The first token of an answer, which is special: a fresh answer begins with something visible,
//! and a continued one may have to complete a word that was begun.

use super::ngram::Model;
use super::prompt::Prompt;
use super::sampler::Distribution;
use super::tokenizer::{Id, unit_len, units};

/// A way to begin.
#[derive(Debug)]
pub(super) struct Choice {
    /// The new text.
    pub(super) text: &'static str,
    /// Its number; 0 for a part of a token that is none itself.
    pub(super) token_id: Id,
    /// What the history grows by.
    pub(super) id: Id,
    /// How many tokens at the end of the history this one takes the place of.
    pub(super) replaces: usize,
}

/// All ways to begin; the numbers in the distribution are places in `choices`.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) choices: Vec<Choice>,
    pub(super) distribution: Distribution,
}

impl Opening {
    /// The ways to begin, none of which is the end: an answer has at least one token.
    ///
    /// Where the text to continue ends within or after a word, that word may be meant as a whole
    /// or as a beginning; both count as much as the model holds them likely.
    pub(super) fn new(model: &Model, prompt: &Prompt) -> Self {
        let mut opening = Self { choices: Vec::new(), distribution: Distribution::default() };
        let last = units(&prompt.prefix).last().unwrap_or("");
        let mut whole = 1.0;
        if last.ends_with(|c: char| c.is_alphanumeric() || c.is_whitespace()) {
            whole = opening.complete(model, prompt, last);
        }
        if whole > 0.0 {
            opening.go_on(model, prompt, last, whole);
        }
        opening.normalize();
        opening
    }

    /// Adds the ways to complete `begun`; returns how likely it is complete already.
    fn complete(&mut self, model: &Model, prompt: &Prompt, begun: &str) -> f64 {
        let mut spelled = Vec::new();
        model.vocabulary.encode(begun, &mut spelled);
        let replaces = spelled.len().min(prompt.history.len());
        let before = &prompt.history[..prompt.history.len() - replaces];
        let probabilities =
            model.predict(&prompt.conversation, before, prompt.mode).all(&model.base);
        let mut whole = 0.0;
        let mut any = false;
        for id in model.vocabulary.beginning_with(begun) {
            let p = probabilities[id as usize];
            let rest = &model.vocabulary.text(id)[begun.len()..];
            if rest.is_empty() {
                whole = p;
            } else {
                let token_id = model.vocabulary.id(rest).unwrap_or(0);
                self.add(Choice { text: rest, token_id, id, replaces }, p);
                any = true;
            }
        }
        if any { whole } else { 1.0 }
    }

    /// Adds the tokens that may follow `last`, which is complete, with the share `whole`.
    fn go_on(&mut self, model: &Model, prompt: &Prompt, last: &str, whole: f64) {
        let probabilities =
            model.predict(&prompt.conversation, &prompt.history, prompt.mode).all(&model.base);
        let fits = |text: &str| match text.chars().next() {
            None => false,
            Some(c) if last.is_empty() => !c.is_whitespace(),
            // Otherwise `last` was not complete.
            Some(c) => unit_len(&format!("{last}{c}")) == last.len(),
        };
        let fitting: Vec<(Id, f64)> = (0..)
            .zip(probabilities)
            .filter(|&(id, p)| p > 0.0 && fits(model.vocabulary.text(id)))
            .collect();
        let sum: f64 = fitting.iter().map(|(_, p)| p).sum();
        for (id, p) in fitting {
            let text = model.vocabulary.text(id);
            self.add(Choice { text, token_id: id, id, replaces: 0 }, p / sum * whole);
        }
    }

    fn add(&mut self, choice: Choice, p: f64) {
        self.distribution.seen.push((self.choices.len() as Id, p));
        self.choices.push(choice);
    }

    fn normalize(&mut self) {
        let seen = &mut self.distribution.seen;
        let sum: f64 = seen.iter().map(|(_, p)| p).sum();
        seen.iter_mut().for_each(|(_, p)| *p /= sum);
    }
}
