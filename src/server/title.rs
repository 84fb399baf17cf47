//! Titles: asked of the model, or made of the first human words.

use std::time::Duration;

use futures::StreamExt;

use super::models::{Models, Resolved};
use crate::forest::{ConversationId, Response, Sampling};
use crate::model::{Error, Event, Message, Request, Role};

/// Longest title of a model, in characters.
const LONGEST: usize = 80;

/// Longest title made of the first words, in characters.
const LONGEST_WORDS: usize = 60;

/// How long the model may take before its title is done without.
const PATIENCE: Duration = Duration::from_secs(20);

/// How much of each response, and of how many of them, the model reads.
const EXCERPT: usize = 600;
const RESPONSES: usize = 6;

const INSTRUCTION: &str = "Write a title for the conversation below, of at most six words and in \
                           its language. Reply with the title alone, without quotation marks.";

/// A title that was found.
pub(super) struct Title {
    pub(super) text: String,
    /// Why the model found none, in words, where this only stands in for its title.
    pub(super) makeshift: Option<String>,
}

/// A title for the conversation along `path`, from the model of that name (empty: the one that answered
/// last); `None` if nothing was said in it. An error if there is no model of that name.
pub(super) async fn generate(
    models: &dyn Models,
    named: &str,
    conversation: &ConversationId,
    path: &[Response],
) -> Result<Option<Title>, Error> {
    let Some(words) = first_words(path) else { return Ok(None) };
    let model = match named {
        "" => resolve(models, path).await,
        named => Some(models.resolve(named).await?),
    };
    let Some(model) = model.filter(|model| model.backend.follows_instructions()) else {
        return Ok(Some(Title { text: words, makeshift: None }));
    };
    let asked = tokio::time::timeout(PATIENCE, ask(model, conversation, path)).await;
    let found = asked.unwrap_or_else(|_| Err(format!("nothing came for {} s", PATIENCE.as_secs())));
    Ok(Some(match found {
        Ok(text) => Title { text, makeshift: None },
        Err(why) => Title { text: words, makeshift: Some(why) },
    }))
}

/// The model that answered last, or else the default.
async fn resolve(models: &dyn Models, path: &[Response]) -> Option<Resolved> {
    let last = path.iter().rev().find(|response| !response.model.is_empty());
    let named = match last {
        Some(response) => models.resolve(&response.model).await.ok(),
        None => None,
    };
    match named {
        Some(model) => Some(model),
        None => models.resolve("").await.ok(),
    }
}

/// The model's title, or why there is none.
async fn ask(model: Resolved, id: &ConversationId, path: &[Response]) -> Result<String, String> {
    let titled = |answer: &str| clean(answer).ok_or_else(|| "its answer was none".to_owned());
    let mut text = format!("{INSTRUCTION}\n");
    let complete = path.iter().filter(|response| !response.partial);
    for response in complete.take(RESPONSES) {
        let who = if response.is_human() { "Human" } else { "Assistant" };
        let end = response.message.floor_char_boundary(EXCERPT);
        text.push_str(&format!("\n{who}: {}\n", &response.message[..end]));
    }
    let request = Request {
        model: model.model,
        messages: vec![Message::new(Role::User, text)],
        sampling: Sampling { temperature: Some(0.0), max_tokens: Some(24), ..Sampling::default() },
        conversation: Some(id.clone()),
    };
    let mut events = model.backend.sample(request);
    let mut answer = String::new();
    while let Some(event) = events.next().await {
        match event {
            Ok(Event::Token(token)) => answer.push_str(&token.text),
            Ok(Event::Finish { .. }) => return titled(&answer),
            Ok(Event::Reasoning(_) | Event::Query { .. } | Event::Source(_) | Event::Notice(_)) => {
            }
            Err(error) => {
                tracing::info!(%error, "no title from the model");
                return Err(error.message);
            }
        }
        // A model that does not stop has nevertheless said its line.
        if answer.trim_start().contains('\n') || answer.len() > 4 * LONGEST {
            return titled(&answer);
        }
    }
    Err("its answer had no end".to_owned())
}

/// One line without marks around it, and without those of markdown in it.
fn clean(answer: &str) -> Option<String> {
    let line = answer.lines().map(str::trim).find(|line| !line.is_empty())?;
    let line = &line.replace("**", "").replace('`', "");
    let line = line.trim_start_matches(['#', '>', '-', ' ']);
    let marks: &[char] = &['*', '_', '`', '"', '\'', '“', '”', '„', '«', '»', '‘', '’', ' '];
    let line = line.trim_matches(marks);
    let line = match line.split_once(':') {
        Some((label, rest)) if label.eq_ignore_ascii_case("title") => rest.trim_matches(marks),
        _ => line,
    };
    let line = line.strip_suffix('.').filter(|line| !line.ends_with('.')).unwrap_or(line);
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    (!line.is_empty()).then(|| cut(&line, LONGEST))
}

/// The beginning of what the first person said, or else of what was said first.
fn first_words(path: &[Response]) -> Option<String> {
    let says_something = |response: &&Response| !response.message.trim().is_empty();
    let mut said = path.iter().filter(says_something);
    let first = said.clone().find(|response| response.is_human()).or_else(|| said.next())?;
    let beginning = &first.message[..first.message.floor_char_boundary(8 * LONGEST_WORDS)];
    let words = beginning.split_whitespace().collect::<Vec<_>>().join(" ");
    let whole = if words.is_empty() { first.message.trim() } else { &words };
    Some(cut(whole, LONGEST_WORDS))
}

/// At most `longest` characters, cut after a word where there is one.
fn cut(line: &str, longest: usize) -> String {
    if line.char_indices().nth(longest).is_none() {
        return line.to_owned();
    }
    let end = line.char_indices().nth(longest - 1).map_or(line.len(), |(at, _)| at);
    let head = &line[..end];
    let head = match head.rfind(' ') {
        Some(space) if space >= end / 2 && !line[end..].starts_with(' ') => &head[..space],
        _ => head,
    };
    format!("{}…", head.trim_end_matches([' ', ',', ';', ':', '.', '-']))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{ResponseId, Time};

    #[test]
    fn marks_around_a_title_are_taken_off() {
        let title = |answer| clean(answer).unwrap_or_default();
        assert_eq!(title("\n \"Entropy probe\"\nmore"), "Entropy probe");
        assert_eq!(title("# **Title: The second law.**"), "The second law");
        assert_eq!(title("The **second** `law`"), "The second law");
        assert_eq!(title("«À la recherche»"), "À la recherche");
        assert_eq!(title("To be continued..."), "To be continued...");
        assert_eq!(title(" \n\"\" "), "");
        assert_eq!(title(&"word ".repeat(40)).chars().last(), Some('…'));
    }

    #[test]
    fn long_words_are_cut_after_a_word() {
        assert_eq!(cut("short", 60), "short");
        assert_eq!(cut("one two three four", 12), "one two…");
        assert_eq!(cut("one two, three four", 9), "one two…");
        assert_eq!(cut(&"ü".repeat(70), 60).chars().count(), 60);
    }

    #[test]
    fn the_first_person_gives_the_words() {
        let id = ResponseId::random;
        let path = [
            Response::model(id(), "Hello", Time(0)),
            Response::human(id(), "  Why\n does  entropy\tincrease? ", Time(0)),
        ];
        assert_eq!(first_words(&path).as_deref(), Some("Why does entropy increase?"));
        assert_eq!(first_words(&path[..1]).as_deref(), Some("Hello"));
        assert_eq!(first_words(&[]), None);
    }
}
