//! The body of a request, and what is left out for models and servers that refuse parts of it.

use serde::Serialize;

use super::super::{DEFAULT_TOP_K, Request, Role};
use super::dialect::Dialect;

/// What a model was found to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Quirks {
    /// Most candidates to ask for; `None`: no probabilities at all.
    pub(super) candidates: Option<u32>,
    /// The limit is called `max_completion_tokens`.
    pub(super) new_limit: bool,
    /// The name of the limit was changed already.
    limit_changed: bool,
    /// Does not take `stream_options`.
    no_usage: bool,
}

impl Quirks {
    /// What is known before anything was tried.
    pub(super) fn of(dialect: Option<Dialect>) -> Self {
        let tells = dialect.is_none_or(Dialect::tells_logprobs);
        Self {
            candidates: tells.then(|| dialect.map_or(20, Dialect::most_candidates)),
            new_limit: dialect == Some(Dialect::OpenAi),
            limit_changed: false,
            no_usage: false,
        }
    }

    /// Learns from a refusal. `None`: there is nothing that could be left out.
    pub(super) fn learn(self, said: &str, sent: &Sent) -> Option<Self> {
        let said = said.to_ascii_lowercase();
        if said.contains("logprobs") && sent.logprobs {
            let fewer = sent.candidates > DEFAULT_TOP_K && self.candidates > Some(DEFAULT_TOP_K);
            return Some(Self { candidates: fewer.then_some(DEFAULT_TOP_K), ..self });
        }
        if said.contains("stream_options") || said.contains("include_usage") {
            return (!self.no_usage).then_some(Self { no_usage: true, ..self });
        }
        let limit = said.contains("max_tokens") || said.contains("max_completion_tokens");
        let by_name =
            ["unsupported", "not supported", "unknown", "unrecognized", "extra", "instead"];
        if limit && sent.limit && !self.limit_changed && by_name.iter().any(|w| said.contains(w)) {
            return Some(Self { new_limit: !self.new_limit, limit_changed: true, ..self });
        }
        None
    }
}

/// What of the things that may be refused was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sent {
    logprobs: bool,
    candidates: u32,
    limit: bool,
}

#[derive(Serialize)]
struct Body<'a> {
    model: &'a str,
    messages: Vec<Message<'a>>,
    stream: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    stream_options: Option<StreamOptions>,
    #[serde(skip_serializing_if = "Option::is_none")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seed: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_completion_tokens: Option<u32>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    stop: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    logprobs: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    top_logprobs: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    continue_final_message: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    add_generation_prompt: Option<bool>,
}

#[derive(Serialize)]
struct Message<'a> {
    role: &'static str,
    content: Content<'a>,
}

/// Servers without eyes may know nothing but the first form.
#[derive(Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Text(&'a str),
    Parts(Vec<Part<'a>>),
}

#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Part<'a> {
    Text { text: &'a str },
    ImageUrl { image_url: Address<'a> },
}

#[derive(Serialize)]
struct Address<'a> {
    url: &'a str,
}

#[derive(Serialize)]
struct StreamOptions {
    include_usage: bool,
}

/// The body of the call, and what it holds that may be refused.
pub(super) fn body(
    request: &Request,
    dialect: Option<Dialect>,
    quirks: Quirks,
) -> serde_json::Result<(Vec<u8>, Sent)> {
    let sampling = &request.sampling;
    let asked = sampling.top_k.unwrap_or(DEFAULT_TOP_K);
    let candidates = quirks.candidates.map(|most| asked.min(most));
    // Others refuse fields they do not know.
    let told_to_continue = dialect == Some(Dialect::Vllm) && request.prefix().is_some();
    let limit = sampling.max_tokens;
    let body = Body {
        model: &request.model,
        messages: request.messages.iter().map(message).collect(),
        stream: true,
        stream_options: (!quirks.no_usage).then_some(StreamOptions { include_usage: true }),
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        seed: sampling.seed.map(seed),
        max_tokens: limit.filter(|_| !quirks.new_limit),
        max_completion_tokens: limit.filter(|_| quirks.new_limit),
        stop: &sampling.stop,
        logprobs: candidates.map(|_| true),
        top_logprobs: candidates.filter(|&count| count > 0),
        continue_final_message: told_to_continue.then_some(true),
        add_generation_prompt: told_to_continue.then_some(false),
    };
    let sent = Sent {
        logprobs: candidates.is_some(),
        candidates: candidates.unwrap_or(0),
        limit: limit.is_some(),
    };
    Ok((serde_json::to_vec(&body)?, sent))
}

fn message(message: &super::super::Message) -> Message<'_> {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    let text = message.text.as_str();
    if message.images.is_empty() {
        return Message { role, content: Content::Text(text) };
    }
    let pictures = message.images.iter().map(|url| Part::ImageUrl { image_url: Address { url } });
    Message { role, content: Content::Parts(pictures.chain([Part::Text { text }]).collect()) }
}

