//! Who shared what: for each public id a small file that holds the name of its user. It says only where
//! to look; what is public is known by that user's store alone. Nothing here is for tasks.

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::http::is_id;
use crate::config::{self, write_private};

/// The users of public ids.
#[derive(Debug)]
pub(in crate::server) struct Index {
    folder: PathBuf,
    /// One at a time: a file is written beside its place.
    writing: Mutex<()>,
}

impl Index {
    /// In that folder, which is made with the first entry.
    pub(in crate::server) fn new(folder: PathBuf) -> Self {
        Self { folder, writing: Mutex::default() }
    }

    /// Notes that `user` shared what has that id.
    pub(in crate::server) fn note(&self, id: &str, user: &str) -> Result<(), config::Error> {
        let _alone = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if self.user_of(id).ok().flatten().is_some_and(|known| known == user) {
            return Ok(());
        }
        write_private(&self.folder.join(id), user, true)
    }

    /// Forgets an id that stands for nothing any more.
    pub(in crate::server) fn forget(&self, id: &str) -> io::Result<()> {
        super::withdraw(&self.folder.join(id))
    }

    /// Who shared what has that id, if anybody did.
    pub(in crate::server) fn user_of(&self, id: &str) -> io::Result<Option<String>> {
        if !is_id(id) {
            return Ok(None);
        }
        match fs::read_to_string(self.folder.join(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_leads_to_its_user_until_it_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::new(folder.path().join("shared-by"));
        assert_eq!(index.user_of("a-1").unwrap(), None);
        index.forget("a-1").unwrap();
        for user in ["ada", "ada", "bob"] {
            index.note("a-1", user).unwrap();
            assert_eq!(index.user_of("a-1").unwrap().as_deref(), Some(user));
        }
        fs::write(folder.path().join("secret"), "s").unwrap();
        assert_eq!(index.user_of("../secret").unwrap(), None);
        index.forget("a-1").unwrap();
        assert_eq!(index.user_of("a-1").unwrap(), None);
    }
}
