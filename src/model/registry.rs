//! Which models there are: the backends by name, the default, and what a name that a user gives
//! means. How a backend talks to its server is left to the backend.

mod keyed;
mod local;
mod name;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use futures::future::join_all;
use secrecy::SecretString;
use tokio::sync::watch;
use tokio::time::timeout;

use super::offline::OfflineBackend;
use super::openai::{OPENAI_BASE_URL, OpenAiBackend, Settings, looks_like_chat};
use super::xai::{self, XAI_API_HOST, XaiBackend};
use super::{Backend, Error, ErrorKind, ModelInfo, Timeouts};
use crate::config::{Config, ServerConfig};
use crate::forest::Sampling;
use keyed::KeyedBackend;
use local::Discovery;

pub use local::{LocalServer, USUAL_PORTS};

/// How long an answer may wait to learn how much its model can read.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a name stands for: the backend, the model's name within it, and the full name.
pub type Resolved = (Arc<dyn Backend>, String, String);

/// The backends that a program knows. Clones share what they know.
#[derive(Clone, Default)]
pub struct Registry {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    state: RwLock<State>,
    discovery: watch::Sender<Discovery>,
}

#[derive(Default)]
struct State {
    /// In the order in which they are listed and tried.
    backends: Vec<Entry>,
    /// Model that the user asked for as the default.
    wanted: Option<String>,
    /// The model of the backend `openai` that the environment names.
    openai_model: Option<String>,
    /// The first model of a backend, once it was asked for.
    first: HashMap<String, String>,
    /// Models named without their backend, once they were found.
    found: HashMap<String, String>,
    /// Context lengths by full name, as far as they were told, in tokens.
    context_lengths: HashMap<String, u32>,
    /// Whether models take pictures, by full name, as far as it was told.
    pictures: HashMap<String, bool>,
    /// Backends whose models were asked for.
    asked: HashSet<String>,
    /// How the models of a backend answer where nobody says.
    sampling: HashMap<String, Sampling>,
    local_servers: Vec<LocalServer>,
    timeouts: Timeouts,
}

#[derive(Clone)]
struct Entry {
    name: String,
    backend: Arc<dyn Backend>,
    origin: Origin,
    /// Where its server is, without secrets; empty for none.
    address: String,
}

/// A backend and where its server is.
#[derive(Clone)]
pub struct Place {
    /// What stands before the `/` in the names of its models.
    pub name: String,
    /// What answers.
    pub backend: Arc<dyn Backend>,
    /// Where its server is, without secrets; empty for none.
    pub address: String,
}

/// Where a backend comes from, which decides about the default: the least one is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    Configured,
    Found,
    BuiltIn,
}

impl Registry {
    /// A registry that knows nothing and looks for nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The backends that configuration and environment name, and the offline one. `env` gives the
    /// value of an environment variable. Connects to nothing.
    #[must_use]
    pub fn from_environment(config: &Config, env: impl Fn(&str) -> Option<String>) -> Self {
        let env = |name: &str| env(name).map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
        let registry = Self::new();
        let timeouts = config.timeouts.timeouts();
        let (base, key) = (env("OPENAI_BASE_URL"), env("OPENAI_API_KEY"));
        if base.is_some() || key.is_some() {
            let mut settings = Settings::new(base.unwrap_or_else(|| OPENAI_BASE_URL.to_owned()));
            settings.api_key = key.map(SecretString::from);
            settings.api_key_env = Some("OPENAI_API_KEY".to_owned());
            settings.timeouts = timeouts.clone();
            registry.add_server("openai", settings, Origin::Configured);
        }
        for server in &config.servers {
            registry.add_configured(server, settings(server, &timeouts, &env));
        }
        if let Some(key) = env("XAI_API_KEY") {
            let host = env("XAI_API_HOST").unwrap_or_else(|| XAI_API_HOST.to_owned());
            let mut settings = xai::Settings::new(host, SecretString::from(key));
            settings.timeouts = timeouts.clone();
            let backend = XaiBackend::new(settings);
            let address = backend.address().to_owned();
            registry.add("xai", Arc::new(backend), Origin::Configured, &address);
        }
        registry.add("offline", Arc::new(OfflineBackend::new()), Origin::BuiltIn, "");
        let discover = env("GROK_TUI_NO_DISCOVERY").is_none_or(|value| value == "0");
        let mut state = registry.write();
        state.wanted.clone_from(&config.model);
        state.openai_model = env("OPENAI_MODEL");
        state.timeouts = timeouts;
        if discover {
            state.local_servers = local::usual();
        }
        drop(state);
        registry
    }

