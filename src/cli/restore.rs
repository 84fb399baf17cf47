//! `restore`: takes a conversation out of the trash.

use anyhow::{Result, bail};

use super::find;
use super::output::note;
use crate::client::Client;

/// Bring a deleted conversation back
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id, beginning of an id, or title
    #[arg(value_name = "CONV")]
    conversation: String,
}

impl Args {
    pub(super) async fn run(self, client: &Client) -> Result<()> {
        let deleted: Vec<_> = client
            .list_deleted()
            .await?
            .into_iter()
            .map(|(conversation, _)| conversation)
            .collect();
        if deleted.is_empty() {
            bail!("the trash is empty");
        }
        let Ok(found) = find::pick(deleted.clone(), &self.conversation) else {
            return Err(not_picked(deleted, &self.conversation));
        };
        let back = client.restore_conversation(&found.id).await?;
        note(format_args!("restored: {}", find::titled(&back)));
        Ok(())
    }
}

/// Why nothing was picked, or what the trash holds instead.
fn not_picked(deleted: Vec<crate::forest::Conversation>, wanted: &str) -> anyhow::Error {
    let mut words =
        format!("\"{wanted}\" is not, or not clearly, one of the deleted conversations:");
    for conversation in deleted.iter().take(10) {
        words.push_str(&format!("\n  {}  {}", conversation.id, find::titled(conversation)));
    }
    anyhow::anyhow!(words)
}
