//! How answers are sampled, and what people write for it: `temperature=0.7 stop="END" search=on`.

use std::fmt;
use std::str::FromStr;

use super::ranges::{MAX_TOKENS, Range, SEED, TEMPERATURE, TOP_K, TOP_P, check_stops};

/// How an answer is, or was, sampled. `None`: the model's own default.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sampling {
    /// Softmax temperature; 0 always takes the likeliest token.
    pub temperature: Option<f32>,
    /// Nucleus: only the likeliest tokens that together reach this probability are drawn from.
    pub top_p: Option<f32>,
    /// Seed of the random choices.
    pub seed: Option<u64>,
    /// Longest answer, in tokens.
    pub max_tokens: Option<u32>,
    /// Texts that end the answer and are not part of it.
    pub stop: Vec<String>,
    /// Alternatives to record for every token.
    pub top_k: Option<u32>,
    /// Slows a fast local model down to a readable speed.
    pub max_tokens_per_second: Option<f32>,
    /// Whether the model may search the web and X.
    pub search: Option<bool>,
}

impl Sampling {
    /// These settings, with those of `usual` where these leave something out.
    #[must_use]
    pub fn or(self, usual: &Self) -> Self {
        Self {
            temperature: self.temperature.or(usual.temperature),
            top_p: self.top_p.or(usual.top_p),
            seed: self.seed.or(usual.seed),
            max_tokens: self.max_tokens.or(usual.max_tokens),
            stop: if self.stop.is_empty() { usual.stop.clone() } else { self.stop },
            top_k: self.top_k.or(usual.top_k),
            max_tokens_per_second: self.max_tokens_per_second.or(usual.max_tokens_per_second),
            search: self.search.or(usual.search),
        }
    }
}

/// What answers of a conversation are sampled with where their request leaves it out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// Empty for the regular mode; else `fun`, `raw` or the name of a file.
    pub system_prompt_name: String,
    /// `backend/model`; empty: the service's default.
    pub model: String,
    /// Everything else.
    pub sampling: Sampling,
}

/// What is wrong with a setting that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadSetting(pub(super) String);

/// The names of all settings, in the order in which they are shown.
const NAMES: [&str; 9] =
    ["prompt", "model", "temperature", "top_p", "seed", "max_tokens", "stop", "top_k", "search"];

impl Settings {
    /// Changes one setting: `NAME=VALUE`; without a value it is left out from then on. `stop` may be
    /// given several times, which adds texts; they may stand in quotes, with `\n` for a line break.
    ///
    /// # Errors
    /// When there is no such setting, or it cannot have that value.
    pub fn set(&mut self, assignment: &str) -> Result<(), BadSetting> {
        let (name, value) = assignment.split_once('=').ok_or_else(|| {
            BadSetting(format!("{assignment:?} is no setting; write it as NAME=VALUE"))
        })?;
        let (name, value) = (name.trim(), value.trim());
        let sampling = &mut self.sampling;
        match name {
            "prompt" => value.clone_into(&mut self.system_prompt_name),
            "model" => value.clone_into(&mut self.model),
            "temperature" => sampling.temperature = given(value, TEMPERATURE)?,
            "top_p" => sampling.top_p = given(value, TOP_P)?,
            "seed" => sampling.seed = given(value, SEED)?,
            "max_tokens" => sampling.max_tokens = given(value, MAX_TOKENS)?,
            "top_k" => sampling.top_k = given(value, TOP_K)?,
            "stop" if value.is_empty() => sampling.stop.clear(),
            "stop" => {
                sampling.stop.push(unquoted(value)?);
                check_stops(&sampling.stop)?;
            }
            "search" => {
                sampling.search = match value {
                    "" => None,
                    "on" | "true" | "yes" => Some(true),
                    "off" | "false" | "no" => Some(false),
                    _ => return Err(BadSetting(format!("search is on or off, not {value:?}"))),
                }
            }
            _ => {
                let names = NAMES.join(", ");
                return Err(BadSetting(format!("there is no setting {name:?}; there is {names}")));
            }
        }
        Ok(())
    }

    /// Sets one setting to a whole value: as [`Self::set`], but all texts of `stop` stand in one,
    /// with spaces between them. The reverse of [`Self::value`].
    ///
    /// # Errors
    /// As [`Self::set`].
    pub fn set_value(&mut self, name: &str, value: &str) -> Result<(), BadSetting> {
        if name != "stop" {
            return self.set(&format!("{name}={value}"));
        }
        self.set("stop=")?;
        words(value)?.iter().try_for_each(|text| self.set(&format!("stop={text}")))
    }

