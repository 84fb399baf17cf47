//! Markdown of a message as HTML that is safe to show: HTML in it is text, nothing is loaded, and
//! links lead only where links may lead.

use pulldown_cmark::{CodeBlockKind, CowStr, Event, Options, Parser, Tag, TagEnd, html};

use super::code;
use super::page::escaped;

/// Longest message that is read as markdown, in bytes; a longer one is shown as it is.
const LONGEST: usize = 1 << 20;
/// Deepest nesting that is read as such: browsers have their limits too. Each level of a list is two.
const DEEPEST: usize = 64;

/// The HTML for `text`, which holds nothing invisible any more.
pub(super) fn html(text: &str) -> String {
    let plain = || format!("<div class=\"plain\">{}</div>", escaped(text));
    if text.len() > LONGEST {
        return plain();
    }
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let events: Vec<_> = Parser::new_ext(text, options).collect();
    if deepest(&events) > DEEPEST {
        return plain();
    }
    let mut safe = Safe::default();
    let mut out = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut out, events.into_iter().filter_map(|event| safe.event(event)));
    out
}

/// How many elements stand within each other, at most.
fn deepest(events: &[Event<'_>]) -> usize {
    let depths = events.iter().scan(0_usize, |depth, event| {
        match event {
            Event::Start(_) => *depth += 1,
            Event::End(_) => *depth = depth.saturating_sub(1),
            _ => {}
        }
        Some(*depth)
    });
    depths.max().unwrap_or(0)
}

/// Turns events into ones that are safe.
#[derive(Default)]
struct Safe {
    /// The language and text of the code block that is being read.
    code: Option<(String, String)>,
    /// Whether each open link is one that may be followed.
    links: Vec<bool>,
}

impl Safe {
    fn event<'a>(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        match event {
            Event::Start(Tag::CodeBlock(kind)) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
                None
            }
            Event::End(TagEnd::CodeBlock) => {
                let (language, text) = self.code.take()?;
                let code = code::html(&text, &language);
                Some(ours(format!("<pre tabindex=\"0\"><code>{code}</code></pre>\n")))
            }
            Event::Text(text) if self.code.is_some() => {
                self.code.as_mut()?.1.push_str(&text);
                None
            }
            // What looks like HTML is text.
            Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
            Event::Start(Tag::HtmlBlock) => Some(ours("<p>".to_owned())),
            Event::End(TagEnd::HtmlBlock) => Some(ours("</p>\n".to_owned())),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                let good = is_followed(&dest_url);
                self.links.push(good);
                Some(if good { opened(&dest_url) } else { ours("<span>".to_owned()) })
            }
            Event::End(TagEnd::Link | TagEnd::Image) => {
                let good = self.links.pop().unwrap_or(false);
                Some(ours(if good { "</a>" } else { "</span>" }.to_owned()))
            }
            Event::Start(Tag::Table(_)) => {
                Some(ours("<div class=\"table\" tabindex=\"0\"><table><thead>".to_owned()))
            }
            Event::End(TagEnd::Table) => Some(ours("</tbody></table></div>\n".to_owned())),
            Event::Start(Tag::TableHead) => Some(ours("<tr>".to_owned())),
            Event::End(TagEnd::TableHead) => Some(ours("</tr></thead><tbody>\n".to_owned())),
            Event::Start(Tag::TableRow) => Some(ours("<tr>".to_owned())),
            Event::End(TagEnd::TableRow) => Some(ours("</tr>\n".to_owned())),
            Event::Start(Tag::TableCell) => Some(ours("<td>".to_owned())),
            Event::End(TagEnd::TableCell) => Some(ours("</td>".to_owned())),
            Event::TaskListMarker(done) => Some(Event::Text(if done { "☑ " } else { "☐ " }.into())),
            other => Some(other),
        }
    }
}

fn ours(html: String) -> Event<'static> {
    Event::InlineHtml(CowStr::from(html))
}

fn opened(address: &str) -> Event<'static> {
    let address = escaped(address);
    ours(format!("<a href=\"{address}\" rel=\"nofollow noopener noreferrer\">"))
}

/// Whether an address leads to a page or a person, and to nothing that runs.
pub(super) fn is_followed(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_could_run_is_text() {
        for hostile in [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "[x](javascript:alert(1))",
            "[x](JaVaScript:alert(1)) [y](data:text/html,<script>)",
            "![x](https://evil.example/pixel.png)",
            "<https://good.example/\" onmouseover=\"x>",
            "```html\n</code></pre><script>x</script>\n```",
            "```\"><script>\nx\n```",
            "[^1]: <script>\n\n[^1]",
            "| <script> |\n|---|\n| </td><script> |",
        ] {
            let html = html(hostile);
            assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
            assert!(!html.contains("href=\"java") && !html.contains("href=\"data"), "{html}");
            assert!(!html.contains("href=\"https://good.example/\" "), "{html}");
        }
        let link = html("[x](https://a.example/?a=1&b=\"2\")");
        assert!(link.contains("rel=\"nofollow noopener noreferrer\">x</a>"), "{link}");
    }

    #[test]
    fn the_usual_is_shown() {
        let html =
            html("# A\n\n- [x] b\n- c\n\n> q\n\n| d |\n|---|\n| e |\n\n```rust\nfn f() {}\n```\n");
        for part in ["<h1>A</h1>", "☑ b", "<blockquote>", "<td>e</td>", "storage", "<pre"] {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn depth_and_length_break_nothing() {
        for long in [
            ">".repeat(100_000),
            format!("{}x", "* ".repeat(50_000)),
            "[".repeat(100_000),
            "1. ".repeat(100_000),
            "1. - > ".repeat(40_000),
            format!("{}\n", ">".repeat(1_000)).repeat(1_000),
            "x".repeat(5 << 20),
        ] {
            let html = html(&long);
            assert!(html.len() >= long.len() / 2, "{}", html.len());
        }
    }

    #[test]
    fn what_nests_too_deep_is_shown_as_it_is() {
        for mark in [">", "- ", "1. ", "1. > "] {
            let deep = html(&format!("{}x", mark.repeat(100)));
            assert!(deep.starts_with("<div class=\"plain\">"), "{deep}");
            let shallow = html(&format!("{}x", mark.repeat(10)));
            assert!(!shallow.contains("plain"), "{shallow}");
        }
    }

    proptest! {
        #[test]
        fn no_tag_comes_through(text in "[<>&\"'`\\[\\]()!#*_|\\- a-z:/=\\n]{0,200}") {
            let html = html(&text);
            let mut rest = html.as_str();
            while let Some(at) = rest.find('<') {
                rest = &rest[at + 1..];
                let name: String = rest.trim_start_matches('/').chars()
                    .take_while(|c| c.is_ascii_alphanumeric()).collect();
                let known = ["a", "p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "pre", "code",
                    "em", "strong", "del", "blockquote", "div", "table", "thead", "tbody", "tr", "th", "td",
                    "span", "hr", "br", "sup"];
                prop_assert!(known.contains(&name.as_str()), "{}: {}", name, html);
            }
        }
    }
}
