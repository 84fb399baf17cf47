//! One pass over parsed markdown that turns blocks into rows. What stands inside of a block is left
//! to `inline`.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::code::parser;
use super::rows::{CodeAt, Row, Rows};
use super::table::Table;
use super::wrap::{self, Run};
use super::{CodeBlock, Page};
use crate::text;
use crate::tui::theme::Role;

/// A part of a message that is rendered on its own.
pub(super) struct Part<'a> {
    /// The message, up to the end of the part.
    pub(super) source: &'a str,
    /// Where the part begins, in bytes.
    pub(super) from: usize,
    /// Whether an empty row goes before its first block too.
    pub(super) separate: bool,
    /// Code blocks of the message before it.
    pub(super) code_before: usize,
}

/// Rows, and where the last top-level block begins.
#[derive(Default)]
pub(super) struct Rendered {
    pub(super) rows: Vec<Row>,
    pub(super) blocks: Vec<CodeBlock>,
    /// Addresses and their numbers.
    pub(super) links: Vec<(u32, Arc<str>)>,
    /// Byte offset in the message.
    pub(super) last_block: usize,
    /// Index of its first row, the empty row before it included.
    pub(super) last_row: usize,
    /// How many of the code blocks come before it.
    pub(super) last_code: usize,
}

/// Renders a part of a message.
pub(super) fn render(part: &Part<'_>, page: Page) -> Rendered {
    run(part, page, None).done
}

/// Renders a part of a message below `packed`: the rows of each block go there, but for those of the
/// last one. As they are made, the rows of a large part would take far more memory.
pub(super) fn render_below(packed: Rows, part: &Part<'_>, page: Page) -> (Rows, Rendered) {
    let mut renderer = run(part, page, Some(packed));
    (renderer.packed.take().unwrap_or_default(), renderer.done)
}

fn run<'a>(part: &Part<'a>, page: Page, packed: Option<Rows>) -> Renderer<'a> {
    let source = &part.source[part.from..];
    let mut renderer = Renderer::new(part, page, packed);
    for (event, range) in parser(source).into_offset_iter() {
        if renderer.depth == 0 && !matches!(event, Event::End(_)) {
            // Indentation is part of the block, though the parser's range leaves it out.
            let line = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
            renderer.begin_block(part.from + line);
            renderer.block_end = part.from + range.end;
        }
        renderer.event(event, part.from + range.start..part.from + range.end);
    }
    renderer.flush();
    renderer
}

/// Adds the rows of one line of code.
pub(super) fn code_line(
    rows: &mut Vec<Row>,
    line: &str,
    page: Page,
    prefix: &[Span<'static>],
    source: usize,
    at: CodeAt,
) {
    let bar = Span::styled("│ ", page.theme.style(Role::Border));
    let prefix = [prefix, &[bar]].concat();
    let line = text::visible(line.strip_suffix('\r').unwrap_or(line));
    let style = page.theme.style(Role::CodeText);
    wrap::line_of(rows, &line, page.width, style, &prefix, source, Some(at));
}

/// In place of what a row stands in, where that is too much.
const OUTER: &str = "… ";

/// Something that indents what is in it.
enum Container {
    Quote,
    List { next: Option<u64> },
    Item { marker: String, begun: bool },
}

pub(super) struct Renderer<'a> {
    pub(super) source: &'a str,
    pub(super) page: Page,
    pub(super) done: Rendered,
    /// Where rows of whole blocks go, if they are not gathered in `done`.
    packed: Option<Rows>,
    separate: bool,
    code_before: usize,
    /// Open tags, inline ones included.
    depth: usize,
    containers: Vec<Container>,
    /// Styles of the inline tags that are open, each on top of the one before.
    pub(super) styles: Vec<Style>,
    pub(super) runs: Vec<Run>,
    /// Where the pieces of the code block stand that is open.
    code: Option<Vec<Range<usize>>>,
    pub(super) table: Option<Table>,
    /// The links that are open: address, and the first run of the text.
    pub(super) link: Vec<(String, usize)>,
    /// The formula that is being read: where it ends, and up to where it was shown.
    pub(super) formula: Option<(usize, usize)>,
    /// Where the top-level block ends.
    pub(super) block_end: usize,
    /// Whether the next block inside a container needs an empty row before it.
    gap: bool,
    /// Where the event stands that is being read.
    pub(super) at: usize,
}

impl<'a> Renderer<'a> {
    fn new(part: &Part<'a>, page: Page, packed: Option<Rows>) -> Self {
        Self {
            source: part.source,
            page,
            done: Rendered::default(),
            packed,
            separate: part.separate,
            code_before: part.code_before,
            depth: 0,
            containers: Vec::new(),
            styles: vec![page.theme.style(page.role)],
            runs: Vec::new(),
            code: None,
            table: None,
            link: Vec::new(),
            formula: None,
            block_end: part.source.len(),
            gap: false,
            at: part.from,
        }
    }

