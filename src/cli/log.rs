//! The log: where it goes, and in which form. What is written into it is up to everybody else.

use std::io;
use std::path::Path;
use std::sync::Mutex;

use anyhow::{Context as _, Result};
use tracing_subscriber::fmt::MakeWriter;

/// How an entry of the log looks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// A line for a person.
    #[default]
    Text,
    /// A JSON object on one line.
    Json,
}

/// Writes the log to `file`, which only its owner can read, behind what is there; or, without one, to
/// stderr.
pub(super) fn start(file: Option<&Path>, format: LogFormat) -> Result<()> {
    let Some(file) = file else {
        write(io::stderr, format);
        return Ok(());
    };
    let mut options = std::fs::OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let log = options.open(file).with_context(|| format!("cannot write {}", file.display()))?;
    write(Mutex::new(log), format);
    Ok(())
}

fn write(to: impl for<'a> MakeWriter<'a> + Send + Sync + 'static, format: LogFormat) {
    let lines = tracing_subscriber::fmt().with_ansi(false).with_writer(to);
    match format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}
