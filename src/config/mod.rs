//! The configuration: what a user can set in a file, with the words for what is wrong in it. Where
//! the files are is said in `paths`; which keys do what is left to the screen.

mod paths;
mod read;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::bounded;
use crate::client::Patience;
use crate::forest::Sampling;
use crate::model::Timeouts;
use crate::model::openai::Dialect;
use crate::server::Limits;
use crate::tui::picture::Setting;
use crate::tui::theme::{self, Entry, Role, Wishes};

pub use paths::{Paths, create_private_folder, write_private};

/// The shipped configuration: every setting, commented out, with its default.
pub const TEMPLATE: &str = include_str!("../../assets/config.toml");

/// What is wrong with the configuration, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The file, or a folder of ours, cannot be used.
    #[error("{path}: {why}", path = path.display())]
    Unusable {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        why: String,
    },
    /// A setting is not one we know, or has a value it cannot have.
    #[error("{path}, line {line}: {why}", path = path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: usize,
        /// The setting, and what is allowed.
        why: String,
    },
    /// This system does not say where a user's files belong.
    #[error("cannot tell where your files belong: set HOME, or give --data-dir and --config")]
    Homeless,
}

/// Everything a user can set. The default is what an absent file means.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The model that answers, as `backend/model`.
    #[serde(deserialize_with = "read::text")]
    pub model: Option<String>,
    /// A conversation service to use instead of the built-in one.
    #[serde(deserialize_with = "read::text")]
    pub endpoint: Option<String>,
    /// The environment variable that holds the key for `endpoint`.
    #[serde(deserialize_with = "read::text")]
    pub api_key_env: Option<String>,
    /// How answers are sampled unless a request says otherwise.
    pub sampling: SamplingConfig,
    /// How long a model's server, and a service elsewhere, are waited for.
    pub timeouts: TimeoutConfig,
    /// OpenAI-compatible servers.
    pub servers: Vec<ServerConfig>,
    /// What `serve` allows.
    pub serve: ServeConfig,
    /// Keys by action.
    #[serde(deserialize_with = "read::keys")]
    pub keys: BTreeMap<String, Vec<String>>,
    /// The screen.
    pub ui: UiConfig,
    /// Colours and modifiers by role.
    pub theme: BTreeMap<Role, Entry>,
}

/// Sampling settings; what is left out is decided by the model's server.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SamplingConfig {
    /// Softmax temperature, 0 to 2.
    #[serde(deserialize_with = "read::temperature")]
    pub temperature: Option<f32>,
    /// Nucleus, above 0 and up to 1.
    #[serde(deserialize_with = "read::top_p")]
    pub top_p: Option<f32>,
    /// Longest answer, in tokens.
    #[serde(deserialize_with = "read::max_tokens")]
    pub max_tokens: Option<u32>,
    /// Alternatives to record for every token, 0 to 20.
    #[serde(deserialize_with = "read::top_k")]
    pub top_k: Option<u32>,
    /// Seed of the random choices.
    pub seed: Option<u64>,
    /// Texts that end the answer.
    #[serde(deserialize_with = "read::stop")]
    pub stop: Vec<String>,
    /// Whether models that can may search the web and X.
    pub search: Option<bool>,
}

impl SamplingConfig {
    /// The same as a request takes them.
    #[must_use]
    pub fn sampling(&self) -> Sampling {
        Sampling {
            temperature: self.temperature,
            top_p: self.top_p,
            seed: self.seed,
            max_tokens: self.max_tokens,
            stop: self.stop.clone(),
            top_k: self.top_k,
            max_tokens_per_second: None,
            search: self.search,
        }
    }
}

