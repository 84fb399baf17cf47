//! `config`: where the configuration is, what it says, and a first one to start from.

mod show;

use anyhow::Result;

use super::output::{Out, note};
use super::{Global, context};
use crate::config;
use crate::tui::keymap::Keymap;

/// Find, show or create the configuration file
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print where the configuration file belongs
    Path,
    /// Print the settings that hold now, and where each comes from; secrets are not shown
    Show,
    /// Write a file with every setting, commented out
    Init {
        /// Replace a file that is there
        #[arg(long)]
        force: bool,
    },
}

impl Args {
    pub(super) fn run(self, global: &Global, out: &mut Out) -> Result<()> {
        match self.action {
            Action::Path => {
                let paths = context::find_paths(global)?;
                out.line(&paths.config_file.display().to_string())?;
            }
            Action::Show => {
                let (paths, config) = context::settle(global)?;
                out.text(&show::shown(global, &paths, &config, &context::environment))?;
                if let Err(error) = Keymap::new(&config.keys) {
                    note(format_args!("{}, in [keys]: {error}", paths.config_file.display()));
                }
            }
            Action::Init { force } => {
                let paths = context::find_paths(global)?;
                config::write_private(&paths.config_file, config::TEMPLATE, force)?;
                note(format_args!("written: {}", paths.config_file.display()));
            }
        }
        Ok(())
    }
}