    /// One setting as one writes it; empty: it is left out, or there is none of that name.
    #[must_use]
    pub fn value(&self, name: &str) -> String {
        fn number(value: Option<impl ToString>) -> String {
            value.map(|value| value.to_string()).unwrap_or_default()
        }
        let sampling = &self.sampling;
        match name {
            "prompt" => self.system_prompt_name.clone(),
            "model" => self.model.clone(),
            "temperature" => number(sampling.temperature),
            "top_p" => number(sampling.top_p),
            "seed" => number(sampling.seed),
            "max_tokens" => number(sampling.max_tokens),
            "top_k" => number(sampling.top_k),
            "stop" => sampling.stop.iter().map(|stop| quoted(stop)).collect::<Vec<_>>().join(" "),
            "search" => number(sampling.search.map(|on| if on { "on" } else { "off" })),
            _ => String::new(),
        }
    }
}

/// A value of that range, if one is given.
fn given<T: fmt::Display + FromStr>(value: &str, range: Range<T>) -> Result<Option<T>, BadSetting> {
    if value.is_empty() { Ok(None) } else { range.read(value).map(Some) }
}

/// The text between quotes; a text without them means itself.
fn unquoted(value: &str) -> Result<String, BadSetting> {
    let Some(inner) = value.strip_prefix('"') else { return Ok(value.to_owned()) };
    let unended = || BadSetting(format!("the text {value} lacks its closing quote"));
    let inner = inner.strip_suffix('"').ok_or_else(unended)?;
    let (mut text, mut characters) = (String::new(), inner.chars());
    while let Some(c) = characters.next() {
        text.push(match c {
            '\\' => match characters.next().ok_or_else(unended)? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            },
            other => other,
        });
    }
    Ok(text)
}

/// All settings as one writes them: what is not named is left out. The reverse of [`fmt::Display`].
impl FromStr for Settings {
    type Err = BadSetting;

    fn from_str(text: &str) -> Result<Self, BadSetting> {
        let mut settings = Self::default();
        for word in words(text)? {
            settings.set(&word)?;
        }
        Ok(settings)
    }
}

/// The words of a text; white space between quotes belongs to a word.
fn words(text: &str) -> Result<Vec<String>, BadSetting> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars().chain([' ']) {
        if c.is_whitespace() && !quoted {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        word.push(c);
    }
    if word.is_empty() {
        return Ok(words);
    }
    Err(BadSetting(format!("the text in {} lacks its closing quote", word.trim_end())))
}

impl fmt::Display for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        for name in NAMES.into_iter().filter(|name| *name != "stop") {
            let value = self.value(name);
            if !value.is_empty() {
                words.push(format!("{name}={value}"));
            }
        }
        words.extend(self.sampling.stop.iter().map(|stop| format!("stop={}", quoted(stop))));
        f.write_str(&words.join(" "))
    }
}

fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        match c {
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            '"' | '\\' => quoted.extend(['\\', c]),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_shown_can_be_written(
            temperature in prop::option::of(0f32..=2.0),
            seed: Option<u64>,
            stop in prop::collection::vec(".{1,9}", 0..3),
            search: Option<bool>,
        ) {
            let sampling = Sampling { temperature, seed, stop, search, ..Sampling::default() };
            let settings = Settings { sampling, model: "a/b:c".to_owned(), ..Settings::default() };
            prop_assert_eq!(settings.to_string().parse::<Settings>().unwrap(), settings);
        }

        #[test]
        fn what_is_told_one_by_one_can_be_set(
            top_p in prop::option::of(0.1f32..=1.0),
            max_tokens in prop::option::of(1u32..),
            stop in prop::collection::vec(".{1,9}", 0..3),
            search: Option<bool>,
        ) {
            let sampling = Sampling { top_p, max_tokens, stop, search, ..Sampling::default() };
            let settings = Settings { sampling, model: "a/b".to_owned(), ..Settings::default() };
            let mut again: Settings = "seed=1 stop=x".parse().unwrap();
            for name in NAMES {
                again.set_value(name, &settings.value(name)).unwrap();
            }
            prop_assert_eq!(again, settings);
        }

        #[test]
        fn nothing_that_is_written_breaks_it(text in ".{0,60}") {
            let _ = text.parse::<Settings>();
        }
    }

    #[test]
    fn a_setting_without_a_value_is_left_out_again() {
        let mut settings: Settings = "seed=7 stop=a stop=\"b c\" prompt=fun".parse().unwrap();
        assert_eq!(settings.sampling.stop, ["a", "b c"]);
        for name in ["seed=", "stop=", "prompt="] {
            settings.set(name).unwrap();
        }
        assert_eq!(settings, Settings::default());
    }

    #[test]
    fn mistakes_are_named() {
        for (written, said) in [
            ("temperature=3", "from 0 to 2"),
            ("top_p=0", "above 0"),
            ("seed=-1", "whole number"),
            ("search=maybe", "on or off"),
            ("colour=red", "there is temperature"),
            ("loud", "NAME=VALUE"),
            ("stop=\"a b", "closing quote"),
            ("stop=\"\"", "empty"),
        ] {
            let error = written.parse::<Settings>().unwrap_err().to_string();
            let said = said.replace("there is temperature", "there is no setting");
            assert!(error.contains(&said), "{written}: {error}");
        }
    }
}
