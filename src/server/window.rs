//! Whether a conversation fits into a model's context. Tokens are counted by the model's server
//! alone; here they are only bounded from below, so that nothing is refused that would have fitted.

use crate::model::{Error, ErrorKind, Message};

/// So many tokens fit into any model: no server is asked for the length of its context.
pub(super) const SURELY_FITS: u64 = 256;

/// Fewest tokens that the messages can have: tokens hardly ever reach over several words.
pub(super) fn fewest_tokens(messages: &[Message]) -> u64 {
    let words = |message: &Message| message.text.split_whitespace().count() as u64;
    messages.iter().map(words).sum()
}

/// Refuses a prompt that cannot fit.
pub(super) fn check(fewest: u64, context: Option<u32>, model: &str) -> Result<(), Error> {
    let Some(context) = context.filter(|&context| fewest > u64::from(context)) else {
        return Ok(());
    };
    let message = format!(
        "The path up to here is at least {fewest} tokens long; {model} takes at most {context}. \
         Answer further up, begin anew, or choose a model with a longer context."
    );
    Err(Error::new(ErrorKind::InvalidArgument, message))
}

/// What to say when the model's server has read fewer tokens than it was given.
pub(super) fn cut(fewest: u64, read: u32, model: &str) -> Option<String> {
    // Servers that do not count say 0.
    (read > 0 && u64::from(read) < fewest).then(|| {
        format!(
            "{model} read only {read} of at least {fewest} tokens: its server cut the path off; \
             give it a longer context"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    #[test]
    fn only_what_cannot_fit_is_refused() {
        let messages = [Message::new(Role::User, "one two\nthree"), Message::new(Role::User, "")];
        let fewest = fewest_tokens(&messages);
        assert_eq!(fewest, 3);
        assert!(check(fewest, None, "m").is_ok());
        assert!(check(fewest, Some(3), "m").is_ok());
        let error = check(fewest, Some(2), "m").unwrap_err().message;
        assert!(error.contains("at least 3 tokens") && error.contains("at most 2"), "{error}");
    }

    #[test]
    fn a_cut_prompt_is_noticed() {
        assert_eq!(cut(100, 0, "m"), None);
        assert_eq!(cut(100, 100, "m"), None);
        assert!(cut(100, 99, "m").unwrap().contains("only 99 of at least 100"));
    }
}