/// How long a model's server, and a service elsewhere, are waited for.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeoutConfig {
    /// For a connection, to a model's server or to `endpoint`, in seconds.
    #[serde(deserialize_with = "read::seconds")]
    pub connect: f32,
    /// For the service at `endpoint` to answer what is not an answer of a model, in seconds.
    #[serde(deserialize_with = "read::seconds")]
    pub call: f32,
    /// For the first word of an answer, in seconds.
    #[serde(deserialize_with = "read::seconds")]
    pub first_byte: f32,
    /// For the next bytes of an answer, in seconds.
    #[serde(deserialize_with = "read::seconds")]
    pub idle: f32,
}

/// How much `serve` allows.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ServeConfig {
    /// Longest request, in MiB.
    #[serde(deserialize_with = "read::positive")]
    pub message_mib: u32,
    /// Calls of one user at once.
    #[serde(deserialize_with = "read::positive")]
    pub calls_per_user: u32,
    /// Calls of one user in a second, over time.
    #[serde(deserialize_with = "read::positive")]
    pub requests_per_second: u32,
    /// Connections at once, of all.
    #[serde(deserialize_with = "read::positive")]
    pub connections: u32,
    /// Connections at once from one address of another machine.
    #[serde(deserialize_with = "read::positive")]
    pub connections_per_peer: u32,
}

impl Default for ServeConfig {
    fn default() -> Self {
        Self {
            message_mib: 20,
            calls_per_user: 256,
            requests_per_second: 100,
            connections: 4_096,
            connections_per_peer: 256,
        }
    }
}

impl ServeConfig {
    /// The same as the service takes it.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            message: (self.message_mib as usize) << 20,
            calls_per_user: self.calls_per_user as usize,
            requests_per_second: f64::from(self.requests_per_second),
            connections: self.connections as usize,
            connections_per_peer: self.connections_per_peer as usize,
            ..Limits::default()
        }
    }
}

/// An OpenAI-compatible server.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// What stands before the `/` in the names of its models.
    #[serde(deserialize_with = "read::server_name")]
    pub name: String,
    /// Its address up to and including `/v1`.
    pub base_url: String,
    /// The environment variable that holds its key.
    #[serde(default, deserialize_with = "read::text")]
    pub api_key_env: Option<String>,
    /// A command that prints its key, run by the shell when the key is first needed.
    #[serde(default, deserialize_with = "read::text")]
    pub api_key_command: Option<String>,
    /// How its models answer where neither a request nor its conversation says so.
    #[serde(default)]
    pub sampling: SamplingConfig,
    /// Further HTTP headers to send.
    #[serde(default)]
    pub headers: BTreeMap<String, Header>,
    /// Which server it is, where that cannot be found out.
    #[serde(default)]
    pub dialect: Option<Dialect>,
}

impl ServerConfig {
    fn has_two_keys(&self) -> bool {
        self.api_key_env.is_some() && self.api_key_command.is_some()
    }
}

/// The value of an HTTP header; it may be a secret, so it is not shown.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Header(pub String);

impl std::fmt::Debug for Header {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Header(..)")
    }
}

/// Settings of the screen.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UiConfig {
    /// Whether the mouse is used.
    pub mouse: bool,
    /// Whether the terminal is told of links, so that they can be clicked.
    pub links: bool,
    /// How pictures are shown.
    pub pictures: Setting,
    /// The theme.
    pub theme: theme::Name,
    /// The signs of the interface.
    pub glyphs: theme::Signs,
    /// Whether the screen is to be read aloud.
    pub linear: bool,
    /// How fast the offline model writes, in tokens per second; 0: as fast as it can.
    #[serde(deserialize_with = "read::pace")]
    pub pace: f32,
    /// How texts are copied.
    pub clipboard: ClipboardSetting,
    /// Whether what was selected with the mouse is copied at once.
    pub copy_on_select: bool,
}

impl Default for UiConfig {
    fn default() -> Self {
        let clipboard = ClipboardSetting::default();
        Self {
            mouse: true,
            links: true,
            pictures: Setting::Auto,
            theme: theme::Name::Auto,
            glyphs: theme::Signs::Auto,
            linear: false,
            pace: 60.0,
            clipboard,
            copy_on_select: false,
        }
    }
}

