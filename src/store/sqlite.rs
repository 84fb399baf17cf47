//! The store in a SQLite file. This file owns the threads and the interface; SQL stands in the
//! files below.

mod annotation;
mod check;
mod connection;
mod details;
mod fault;
mod leftover;
mod probe;
mod read;
mod reader;
mod responses;
mod search;
mod share;
mod tokens;
mod watch;
mod write;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use rusqlite::Connection;
use tokio::sync::{OnceCell, broadcast};

use crate::forest::{
    Annotation, Conversation, ConversationId, Response, ResponseId, Settings, Time, Token,
};
use crate::store::{Error, Outcome, Page, PageRequest, Reading, Result, SharedPath, Store};
pub use check::{StoreCheck, StoreStamp};
use connection::Location;
use reader::Reader;
use watch::Watch;
use writer::Writer;

/// Changes that may wait for a receiver; one that falls further behind is told so.
const CHANGES: usize = 256;

/// Conversations in one SQLite file. Several programs may have the same file open.
///
/// Changes are told when something was added, finished, renamed, shared, deleted or restored; the
/// growth of an answer in between is not told.
pub struct SqliteStore {
    location: Location,
    watch: Option<Watch>,
    writer: Option<Writer>,
    reader: Option<Reader>,
    /// Searches run apart, so that a long one keeps nobody waiting. Started with the first.
    searcher: OnceLock<Reader>,
    /// When this was opened.
    opened: Time,
    /// Set when what others left unfinished before that can be found.
    findable: OnceCell<()>,
    /// Joined when the store is dropped.
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Opens the file at `path`, or makes it. Returns at once; if something is wrong with the
    /// file, the first call says so.
    #[must_use]
    pub fn open(path: impl Into<PathBuf>) -> Self {
        Self::start(Location::File(path.into()))
    }

    /// A store that is gone when it is dropped.
    #[must_use]
    pub fn in_memory() -> Self {
        Self::start(Location::Memory(format!("store-{}", uuid::Uuid::new_v4())))
    }

    /// Looks at a file without changing anything.
    ///
    /// # Errors
    /// When it cannot be read, or is none of this program.
    pub fn check(file: &Path) -> Result<StoreCheck> {
        check::check(file)
    }

    /// Finds out whether the store in `file` could be written to, or, where there is none yet, its folder.
    /// Nothing of that stays.
    ///
    /// # Errors
    /// When it could not; says why and what to do.
    pub fn try_writing(file: &Path) -> Result<()> {
        probe::try_writing(file)
    }

    /// The ids under which paths of that file are public, read without changing it; none if there is no
    /// such file.
    ///
    /// # Errors
    /// When it cannot be read, or is none of this program.
    pub fn shared_ids(file: &Path) -> Result<Vec<String>> {
        if file.exists() { check::shared_ids(file) } else { Ok(Vec::new()) }
    }

    /// What the file looks like from outside, found without opening it; `None` if there is none.
    #[must_use]
    pub fn stamp(file: &Path) -> Option<StoreStamp> {
        check::stamp(file)
    }

    fn start(location: Location) -> Self {
        let (changes, _) = broadcast::channel(CHANGES);
        let watch = Watch::new(changes.clone());
        let mut store = Self {
            location: location.clone(),
            watch: Some(watch),
            writer: None,
            reader: None,
            searcher: OnceLock::new(),
            opened: Time(jiff::Timestamp::now().as_microsecond()),
            findable: OnceCell::new(),
            threads: Mutex::default(),
        };
        store.writer = store.keep(Writer::start(location.clone(), changes));
        if let Some(writer) = &store.writer {
            store.reader = store.keep(Reader::start("store-reader", location, writer.clone()));
        }
        store
    }

    fn keep<T>(&self, started: std::io::Result<(T, JoinHandle<()>)>) -> Option<T> {
        match started {
            Ok((handle, thread)) => {
                self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
                Some(handle)
            }
            Err(error) => {
                tracing::error!(%error, "a thread of the store cannot be started");
                None
            }
        }
    }

