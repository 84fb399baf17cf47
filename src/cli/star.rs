//! `star` and `unstar`.

use anyhow::Result;

use super::find;
use super::output::note;
use crate::client::Client;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id, beginning of an id, or title
    #[arg(value_name = "CONV")]
    conversation: String,
}

impl Args {
    pub(super) async fn run(self, client: &Client, starred: bool) -> Result<()> {
        let found = find::conversation(client, &self.conversation).await?;
        let now = client.update_conversation(&found.id, &found.title, starred).await?;
        let done = if starred { "starred" } else { "no longer starred" };
        note(format_args!("{done}: {}", find::titled(&now)));
        Ok(())
    }
}