/// How texts are copied. Where the way that was chosen is not there, a file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClipboardSetting {
    /// By whatever is there: a program of the desktop, tmux, the terminal.
    #[default]
    Auto,
    /// By the terminal.
    Osc52,
    /// By tmux.
    Tmux,
    /// By a program of the desktop, over ssh too.
    Native,
    /// Into a file.
    File,
}

impl ClipboardSetting {
    /// Its name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Osc52 => "osc52",
            Self::Tmux => "tmux",
            Self::Native => "native",
            Self::File => "file",
        }
    }
}

impl Default for TimeoutConfig {
    fn default() -> Self {
        let default = Timeouts::default();
        Self {
            connect: default.connect.as_secs_f32(),
            call: Patience::default().call.as_secs_f32(),
            first_byte: default.first_byte.as_secs_f32(),
            idle: default.idle.as_secs_f32(),
        }
    }
}

impl TimeoutConfig {
    /// The same as the backends take it.
    #[must_use]
    pub fn timeouts(&self) -> Timeouts {
        Timeouts {
            connect: Duration::from_secs_f32(self.connect),
            first_byte: Duration::from_secs_f32(self.first_byte),
            idle: Duration::from_secs_f32(self.idle),
            ..Timeouts::default()
        }
    }

    /// The same as the client takes it. A title is sampled: its model may have to be loaded first.
    #[must_use]
    pub fn patience(&self) -> Patience {
        Patience {
            connect: Duration::from_secs_f32(self.connect),
            call: Duration::from_secs_f32(self.call),
            sampled: Duration::from_secs_f32(self.call + self.first_byte),
        }
    }
}

/// The text of a configuration; `None`: there is no such file.
///
/// # Errors
/// When the file cannot be read, or is longer than a configuration can be (1 MiB).
pub fn read_text(path: &Path) -> Result<Option<String>, Error> {
    let read = fs::File::open(path).and_then(|file| bounded::text(file, bounded::SMALL_FILE));
    match read {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => {
            Err(Error::Unusable { path: path.to_owned(), why: format!("cannot read: {error}") })
        }
    }
}

impl Config {
    /// Reads the file; one that does not exist is an empty one.
    ///
    /// # Errors
    /// When the file cannot be read, or says something that is not allowed.
    pub fn load(path: &Path) -> Result<Self, Error> {
        read_text(path)?.map_or_else(|| Ok(Self::default()), |text| Self::parse(&text, path))
    }

    /// Reads `text`; `path` is only named in errors.
    ///
    /// # Errors
    /// When it says something that is not allowed.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let config: Self =
            toml::from_str(text).map_err(|error| read::invalid(&error, text, path))?;
        if let Some(server) = config.servers.iter().find(|server| server.has_two_keys()) {
            let line = read::last_line_with(text, "api_key_command");
            let name = &server.name;
            let why =
                format!("servers: `{name}` has both api_key_env and api_key_command; keep one");
            return Err(Error::Invalid { path: path.to_owned(), line, why });
        }
        let mut names: Vec<&str> = config.servers.iter().map(|s| s.name.as_str()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            let line = read::last_line_with(text, pair[0]);
            let why = format!("servers: two of them have the name `{}`", pair[0]);
            return Err(Error::Invalid { path: path.to_owned(), line, why });
        }
        Ok(config)
    }

    /// What the screen is to look like.
    #[must_use]
    pub fn looks(&self) -> Wishes {
        let UiConfig { theme, glyphs, linear, .. } = self.ui;
        Wishes { theme, glyphs, linear, roles: self.theme.clone() }
    }

    /// The sampling settings as a request takes them.
    #[must_use]
    pub fn sampling(&self) -> Sampling {
        self.sampling.sampling()
    }
}

#[cfg(test)]
mod tests;
