//! Words on the end of the program.

use std::path::Path;

/// The program broke, and this is the last that is said.
#[must_use]
pub fn broke(log: Option<&Path>) -> String {
    let log = match log {
        Some(file) => format!("What led to it is in {}.", file.display()),
        None => "With --log-file FILE the next time there is a log of what led to it.".to_owned(),
    };
    format!("grok-tui broke. Conversations and drafts are kept; start it again to go on. {log}")
}

/// Said behind the program when a draft could not be stored.
#[must_use]
pub fn unsaved(draft: &str) -> String {
    format!("grok-tui: what you were writing could not be stored; here it is:\n{draft}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_words_name_the_log_where_there_is_one() {
        assert!(broke(Some(Path::new("/tmp/log"))).ends_with("is in /tmp/log."));
        assert!(broke(None).contains("--log-file"));
    }
}
