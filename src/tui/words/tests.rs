//! What keeps words from being written beside the code that shows them.

use std::path::Path;

/// Literals of the code below that nobody reads on the screen: names of keys, of backends, of reasons.
const NOT_WORDS: [&str; 9] =
    ["Tab", "Shift-Tab", "Space", "PgDn", "PgUp", "Home", "End", "Esc", "length"];

/// The string literals of a line of code. Quotes within literals do not matter here.
fn literals(line: &str) -> impl Iterator<Item = &str> {
    let code = line.split("//").next().unwrap_or_default();
    code.split('"').skip(1).step_by(2)
}

/// Whether a literal has words in it, its placeholders and escapes left out.
fn has_words(literal: &str) -> bool {
    let mut left = String::new();
    let mut depth = 0_usize;
    for c in literal.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            c if depth == 0 => left.push(c),
            _ => {}
        }
    }
    let left = left.replace("\\n", " ").replace("\\r", " ");
    let words = left.split(|c: char| !c.is_alphabetic());
    words.into_iter().any(|word| word.chars().count() > 1)
}

#[test]
fn code_that_draws_or_decides_has_no_words_of_its_own() {
    let tui = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tui");
    for folder in ["view", "update"] {
        for file in std::fs::read_dir(tui.join(folder)).unwrap() {
            let path = file.unwrap().path();
            let code = std::fs::read_to_string(&path).unwrap();
            let code = code.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.contains("expect(")) {
                let found = literals(line).find(|literal| {
                    has_words(literal)
                        && !NOT_WORDS.contains(literal)
                        && !literal.starts_with("offline/")
                });
                assert_eq!(found, None, "{}: words go into src/tui/words", path.display());
            }
        }
    }
}

#[test]
fn words_are_told_from_signs() {
    assert!(has_words("{count} more") && has_words("is {}"));
    assert!(
        !has_words(" {index}/{count:>digits$} · ▮") && !has_words("\\n\\n") && !has_words("t {x}")
    );
}
