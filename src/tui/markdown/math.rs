//! Formulas: they are shown as they were written, so that no rule of markdown may touch them.

/// Longest formula, in bytes: what is not closed within this is none.
const LONGEST: usize = 1_500;

/// Where the formula that begins at `at` ends, if there is one: `\(…\)`, `\[…\]`, `$$…$$` or `$…$`.
/// A price is no formula: behind its `$` comes a space or a further digit, or a line ends.
pub(super) fn end(source: &str, at: usize) -> Option<usize> {
    let rest = &source[at..source.floor_char_boundary(at + LONGEST)];
    let (open, close) = [("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$")]
        .into_iter()
        .find(|(open, _)| rest.starts_with(open))?;
    let inner = &rest[open.len()..];
    let length = if open == "$" { dollars(inner)? } else { inner.find(close)? };
    let inner = &inner[..length];
    let blank = inner.trim().split('\n').any(|line| line.trim().is_empty());
    if blank || inner.contains('`') {
        return None;
    }
    Some(at + open.len() + length + close.len())
}

/// Length of what stands between one dollar sign and the next, on one line.
fn dollars(inner: &str) -> Option<usize> {
    let line = inner.split('\n').next()?;
    let length = line.find('$')?;
    let formula = &line[..length];
    let after = line[length + 1..].chars().next();
    let ends = !formula.ends_with(char::is_whitespace) && !formula.ends_with('\\');
    let begins = !formula.starts_with(char::is_whitespace);
    (begins && ends && !after.is_some_and(|c| c.is_ascii_digit())).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_told_from_prices() {
        for (source, formula) in [
            (r"\(a*b*c\) d", r"\(a*b*c\)"),
            ("\\[\na_1\n\\]", "\\[\na_1\n\\]"),
            ("$x_1$, $y$", "$x_1$"),
            ("$$a\n= b$$", "$$a\n= b$$"),
        ] {
            assert_eq!(end(source, 0), Some(formula.len()), "{source}");
        }
        for source in
            ["$5 and $6", "**$5** or **$6**", "$5", "$a\n$", "\\(a\n\nb\\)", "$`a`$", "$$$$"]
        {
            let at = source.find(['$', '\\']).unwrap();
            assert_eq!(end(source, at), None, "{source}");
        }
    }
}
