//! Which files a text names, in the ways in which terminals, shells and file managers write paths:
//! plain, quoted, with `\` before spaces, or as `file://` addresses; several with spaces between them.

use std::path::{Path, PathBuf};

/// No path is longer, nor are a few of them.
const LONGEST: usize = 16 << 10;

/// Endings of picture files, by which a path without a folder is known.
const ENDINGS: [&str; 5] = [".png", ".jpg", ".jpeg", ".gif", ".webp"];

/// Whether a pasted text may be paths of files. Looks at the text only.
#[must_use]
pub fn looks_like_path(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return false;
    }
    let plain = text.trim_start_matches(['\'', '"']);
    let rooted = ["/", "~/", "./", "../", "file://"].iter().any(|start| plain.starts_with(start));
    rooted || has_picture_ending(plain)
}

/// Whether it ends like the name of a picture file.
pub(super) fn has_picture_ending(text: &str) -> bool {
    let text = text.trim_end_matches(['\'', '"']).to_ascii_lowercase();
    ENDINGS.iter().any(|ending| text.ends_with(ending))
}

/// The files that a text may name, as alternatives in the order in which they are to be tried: the
/// whole text as one path, then word by word as a shell reads it. `home` stands for `~`.
#[must_use]
pub fn named(text: &str, home: Option<&Path>) -> Vec<Vec<PathBuf>> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Vec::new();
    }
    let words: Vec<PathBuf> = words(text).iter().map(|word| path(word, home)).collect();
    let whole = vec![path(text, home)];
    if words == whole || words.is_empty() { vec![whole] } else { vec![whole, words] }
}

fn path(word: &str, home: Option<&Path>) -> PathBuf {
    if let Some(address) = word.strip_prefix("file://") {
        // A host may stand before the path; it is this one.
        let from = address.find('/').unwrap_or(0);
        return PathBuf::from(unescaped(&address[from..]));
    }
    match (word.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest),
        (Some(_), None) | (None, _) => PathBuf::from(word),
    }
}

/// `%20` and the like as the characters they stand for.
fn unescaped(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = after.get(..2).filter(|_| byte == b'%');
        let code = code.and_then(|digits| std::str::from_utf8(digits).ok());
        match code.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The words of a text as a shell divides it.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (quote, c) {
            (Some(end), c) if c == end => quote = None,
            (Some('"') | None, '\\') => word.extend(characters.next()),
            (None, '\'' | '"') => quote = Some(c),
            (None, c) if c.is_whitespace() => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            (Some(_) | None, c) => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn last(text: &str) -> Vec<String> {
        let all = named(text, Some(Path::new("/home/me")));
        let last = all.last().unwrap();
        last.iter().map(|path| path.to_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn paths_are_read_in_every_way_terminals_write_them() {
        for text in [
            "/home/me/my cat.png",
            "'/home/me/my cat.png' ",
            "\"/home/me/my cat.png\"",
            "/home/me/my\\ cat.png",
            "file:///home/me/my%20cat.png",
            "file://localhost/home/me/my%20cat.png\r\n",
            "'~/my cat.png'",
        ] {
            let all = named(text, Some(Path::new("/home/me")));
            let wanted = [PathBuf::from("/home/me/my cat.png")];
            assert!(all.iter().any(|files| files == &wanted), "{text}: {all:?}");
            assert!(looks_like_path(text), "{text}");
        }
        assert_eq!(last("/a.png '/b c.png'\n/d.png"), ["/a.png", "/b c.png", "/d.png"]);
        assert_eq!(last("it\\'s.png"), ["it's.png"]);
        assert!(looks_like_path("cat.PNG"));
        for text in ["", "Why is the sky blue?", "and/or", "what is a .png file?"] {
            assert!(!looks_like_path(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_quoted_path_is_the_path(name in "[a-z \\\\%é\"]{1,20}") {
            let quoted = format!("'/{name}'");
            let all = named(&quoted, None);
            prop_assert_eq!(&all[all.len() - 1], &[PathBuf::from(format!("/{name}"))]);
        }

        #[test]
        fn nothing_that_is_pasted_breaks_it(text in any::<String>()) {
            let _ = (named(&text, None), looks_like_path(&text));
        }
    }
}
