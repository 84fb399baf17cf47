//! `models`: who can be asked.

use anyhow::Result;

use super::json;
use super::output::{Out, note};
use crate::client::{Client, ErrorKind, ServiceInfo};
use crate::model::ModelInfo;

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
        let widest = models.iter().map(|model| model.name.chars().count()).max().unwrap_or(0);
        for model in models {
            let mark = if model.name == info.default_model { '*' } else { ' ' };
            let line = format!("{mark} {:widest$}  {}", model.name, facts(&model));
            out.line(line.trim_end())?;
        }
        if !info.hint.is_empty() {
            note(info.hint);
        }
        Ok(())
    }
}

/// Context length, price and abilities, as far as they are known.
fn facts(model: &ModelInfo) -> String {
    let length = model.context_length.map(|tokens| format!("{tokens} tokens"));
    let price = model.price.map(|price| {
        let [prompt, completion] = price.in_dollars();
        format!("${prompt} in, ${completion} out per 1M")
    });
    let prefill = match model.prefill {
        Some(true) => Some("prefill"),
        Some(false) => None,
        None => Some("prefill?"),
    };
    let images = (model.images == Some(true)).then_some("images");
    let abilities = [model.logprobs.then_some("logprobs"), prefill, images];
    let abilities = abilities.into_iter().flatten().map(ToOwned::to_owned);
    length.into_iter().chain(price).chain(abilities).collect::<Vec<_>>().join(" · ")
}