    /// The same with one more backend, which counts as configured. One of that name is replaced.
    #[must_use]
    pub fn with(self, name: &str, backend: Arc<dyn Backend>) -> Self {
        self.add(name, backend, Origin::Configured, "");
        self
    }

    /// The same with `model` as the default, as a command line asks for it; `None` changes nothing.
    #[must_use]
    pub fn with_default_model(self, model: Option<String>) -> Self {
        if let Some(model) = model.filter(|model| !model.trim().is_empty()) {
            self.write().wanted = Some(model);
        }
        self
    }

    /// The same, looking for these servers when it is told to discover.
    #[must_use]
    pub fn with_local_servers(self, servers: Vec<LocalServer>) -> Self {
        self.write().local_servers = servers;
        self
    }

    /// Looks for servers of this machine and adds those that answer with models, under their names.
    /// Takes no longer than 300 ms. Returns the names of those that were added.
    ///
    /// Meant for the background, so that the default is known early: where nobody called it, or it
    /// is not done yet, `resolve` and `list` make or await the first search if it matters to them.
    pub async fn discover_local(&self) -> Vec<String> {
        local::discover(self).await
    }

    /// The full name of the model that answers where none is asked for.
    ///
    /// # Errors
    /// When the server that is the default cannot be asked for its models.
    pub async fn default_model(&self) -> Result<String, Error> {
        self.resolve("").await.map(|(_, _, full)| full)
    }

    /// What `name` stands for: `backend/model`, where the model may hold slashes; a model alone, of
    /// the default backend or of the only one that has it; a backend alone: its first model;
    /// nothing: the default.
    ///
    /// # Errors
    /// When there is no such backend or model (the error lists what there is), when several have
    /// it, or when a server that has to be asked does not answer.
    pub async fn resolve(&self, name: &str) -> Result<Resolved, Error> {
        name::resolve(self, name.trim()).await
    }

    /// All models with their full names, and what went wrong with the servers that do not tell.
    pub async fn list(&self) -> (Vec<ModelInfo>, Vec<String>) {
        local::settled(self).await;
        let (mut models, mut problems) = (Vec::new(), Vec::new());
        for (name, listed) in self.ask_all().await {
            match listed {
                Ok(list) => models.extend(list.into_iter().map(|mut model| {
                    model.name = format!("{name}/{}", model.name);
                    model
                })),
                Err(error) => problems.push(format!("{name}: {error}")),
            }
        }
        (models, problems)
    }

