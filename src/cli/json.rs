//! The JSON that scripts see. Names are those of the wire contract; times are RFC 3339 in UTC;
//! what the original contract has is always there, the rest only where it is known.

use serde::Serialize;

use crate::forest::{self, ResponseId, Sampling, Usage};
use crate::model::ModelInfo;

/// A moment as RFC 3339.
pub(super) fn time(time: forest::Time) -> String {
    jiff::Timestamp::from_microsecond(time.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH).to_string()
}

#[derive(Serialize)]
pub(super) struct Conversation {
    conversation_id: String,
    title: String,
    starred: bool,
    create_time: String,
    modify_time: String,
    system_prompt_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    model_name: String,
    #[serde(skip_serializing_if = "Settings::is_empty")]
    sampling: Settings,
    response_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    responses: Option<Vec<Response>>,
}

impl Conversation {
    /// With those of its responses that are to be told.
    pub(super) fn with(mut self, responses: impl IntoIterator<Item = forest::Response>) -> Self {
        self.responses = Some(responses.into_iter().map(Into::into).collect());
        self
    }
}

impl From<forest::Conversation> for Conversation {
    fn from(conversation: forest::Conversation) -> Self {
        Self {
            conversation_id: conversation.id.to_string(),
            title: conversation.title,
            starred: conversation.starred,
            create_time: time(conversation.create_time),
            modify_time: time(conversation.modify_time),
            system_prompt_name: conversation.settings.system_prompt_name,
            model_name: conversation.settings.model,
            sampling: conversation.settings.sampling.into(),
            response_count: conversation.response_count,
            responses: None,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Conversations {
    conversations: Vec<Conversation>,
}

impl Conversations {
    pub(super) fn new(all: impl IntoIterator<Item = forest::Conversation>) -> Self {
        Self { conversations: all.into_iter().map(Into::into).collect() }
    }
}

#[derive(Serialize)]
pub(super) struct Response {
    response_id: String,
    parent_response_id: Option<String>,
    message: String,
    sender: String,
    create_time: String,
    manual: bool,
    partial: bool,
    shared: bool,
    query: String,
    query_type: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    sources: Vec<Source>,
    #[serde(skip_serializing_if = "String::is_empty")]
    system_prompt_name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    xpost_ids: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    generated_image_urls: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    image_attachments: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    model_name: String,
    #[serde(skip_serializing_if = "Settings::is_empty")]
    sampling: Settings,
    #[serde(skip_serializing_if = "String::is_empty")]
    reasoning: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<Cost>,
    #[serde(skip_serializing_if = "String::is_empty")]
    finish_reason: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    error_message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    edited_from_response_id: Option<String>,
}

impl From<forest::Response> for Response {
    fn from(response: forest::Response) -> Self {
        let text = |id: Option<ResponseId>| id.map(|id| id.to_string());
        let details = response.details.map(|boxed| *boxed).unwrap_or_default();
        Self {
            response_id: response.id.to_string(),
            parent_response_id: text(response.parent),
            message: response.message,
            sender: response.sender.as_str().to_owned(),
            create_time: time(response.create_time),
            manual: response.manual,
            partial: response.partial,
            shared: response.shared,
            query: details.query,
            query_type: details.query_type,
            sources: details.sources.into_iter().map(Into::into).collect(),
            system_prompt_name: details.system_prompt_name,
            xpost_ids: details.xpost_ids,
            generated_image_urls: details.generated_image_urls,
            image_attachments: details.image_attachments,
            model_name: response.model.to_string(),
            sampling: details.sampling.into(),
            reasoning: details.reasoning,
            usage: details.usage.map(Into::into),
            finish_reason: details.finish_reason,
            error_message: details.error,
            edited_from_response_id: text(response.edited_from),
        }
    }
}

#[derive(Serialize)]
struct Source {
    url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    title: String,
    r#type: String,
}

impl From<forest::Source> for Source {
    fn from(source: forest::Source) -> Self {
        Self { url: source.url, title: source.title, r#type: source.kind }
    }
}

#[derive(Serialize, Default, PartialEq)]
struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    stop: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens_per_second: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<bool>,
}

impl Settings {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<Sampling> for Settings {
    fn from(sampling: Sampling) -> Self {
        Self {
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            seed: sampling.seed,
            max_tokens: sampling.max_tokens,
            stop: sampling.stop,
            top_k: sampling.top_k,
            max_tokens_per_second: sampling.max_tokens_per_second,
            search: sampling.search,
        }
    }
}

#[derive(Serialize)]
struct Cost {
    prompt_tokens: u32,
    completion_tokens: u32,
    reasoning_tokens: u32,
    /// In 1e-10 US dollars.
    #[serde(skip_serializing_if = "Option::is_none")]
    cost_in_usd_ticks: Option<u64>,
}

impl From<Usage> for Cost {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            cost_in_usd_ticks: usage.cost_in_usd_ticks,
        }
    }
}

#[derive(Serialize)]
pub(super) struct Models {
    pub(super) default_model: String,
    pub(super) models: Vec<Model>,
    pub(super) problems: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct Model {
    name: String,
    context_length: Option<u32>,
    logprobs: bool,
    /// `null`: nobody knows.
    prefill: Option<bool>,
    images: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    price: Option<Price>,
}

/// In US dollars per million tokens.
#[derive(Serialize)]
struct Price {
    prompt: f64,
    completion: f64,
}

impl From<ModelInfo> for Model {
    fn from(model: ModelInfo) -> Self {
        Self {
            name: model.name,
            context_length: model.context_length,
            logprobs: model.logprobs,
            prefill: model.prefill,
            images: model.images,
            price: model.price.map(|price| {
                let [prompt, completion] = price.in_dollars();
                Price { prompt, completion }
            }),
        }
    }
}

/// A step of an answer as one line.
#[derive(Serialize)]
pub(super) struct Event {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conversation_id: Option<String>,
    /// Which of several answers, from 0; absent where only one was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) index: Option<usize>,
    #[serde(flatten)]
    pub(super) what: What,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum What {
    UserResponse(Box<Response>),
    QueryAction {
        query: String,
        r#type: String,
    },
    Token(Token),
    Reasoning(String),
    ModelResponse(Box<Response>),
    Error {
        kind: &'static str,
        message: String,
        /// What is stored of the answer, where anything is.
        #[serde(skip_serializing_if = "Option::is_none")]
        response_id: Option<String>,
        /// The response that it answers, where that is stored.
        #[serde(skip_serializing_if = "Option::is_none")]
        parent_response_id: Option<String>,
    },
}

#[derive(Serialize)]
pub(super) struct Token {
    text: String,
    /// `null` where the model does not tell.
    prob: Option<f32>,
    top_k: Vec<Candidate>,
}

#[derive(Serialize)]
struct Candidate {
    text: String,
    prob: f32,
}

impl From<forest::Token> for Token {
    fn from(token: forest::Token) -> Self {
        let candidate = |c: forest::Candidate| Candidate { text: c.text, prob: c.prob };
        Self {
            text: token.text,
            prob: token.prob,
            top_k: token.top_k.into_iter().map(candidate).collect(),
        }
    }
}
