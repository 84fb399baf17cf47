//! `man`: the manual page, of the program or of one command.

use anyhow::Result;
use clap::CommandFactory as _;

use super::output::Out;

/// Print the manual page; view it with `grok-tui man | man -l -`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The page of this command instead
    command: Option<String>,
}

impl Args {
    pub(super) fn run(self, out: &mut Out) -> Result<()> {
        let mut program = super::Cli::command();
        program.build();
        let wanted = match &self.command {
            None => program,
            Some(name) => match program.find_subcommand(name) {
                Some(command) => command.clone(),
                None => {
                    let words =
                        format!("there is no command \"{name}\"; `grok-tui help` lists them");
                    return Err(super::usage("man", &words));
                }
            },
        };
        let mut page = Vec::new();
        clap_mangen::Man::new(wanted).render(&mut page)?;
        Ok(out.raw(&page)?)
    }
}
