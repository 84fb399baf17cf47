//! `serve`: the embedded service for other programs and people.

mod pages;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::context::{STORE_FILE, Search};
use super::global::path;
use super::log::LogFormat;
use super::output::{Out, note, remark};
use super::signals::{Signal, Signals};
use super::{DONE, Global, context};
use crate::server::{Address, Listener, Serving, Sharing, Stores, Tls, User, Users};
use crate::store::{self, SqliteStore, Store, StoreStamp};

/// Serve conversations to other programs and people
///
/// On this machine alone whoever reaches the address may use its conversations, until there are users
/// (`grok-tui users add`); from then on everybody needs a key and has conversations of their own. An
/// address that other machines reach needs users and a certificate.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address to listen on, HOST:PORT or unix:PATH; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7421")]
    listen: String,
    /// Certificate chain (PEM); read again when it changes
    #[arg(long, value_name = "FILE", value_parser = path(), requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// Private key of the certificate (PEM)
    #[arg(long, value_name = "FILE", value_parser = path(), requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    #[command(flatten)]
    pages: pages::Args,
    /// How long running answers may go on when the server is told to stop, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    grace: u64,
    /// Form of the log; without --log-file it goes to stderr
    #[arg(long, value_name = "FORM", value_enum)]
    log_format: Option<LogFormat>,
}

impl Args {
    pub(super) fn log_format(&self) -> Option<LogFormat> {
        self.log_format
    }

    /// Prints the addresses (its own, and how those of the pages begin) once connections are taken, and serves
    /// until it is told to stop.
    pub(super) async fn run(self, global: &Global, out: &mut Out) -> Result<ExitCode> {
        if global.endpoint.is_some() {
            return Err(super::usage(
                "serve",
                "`serve` serves the conversations of this machine; it cannot be given an --endpoint",
            ));
        }
        let address: Address =
            self.listen.parse().map_err(|error: crate::server::AddressError| {
                super::usage("serve", &error.to_string())
            })?;
        let (paths, config) = context::settle(global)?;
        let users = Users::of(&paths.data_dir);
        let has_users = !users.list()?.is_empty();
        let tls = match (self.tls_cert, self.tls_key) {
            (Some(certificate), Some(key)) => Some(Arc::new(Tls::new(certificate, key)?)),
            _ => None,
        };
        if address.is_reached_by_others()
            && let Some(words) = refusal(&self.listen, tls.is_some(), has_users)
        {
            return Err(super::usage("serve", &words));
        }
        let pages = self.pages.bind(tls.clone()).await?;
        let base = pages.as_ref().map(|pages| pages.base.clone());
        let sharing = base.clone().map_or(Sharing::Nowhere, Sharing::Pages);
        let embedded = context::embedded(global, &paths, &config, Search::Beside, sharing).await?;
        let folder = paths.data_dir.join("users");
        let mut serving = Serving::new(embedded.service.clone())
            .limited(config.serve.limits())
            .with_grace(Duration::from_secs(self.grace))
            .for_users(users, UserFiles { folder })?;
        if let Some(tls) = tls {
            if tls.is_key_exposed() {
                note("warning: others on this machine can read the private key; chmod 600 it");
            }
            serving = serving.encrypted(tls);
        }
        if let Some(pages) = pages {
            serving = serving.with_pages(pages.listener, pages.tls);
        }
        let listener = Listener::bind(&address)
            .await
            .with_context(|| format!("cannot listen on {}", self.listen))?;
        let wishes = Wishes::listen()?;
        out.line(&listener.address()?.to_string())?;
        base.iter().try_for_each(|base| out.line(base))?;
        out.flush()?;
        if let Some(base) = base {
            remark(format_args!(
                "whoever knows their addresses can read what is shared, at {}/share/…",
                base.trim_end_matches('/')
            ));
        }
        remark(if has_users { "serving users; Ctrl+C stops" } else { "serving; Ctrl+C stops" });
        let outcome =
            serving.run(listener, wishes.stop.cancelled(), wishes.hurry.cancelled()).await;
        embedded.service.shutdown().await;
        outcome?;
        Ok(ExitCode::from(DONE))
    }
}

/// The stores of users, each in a folder with its user's name.
struct UserFiles {
    folder: PathBuf,
}

impl UserFiles {
    fn of(&self, user: &User) -> PathBuf {
        self.folder.join(&user.name).join(STORE_FILE)
    }
}

impl Stores for UserFiles {
    fn open(&self, user: &User) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(self.of(user)))
    }

    fn shared_ids(&self, user: &User) -> store::Result<Vec<String>> {
        SqliteStore::shared_ids(&self.of(user))
    }

    fn stamp(&self, user: &User) -> Option<StoreStamp> {
        SqliteStore::stamp(&self.of(user))
    }
}

/// Why an address that other machines reach is not listened on, and what to do.
fn refusal(address: &str, has_tls: bool, has_users: bool) -> Option<String> {
    let certificate = "a certificate (--tls-cert FILE --tls-key FILE)";
    let users = "users, of whom there are none (`grok-tui users add NAME` prints a key)";
    let missing = match (has_tls, has_users) {
        (true, true) => return None,
        (true, false) => users.to_owned(),
        (false, true) => certificate.to_owned(),
        (false, false) => format!("{certificate} and {users}"),
    };
    Some(format!(
        "other machines reach {address}, so it needs {missing}; or listen on 127.0.0.1 and use ssh -L \
         from elsewhere"
    ))
}

/// What the user or the system wants of a running server.
struct Wishes {
    /// That it ends.
    stop: CancellationToken,
    /// That it ends at once: they have said so twice.
    hurry: CancellationToken,
    _listening: AbortOnDropHandle<()>,
}

impl Wishes {
    /// Listens from now on. A terminal that goes away does not end the server.
    fn listen() -> io::Result<Self> {
        let mut signals = Signals::listen()?;
        let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
        let told = [stop.clone(), hurry.clone()];
        let listening = tokio::spawn(async move {
            for token in told {
                while signals.next().await == Signal::HangUp {}
                token.cancel();
            }
        });
        Ok(Self { stop, hurry, _listening: AbortOnDropHandle::new(listening) })
    }
}
