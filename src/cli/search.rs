//! `search`: conversations by what was said in them.

use anyhow::Result;

use super::output::Out;
use super::{json, list};
use crate::client::Client;

/// Conversations taken from the service at a time.
const PAGE: u32 = 200;

/// Find conversations by title or by what was said in them, best first
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Words to look for
    #[arg(required = true)]
    query: Vec<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let query = self.query.join(" ");
        if query.trim().is_empty() {
            return Err(super::usage("search", "say what to look for"));
        }
        let (mut found, mut next) = client.search_conversations(&query, Some(PAGE), None).await?;
        while let Some(token) = next {
            let page = client.search_conversations(&query, Some(PAGE), Some(token)).await?;
            found.extend(page.0);
            next = page.1;
        }
        if self.json {
            return Ok(out.json(&json::Conversations::new(found))?);
        }
        found.iter().try_for_each(|conversation| list::row(out, conversation))
    }
}
