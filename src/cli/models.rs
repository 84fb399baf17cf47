//! `models`: who can be asked.

use anyhow::Result;

use super::json;
use super::output::{Out, note};
use crate::client::{Client, ErrorKind, ServiceInfo};

/// List the models that can be asked; the default is marked
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Args {
    pub(super) async fn run(self, client: &Client, out: &mut Out) -> Result<()> {
        let info = match client.service_info().await {
            Err(error) if error.kind == ErrorKind::Unimplemented => ServiceInfo::default(),
            info => info?,
        };
        let (models, problems) = client.models().await?;
        for problem in &problems {
            note(problem);
        }
        if self.json {
            return Ok(out.json(&json::Models {
                default_model: info.default_model,
                models: models.into_iter().map(Into::into).collect(),
                problems,
            })?);
        }
        for model in models {
            let mark = if model.name == info.default_model { '*' } else { ' ' };
            out.line(&format!("{mark} {}", model.name))?;
        }
        if !info.hint.is_empty() {
            note(info.hint);
        }
        Ok(())
    }
}
