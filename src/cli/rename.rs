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
        // A title is one line.
        let words = self.title.iter().flat_map(|words| words.split_whitespace());
        let title = words.collect::<Vec<_>>().join(" ");
        if title.is_empty() {
            return Err(super::usage("rename", "say what the title is to be"));
        }
        let found = find::conversation(client, &self.conversation).await?;
        let now = client.update_conversation(&found.id, &title, found.starred).await?;
        note(format_args!("renamed: {}", find::titled(&now)));
        Ok(())
    }
}
