//! Links: which addresses are given to the terminal, and how a cell carries its link there. The cells
//! of the screen know no links, so the number of one stands where a cell has the colour of its
//! underline, which nothing else uses; `terminal` takes it out again.

use std::hash::{Hash as _, Hasher as _};

use ratatui::style::{Color, Style};
use rustc_hash::FxHasher;

/// Longer addresses, in bytes, are shown but no links: some terminals cut them.
const LONGEST: usize = 2_000;

/// The number of an address, if it may be given to the terminal. Numbers are taken from the address
/// itself, so that those of an earlier frame mean the same.
pub(super) fn number(address: &str) -> Option<u32> {
    if !is_followed(address) {
        return None;
    }
    let mut hasher = FxHasher::default();
    address.hash(&mut hasher);
    let hash = hasher.finish();
    Some(((hash ^ (hash >> 24) ^ (hash >> 48)) & 0x00FF_FFFF) as u32)
}

/// Whether a terminal may be told of an address: one of the web or of mail, of characters that no
/// terminal acts on.
fn is_followed(address: &str) -> bool {
    let scheme = address.split_once(':').map_or("", |(scheme, _)| scheme);
    ["http", "https", "mailto"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && address.len() <= LONGEST
        && address.bytes().all(|byte| (0x21..0x7F).contains(&byte))
}

/// The style with a link in it.
pub(super) fn with(style: Style, number: u32) -> Style {
    let [_, r, g, b] = number.to_be_bytes();
    style.underline_color(Color::Rgb(r, g, b))
}

/// The link in a style.
pub(super) fn of(style: Style) -> Option<u32> {
    style.underline_color.and_then(of_colour)
}

/// The link that a cell carries in the colour of its underline.
#[must_use]
pub fn of_colour(colour: Color) -> Option<u32> {
    match colour {
        Color::Rgb(r, g, b) => Some(u32::from_be_bytes([0, r, g, b])),
        _ => None,
    }
}

/// The style without its link.
pub(super) fn without(style: Style) -> Style {
    Style { underline_color: None, ..style }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_addresses_become_links() {
        for address in ["https://x.ai/a?b=c", "HTTP://x", "mailto:a@b.c"] {
            let number = number(address).unwrap();
            assert_eq!(of(with(Style::new(), number)), Some(number));
        }
        let long = format!("https://x/{}", "a".repeat(LONGEST));
        for address in [
            "",
            "x",
            "file:///etc",
            "javascript:x",
            "https://a\u{1b}b",
            "https://a b",
            "https://é",
            &long,
        ] {
            assert_eq!(number(address), None, "{address}");
        }
    }
}