    fn writer(&self) -> Result<&Writer> {
        self.writer.as_ref().ok_or_else(no_thread)
    }

    fn reader(&self) -> Result<&Reader> {
        self.reader.as_ref().ok_or_else(no_thread)
    }

    /// Has the answers indexed that a killed program left unfinished. Done with the first search, so
    /// that no other start pays for it; where it fails, the search goes without.
    async fn find_leftovers(&self) {
        let opened = self.opened;
        let index = async || self.writer()?.change(None, move |c| leftover::index(c, opened)).await;
        if let Err(error) = self.findable.get_or_try_init(index).await {
            tracing::warn!(%error, "unfinished answers cannot be made findable");
        }
    }

    fn searcher(&self) -> Result<&Reader> {
        if let Some(searcher) = self.searcher.get() {
            return Ok(searcher);
        }
        let writer = self.writer()?.clone();
        let started = Reader::start("store-search", self.location.clone(), writer);
        let searcher = self.keep(started).ok_or_else(no_thread)?;
        Ok(self.searcher.get_or_init(|| searcher))
    }
}

impl Drop for SqliteStore {
    /// Waits until what was asked for is on the disk.
    fn drop(&mut self) {
        self.watch = None;
        self.reader = None;
        self.searcher.take();
        self.writer = None;
        let threads =
            std::mem::take(self.threads.get_mut().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a thread of the store has panicked");
            }
        }
    }
}

fn no_thread() -> Error {
    Error::Unusable(
        "the store cannot start its threads; close some programs and start again".to_owned(),
    )
}

#[async_trait]
impl Store for SqliteStore {
    async fn create_conversation(&self, conversation: Conversation) -> Result<()> {
        let id = conversation.id.clone();
        let work = move |c: &_| write::create_conversation(c, &conversation);
        self.writer()?.change(Some(&id), work).await
    }

    async fn conversation(&self, id: &ConversationId) -> Result<Conversation> {
        let id = id.clone();
        self.reader()?.read(move |c| Ok(read::conversation(c, &id)?.1)).await
    }

    async fn list(&self, page: PageRequest) -> Result<Page> {
        self.reader()?.read(move |c| read::list(c, &page)).await
    }

    async fn search(&self, query: &str, page: PageRequest) -> Result<Page> {
        self.find_leftovers().await;
        let query = query.to_owned();
        self.searcher()?.read(move |c| search::search(c, &query, &page)).await
    }

    async fn update(
        &self,
        id: &ConversationId,
        title: Option<&str>,
        starred: Option<bool>,
        now: Time,
    ) -> Result<Conversation> {
        let (own, title) = (id.clone(), title.map(ToOwned::to_owned));
        let work = move |c: &_| write::update(c, &own, title.as_deref(), starred, now);
        self.writer()?.change(Some(id), work).await
    }

    async fn set_settings(&self, id: &ConversationId, settings: Settings) -> Result<Conversation> {
        let own = id.clone();
        self.writer()?.change(Some(id), move |c| write::set_settings(c, &own, settings)).await
    }

    async fn keep_system_prompt(&self, name: &str, text: &str) -> Result<()> {
        let (name, text) = (name.to_owned(), text.to_owned());
        self.writer()?.change(None, move |c| write::keep_system_prompt(c, &name, &text)).await
    }

    async fn system_prompt(&self, name: &str) -> Result<Option<String>> {
        let name = name.to_owned();
        self.reader()?.read(move |c| read::system_prompt(c, &name)).await
    }

    async fn delete(&self, id: &ConversationId, now: Time) -> Result<()> {
        let own = id.clone();
        self.writer()?.change(Some(id), move |c| write::delete(c, &own, now)).await
    }

    async fn deleted(&self) -> Result<Vec<(Conversation, Time)>> {
        self.reader()?.read(read::deleted).await
    }

    async fn restore(&self, id: &ConversationId) -> Result<Conversation> {
        let own = id.clone();
        self.writer()?.change(Some(id), move |c| write::restore(c, &own)).await
    }

