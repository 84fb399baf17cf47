//! `doctor`: looks at everything that grok-tui depends on and says what to do where something is
//! wrong. This file owns the findings and how they are told; each concern has a file of its own.

mod files;
mod models;
mod store;
mod terminal;

use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;

use super::output::Out;
use super::{DONE, FAILED, Global, context};
use crate::config::Config;

/// Check models, terminal, conversations and configuration, and say what to do
///
/// Nothing is changed. Every server is asked for its models and, with a few tokens, for an answer; the
/// exit status is 1 when something failed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Ask no model for an answer, which may cost money
    #[arg(long)]
    no_sampling: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Standing {
    Ok,
    Warning,
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Finding {
    area: &'static str,
    name: String,
    status: Standing,
    detail: String,
    /// What to do; empty where there is nothing to do.
    advice: String,
}

impl Finding {
    fn ok(area: &'static str, name: impl Into<String>, detail: impl Into<String>) -> Self {
        let (name, detail, advice) = (name.into(), detail.into(), String::new());
        Self { area, name, status: Standing::Ok, detail, advice }
    }

    fn warning(self, advice: impl Into<String>) -> Self {
        Self { status: Standing::Warning, advice: advice.into(), ..self }
    }

    fn failed(self, advice: impl Into<String>) -> Self {
        Self { status: Standing::Failed, advice: advice.into(), ..self }
    }
}

#[derive(Serialize)]
struct Report {
    ok: bool,
    checks: Vec<Finding>,
}

impl Args {
    pub(super) async fn run(self, global: &Global, out: &mut Out) -> Result<ExitCode> {
        let paths = context::find_paths(global)?;
        let config = Config::load(&paths.config_file);
        let mut checks = files::look(&paths, &config);
        let config = config.unwrap_or_default();
        checks.extend(store::look(&paths));
        checks.extend(terminal::look(config.ui.clipboard));
        let looked = models::look(global, &config, !self.no_sampling);
        tokio::select! {
            found = looked => checks.extend(found),
            _ = tokio::signal::ctrl_c() => return Ok(ExitCode::from(super::STOPPED)),
        }
        let ok = checks.iter().all(|check| check.status != Standing::Failed);
        if self.json {
            out.json(&Report { ok, checks })?;
        } else {
            tell(&checks, out)?;
        }
        Ok(ExitCode::from(if ok { DONE } else { FAILED }))
    }
}

fn tell(checks: &[Finding], out: &mut Out) -> Result<()> {
    let widest = checks.iter().map(|check| check.name.chars().count()).max().unwrap_or(0);
    let mut area = "";
    for check in checks {
        if check.area != area {
            area = check.area;
            out.heading(area)?;
        }
        let standing = match check.status {
            Standing::Ok => "✓ ok     ",
            Standing::Warning => "! warning",
            Standing::Failed => "✗ failed ",
        };
        let line = format!("  {standing}  {:widest$}  {}", check.name, check.detail);
        out.line(line.trim_end())?;
        if !check.advice.is_empty() {
            out.line(&format!("             {}", check.advice))?;
        }
    }
    Ok(())
}
