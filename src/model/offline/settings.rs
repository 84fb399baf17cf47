//! The sampling settings the offline model works with: what was asked for, checked, and defaults
//! for the rest.

use std::time::Duration;

use crate::forest::Sampling;
use crate::model::{Error, ErrorKind};

/// Where none is asked for; a little below 1, because a small model's unlikely words are bad ones.
const TEMPERATURE: f32 = 0.8;
/// Alternatives recorded where no number is asked for, and the most there can be.
const TOP_K: u32 = 5;
const MOST_TOP_K: u32 = 20;
/// Where no limit is asked for, the answer ends with the sentence after so many tokens, and at the
/// latest after so many.
const ENOUGH: u32 = 200;
const MOST: u32 = 280;
/// The longest pause between two tokens.
const LONGEST_PAUSE: f64 = 3600.0;

/// Checked settings.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Settings {
    pub(super) temperature: f32,
    pub(super) top_p: f32,
    pub(super) seed: u64,
    pub(super) top_k: usize,
    pub(super) enough: u32,
    pub(super) most: u32,
    pub(super) stop: Vec<String>,
    /// Time from one token to the next.
    pub(super) pause: Option<Duration>,
}

impl Settings {
    /// Checks `sampling`; `seed` is used where none is asked for.
    ///
    /// # Errors
    /// `InvalidArgument` with the setting at fault and what it may be.
    pub(super) fn new(sampling: Sampling, seed: impl FnOnce() -> u64) -> Result<Self, Error> {
        let temperature = sampling.temperature.unwrap_or(TEMPERATURE);
        if !temperature.is_finite() || temperature < 0.0 {
            return Err(invalid("temperature", temperature, "0 or more"));
        }
        let top_p = sampling.top_p.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&top_p) {
            return Err(invalid("top_p", top_p, "between 0 and 1"));
        }
        let speed = sampling.max_tokens_per_second.unwrap_or(0.0);
        if speed.is_nan() || speed < 0.0 {
            return Err(invalid("max_tokens_per_second", speed, "0 (full speed) or more"));
        }
        let pause = (speed > 0.0).then(|| (1.0 / f64::from(speed)).min(LONGEST_PAUSE));
        let limit = sampling.max_tokens.map(|limit| limit.max(1));
        Ok(Self {
            temperature,
            top_p,
            seed: sampling.seed.unwrap_or_else(seed),
            top_k: sampling.top_k.unwrap_or(TOP_K).min(MOST_TOP_K) as usize,
            enough: limit.unwrap_or(ENOUGH),
            most: limit.unwrap_or(MOST),
            stop: sampling.stop,
            pause: pause.map(Duration::from_secs_f64),
        })
    }
}

fn invalid(name: &str, value: f32, allowed: &str) -> Error {
    let message = format!("the setting {name} is {value}, but must be {allowed}");
    Error::new(ErrorKind::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_not_asked_for_has_a_default() {
        let settings = Settings::new(Sampling::default(), || 7).unwrap();
        assert_eq!((settings.temperature, settings.top_p, settings.seed), (0.8, 1.0, 7));
        assert_eq!((settings.top_k, settings.pause), (5, None));
    }

    #[test]
    fn a_senseless_setting_is_named() {
        let wrong = [
            (Sampling { temperature: Some(-0.1), ..Sampling::default() }, "temperature"),
            (Sampling { temperature: Some(f32::NAN), ..Sampling::default() }, "temperature"),
            (Sampling { top_p: Some(1.5), ..Sampling::default() }, "top_p"),
            (Sampling { max_tokens_per_second: Some(-1.0), ..Sampling::default() }, "per_second"),
        ];
        for (sampling, name) in wrong {
            let error = Settings::new(sampling, || 0).unwrap_err();
            assert_eq!(error.kind, ErrorKind::InvalidArgument);
            assert!(error.message.contains(name), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_number_is_too_much(temperature: f32, top_p: f32, speed: f32, most: u32, k: u32) {
            let sampling = Sampling {
                temperature: Some(temperature),
                top_p: Some(top_p),
                max_tokens: Some(most),
                top_k: Some(k),
                max_tokens_per_second: Some(speed),
                ..Sampling::default()
            };
            if let Ok(settings) = Settings::new(sampling, || 0) {
                prop_assert!(settings.most > 0);
                prop_assert!(settings.top_k <= 20);
            }
        }
    }
}
