//! What is asked of xAI.

use crate::model::{self, DEFAULT_TOP_K, Request, Role};
use crate::proto::xai_api::content::Content as Kind;
use crate::proto::xai_api::image_url_content::Source;
use crate::proto::xai_api::tool::Tool as Which;
use crate::proto::xai_api::{
    Content, GetCompletionsRequest, ImageUrlContent, Message, MessageRole, Tool, WebSearch, XSearch,
};

/// Most candidates that xAI tells for a token.
const MOST_CANDIDATES: u32 = 8;

/// The message for a request; `probabilities`: whether the model may be asked for them.
pub(super) fn body(request: &Request, probabilities: bool) -> GetCompletionsRequest {
    let sampling = &request.sampling;
    let candidates = sampling.top_k.unwrap_or(DEFAULT_TOP_K).min(MOST_CANDIDATES);
    let messages = request.messages.iter().map(|message| Message {
        role: match message.role {
            Role::System => MessageRole::RoleSystem,
            Role::User => MessageRole::RoleUser,
            Role::Assistant => MessageRole::RoleAssistant,
        }
        .into(),
        content: contents(message),
    });
    let searches = [Which::WebSearch(WebSearch {}), Which::XSearch(XSearch {})];
    let tools = searches.into_iter().filter(|_| sampling.search == Some(true));
    GetCompletionsRequest {
        model: request.model.clone(),
        messages: messages.collect(),
        logprobs: probabilities,
        top_logprobs: (probabilities && candidates > 0)
            .then(|| i32::try_from(candidates).unwrap_or_default()),
        max_tokens: sampling.max_tokens.map(|tokens| i32::try_from(tokens).unwrap_or(i32::MAX)),
        // The interface has 31 bits for it; the same seed always becomes the same number.
        seed: sampling.seed.map(|seed| (seed & 0x7fff_ffff) as i32),
        stop: sampling.stop.clone(),
        temperature: sampling.temperature,
        top_p: sampling.top_p,
        tools: tools.map(|tool| Tool { tool: Some(tool) }).collect(),
    }
}

/// The text of a message and the pictures that came with it.
fn contents(message: &model::Message) -> Vec<Content> {
    let pictures = message.images.iter().map(|address| {
        Kind::ImageUrl(ImageUrlContent { source: Some(Source::ImageUrl(address.clone())) })
    });
    let kinds = pictures.chain([Kind::Text(message.text.clone())]);
    kinds.map(|kind| Content { content: Some(kind) }).collect()
}
