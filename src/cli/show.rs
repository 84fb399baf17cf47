//! `show`: one conversation, as a path to read or as a forest.

use std::sync::Arc;

use anyhow::Result;

use super::list::local;
use super::output::Out;
use super::{find, json, tree};
use crate::client::Client;
use crate::forest::{Conversation, Forest, Response, Slot};
use crate::picture;
use crate::text::first_words;

/// Words of a response that a row of the tree shows, in characters.
const ROW_WORDS: usize = 60;

/// Print a conversation: the path to the newest answer, or to RESPONSE, or all of it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id, beginning of an id, or title
    #[arg(value_name = "CONV")]
    conversation: String,
    /// Print all responses as a tree, one line each
    #[arg(long)]
    tree: bool,
    /// The response whose path to print (id or beginning of an id)
    #[arg(value_name = "RESPONSE", conflicts_with = "tree")]
    response: Option<String>,
    /// The same
    #[arg(long, value_name = "RESPONSE", conflicts_with_all = ["tree", "response"])]
    path: Option<String>,
    /// Print one JSON object with all responses, or those of the path to RESPONSE
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let (conversation, responses) = find::open(client, &self.conversation).await?;
        let named = self.response.or(self.path);
        let leaf = named.map(|wanted| find::response(&responses, &wanted)).transpose()?;
        if self.json && leaf.is_none() {
            return Ok(out.json(&json::Conversation::from(conversation).with(responses))?);
        }
        let forest = Forest::from_responses(responses);
        let leaf = match leaf {
            Some(id) => forest.slot(&id),
            None => forest.newest_leaf(),
        };
        let path = leaf.map(|leaf| forest.path(leaf)).unwrap_or_default();
        if self.json {
            let told = path.iter().map(|slot| forest.response(*slot).clone());
            return Ok(out.json(&json::Conversation::from(conversation).with(told))?);
        }
        heading(out, &conversation, &forest)?;
        if self.tree { print_tree(out, &forest) } else { print_path(out, &forest, &path) }
    }
}

fn heading(out: &mut Out, conversation: &Conversation, forest: &Forest) -> Result<()> {
    let star = if conversation.starred { " ★" } else { "" };
    out.heading(&format!("{}{star}", find::titled(conversation)))?;
    Ok(out.line(&format!(
        "{}  {}  {}, {}",
        conversation.id,
        local(conversation.modify_time),
        count(forest.len(), "response", "responses"),
        count(forest.leaf_count(), "leaf", "leaves"),
    ))?)
}

fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The messages in full. A partial answer and its continuation read as one message.
fn print_path(out: &mut Out, forest: &Forest, path: &[Slot]) -> Result<()> {
    let (mut continued, mut before) = (false, Arc::from(""));
    for slot in path {
        let response = forest.response(*slot);
        if !continued || response.is_human() {
            out.text("\n")?;
            out.heading(&format!("{}  {}", who(forest, *slot), response.id))?;
        }
        if continued && !response.is_human() && response.model != before {
            let by = if response.model.is_empty() { "unknown" } else { &*response.model };
            out.text("\n")?;
            out.line(&format!("[continued by {by}]"))?;
        }
        before = Arc::clone(&response.model);
        for given in pictures(response) {
            out.line(&format!("▣ {}", picture::facts(given)))?;
        }
        out.text(&response.message)?;
        continued = response.partial && !response.is_human();
        let joins = continued && path.last() != Some(slot);
        let ends_line = match &*response.message {
            "" => !pictures(response).is_empty(),
            message => message.ends_with('\n'),
        };
        if !joins && !ends_line {
            out.text("\n")?;
        }
        if let Some(error) = broken_off(response) {
            out.line(&format!("[broke off: {error}]"))?;
        }
    }
    Ok(())
}

fn pictures(response: &Response) -> &[String] {
    response.details.as_ref().map_or(&[], |details| &details.image_attachments)
}

fn broken_off(response: &Response) -> Option<&str> {
    response
        .details
        .as_ref()
        .map(|details| details.error.as_str())
        .filter(|error| !error.is_empty())
}

/// `You`, or the model with what is to be known of the text.
fn who(forest: &Forest, slot: Slot) -> String {
    let response = forest.response(slot);
    let mut words = if response.is_human() { "You".to_owned() } else { "Grok".to_owned() };
    let place = forest.position(slot);
    if place.count > 1 {
        words.push_str(&format!(" {}/{}", place.index + 1, place.count));
    }
    if !response.model.is_empty() {
        words.push_str(&format!(" · {}", response.model));
    }
    for (holds, word) in [
        (response.manual, " · by hand"),
        (response.edited_from.is_some(), " · edited"),
        (response.partial, " · partial"),
    ] {
        if holds {
            words.push_str(word);
        }
    }
    words
}

fn print_tree(out: &mut Out, forest: &Forest) -> Result<()> {
    for row in tree::rows(forest) {
        let response = forest.response(row.slot);
        let place = forest.position(row.slot);
        let among = if place.count > 1 {
            format!(" {}/{}", place.index + 1, place.count)
        } else {
            String::new()
        };
        out.line(&format!(
            "{}{} {}{among}  {}",
            "  ".repeat(row.level),
            response.id,
            letter(response),
            first_words(&response.message, ROW_WORDS),
        ))?;
    }
    Ok(())
}

/// Human, model, partial, or written by hand.
fn letter(response: &Response) -> char {
    match response {
        _ if response.is_human() => 'H',
        Response { partial: true, .. } => 'P',
        Response { manual: true, .. } => '✎',
        _ => 'M',
    }
}
