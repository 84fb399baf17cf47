//! One pass over parsed markdown that turns blocks into rows.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::table::Table;
use super::wrap::{self, Run};
use crate::text;
use crate::tui::theme::{Role, Theme};

/// Rows, and where the last top-level block begins.
pub(super) struct Rendered {
    pub(super) rows: Vec<Line<'static>>,
    /// Byte offset in the source.
    pub(super) last_block: usize,
    /// Index of its first row, the empty row before it included.
    pub(super) last_row: usize,
}

/// Renders `source`. `separate`: an empty row goes before the first block too.
pub(super) fn render(source: &str, width: usize, theme: Theme, separate: bool) -> Rendered {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut renderer = Renderer::new(width, theme, separate);
    for (event, range) in Parser::new_ext(source, options).into_offset_iter() {
        if renderer.depth == 0 && !matches!(event, Event::End(_)) {
            // Indentation is part of the block, though the parser's range leaves it out.
            let line = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
            renderer.begin_block(line);
        }
        renderer.event(event);
    }
    renderer.flush();
    Rendered { rows: renderer.rows, last_block: renderer.last_block, last_row: renderer.last_row }
}

/// Adds the rows of one line of code.
pub(super) fn code_line(
    rows: &mut Vec<Line<'static>>,
    line: &str,
    width: usize,
    theme: Theme,
    prefix: &[Span<'static>],
) {
    let bar = Span::styled("│ ", theme.style(Role::Border));
    let prefix = [prefix, &[bar]].concat();
    let line = text::visible(line.strip_suffix('\r').unwrap_or(line));
    wrap::plain(rows, &line, width, theme.style(Role::Code), &prefix);
}

/// Something that indents what is in it.
enum Container {
    Quote,
    List { next: Option<u64> },
    Item { marker: String, begun: bool },
}

struct Renderer {
    width: usize,
    theme: Theme,
    rows: Vec<Line<'static>>,
    separate: bool,
    last_block: usize,
    last_row: usize,
    /// Open tags, inline ones included.
    depth: usize,
    containers: Vec<Container>,
    /// Styles of the inline tags that are open, each on top of the one before.
    styles: Vec<Style>,
    runs: Vec<Run>,
    code: Option<String>,
    table: Option<Table>,
    link: Option<String>,
    /// Whether the next block inside a container needs an empty row before it.
    gap: bool,
}

impl Renderer {
    fn new(width: usize, theme: Theme, separate: bool) -> Self {
        Self {
            width,
            theme,
            rows: Vec::new(),
            separate,
            last_block: 0,
            last_row: 0,
            depth: 0,
            containers: Vec::new(),
            styles: vec![theme.style(Role::Text)],
            runs: Vec::new(),
            code: None,
            table: None,
            link: None,
            gap: false,
        }
    }

    fn begin_block(&mut self, offset: usize) {
        self.flush();
        self.last_block = offset;
        self.last_row = self.rows.len();
        if self.separate || !self.rows.is_empty() {
            self.rows.push(Line::default());
        }
        self.gap = false;
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                self.start(tag);
            }
            Event::End(tag) => {
                self.depth = self.depth.saturating_sub(1);
                self.end(tag);
            }
            Event::Text(text) => self.text(&text),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => {
                self.inline(&text, Some(Role::Code));
            }
            Event::Html(html) | Event::InlineHtml(html) => self.html(&html),
            Event::FootnoteReference(name) => self.inline(&format!("[{name}]"), None),
            Event::SoftBreak | Event::HardBreak => self.line_break(),
            Event::Rule => {
                let rule =
                    Span::styled("─".repeat(self.width.min(40)), self.theme.style(Role::Border));
                self.rows.push(Line::from(rule));
            }
            Event::TaskListMarker(done) => self.inline(if done { "[x] " } else { "[ ] " }, None),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.begin_inner(),
            Tag::Heading { level, .. } => {
                self.begin_inner();
                let mut style = self.theme.style(Role::Heading);
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
                self.code = Some(String::new());
                if let CodeBlockKind::Fenced(name) = kind
                    && !name.is_empty()
                {
                    let name = text::visible(&name).into_owned();
                    let prefix = self.prefix();
                    let style = self.theme.style(Role::Quiet);
                    wrap::plain(&mut self.rows, &name, self.width, style, &prefix);
                }
            }
            Tag::List(next) => {
                self.flush();
                self.containers.push(Container::List { next });
                self.gap = false;
            }
            Tag::Item => self.begin_item(),
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
            Tag::Link { dest_url, .. } => {
                self.link = Some(dest_url.into_string());
                self.push_style(self.theme.style(Role::Link));
            }
            Tag::Image { dest_url, .. } => {
                self.inline("[image: ", Some(Role::Quiet));
                self.link = Some(dest_url.into_string());
                self.push_style(self.theme.style(Role::Link));
            }
            Tag::HtmlBlock
            | Tag::FootnoteDefinition(_)
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
            TagEnd::BlockQuote(_) => {
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
                let runs = std::mem::take(&mut self.runs);
                if let Some(table) = &mut self.table {
                    table.add_cell(runs);
                }
            }
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    let prefix = self.prefix();
                    table.draw(&mut self.rows, self.width, self.theme, &prefix);
                }
                self.gap = true;
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => drop(self.styles.pop()),
            TagEnd::Link => self.end_link(""),
            TagEnd::Image => self.end_link("]"),
            TagEnd::FootnoteDefinition
            | TagEnd::DefinitionList
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
        if self.gap && !self.containers.is_empty() {
            let prefix = self.prefix();
            self.rows.push(Line::from(prefix));
        }
        self.gap = false;
    }

    fn end_inner(&mut self) {
        self.flush();
        self.gap = true;
    }

    fn end_code(&mut self) {
        let code = self.code.take().unwrap_or_default();
        let body = code.strip_suffix('\n').unwrap_or(&code);
        for line in body.split('\n') {
            let prefix = self.prefix();
            code_line(&mut self.rows, line, self.width, self.theme, &prefix);
        }
        self.gap = true;
    }

    fn end_link(&mut self, close: &str) {
        self.styles.pop();
        let Some(address) = self.link.take() else { return };
        let shown = self.runs.last().is_some_and(|(text, _)| *text == address);
        if !shown && !address.is_empty() {
            self.inline(&format!(" <{address}>"), Some(Role::Quiet));
        }
        if !close.is_empty() {
            self.inline(close, Some(Role::Quiet));
        }
    }

    fn text(&mut self, text: &str) {
        match &mut self.code {
            Some(code) => code.push_str(text),
            None => self.inline(text, None),
        }
    }

    fn html(&mut self, html: &str) {
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

    fn inline(&mut self, text: &str, role: Option<Role>) {
        let base = self.styles.last().copied().unwrap_or_default();
        let style = role.map_or(base, |role| base.patch(self.theme.style(role)));
        self.runs.push((text::visible(text).into_owned(), style));
    }

    fn push_style(&mut self, style: Style) {
        let base = self.styles.last().copied().unwrap_or_default();
        self.styles.push(base.patch(style));
    }

    fn line_break(&mut self) {
        if self.table.is_some() {
            self.inline(" ", None);
        } else {
            self.flush();
        }
    }

    /// Turns the inline text read so far into rows.
    fn flush(&mut self) {
        if self.runs.is_empty() {
            return;
        }
        let runs = std::mem::take(&mut self.runs);
        let first = self.prefix();
        let rest = self.prefix();
        wrap::runs(&mut self.rows, &runs, self.width, &first, &rest);
    }

    /// What stands in front of the next row. The marker of an item stands before its first only.
    fn prefix(&mut self) -> Vec<Span<'static>> {
        let quiet = self.theme.style(Role::Quiet);
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
        spans
    }
}
