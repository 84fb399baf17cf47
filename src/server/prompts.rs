//! System prompts by name: those that ship with the program, and the files of a folder. A text that
//! an answer was sampled with is kept under its name and version, so that the same answer can be
//! sampled again when the file has changed.

use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use tonic::Status;
use uuid::Uuid;

use super::status::{self, invalid};
use crate::bounded;
use crate::store::Store;

const REGULAR: &str = include_str!("../../assets/prompts/regular.md");
const FUN: &str = include_str!("../../assets/prompts/fun.md");

/// The name for no system prompt at all.
const RAW: &str = "raw";
/// Names that ship with the program: a file cannot have one of them.
const BUILT_IN: [&str; 3] = ["regular", "fun", RAW];
/// Endings of prompt files, in the order in which they are looked for.
const ENDINGS: [&str; 2] = ["md", "txt"];
/// Longest name, in bytes.
const LONGEST_NAME: usize = 100;
/// Separates a prompt's name from its version.
const VERSION: char = '@';
/// Digits of a version: enough to tell all texts of a lifetime apart.
const DIGITS: usize = 12;

/// The system prompts that can be named.
#[derive(Debug, Clone, Default)]
pub struct Prompts {
    /// Where the files are, if anywhere.
    folder: Option<PathBuf>,
    /// What is in the store already: not every answer has to write.
    kept: Arc<Mutex<HashSet<String>>>,
}

/// A system prompt that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// `NAME@VERSION`.
    pub(super) name: String,
    pub(super) text: String,
}

impl Prompts {
    /// Those that ship with the program and the files `NAME.md` and `NAME.txt` of `folder`, which
    /// need not exist. Files are read when they are asked for.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self { folder: Some(folder.into()), kept: Arc::default() }
    }

    /// Refuses a name that stands for no system prompt.
    pub(super) async fn check(&self, name: &str, store: &dyn Store) -> Result<(), Status> {
        self.find(name, store).await.map(drop)
    }

    /// What `name` stands for; `None`: no system prompt. `NAME@VERSION` is looked for among the
    /// texts that were kept.
    pub(super) async fn find(
        &self,
        name: &str,
        store: &dyn Store,
    ) -> Result<Option<Found>, Status> {
        let current = match name {
            RAW => return Ok(None),
            _ if name.contains(VERSION) => {
                let kept = store.system_prompt(name).await;
                let kept = kept.map_err(|error| status::of_store(&error))?;
                let found = kept.map(|text| Some(Found { name: name.to_owned(), text }));
                return found.ok_or_else(|| {
                    invalid(&format!("no answer was sampled with the system prompt {name}"))
                });
            }
            "" | "regular" => Some(REGULAR.trim_end().to_owned()),
            "fun" => Some(FUN.trim_end().to_owned()),
            name => self.read(name).await?,
        };
        let text = current.ok_or_else(|| self.unknown(name))?;
        let name = if name.is_empty() { "regular" } else { name };
        Ok(Some(Found { name: versioned(name, &text), text }))
    }

    /// Keeps the text, so that its name and version stand for it for good.
    pub(super) async fn keep(&self, found: &Found, store: &dyn Store) -> Result<(), Status> {
        let known = |kept: &HashSet<String>| kept.contains(&found.name);
        if known(&self.kept.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(());
        }
        let kept = store.keep_system_prompt(&found.name, &found.text).await;
        kept.map_err(|error| status::of_store(&error))?;
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).insert(found.name.clone());
        Ok(())
    }

    /// All that can be named, with their texts, and in words which files are not used, and why.
    pub(super) async fn list(&self) -> (Vec<(String, String)>, Vec<String>) {
        let mut all = vec![
            ("regular".to_owned(), REGULAR.trim_end().to_owned()),
            ("fun".to_owned(), FUN.trim_end().to_owned()),
            (RAW.to_owned(), String::new()),
        ];
        let (hidden, names): (Vec<_>, Vec<_>) =
            self.names().into_iter().partition(|name| BUILT_IN.contains(&name.as_str()));
        let unused = |name| {
            format!(
                "the system prompt {name} of the prompts folder is not used: {name} ships with the \
                 program; give the file another name"
            )
        };
        let mut problems: Vec<_> = hidden.into_iter().map(unused).collect();
        for name in names {
            match self.read(&name).await {
                Ok(Some(text)) => all.push((name, text)),
                Ok(None) => {}
                Err(status) => problems.push(status.message().to_owned()),
            }
        }
        (all, problems)
    }

    async fn read(&self, name: &str) -> Result<Option<String>, Status> {
        let Some(folder) = self.folder.clone().filter(|_| is_name(name)) else { return Ok(None) };
        let own = name.to_owned();
        let read = move || {
            let mut files = ENDINGS.iter().map(|ending| folder.join(format!("{own}.{ending}")));
            files.find_map(|file| read_file(&file).transpose()).transpose()
        };
        let text = tokio::task::spawn_blocking(read).await.map_err(|_| status::ending())?;
        match text {
            Ok(Some(text)) if text.trim().is_empty() => Err(invalid(&format!(
                "the system prompt {name} is empty; write something into its file, or name {RAW} to have \
                 none"
            ))),
            Ok(text) => Ok(text),
            Err(error) => {
                Err(invalid(&format!("the system prompt {name} cannot be read: {error}")))
            }
        }
    }

    /// The names of the files, in order; also those that ship with the program.
    fn names(&self) -> Vec<String> {
        let listed = self.folder.as_deref().and_then(|folder| fs::read_dir(folder).ok());
        let name = |entry: io::Result<fs::DirEntry>| {
            let path = entry.ok()?.path();
            let known = ENDINGS.iter().any(|ending| path.extension().is_some_and(|e| e == *ending));
            let stem = path.file_stem()?.to_str()?;
            (known && is_name(stem)).then(|| stem.to_owned())
        };
        let mut names: Vec<String> = listed.into_iter().flatten().filter_map(name).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn unknown(&self, name: &str) -> Status {
        let mut known = vec!["fun".to_owned(), RAW.to_owned()];
        known.extend(self.names().into_iter().filter(|name| !BUILT_IN.contains(&name.as_str())));
        let place = self.folder.as_ref().map_or_else(String::new, |folder| {
            format!(", or write it into {}", folder.join(format!("{name}.md")).display())
        });
        let place = if is_name(name) { place } else { String::new() };
        invalid(&format!(
            "there is no system prompt {name}; leave it empty, choose one of {}{place}",
            known.join(", ")
        ))
    }
}

