//! What the chunks of one answer add up to. Knows the protocol, nothing of connections and time.

use serde_json::Value;

use super::super::Event;
use super::echo::Echo;
use super::wire::{self, Choice, Chunk, Delta};
use crate::forest::Usage;
use crate::model::tokens::Tokens;

/// An answer that is being received.
#[derive(Default)]
pub(super) struct Answer {
    tokens: Tokens,
    echo: Echo,
    reason: Option<String>,
    usage: Option<Usage>,
    begun: bool,
    /// The user knows that something is missing.
    told: bool,
}

/// Whether the server has more to say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flow {
    More,
    Done,
}

/// Why what came is no part of an answer.
#[derive(Debug, PartialEq)]
pub(super) enum Problem {
    /// The server reports an error.
    Reported(Value),
    /// It is nothing we know.
    Nonsense,
}

impl Answer {
    /// An answer in front of which `echo` may be repeated; empty if nothing may.
    pub(super) fn new(echo: &str) -> Self {
        Self { echo: Echo::new(echo), ..Self::default() }
    }

    /// Whether any text came; then the request must not be made again.
    pub(super) fn begun(&self) -> bool {
        self.begun
    }

    /// Whether the server said that, and why, the answer is over. Its cost may still follow.
    pub(super) fn finished(&self) -> bool {
        self.reason.is_some()
    }

    /// Takes the data of one event.
    pub(super) fn take(
        &mut self,
        data: &str,
        is_error: bool,
        out: &mut impl FnMut(Event),
    ) -> Result<Flow, Problem> {
        let data = data.trim();
        if data.is_empty() {
            return Ok(Flow::More);
        }
        if data == "[DONE]" {
            return Ok(Flow::Done);
        }
        if is_error {
            let value = serde_json::from_str(data).unwrap_or_else(|_| Value::from(data));
            return Err(Problem::Reported(value));
        }
        let error = wire::read(data, |chunk| self.chunk(chunk, data, out));
        match error {
            Some(Some(error)) => Err(Problem::Reported(error)),
            Some(None) => Ok(Flow::More),
            None => Err(Problem::Nonsense),
        }
    }

    /// Says, once, that something could not be read.
    pub(super) fn left_out(&mut self, out: &mut impl FnMut(Event)) {
        if !std::mem::replace(&mut self.told, true) {
            let words = "a part of what the server sent could not be read and was left out";
            out(Event::Notice(words.to_owned()));
        }
    }

    /// The answer is over. `complete`: the server ended it properly, even if it did not say why.
    /// Returns whether it is whole; then the last event was handed out.
    pub(super) fn end(&mut self, complete: bool, out: &mut impl FnMut(Event)) -> bool {
        self.echo.flush(&mut |token| out(Event::Token(token)));
        let reason = self.reason.take().or_else(|| (complete && self.begun).then(String::new));
        let Some(reason) = reason else { return false };
        out(Event::Finish { reason, usage: self.usage });
        true
    }

    fn chunk(
        &mut self,
        chunk: Chunk<'_>,
        data: &str,
        out: &mut impl FnMut(Event),
    ) -> Option<Value> {
        if chunk.lacks_some {
            self.left_out(out);
        }
        if let Some(usage) = chunk.usage {
            self.usage = Some(usage.usage());
        }
        let empty = chunk.choices.is_none() && chunk.usage.is_none();
        for choice in chunk.choices.unwrap_or_default() {
            if choice.index.unwrap_or(0) == 0 {
                self.choice(choice, out);
            }
        }
        if let Some(error) = chunk.error {
            let error = value(error.get()).unwrap_or_else(|| Value::from(error.get()));
            return is_something(&error).then_some(error);
        }
        if empty { bare_error(data) } else { None }
    }

    fn choice(&mut self, choice: Choice<'_>, out: &mut impl FnMut(Event)) {
        let delta: Delta<'_> = choice.delta.or(choice.message).unwrap_or_default();
        let entries = choice.logprobs.and_then(|list| list.content).unwrap_or_default();
        let (content, reasoning) = (delta.content(), delta.reasoning());
        if !reasoning.is_empty() {
            self.begun = true;
            out(Event::Reasoning(reasoning.to_owned()));
        }
        if !content.is_empty() {
            self.begun = true;
        }
        if content.is_empty() && !reasoning.is_empty() {
            self.tokens.forget();
        } else if !content.is_empty() || !entries.is_empty() {
            let echo = &mut self.echo;
            self.tokens.push(content, entries, &mut |token| {
                echo.push(token, &mut |token| out(Event::Token(token)));
            });
        }
        let reason = choice.finish_reason.filter(|reason| !reason.0.is_empty());
        if let (Some(reason), None) = (reason, &self.reason) {
            self.reason = Some(reason.0.into_owned());
        }
    }
}

/// Some servers set `error` to something empty.
fn is_something(error: &Value) -> bool {
    match error {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Bool(true) | Value::Number(_) => true,
    }
}

fn value(json: &str) -> Option<Value> {
    serde_json::from_str(&wire::mend_numbers(json)).ok()
}

/// An error that is not inside of an `error` field.
fn bare_error(data: &str) -> Option<Value> {
    let value = value(data)?;
    let marked = value.get("object").and_then(Value::as_str) == Some("error")
        || value.get("type").and_then(Value::as_str) == Some("error");
    let said = ["message", "detail"].iter().any(|field| value.get(*field).is_some());
    (marked || said).then_some(value)
}
