//! `prompts`: the system prompts that can be named.

use anyhow::Result;
use serde::Serialize;

use super::output::{Out, note};
use crate::client::Client;
use crate::text::first_words;

/// Longest beginning of a text that is shown, in columns.
const SHOWN: usize = 60;

/// List the system prompts that can be named
///
/// Those of your own are files NAME.md or NAME.txt in the folder `prompts` beside the configuration
/// file. Files that are not used, for their names or because nothing is in them, are told of.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Prompts {
    prompts: Vec<Prompt>,
    /// Files that were left out, and why.
    problems: Vec<String>,
}

#[derive(Serialize)]
struct Prompt {
    name: String,
    text: String,
}

impl Args {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let (prompts, problems) = client.system_prompts().await?;
        for problem in &problems {
            note(problem);
        }
        if self.json {
            let prompts = prompts.into_iter().map(|(name, text)| Prompt { name, text });
            return Ok(out.json(&Prompts { prompts: prompts.collect(), problems })?);
        }
        let widest = prompts.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
        for (name, text) in prompts {
            let text =
                if text.is_empty() { "(none)".to_owned() } else { first_words(&text, SHOWN) };
            out.line(&format!("{name:widest$}  {text}"))?;
        }
        Ok(())
    }
}
