//! The generated protocol code, and the conversions between it and the domain. Nothing else
//! converts: the service and the client both stand on what is here.

mod sampling;

use crate::forest::{
    Annotation, Candidate, Conversation, ConversationId, Details, Names, Response, ResponseId,
    Sampling, Settings, Source, Time, Token, Usage,
};
use crate::model::{ModelInfo, Price};

/// `prompt_ide`: the original contract.
#[expect(
    missing_docs,
    clippy::allow_attributes,
    reason = "generated; the .proto files are the documentation"
)]
pub mod prompt_ide {
    tonic::include_proto!("prompt_ide");
}

/// `grok_tui`: what our own service adds.
#[expect(
    missing_docs,
    clippy::allow_attributes,
    reason = "generated; the .proto files are the documentation"
)]
pub mod grok_tui {
    tonic::include_proto!("grok_tui");
}

/// What the protocol files say, for those who ask a server for it.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// `xai_api`: the part of xAI's current interface that the backend for it uses.
#[expect(
    missing_docs,
    clippy::allow_attributes,
    reason = "generated; the .proto files are the documentation"
)]
pub mod xai_api {
    tonic::include_proto!("xai_api");
}

/// Protocol data that cannot be taken into the domain; says what is missing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(&'static str);

impl From<Time> for prost_types::Timestamp {
    fn from(time: Time) -> Self {
        let micros = i32::try_from(time.0.rem_euclid(1_000_000)).unwrap_or_default();
        Self { seconds: time.0.div_euclid(1_000_000), nanos: micros * 1_000 }
    }
}

/// Parts of a microsecond are cut off; what is out of range becomes the nearest moment.
impl From<prost_types::Timestamp> for Time {
    fn from(stamp: prost_types::Timestamp) -> Self {
        let micros =
            i128::from(stamp.seconds) * 1_000_000 + i128::from(stamp.nanos).div_euclid(1_000);
        let bound = if micros < 0 { i64::MIN } else { i64::MAX };
        Self(i64::try_from(micros).unwrap_or(bound))
    }
}

impl From<&Candidate> for prompt_ide::Logit {
    fn from(candidate: &Candidate) -> Self {
        Self {
            token_id: candidate.token_id,
            string_token: candidate.text.clone(),
            prob: candidate.prob,
        }
    }
}

impl From<prompt_ide::Logit> for Candidate {
    fn from(logit: prompt_ide::Logit) -> Self {
        Self { token_id: logit.token_id, text: logit.string_token, prob: logit.prob }
    }
}

/// An unknown probability is 0 on the wire.
impl From<&Token> for prompt_ide::Token {
    fn from(token: &Token) -> Self {
        Self {
            final_logit: Some(prompt_ide::Logit {
                token_id: token.token_id,
                string_token: token.text.clone(),
                prob: token.prob.unwrap_or(0.0),
            }),
            top_k: token.top_k.iter().map(Into::into).collect(),
            attention: Vec::new(),
            token_type: prompt_ide::token::TokenType::Model.into(),
        }
    }
}

