//! `delete`: moves a conversation to the trash.

use anyhow::Result;

use super::find;
use super::output::note;
use crate::client::Client;

/// Delete a conversation; `restore` brings it back
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id, beginning of an id, or whole title
    #[arg(value_name = "CONV")]
    conversation: String,
}

impl Args {
    pub(super) async fn run(self, client: &Client) -> Result<()> {
        let found = find::whole(client, &self.conversation).await?;
        client.delete_conversation(&found.id).await?;
        let title = find::titled(&found);
        note(format_args!("deleted: {title}; `grok-tui restore {}` brings it back", found.id));
        Ok(())
    }
}
