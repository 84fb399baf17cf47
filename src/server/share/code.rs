//! Highlighted code for pages without scripts: classes, which the page's own style colours.

use std::sync::LazyLock;

use syntect::html::{ClassStyle, ClassedHTMLGenerator};
use syntect::parsing::SyntaxSet;
use syntect::util::LinesWithEndings;

use super::page::escaped;

/// Longest code, and longest line, that is highlighted, in bytes. What is longer is shown plainly.
const LONGEST: usize = 64 << 10;
const LONGEST_LINE: usize = 2_000;

/// Read when the first page with code is made.
static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// The HTML for `code` in `language`, as people write it behind the fence.
pub(super) fn html(code: &str, language: &str) -> String {
    highlighted(code, language).unwrap_or_else(|| escaped(code))
}

fn highlighted(code: &str, language: &str) -> Option<String> {
    let name = language.split([' ', ',', '{']).next().filter(|name| !name.is_empty())?;
    if code.len() > LONGEST || code.lines().any(|line| line.len() > LONGEST_LINE) {
        return None;
    }
    let syntax = SYNTAXES.find_syntax_by_token(name)?;
    let mut html =
        ClassedHTMLGenerator::new_with_class_style(syntax, &SYNTAXES, ClassStyle::Spaced);
    for line in LinesWithEndings::from(code) {
        html.parse_html_for_line_which_includes_newline(line).ok()?;
    }
    Some(html.finalize())
}
