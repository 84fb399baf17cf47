//! `title`: has the service make a title.

use anyhow::{Result, bail};

use super::find;
use super::output::Out;
use crate::client::Client;

/// Have a title made from what was said, and print it
///
/// The model that answered last is asked, or the one that --model names.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id, beginning of an id, or title
    #[arg(value_name = "CONV")]
    conversation: String,
}

impl Args {
    pub(super) async fn run(
        self,
        client: &Client,
        model: Option<&str>,
        out: &mut Out,
    ) -> Result<()> {
        let (conversation, responses) = find::open(client, &self.conversation).await?;
        let Some(leaf) = responses.last() else {
            bail!("nothing was said in this conversation yet, so there is nothing to name");
        };
        let title = client
            .generate_title_with(&conversation.id, &leaf.id, model.unwrap_or_default())
            .await?;
        Ok(out.line(&title)?)
    }
}
