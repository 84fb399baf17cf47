//! A service that is served, as each test wants it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Weak};
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
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
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
    /// Where the pages are.
    pub(crate) pages: String,
    opened: Opened,
    pub(crate) stop: CancellationToken,
    pub(crate) hurry: CancellationToken,
    pub(crate) served: JoinHandle<()>,
}

/// The stores that were opened for users.
type Opened = Arc<Mutex<Vec<Weak<SqliteStore>>>>;

/// The stores of users in files, counted.
struct Files {
    folder: PathBuf,
    opened: Opened,
}

impl Stores for Files {
    fn open(&self, user: &User) -> Arc<dyn Store> {
        let store = Arc::new(SqliteStore::open(store_of(&self.folder, &user.name)));
        self.opened.lock().unwrap().push(Arc::downgrade(&store));
        store
    }

    fn shared_ids(&self, user: &User) -> grok_tui::store::Result<Vec<String>> {
        SqliteStore::shared_ids(&store_of(&self.folder, &user.name))
    }

    fn stamp(&self, user: &User) -> Option<grok_tui::store::StoreStamp> {
        SqliteStore::stamp(&store_of(&self.folder, &user.name))
    }
}

/// The file of a user's store.
pub(crate) fn store_of(folder: &Path, user: &str) -> PathBuf {
    folder.join("users").join(user).join("conversations.db")
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
        self.build_in(tempfile::tempdir().unwrap()).await
    }

    /// The same in a folder where there may have been a house before.
    pub(crate) async fn build_in(self, folder: tempfile::TempDir) -> (House, Vec<SecretString>) {
        let users = Users::of(folder.path());
        let keys = self.users.iter().map(|name| users.add(name, false, Time(0)).unwrap()).collect();
        let models = SingleBackend::new("scripted", ScriptedBackend::new(self.script));
        let service = Service::new(Arc::new(SqliteStore::in_memory()), Arc::new(models));
        let stores = Files { folder: folder.path().to_owned(), opened: Arc::default() };
        let opened = Arc::clone(&stores.opened);
        let pages = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pages_at = pages.local_addr().unwrap().to_string();
        let mut serving = Serving::new(service)
            .limited(self.limits)
            .with_grace(PATIENCE)
            .for_users(users, stores)
            .unwrap();
        let tls = self.tls.then(|| {
            certify(folder.path());
            let [certificate, key] = files(folder.path());
            Arc::new(Tls::new(certificate, key).unwrap())
        });
        if let Some(tls) = tls.clone() {
            serving = serving.encrypted(tls);
        }
        let serving = serving.with_pages(pages, tls);
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
        let house = House { folder, address, pages: pages_at, opened, stop, hurry, served };
        (house, keys)
    }
}

impl House {
    pub(crate) async fn client(&self, key: Option<&SecretString>) -> Client {
        Client::connect(&self.address, key.cloned()).await.unwrap()
    }

    /// How many stores of users were opened, and how many of them are open still.
    pub(crate) fn stores(&self) -> (usize, usize) {
        let opened = self.opened.lock().unwrap();
        (opened.len(), opened.iter().filter(|store| store.strong_count() > 0).count())
    }

    /// Waits until so many stores of users are open.
    pub(crate) async fn until_open(&self, wanted: usize) {
        let is_so = async {
            while self.stores().1 != wanted {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let so = tokio::time::timeout(PATIENCE, is_so).await;
        assert!(so.is_ok(), "{:?} instead of {wanted}", self.stores());
    }

    /// The status and the text of a page.
    pub(crate) async fn page(&self, shared_id: &str) -> (u16, String) {
        let mut socket = tokio::net::TcpStream::connect(&self.pages).await.unwrap();
        let request =
            format!("GET /share/{shared_id} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        let read = socket.read_to_string(&mut answer);
        tokio::time::timeout(PATIENCE, read).await.unwrap().unwrap();
        (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
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
