//! The service: what answers the protocol. This file owns the service's handle and the turns that
//! run in it; handlers, prompts, titles and statuses have files of their own.

mod address;
mod annotation;
mod call;
mod chat;
mod choice;
mod connection;
mod forest;
mod gate;
mod homes;
mod images;
mod limits;
mod listen;
mod models;
mod pace;
mod parts;
mod prompt;
mod prompts;
mod publish;
mod request;
mod running;
mod sampler;
mod servers;
mod share;
#[cfg(unix)]
mod socket;
mod status;
mod title;
mod tls;
mod turn;
mod users;
mod window;

use std::future::Future;
use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::proto::grok_tui::forest_server::ForestServer;
use crate::proto::prompt_ide::chat_server::ChatServer;
use crate::proto::prompt_ide::sampler_server::SamplerServer;
use crate::store::Store;
use homes::Shares;

pub use address::{Address, AddressError};
pub use homes::Stores;
pub use limits::Limits;
pub use listen::{Listener, Serving, serve};
use running::Running;
pub use servers::Servers;
pub use share::Sharing;
pub use share::http::FindShared;
#[cfg(unix)]
pub use socket::SocketFile;
pub use tls::{Tls, TlsError};
pub use users::{User, UserError, Users};

pub use models::{Models, Resolved, SingleBackend};
pub use prompts::Prompts;

/// Longest message within a process and to a client, in bytes: a conversation is one message, and a
/// million responses are hundreds of megabytes. More does not fit into a frame of gRPC.
pub(crate) const LONGEST_MESSAGE: usize = u32::MAX as usize;

/// The conversation service. Clones are the same service.
///
/// The generated servers can be joined directly with the generated clients, which makes the
/// service that runs inside the program; [`serve`] puts them behind a socket.
#[derive(Clone)]
pub struct Service {
    shared: Arc<Shared>,
}

struct Shared {
    store: Arc<dyn Store>,
    models: Arc<dyn Models>,
    prompts: Prompts,
    sharing: OnceLock<Sharing>,
    /// Where it is noted what a user has shared; `None`: this is nobody's in particular.
    shares: Option<Shares>,
    turns: TaskTracker,
    running: Arc<Running>,
    /// No new answers are taken.
    closing: CancellationToken,
    /// Running ones end.
    stop: CancellationToken,
}

impl Drop for Shared {
    /// Turns hold their own part of the store: they end when nobody has the service any more.
    fn drop(&mut self) {
        self.closing.cancel();
        self.stop.cancel();
    }
}

impl Service {
    /// A service that keeps conversations in `store` and has them answered by `models`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, models: Arc<dyn Models>) -> Self {
        Self::with_prompts(store, models, Prompts::default())
    }

    /// The same with further system prompts.
    #[must_use]
    pub fn with_prompts(store: Arc<dyn Store>, models: Arc<dyn Models>, prompts: Prompts) -> Self {
        let shared = Shared {
            store,
            models,
            prompts,
            sharing: OnceLock::new(),
            shares: None,
            turns: TaskTracker::new(),
            running: Arc::default(),
            closing: CancellationToken::new(),
            stop: CancellationToken::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// The same models and prompts over the store of a user. It ends with this service.
    fn of_user(&self, store: Arc<dyn Store>, shares: Shares) -> Self {
        let shared = Shared {
            store,
            models: Arc::clone(&self.shared.models),
            prompts: self.shared.prompts.clone(),
            sharing: self.shared.sharing.clone(),
            shares: Some(shares),
            turns: self.shared.turns.clone(),
            running: Arc::default(),
            closing: self.shared.closing.child_token(),
            stop: self.shared.stop.child_token(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Where shared paths become readable; the first word counts. Without it: nowhere.
    #[must_use]
    pub fn sharing(self, sharing: Sharing) -> Self {
        let _ = self.shared.sharing.set(sharing);
        self
    }

    /// `prompt_ide.Chat`.
    #[must_use]
    pub fn chat(&self) -> ChatServer<Self> {
        ChatServer::new(self.clone())
            .max_decoding_message_size(LONGEST_MESSAGE)
            .max_encoding_message_size(LONGEST_MESSAGE)
    }

    /// `prompt_ide.Sampler`.
    #[must_use]
    pub fn sampler(&self) -> SamplerServer<Self> {
        SamplerServer::new(self.clone())
            .max_decoding_message_size(LONGEST_MESSAGE)
            .max_encoding_message_size(LONGEST_MESSAGE)
    }

    /// `grok_tui.Forest`.
    #[must_use]
    pub fn forest(&self) -> ForestServer<Self> {
        ForestServer::new(self.clone())
            .max_decoding_message_size(LONGEST_MESSAGE)
            .max_encoding_message_size(LONGEST_MESSAGE)
    }

    /// Refuses new answers from here on, and waits until the running ones have ended.
    pub async fn finish(&self) {
        self.shared.closing.cancel();
        self.shared.turns.close();
        self.shared.turns.wait().await;
    }

    /// Ends all running answers and watches, waits until what has arrived is stored, and refuses
    /// new answers from here on. May be called more than once.
    pub async fn shutdown(&self) {
        self.shared.stop.cancel();
        self.finish().await;
    }

    fn store(&self) -> &Arc<dyn Store> {
        &self.shared.store
    }

    fn models(&self) -> &dyn Models {
        self.shared.models.as_ref()
    }

    fn prompts(&self) -> &Prompts {
        &self.shared.prompts
    }

    fn where_shared(&self) -> Sharing {
        self.shared.sharing.get().cloned().unwrap_or_default()
    }

    fn shares(&self) -> Option<Shares> {
        self.shared.shares.clone()
    }

    /// Whether an answer is being received, or stored to its end.
    fn is_answering(&self) -> bool {
        !self.shared.running.is_empty()
    }

    fn running(&self) -> &Arc<Running> {
        &self.shared.running
    }

    fn is_ending(&self) -> bool {
        self.shared.closing.is_cancelled()
    }

    fn closing(&self) -> CancellationToken {
        self.shared.closing.clone()
    }

    fn stop_signal(&self) -> CancellationToken {
        self.shared.stop.clone()
    }

    /// Owned by the service: it ends with it.
    fn spawn(&self, turn: impl Future<Output = ()> + Send + 'static) {
        self.shared.turns.spawn(turn);
    }
}
