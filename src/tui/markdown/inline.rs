//! What stands inside of a block: text, links, formulas, HTML.

use std::ops::Range;

use pulldown_cmark::Event;

use super::render::Renderer;
use super::wrap::Run;
use super::{links, math};
use crate::text;
use crate::tui::theme::Role;

impl Renderer<'_> {
    /// A text that is at `range` of the message.
    pub(super) fn text(&mut self, text: &str, range: Range<usize>) {
        let source = self.source;
        if source.get(range.clone()) != Some(text) {
            self.inline(text, None);
            return;
        }
        let mut at = range.start;
        while let Some((start, end)) =
            formula_in(&source[..self.block_end.max(range.end)], at..range.end)
        {
            self.at = at;
            if start > at {
                self.inline(&source[at..start], None);
            }
            self.formula = Some((end, start));
            self.copy_formula(start);
            if end > range.end {
                return;
            }
            self.formula = None;
            at = end;
        }
        if at < range.end {
            self.at = at;
            self.inline(&source[at..range.end], None);
        }
    }

    /// An event while a formula is read; true if nothing else is to be made of it.
    pub(super) fn in_formula(&mut self, event: &Event<'_>, range: &Range<usize>) -> bool {
        let Some((end, shown)) = self.formula else { return false };
        if range.start >= end {
            self.formula = None;
            return false;
        }
        match event {
            Event::SoftBreak | Event::HardBreak | Event::End(_) => return false,
            Event::Start(_) => {
                if range.start >= shown {
                    self.copy_formula(range.start);
                }
                return false;
            }
            _ => {}
        }
        if range.start >= shown {
            // A character that was escaped comes without its backslash.
            let escaped = range.start > shown && self.source.as_bytes()[range.start - 1] == b'\\';
            self.copy_formula(range.start - usize::from(escaped));
        }
        if range.end >= end {
            self.formula = None;
            let source = self.source;
            self.text(&source[end..range.end], end..range.end);
        }
        true
    }

    /// Shows the formula from here to the end of its line, as it was written.
    fn copy_formula(&mut self, from: usize) {
        let Some((end, _)) = self.formula else { return };
        let line = &self.source[from..end];
        let line = line.find('\n').map_or(line, |length| &line[..length]);
        self.at = from;
        self.formula = Some((end, from + line.len()));
        self.inline(line.trim_end_matches('\r'), Some(Role::Code));
    }

    pub(super) fn html(&mut self, html: &str) {
        for (index, line) in html.trim_end_matches('\n').split('\n').enumerate() {
            if index > 0 {
                self.line_break();
            }
            self.inline(line, Some(Role::Quiet));
        }
        if html.ends_with('\n') {
            self.flush();
        }
    }

    pub(super) fn inline(&mut self, text: &str, role: Option<Role>) {
        let base = self.styles.last().copied().unwrap_or_default();
        let style = role.map_or(base, |role| base.patch(self.page.theme.style(role)));
        let text = text::visible(text).into_owned();
        let plain = role.is_none() && self.link.is_empty() && links::of(style).is_none();
        self.runs.push(Run { text, style, source: self.at, plain });
    }

    pub(super) fn begin_link(&mut self, address: String) {
        let mut style = self.page.theme.style(Role::Link);
        if let Some(number) = links::number(&address) {
            style = links::with(style, number);
            self.done.links.push((number, address.as_str().into()));
        }
        self.link.push((address, self.runs.len()));
        self.push_style(style);
    }

    /// Behind a link stands its address, where that is not its text.
    pub(super) fn end_link(&mut self) {
        if let Some((address, first)) = self.link.pop() {
            let shown: String = self.runs.iter().skip(first).map(|run| run.text.as_str()).collect();
            let bare = address.strip_prefix("mailto:").unwrap_or(&address);
            if shown != address && shown != bare && !address.is_empty() {
                let style = self.page.theme.style(Role::Quiet);
                let linked = self.styles.last().copied().and_then(links::of);
                self.styles.pop();
                self.push_style(linked.map_or(style, |number| links::with(style, number)));
                self.inline(&format!(" <{address}>"), None);
                if let Some(run) = self.runs.last_mut() {
                    // One that may be no link does not become one for being shown.
                    run.plain = false;
                }
            }
        }
        self.styles.pop();
    }
}

/// The first formula that begins in a text of the message: where it begins and ends.
fn formula_in(source: &str, text: Range<usize>) -> Option<(usize, usize)> {
    let escaped = text.start > 0 && source.as_bytes()[text.start - 1] == b'\\';
    let words = &source[text.clone()];
    if escaped && words.starts_with(['(', '[']) {
        return Some((text.start - 1, math::end(source, text.start - 1)?));
    }
    words
        .match_indices('$')
        .map(|(offset, _)| text.start + offset)
        .filter(|&at| at == 0 || !matches!(source.as_bytes()[at - 1], b'$' | b'\\'))
        .find_map(|at| Some((at, math::end(source, at)?)))
}
