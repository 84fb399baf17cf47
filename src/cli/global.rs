//! The options that hold for every command.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser};

use super::output::quoted;

/// What holds for every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct Global {
    /// Talk to the service at this address instead of the embedded one
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "GROK_TUI_ENDPOINT",
        hide_env_values = true
    )]
    pub(super) endpoint: Option<String>,
    /// Certificate (PEM) to trust besides those of the system, for an endpoint with one of its own
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        value_parser = path(),
        env = "GROK_TUI_CA_CERT",
        hide_env_values = true
    )]
    pub(super) ca_cert: Option<PathBuf>,
    /// Folder for conversations and state
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        value_parser = path(),
        env = "GROK_TUI_DATA_DIR",
        hide_env_values = true
    )]
    pub(super) data_dir: Option<PathBuf>,
    /// Configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        value_parser = path(),
        env = "GROK_TUI_CONFIG",
        hide_env_values = true
    )]
    pub(super) config: Option<PathBuf>,
    /// Model to ask, as backend/model
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        env = "GROK_TUI_MODEL",
        hide_env_values = true
    )]
    pub(super) model: Option<String>,
    /// Write a log to this file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        value_parser = path(),
        env = "GROK_TUI_LOG",
        hide_env_values = true
    )]
    pub(super) log_file: Option<PathBuf>,
}

/// Reads a path. An empty one is let through: a variable that is set to nothing names none.
pub(super) fn path() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

impl Global {
    /// The model that is named; a variable that is set to nothing names none.
    pub(super) fn model(&self) -> Option<String> {
        self.model.clone().filter(|model| !model.trim().is_empty())
    }

    /// What was typed that says where the conversations are, to be typed again in front of whatever goes
    /// on from there; with a space behind. What a variable says it goes on saying.
    pub(super) fn whereabouts(&self) -> String {
        let path = |path: &Option<PathBuf>| path.clone().map(PathBuf::into_os_string);
        let typed = [
            ("--endpoint", "GROK_TUI_ENDPOINT", self.endpoint.clone().map(OsString::from)),
            ("--ca-cert", "GROK_TUI_CA_CERT", path(&self.ca_cert)),
            ("--data-dir", "GROK_TUI_DATA_DIR", path(&self.data_dir)),
            ("--config", "GROK_TUI_CONFIG", path(&self.config)),
        ];
        let typed = typed.into_iter().filter_map(|(option, variable, value)| {
            let value = value.filter(|value| std::env::var_os(variable).as_ref() != Some(value))?;
            Some(format!("{option} {} ", quoted(&value.to_string_lossy())))
        });
        typed.collect()
    }
}
