//! `list`: the conversations, starred first, then the one changed last.

use anyhow::Result;

use super::output::Out;
use super::{find, json};
use crate::client::Client;
use crate::forest::{Conversation, Time};

/// List the conversations, starred first, then the one changed last
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only starred ones
    #[arg(long)]
    starred: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let mut all = find::all(client).await?;
        all.retain(|conversation| conversation.starred || !self.starred);
        if self.json {
            return Ok(out.json(&json::Conversations::new(all))?);
        }
        all.iter().try_for_each(|conversation| row(out, conversation))
    }
}

/// One conversation on a line: star, id, last change, number of responses, title.
pub(super) fn row(out: &mut Out, conversation: &Conversation) -> Result<()> {
    Ok(out.line(&format!(
        "{} {}  {}  {:>5}  {}",
        if conversation.starred { '★' } else { ' ' },
        conversation.id,
        local(conversation.modify_time),
        conversation.response_count,
        find::titled(conversation),
    ))?)
}

/// A moment as the user's clock shows it, to the minute.
pub(super) fn local(time: Time) -> String {
    jiff::Timestamp::from_microsecond(time.0).map_or_else(
        |_| "(no time)".to_owned(),
        |stamp| stamp.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string(),
    )
}
