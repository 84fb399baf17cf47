//! One answer being made: reads the prompt once, then draws token after token until the model, a
//! stop text or a limit ends it. Waits for nothing and knows no clock.

use std::collections::VecDeque;
use std::sync::Arc;

use super::ngram::{Model, ORDER};
use super::opening::Opening;
use super::prompt::{self, Prompt};
use super::sampler::{Base, Distribution, Sampler};
use super::settings::Settings;
use super::stop::StopFilter;
use super::tokenizer::{END, Id};
use crate::forest::{Candidate, Token, Usage};
use crate::model::{Event, Message};

/// An answer being made.
#[derive(Debug)]
pub(super) struct Answer {
    model: Arc<Model>,
    prompt: Prompt,
    sampler: Sampler,
    top_k: usize,
    /// After this many tokens the answer ends with the sentence, after `most` at once.
    enough: u32,
    most: u32,
    opening: Option<Opening>,
    stops: StopFilter,
    ready: VecDeque<Token>,
    drawn: u32,
    reason: Option<&'static str>,
    over: bool,
}

/// A token that was drawn, or the end.
struct Drawn {
    /// `None`: the answer ends here.
    token: Option<Token>,
    /// What the history grows by.
    id: Id,
    /// How many tokens at the end of the history it takes the place of.
    replaces: usize,
}

impl Answer {
    /// Reads the prompt. Takes about a millisecond, however long the prompt is.
    pub(super) fn begin(model: Arc<Model>, messages: &[Message], settings: Settings) -> Self {
        let mut prompt = prompt::read(&model, messages);
        let opening = Opening::new(&model, &prompt);
        prompt.prefix = String::new();
        Self {
            sampler: Sampler::new(settings.temperature, settings.top_p, settings.seed),
            top_k: settings.top_k,
            enough: settings.enough,
            most: settings.most,
            opening: Some(opening),
            stops: StopFilter::new(settings.stop),
            ready: VecDeque::new(),
            drawn: 0,
            reason: None,
            over: false,
            model,
            prompt,
        }
    }

    fn advance(&mut self) {
        let drawn = match self.opening.take() {
            Some(opening) => self.draw_first(opening),
            None => self.draw_next(),
        };
        let kept = self.prompt.history.len().saturating_sub(drawn.replaces);
        self.prompt.history.truncate(kept);
        self.prompt.history.push(drawn.id);
        if self.prompt.history.len() > 64 {
            let last = self.prompt.history.split_off(self.prompt.history.len() - ORDER);
            self.prompt.history = last;
        }
        let Some(token) = drawn.token else { return self.end("stop") };
        self.prompt.mode = self.prompt.mode.after(&token.text);
        self.drawn += 1;
        let sentence_ends = token.text.ends_with(['.', '!', '?', '\n']);
        if self.stops.push(token, &mut self.ready) {
            self.reason = Some("stop");
        } else if self.drawn >= self.most || (self.drawn >= self.enough && sentence_ends) {
            self.end("length");
        }
    }

    fn end(&mut self, reason: &'static str) {
        self.stops.flush(&mut self.ready);
        self.reason = Some(reason);
    }

    fn draw_first(&mut self, opening: Opening) -> Drawn {
        let Opening { choices, mut distribution } = opening;
        let base = Base::empty();
        let chosen = self.sampler.draw(&mut distribution, &base).unwrap_or(0);
        let describe = |number: Id| {
            choices.get(number as usize).map_or((0, ""), |choice| (choice.token_id, choice.text))
        };
        let token = token(&mut distribution, &base, chosen, self.top_k, describe);
        let choice = choices.get(chosen as usize);
        let (id, replaces) = choice.map_or((END, 0), |choice| (choice.id, choice.replaces));
        Drawn { token: (id != END).then_some(token), id, replaces }
    }

    fn draw_next(&mut self) -> Drawn {
        let model = &self.model;
        let mut distribution =
            model.predict(&self.prompt.conversation, &self.prompt.history, self.prompt.mode);
        let chosen = self.sampler.draw(&mut distribution, &model.base).unwrap_or(END);
        if chosen == END {
            return Drawn { token: None, id: END, replaces: 0 };
        }
        let describe = |id: Id| (id, model.vocabulary.text(id));
        let token = token(&mut distribution, &model.base, chosen, self.top_k, describe);
        Drawn { token: Some(token), id: chosen, replaces: 0 }
    }
}

/// The chosen token with its probability before temperature and nucleus, and the likeliest ones
/// of the same distribution.
fn token(
    distribution: &mut Distribution,
    base: &Base,
    chosen: Id,
    top_k: usize,
    describe: impl Fn(Id) -> (Id, &'static str),
) -> Token {
    let (token_id, text) = describe(chosen);
    let prob = Some(distribution.probability(base, chosen) as f32);
    let candidate = |(id, prob): (Id, f64)| {
        let (token_id, text) = describe(id);
        Candidate { token_id, text: text.to_owned(), prob: prob as f32 }
    };
    let top_k = distribution.best(base, top_k).into_iter().map(candidate).collect();
    Token { token_id, text: text.to_owned(), prob, top_k }
}

impl Iterator for Answer {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        while !self.over {
            if let Some(token) = self.ready.pop_front() {
                return Some(Event::Token(token));
            }
            if let Some(reason) = self.reason {
                self.over = true;
                let usage = Usage {
                    prompt_tokens: self.prompt.tokens,
                    completion_tokens: self.drawn,
                    reasoning_tokens: 0,
                    cost_in_usd_ticks: None,
                };
                return Some(Event::Finish { reason: reason.to_owned(), usage: Some(usage) });
            }
            self.advance();
        }
        None
    }
}
