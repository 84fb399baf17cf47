//! Sharing: what of a conversation is public, as a page. `page` makes it, `markdown` and `code` its
//! text, `http` serves it; this file owns where shared paths become readable.

mod code;
pub(super) mod http;
mod markdown;
mod page;

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::config::write_private;
use crate::store::SharedPath;

/// Where shared paths become readable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Sharing {
    /// Nowhere: they are marked, for a server that comes later.
    #[default]
    Nowhere,
    /// As files of this folder, which the user passes on.
    Files(PathBuf),
    /// As pages of a server whose address begins so.
    Pages(String),
}

impl Sharing {
    /// Publishes a path and returns where it can be read; empty if nowhere. Writes a file, so it is
    /// not for tasks.
    pub(super) fn publish(&self, id: &str, path: &SharedPath) -> io::Result<String> {
        match self {
            Self::Nowhere => Ok(String::new()),
            Self::Pages(base) => Ok(format!("{}/share/{id}", base.trim_end_matches('/'))),
            Self::Files(folder) => {
                let file = folder.join(format!("{id}.html"));
                let written = write_private(&file, &page::page(path), true);
                written.map_err(io::Error::other)?;
                Ok(file.display().to_string())
            }
        }
    }

    /// Takes a path back.
    pub(super) fn withdraw(&self, id: &str) -> io::Result<()> {
        let Self::Files(folder) = self else { return Ok(()) };
        match fs::remove_file(folder.join(format!("{id}.html"))) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}
