//! `rename`: sets a title by hand.

use anyhow::Result;

use super::find;
use super::output::note;
use crate::client::Client;

/// Give a conversation a title
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id, beginning of an id, or title
    #[arg(value_name = "CONV")]
    conversation: String,
    /// The new title
    #[arg(required = true)]
    title: Vec<String>,
}

impl Args {
    pub(super) async fn run(self, client: &Client) -> Result<()> {
        let found = find::conversation(client, &self.conversation).await?;
        let title = self.title.join(" ");
        let now = client.update_conversation(&found.id, title.trim(), found.starred).await?;
        note(format_args!("renamed: {}", find::titled(&now)));
        Ok(())
    }
}
