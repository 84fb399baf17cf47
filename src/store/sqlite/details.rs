//! The stored form of a response's details: JSON with short names, where what is absent is the
//! default, so that later programs can add fields and earlier ones skip them.

use serde::{Deserialize, Serialize};

use crate::forest::{Details, Sampling, Source, Usage};

/// The JSON for `details`; `None` if there is nothing to keep.
pub(super) fn encode(details: Option<&Details>) -> Option<String> {
    let details = details.filter(|details| !details.is_empty())?;
    serde_json::to_string(&Stored::from(details)).ok()
}

/// The JSON for the settings of a conversation; `None` if all are left out.
pub(super) fn encode_sampling(sampling: &Sampling) -> Option<String> {
    if *sampling == Sampling::default() {
        return None;
    }
    serde_json::to_string(&Stored::from(sampling.clone())).ok()
}

/// The settings that `encode_sampling` wrote.
pub(super) fn decode_sampling(json: &str) -> Sampling {
    decode(json).map(|details| details.sampling).unwrap_or_default()
}

/// The details that `encode` wrote; what cannot be read is left out.
pub(super) fn decode(json: &str) -> Option<Box<Details>> {
    match serde_json::from_str::<Stored>(json) {
        Ok(stored) => Some(Box::new(stored.into())),
        Err(error) => {
            tracing::warn!(%error, "the details of a response cannot be read");
            None
        }
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Stored {
    #[serde(skip_serializing_if = "is_default")]
    temperature: Option<f32>,
    #[serde(skip_serializing_if = "is_default")]
    top_p: Option<f32>,
    #[serde(skip_serializing_if = "is_default")]
    seed: Option<u64>,
    #[serde(skip_serializing_if = "is_default")]
    max_tokens: Option<u32>,
    #[serde(skip_serializing_if = "is_default")]
    stop: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    top_k: Option<u32>,
    #[serde(skip_serializing_if = "is_default")]
    max_tokens_per_second: Option<f32>,
    #[serde(skip_serializing_if = "is_default")]
    search: Option<bool>,
    #[serde(skip_serializing_if = "is_default")]
    reasoning: String,
    #[serde(skip_serializing_if = "is_default")]
    usage: Option<[u32; 3]>,
    #[serde(skip_serializing_if = "is_default")]
    cost: Option<u64>,
    #[serde(skip_serializing_if = "is_default")]
    finish_reason: String,
    #[serde(skip_serializing_if = "is_default")]
    error: String,
    #[serde(skip_serializing_if = "is_default")]
    query: String,
    #[serde(skip_serializing_if = "is_default")]
    query_type: String,
    /// Address, title and kind of each.
    #[serde(skip_serializing_if = "is_default")]
    sources: Vec<[String; 3]>,
    #[serde(skip_serializing_if = "is_default")]
    system_prompt: String,
    #[serde(skip_serializing_if = "is_default")]
    xpost_ids: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    generated_image_urls: Vec<String>,
    #[serde(skip_serializing_if = "is_default")]
    image_attachments: Vec<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl From<&Details> for Stored {
    fn from(details: &Details) -> Self {
        let details = details.clone();
        let usage = details.usage;
        Self {
            reasoning: details.reasoning,
            usage: usage.map(|u| [u.prompt_tokens, u.completion_tokens, u.reasoning_tokens]),
            cost: usage.and_then(|usage| usage.cost_in_usd_ticks),
            finish_reason: details.finish_reason,
            error: details.error,
            query: details.query,
            query_type: details.query_type,
            sources: details.sources.into_iter().map(|s| [s.url, s.title, s.kind]).collect(),
            system_prompt: details.system_prompt_name,
            xpost_ids: details.xpost_ids,
            generated_image_urls: details.generated_image_urls,
            image_attachments: details.image_attachments,
            ..details.sampling.into()
        }
    }
}

/// The settings alone.
impl From<Sampling> for Stored {
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
            ..Self::default()
        }
    }
}

impl From<Stored> for Details {
    fn from(stored: Stored) -> Self {
        let source = |[url, title, kind]: [String; 3]| Source { url, title, kind };
        let cost_in_usd_ticks = stored.cost;
        Self {
            sampling: Sampling {
                temperature: stored.temperature,
                top_p: stored.top_p,
                seed: stored.seed,
                max_tokens: stored.max_tokens,
                stop: stored.stop,
                top_k: stored.top_k,
                max_tokens_per_second: stored.max_tokens_per_second,
                search: stored.search,
            },
            reasoning: stored.reasoning,
            usage: stored.usage.map(|[prompt_tokens, completion_tokens, reasoning_tokens]| Usage {
                prompt_tokens,
                completion_tokens,
                reasoning_tokens,
                cost_in_usd_ticks,
            }),
            finish_reason: stored.finish_reason,
            error: stored.error,
            query: stored.query,
            query_type: stored.query_type,
            sources: stored.sources.into_iter().map(source).collect(),
            system_prompt_name: stored.system_prompt,
            xpost_ids: stored.xpost_ids,
            generated_image_urls: stored.generated_image_urls,
            image_attachments: stored.image_attachments,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_comes_back() {
        let details = Details {
            sampling: Sampling {
                temperature: Some(0.7),
                top_p: Some(0.95),
                seed: Some(u64::MAX),
                max_tokens: Some(1),
                stop: vec!["\0\n".into()],
                top_k: Some(0),
                max_tokens_per_second: Some(1e-3),
                search: Some(false),
            },
            reasoning: "because".into(),
            usage: Some(Usage {
                prompt_tokens: 1,
                completion_tokens: 2,
                reasoning_tokens: 3,
                cost_in_usd_ticks: Some(4),
            }),
            finish_reason: "stop".into(),
            error: "it broke".into(),
            query: "q".into(),
            query_type: "web".into(),
            sources: vec![Source { url: "u".into(), title: "t".into(), kind: "x".into() }],
            system_prompt_name: "fun@1".into(),
            xpost_ids: vec!["1".into()],
            generated_image_urls: vec!["u".into()],
            image_attachments: vec!["i".into()],
        };
        let json = encode(Some(&details)).unwrap();
        assert_eq!(*decode(&json).unwrap(), details);
    }

    #[test]
    fn nothing_takes_no_room() {
        assert_eq!(encode(None), None);
        assert_eq!(encode(Some(&Details::default())), None);
        assert_eq!(decode("{\"later\": 1}"), Some(Box::default()));
        assert_eq!(decode("[broken"), None);
    }
}
