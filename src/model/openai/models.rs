//! The list of models of a server, of which only the names are portable.

use serde_json::Value;

use super::super::ModelInfo;
use super::dialect::Dialect;

/// The models in the body of `GET /models`, and which server it shows itself to be. `None`: the
/// body is no such list.
pub(super) fn read(
    body: &[u8],
    known: Option<Dialect>,
) -> Option<(Vec<ModelInfo>, Option<Dialect>)> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let value: Value = serde_json::from_slice(body).ok()?;
    let list = match &value {
        Value::Array(items) => items.as_slice(),
        Value::Object(fields) => match (fields.get("data"), fields.get("models")) {
            (Some(Value::Array(items)), _) | (_, Some(Value::Array(items))) => items.as_slice(),
            // A server without models may say so like this.
            (Some(Value::Null), _) => &[],
            _ => return None,
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    let owner = |item: &Value| Dialect::of_owner(item.get("owned_by")?.as_str()?);
    let dialect = known.or_else(|| list.iter().find_map(owner));
    let mut models: Vec<ModelInfo> = Vec::with_capacity(list.len());
    for item in list {
        if let Some(model) = model(item, dialect)
            && !models.iter().any(|other| other.name == model.name)
        {
            models.push(model);
        }
    }
    Some((models, dialect))
}

fn model(item: &Value, dialect: Option<Dialect>) -> Option<ModelInfo> {
    let name = match item {
        Value::String(name) => name.as_str(),
        _ => ["id", "name", "model"].iter().find_map(|field| item.get(*field)?.as_str())?,
    };
    if name.is_empty() {
        return None;
    }
    let lengths = ["max_model_len", "context_length", "context_window", "max_context_length"];
    let length = lengths.iter().find_map(|field| item.get(*field)?.as_u64());
    let length = length.or_else(|| {
        let meta = item.get("meta")?;
        meta.get("n_ctx").and_then(Value::as_u64).or_else(|| meta.get("n_ctx_train")?.as_u64())
    });
    let reasons = dialect == Some(Dialect::OpenAi) && is_reasoning(name);
    Some(ModelInfo {
        name: name.to_owned(),
        context_length: length.and_then(|length| u32::try_from(length).ok()),
        logprobs: !reasons && dialect.is_none_or(Dialect::tells_logprobs),
        prefill: dialect.map(Dialect::continues),
        images: takes_pictures(item),
        price: None,
    })
}

/// Some lists tell what goes in: as a list of kinds, or, where it is pictures, as one word.
fn takes_pictures(item: &Value) -> Option<bool> {
    let is_picture = |kind: &Value| matches!(kind.as_str(), Some("image" | "vlm"));
    let kinds =
        item.get("input_modalities").or_else(|| item.pointer("/architecture/input_modalities"));
    match kinds.and_then(Value::as_array) {
        Some(kinds) if !kinds.is_empty() => Some(kinds.iter().any(is_picture)),
        Some(_) | None => item.get("type").is_some_and(is_picture).then_some(true),
    }
}

/// OpenAI's models that think first tell no probabilities.
fn is_reasoning(name: &str) -> bool {
    let digit = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit());
    name.strip_prefix('o').is_some_and(digit)
        || name.strip_prefix("gpt-5").is_some_and(|rest| !rest.contains("chat"))
}

/// Whether a model of that name may be one to talk to, where the list does not say.
#[must_use]
pub fn looks_like_chat(name: &str) -> bool {
    const OTHERS: [&str; 17] = [
        "embed",
        "whisper",
        "tts",
        "dall-e",
        "image",
        "moderation",
        "rerank",
        "audio",
        "realtime",
        "transcribe",
        "davinci",
        "babbage",
        "sora",
        "video",
        "bge-",
        "instruct-0914",
        "search",
    ];
    let name = name.to_ascii_lowercase();
    !OTHERS.iter().any(|other| name.contains(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(body: &str) -> Option<Vec<String>> {
        let (models, _) = read(body.as_bytes(), None)?;
        Some(models.into_iter().map(|model| model.name).collect())
    }

    #[test]
    fn every_shape_of_a_list_is_understood() {
        for body in [
            r#"{"object":"list","data":[{"id":"a"},{"id":"b"},{"id":"a"},{"x":1},7]}"#,
            r#"{"models":[{"name":"a"},{"model":"b"}]}"#,
            r#"["a","b",""]"#,
            "\u{feff}[{\"id\":\"a\"},{\"id\":\"b\"}]",
        ] {
            assert_eq!(names(body).unwrap(), ["a", "b"], "{body}");
        }
        assert_eq!(names(r#"{"object":"list","data":null}"#).unwrap(), [] as [&str; 0]);
        for body in ["", "<html>", "{}", "7", r#"{"error":"x"}"#] {
            assert_eq!(names(body), None, "{body}");
        }
    }

    #[test]
    fn the_server_is_recognized_by_the_owner() {
        let of = |owner: &str| {
            let body =
                format!(r#"{{"data":[{{"id":"a","owned_by":"{owner}","max_model_len":99}}]}}"#);
            read(body.as_bytes(), None).unwrap()
        };
        assert_eq!(of("vllm").1, Some(Dialect::Vllm));
        assert_eq!(of("llamacpp").1, Some(Dialect::LlamaCpp));
        assert_eq!(of("somebody").1, None);
        assert_eq!(of("organization_owner").0[0].context_length, Some(99));
        assert!(!of("organization_owner").0[0].logprobs);
        assert_eq!(of("vllm").0[0].prefill, Some(true));
        assert_eq!(of("somebody").0[0].prefill, None);
    }

    #[test]
    fn models_to_talk_to_are_told_from_others() {
        for name in ["gpt-4o", "qwen2.5-7b-instruct", "grok-4"] {
            assert!(looks_like_chat(name), "{name}");
        }
        for name in ["text-embedding-3-small", "whisper-1", "nomic-embed-text", "dall-e-3"] {
            assert!(!looks_like_chat(name), "{name}");
        }
        assert!(is_reasoning("o3-mini") && is_reasoning("gpt-5") && !is_reasoning("gpt-4o"));
    }
}
