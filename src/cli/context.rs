//! Who answers a command: the embedded service over the user's store, or the server that the user
//! named. The only file of the command line that puts these parts together.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Result;
use secrecy::SecretString;

use super::Global;
use crate::client::Client;
use crate::config::{Config, Paths};
use crate::model::Registry;
use crate::server::Service;
use crate::store::SqliteStore;

/// File of the conversations, within the data folder.
const STORE_FILE: &str = "conversations.db";
/// Holds the key of a service where the configuration names no other variable.
const API_KEY: &str = "XAI_API_KEY";

/// What a command works with.
pub(super) struct Context {
    pub(super) client: Client,
    pub(super) config: Config,
    pub(super) paths: Paths,
    /// What `--model` says.
    pub(super) model: Option<String>,
    /// Present where the service is part of this process.
    service: Option<Service>,
}

impl Context {
    pub(super) async fn open(global: &Global) -> Result<Self> {
        let (paths, config) = settle(global)?;
        let endpoint = global.endpoint.clone().or_else(|| config.endpoint.clone());
        let (client, service) = match endpoint.filter(|endpoint| !endpoint.trim().is_empty()) {
            Some(endpoint) => (Client::connect(&endpoint, api_key(&config)).await?, None),
            None => {
                let service = embedded(global, &paths, &config)?;
                (Client::embedded(service.clone()), Some(service))
            }
        };
        Ok(Self { client, config, paths, model: global.model(), service })
    }

    /// Stops what still runs, once it has stored what arrived.
    pub(super) async fn close(self) {
        if let Some(service) = self.service {
            service.shutdown().await;
        }
    }
}

/// Where everything is.
pub(super) fn find_paths(global: &Global) -> Result<Paths> {
    // A variable that is set to nothing says nothing.
    let given = |path: &Option<PathBuf>| path.clone().filter(|path| !path.as_os_str().is_empty());
    Ok(Paths::find(given(&global.config), given(&global.data_dir), environment)?)
}

/// Where everything is, and what the user has set.
pub(super) fn settle(global: &Global) -> Result<(Paths, Config)> {
    let paths = find_paths(global)?;
    let config = Config::load(&paths.config_file)?;
    Ok((paths, config))
}

/// The service over the user's own store and models.
pub(super) fn embedded(global: &Global, paths: &Paths, config: &Config) -> Result<Service> {
    paths.create()?;
    let store = SqliteStore::open(paths.data_dir.join(STORE_FILE));
    let mut config = config.clone();
    if let Some(model) = global.model() {
        config.model = Some(model);
    }
    let models = Registry::from_environment(&config, environment);
    Ok(Service::new(Arc::new(store), Arc::new(models)))
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn api_key(config: &Config) -> Option<SecretString> {
    let variable = config.api_key_env.as_deref().unwrap_or(API_KEY);
    environment(variable).filter(|key| !key.trim().is_empty()).map(SecretString::from)
}

/// Runs a command with what it needs, and closes that in any case.
pub(super) async fn with_service(
    global: &Global,
    command: impl AsyncFnOnce(&Context) -> Result<ExitCode>,
) -> Result<ExitCode> {
    let context = Context::open(global).await?;
    let outcome = command(&context).await;
    context.close().await;
    outcome
}

/// As [`with_service`], for commands that need nothing but a client.
pub(super) async fn with_client(
    global: &Global,
    command: impl AsyncFnOnce(&Client) -> Result<()>,
) -> Result<()> {
    let context = Context::open(global).await?;
    let outcome = command(&context.client).await;
    context.close().await;
    outcome
}
