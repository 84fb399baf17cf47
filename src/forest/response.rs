//! The values a conversation is made of: responses, tokens, sampling settings.

use std::sync::Arc;

use super::id::{ConversationId, ResponseId};
use super::settings::{Sampling, Settings};

/// A moment, in microseconds since the Unix epoch (UTC).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// Who said something. The stored value is kept as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender(Arc<str>);

impl Sender {
    /// The value for a person.
    #[must_use]
    pub fn human() -> Self {
        Self("human".into())
    }

    /// The value for the model.
    #[must_use]
    pub fn model() -> Self {
        Self("assistant".into())
    }

    /// A value as it came from the wire, a file or the store.
    #[must_use]
    pub fn new(raw: &str) -> Self {
        Self(raw.into())
    }

    /// Whether this is a person: `human` in any case. All else, also nothing at all, is the model.
    #[must_use]
    pub fn is_human(&self) -> bool {
        self.0.eq_ignore_ascii_case("human")
    }

    /// The value as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an answer cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Tokens read.
    pub prompt_tokens: u32,
    /// Tokens written, without reasoning.
    pub completion_tokens: u32,
    /// Tokens of reasoning.
    pub reasoning_tokens: u32,
    /// The price in 1e-10 US dollars, where the server tells.
    pub cost_in_usd_ticks: Option<u64>,
}

/// A page or post that an answer rests on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Source {
    /// Its address.
    pub url: String,
    /// Its title; empty if unknown.
    pub title: String,
    /// Where it was found: `web`, `x`, ...
    pub kind: String,
}

/// What only some responses have; boxed, so that a large forest of plain ones stays small.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Details {
    /// How it was sampled.
    pub sampling: Sampling,
    /// Reasoning text that came before the message.
    pub reasoning: String,
    /// What it cost, if the server told.
    pub usage: Option<Usage>,
    /// As the model's server named it: `stop`, `length`, ...; empty if unknown.
    pub finish_reason: String,
    /// Why a partial response broke off, in words; empty if it did not.
    pub error: String,
    /// The searches made while answering, one a line.
    pub query: String,
    /// The kind of each search, one a line: `web`, `x`, ...
    pub query_type: String,
    /// What the answer says it rests on.
    pub sources: Vec<Source>,
    /// The system prompt it was sampled with, as `NAME@VERSION`; empty: none, or unknown.
    pub system_prompt_name: String,
    /// Posts on X that the answer refers to.
    pub xpost_ids: Vec<String>,
    /// Addresses of pictures the model made.
    pub generated_image_urls: Vec<String>,
    /// Pictures that came with a human response.
    pub image_attachments: Vec<String>,
}

impl Details {
    /// Whether nothing is said in them. Faster by far than a comparison with nothing: where strings are
    /// compared, even empty ones are read from.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self {
            sampling,
            reasoning,
            usage,
            finish_reason,
            error,
            query,
            query_type,
            sources,
            system_prompt_name,
            xpost_ids,
            generated_image_urls,
            image_attachments,
        } = self;
        let texts = [reasoning, finish_reason, error, query, query_type, system_prompt_name];
        let lists = [xpost_ids, generated_image_urls, image_attachments];
        texts.iter().all(|text| text.is_empty())
            && lists.iter().all(|list| list.is_empty())
            && sources.is_empty()
            && usage.is_none()
            && *sampling == Sampling::default()
    }

    /// These details as a response has them.
    #[must_use]
    pub fn boxed(self) -> Option<Box<Self>> {
        (!self.is_empty()).then(|| Box::new(self))
    }
}

/// One node of the forest. Never changed once complete; a change is a new sibling.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    /// Its name.
    pub id: ResponseId,
    /// The response it answers; `None` for a root.
    pub parent: Option<ResponseId>,
    /// The text, exactly as it came.
    pub message: String,
    /// Who said it.
    pub sender: Sender,
    /// When it was begun.
    pub create_time: Time,
    /// Written by hand as if the model had said it.
    pub manual: bool,
    /// Incomplete: being received, broken off, or written to be continued.
    pub partial: bool,
    /// Part of a public page.
    pub shared: bool,
    /// `backend/model` that sampled it; empty if unknown or written by a person.
    pub model: Arc<str>,
    /// The response whose text this one is an edited version of.
    pub edited_from: Option<ResponseId>,
    /// What only some responses have.
    pub details: Option<Box<Details>>,
}

impl Response {
    /// A complete human response without parent, made now and here; the starting point for others.
    #[must_use]
    pub fn human(id: ResponseId, message: impl Into<String>, create_time: Time) -> Self {
        Self {
            id,
            parent: None,
            message: message.into(),
            sender: Sender::human(),
            create_time,
            manual: false,
            partial: false,
            shared: false,
            model: "".into(),
            edited_from: None,
            details: None,
        }
    }

    /// A complete model response without parent.
    #[must_use]
    pub fn model(id: ResponseId, message: impl Into<String>, create_time: Time) -> Self {
        Self { sender: Sender::model(), ..Self::human(id, message, create_time) }
    }

    /// Whether a person said it.
    #[must_use]
    pub fn is_human(&self) -> bool {
        self.sender.is_human()
    }

    /// The details, to be filled in.
    pub fn details_mut(&mut self) -> &mut Details {
        self.details.get_or_insert_default()
    }
}

/// What is known of a conversation without its responses.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// Its name.
    pub id: ConversationId,
    /// Empty until one was given or generated.
    pub title: String,
    /// Marked by the user.
    pub starred: bool,
    /// When it was begun.
    pub create_time: Time,
    /// When a response was last added or the title changed.
    pub modify_time: Time,
    /// What its answers are sampled with where their request leaves it out.
    pub settings: Settings,
    /// Number of responses in the store.
    pub response_count: u64,
}

/// A candidate for a place in the text, and how likely the model held it.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The token's number in the model's vocabulary; 0 if unknown.
    pub token_id: u32,
    /// The token's text.
    pub text: String,
    /// Probability in [0, 1].
    pub prob: f32,
}

/// A token that a model chose.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Token {
    /// The token's number in the model's vocabulary; 0 if unknown.
    pub token_id: u32,
    /// Its text. The texts of an answer add up to its message.
    pub text: String,
    /// Probability in [0, 1]; `None` where the model does not tell.
    pub prob: Option<f32>,
    /// The likeliest candidates at this place, best first.
    pub top_k: Vec<Candidate>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_empty_when_nothing_is_said_in_them() {
        let text = || "x".to_owned();
        let sampling = Sampling { seed: Some(0), ..Sampling::default() };
        let none = Details::default;
        assert!(none().is_empty() && none().boxed().is_none());
        let each = [
            Details { sampling, ..none() },
            Details { reasoning: text(), ..none() },
            Details { usage: Some(Usage::default()), ..none() },
            Details { finish_reason: text(), ..none() },
            Details { error: text(), ..none() },
            Details { query: text(), ..none() },
            Details { query_type: text(), ..none() },
            Details { sources: vec![Source::default()], ..none() },
            Details { system_prompt_name: text(), ..none() },
            Details { xpost_ids: vec![text()], ..none() },
            Details { generated_image_urls: vec![text()], ..none() },
            Details { image_attachments: vec![text()], ..none() },
        ];
        for details in each {
            assert_eq!(details.clone().boxed(), Some(Box::new(details)));
        }
    }
}
