//! The JSON of an answer. One chunk is read without copying its texts; where a server takes
//! liberties with the types a second, slower reading takes what makes sense.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::forest::Usage;
use crate::model::logprobs::{Bytes, Entry, Text, Top};

/// One `data:` line, or the whole body of an answer that is not streamed.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk<'a> {
    #[serde(borrow, default)]
    pub(super) choices: Option<Vec<Choice<'a>>>,
    #[serde(default)]
    pub(super) usage: Option<WireUsage>,
    #[serde(borrow, default)]
    pub(super) error: Option<&'a RawValue>,
    /// Something that the server sent could not be read, and is not here.
    #[serde(skip)]
    pub(super) lacks_some: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(default)]
    pub(super) index: Option<u32>,
    #[serde(borrow, default)]
    pub(super) delta: Option<Delta<'a>>,
    /// In place of `delta` where the answer is not streamed.
    #[serde(borrow, default)]
    pub(super) message: Option<Delta<'a>>,
    #[serde(borrow, default)]
    pub(super) logprobs: Option<Logprobs<'a>>,
    #[serde(borrow, default)]
    pub(super) finish_reason: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta<'a> {
    #[serde(borrow, default)]
    pub(super) content: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) reasoning_content: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) reasoning: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) refusal: Option<Text<'a>>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Logprobs<'a> {
    #[serde(borrow, default)]
    pub(super) content: Option<Vec<Entry<'a>>>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Deserialize)]
pub(super) struct WireUsage {
    #[serde(default)]
    prompt_tokens: Option<u32>,
    #[serde(default)]
    completion_tokens: Option<u32>,
    #[serde(default)]
    total_tokens: Option<u32>,
    #[serde(default)]
    completion_tokens_details: Option<UsageDetails>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Deserialize)]
struct UsageDetails {
    #[serde(default)]
    reasoning_tokens: Option<u32>,
}

impl Delta<'_> {
    /// The reasoning text, under whichever name it came.
    pub(super) fn reasoning(&self) -> &str {
        let first = [&self.reasoning_content, &self.reasoning].into_iter().flatten();
        first.map(|text| &*text.0).find(|text| !text.is_empty()).unwrap_or_default()
    }

    /// The text of the answer; a refusal is one too.
    pub(super) fn content(&self) -> &str {
        let first = [&self.content, &self.refusal].into_iter().flatten();
        first.map(|text| &*text.0).find(|text| !text.is_empty()).unwrap_or_default()
    }
}

impl WireUsage {
    /// What it cost. Most servers count reasoning as part of the completion, xAI beside it; their
    /// total tells which.
    pub(super) fn usage(self) -> Usage {
        let count = |tokens: Option<u32>| tokens.unwrap_or(0);
        let prompt_tokens = count(self.prompt_tokens);
        let written = count(self.completion_tokens);
        let reasoning_tokens =
            count(self.completion_tokens_details.and_then(|d| d.reasoning_tokens));
        let apart = prompt_tokens.saturating_add(written).saturating_add(reasoning_tokens);
        let beside = self.total_tokens == Some(apart) || reasoning_tokens > written;
        let completion_tokens = if beside { written } else { written - reasoning_tokens };
        Usage { prompt_tokens, completion_tokens, reasoning_tokens, cost_in_usd_ticks: None }
    }
}

/// Reads one chunk, or says that it is none. What is JSON, but no chunk, is an empty one: an odd event is no
/// reason to give up an answer. A text is more likely words of a server that failed.
pub(super) fn read<T>(json: &str, take: impl FnOnce(Chunk<'_>) -> T) -> Option<T> {
    match serde_json::from_str::<Chunk<'_>>(json) {
        Ok(chunk) => Some(take(chunk)),
        Err(_) => {
            let numbers = mend_numbers(json);
            let value: Value = serde_json::from_str(&mend_surrogates(&numbers)).ok()?;
            if value.is_string() {
                return None;
            }
            let error = value.get("error").filter(|error| !error.is_null());
            let error = error.and_then(|error| RawValue::from_string(error.to_string()).ok());
            let lacks_some = matches!(numbers, Cow::Owned(_)) || lacks_some(&value);
            Some(take(Chunk { error: error.as_deref(), lacks_some, ..loose_chunk(&value) }))
        }
    }
}

/// Numbers that are none in JSON, or too large for anything, become `null`: `NaN`, `-Infinity`, `1e400`.
pub(super) fn mend_numbers(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let in_number = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    let (mut out, mut at, mut done) = (String::new(), 0, 0);
    while let Some(byte) = bytes.get(at) {
        let length = match byte {
            b'"' => text_length(&bytes[at..]),
            b'-' | b'0'..=b'9' | b'N' | b'I' => {
                bytes[at..].iter().take_while(|byte| in_number(byte)).count()
            }
            _ => 1,
        };
        let number = json.get(at..at + length).and_then(|word| word.parse::<f64>().ok());
        if number.is_some_and(|number| !number.is_finite()) {
            out.push_str(&json[done..at]);
            out.push_str("null");
            done = at + length;
        }
        at += length;
    }
    if done == 0 {
        return Cow::Borrowed(json);
    }
    out.push_str(&json[done..]);
    Cow::Owned(out)
}

