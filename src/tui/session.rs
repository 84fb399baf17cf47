//! What is remembered between runs, beside the conversations and never in them: where one stood,
//! what was folded, drafts. Plain files of JSON; one that cannot be read counts as absent.

mod drafts;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use super::state::attachments::{Attachment, Written};
use drafts::{Aside, Drafts};

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
    /// Drafts that another program would have replaced.
    pub aside: Vec<(String, String)>,
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
    /// Of responses with several children, the one at which one went on, unless it is on the path or
    /// would be gone on with anyway.
    pub visited: BTreeMap<String, String>,
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
    /// Drafts that another program would have replaced, with what they are for and where.
    pub aside: Vec<(String, String)>,
}

/// What this program knows of a file with drafts.
#[derive(Debug, Default)]
struct Known {
    /// As they were read first, or written last.
    drafts: Drafts,
    /// Whether anything stands aside there.
    stands_aside: bool,
    /// When it was written by this program; another time tells that another program wrote it since.
    written: Option<(SystemTime, u64)>,
}

/// The folder in which all this is kept.
#[derive(Debug)]
pub struct SessionStore {
    folder: PathBuf,
    /// By file.
    known: Mutex<HashMap<PathBuf, Known>>,
}

/// What the draft of a new conversation goes by.
const NEW: &str = "";

impl SessionStore {
    /// Keeps everything below `folder`, which need not exist.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, known: Mutex::default() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is remembered of the last run.
    #[must_use]
    pub fn session(&self) -> Session {
        let file = self.session_file();
        let mut session: Session = read(&file);
        let mut new = of_new(&session.draft);
        self.learn(file, &new);
        drafts::take_up(&mut new, &std::mem::take(&mut session.aside));
        session.draft = new.remove(NEW).unwrap_or_default();
        session.attachments_mut().for_each(|attached| self.fill(attached));
        session
    }

    /// What is remembered of a conversation.
    #[must_use]
    pub fn place(&self, conversation: &str) -> Place {
        let file = self.place_file(conversation);
        let mut place: Place = read(&file);
        self.learn(file, &place.drafts);
        drafts::take_up(&mut place.drafts, &std::mem::take(&mut place.aside));
        place.attached.values_mut().for_each(|attached| self.fill(attached));
        place
    }

    /// Remembers both. A draft that another program stored meanwhile is not lost for it.
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
            let file = self.place_file(conversation);
            let mut place = place.clone();
            self.settle(&file, &mut place.drafts, &mut place.aside, |other: Place| {
                (other.drafts, other.aside)
            });
            self.write(file, &place)?;
        }
        let file = self.session_file();
        let (mut session, mut new) = (session.clone(), of_new(&session.draft));
        self.settle(&file, &mut new, &mut session.aside, |other: Session| {
            (of_new(&other.draft), other.aside)
        });
        session.draft = new.remove(NEW).unwrap_or_default();
        self.write(file, &session)
    }

    /// Makes what is to be stored of our drafts, and of what stands aside, of them and of what another
    /// program has stored. A file that nobody else wrote is not read.
    fn settle<T: Default + for<'a> Deserialize<'a>>(
        &self,
        file: &Path,
        ours: &mut Drafts,
        aside: &mut Aside,
        of: impl Fn(T) -> (Drafts, Aside),
    ) {
        let mut known = self.known();
        let known = known.entry(file.to_owned()).or_default();
        if known.written.is_some() && known.written == written(file) && !known.stands_aside {
            known.drafts.clone_from(ours);
            return;
        }
        let (theirs, other) = of(read(file));
        *aside = other;
        drafts::settle(&mut known.drafts, ours, &theirs, aside);
        known.stands_aside = !aside.is_empty();
    }

    /// Takes in what a file says, the first time.
    fn learn(&self, file: PathBuf, drafts: &Drafts) {
        let new = || Known { drafts: drafts.clone(), ..Known::default() };
        self.known().entry(file).or_insert_with(new);
    }

    /// Writes a file, and knows it again afterwards.
    fn write<T: Serialize>(&self, file: PathBuf, value: &T) -> io::Result<()> {
        write(&file, value)?;
        let time = written(&file);
        self.known().entry(file).or_default().written = time;
        Ok(())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<PathBuf, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn session_file(&self) -> PathBuf {
        self.folder.join("session.json")
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
        let session: Session = read(&self.session_file());
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

/// The draft of a new conversation among drafts.
fn of_new(draft: &str) -> Drafts {
    let draft = (!draft.is_empty()).then(|| (NEW.to_owned(), draft.to_owned()));
    draft.into_iter().collect()
}

/// When a file was written, and how long it is.
fn written(file: &Path) -> Option<(SystemTime, u64)> {
    let about = fs::metadata(file).ok()?;
    Some((about.modified().ok()?, about.len()))
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

    #[test]
    fn what_two_programs_write_in_one_place_is_there_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let started = || SessionStore::new(folder.path().to_owned());
        let open = |store: &SessionStore| drop((store.session(), store.place("c")));
        let write = |store: &SessionStore, text: &str| {
            let session = Session { draft: format!("new {text}"), ..Session::default() };
            let drafts = [("m:r".to_owned(), text.to_owned())].into();
            store.save(&session, Some(&("c".to_owned(), Place { drafts, ..Place::default() })))
        };
        let (one, two) = (started(), started());
        open(&one);
        open(&two);
        for (store, text) in [(&one, "a"), (&one, "a careful draft"), (&two, "x"), (&two, "xy")] {
            write(store, text).unwrap();
        }
        let later = started();
        assert_eq!(later.session().draft, "new xy\n\nnew a careful draft");
        assert_eq!(later.place("c").drafts["m:r"], "xy\n\na careful draft");
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
