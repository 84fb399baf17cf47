//! The page of a shared path: one HTML file that holds all it needs and nothing that runs.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::markdown;
use crate::forest::Time;
use crate::store::{SharedPath, SharedStep};
use crate::text::{visible, visible_lines};

const TEMPLATE: &str = include_str!("../../../assets/share/page.html");
const STYLE: &str = include_str!("../../../assets/share/page.css");

/// What a browser may do with the page: show it, with its own style.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| {
    let style = ring::digest::digest(&ring::digest::SHA256, STYLE.as_bytes());
    let style = STANDARD.encode(style);
    format!("default-src 'none'; style-src 'sha256-{style}'; base-uri 'none'; form-action 'none'")
});

/// The whole page.
pub(super) fn page(path: &SharedPath) -> String {
    let title = match path.title.trim() {
        "" => "A shared conversation",
        title => title,
    };
    let title = escaped(&visible(title));
    let mut shown = String::new();
    let about = match messages(&path.steps, &mut shown) {
        1 => "1 message of a conversation".to_owned(),
        count => format!("{count} messages of a conversation"),
    };
    // One pass: what is put in is never looked at for places to put something in.
    let mut page = String::with_capacity(TEMPLATE.len() + STYLE.len() + 4096);
    for (index, part) in TEMPLATE.split("{{").enumerate() {
        let Some((name, rest)) = part.split_once("}}").filter(|_| index > 0) else {
            page.push_str(part);
            continue;
        };
        match name {
            "title" => page.push_str(&title),
            "about" => page.push_str(&about),
            "policy" => page.push_str(&escaped(&POLICY)),
            "style" => page.push_str(STYLE),
            "messages" => page.push_str(&shown),
            _ => {}
        }
        page.push_str(rest);
    }
    page
}

/// Text with nothing in it that means something in HTML.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Messages: a chain of partial answers and their continuation is one. Returns how many there are.
fn messages(steps: &[SharedStep], page: &mut String) -> usize {
    let (mut rest, mut shown) = (steps, 0);
    while let Some((first, _)) = rest.split_first() {
        let mut count = 1;
        while let (Some(before), Some(next)) = (rest.get(count - 1), rest.get(count)) {
            let continues = before.response.partial && !before.response.is_human();
            if !continues || next.response.is_human() {
                break;
            }
            count += 1;
        }
        message(first, &rest[..count], page);
        (rest, shown) = (&rest[count..], shown + 1);
    }
    shown
}

fn message(first: &SharedStep, parts: &[SharedStep], page: &mut String) {
    let human = first.response.is_human();
    let (class, who) = if human { ("human", "Human") } else { ("model", "Model") };
    page.push_str(&format!(
        "<article class=\"{class}\">\n<header><span class=\"who\">{who}</span>"
    ));
    let mut models: Vec<&str> = parts.iter().map(|part| part.response.model.as_ref()).collect();
    models.retain(|name| !name.is_empty());
    models.dedup();
    let facts = models.into_iter().map(|model| escaped(&visible(model)));
    let facts = facts.chain([time(first.response.create_time)]);
    page.push_str(&format!(
        "<span class=\"facts\">{}</span>",
        facts.collect::<Vec<_>>().join(" · ")
    ));
    for mark in marks(first, parts) {
        page.push_str(&format!("<span class=\"mark\">{mark}</span>"));
    }
    page.push_str("</header>\n");
    before_text(parts, page);
    let text: String = parts.iter().map(|part| part.response.message.as_str()).collect();
    page.push_str("<div class=\"text\" dir=\"auto\">");
    page.push_str(&markdown::html(&visible_lines(&text)));
    page.push_str("</div>\n");
    sources(parts, page);
    page.push_str("</article>\n");
}

/// What a reader must know of a text to take it for what it is.
fn marks(first: &SharedStep, parts: &[SharedStep]) -> Vec<String> {
    let mut marks = Vec::new();
    let human = first.response.is_human();
    if first.siblings > 1 {
        let what = if human { "versions" } else { "answers" };
        marks.push(format!("{} of {} {what}", first.number, first.siblings));
    }
    if !human && parts.iter().any(|part| part.response.manual) {
        marks.push("written by hand".to_owned());
    }
    if parts.iter().any(|part| part.response.edited_from.is_some()) {
        marks.push("edited".to_owned());
    }
    if parts.last().is_some_and(|last| last.response.partial) {
        marks.push("incomplete".to_owned());
    }
    marks
}