/// Bytes of the text that begins here, with its quotes; all, if it does not end.
fn text_length(bytes: &[u8]) -> usize {
    let mut escaped = false;
    let end = bytes.iter().skip(1).position(|byte| {
        let is_end = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        is_end
    });
    end.map_or(bytes.len(), |end| end + 2)
}

/// Half a surrogate pair, which no text can hold, becomes a replacement character.
fn mend_surrogates(json: &str) -> Cow<'_, str> {
    if !json.contains("\\u") {
        return Cow::Borrowed(json);
    }
    let unit = |at: usize| -> Option<u16> {
        let digits = json.get(at..at + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let (mut out, mut at, mut done) = (String::with_capacity(json.len()), 0, 0);
    while let Some(found) = json[at..].find('\\') {
        let start = at + found;
        at = match unit(start) {
            Some(0xd800..=0xdbff) if matches!(unit(start + 6), Some(0xdc00..=0xdfff)) => start + 12,
            Some(0xd800..=0xdfff) => {
                out.push_str(&json[done..start]);
                out.push_str("\\ufffd");
                done = start + 6;
                done
            }
            Some(_) => start + 6,
            // A backslash and what it escapes, which may be of any length.
            None => start + 1 + json[start + 1..].chars().next().map_or(0, char::len_utf8),
        };
    }
    out.push_str(&json[done..]);
    Cow::Owned(out)
}

fn loose_chunk(value: &Value) -> Chunk<'_> {
    let choices = value.get("choices").and_then(Value::as_array);
    Chunk {
        choices: choices.map(|choices| choices.iter().map(loose_choice).collect()),
        usage: value.get("usage").and_then(loose_usage),
        error: None,
        lacks_some: false,
    }
}

/// Whether there may be text in a chunk that [`loose_chunk`] does not find.
fn lacks_some(value: &Value) -> bool {
    let Some(chunk) = value.as_object() else { return true };
    let choices = match chunk.get("choices") {
        None | Some(Value::Null) => return false,
        Some(Value::Array(choices)) => choices,
        Some(_) => return true,
    };
    let is_readable = |text: &Value| text.is_null() || loose_text(text).is_some();
    choices.iter().any(|choice| {
        let deltas = ["delta", "message"].into_iter().filter_map(|name| choice.get(name));
        let mut texts = deltas.filter_map(|delta| delta.get("content"));
        !choice.is_object() || texts.any(|text| !is_readable(text))
    })
}

fn loose_choice(value: &Value) -> Choice<'_> {
    let logprobs = value.get("logprobs").and_then(|logprobs| logprobs.get("content"));
    Choice {
        index: value.get("index").and_then(loose_u32),
        delta: value.get("delta").map(loose_delta),
        message: value.get("message").map(loose_delta),
        logprobs: logprobs
            .and_then(Value::as_array)
            .map(|entries| Logprobs { content: Some(entries.iter().map(loose_entry).collect()) }),
        finish_reason: value.get("finish_reason").and_then(Value::as_str).map(borrowed),
    }
}

fn loose_delta(value: &Value) -> Delta<'_> {
    let text = |name: &str| value.get(name).and_then(loose_text);
    Delta {
        content: text("content"),
        reasoning_content: text("reasoning_content"),
        reasoning: text("reasoning"),
        refusal: text("refusal"),
    }
}

/// A text, or a list of parts that have one.
fn loose_text(value: &Value) -> Option<Text<'_>> {
    match value {
        Value::String(text) => Some(borrowed(text)),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            Some(Text(Cow::Owned(texts.collect())))
        }
        Value::Object(_) | Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

fn loose_entry(value: &Value) -> Entry<'_> {
    let top = value.get("top_logprobs").and_then(Value::as_array);
    let Top { id, token, logprob, bytes } = loose_top(value);
    let top_logprobs = top.map(|top| top.iter().map(loose_top).collect());
    Entry { id, token, logprob, bytes, top_logprobs }
}

fn loose_top(value: &Value) -> Top<'_> {
    let bytes = value.get("bytes").and_then(Value::as_array);
    let byte = |value: &Value| value.as_u64().and_then(|byte| u8::try_from(byte).ok());
    Top {
        id: value.get("id").and_then(loose_u32),
        token: value.get("token").and_then(Value::as_str).map(borrowed).unwrap_or_default(),
        logprob: value.get("logprob").and_then(Value::as_f64),
        bytes: bytes.and_then(|bytes| bytes.iter().map(byte).collect()).map(Bytes::Read),
    }
}

fn loose_usage(value: &Value) -> Option<WireUsage> {
    let count = |value: &Value, name: &str| value.get(name).and_then(loose_u32);
    value.is_object().then(|| WireUsage {
        prompt_tokens: count(value, "prompt_tokens"),
        completion_tokens: count(value, "completion_tokens"),
        total_tokens: count(value, "total_tokens"),
        completion_tokens_details: value
            .get("completion_tokens_details")
            .map(|details| UsageDetails { reasoning_tokens: count(details, "reasoning_tokens") }),
    })
}