    fn begin_block(&mut self, offset: usize) {
        self.flush();
        self.formula = None;
        if let Some(packed) = &mut self.packed {
            self.separate |= !self.done.rows.is_empty();
            packed.extend(&self.done.rows);
            self.done.rows.clear();
        }
        self.done.last_block = offset;
        self.done.last_row = self.done.rows.len();
        self.done.last_code = self.done.blocks.len();
        if self.separate || !self.done.rows.is_empty() {
            self.done.rows.push(Row::of(Line::default(), offset));
        }
        self.gap = false;
    }

    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        self.at = range.start;
        if self.formula.is_some() && self.in_formula(&event, &range) {
            return;
        }
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                self.start(tag);
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(tag);
            }
            Event::Text(text) => match &mut self.code {
                Some(pieces) => match pieces.last_mut() {
                    Some(last) if last.end == range.start => last.end = range.end,
                    _ => pieces.push(range),
                },
                None => self.text(&text, range),
            },
            Event::Code(text) => self.inline(&text, Some(Role::Code)),
            // Formulas are found by us: the parser would also take prices for some.
            Event::InlineMath(text) | Event::DisplayMath(text) => self.inline(&text, None),
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
            Event::FootnoteReference(name) => {
                self.inline(&format!("[^{name}]"), Some(Role::Quiet));
            }
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                let rule = "─".repeat(self.page.width.min(40));
                let rule = Span::styled(rule, self.page.theme.style(Role::Border));
                let prefix = self.prefix();
                self.push_line([prefix, vec![rule]].concat());
            }
            Event::TaskListMarker(done) => {
                if let Some(Container::Item { marker, .. }) = self.containers.last_mut() {
                    *marker = if done { "☑ ".to_owned() } else { "☐ ".to_owned() };
                }
            }
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.begin_inner(),
            Tag::Heading { level, .. } => {
                self.begin_inner();
                let mut style = self.page.theme.style(Role::Heading);
                if level == HeadingLevel::H1 {
                    style = style.add_modifier(Modifier::UNDERLINED);
                }
                self.push_style(style);
            }
            Tag::BlockQuote(_) => {
                self.begin_inner();
                self.containers.push(Container::Quote);
                self.gap = false;
            }
            Tag::CodeBlock(kind) => {
                self.begin_inner();
                self.begin_code(kind);
            }
            Tag::List(next) => {
                self.flush();
                self.containers.push(Container::List { next });
                self.gap = false;
            }
            Tag::Item => self.begin_item(),
            Tag::FootnoteDefinition(name) => {
                self.begin_inner();
                let marker = format!("[^{}]: ", text::visible(&name));
                self.containers.push(Container::Item { marker, begun: false });
                self.gap = false;
            }
            Tag::Table(alignments) => {
                self.begin_inner();
                self.table = Some(Table::new(alignments));
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.begin_row();
                }
            }
            Tag::Emphasis => self.push_style(Style::new().add_modifier(Modifier::ITALIC)),
            Tag::Strong => self.push_style(Style::new().add_modifier(Modifier::BOLD)),
            Tag::Strikethrough => self.push_style(Style::new().add_modifier(Modifier::CROSSED_OUT)),
            Tag::Link { dest_url, .. } => self.begin_link(dest_url.into_string()),
            Tag::Image { dest_url, .. } => {
                self.begin_link(dest_url.into_string());
                self.inline("[image: ", None);
            }
            Tag::HtmlBlock
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::TableCell
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.end_inner(),
            TagEnd::Heading(_) => {
                self.end_inner();
                self.styles.pop();
            }
            TagEnd::BlockQuote(_) | TagEnd::FootnoteDefinition => {
                self.flush();
                self.containers.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => self.end_code(),
            TagEnd::List(_) => {
                self.flush();
                self.containers.pop();
                self.gap = self.containers.is_empty();
            }
            TagEnd::Item => {
                self.flush();
                self.containers.pop();
                self.gap = false;
            }
            TagEnd::TableCell => {
                self.formula = None;
                self.link_addresses();
                let runs = std::mem::take(&mut self.runs);
                if let Some(table) = &mut self.table {
                    table.add_cell(runs);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let prefix = self.prefix();
                    let Page { width, theme, .. } = self.page;
                    table.draw(&mut self.done.rows, width, theme, &prefix);
                }
                self.gap = true;
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => drop(self.styles.pop()),
            TagEnd::Link => self.end_link(),
            TagEnd::Image => {
                self.inline("]", None);
                self.end_link();
            }
            TagEnd::DefinitionList
            | TagEnd::DefinitionListTitle
            | TagEnd::DefinitionListDefinition
            | TagEnd::TableHead
            | TagEnd::TableRow
            | TagEnd::Superscript
            | TagEnd::Subscript
            | TagEnd::MetadataBlock(_) => {}
        }
    }

    fn begin_item(&mut self) {
        self.flush();
        self.formula = None;
        let marker = match self.containers.last_mut() {
            Some(Container::List { next: Some(number) }) => {
                *number += 1;
                format!("{}. ", *number - 1)
            }
            _ => "• ".to_owned(),
        };
        self.containers.push(Container::Item { marker, begun: false });
        self.gap = false;
    }

    fn begin_inner(&mut self) {
        self.flush();
        self.formula = None;
        if self.gap && !self.containers.is_empty() {
            let prefix = self.prefix();
            self.push_line(prefix);
        }
        self.gap = false;
    }

    fn end_inner(&mut self) {
        self.flush();
        self.formula = None;
        self.gap = true;
    }

    /// The line above a code block: its language, and its number in the message.
    fn begin_code(&mut self, kind: CodeBlockKind<'_>) {
        self.code = Some(Vec::new());
        let language = match &kind {
            CodeBlockKind::Fenced(info) => {
                info.split([' ', ',', '{', '\t']).next().unwrap_or_default()
            }
            CodeBlockKind::Indented => "",
        };
        let named = match &kind {
            CodeBlockKind::Fenced(info) if !info.trim().is_empty() => format!("{info} "),
            CodeBlockKind::Fenced(_) | CodeBlockKind::Indented => String::new(),
        };
        // Most are in the language of the one before.
        let known = self.done.blocks.last().filter(|last| *last.language == *language);
        let language = known.map_or_else(|| language.into(), |last| Arc::clone(&last.language));
        self.done.blocks.push(CodeBlock { language, ..CodeBlock::default() });
        let number = format!(" {}", self.code_before + self.done.blocks.len());
        let prefix = self.prefix();
        let room = self.page.width.saturating_sub(wrap::prefix_width(&prefix) + number.len());
        let named = if room < 3 { String::new() } else { text::fit(&named, room) };
        let rule = "─".repeat(room - text::width(&named).min(room));
        let said = wrap::prefix_bytes(&prefix) + named.trim_end().len();
        let theme = self.page.theme;
        let header = [
            Span::styled(named, theme.style(Role::Quiet)),
            Span::styled(rule, theme.style(Role::Border)),
            Span::styled(number, theme.style(Role::Quiet)),
        ];
        let line = [prefix, header.to_vec()].concat();
        self.done.rows.push(Row { said: Some(said), ..Row::bare(line, self.at) });
    }

    fn end_code(&mut self) {
        let pieces = self.code.take().unwrap_or_default();
        let Some(index) = self.done.blocks.len().checked_sub(1) else { return };
        let block = self.code_before + index;
        let prefix = self.prefix();
        let mut line = 0;
        for piece in &pieces {
            let code = &self.source[piece.clone()];
            let body = code.strip_suffix('\n').unwrap_or(code);
            let mut at = piece.start;
            for text in body.split('\n') {
                let place = CodeAt { block, line, at: 0 };
                code_line(&mut self.done.rows, text, self.page, &prefix, at, place);
                at += text.len() + 1;
                line += 1;
            }
        }
        if pieces.is_empty() {
            let place = CodeAt { block, line: 0, at: 0 };
            code_line(&mut self.done.rows, "", self.page, &prefix, self.at, place);
        }
        let mut pieces = pieces.into_iter();
        let block = &mut self.done.blocks[index];
        block.first = pieces.next().unwrap_or_default();
        block.more = pieces.collect();
        self.gap = true;
    }

    fn push_line(&mut self, spans: Vec<Span<'static>>) {
        self.done.rows.push(Row::bare(spans, self.at));
    }

    pub(super) fn push_style(&mut self, style: Style) {
        let base = self.styles.last().copied().unwrap_or_default();
        self.styles.push(base.patch(style));
    }

    pub(super) fn line_break(&mut self) {
        if self.table.is_some() {
            self.inline(" ", None);
        } else {
            self.flush();
        }
    }

    /// Turns the inline text read so far into rows.
    pub(super) fn flush(&mut self) {
        if self.runs.is_empty() {
            return;
        }
        self.link_addresses();
        let runs = std::mem::take(&mut self.runs);
        for (_, first) in &mut self.link {
            *first = 0;
        }
        let first = self.prefix();
        let rest = self.prefix();
        wrap::runs(&mut self.done.rows, &runs, self.page.width, &first, &rest);
    }

    /// What stands in front of the next row. The marker of an item stands before its first only.
    fn prefix(&mut self) -> Vec<Span<'static>> {
        let quiet = self.page.theme.style(Role::Quiet);
        let mut spans = Vec::new();
        for container in &mut self.containers {
            match container {
                Container::Quote => spans.push(Span::styled("▏ ", quiet)),
                Container::List { .. } => {}
                Container::Item { marker, begun } => {
                    let text =
                        if *begun { " ".repeat(text::width(marker)) } else { marker.clone() };
                    *begun = true;
                    spans.push(Span::styled(text, quiet));
                }
            }
        }
        short(spans, self.page.width / 2)
    }
}

/// What stands in front of a row, with room left for the row: of what is nested deeper than that only the
/// innermost is shown.
fn short(mut spans: Vec<Span<'static>>, most: usize) -> Vec<Span<'static>> {
    let mut cells = wrap::prefix_width(&spans);
    if cells <= most {
        return spans;
    }
    let mut cut = 0;
    while cut < spans.len() && cells + text::width(OUTER) > most {
        cells -= text::width(&spans[cut].content);
        cut += 1;
    }
    spans.splice(..cut, [Span::raw(OUTER)]);
    spans
}