/// Servers read the seed as a signed number.
fn seed(seed: u64) -> i64 {
    i64::try_from(seed).unwrap_or_else(|_| (seed & i64::MAX.unsigned_abs()).cast_signed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Sampling;
    use serde_json::{Value, json};

    fn request(sampling: Sampling, last: Role) -> Request {
        let say = |role, text: &str| super::super::super::Message::new(role, text);
        Request {
            model: "m".to_owned(),
            messages: vec![say(Role::System, "s"), say(Role::User, "u"), say(last, "a")],
            sampling,
            conversation: None,
        }
    }

    fn sent(request: &Request, dialect: Option<Dialect>, quirks: Quirks) -> Value {
        serde_json::from_slice(&body(request, dialect, quirks).unwrap().0).unwrap()
    }

    #[test]
    fn a_plain_request_holds_only_what_every_server_knows() {
        let plain = request(Sampling::default(), Role::User);
        assert_eq!(
            sent(&plain, None, Quirks::of(None)),
            json!({
                "model": "m", "stream": true, "stream_options": {"include_usage": true},
                "logprobs": true, "top_logprobs": 5,
                "messages": [
                    {"role": "system", "content": "s"}, {"role": "user", "content": "u"},
                    {"role": "user", "content": "a"},
                ],
            })
        );
    }

    #[test]
    fn every_setting_is_sent() {
        let sampling = Sampling {
            temperature: Some(0.7),
            top_p: Some(0.9),
            seed: Some(u64::MAX),
            max_tokens: Some(9),
            stop: vec!["x".to_owned()],
            top_k: Some(50),
            max_tokens_per_second: Some(1.0),
            search: Some(true),
        };
        let body = sent(&request(sampling.clone(), Role::User), None, Quirks::of(None));
        assert_eq!(body["temperature"].to_string(), "0.7");
        assert_eq!(body["seed"], i64::MAX);
        assert_eq!((&body["max_tokens"], &body["stop"]), (&json!(9), &json!(["x"])));
        assert_eq!(body["top_logprobs"], 20);
        let of =
            |dialect| sent(&request(sampling.clone(), Role::User), dialect, Quirks::of(dialect));
        assert_eq!(of(Some(Dialect::Xai))["top_logprobs"], 8);
        assert_eq!(of(Some(Dialect::LmStudio)).get("logprobs"), None);
        assert_eq!(of(Some(Dialect::OpenAi))["max_completion_tokens"], 9);
        assert_eq!(of(Some(Dialect::OpenAi)).get("max_tokens"), None);
    }

    #[test]
    fn pictures_stand_before_the_text() {
        let mut seen = request(Sampling::default(), Role::User);
        seen.messages[2].images = vec!["data:image/png;base64,AA==".to_owned()];
        let body = sent(&seen, None, Quirks::of(None));
        assert_eq!(body["messages"][1]["content"], "u");
        assert_eq!(
            body["messages"][2]["content"],
            json!([
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA=="}},
                {"type": "text", "text": "a"},
            ])
        );
    }

    #[test]
    fn only_vllm_is_told_to_continue() {
        let to_continue = request(Sampling::default(), Role::Assistant);
        let body = sent(&to_continue, Some(Dialect::Vllm), Quirks::of(None));
        assert_eq!(
            (&body["continue_final_message"], &body["add_generation_prompt"]),
            (&json!(true), &json!(false))
        );
        assert_eq!(sent(&to_continue, None, Quirks::of(None)).get("continue_final_message"), None);
        let fresh = request(Sampling::default(), Role::User);
        assert_eq!(
            sent(&fresh, Some(Dialect::Vllm), Quirks::of(None)).get("add_generation_prompt"),
            None
        );
    }

    #[test]
    fn no_candidates_still_asks_for_probabilities() {
        let none = request(Sampling { top_k: Some(0), ..Sampling::default() }, Role::User);
        let body = sent(&none, None, Quirks::of(None));
        assert_eq!((body["logprobs"].as_bool(), body.get("top_logprobs")), (Some(true), None));
    }

    #[test]
    fn refusals_are_learnt_from_and_never_for_ever() {
        let sampling = Sampling { top_k: Some(20), max_tokens: Some(5), ..Sampling::default() };
        let request = request(sampling, Role::User);
        for said in [
            "logprobs are not supported with reasoning models",
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            "Unknown parameter: stream_options",
            "top_logprobs, max_tokens, stream_options: extra inputs are not permitted",
            "something else",
        ] {
            let mut quirks = Quirks::of(None);
            let mut steps = 0;
            loop {
                let (_, sent) = body(&request, None, quirks).unwrap();
                let Some(learnt) = quirks.learn(said, &sent) else { break };
                assert_ne!(learnt, quirks);
                quirks = learnt;
                steps += 1;
            }
            assert!(steps <= 4, "{said}");
            assert_eq!(steps == 0, said == "something else");
        }
        let value = Quirks::of(None).learn(
            "max_tokens must be at least 1",
            &Sent { logprobs: true, candidates: 5, limit: true },
        );
        assert_eq!(value, None);
    }
}
