//! Who answers a command: the embedded service over the user's store, or the server that the user
//! named. The only file of the command line that puts these parts together.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use secrecy::SecretString;
use tokio_util::task::AbortOnDropHandle;

use super::{Global, authority};
use crate::client::Client;
use crate::config::{Config, Paths};
use crate::model::Registry;
use crate::server::{Prompts, Service, Sharing};
use crate::store::SqliteStore;

/// File of the conversations, within the data folder.
pub(super) const STORE_FILE: &str = "conversations.db";
/// Folder of the pages of what is shared, within the data folder.
const SHARED_FOLDER: &str = "shared";
/// Holds the key of a service where the configuration names no other variable.
const API_KEY: &str = "GROK_TUI_API_KEY";
/// Holds the key of the hosted service, if nothing else does.
const HOSTED_API_KEY: &str = "XAI_API_KEY";
/// Host of the hosted service, and the end of its further names.
const HOSTED: &str = "x.ai";

/// Whether to look for model servers on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// No: no model is asked.
    No,
    /// Yes, beside everything else.
    Beside,
    /// Yes, before anything is asked. Takes no longer than 300 ms.
    First,
}

/// What a command works with.
pub(super) struct Context {
    pub(super) client: Client,
    pub(super) config: Config,
    pub(super) paths: Paths,
    /// What `--model` says.
    pub(super) model: Option<String>,
    /// Options that lead another call to the same conversations; with a space behind.
    pub(super) whereabouts: String,
    /// Present where the service is part of this process.
    service: Option<Embedded>,
}

/// The service in this process, and the search for models that goes on beside it.
pub(super) struct Embedded {
    pub(super) service: Service,
    _search: Option<AbortOnDropHandle<()>>,
}

impl Context {
    pub(super) async fn open(global: &Global, search: Search) -> Result<Self> {
        let (paths, config) = settle(global)?;
        let endpoint = global.endpoint.clone().or_else(|| config.endpoint.clone());
        let (client, service) = match endpoint.filter(|endpoint| !endpoint.trim().is_empty()) {
            Some(endpoint) => {
                let key = api_key(&config, &endpoint);
                let authority = given(&global.ca_cert);
                let authority = authority.map(|file| authority::read(&file)).transpose()?;
                let (authority, patience) = (authority.as_deref(), config.timeouts.patience());
                let client = Client::connect_patiently(&endpoint, key, authority, patience).await?;
                (client, None)
            }
            None => {
                let sharing = Sharing::Files(paths.data_dir.join(SHARED_FOLDER));
                let embedded = embedded(global, &paths, &config, search, sharing).await?;
                (Client::embedded(embedded.service.clone()), Some(embedded))
            }
        };
        let (model, whereabouts) = (global.model(), global.whereabouts());
        Ok(Self { client, config, paths, model, whereabouts, service })
    }

    /// Stops what still runs, once it has stored what arrived.
    pub(super) async fn close(self) {
        if let Some(embedded) = self.service {
            embedded.service.shutdown().await;
        }
    }
}

/// A path that is given; a variable that is set to nothing says nothing.
fn given(path: &Option<PathBuf>) -> Option<PathBuf> {
    path.clone().filter(|path| !path.as_os_str().is_empty())
}

/// Where everything is.
pub(super) fn find_paths(global: &Global) -> Result<Paths> {
    Ok(Paths::find(given(&global.config), given(&global.data_dir), environment)?)
}

/// Where everything is, and what the user has set.
pub(super) fn settle(global: &Global) -> Result<(Paths, Config)> {
    let paths = find_paths(global)?;
    // A variable that is set for good may name a file that is not written yet; who types a name
    // means a file that is there.
    let variable = std::env::var_os("GROK_TUI_CONFIG");
    let typed = global.config.as_ref().filter(|file| !file.as_os_str().is_empty());
    if typed.is_some_and(|file| Some(file.as_os_str()) != variable.as_deref())
        && !paths.config_file.exists()
    {
        anyhow::bail!(
            "there is no configuration file {}; `grok-tui config init` with the same --config \
             writes one",
            paths.config_file.display()
        );
    }
    let config = Config::load(&paths.config_file)?;
    Ok((paths, config))
}

/// The service over the user's own store and models.
pub(super) async fn embedded(
    global: &Global,
    paths: &Paths,
    config: &Config,
    search: Search,
    sharing: Sharing,
) -> Result<Embedded> {
    paths.create()?;
    let store = SqliteStore::open(paths.data_dir.join(STORE_FILE));
    let models = models(global, config);
    let searched = models.clone();
    let discovery = async move {
        searched.discover_local().await;
    };
    let search = match search {
        Search::No => None,
        Search::Beside => Some(AbortOnDropHandle::new(tokio::spawn(discovery))),
        Search::First => {
            discovery.await;
            None
        }
    };
    let prompts = Prompts::in_folder(paths.prompts_dir());
    let service =
        Service::with_prompts(Arc::new(store), Arc::new(models), prompts).sharing(sharing);
    Ok(Embedded { service, _search: search })
}

/// The models that configuration, environment and command line name.
pub(super) fn models(global: &Global, config: &Config) -> Registry {
    Registry::from_environment(config, environment).with_default_model(global.model())
}

/// The value of a variable.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// The key for `endpoint`: what the configuration names, else that of the hosted service. The
/// latter is told to nobody else.
fn api_key(config: &Config, endpoint: &str) -> Option<SecretString> {
    let value = |variable: &str| environment(variable).filter(|key| !key.trim().is_empty());
    let key = match &config.api_key_env {
        Some(variable) => value(variable),
        None => {
            value(API_KEY).or_else(|| is_hosted(endpoint).then(|| value(HOSTED_API_KEY)).flatten())
        }
    };
    key.map(SecretString::from)
}

fn is_hosted(endpoint: &str) -> bool {
    let (scheme, rest) = endpoint.trim().split_once("://").unwrap_or(("https", endpoint.trim()));
    let host = rest.split([':', '/']).next().unwrap_or_default();
    let below = host.strip_suffix(HOSTED);
    scheme == "https" && below.is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// Runs a command with what it needs, and closes that in any case.
pub(super) async fn with_service(
    global: &Global,
    search: Search,
    command: impl AsyncFnOnce(&Context) -> Result<ExitCode>,
) -> Result<ExitCode> {
    let context = Context::open(global, search).await?;
    let outcome = command(&context).await;
    context.close().await;
    outcome
}

/// As [`with_service`], for commands that need nothing but a client.
pub(super) async fn with_client(
    global: &Global,
    search: Search,
    command: impl AsyncFnOnce(&Client) -> Result<()>,
) -> Result<()> {
    let context = Context::open(global, search).await?;
    let outcome = command(&context.client).await;
    context.close().await;
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_of_the_hosted_service_goes_nowhere_else() {
        for hosted in ["https://api.x.ai:443", "api.x.ai", "x.ai", "https://api.x.ai/"] {
            assert!(is_hosted(hosted), "{hosted}");
        }
        for other in
            ["http://api.x.ai", "https://evilx.ai", "https://x.ai.example.org", "127.0.0.1:1", ""]
        {
            assert!(!is_hosted(other), "{other}");
        }
    }
}