/// Whether it can be the name of a file in the folder, and of nothing outside it.
fn is_name(name: &str) -> bool {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.starts_with(['.', ' '])
        && name.chars().all(good)
}

fn versioned(name: &str, text: &str) -> String {
    let digits = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).simple().to_string();
    format!("{name}{VERSION}{}", &digits[..DIGITS])
}

/// `None`: there is no such file.
fn read_file(file: &Path) -> io::Result<Option<String>> {
    let about = match fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        about => about?,
    };
    // A pipe would be waited for when it is opened, for ever perhaps.
    if !about.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let opened = fs::File::open(file)?;
    Ok(Some(bounded::text(opened, bounded::SMALL_FILE)?.trim_end().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SqliteStore;

    #[tokio::test]
    async fn a_kept_text_outlives_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::in_memory();
        let prompts = Prompts::in_folder(folder.path());
        let file = folder.path().join("pirate.md");
        fs::write(&file, "Speak like a pirate.\n").unwrap();
        let first = prompts.find("pirate", &store).await.unwrap().unwrap();
        assert_eq!(first.text, "Speak like a pirate.");
        prompts.keep(&first, &store).await.unwrap();
        fs::write(&file, "Speak like a monk.").unwrap();
        let second = prompts.find("pirate", &store).await.unwrap().unwrap();
        assert_ne!(first.name, second.name);
        assert_eq!(prompts.find(&first.name, &store).await.unwrap().unwrap(), first);
        assert!(prompts.find(&second.name, &store).await.is_err());
    }

    #[tokio::test]
    async fn names_lead_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("prompts");
        fs::create_dir(&inside).unwrap();
        fs::write(folder.path().join("secret.md"), "s").unwrap();
        fs::write(inside.join("two words.txt"), "t").unwrap();
        fs::write(inside.join("fun.md"), "mine").unwrap();
        fs::write(inside.join("long.md"), vec![b'x'; (1 << 20) + 1]).unwrap();
        fs::write(inside.join("bytes.md"), [0xff]).unwrap();
        fs::write(inside.join("empty.md"), "\n").unwrap();
        let (prompts, store) = (Prompts::in_folder(&inside), SqliteStore::in_memory());
        for bad in
            ["../secret", "/etc/passwd", ".", "a/b", "nothing", "long", "bytes", "empty", "a@b"]
        {
            assert!(prompts.check(bad, &store).await.is_err(), "{bad}");
        }
        for good in ["", "regular", "fun", "raw", "two words"] {
            assert!(prompts.check(good, &store).await.is_ok(), "{good}");
        }
        let (all, problems) = prompts.list().await;
        let names: Vec<_> = all.into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["regular", "fun", "raw", "two words"]);
        let [fun, bytes, empty, long] = &problems[..] else { panic!("{problems:?}") };
        assert!(fun.contains("prompt fun") && fun.contains("another name"), "{fun}");
        assert!(empty.contains("prompt empty is empty") && empty.contains("raw"), "{empty}");
        assert!(bytes.contains("prompt bytes") && bytes.contains("UTF-8"), "{bytes}");
        assert!(long.contains("prompt long") && long.contains("1 MiB"), "{long}");
        let error = prompts.check("nothing", &store).await.unwrap_err();
        assert!(error.message().contains("two words") && error.message().contains("nothing.md"));
    }

    #[tokio::test]
    async fn each_mode_has_its_text() {
        let (prompts, store) = (Prompts::default(), SqliteStore::in_memory());
        let text = async |name| prompts.find(name, &store).await.unwrap().map(|found| found.text);
        assert_eq!(text("raw").await, None);
        assert_eq!(text("").await, text("regular").await);
        assert_ne!(text("").await, text("fun").await);
    }
}
