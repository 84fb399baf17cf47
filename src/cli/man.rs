//! `man`: the manual page, of the program or of one command.

use anyhow::Result;
use clap::CommandFactory as _;

use super::output::Out;

/// Print the manual page; view it with `grok-tui man | man -l -`
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The page of this command instead; `users add`, for example, is one too
    command: Vec<String>,
}

impl Args {
    pub(super) fn run(self, out: &mut Out) -> Result<()> {
        let mut program = super::Cli::command();
        program.build();
        let mut wanted = &program;
        for (index, name) in self.command.iter().enumerate() {
            wanted = wanted.find_subcommand(name).ok_or_else(|| {
                let (above, known) =
                    (self.command[..index].join(" "), self.command[..=index].join(" "));
                let help = ["grok-tui help", &above].join(" ");
                let words =
                    format!("there is no command \"{known}\"; `{}` lists them", help.trim_end());
                super::usage("man", &words)
            })?;
        }
        let mut page = Vec::new();
        clap_mangen::Man::new(wanted.clone()).render(&mut page)?;
        Ok(out.raw(&page)?)
    }
}
