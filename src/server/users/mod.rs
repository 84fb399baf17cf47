//! Who may use a served service: people with keys, kept in a file of hashes. This file owns the file;
//! `keyring` looks after the keys that clients show.

pub(super) mod keyring;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use argon2::Argon2;
use ring::rand::{SecureRandom as _, SystemRandom};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::config::write_private;
use crate::forest::Time;

/// What every key begins with, so that a lost one is known for what it is.
const MARK: &str = "gt";
/// Random bytes of a key's public and of its secret part.
const ID_BYTES: usize = 6;
const SECRET_BYTES: usize = 24;
/// Bytes of salt and of hash.
const SALT_BYTES: usize = 16;
const HASH_BYTES: usize = 32;
/// Longest name of a user, in bytes.
const LONGEST_NAME: usize = 64;

/// What is wrong with users, or with a name or key.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// The name cannot be one.
    #[error(
        "{0:?} cannot be the name of a user: letters, digits, `-`, `_` and `.` are allowed, and it \
         begins with a letter or digit"
    )]
    BadName(String),
    /// There is one of that name, which may be written with other large letters.
    #[error(
        "there is a user {0} already (large and small letters make no difference); `grok-tui users revoke {0}` takes the old key away first"
    )]
    Exists(String),
    /// There is none of that name.
    #[error("there is no user {0}; `grok-tui users list` shows who there is")]
    Unknown(String),
    /// The file cannot be used.
    #[error("{path}: {why}", path = path.display())]
    Unusable {
        /// Which one.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// The system gives no random numbers, or too little memory for a hash.
    #[error("a key cannot be made: {0}")]
    NoKey(&'static str),
}

/// Somebody who has a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Their name, which is also that of the folder with their conversations.
    pub name: String,
    /// The public part of the key.
    pub key_id: String,
    /// When the key was made, in microseconds since 1970.
    pub created: i64,
    /// Whether the key opens the conversations of this machine instead of a user's own.
    #[serde(default)]
    pub local: bool,
    /// Argon2id with the parameters of the crate's default, both in hexadecimal.
    salt: String,
    hash: String,
}

/// The file of users.
#[derive(Debug, Clone)]
pub struct Users {
    file: PathBuf,
}

#[derive(Default, Serialize, Deserialize)]
struct Stored {
    users: Vec<User>,
}

impl Users {
    /// The users of the data folder; the file need not exist.
    #[must_use]
    pub fn of(data_dir: &Path) -> Self {
        Self { file: data_dir.join("users.json") }
    }

    /// Where it is noted whose the public ids are.
    pub(super) fn shares(&self) -> PathBuf {
        self.file.with_file_name("shared-by")
    }

    /// Everybody, in the order in which they came.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn list(&self) -> Result<Vec<User>, UserError> {
        let text = match fs::read_to_string(&self.file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            read => read.map_err(|error| self.unusable(&error))?,
        };
        let stored: Stored = serde_json::from_str(&text).map_err(|error| self.unusable(&error))?;
        Ok(stored.users)
    }

    /// Adds somebody and returns the key, which is kept nowhere.
    ///
    /// # Errors
    /// When the name is taken or no name, or the file cannot be written.
    pub fn add(&self, name: &str, local: bool, now: Time) -> Result<SecretString, UserError> {
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let begins_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !begins_well || name.len() > LONGEST_NAME || !name.chars().all(good) {
            return Err(UserError::BadName(name.to_owned()));
        }
        let (key_id, secret) = (random(ID_BYTES)?, random(SECRET_BYTES)?);
        let salt = random(SALT_BYTES)?;
        let hash = hash(&secret, &salt)?;
        let user = User {
            name: name.to_owned(),
            key_id: key_id.clone(),
            created: now.0,
            local,
            salt,
            hash,
        };
        self.change(|users| {
            // Folders of some systems do not tell large letters from small ones.
            if let Some(other) = users.iter().find(|user| user.name.eq_ignore_ascii_case(name)) {
                return Err(UserError::Exists(other.name.clone()));
            }
            users.push(user);
            Ok(())
        })?;
        Ok(SecretString::from(format!("{MARK}_{key_id}_{secret}")))
    }

    /// Takes somebody's key away. Their conversations stay.
    ///
    /// # Errors
    /// When there is no such user, or the file cannot be written.
    pub fn revoke(&self, name: &str) -> Result<(), UserError> {
        self.change(|users| {
            let before = users.len();
            users.retain(|user| user.name != name);
            if users.len() == before { Err(UserError::Unknown(name.to_owned())) } else { Ok(()) }
        })
    }

    /// One program at a time.
    fn change(
        &self,
        change: impl FnOnce(&mut Vec<User>) -> Result<(), UserError>,
    ) -> Result<(), UserError> {
        let lock = self.file.with_extension("lock");
        let folder = lock.parent().unwrap_or(Path::new("."));
        let unusable = |error: &dyn std::fmt::Display| self.unusable(error);
        crate::config::create_private_folder(folder).map_err(|error| unusable(&error))?;
        let lock = fs::File::create(lock).map_err(|error| unusable(&error))?;
        lock.lock().map_err(|error| unusable(&error))?;
        let mut stored = Stored { users: self.list()? };
        change(&mut stored.users)?;
        let text = serde_json::to_string_pretty(&stored).map_err(|error| unusable(&error))?;
        write_private(&self.file, &text, true).map_err(|error| unusable(&error))
    }

    fn unusable(&self, why: &dyn std::fmt::Display) -> UserError {
        UserError::Unusable { path: self.file.clone(), why: why.to_string() }
    }
}

