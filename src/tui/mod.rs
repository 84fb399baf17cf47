//! wip
pub mod markdown;
pub mod state;
pub mod theme;

use std::process::ExitCode;

use crate::client::Client;
use crate::config::{Config, Paths};

/// What the full-screen client is opened with.
#[derive(Debug)]
pub struct Options {
    /// The conversation to open, as the user named it.
    pub conversation: Option<String>,
    /// The connection.
    pub client: Client,
    /// Where its state is kept.
    pub paths: Paths,
    /// What the user has set.
    pub config: Config,
    /// The model that the command line names.
    pub model: Option<String>,
}

/// Runs the full-screen client until the user leaves it.
///
/// # Errors
/// Always, in this build: it has no screen yet.
#[expect(clippy::unused_async, reason = "the screen will wait for keys")]
pub async fn run(_options: Options) -> anyhow::Result<ExitCode> {
    anyhow::bail!("this build has no full-screen client; `grok-tui help` lists the commands")
}
