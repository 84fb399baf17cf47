//! Sharing: what of a conversation is public, as a page. `page` makes it, `markdown` and `code` its
//! text, `http` serves it; `index` knows whose it is; this file owns where shared paths become readable.

mod code;
pub(super) mod http;
pub(super) mod index;
mod markdown;
mod page;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::config::{self, write_private};
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
    /// Where the path of that id can be read; empty if nowhere.
    pub(super) fn address(&self, id: &str) -> String {
        match self {
            Self::Nowhere => String::new(),
            Self::Pages(base) => format!("{}/share/{id}", base.trim_end_matches('/')),
            Self::Files(folder) => file(folder, id).display().to_string(),
        }
    }

    /// The file of that path, where it is one.
    pub(super) fn file(&self, id: &str) -> Option<PathBuf> {
        match self {
            Self::Files(folder) => Some(file(folder, id)),
            Self::Nowhere | Self::Pages(_) => None,
        }
    }
}

fn file(folder: &Path, id: &str) -> PathBuf {
    folder.join(format!("{id}.html"))
}

/// Writes the page of a path. Not for tasks.
pub(super) fn publish(file: &Path, path: &SharedPath) -> Result<(), config::Error> {
    write_private(file, &page::page(path), true)
}

/// Takes a page back. Not for tasks.
pub(super) fn withdraw(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