impl From<prompt_ide::Token> for Token {
    fn from(token: prompt_ide::Token) -> Self {
        let chosen = token.final_logit.unwrap_or_default();
        Self {
            token_id: chosen.token_id,
            text: chosen.string_token,
            prob: (chosen.prob > 0.0).then_some(chosen.prob),
            top_k: token.top_k.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Usage> for prompt_ide::Usage {
    fn from(usage: Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            cost_in_usd_ticks: usage.cost_in_usd_ticks,
        }
    }
}

impl From<prompt_ide::Usage> for Usage {
    fn from(usage: prompt_ide::Usage) -> Self {
        Self {
            prompt_tokens: usage.prompt_tokens,
            completion_tokens: usage.completion_tokens,
            reasoning_tokens: usage.reasoning_tokens,
            cost_in_usd_ticks: usage.cost_in_usd_ticks,
        }
    }
}

impl From<Source> for prompt_ide::Source {
    fn from(source: Source) -> Self {
        Self { url: source.url, title: source.title, r#type: source.kind }
    }
}

impl From<prompt_ide::Source> for Source {
    fn from(source: prompt_ide::Source) -> Self {
        Self { url: source.url, title: source.title, kind: source.r#type }
    }
}

impl From<Response> for prompt_ide::Response {
    fn from(response: Response) -> Self {
        let details = response.details.map(|boxed| *boxed).unwrap_or_default();
        Self {
            response_id: response.id.to_string(),
            message: response.message,
            sender: response.sender.as_str().to_owned(),
            create_time: Some(response.create_time.into()),
            parent_response_id: text_of(response.parent.as_ref()),
            manual: response.manual,
            partial: response.partial,
            shared: response.shared,
            query: details.query,
            query_type: details.query_type,
            xpost_ids: details.xpost_ids,
            xposts: Vec::new(),
            generated_image_urls: details.generated_image_urls,
            debug_log: None,
            image_attachments: details.image_attachments,
            model_name: response.model.to_string(),
            sampling: settings_of(&details.sampling),
            reasoning: details.reasoning,
            usage: details.usage.map(Into::into),
            finish_reason: details.finish_reason,
            error_message: details.error,
            edited_from_response_id: text_of(response.edited_from.as_ref()),
            sources: details.sources.into_iter().map(Into::into).collect(),
            system_prompt_name: details.system_prompt_name,
            // Stands beside the response; added where it is known.
            annotation: None,
        }
    }
}

/// Nothing where nothing is noted.
impl From<Annotation> for Option<prompt_ide::Annotation> {
    fn from(annotation: Annotation) -> Self {
        let Annotation { starred, label, note, archived } = annotation;
        let is_empty = !starred && label.is_empty() && note.is_empty() && !archived;
        (!is_empty).then_some(prompt_ide::Annotation { starred, label, note, archived })
    }
}

impl From<prompt_ide::Annotation> for Annotation {
    fn from(wire: prompt_ide::Annotation) -> Self {
        let prompt_ide::Annotation { starred, label, note, archived } = wire;
        Self { starred, label, note, archived }
    }
}

impl TryFrom<prompt_ide::Response> for Response {
    type Error = Invalid;

    fn try_from(wire: prompt_ide::Response) -> Result<Self, Invalid> {
        wire.domain(&mut Names::default())
    }
}

impl prompt_ide::Response {
    /// The response of the domain; names are those of `names`.
    pub(crate) fn domain(self, names: &mut Names) -> Result<Response, Invalid> {
        let details = Details {
            sampling: self.sampling.map(Into::into).unwrap_or_default(),
            reasoning: self.reasoning,
            usage: self.usage.map(Into::into),
            finish_reason: self.finish_reason,
            error: self.error_message,
            query: self.query,
            query_type: self.query_type,
            sources: self.sources.into_iter().map(Into::into).collect(),
            system_prompt_name: self.system_prompt_name,
            xpost_ids: self.xpost_ids,
            generated_image_urls: self.generated_image_urls,
            image_attachments: self.image_attachments,
        };
        Ok(Response {
            id: ResponseId::parse(&self.response_id).ok_or(Invalid("a response has no id"))?,
            parent: ResponseId::parse(&self.parent_response_id),
            message: self.message,
            sender: names.sender(&self.sender),
            create_time: self.create_time.map(Into::into).unwrap_or_default(),
            manual: self.manual,
            partial: self.partial,
            shared: self.shared,
            model: names.model(&self.model_name),
            edited_from: ResponseId::parse(&self.edited_from_response_id),
            details: details.boxed(),
        })
    }
}

/// Without its responses, as in lists.
impl From<Conversation> for prompt_ide::Conversation {
    fn from(conversation: Conversation) -> Self {
        let Settings { system_prompt_name: prompt, model, sampling } = conversation.settings;
        Self {
            conversation_id: conversation.id.to_string(),
            title: conversation.title,
            starred: conversation.starred,
            create_time: Some(conversation.create_time.into()),
            modify_time: Some(conversation.modify_time.into()),
            responses: Vec::new(),
            system_prompt_name: (!prompt.is_empty()).then_some(prompt),
            response_count: i64::try_from(conversation.response_count).unwrap_or(i64::MAX),
            sampling: settings_of(&sampling),
            model_name: model,
        }
    }
}

/// With its responses, which come oldest first.
impl From<(Conversation, Vec<Response>)> for prompt_ide::Conversation {
    fn from((conversation, responses): (Conversation, Vec<Response>)) -> Self {
        let responses = responses.into_iter().map(Into::into).collect();
        Self { responses, ..conversation.into() }
    }
}

/// Leaves the responses out; but where the count was not sent, they are counted.
impl TryFrom<prompt_ide::Conversation> for Conversation {
    type Error = Invalid;

    fn try_from(wire: prompt_ide::Conversation) -> Result<Self, Invalid> {
        let sent = u64::try_from(wire.responses.len()).unwrap_or(u64::MAX);
        Ok(Self {
            id: ConversationId::parse(&wire.conversation_id)
                .ok_or(Invalid("a conversation has no id"))?,
            title: wire.title,
            starred: wire.starred,
            create_time: wire.create_time.map(Into::into).unwrap_or_default(),
            modify_time: wire.modify_time.map(Into::into).unwrap_or_default(),
            settings: Settings {
                system_prompt_name: wire.system_prompt_name.unwrap_or_default(),
                model: wire.model_name,
                sampling: wire.sampling.map(Into::into).unwrap_or_default(),
            },
            response_count: u64::try_from(wire.response_count).unwrap_or(0).max(sent),
        })
    }
}

/// With its responses, in the order in which they were sent.
impl TryFrom<prompt_ide::Conversation> for (Conversation, Vec<Response>) {
    type Error = Invalid;

    fn try_from(mut wire: prompt_ide::Conversation) -> Result<Self, Invalid> {
        let responses = std::mem::take(&mut wire.responses);
        let responses =
            responses.into_iter().map(TryInto::try_into).collect::<Result<Vec<Response>, _>>()?;
        let mut conversation = Conversation::try_from(wire)?;
        let sent = u64::try_from(responses.len()).unwrap_or(u64::MAX);
        conversation.response_count = conversation.response_count.max(sent);
        Ok((conversation, responses))
    }
}

/// As a registry lists it: usable, so without a problem.
impl From<ModelInfo> for grok_tui::ModelInfo {
    fn from(model: ModelInfo) -> Self {
        Self {
            name: model.name,
            context_length: model.context_length.unwrap_or(0),
            logprobs: model.logprobs,
            prefill: model.prefill == Some(true),
            prefill_unknown: model.prefill.is_none(),
            images: model.images == Some(true),
            images_unknown: model.images.is_none(),
            problem: String::new(),
            price: model.price.map(|price| grok_tui::Price {
                prompt: price.prompt,
                completion: price.completion,
            }),
        }
    }
}

impl From<grok_tui::ModelInfo> for ModelInfo {
    fn from(wire: grok_tui::ModelInfo) -> Self {
        Self {
            name: wire.name,
            context_length: (wire.context_length > 0).then_some(wire.context_length),
            logprobs: wire.logprobs,
            prefill: (!wire.prefill_unknown).then_some(wire.prefill),
            images: (!wire.images_unknown).then_some(wire.images),
            price: wire
                .price
                .map(|price| Price { prompt: price.prompt, completion: price.completion }),
        }
    }
}

/// Nothing where nothing is set.
fn settings_of(sampling: &Sampling) -> Option<prompt_ide::SamplingSettings> {
    (*sampling != Sampling::default()).then(|| sampling.into())
}

fn text_of(id: Option<&ResponseId>) -> String {
    id.map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Sender;
    use proptest::prelude::*;

    fn details() -> impl Strategy<Value = Details> {
        let sampling = (any::<Option<u64>>(), any::<Option<u32>>(), prop::option::of(0f32..2.0));
        (sampling, ".{0,9}", ".{0,9}", any::<Option<(u32, u32, u32)>>(), vec_of_text()).prop_map(
            |((seed, max_tokens, temperature), reasoning, error, usage, stop)| Details {
                sampling: Sampling { seed, max_tokens, temperature, stop, ..Sampling::default() },
                reasoning,
                error,
                system_prompt_name: "fun@1".to_owned(),
                sources: vec![Source { url: "u".into(), title: "t".into(), kind: "x".into() }],
                usage: usage.map(|(prompt_tokens, completion_tokens, reasoning_tokens)| Usage {
                    prompt_tokens,
                    completion_tokens,
                    reasoning_tokens,
                    cost_in_usd_ticks: seed,
                }),
                ..Details::default()
            },
        )
    }

    fn vec_of_text() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec(".{0,9}", 0..3)
    }

    fn response() -> impl Strategy<Value = Response> {
        let ids = (".{1,40}", ".{0,40}", ".{0,40}");
        let flags = (any::<bool>(), any::<bool>(), any::<bool>());
        (ids, ".{0,40}", ".{0,9}", any::<i64>(), flags, details()).prop_map(
            |((id, parent, edited), message, sender, time, (manual, partial, shared), details)| {
                Response {
                    id: ResponseId::parse(&id).unwrap(),
                    parent: ResponseId::parse(&parent),
                    message,
                    sender: Sender::new(&sender),
                    create_time: Time(time),
                    manual,
                    partial,
                    shared,
                    model: "offline/ngram".into(),
                    edited_from: ResponseId::parse(&edited),
                    details: details.boxed(),
                }
            },
        )
    }

    proptest! {
        #[test]
        fn a_response_survives_the_wire(response in response()) {
            let wire = prompt_ide::Response::from(response.clone());
            prop_assert_eq!(Response::try_from(wire).unwrap(), response);
        }

        #[test]
        fn a_time_survives_the_wire(micros: i64) {
            let stamp = prost_types::Timestamp::from(Time(micros));
            prop_assert!((0..1_000_000_000).contains(&stamp.nanos));
            prop_assert_eq!(Time::from(stamp), Time(micros));
        }

        #[test]
        fn any_timestamp_becomes_a_time(seconds: i64, nanos: i32) {
            let _ = Time::from(prost_types::Timestamp { seconds, nanos });
        }
    }

    #[test]
    fn a_token_survives_the_wire() {
        let token = Token {
            token_id: 7,
            text: " Grü\0ße".into(),
            prob: Some(0.25),
            top_k: vec![Candidate { token_id: 0, text: String::new(), prob: 0.75 }],
        };
        assert_eq!(Token::from(prompt_ide::Token::from(&token)), token);
        let unknown = Token { prob: None, ..token };
        assert_eq!(Token::from(prompt_ide::Token::from(&unknown)), unknown);
    }

    #[test]
    fn responses_are_counted_where_no_count_came() {
        let response = prompt_ide::Response { response_id: "r".into(), ..Default::default() };
        let wire = prompt_ide::Conversation {
            conversation_id: "c".into(),
            responses: vec![response.clone(), response],
            ..Default::default()
        };
        assert_eq!(Conversation::try_from(wire.clone()).unwrap().response_count, 2);
        let (conversation, responses) = wire.try_into().unwrap();
        assert_eq!((conversation.response_count, responses.len()), (2, 2));
    }

    #[test]
    fn what_has_no_id_is_refused() {
        assert!(Response::try_from(prompt_ide::Response::default()).is_err());
        assert!(Conversation::try_from(prompt_ide::Conversation::default()).is_err());
    }
}
