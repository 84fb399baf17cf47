//! The words of a server made fit to be shown: without keys, control characters, markup or length.

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// Longest text of a server that is repeated, in characters.
const LONGEST: usize = 300;
/// Shorter ones are no secrets but placeholders like `none`, and cannot be taken out of a text.
const SHORTEST_SECRET: usize = 6;

/// What must never be shown.
#[derive(Clone, Default)]
pub(super) struct Secrets(Vec<SecretString>);

impl Secrets {
    pub(super) fn add(&mut self, secret: &str) {
        if secret.len() >= SHORTEST_SECRET {
            self.0.push(SecretString::from(secret));
        }
    }

    /// `text` without secrets and control characters, on one line, cut to a readable length.
    pub(super) fn clean(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.0 {
            text = text.replace(secret.expose_secret(), "***");
        }
        let mut out = String::with_capacity(text.len().min(LONGEST * 4));
        let mut count = 0;
        for word in text.split(|c: char| c.is_whitespace() || is_unsafe(c)) {
            if word.is_empty() {
                continue;
            }
            if !out.is_empty() {
                out.push(' ');
                count += 1;
            }
            for c in word.chars() {
                if count >= LONGEST {
                    out.push('…');
                    return out;
                }
                out.push(c);
                count += 1;
            }
        }
        out
    }

    /// What the body of a refusal says, cleaned; empty if it says nothing.
    pub(super) fn of_body(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        let said = serde_json::from_str::<Value>(&text).ok().and_then(|value| said(&value, 0));
        match said {
            Some(said) => self.clean(&said),
            None if matches!(text.trim(), "{}" | "[]" | "null") => String::new(),
            None if looks_like_html(&text) => self.clean(&page_title(&text)),
            None => self.clean(&text),
        }
    }
}

/// The message in an error of any of the shapes that servers use.
pub(super) fn said(value: &Value, depth: usize) -> Option<String> {
    if depth > 4 {
        return None;
    }
    match value {
        Value::String(text) => Some(text.clone()).filter(|text| !text.trim().is_empty()),
        Value::Object(fields) => {
            ["error", "message", "detail", "msg", "error_description", "errors"]
                .iter()
                .find_map(|name| fields.get(*name).and_then(|inner| said(inner, depth + 1)))
        }
        Value::Array(items) => {
            let all: Vec<String> =
                items.iter().take(3).filter_map(|item| said(item, depth + 1)).collect();
            (!all.is_empty()).then(|| all.join("; "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Whether `text` is a web page.
pub(super) fn looks_like_html(text: &str) -> bool {
    text.trim_start_matches(['\u{feff}', ' ', '\n', '\r', '\t']).starts_with('<')
}

fn page_title(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let title = lower.find("<title").and_then(|start| {
        let from = start + lower[start..].find('>')? + 1;
        let to = from + lower[from..].find("</title")?;
        page.get(from..to)
    });
    match title.map(str::trim).filter(|title| !title.is_empty()) {
        Some(title) => format!("a web page, \"{title}\""),
        None => "a web page".to_owned(),
    }
}

/// Characters that could drive a terminal or turn a text around.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> String {
        let mut secrets = Secrets::default();
        secrets.add("sk-hush-hush");
        secrets.of_body(body.as_bytes())
    }

    #[test]
    fn every_shape_of_an_error_is_understood() {
        for body in [
            r#"{"error":{"message":"no such thing","type":"x","param":null,"code":null}}"#,
            r#"{"error":"no such thing"}"#,
            r#"{"code":"some-code","error":"no such thing"}"#,
            r#"{"detail":"no such thing"}"#,
            r#"{"detail":[{"loc":["body"],"msg":"no such thing"}]}"#,
            r#"{"object":"error","message":"no such thing"}"#,
            r#"{"error":{"error":{"message":"no such thing"}}}"#,
            r#"[{"error":{"message":"no such thing"}}]"#,
            r#""no such thing""#,
            "no such\n\tthing\n",
        ] {
            assert_eq!(of(body), "no such thing", "{body}");
        }
        assert_eq!(of("<html><head><TITLE>502 Bad</TITLE></head>"), "a web page, \"502 Bad\"");
        assert_eq!(of("<p>"), "a web page");
        assert_eq!(of(""), "");
        assert_eq!(of("\u{feff} "), "");
    }

    #[test]
    fn keys_control_characters_and_length_are_taken_away() {
        assert_eq!(
            of(r#"{"error":"bad key sk-hush-hush\u001b[31m\u202ex"}"#),
            "bad key *** [31m x"
        );
        let long = of(&"é".repeat(1000));
        assert_eq!(long.chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_key_cut_by_the_limit_is_still_taken_away() {
        let text = format!("{}{}", "x".repeat(LONGEST - 4), "sk-hush-hush");
        assert!(!of(&text).contains("sk"));
    }
}
