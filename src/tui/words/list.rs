//! The words of the list of conversations.

use crate::forest::Time;

/// The title of the pane.
pub const TITLE: &str = "Conversations";
/// A search found none.
pub const NOTHING_FOUND: &str = "Nothing found";
/// There is none.
pub const NONE_YET: &str = "None yet";

/// There may be some, but they did not come.
pub const NOT_LOADED: &str = "Could not be loaded";
/// As in "could not …".
pub const LOAD: &str = "load the conversations";
/// Why they did not come. `key` asks again.
#[must_use]
pub fn not_loaded(why: &str, key: &str) -> String {
    format!("⚠ The conversations could not be loaded: {why}. {key} tries again.")
}

/// The title of the pane while it shows what a search found.
#[must_use]
pub fn found(query: &str) -> String {
    format!("Found for “{query}”")
}

/// How many there are, as far as they have come.
#[must_use]
pub fn count(count: usize, loading: bool) -> String {
    format!(" {count}{} ", if loading { "…" } else { "" })
}

/// How long ago something was, in two or three characters.
#[must_use]
pub fn age(then: Time, now: Time) -> String {
    let seconds = (now.0 - then.0).max(0) / 1_000_000;
    match seconds {
        0..60 => "now".to_owned(),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        86_400..31_536_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / 31_536_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_short() {
        let at = |seconds: i64| age(Time(0), Time(seconds * 1_000_000));
        assert_eq!(at(59), "now");
        assert_eq!(at(60 * 59), "59m");
        assert_eq!(at(3_600 * 23), "23h");
        assert_eq!(at(86_400 * 364), "364d");
        assert_eq!(at(86_400 * 800), "2y");
        assert_eq!(age(Time(5), Time(0)), "now");
    }
}