    async fn read(&self, id: &ConversationId) -> Result<Reading> {
        let (id, file) = (id.clone(), self.location.path().to_owned());
        let start = move |c: &Connection| responses::begin(c, &id);
        self.reader()?.read_on(start, move |c, rest| responses::send(c, &rest, &file)).await
    }

    async fn response(&self, conversation: &ConversationId, id: &ResponseId) -> Result<Response> {
        let (conversation, id) = (conversation.clone(), id.clone());
        self.reader()?.read(move |c| read::response(c, &conversation, &id)).await
    }

    async fn path(
        &self,
        conversation: &ConversationId,
        leaf: &ResponseId,
    ) -> Result<Vec<Response>> {
        let (conversation, leaf) = (conversation.clone(), leaf.clone());
        self.reader()?.read(move |c| read::path(c, &conversation, &leaf)).await
    }

    async fn add(&self, conversation: &ConversationId, response: Response) -> Result<()> {
        let own = conversation.clone();
        self.writer()?.change(Some(conversation), move |c| write::add(c, &own, &response)).await
    }

    async fn begin(
        &self,
        conversation: &ConversationId,
        response: Response,
        text: String,
        tokens: Vec<Token>,
    ) -> Result<()> {
        let own = conversation.clone();
        let work = move |c: &_| write::begin(c, &own, &response, &text, &tokens);
        self.writer()?.change(Some(conversation), work).await
    }

    async fn append(
        &self,
        conversation: &ConversationId,
        response: &ResponseId,
        text: String,
        tokens: Vec<Token>,
    ) -> Result<()> {
        let (conversation, response) = (conversation.clone(), response.clone());
        let work = move |c: &_| write::append(c, &conversation, &response, &text, &tokens);
        self.writer()?.change(None, work).await
    }

    async fn finish(
        &self,
        conversation: &ConversationId,
        response: &ResponseId,
        outcome: Outcome,
    ) -> Result<Response> {
        let (own, response) = (conversation.clone(), response.clone());
        let work = move |c: &_| write::finish(c, &own, &response, &outcome);
        self.writer()?.change(Some(conversation), work).await
    }

    async fn tokens(
        &self,
        conversation: &ConversationId,
        response: &ResponseId,
    ) -> Result<Vec<Token>> {
        let (conversation, response) = (conversation.clone(), response.clone());
        self.reader()?.read(move |c| read::tokens(c, &conversation, &response)).await
    }

    async fn annotate(
        &self,
        conversation: &ConversationId,
        response: &ResponseId,
        annotation: Annotation,
    ) -> Result<Response> {
        let (own, response) = (conversation.clone(), response.clone());
        let work = move |c: &_| annotation::annotate(c, &own, &response, &annotation);
        self.writer()?.change(Some(conversation), work).await
    }

    async fn share(&self, conversation: &ConversationId, response: &ResponseId) -> Result<String> {
        let (own, response) = (conversation.clone(), response.clone());
        self.writer()?.change(Some(conversation), move |c| share::share(c, &own, &response)).await
    }

    async fn unshare(
        &self,
        conversation: &ConversationId,
        response: Option<&ResponseId>,
    ) -> Result<Vec<String>> {
        let (own, response) = (conversation.clone(), response.cloned());
        let work = move |c: &_| share::unshare(c, &own, response.as_ref());
        self.writer()?.change(Some(conversation), work).await
    }

    async fn shares(&self, conversation: &ConversationId) -> Result<Vec<String>> {
        let id = conversation.clone();
        self.reader()?.read(move |c| share::shares(c, &id)).await
    }

    async fn shared(&self, id: &str) -> Result<Option<SharedPath>> {
        let id = id.to_owned();
        self.reader()?.read(move |c| share::shared(c, &id)).await
    }

    fn changes(&self) -> broadcast::Receiver<Option<ConversationId>> {
        match (&self.watch, &self.writer) {
            (Some(watch), Some(writer)) => watch.subscribe(&self.location, writer),
            // Without a writer nothing changes.
            _ => broadcast::channel(1).1,
        }
    }
}
