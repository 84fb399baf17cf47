//! How single settings are read, and how the words of the TOML parser become ours.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{Deserializer, Error as _, SeqAccess, Visitor};

use super::Error;
use crate::forest::ranges::{self, MAX_TOKENS, Range, TEMPERATURE, TOP_K, TOP_P};

/// Names of backends that are built in.
const RESERVED: [&str; 3] = ["offline", "openai", "xai"];

/// A text; an empty one is none.
pub(super) fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    let text = String::deserialize(from)?;
    Ok((!text.trim().is_empty()).then(|| text.trim().to_owned()))
}

pub(super) fn temperature<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f32>, D::Error> {
    within(f32::deserialize(from)?, TEMPERATURE)
}

pub(super) fn top_p<'de, D: Deserializer<'de>>(from: D) -> Result<Option<f32>, D::Error> {
    within(f32::deserialize(from)?, TOP_P)
}

pub(super) fn max_tokens<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    within(i64::deserialize(from)?, MAX_TOKENS)
}

pub(super) fn positive<'de, D: Deserializer<'de>>(from: D) -> Result<u32, D::Error> {
    let value = i64::deserialize(from)?;
    match u32::try_from(value) {
        Ok(count @ 1..=1_000_000) => Ok(count),
        Ok(_) | Err(_) => Err(range(value, "a whole number from 1 to 1000000")),
    }
}

pub(super) fn top_k<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u32>, D::Error> {
    within(i64::deserialize(from)?, TOP_K)
}

pub(super) fn stop<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let texts = Vec::<String>::deserialize(from)?;
    ranges::check_stops(&texts).map_err(D::Error::custom)?;
    Ok(texts)
}

pub(super) fn seconds<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    let value = f32::deserialize(from)?;
    let good = value > 0.0 && value <= 86_400.0;
    if good { Ok(value) } else { Err(range(value, "above 0 and up to 86400 seconds")) }
}

pub(super) fn pace<'de, D: Deserializer<'de>>(from: D) -> Result<f32, D::Error> {
    let value = f32::deserialize(from)?;
    if (0.0..=1e6).contains(&value) { Ok(value) } else { Err(range(value, "from 0 to 1000000")) }
}

pub(super) fn server_name<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    let name = String::deserialize(from)?;
    if RESERVED.contains(&name.as_str()) {
        return Err(D::Error::custom(format!("`{name}` is built in; take another name")));
    }
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    if name.is_empty() || !name.chars().all(good) {
        return Err(D::Error::custom("letters, digits, `-`, `_` and `.` are allowed"));
    }
    Ok(name)
}

/// The value, where it is one of the range.
fn within<E: serde::de::Error, N, T>(value: N, allowed: Range<T>) -> Result<Option<T>, E>
where
    N: fmt::Display + Copy + TryInto<T>,
    T: fmt::Display + FromStr,
{
    let good = value.try_into().ok().and_then(|value| allowed.check(value).ok());
    good.map(Some).ok_or_else(|| range(value, allowed.words))
}

fn range<E: serde::de::Error>(value: impl fmt::Display, allowed: &str) -> E {
    E::custom(format!("{value} is not allowed; it must be {allowed}"))
}

/// A table of actions, each with a key or a list of keys.
pub(super) fn keys<'de, D: Deserializer<'de>>(
    from: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let table = BTreeMap::<String, KeyList>::deserialize(from)?;
    Ok(table.into_iter().map(|(action, KeyList(keys))| (action, keys)).collect())
}

struct KeyList(Vec<String>);

impl<'de> Deserialize<'de> for KeyList {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = KeyList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key in quotes, or a list of them")
            }

            fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<KeyList, E> {
                Ok(KeyList(vec![key.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<KeyList, A::Error> {
                let mut keys = Vec::new();
                while let Some(key) = list.next_element()? {
                    keys.push(key);
                }
                Ok(KeyList(keys))
            }
        }
        from.deserialize_any(Keys)
    }
}

/// The parser's error with file, line and key in front.
pub(super) fn invalid(error: &toml::de::Error, text: &str, path: &Path) -> Error {
    let start = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..start).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let why = plain(error.message());
    let why = match key_of(text.lines().nth(line - 1).unwrap_or("")) {
        Some(key) if !why.contains(&format!("`{key}`")) => format!("{key}: {why}"),
        Some(_) | None => why,
    };
    Error::Invalid { path: path.to_owned(), line, why }
}

/// The last line that contains `word`, counted from 1.
pub(super) fn last_line_with(text: &str, word: &str) -> usize {
    let found = text.lines().enumerate().filter(|(_, line)| line.contains(word));
    found.last().map_or(1, |(index, _)| index + 1)
}

fn key_of(line: &str) -> Option<&str> {
    let line = line.trim();
    let key = match line.split_once('=') {
        Some((key, _)) => key.trim(),
        None => line.trim_matches(['[', ']', ' ']),
    };
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '"');
    (!key.is_empty() && key.chars().all(good)).then_some(key)
}

/// The words of the parser with the names of Rust's types put plainly.
fn plain(message: &str) -> String {
    const WORDS: [(&str, &str); 12] = [
        ("unknown field", "there is no setting"),
        ("missing field", "there must be a setting"),
        ("unknown variant", "there is no"),
        ("expected f32", "expected a number"),
        ("expected i64", "expected a whole number"),
        ("expected a boolean", "expected true or false"),
        ("expected a string", "expected a text in quotes"),
        ("expected a map", "expected a table"),
        ("expected a sequence", "expected a list"),
        ("expected struct", "expected a table for"),
        ("floating point", "number"),
        ("invalid type:", "is of the wrong kind:"),
    ];
    WORDS.iter().fold(message.to_owned(), |text, (from, to)| text.replace(from, to))
}
