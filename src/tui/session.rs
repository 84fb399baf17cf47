//! What is remembered between runs, beside the conversations and never in them: where one stood,
//! what was folded, drafts. Plain files of JSON; one that cannot be read counts as absent.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::state::attachments::{Attachment, Written};

/// Attachments of no draft stay this long.
const KEPT: Duration = Duration::from_secs(86_400);

/// What is remembered of the last run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Session {
    /// The conversation that was open.
    pub conversation: Option<String>,
    /// What was being written in a new conversation.
    pub draft: String,
    /// What was attached to it.
    pub attached: Vec<Attachment>,
    /// Messages sent, the last one at the end.
    pub history: Vec<String>,
    /// Messages that wait to be sent.
    pub waiting: Vec<Waiting>,
}

impl Session {
    /// What belongs to the draft, and to the messages that wait.
    fn attachments(&self) -> impl Iterator<Item = &Vec<Attachment>> {
        let waiting = self.waiting.iter().flat_map(|waiting| &waiting.messages);
        std::iter::once(&self.attached).chain(waiting.map(|message| &message.attached))
    }

    fn attachments_mut(&mut self) -> impl Iterator<Item = &mut Vec<Attachment>> {
        let waiting = self.waiting.iter_mut().flat_map(|waiting| &mut waiting.messages);
        std::iter::once(&mut self.attached).chain(waiting.map(|message| &mut message.attached))
    }
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
    pub messages: Vec<Written>,
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
    /// Rows of what is put away that were opened, by the parent; empty: the roots.
    pub archives: Vec<String>,
    /// Responses that were not on the screen yet.
    pub unread: Vec<String>,
    /// When the newest response that was known was made, in microseconds since 1970.
    pub newest: Option<i64>,
    /// Drafts, by what they are for and where.
    pub drafts: BTreeMap<String, String>,
    /// What is attached to them.
    pub attached: BTreeMap<String, Vec<Attachment>>,
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
        let mut session: Session = read(&self.folder.join("session.json"));
        session.attachments_mut().for_each(|attached| self.fill(attached));
        session
    }

    /// What is remembered of a conversation.
    #[must_use]
    pub fn place(&self, conversation: &str) -> Place {
        let mut place: Place = read(&self.place_file(conversation));
        place.attached.values_mut().for_each(|attached| self.fill(attached));
        place
    }

    /// Remembers both.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn save(&self, session: &Session, place: Option<&(String, Place)>) -> io::Result<()> {
        // What is attached first, so that nothing is referred to that is not there.
        let drafts = place.into_iter().flat_map(|(_, place)| place.attached.values().flatten());
        for attachment in drafts.chain(session.attachments().flatten()) {
            self.keep(attachment)?;
        }
        if let Some((conversation, place)) = place {
            write(&self.place_file(conversation), place)?;
        }
        write(&self.folder.join("session.json"), session)
    }

    /// Removes what was attached to drafts and belongs to none any more. What is younger than a day
    /// stays: another program may be about to refer to it.
    pub fn tidy(&self) {
        let old = |file: &fs::DirEntry| {
            let time = file.metadata().and_then(|file| file.modified()).ok();
            time.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > KEPT)
        };
        let mut unused = files(&self.attached_folder());
        unused.retain(old);
        if unused.is_empty() {
            return;
        }
        let session: Session = read(&self.folder.join("session.json"));
        let places = files(&self.folder.join("places"));
        let places = places.iter().map(|place| read::<Place>(&place.path()));
        let attached = places.flat_map(|place| place.attached.into_values().flatten());
        let waiting = session.attachments().flatten().map(|one| one.file.clone());
        let used: HashSet<String> = attached.map(|one| one.file).chain(waiting).collect();
        for file in unused {
            if file.file_name().to_str().is_none_or(|name| !used.contains(name)) {
                // Left for the next time if it cannot be removed.
                let _ = fs::remove_file(file.path());
            }
        }
    }

    fn attached_folder(&self) -> PathBuf {
        self.folder.join("attached")
    }

    /// The file of an attachment; none for a name that is not one of ours.
    fn attached_file(&self, attachment: &Attachment) -> Option<PathBuf> {
        let ours = |c: char| c.is_ascii_hexdigit() || c == '-';
        let name = &attachment.file;
        let good = !name.is_empty() && name.len() <= 64 && name.chars().all(ours);
        good.then(|| self.attached_folder().join(name))
    }

    /// Stores the content of an attachment, once: it never changes.
    fn keep(&self, attachment: &Attachment) -> io::Result<()> {
        match self.attached_file(attachment) {
            Some(file) if !file.exists() => write_bytes(&file, attachment.content.as_bytes()),
            Some(_) | None => Ok(()),
        }
    }

    /// Reads the contents; what is not there any more is left out.
    fn fill(&self, attached: &mut Vec<Attachment>) {
        attached.retain_mut(|attachment| {
            let content = self.attached_file(attachment).and_then(|f| fs::read_to_string(f).ok());
            match content {
                Some(content) => attachment.content = content.into(),
                None => tracing::warn!("an attachment of a draft is gone: {}", attachment.file),
            }
            !attachment.content.is_empty()
        });
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

/// What is in a folder; nothing if there is none.
fn files(folder: &Path) -> Vec<fs::DirEntry> {
    fs::read_dir(folder).map(|all| all.flatten().collect()).unwrap_or_default()
}

fn read<T: Default + for<'a> Deserialize<'a>>(file: &Path) -> T {
    fs::read(file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Writes beside the file and renames, so that there is always a whole one.
fn write<T: Serialize>(file: &Path, value: &T) -> io::Result<()> {
    write_bytes(file, &serde_json::to_vec(value)?)
}

fn write_bytes(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = file.parent().unwrap_or(Path::new("."));
    create_private_folder(folder)?;
    let beside = file.with_extension(format!("{}.new", std::process::id()));
    let mut out = create_private_file(&beside)?;
    out.write_all(bytes)?;
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
    use crate::tui::state::attachments::Kind;

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

    fn attached(file: &str, content: &str) -> Attachment {
        Attachment { file: file.to_owned(), kind: Kind::Picture, content: content.into() }
    }

    #[test]
    fn attachments_have_files_of_their_own() {
        let folder = tempfile::tempdir().unwrap();
        let store = SessionStore::new(folder.path().join("state"));
        let session = Session { attached: vec![attached("a-1", "one")], ..Session::default() };
        let both = vec![attached("b-1", "two"), attached("b-2", "three")];
        let place = Place { attached: [("m:r".to_owned(), both)].into(), ..Place::default() };
        store.save(&session, Some(&("c".to_owned(), place.clone()))).unwrap();
        assert_eq!((store.session(), store.place("c")), (session, place.clone()));
        let files = folder.path().join("state/attached");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = fs::metadata(files.join("a-1")).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert!(
            !fs::read_to_string(folder.path().join("state/session.json")).unwrap().contains("one")
        );

        // What is gone is left out, and no name leads out of the folder.
        fs::remove_file(files.join("b-1")).unwrap();
        assert_eq!(store.place("c").attached["m:r"], place.attached["m:r"][1..]);
        let foreign = Session { attached: vec![attached("../x", "four")], ..Session::default() };
        store.save(&foreign, None).unwrap();
        assert_eq!(store.session().attached, []);
    }

    #[test]
    fn only_old_attachments_of_no_draft_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = SessionStore::new(folder.path().to_owned());
        store.tidy();
        let session = Session { attached: vec![attached("a-1", "one")], ..Session::default() };
        store.save(&session, None).unwrap();
        let files = folder.path().join("attached");
        let old = std::time::SystemTime::now() - KEPT * 2;
        for (name, time) in [("a-1", Some(old)), ("a-2", Some(old)), ("a-3", None)] {
            let file =
                fs::File::options().append(true).create(true).open(files.join(name)).unwrap();
            time.into_iter().for_each(|time| file.set_modified(time).unwrap());
        }
        store.tidy();
        let left = ["a-1", "a-2", "a-3"].map(|name| files.join(name).exists());
        assert_eq!(left, [true, false, true]);
    }
}