/// A count, also where it is written `3.0` or is out of range.
fn loose_u32(value: &Value) -> Option<u32> {
    // A cast from a float saturates, which is what is wanted here.
    value.as_f64().filter(|number| *number >= 0.0).map(|number| number as u32)
}

fn borrowed(text: &str) -> Text<'_> {
    Text(Cow::Borrowed(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(json: &str) -> Option<String> {
        read(json, |chunk| {
            let choice = chunk.choices.unwrap_or_default().pop().unwrap_or_default();
            choice.delta.or(choice.message).unwrap_or_default().content().to_owned()
        })
    }

    #[test]
    fn a_text_without_escapes_is_not_copied() {
        let json = r#"{"choices":[{"delta":{"content":"plain"}}]}"#;
        read(json, |chunk| {
            let delta = chunk.choices.unwrap().pop().unwrap().delta.unwrap();
            assert!(matches!(delta.content.unwrap().0, Cow::Borrowed("plain")));
        })
        .unwrap();
    }

    #[test]
    fn liberties_with_types_are_forgiven() {
        for json in [
            r#"{"choices":[{"index":0.0,"delta":{"content":"hi"}}]}"#,
            r#"{"choices":[{"delta":{"content":"hi","reasoning":{"x":1}},"logprobs":[]}]}"#,
            r#"{"choices":[{"delta":{"content":[{"type":"text","text":"hi"}]}}]}"#,
            r#"{"choices":[{"message":{"content":"hi"},"finish_reason":7}],"usage":"none"}"#,
            r#"{"choices":[{"delta":{"content":"hi"},"logprobs":{"content":[{"logprob":"-inf"}]}}]}"#,
            r#"{"choices":[{"delta":{"content":"hi"},"logprobs":{"content":[{"bytes":[-1]}]}}],"usage":{"prompt_tokens":-1}}"#,
        ] {
            assert_eq!(content(json).as_deref(), Some("hi"), "{json}");
        }
        assert_eq!(content("{}").as_deref(), Some(""));
        assert_eq!(content(r#"{"choices":null,"usage":null,"error":null}"#).as_deref(), Some(""));
        for json in ["", "nonsense", "\"nonsense\"", r#"{"choices":["#] {
            assert_eq!(content(json), None, "{json}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_said_to_be() {
        let lacks = |json: &str| read(json, |chunk| chunk.lacks_some);
        for json in ["null", "[1]", "7", r#"{"choices":"x"}"#, r#"{"choices":[null]}"#] {
            assert_eq!((lacks(json), content(json).as_deref()), (Some(true), Some("")), "{json}");
        }
        for odd in ["1e400", "-1e999", "NaN", "-Infinity"] {
            let json = format!(
                r#"{{"choices":[{{"delta":{{"content":"a\" NaN 1e400"}},"logprobs":{{"content":[{{"logprob":{odd}}}]}}}}]}}"#
            );
            assert_eq!(content(&json).as_deref(), Some("a\" NaN 1e400"), "{json}");
            assert_eq!(lacks(&json), Some(true), "{json}");
        }
        assert_eq!(lacks(r#"{"choices":[{"delta":{"content":7}}]}"#), Some(true));
        for fine in [
            r#"{"choices":[{"index":0.0,"delta":{"content":[{"type":"text","text":"hi"}]}}]}"#,
            r#"{"choices":[{"delta":{"content":null,"reasoning":{}}}],"usage":"none"}"#,
        ] {
            assert_eq!(lacks(fine), Some(false), "{fine}");
        }
    }

    #[test]
    fn half_a_surrogate_pair_does_not_spoil_the_rest() {
        let json =
            r#"{"choices":[{"delta":{"content":"a\ud83d\\ud83d b \ud83d\ude00\ude00\né"}}]}"#;
        assert_eq!(content(json).as_deref(), Some("a\u{fffd}\\ud83d b 😀\u{fffd}\né"));
    }

    #[test]
    fn reasoning_is_counted_once() {
        let usage = |json: &str| read(json, |chunk| chunk.usage.unwrap().usage()).unwrap();
        let openai = usage(
            r#"{"usage":{"prompt_tokens":5,"completion_tokens":30,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":20}}}"#,
        );
        let xai = usage(
            r#"{"usage":{"prompt_tokens":5,"completion_tokens":10,"total_tokens":35,"completion_tokens_details":{"reasoning_tokens":20}}}"#,
        );
        assert_eq!(openai, xai);
        assert_eq!((xai.completion_tokens, xai.reasoning_tokens), (10, 20));
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_sent_makes_reading_fail_badly(json in r#"[\\ud830-9a-fNI+."{}:,é -]{0,60}"#) {
            let _ = content(&json);
            let _ = content(&format!(r#"{{"choices":[{{"delta":{{"content":"{json}"}}}}]}}"#));
        }
    }
}
