//! The pieces of one answer: text with its probabilities, reasoning, searches, the end.

use std::collections::HashSet;

use crate::forest::{Source, Usage};
use crate::model::Event;
use crate::model::logprobs::{Bytes, Entry, Text, Top};
use crate::model::tokens::Tokens;
use crate::proto::xai_api::inline_citation::Citation;
use crate::proto::xai_api::tool_call::Tool;
use crate::proto::xai_api::{
    CompletionOutputChunk, FinishReason, FunctionCall, GetChatCompletionChunk, LogProb,
    SamplingUsage, ToolCall, ToolCallStatus, ToolCallType,
};

/// Searches, and sources, of one answer that are told apart; a server that names more is not
/// followed.
const MOST_SEARCHES: usize = 1_000;

#[derive(Default)]
pub(super) struct Answer {
    tokens: Tokens,
    /// Searches that were told of: they come again when they are done.
    searches: HashSet<String>,
    /// Addresses of the sources that were told of.
    sources: HashSet<String>,
    reason: Option<&'static str>,
    usage: Option<Usage>,
}

impl Answer {
    /// Takes a message of the stream.
    pub(super) fn take(&mut self, chunk: GetChatCompletionChunk, out: &mut impl FnMut(Event)) {
        if let Some(usage) = chunk.usage {
            self.usage = Some(cost(&usage));
        }
        for output in chunk.outputs {
            self.take_output(output, out);
        }
        for url in chunk.citations {
            let kind = if is_post(&url) { "x" } else { "web" };
            self.take_source(url, kind, out);
        }
    }

    /// The last event, if the answer came to its end.
    pub(super) fn end(self) -> Option<Event> {
        let reason = self.reason?.to_owned();
        Some(Event::Finish { reason, usage: self.usage })
    }

    fn take_output(&mut self, output: CompletionOutputChunk, out: &mut impl FnMut(Event)) {
        // One that is not known yet is an end all the same.
        let reason = FinishReason::try_from(output.finish_reason);
        let delta = output.delta.unwrap_or_default();
        for call in &delta.tool_calls {
            self.take_call(call, out);
        }
        for cited in delta.citations {
            match cited.citation {
                Some(Citation::WebCitation(web)) => self.take_source(web.url, "web", out),
                Some(Citation::XCitation(post)) => self.take_source(post.url, "x", out),
                None => {}
            }
        }
        if !delta.reasoning_content.is_empty() {
            out(Event::Reasoning(delta.reasoning_content));
        }
        let entries: Vec<Entry<'_>> =
            output.logprobs.iter().flat_map(|list| &list.content).map(entry).collect();
        if !delta.content.is_empty() || !entries.is_empty() {
            self.tokens.push(&delta.content, entries, &mut |token| out(Event::Token(token)));
        }
        self.reason = match reason {
            Ok(FinishReason::ReasonInvalid) => self.reason,
            Ok(FinishReason::ReasonStop) => Some("stop"),
            Ok(FinishReason::ReasonMaxLen | FinishReason::ReasonMaxContext) => Some("length"),
            Ok(FinishReason::ReasonToolCalls) => Some("tool_calls"),
            Ok(FinishReason::ReasonTimeLimit) => Some("time_limit"),
            Err(_) => Some("other"),
        };
    }

    fn take_source(&mut self, url: String, kind: &str, out: &mut impl FnMut(Event)) {
        let room = self.sources.len() < MOST_SEARCHES && !url.is_empty();
        if room && self.sources.insert(url.clone()) {
            out(Event::Source(Source { url, title: String::new(), kind: kind.to_owned() }));
        }
    }

    fn take_call(&mut self, call: &ToolCall, out: &mut impl FnMut(Event)) {
        let kind = match call.r#type() {
            ToolCallType::WebSearchTool => "web",
            ToolCallType::XSearchTool => "x",
            ToolCallType::Invalid | ToolCallType::ClientSideTool => return,
        };
        if call.status() == ToolCallStatus::Failed {
            let why = call.error_message.as_deref().unwrap_or("it did not say why");
            out(Event::Notice(format!("a search of the {kind} failed: {why}")));
        }
        let Some(Tool::Function(function)) = &call.tool else { return };
        let Some(query) = query(function) else { return };
        if self.searches.len() < MOST_SEARCHES
            && self.searches.insert(format!("{}\n{query}", call.id))
        {
            out(Event::Query { query, kind: kind.to_owned() });
        }
    }
}

/// The words that are searched for; `None` while the arguments are not whole.
fn query(function: &FunctionCall) -> Option<String> {
    let arguments: serde_json::Value = serde_json::from_str(&function.arguments).ok()?;
    let words = arguments.get("query")?.as_str()?.trim();
    (!words.is_empty()).then(|| words.to_owned())
}

/// Whether the address is that of a post on X.
fn is_post(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    matches!(host, "x.com" | "www.x.com" | "twitter.com" | "www.twitter.com")
}

fn entry(told: &LogProb) -> Entry<'_> {
    let top = told.top_logprobs.iter().map(|told| Top {
        id: None,
        token: Text(told.token.as_str().into()),
        logprob: Some(f64::from(told.logprob)),
        bytes: bytes(&told.bytes),
    });
    Entry {
        id: None,
        token: Text(told.token.as_str().into()),
        logprob: Some(f64::from(told.logprob)),
        bytes: bytes(&told.bytes),
        top_logprobs: Some(top.collect()),
    }
}

fn bytes(told: &[u8]) -> Option<Bytes<'static>> {
    (!told.is_empty()).then(|| Bytes::Read(told.to_vec()))
}

fn cost(usage: &SamplingUsage) -> Usage {
    let tokens = |count: i32| u32::try_from(count).unwrap_or_default();
    Usage {
        prompt_tokens: tokens(usage.prompt_tokens),
        completion_tokens: tokens(usage.completion_tokens),
        reasoning_tokens: tokens(usage.reasoning_tokens),
        cost_in_usd_ticks: usage.cost_in_usd_ticks.and_then(|ticks| u64::try_from(ticks).ok()),
    }
}
