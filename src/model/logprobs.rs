//! A token and its probabilities as servers tell of them, whatever the protocol. `tokens` puts them
//! together with the texts.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A text that is borrowed where it has no escapes.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
pub(super) struct Text<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

/// A token as a server tells of it.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
pub(super) struct Entry<'a> {
    /// llama.cpp tells the token's number.
    #[serde(default)]
    pub(super) id: Option<u32>,
    #[serde(borrow, default)]
    pub(super) token: Text<'a>,
    #[serde(default)]
    pub(super) logprob: Option<f64>,
    #[serde(borrow, default)]
    pub(super) bytes: Option<Bytes<'a>>,
    #[serde(borrow, default)]
    pub(super) top_logprobs: Option<Vec<Top<'a>>>,
}

/// A candidate for the place of a token.
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
pub(super) struct Top<'a> {
    #[serde(default)]
    pub(super) id: Option<u32>,
    #[serde(borrow, default)]
    pub(super) token: Text<'a>,
    #[serde(default)]
    pub(super) logprob: Option<f64>,
    #[serde(borrow, default)]
    pub(super) bytes: Option<Bytes<'a>>,
}

/// The bytes of a token. Numbers are dear to read, and mostly the token's text tells the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Bytes<'a> {
    /// As they stand in the JSON.
    Unread(&'a str),
    Read(Vec<u8>),
}

impl Bytes<'_> {
    /// The bytes; none where what stands there is no list of bytes.
    pub(super) fn get(&self) -> Vec<u8> {
        match self {
            Self::Unread(json) => serde_json::from_str(json).unwrap_or_default(),
            Self::Read(bytes) => bytes.clone(),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Bytes<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        <&'a RawValue>::deserialize(from).map(|json| Self::Unread(json.get()))
    }
}
