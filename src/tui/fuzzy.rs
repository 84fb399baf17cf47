//! How well words match the name of something: the letters in order, best at the beginnings of words
//! and next to each other.

/// Points for a letter: right behind the one before, at the beginning of a word, anywhere else.
const NEXT: u32 = 10;
const BEGINNING: u32 = 8;
const ANYWHERE: u32 = 1;
/// For a word of the explanation that begins so.
const EXPLAINED: u32 = 6;
/// For a name that is exactly the word.
const EXACT: u32 = 20;

/// Points for what was typed, none if it does not match. Every word has to match: letters of the name
/// in order, or the beginning of a word of the explanation.
#[must_use]
pub(super) fn score(typed: &str, name: &str, explanation: &str) -> Option<u32> {
    let (name, explanation) = (name.to_lowercase(), explanation.to_lowercase());
    let mut points = 0;
    for word in typed.to_lowercase().split_whitespace() {
        let in_name = in_order(word, &name).map(|points| 2 * points);
        let explained = explanation
            .split(|c: char| !c.is_alphanumeric())
            .any(|other| !other.is_empty() && other.starts_with(word))
            .then(|| EXPLAINED * word.chars().count() as u32);
        points += in_name.max(explained)?;
    }
    Some(points)
}

/// The most points that the letters of a word get in a name, in order, wherever they begin.
fn in_order(word: &str, name: &str) -> Option<u32> {
    let letters: Vec<char> = name.chars().collect();
    let first = word.chars().next()?;
    let starts = (0..letters.len()).filter(|&at| letters[at] == first);
    let best = starts.filter_map(|start| from(start, word, &letters)).max()?;
    Some(best + if word == name { EXACT } else { 0 })
}

fn from(start: usize, word: &str, letters: &[char]) -> Option<u32> {
    let (mut points, mut next) = (0, start);
    for letter in word.chars() {
        let found = next + letters[next..].iter().position(|other| *other == letter)?;
        let begins = found == 0 || !letters[found - 1].is_alphanumeric();
        points += match (begins, found == next && found > start) {
            (_, true) => NEXT,
            (true, false) => BEGINNING,
            (false, false) => ANYWHERE,
        };
        next = found + 1;
    }
    Some(points)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_match_comes_first() {
        let order = |typed: &str| {
            let mut names = ["star", "share", "resample", "next sibling", "restart", "new"]
                .map(|name| (score(typed, name, ""), name));
            names.sort_by_key(|(points, _)| std::cmp::Reverse(*points));
            names[0].1
        };
        assert_eq!(order("star"), "star");
        assert_eq!(order("rs"), "resample");
        assert_eq!(order("ns"), "next sibling");
        assert_eq!(order("sib"), "next sibling");
    }

    #[test]
    fn every_word_has_to_match() {
        assert!(score("", "share", "make a page").is_some());
        assert!(score("page", "share", "make a page").is_some());
        assert!(score("sh pag", "share", "make a page").is_some());
        assert_eq!(score("sh rain", "share", "make a page"), None);
        assert_eq!(score("age", "x", "make a page"), None, "only beginnings of words");
        assert!(score("SHARE", "share", "") > score("share", "share this", ""));
    }
}
