//! What values the settings of an answer may have. The command line, the configuration and the service
//! all ask here, so that what one lets through no other refuses.

use std::fmt::Display;
use std::str::FromStr;

use super::settings::{BadSetting, Sampling};

/// The values that a setting may have, and the words for them.
#[derive(Debug, Clone, Copy)]
pub struct Range<T> {
    name: &'static str,
    /// What it has to be: "a number from 0 to 2".
    pub words: &'static str,
    holds: fn(&T) -> bool,
}

/// Softmax temperatures: servers refuse higher ones, or answer with noise.
pub const TEMPERATURE: Range<f32> = Range {
    name: "temperature",
    words: "a number from 0 to 2",
    holds: |value| (0.0..=2.0).contains(value),
};
/// Parts of the probability that are drawn from.
pub const TOP_P: Range<f32> = Range {
    name: "top_p",
    words: "a number above 0 and up to 1",
    holds: |value| *value > 0.0 && *value <= 1.0,
};
/// Longest answers, in tokens.
pub const MAX_TOKENS: Range<u32> =
    Range { name: "max_tokens", words: "a number of tokens from 1 on", holds: |value| *value > 0 };
/// The same as the original contract has it.
pub const MAX_LEN: Range<i32> =
    Range { name: "max_len", words: MAX_TOKENS.words, holds: |value| *value > 0 };
/// Alternatives that are recorded for a token.
pub const TOP_K: Range<u32> =
    Range { name: "top_k", words: "a whole number from 0 to 20", holds: |value| *value <= 20 };
/// Seeds of the random choices: all of them.
pub const SEED: Range<u64> =
    Range { name: "seed", words: "a whole number from 0 on", holds: |_| true };
/// Speeds, in tokens per second.
pub const SPEED: Range<f32> = Range {
    name: "max_tokens_per_second",
    words: "a number above 0",
    holds: |value| value.is_finite() && *value > 0.0,
};

/// Most texts that may end an answer: each costs time with every token.
const MOST_STOPS: usize = 64;
/// Longest of these texts, in bytes.
const LONGEST_STOP: usize = 1_000;

impl<T: Display + FromStr> Range<T> {
    /// Lets a value of the range through.
    ///
    /// # Errors
    /// For any other; they name the setting, the value and the range.
    pub fn check(&self, value: T) -> Result<T, BadSetting> {
        if (self.holds)(&value) { Ok(value) } else { Err(self.refuse(&value.to_string())) }
    }

    /// Reads a value of the range.
    ///
    /// # Errors
    /// As [`Self::check`], and for what is no such value at all.
    pub fn read(&self, text: &str) -> Result<T, BadSetting> {
        let value = text.parse().ok().filter(self.holds);
        value.ok_or_else(|| self.refuse(&format!("{text:?}")))
    }

    fn refuse(&self, value: &str) -> BadSetting {
        BadSetting(format!("{} is {}, not {value}", self.name, self.words))
    }
}

/// Refuses a text that cannot end an answer.
///
/// # Errors
/// For an empty one, which would end it before it begins, and for one that is a message of its own.
pub fn check_stop(text: &str) -> Result<(), BadSetting> {
    let words = match text.len() {
        0 => "an empty text in stop would end the answer before it begins".to_owned(),
        1..=LONGEST_STOP => return Ok(()),
        length => format!("a text in stop has at most {LONGEST_STOP} bytes, not {length}"),
    };
    Err(BadSetting(words))
}

/// Refuses texts that cannot end an answer, or too many of them.
///
/// # Errors
/// As [`check_stop`], and for too many.
pub fn check_stops(texts: &[String]) -> Result<(), BadSetting> {
    if texts.len() > MOST_STOPS {
        let words = format!("stop has at most {MOST_STOPS} texts, not {}", texts.len());
        return Err(BadSetting(words));
    }
    texts.iter().try_for_each(|text| check_stop(text))
}

impl Sampling {
    /// Refuses settings that no model can follow. What is left out is right.
    ///
    /// # Errors
    /// For the first that is wrong; they name the setting, its value and what it may be.
    pub fn check(&self) -> Result<(), BadSetting> {
        self.temperature.map(|value| TEMPERATURE.check(value)).transpose()?;
        self.top_p.map(|value| TOP_P.check(value)).transpose()?;
        self.max_tokens.map(|value| MAX_TOKENS.check(value)).transpose()?;
        self.top_k.map(|value| TOP_K.check(value)).transpose()?;
        self.max_tokens_per_second.map(|value| SPEED.check(value)).transpose()?;
        check_stops(&self.stop)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_model_can_follow_is_refused_with_its_range() {
        let usual = Sampling::default;
        for (sampling, words) in [
            (
                Sampling { temperature: Some(100.0), ..usual() },
                "temperature is a number from 0 to 2, not 100",
            ),
            (
                Sampling { temperature: Some(f32::NAN), ..usual() },
                "temperature is a number from 0 to 2, not NaN",
            ),
            (
                Sampling { top_p: Some(0.0), ..usual() },
                "top_p is a number above 0 and up to 1, not 0",
            ),
            (
                Sampling { max_tokens: Some(0), ..usual() },
                "max_tokens is a number of tokens from 1 on, not 0",
            ),
            (
                Sampling { top_k: Some(21), ..usual() },
                "top_k is a whole number from 0 to 20, not 21",
            ),
            (
                Sampling { max_tokens_per_second: Some(f32::INFINITY), ..usual() },
                "max_tokens_per_second is a number above 0, not inf",
            ),
            (
                Sampling { stop: vec!["a".to_owned(); 5_000], ..usual() },
                "stop has at most 64 texts, not 5000",
            ),
            (
                Sampling { stop: vec!["a".repeat(1_001)], ..usual() },
                "a text in stop has at most 1000 bytes, not 1001",
            ),
            (
                Sampling { stop: vec![String::new()], ..usual() },
                "an empty text in stop would end the answer before it begins",
            ),
        ] {
            assert_eq!(sampling.check().unwrap_err().to_string(), words);
        }
    }

    #[test]
    fn the_ends_of_the_ranges_belong_to_them() {
        let stop = vec!["a".repeat(1_000); 64];
        let low = Sampling {
            temperature: Some(0.0),
            top_p: Some(0.001),
            max_tokens: Some(1),
            top_k: Some(0),
            ..Sampling::default()
        };
        let high = Sampling {
            temperature: Some(2.0),
            top_p: Some(1.0),
            max_tokens: Some(u32::MAX),
            top_k: Some(20),
            stop,
            ..Sampling::default()
        };
        for sampling in [Sampling::default(), low, high] {
            assert_eq!(sampling.check(), Ok(()));
        }
    }
}
