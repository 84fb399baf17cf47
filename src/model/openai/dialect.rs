//! What is known of the servers that speak this protocol, and how each is recognized.

use serde::Deserialize;

/// A server whose habits are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Dialect {
    /// OpenAI itself; unknown fields are refused.
    OpenAi,
    /// xAI over HTTP.
    Xai,
    /// vLLM; continues an answer only when told to.
    Vllm,
    /// The server of llama.cpp.
    LlamaCpp,
    /// Ollama.
    Ollama,
    /// LM Studio; some versions repeat the text to continue.
    LmStudio,
}

impl Dialect {
    /// Hosted servers, by their host.
    pub(super) fn of_host(host: &str) -> Option<Self> {
        match host {
            "api.openai.com" => Some(Self::OpenAi),
            "api.x.ai" => Some(Self::Xai),
            _ => None,
        }
    }

    /// By what the server's list of models says about their owner.
    pub(super) fn of_owner(owner: &str) -> Option<Self> {
        match owner {
            "vllm" => Some(Self::Vllm),
            "llamacpp" => Some(Self::LlamaCpp),
            "library" | "ollama" => Some(Self::Ollama),
            "organization_owner" => Some(Self::LmStudio),
            "xai" => Some(Self::Xai),
            _ => None,
        }
    }

    /// Whether it tells token probabilities.
    pub(super) fn tells_logprobs(self) -> bool {
        match self {
            Self::LmStudio => false,
            Self::OpenAi | Self::Xai | Self::Vllm | Self::LlamaCpp | Self::Ollama => true,
        }
    }

    /// Most candidates it tells for a token.
    pub(super) fn most_candidates(self) -> u32 {
        match self {
            Self::Xai => 8,
            Self::OpenAi | Self::Vllm | Self::LlamaCpp | Self::Ollama | Self::LmStudio => 20,
        }
    }

    /// Whether it goes on with a given beginning of the answer.
    pub(super) fn continues(self) -> bool {
        match self {
            Self::OpenAi | Self::Xai => false,
            Self::Vllm | Self::LlamaCpp | Self::Ollama | Self::LmStudio => true,
        }
    }

    /// Shortest beginning, in bytes, that may come back in front of the continuation; `None` if it
    /// never does. Of an unknown server a very short one is not taken for an echo: it may well be
    /// what the model wanted to say again.
    pub(super) fn shortest_echo(dialect: Option<Self>) -> Option<usize> {
        match dialect {
            Some(Self::LmStudio) => Some(1),
            None => Some(5),
            Some(Self::OpenAi | Self::Xai | Self::Vllm | Self::LlamaCpp | Self::Ollama) => None,
        }
    }
}
