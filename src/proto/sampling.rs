//! Sampling settings on the wire: in a form of our own, and in that of the original contract.

use super::prompt_ide;
use crate::forest::Sampling;

impl From<&Sampling> for prompt_ide::SamplingSettings {
    fn from(sampling: &Sampling) -> Self {
        Self {
            temperature: sampling.temperature,
            top_p: sampling.top_p,
            seed: sampling.seed,
            max_tokens: sampling.max_tokens,
            stop: sampling.stop.clone(),
            top_k: sampling.top_k,
            max_tokens_per_second: sampling.max_tokens_per_second,
            search: sampling.search,
        }
    }
}

impl From<prompt_ide::SamplingSettings> for Sampling {
    fn from(settings: prompt_ide::SamplingSettings) -> Self {
        Self {
            temperature: settings.temperature,
            top_p: settings.top_p,
            seed: settings.seed,
            max_tokens: settings.max_tokens,
            stop: settings.stop,
            top_k: settings.top_k,
            max_tokens_per_second: settings.max_tokens_per_second,
            search: settings.search,
        }
    }
}

/// What a service that knows only the original contract can be told of the settings.
impl From<&Sampling> for prompt_ide::AdditionalOptions {
    fn from(sampling: &Sampling) -> Self {
        Self {
            temperature: sampling.temperature,
            seed: sampling.seed,
            max_len: sampling.max_tokens.map(|max| i32::try_from(max).unwrap_or(i32::MAX)),
            ..Self::default()
        }
    }
}

impl prompt_ide::AddResponseRequest {
    /// The settings asked for: `additional_options` wins over `sampling`. A negative length becomes
    /// 0, which no answer has either.
    #[must_use]
    pub fn wanted_sampling(&self) -> Sampling {
        let mut wanted: Sampling = self.sampling.clone().map(Into::into).unwrap_or_default();
        if let Some(options) = &self.additional_options {
            wanted.temperature = options.temperature.or(wanted.temperature);
            wanted.seed = options.seed.or(wanted.seed);
            let length = options.max_len.map(|length| u32::try_from(length).unwrap_or(0));
            wanted.max_tokens = length.or(wanted.max_tokens);
        }
        wanted
    }

    /// The settings for an answer in a conversation that has `usual`. The model may search unless
    /// that is forbidden where nobody says anything and the client speaks the original contract.
    #[must_use]
    pub fn sampling_in(&self, usual: &Sampling) -> Sampling {
        let sampling = self.wanted_sampling().or(usual);
        let search = match sampling.search {
            _ if self.disable_search => Some(false),
            None if !self.extended_stream => Some(true),
            said => said,
        };
        Sampling { search, ..sampling }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additional_options_win_over_the_settings() {
        let request = prompt_ide::AddResponseRequest {
            sampling: Some(prompt_ide::SamplingSettings {
                temperature: Some(0.1),
                top_p: Some(0.9),
                seed: Some(1),
                max_tokens: Some(10),
                ..Default::default()
            }),
            additional_options: Some(prompt_ide::AdditionalOptions {
                temperature: Some(0.7),
                ..Default::default()
            }),
            ..Default::default()
        };
        let expected = Sampling {
            temperature: Some(0.7),
            top_p: Some(0.9),
            seed: Some(1),
            max_tokens: Some(10),
            ..Sampling::default()
        };
        assert_eq!(request.wanted_sampling(), expected);
    }
}
