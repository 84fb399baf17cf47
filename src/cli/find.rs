//! What the user means by a conversation or a response: its id, the beginning of its id, or a
//! title. What could mean several is an error that lists them.

use anyhow::{Result, anyhow, bail};

use crate::client::{Client, ErrorKind};
use crate::forest::{Conversation, ConversationId, Response, ResponseId};
use crate::text::first_words;

/// Most candidates that an error lists.
const LISTED: usize = 10;

/// All conversations, page by page.
pub(super) async fn all(client: &Client) -> Result<Vec<Conversation>> {
    let (mut all, mut next) = client.list_conversations(None, None).await?;
    while let Some(token) = next {
        let (more, after) = client.list_conversations(None, Some(token)).await?;
        all.extend(more);
        next = after;
    }
    Ok(all)
}

/// The conversation that `wanted` means, with its responses.
pub(super) async fn open(client: &Client, wanted: &str) -> Result<(Conversation, Vec<Response>)> {
    // A whole id needs no list, which may be long.
    if let Some(id) = ConversationId::parse(wanted).filter(|_| looks_like_id(wanted)) {
        match client.get_conversation(&id).await {
            Err(error) if error.kind == ErrorKind::NotFound => {}
            found => return Ok(found?),
        }
    }
    let id = pick(all(client).await?, wanted)?.id;
    Ok(client.get_conversation(&id).await?)
}

/// The conversation that `wanted` means, as lists have it.
pub(super) async fn conversation(client: &Client, wanted: &str) -> Result<Conversation> {
    pick(all(client).await?, wanted)
}

/// As [`conversation`], for what takes something away: part of a title is not enough.
pub(super) async fn whole(client: &Client, wanted: &str) -> Result<Conversation> {
    pick_whole(all(client).await?, wanted)
}

fn looks_like_id(wanted: &str) -> bool {
    wanted.len() == 36 && wanted.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

/// Whole id, then whole title, then the question that a title was cut from, then beginning of an id,
/// then part of a title in any case.
pub(super) fn pick(all: Vec<Conversation>, wanted: &str) -> Result<Conversation> {
    match named(&all, wanted)? {
        Some(found) => Ok(found.clone()),
        None => {
            let parts = with_part(&all, wanted);
            let found = only(&parts, wanted)?;
            found.cloned().ok_or_else(|| unknown(wanted))
        }
    }
}

/// As [`pick`], but for parts of titles: they are only proposed.
fn pick_whole(all: Vec<Conversation>, wanted: &str) -> Result<Conversation> {
    if let Some(found) = named(&all, wanted)? {
        return Ok(found.clone());
    }
    let parts = with_part(&all, wanted);
    if parts.is_empty() {
        return Err(unknown(wanted));
    }
    let what = "no whole title and no beginning of an id; this needs one of them. It is part of";
    bail!("\"{wanted}\" is {what}:{}", listed(parts.iter().map(|c| row(c))));
}

fn unknown(wanted: &str) -> anyhow::Error {
    anyhow!("no conversation has the id or title \"{wanted}\"; `grok-tui list` shows them all")
}

fn with_part<'a>(all: &'a [Conversation], wanted: &str) -> Vec<&'a Conversation> {
    let lower = wanted.to_lowercase();
    all.iter().filter(|c| c.title.to_lowercase().contains(&lower)).collect()
}

/// The conversation that `wanted` names as a whole, or by the beginning of its id.
fn named<'a>(all: &'a [Conversation], wanted: &str) -> Result<Option<&'a Conversation>> {
    if wanted.trim().is_empty() {
        let words = "say which conversation: its id, the beginning of its id, or its title";
        return Err(super::misuse(words));
    }
    let lower = wanted.to_lowercase();
    let id = |c: &Conversation| c.id.to_string();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let question = words.join(" ");
    let tests: [&dyn Fn(&Conversation) -> bool; 5] = [
        &|c| id(c) == wanted,
        &|c| c.title == wanted,
        &|c| c.title.to_lowercase() == lower,
        &|c| is_cut_from(&c.title, &question),
        &|c| id(c).starts_with(wanted),
    ];
    for test in tests {
        let found: Vec<_> = all.iter().filter(|c| test(c)).collect();
        if let Some(found) = only(&found, wanted)? {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The one that was found, if any was; several are an error.
fn only<'a>(found: &[&'a Conversation], wanted: &str) -> Result<Option<&'a Conversation>> {
    match found {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        several => {
            bail!(ambiguous(wanted, "conversations", several.iter().map(|c| row(c)).collect()))
        }
    }
}

fn row(conversation: &Conversation) -> String {
    format!("{}  {}", conversation.id, titled(conversation))
}

/// Whether a title is the beginning of `question`, which is in lower case, with an ellipsis for the
/// rest: a title that was made of what was asked.
fn is_cut_from(title: &str, question: &str) -> bool {
    let begin = title.strip_suffix('…').map(|begin| begin.trim_end().to_lowercase());
    begin.is_some_and(|begin| !begin.is_empty() && question.starts_with(&begin))
}