/// Pictures, reasoning and searches.
fn before_text(parts: &[SharedStep], page: &mut String) {
    for details in parts.iter().filter_map(|part| part.response.details.as_deref()) {
        let pictures = details.image_attachments.len();
        if pictures > 0 {
            let what = if pictures == 1 { "picture" } else { "pictures" };
            page.push_str(&format!("<p class=\"facts\">{pictures} {what}, not shown here</p>\n"));
        }
        if !details.reasoning.is_empty() {
            let text = escaped(&visible_lines(&details.reasoning));
            page.push_str("<details><summary>Reasoning</summary><div class=\"plain\">");
            page.push_str(&format!("{text}</div></details>\n"));
        }
        for query in details.query.lines() {
            let query = escaped(&visible(query));
            page.push_str(&format!("<p class=\"facts\">Searched for <bdi>{query}</bdi></p>\n"));
        }
    }
}

fn sources(parts: &[SharedStep], page: &mut String) {
    let details = parts.iter().filter_map(|part| part.response.details.as_deref());
    let sources: Vec<_> = details.flat_map(|details| &details.sources).collect();
    if sources.is_empty() {
        return;
    }
    page.push_str("<ul class=\"sources\">");
    for source in sources {
        let address = escaped(&visible(&source.url));
        let words = if source.title.is_empty() { &source.url } else { &source.title };
        let words = escaped(&visible(words));
        if markdown::is_followed(&source.url) {
            let rel = "nofollow noopener noreferrer";
            page.push_str(&format!("<li><a href=\"{address}\" rel=\"{rel}\">{words}</a></li>"));
        } else {
            page.push_str(&format!("<li>{words}</li>"));
        }
    }
    page.push_str("</ul>\n");
}

fn time(time: Time) -> String {
    let moment = jiff::Timestamp::from_microsecond(time.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let shown = moment.strftime("%Y-%m-%d %H:%M UTC");
    format!("<time datetime=\"{}\">{shown}</time>", moment.strftime("%Y-%m-%dT%H:%M:%SZ"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{Details, Response, ResponseId, Source};

    fn step(response: Response, siblings: u64) -> SharedStep {
        SharedStep { response, number: 1, siblings }
    }

    fn human(text: &str) -> Response {
        Response::human(ResponseId::random(), text, Time(0))
    }

    fn model(text: &str, partial: bool) -> Response {
        let model = "xai/grok-4".into();
        Response { partial, model, ..Response::model(ResponseId::random(), text, Time(0)) }
    }

    #[test]
    fn a_page_tells_who_said_what() {
        let mut thought = model("The second **law**", true);
        thought.details_mut().reasoning = "Hm <b>".to_owned();
        let manual = Response { manual: true, ..model(" says so.", false) };
        let path = SharedPath {
            title: "Why </title><script>".to_owned(),
            steps: vec![
                step(human("Why?"), 1),
                step(thought, 5),
                step(manual, 1),
                step(human("{{style}}"), 1),
            ],
        };
        let page = page(&path);
        assert_eq!(page.matches("<article").count(), 3, "a chain is one message");
        assert!(page.contains("The second <strong>law</strong> says so."), "{page}");
        for part in [
            "1 of 5 answers",
            "written by hand",
            "Hm &lt;b&gt;",
            "xai/grok-4",
            "1970-01-01 00:00 UTC",
        ] {
            assert!(page.contains(part), "{part}");
        }
        assert!(!page.contains("<script") && page.contains("<p>{{style}}</p>"), "{page}");
        assert_eq!(page.matches("<style>").count(), 1);
    }

    #[test]
    fn nothing_invisible_and_no_bad_source_is_left() {
        let mut odd = model("a\u{202e}b\0c\u{1b}[2J", true);
        let source = |url: &str| Source { url: url.into(), title: "t<".into(), kind: "web".into() };
        *odd.details_mut() = Details {
            sources: vec![source("javascript:alert(1)"), source("https://a.example/\"><b>")],
            query: "\u{202e}q".into(),
            ..Details::default()
        };
        let page = page(&SharedPath { title: String::new(), steps: vec![step(odd, 1)] });
        assert!(!page.chars().any(|c| matches!(c, '\u{202e}' | '\0' | '\u{1b}')), "{page}");
        assert!(!page.contains("javascript:") && !page.contains("\"><b>"), "{page}");
        assert!(page.contains("incomplete") && page.contains("A shared conversation"));
    }
}
