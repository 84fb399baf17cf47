//! Where files belong, and how ours are made: folders and files that only their owner can read.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::Error;

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// The configuration.
    pub config_file: PathBuf,
    /// Conversations.
    pub data_dir: PathBuf,
    /// What the screen remembers: the open conversation, folds, drafts.
    pub state_dir: PathBuf,
    /// What can be made again.
    pub cache_dir: PathBuf,
    /// The log, where one is asked for.
    pub log_file: PathBuf,
}

impl Paths {
    /// Where this system keeps such files. `config_file` and `data_dir` are what the command line
    /// says; else `GROK_TUI_CONFIG` and `GROK_TUI_DATA_DIR` of `env` count. With a data folder given,
    /// state, cache and log are inside it; the configuration stays where it is.
    ///
    /// # Errors
    /// When the system does not say where a user's files belong and not all was given.
    pub fn find(
        config_file: Option<PathBuf>,
        data_dir: Option<PathBuf>,
        env: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, Error> {
        let from_env = |name| env(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let config_file = config_file.or_else(|| from_env("GROK_TUI_CONFIG"));
        let data_dir = data_dir.or_else(|| from_env("GROK_TUI_DATA_DIR"));
        let system = directories::ProjectDirs::from("", "", "grok-tui");
        let config_file = match (config_file, &system, &data_dir) {
            (Some(file), _, _) => file,
            (None, Some(system), _) => system.config_dir().join("config.toml"),
            (None, None, Some(data)) => data.join("config.toml"),
            (None, None, None) => return Err(Error::Homeless),
        };
        if let Some(data_dir) = data_dir {
            let state_dir = data_dir.join("state");
            return Ok(Self {
                config_file,
                log_file: state_dir.join("grok-tui.log"),
                cache_dir: data_dir.join("cache"),
                state_dir,
                data_dir,
            });
        }
        let system = system.ok_or(Error::Homeless)?;
        let state_dir = system.state_dir().unwrap_or(system.data_dir()).to_owned();
        Ok(Self {
            config_file,
            data_dir: system.data_dir().to_owned(),
            log_file: state_dir.join("grok-tui.log"),
            state_dir,
            cache_dir: system.cache_dir().to_owned(),
        })
    }

    /// Where the user's system prompts are: beside the configuration.
    #[must_use]
    pub fn prompts_dir(&self) -> PathBuf {
        self.config_file.with_file_name("prompts")
    }

    /// Makes the folders for data and state, which only their owner can enter.
    ///
    /// # Errors
    /// When a folder cannot be made.
    pub fn create(&self) -> Result<(), Error> {
        create_private_folder(&self.data_dir)?;
        create_private_folder(&self.state_dir)
    }
}

/// Makes a folder, and those above it, that only its owner can enter; one that is there is left as
/// it is.
///
/// # Errors
/// When it cannot be made, or something else is in its place.
pub fn create_private_folder(path: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| unusable(path, "cannot make this folder", &error))
}

/// Writes a file that only its owner can read, with the folders above it. With `replace` false a
/// file that is there already is an error. The old contents stay whole until the new are.
///
/// # Errors
/// When it cannot be written, or exists and is not to be replaced.
pub fn write_private(path: &Path, contents: &str, replace: bool) -> Result<(), Error> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        create_private_folder(folder)?;
    }
    if !replace {
        return write_new(path, contents).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::Unusable {
                path: path.to_owned(),
                why: "there is such a file already, and it was left as it is".to_owned(),
            },
            _ => unusable(path, "cannot write", &error),
        });
    }
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let beside = path.with_file_name(name);
    let written = write_new(&beside, contents).and_then(|()| fs::rename(&beside, path));
    written.map_err(|error| {
        // The error that matters is the first one; a leftover file harms nobody.
        let _ = fs::remove_file(&beside);
        unusable(path, "cannot write", &error)
    })
}

fn write_new(path: &Path, contents: &str) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(contents.as_bytes())?;
    file.sync_all()
}

fn unusable(path: &Path, what: &str, error: &io::Error) -> Error {
    Error::Unusable { path: path.to_owned(), why: format!("{what}: {error}") }
}
