//! `config`: where the configuration is, what it says, and a first one to start from.

use anyhow::Result;

use super::output::{Out, note};
use super::{Global, context};
use crate::config::{self, Config, Paths};
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
    /// Print the settings that hold now
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
                out.text(&shown(&paths, &config))?;
                if let Err(error) = Keymap::new(&config.keys) {
                    note(format_args!("[keys]: {error}"));
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

/// The settings in the form of the file. Values of headers may be secrets and are left out.
fn shown(paths: &Paths, config: &Config) -> String {
    let mut lines = vec![
        format!("# configuration: {}", paths.config_file.display()),
        format!("# conversations: {}", paths.data_dir.display()),
    ];
    let mut set = |name: &str, value: Option<toml::Value>| {
        lines.push(match value {
            Some(value) => format!("{name} = {value}"),
            None => format!("#{name} ="),
        });
    };
    set("model", config.model.clone().map(Into::into));
    set("endpoint", config.endpoint.clone().map(Into::into));
    set("api_key_env", config.api_key_env.clone().map(Into::into));
    let (sampling, timeouts, ui) = (&config.sampling, &config.timeouts, &config.ui);
    set("sampling.temperature", sampling.temperature.map(number));
    set("sampling.top_p", sampling.top_p.map(number));
    set("sampling.max_tokens", sampling.max_tokens.map(|n| i64::from(n).into()));
    set("sampling.top_k", sampling.top_k.map(|n| i64::from(n).into()));
    set("timeouts.connect", Some(number(timeouts.connect)));
    set("timeouts.first_byte", Some(number(timeouts.first_byte)));
    set("timeouts.idle", Some(number(timeouts.idle)));
    set("ui.mouse", Some(ui.mouse.into()));
    set("ui.pace", Some(number(ui.pace)));
    for (action, keys) in &config.keys {
        set(&format!("keys.{action}"), Some(keys.clone().into()));
    }
    for server in &config.servers {
        lines.push("\n[[servers]]".to_owned());
        lines.push(format!("name = {}", toml::Value::from(server.name.clone())));
        lines.push(format!("base_url = {}", toml::Value::from(server.base_url.clone())));
        if let Some(variable) = &server.api_key_env {
            lines.push(format!("api_key_env = {}", toml::Value::from(variable.clone())));
        }
        for name in server.headers.keys() {
            lines.push(format!("# header {name}: set"));
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

/// The shortest decimal that is this number.
fn number(value: f32) -> toml::Value {
    value.to_string().parse::<f64>().unwrap_or(f64::from(value)).into()
}
