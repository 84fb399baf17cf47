//! `completions`: what a shell needs to complete this program's command line.

use anyhow::Result;
use clap::CommandFactory as _;

use super::output::Out;

/// Print completions for a shell
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    shell: clap_complete::Shell,
}

impl Args {
    pub(super) fn run(self, out: &mut Out) -> Result<()> {
        let mut script = Vec::new();
        let mut command = super::Cli::command();
        clap_complete::generate(self.shell, &mut command, "grok-tui", &mut script);
        Ok(out.raw(&script)?)
    }
}
