//! `share` and `unshare`: pages of paths.

use anyhow::Result;
use serde::Serialize;

use super::find;
use super::output::{Out, note};
use crate::client::Client;

/// Whose path it is about.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id, beginning of an id, or title (to take pages back: the whole title)
    #[arg(value_name = "CONV")]
    conversation: String,
    /// The path up to this response (id or beginning of an id)
    #[arg(value_name = "RESPONSE")]
    response: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Shared {
    shared_id: String,
    url: String,
}

#[derive(Serialize)]
struct Unshared {
    shared_ids: Vec<String>,
}

impl Args {
    /// Without a response: up to the newest one.
    pub(super) async fn share(self, client: &Client, out: &mut Out) -> Result<()> {
        let (conversation, responses) = find::open(client, &self.conversation).await?;
        let response = match &self.response {
            Some(wanted) => Some(find::response(&responses, wanted)?),
            None => responses.last().map(|last| last.id.clone()),
        };
        let Some(response) = response else {
            anyhow::bail!("there is nothing in {} that could be shared", conversation.id);
        };
        let (shared_id, url) = client.share_conversation(&conversation.id, &response).await?;
        if self.json {
            return Ok(out.json(&Shared { shared_id, url })?);
        }
        if url.is_empty() {
            note(format_args!(
                "the path is shared under the id below, but this server shows no pages: started with \
                 `grok-tui serve --http HOST:PORT`, it shows this one at http://HOST:PORT/share/{shared_id}"
            ));
        }
        Ok(out.line(if url.is_empty() { &shared_id } else { &url })?)
    }

    /// Without a response: all that is shared of the conversation.
    pub(super) async fn unshare(self, client: &Client, out: &mut Out) -> Result<()> {
        let conversation = find::whole(client, &self.conversation).await?.id;
        let named = match &self.response {
            Some(wanted) => {
                let (_, responses) = client.get_conversation(&conversation).await?;
                Some(find::response(&responses, wanted)?)
            }
            None => None,
        };
        let shared_ids = client.unshare_conversation(&conversation, named.as_ref()).await?;
        if self.json {
            return Ok(out.json(&Unshared { shared_ids })?);
        }
        if shared_ids.is_empty() {
            note("nothing of it was shared");
        }
        Ok(shared_ids.iter().try_for_each(|id| out.line(id))?)
    }
}
