//! Addresses of the web that stand in a text as they are, and their links.

use std::ops::Range;

use super::links;
use super::render::Renderer;
use super::wrap::Run;
use crate::tui::theme::Role;

/// Longer ones, in bytes, are no links.
const LONGEST: usize = 2_000;

impl Renderer<'_> {
    /// Makes links of the addresses in the text read so far. One may stand in several runs: the parser
    /// cuts at every sign that could have meant something.
    pub(super) fn link_addresses(&mut self) {
        let may = |run: &Run| run.plain && run.text.contains("://");
        if !self.runs.iter().any(may) {
            return;
        }
        let runs = std::mem::take(&mut self.runs);
        let alike = |one: &Run, other: &Run| one.plain && other.plain && one.style == other.style;
        for group in runs.chunk_by(alike) {
            self.link_in(group);
        }
    }

    /// Puts runs of one style back, with links in them.
    fn link_in(&mut self, group: &[Run]) {
        let text: String = group.iter().map(|run| run.text.as_str()).collect();
        let plain = group.first().is_some_and(|run| run.plain);
        let found = if plain { addresses(&text) } else { Vec::new() };
        let mut found = found.into_iter().peekable();
        let mut before = 0;
        for run in group {
            let end = before + run.text.len();
            let mut at = before;
            while at < end {
                // Behind what is past, up to where the next address begins or this one ends.
                while found.next_if(|address| address.end <= at).is_some() {}
                let address = found.peek().filter(|address| address.start < end).cloned();
                let inside = address.as_ref().filter(|address| address.start <= at);
                let stop = match (inside, &address) {
                    (Some(inside), _) => inside.end.min(end),
                    (None, Some(next)) => next.start,
                    (None, None) => end,
                };
                let link = inside.map(|inside| &text[inside.clone()]);
                let piece = &run.text[at - before..stop - before];
                self.put_back(run, at - before, piece, link);
                at = stop;
            }
            before = end;
        }
    }

    /// A piece of a run, at `at` in it, that is part of a link if there is one.
    fn put_back(&mut self, run: &Run, at: usize, piece: &str, link: Option<&str>) {
        let number = link.and_then(links::number);
        let mut style = run.style;
        if let (Some(address), Some(number)) = (link, number) {
            style = links::with(style.patch(self.page.theme.style(Role::Link)), number);
            self.done.links.push((number, address.into()));
        }
        let plain = run.plain && number.is_none();
        self.runs.push(Run { text: piece.to_owned(), style, source: run.source + at, plain });
    }
}

/// Where in a text addresses are, in bytes.
fn addresses(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut past = 0;
    for (at, _) in text.match_indices("://") {
        let Some(start) = start_of(text, at).filter(|start| *start >= past) else { continue };
        let (end, seen) = end_of(text, at + 3);
        past = seen;
        found.extend(end.map(|end| start..end));
    }
    found
}

/// Where the scheme in front of `://` begins, if it is one of the web and not the end of a word.
fn start_of(text: &str, at: usize) -> Option<usize> {
    ["http", "https"].into_iter().find_map(|scheme| {
        let start = at.checked_sub(scheme.len())?;
        let fits = text.as_bytes()[start..at].eq_ignore_ascii_case(scheme.as_bytes());
        let begins = || !text[..start].ends_with(|c: char| c.is_ascii_alphanumeric());
        (fits && begins()).then_some(start)
    })
}

/// Where an address ends that goes on at `from`, and how far was looked. Signs that close a sentence are
/// not part of it, nor are brackets that it has not opened.
fn end_of(text: &str, from: usize) -> (Option<usize>, usize) {
    let rest = &text[from..];
    let ends = |c: char| !c.is_ascii_graphic() || matches!(c, '<' | '>' | '"' | '`');
    let stop = rest.find(ends).unwrap_or(rest.len());
    let seen = from + stop;
    // A letter that no address has: there is no telling where this one ends.
    let goes_on = rest[stop..].starts_with(char::is_alphanumeric);
    let begins = rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    if goes_on || !begins || stop > LONGEST {
        return (None, seen);
    }
    let mut address = &rest.as_bytes()[..stop];
    let count = |sign: u8| address.iter().filter(|byte| **byte == sign).count();
    let extra = |open, close| count(close).saturating_sub(count(open));
    let (mut round, mut square) = (extra(b'(', b')'), extra(b'[', b']'));
    while let Some((&last, before)) = address.split_last() {
        match last {
            b'?' | b'!' | b'.' | b',' | b':' | b';' | b'*' | b'_' | b'~' | b'\'' => {}
            b')' if round > 0 => round -= 1,
            b']' if square > 0 => square -= 1,
            _ => break,
        }
        address = before;
    }
    (Some(from + address.len()).filter(|end| *end > from), seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        addresses(text).into_iter().map(|address| &text[address]).collect()
    }

    #[test]
    fn addresses_end_where_people_see_their_end() {
        for (text, address) in [
            ("see https://x.ai/a?b=c&d_e.", "https://x.ai/a?b=c&d_e"),
            ("(HTTP://x.y/a_(b))", "HTTP://x.y/a_(b)"),
            ("[https://x.y]", "https://x.y"),
            ("http://[::1]:80/", "http://[::1]:80/"),
            ("\"https://x.y/\"", "https://x.y/"),
            ("https://x.y/**", "https://x.y/"),
            ("见https://x.y/a。谢谢", "https://x.y/a"),
            ("https://x.y…", "https://x.y"),
        ] {
            assert_eq!(found(text), [address], "{text}");
        }
        assert_eq!(found("http://a.b, http://c.d"), ["http://a.b", "http://c.d"]);
        for none in ["", "://", "http://", "http:// x", "xhttp://x", "ftp://x.y", "https://x.y/é"]
        {
            assert_eq!(found(none), Vec::<&str>::new(), "{none}");
        }
        let long = format!("https://x/{}", "a".repeat(LONGEST));
        assert_eq!(found(&long), Vec::<&str>::new());
    }
}