    /// The backends, in the order in which they are preferred.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let place = |entry: &Entry| Place {
            name: entry.name.clone(),
            backend: Arc::clone(&entry.backend),
            address: entry.address.clone(),
        };
        self.read().backends.iter().map(place).collect()
    }

    /// One line on how to connect a real model, where only the offline one is there.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let real = self.read().backends.iter().any(|entry| entry.origin != Origin::BuiltIn);
        let hint = "Only the offline model is here. For a real one set XAI_API_KEY or \
                    OPENAI_API_KEY (and OPENAI_BASE_URL for another server), or start Ollama, llama.cpp, LM Studio or \
                    vLLM on this machine.";
        (!real).then(|| hint.to_owned())
    }

    fn add_configured(&self, server: &ServerConfig, settings: Settings) {
        self.write().sampling.insert(server.name.clone(), server.sampling.sampling());
        let Some(command) = server.api_key_command.clone() else {
            return self.add_server(&server.name, settings, Origin::Configured);
        };
        let address = OpenAiBackend::new(settings.clone()).address().to_owned();
        let backend = Arc::new(KeyedBackend::new(settings, command));
        self.add(&server.name, backend, Origin::Configured, &address);
    }

    fn add_server(&self, name: &str, settings: Settings, origin: Origin) {
        let backend = OpenAiBackend::new(settings);
        let address = backend.address().to_owned();
        self.add(name, Arc::new(backend), origin, &address);
    }

    fn add(&self, name: &str, backend: Arc<dyn Backend>, origin: Origin, address: &str) {
        let (name, address) = (name.to_owned(), address.to_owned());
        let mut state = self.write();
        state.first.remove(&name);
        state.found.clear();
        state.backends.retain(|entry| entry.name != name);
        // Those built in stay last.
        let place = state.backends.partition_point(|entry| entry.origin <= origin);
        state.backends.insert(place, Entry { name, backend, origin, address });
    }

    async fn ask_all(&self) -> Vec<(String, Result<Vec<ModelInfo>, Error>)> {
        let entries = self.read().backends.clone();
        join_all(entries.into_iter().map(|entry| async move {
            let listed = self.models_of(&entry).await;
            (entry.name, listed)
        }))
        .await
    }

    /// Longest prompt and answer together, in tokens, if the model's server has told it so far.
    #[must_use]
    pub fn known_context_length(&self, full_name: &str) -> Option<u32> {
        self.read().context_lengths.get(full_name).copied()
    }

    /// The same; a server that was not asked for its models before is asked now, once.
    pub async fn context_length(&self, full_name: &str) -> Option<u32> {
        self.ask_once(full_name).await;
        self.known_context_length(full_name)
    }

    /// Whether a model takes pictures, if its server tells; one that was not asked for its models
    /// before is asked now, once.
    pub async fn takes_pictures(&self, full_name: &str) -> Option<bool> {
        self.ask_once(full_name).await;
        self.read().pictures.get(full_name).copied()
    }

    async fn ask_once(&self, full_name: &str) {
        let Some((backend, _)) = full_name.split_once('/') else { return };
        let new = self.write().asked.insert(backend.to_owned());
        if let Some(entry) = self.entry(backend).filter(|_| new) {
            // Who does not answer in time leaves unknown what others do not tell either.
            let _ = timeout(PATIENCE, self.models_of(&entry)).await;
        }
    }

    /// How a model answers where neither its request nor the conversation says.
    #[must_use]
    pub fn usual_sampling(&self, full_name: &str) -> Sampling {
        let backend = full_name.split('/').next().unwrap_or_default();
        self.read().sampling.get(backend).cloned().unwrap_or_default()
    }

    async fn models_of(&self, entry: &Entry) -> Result<Vec<ModelInfo>, Error> {
        let models = entry.backend.models().await?;
        let full = |model: &ModelInfo| format!("{}/{}", entry.name, model.name);
        let mut state = self.write();
        let lengths = models.iter().filter_map(|model| Some((full(model), model.context_length?)));
        state.context_lengths.extend(lengths);
        state.pictures.extend(models.iter().filter_map(|model| Some((full(model), model.images?))));
        state.asked.insert(entry.name.clone());
        drop(state);
        Ok(models)
    }

    fn entry(&self, name: &str) -> Option<Entry> {
        self.read().backends.iter().find(|entry| entry.name == name).cloned()
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.shared.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.shared.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.read();
        f.debug_list().entries(state.backends.iter().map(|entry| &entry.name)).finish()
    }
}

fn settings(
    server: &ServerConfig,
    timeouts: &Timeouts,
    env: &impl Fn(&str) -> Option<String>,
) -> Settings {
    let mut settings = Settings::new(server.base_url.clone());
    settings.api_key = server.api_key_env.as_deref().and_then(env).map(SecretString::from);
    settings.api_key_env.clone_from(&server.api_key_env);
    let header = |(name, value): (&String, &crate::config::Header)| {
        (name.clone(), SecretString::from(value.0.clone()))
    };
    settings.headers = server.headers.iter().map(header).collect();
    settings.dialect = server.dialect;
    settings.timeouts = timeouts.clone();
    settings
}

/// The model to take where only the backend is named.
async fn first_model(registry: &Registry, entry: &Entry) -> Result<String, Error> {
    let known = registry.read().first.get(&entry.name).cloned();
    if let Some(known) = known {
        return Ok(known);
    }
    let models = registry.models_of(entry).await.map_err(|mut error| {
        let other = if entry.name == "openai" { " Or name a model in OPENAI_MODEL." } else { "" };
        error.message = format!("{}{other}", error.message);
        error
    })?;
    let chat = models.iter().find(|model| looks_like_chat(&model.name));
    let Some(model) = chat.or(models.first()) else {
        let message = format!("{} offers no models; load one there first.", entry.name);
        return Err(Error::new(ErrorKind::NotFound, message));
    };
    registry.write().first.insert(entry.name.clone(), model.name.clone());
    Ok(model.name.clone())
}

#[cfg(test)]
mod tests;
