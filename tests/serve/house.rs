//! A service that is served, as each test wants it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use grok_tui::client::{AddResponse, Answer, AnswerStream, Client};
use grok_tui::forest::{ConversationId, Time};
use grok_tui::model::scripted::{Script, ScriptedBackend, Step};
use grok_tui::server::{
    Address, Limits, Listener, Service, Serving, SingleBackend, Stores, Tls, User, Users,
};
use grok_tui::store::{SqliteStore, Store};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::Request;
use tonic::transport::Channel;

/// Long enough for a busy machine; only a test that fails waits for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// A service that is served.
pub(crate) struct House {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) address: String,
    pub(crate) stop: CancellationToken,
    pub(crate) hurry: CancellationToken,
    pub(crate) served: JoinHandle<()>,
}

/// What differs from house to house.
pub(crate) struct Plan {
    pub(crate) script: Vec<Step>,
    pub(crate) limits: Limits,
    pub(crate) users: &'static [&'static str],
    pub(crate) tls: bool,
    pub(crate) address: fn(&Path) -> Address,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            script: Script::text("an answer"),
            limits: Limits::default(),
            users: &[],
            tls: false,
            address: |_| "127.0.0.1:0".parse().unwrap(),
        }
    }
}

impl Plan {
    /// The house, and the keys of its users.
    pub(crate) async fn build(self) -> (House, Vec<SecretString>) {
        let folder = tempfile::tempdir().unwrap();
        let users = Users::of(folder.path());
        let keys = self.users.iter().map(|name| users.add(name, false, Time(0)).unwrap()).collect();
        let models = SingleBackend::new("scripted", ScriptedBackend::new(self.script));
        let service = Service::new(Arc::new(SqliteStore::in_memory()), Arc::new(models));
        let stores: Stores =
            Arc::new(|_: &User| -> Arc<dyn Store> { Arc::new(SqliteStore::in_memory()) });
        let mut serving = Serving::new(service)
            .limited(self.limits)
            .with_grace(PATIENCE)
            .for_users(users, stores)
            .unwrap();
        if self.tls {
            certify(folder.path());
            serving = serving.encrypted(
                Tls::new(files(folder.path())[0].clone(), files(folder.path())[1].clone()).unwrap(),
            );
        }
        let listener = Listener::bind(&(self.address)(folder.path())).await.unwrap();
        let scheme = if self.tls { "https" } else { "http" };
        let address = match listener.address().unwrap() {
            Address::Tcp(address) => format!("{scheme}://localhost:{}", address.port()),
            unix @ Address::Unix(_) => unix.to_string(),
        };
        let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
        let ends = (stop.clone().cancelled_owned(), hurry.clone().cancelled_owned());
        let served = tokio::spawn(async move {
            serving.run(listener, ends.0, ends.1).await.unwrap();
        });
        (House { folder, address, stop, hurry, served }, keys)
    }
}

impl House {
    pub(crate) async fn client(&self, key: Option<&SecretString>) -> Client {
        Client::connect(&self.address, key.cloned()).await.unwrap()
    }

    /// A connection without anything that a client of ours adds.
    pub(crate) async fn channel(&self) -> Channel {
        Channel::from_shared(self.address.clone()).unwrap().connect().await.unwrap()
    }

    pub(crate) async fn ends(self) {
        tokio::time::timeout(PATIENCE, self.served).await.unwrap().unwrap();
    }
}

pub(crate) fn files(folder: &Path) -> [PathBuf; 2] {
    [folder.join("cert.pem"), folder.join("key.pem")]
}

/// Writes a new certificate for this machine, and its key.
pub(crate) fn certify(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let [certificate, key] = files(folder);
    std::fs::write(key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(certificate, made.cert.pem()).unwrap();
}

pub(crate) fn ask(id: &ConversationId) -> AddResponse {
    AddResponse::new(id.clone(), "a question", None)
}

/// An answer of which one token has come.
pub(crate) async fn begun(client: &Client, id: &ConversationId) -> AnswerStream {
    let mut answer = client.add_response(ask(id)).await.unwrap();
    while !matches!(answer.next().await.unwrap().unwrap(), Answer::Token(_)) {}
    answer
}

/// A request that shows `key`.
pub(crate) fn with_key<T>(message: T, key: &SecretString) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("apikey", key.expose_secret().parse().unwrap());
    request
}