/// The parts of a key; `None` if it is none.
fn parts(key: &str) -> Option<(&str, &str)> {
    let (id, secret) = key.trim().strip_prefix(MARK)?.strip_prefix('_')?.split_once('_')?;
    (id.len() == ID_BYTES * 2 && secret.len() == SECRET_BYTES * 2).then_some((id, secret))
}

/// Random bytes in hexadecimal.
fn random(bytes: usize) -> Result<String, UserError> {
    let mut random = vec![0; bytes];
    SystemRandom::new()
        .fill(&mut random)
        .map_err(|_| UserError::NoKey("the system gives no random numbers"))?;
    Ok(hex(&random))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Slow, and takes 19 MiB for the time being.
fn hash(secret: &str, salt: &str) -> Result<String, UserError> {
    let mut hash = [0; HASH_BYTES];
    Argon2::default()
        .hash_password_into(secret.as_bytes(), salt.as_bytes(), &mut hash)
        .map_err(|_| UserError::NoKey("there is too little memory for its hash"))?;
    Ok(hex(&hash))
}

/// Whether it is the secret of that user.
fn is_secret_of(user: &User, secret: &str) -> Result<bool, UserError> {
    Ok(bool::from(hash(secret, &user.salt)?.as_bytes().ct_eq(user.hash.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_key_is_told_once_and_kept_as_a_hash() {
        let folder = tempfile::tempdir().unwrap();
        let users = Users::of(folder.path());
        assert!(users.list().unwrap().is_empty());
        let key = users.add("ada", false, Time(7)).unwrap();
        let (id, secret) = parts(key.expose_secret()).unwrap();
        let text = fs::read_to_string(folder.path().join("users.json")).unwrap();
        assert!(text.contains(id) && !text.contains(secret), "{text}");
        let all = users.list().unwrap();
        assert_eq!((all.len(), all[0].name.as_str(), all[0].created), (1, "ada", 7));
        assert!(is_secret_of(&all[0], secret).unwrap());
        assert!(!is_secret_of(&all[0], &"0".repeat(48)).unwrap());
        let taken = users.add("ADA", false, Time(0)).unwrap_err().to_string();
        assert!(taken.contains("revoke ada`"), "{taken}");
        users.revoke("ada").unwrap();
        assert!(matches!(users.revoke("ada"), Err(UserError::Unknown(_))));
    }

    #[test]
    fn names_are_those_of_folders() {
        let folder = tempfile::tempdir().unwrap();
        let users = Users::of(folder.path());
        for bad in ["", ".", "..", "a/b", "a b", "ä", "-x", &"a".repeat(65)] {
            let made = users.add(bad, false, Time(0));
            assert!(matches!(made, Err(UserError::BadName(_))), "{bad}");
        }
    }

    #[test]
    fn a_broken_file_is_said_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("users.json");
        fs::write(&file, "{").unwrap();
        let error = Users::of(folder.path()).add("ada", false, Time(0)).unwrap_err().to_string();
        assert!(error.contains("users.json"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "{");
    }
}
