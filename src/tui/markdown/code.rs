//! What markdown is understood here, and the code in it by number.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Reads markdown. Whoever counts blocks has to read it so too, or counts others than are shown.
pub(super) fn parser(source: &str) -> Parser<'_> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES;
    Parser::new_ext(source, options)
}

/// The code of the block that is shown with this number, from 1.
///
/// # Errors
/// How many there are, where there is none of that number.
pub fn code_block(source: &str, number: usize) -> Result<String, usize> {
    let (mut count, mut code) = (0, None);
    for event in parser(source) {
        match (event, &mut code) {
            (Event::Start(Tag::CodeBlock(_)), _) => {
                count += 1;
                code = (count == number).then(String::new);
            }
            (Event::Text(text), Some(code)) => code.push_str(&text),
            (Event::End(TagEnd::CodeBlock), Some(_)) => break,
            _ => {}
        }
    }
    code.ok_or(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_blocks_are_found_by_number_wherever_they_stand() {
        let source =
            "a\n\n```rust\nfn main() {}\n```\n\n- b\n\n  ~~~\n  x\n\n  y\n  ~~~\n\n    old\n";
        assert_eq!(code_block(source, 1).unwrap(), "fn main() {}\n");
        assert_eq!(code_block(source, 2).unwrap(), "x\n\ny\n");
        assert_eq!(code_block(source, 4), Err(count_of(source)));
        assert_eq!(code_block("no code", 1), Err(0));
        assert_eq!(code_block("```\nstill open", 1).unwrap(), "still open");
    }

    fn count_of(source: &str) -> usize {
        code_block(source, 99).unwrap_err()
    }
}
