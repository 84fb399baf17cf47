//! A server whose key is printed by a command, which is run when the server is first needed.

use std::process::Stdio;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt as _, StreamExt as _, stream};
use secrecy::SecretString;
use tokio::process::Command;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use crate::model::openai::{OpenAiBackend, Settings};
use crate::model::{Backend, Error, ErrorKind, EventStream, ModelInfo, Request};

/// How long the command may take: it may ask a person for a password.
const PATIENCE: Duration = Duration::from_secs(60);
/// Longest part of what the command complains about that is shown, in characters.
const MOST_SHOWN: usize = 200;

/// The models of one server. Clones share its key.
#[derive(Clone)]
pub(super) struct KeyedBackend {
    shared: std::sync::Arc<Shared>,
}

struct Shared {
    settings: Settings,
    command: String,
    /// Made with the key, once there is one.
    backend: OnceCell<OpenAiBackend>,
}

impl KeyedBackend {
    /// The server of `settings`, with the key that `command` prints. Nothing is run yet.
    pub(super) fn new(settings: Settings, command: String) -> Self {
        let shared = Shared { settings, command, backend: OnceCell::new() };
        Self { shared: shared.into() }
    }

    /// A command that failed is run again the next time.
    async fn backend(&self) -> Result<&OpenAiBackend, Error> {
        let Shared { settings, command, backend } = self.shared.as_ref();
        backend
            .get_or_try_init(|| async {
                let mut settings = settings.clone();
                settings.api_key = Some(key(command).await?);
                settings.api_key_env = Some("api_key_command".to_owned());
                Ok(OpenAiBackend::new(settings))
            })
            .await
    }
}

impl Backend for KeyedBackend {
    fn sample(&self, request: Request) -> EventStream {
        let this = self.clone();
        let begun = async move {
            match this.backend().await {
                Ok(backend) => backend.sample(request),
                Err(error) => stream::iter([Err(error)]).boxed(),
            }
        };
        stream::once(begun).flatten().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>> {
        async { self.backend().await?.models().await }.boxed()
    }
}

/// What the command prints, on its first line.
async fn key(command: &str) -> Result<SecretString, Error> {
    let failed = |why: String| {
        let words = format!(
            "api_key_command `{command}` gave no key: {why}; run it in a shell to see what is wrong"
        );
        Error::new(ErrorKind::Unauthenticated, words)
    };
    let shell = if cfg!(windows) { ["cmd", "/C"] } else { ["sh", "-c"] };
    let run = Command::new(shell[0])
        .args([shell[1], command])
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = timeout(PATIENCE, run)
        .await
        .map_err(|_| failed(format!("it took longer than {} s", PATIENCE.as_secs())))?
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first: String = said.lines().next().unwrap_or("").chars().take(MOST_SHOWN).collect();
        return Err(failed(format!("{} {first}", output.status).trim_end().to_owned()));
    }
    let printed = String::from_utf8(output.stdout).unwrap_or_default();
    match printed.lines().next().map(str::trim) {
        Some(key) if !key.is_empty() => Ok(key.to_owned().into()),
        _ => Err(failed("it printed nothing".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[tokio::test]
    async fn the_first_line_is_the_key() {
        let key = key("printf ' k-1 \nnote\n'").await.unwrap();
        assert_eq!(key.expose_secret(), "k-1");
    }

    #[tokio::test]
    async fn failures_are_told_without_what_was_printed() {
        for (command, said) in [
            ("echo secret; echo locked >&2; exit 3", "locked"),
            ("true", "printed nothing"),
            ("grok-tui-no-such-program", "gave no key"),
        ] {
            let error = key(command).await.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Unauthenticated);
            let why = error.message.replace(command, "");
            assert!(why.contains(said) && !why.contains("secret"), "{why}");
        }
    }
}
