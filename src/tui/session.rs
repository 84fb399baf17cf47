//! What is remembered between runs, beside the conversations and never in them: where one stood,
//! what was folded, drafts. Plain files of JSON; one that cannot be read counts as absent.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// What is remembered of the last run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The conversation that was open.
    pub conversation: Option<String>,
    /// What was being written in a new conversation.
    pub draft: String,
    /// Messages sent, the last one at the end.
    pub history: Vec<String>,
    /// Messages that wait to be sent.
    pub waiting: Vec<Waiting>,
}

/// Messages that waited for an answer when the run ended.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Waiting {
    /// Where; `None`: in a conversation that was never made.
    pub conversation: Option<String>,
    /// The response that they belong after.
    pub below: Option<String>,
    /// In the order in which they were to be sent.
    pub messages: Vec<String>,
}

/// What is remembered of one conversation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    /// The end of the path on the screen.
    pub leaf: Option<String>,
    /// The selected response.
    pub selected: Option<String>,
    /// Rows that were opened or closed.
    pub rows: BTreeMap<String, bool>,
    /// Runs that were opened.
    pub runs: Vec<String>,
    /// Drafts, by what they are for and where.
    pub drafts: BTreeMap<String, String>,
}

/// The folder in which all this is kept.
#[derive(Debug, Clone)]
pub struct SessionStore {
    folder: PathBuf,
}

impl SessionStore {
    /// Keeps everything below `folder`, which need not exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is remembered of the last run.
    #[must_use]
    pub fn session(&self) -> Session {
        read(&self.folder.join("session.json"))
    }

    /// What is remembered of a conversation.
    #[must_use]
    pub fn place(&self, conversation: &str) -> Place {
        read(&self.place_file(conversation))
    }

    /// Remembers both.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn save(&self, session: &Session, place: Option<&(String, Place)>) -> io::Result<()> {
        if let Some((conversation, place)) = place {
            write(&self.place_file(conversation), place)?;
        }
        write(&self.folder.join("session.json"), session)
    }

    /// Foreign ids may hold anything, so a file is named by the id only where that is safe.
    fn place_file(&self, conversation: &str) -> PathBuf {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let name = if conversation.len() <= 64 && conversation.chars().all(plain) {
            conversation.to_owned()
        } else {
            let hash = conversation.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
            });
            format!("x{hash:016x}")
        };
        self.folder.join("places").join(format!("{name}.json"))
    }
}

fn read<T: Default + for<'a> Deserialize<'a>>(file: &Path) -> T {
    fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Writes beside the file and renames, so that there is always a whole one.
fn write<T: Serialize>(file: &Path, value: &T) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    let mut out = create_private_file(&beside)?;
    out.write_all(&serde_json::to_vec(value)?)?;
    drop(out);
    fs::rename(beside, file)
}

#[cfg(unix)]
pub(super) fn create_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
pub(super) fn create_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(unix)]
pub(super) fn create_private_file(file: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(file)
}

#[cfg(not(unix))]
pub(super) fn create_private_file(file: &Path) -> io::Result<fs::File> {
    fs::File::create(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_comes_back_and_damage_counts_as_absence() {
        let folder = tempfile::tempdir().unwrap();
        let store = SessionStore::new(folder.path().join("state"));
        assert_eq!(store.session(), Session::default());
        let session = Session { draft: "half a th".to_owned(), ..Session::default() };
        let place = Place { leaf: Some("r1".to_owned()), ..Place::default() };
        let foreign = "../../etc/passwd";
        for id in ["c-1", foreign] {
            store.save(&session, Some(&(id.to_owned(), place.clone()))).unwrap();
            assert_eq!(store.place(id), place);
        }
        assert_eq!(store.session(), session);
        fs::write(folder.path().join("state/session.json"), b"{\"draft\": 7").unwrap();
        assert_eq!(store.session(), Session::default());
    }
}
