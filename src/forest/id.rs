//! Identifiers. Ours are UUIDs and take 16 bytes; foreign ones are kept exactly as they came.

use std::fmt;
use std::sync::Arc;

/// The text of an identifier, compact when it is a UUID in canonical form.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Repr {
    Uuid(uuid::Uuid),
    Text(Arc<str>),
}

impl Repr {
    fn new(text: &str) -> Self {
        if let Ok(uuid) = uuid::Uuid::try_parse(text) {
            let mut buffer = uuid::Uuid::encode_buffer();
            if uuid.hyphenated().encode_lower(&mut buffer) == text {
                return Self::Uuid(uuid);
            }
        }
        Self::Text(text.into())
    }
}

impl fmt::Display for Repr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(uuid) => {
                f.pad(uuid.hyphenated().encode_lower(&mut uuid::Uuid::encode_buffer()))
            }
            Self::Text(text) => f.pad(text),
        }
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Repr);

        impl $name {
            /// Keeps `text` exactly as it is; `None` if it is empty, which on the wire means "none".
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                (!text.is_empty()).then(|| Self(Repr::new(text)))
            }

            /// A fresh id. Ids made later sort later (UUID version 7).
            #[must_use]
            pub fn random() -> Self {
                Self(Repr::Uuid(uuid::Uuid::now_v7()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }
    };
}

id! {
    /// Names a conversation.
    ConversationId
}

id! {
    /// Names a response; unique within its conversation's store.
    ResponseId
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_text_comes_back_as_it_was(text in ".{1,60}") {
            prop_assert_eq!(ResponseId::parse(&text).unwrap().to_string(), text);
        }

        #[test]
        fn uuids_in_other_spellings_stay_apart(bits: u128) {
            let lower = uuid::Uuid::from_u128(bits).hyphenated().to_string();
            let simple = uuid::Uuid::from_u128(bits).simple().to_string();
            prop_assert_eq!(&ResponseId::parse(&lower).unwrap().to_string(), &lower);
            prop_assert_ne!(ResponseId::parse(&lower), ResponseId::parse(&simple));
        }
    }

    #[test]
    fn an_empty_text_is_no_id() {
        assert_eq!(ConversationId::parse(""), None);
    }

    #[test]
    fn an_id_takes_no_more_than_24_bytes() {
        assert!(size_of::<Option<ResponseId>>() <= 24);
    }
}
