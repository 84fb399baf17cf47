//! Tab in a prompt: the name or the value of a setting is completed.

use crate::forest::SETTING_NAMES;
use crate::tui::state::composer::Composer;

/// Completes the word before the cursor as far as it is clear; where several are possible, these.
pub(super) fn setting(field: &mut Composer, prompts: &[String]) -> Vec<String> {
    let before = field.before_cursor();
    let word = before.rsplit(' ').next().unwrap_or_default();
    let (begun, candidates, end) = match word.split_once('=') {
        Some(("prompt", value)) => (value, prompts.iter().map(String::as_str).collect(), " "),
        Some(("search", value)) => (value, vec!["on", "off"], " "),
        Some(_) => return Vec::new(),
        None => (word, SETTING_NAMES.to_vec(), "="),
    };
    let fitting: Vec<&str> =
        candidates.into_iter().filter(|candidate| candidate.starts_with(begun)).collect();
    let (rest, unclear) = match fitting.as_slice() {
        [] => return Vec::new(),
        [only] => (format!("{}{end}", &only[begun.len()..]), Vec::new()),
        [first, ..] => {
            let shared = (begun.len()..=first.len())
                .rev()
                .filter(|&end| first.is_char_boundary(end))
                .find(|&end| fitting.iter().all(|other| other.starts_with(&first[..end])));
            let unclear = fitting.iter().map(|&name| name.to_owned()).collect();
            (first[begun.len()..shared.unwrap_or(begun.len())].to_owned(), unclear)
        }
    };
    field.insert(&rest);
    unclear
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_completed_as_far_as_they_are_clear() {
        for (before, after, unclear) in [
            ("temp", "temperature=", &[][..]),
            ("seed=1 to", "seed=1 top_", &["top_p", "top_k"][..]),
            ("s", "s", &["seed", "stop", "search"][..]),
            ("prompt=f", "prompt=fun ", &[]),
            ("search=o", "search=o", &["on", "off"]),
            ("seed=", "seed=", &[]),
            ("zzz", "zzz", &[]),
        ] {
            let mut field = Composer::with_text(before);
            let prompts = ["regular", "fun", "raw"].map(str::to_owned);
            assert_eq!(setting(&mut field, &prompts), unclear, "{before}");
            assert_eq!(field.text(), after);
        }
    }
}
