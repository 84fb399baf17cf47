//! `set`: how the answers of a conversation are sampled.

use anyhow::Result;

use super::output::{Out, note};
use super::{find, usage};
use crate::client::Client;

/// Show or change how the answers of a conversation are sampled
///
/// What is set holds for every answer whose request does not say otherwise. Settings: prompt (regular,
/// fun, raw, or a file of the prompts folder), model, temperature, top_p, seed, max_tokens, stop
/// (several times for several texts), top_k, search (on or off).
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Id, beginning of an id, or title
    #[arg(value_name = "CONV")]
    conversation: String,
    /// What to change; NAME= leaves a setting out again. Without any, shows the settings
    #[arg(value_name = "NAME=VALUE")]
    settings: Vec<String>,
}

impl Args {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let conversation = find::conversation(client, &self.conversation).await?;
        let mut settings = conversation.settings;
        for assignment in &self.settings {
            settings.set(assignment).map_err(|error| usage("set", &error.to_string()))?;
        }
        if !self.settings.is_empty() {
            settings = client.update_settings(&conversation.id, &settings).await?.settings;
        }
        let set = settings.to_string();
        if set.is_empty() {
            note(
                "nothing is set: its answers are sampled as the model's server does it, or as the \
                 configuration says; `grok-tui set CONV temperature=0.7`, for example, sets something",
            );
            return Ok(());
        }
        Ok(out.line(&set)?)
    }
}