/// The response that `wanted` means: its id or the beginning of it.
pub(super) fn response(responses: &[Response], wanted: &str) -> Result<ResponseId> {
    if wanted.trim().is_empty() {
        return Err(super::misuse("say which response: its id or the beginning of its id"));
    }
    if let Some(exact) = responses.iter().find(|r| r.id.to_string() == wanted) {
        return Ok(exact.id.clone());
    }
    let found: Vec<_> = responses.iter().filter(|r| r.id.to_string().starts_with(wanted)).collect();
    match found[..] {
        [] => {
            bail!("no response has the id \"{wanted}\"; `grok-tui show CONV --tree` shows them all")
        }
        [only] => Ok(only.id.clone()),
        _ => {
            let names = found.iter().map(|r| format!("{}  {}", r.id, first_words(&r.message, 50)));
            bail!(ambiguous(wanted, "responses", names.collect()))
        }
    }
}

fn ambiguous(wanted: &str, what: &str, names: Vec<String>) -> String {
    format!("\"{wanted}\" could be any of {} {what}:{}", names.len(), listed(names.into_iter()))
}

/// Candidates, each on a line of its own.
fn listed(mut names: impl Iterator<Item = String>) -> String {
    let mut words: String = names.by_ref().take(LISTED).map(|name| format!("\n  {name}")).collect();
    if names.next().is_some() {
        words.push_str("\n  …");
    }
    words
}

/// The title, or that there is none.
pub(super) fn titled(conversation: &Conversation) -> &str {
    if conversation.title.trim().is_empty() { "(untitled)" } else { &conversation.title }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Time;

    fn conversation(id: &str, title: &str) -> Conversation {
        Conversation {
            id: ConversationId::parse(id).unwrap(),
            title: title.to_owned(),
            starred: false,
            create_time: Time(0),
            modify_time: Time(0),
            settings: Default::default(),
            response_count: 0,
        }
    }

    fn all() -> Vec<Conversation> {
        vec![
            conversation("a1", "Entropy"),
            conversation("a2", "Entropy and time"),
            conversation("b1", "a1"),
            conversation("c1", "Oslo"),
            conversation("d1", "Why does entropy never decrease in a closed…"),
            conversation("d2", "…"),
        ]
    }

    fn picked(wanted: &str) -> Result<String, String> {
        pick(all(), wanted).map(|c| c.id.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn an_id_comes_before_a_title_and_a_whole_title_before_a_part() {
        assert_eq!(picked("a1"), Ok("a1".into()));
        assert_eq!(picked("Entropy"), Ok("a1".into()));
        assert_eq!(picked("entropy"), Ok("a1".into()));
        assert_eq!(picked("b"), Ok("b1".into()));
        assert_eq!(picked("and TIME"), Ok("a2".into()));
        let whole = "Why does  entropy never\ndecrease in a closed system, as they say?";
        assert_eq!(picked(whole), Ok("d1".into()));
        assert_eq!(picked("why does entropy"), Ok("d1".into()));
    }

    #[test]
    fn what_could_be_several_lists_them() {
        let error = picked("entr").unwrap_err();
        assert!(error.contains("any of 3 conversations"), "{error}");
        assert!(error.contains("a1  Entropy\n  a2  Entropy and time"), "{error}");
        assert!(picked("a").unwrap_err().contains("any of 2"));
        assert!(picked("zzz").unwrap_err().contains("grok-tui list"));
        assert!(picked(" ").unwrap_err().contains("say which"));
    }

    #[test]
    fn a_part_of_a_title_is_proposed_where_something_is_taken_away() {
        let whole =
            |wanted| pick_whole(all(), wanted).map(|c| c.id.to_string()).map_err(|e| e.to_string());
        for named in ["a2", "Entropy and time", "entropy AND time"] {
            assert_eq!(whole(named), Ok("a2".into()));
        }
        assert_eq!(whole("c"), Ok("c1".into()));
        let whole_question = "why does entropy never decrease in a closed system?";
        assert_eq!(whole(whole_question), Ok("d1".into()));
        let part = whole("osl").unwrap_err();
        assert!(part.contains("no whole title") && part.ends_with(":\n  c1  Oslo"), "{part}");
        assert!(whole("a").unwrap_err().contains("any of 2"));
        assert!(whole("zzz").unwrap_err().contains("grok-tui list"));
    }

    #[test]
    fn a_response_is_found_by_the_beginning_of_its_id() {
        let make = |id| Response::human(ResponseId::parse(id).unwrap(), "hello", Time(0));
        let all = [make("r1"), make("r12"), make("s1")];
        assert_eq!(response(&all, "r1").unwrap().to_string(), "r1");
        assert_eq!(response(&all, "s").unwrap().to_string(), "s1");
        assert!(response(&all, "r").unwrap_err().to_string().contains("r12  hello"));
    }
}
