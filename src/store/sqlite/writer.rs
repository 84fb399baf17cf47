//! The one thread that writes. Whatever is waiting goes into one transaction, each job in a
//! savepoint of its own, and is answered only when that transaction is on the disk: a thousand
//! concurrent streams cost few commits, and none suffers from another's failure.

use std::thread::{self, JoinHandle};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{broadcast, mpsc, oneshot};

use super::connection::{self, Location};
use super::fault::Fault;
use crate::forest::ConversationId;
use crate::store::{Error, Result};

/// Jobs that may wait. When the queue is full, callers wait for room: nothing is dropped.
const QUEUE: usize = 1024;

/// Most jobs in one transaction, so that the first of them is not kept waiting.
const BATCH: usize = 512;

type Changes = broadcast::Sender<Option<ConversationId>>;

/// Does the work where there is a connection; tells how it went and who wants to know.
type Work = Box<dyn FnOnce(Result<&Connection>) -> (Result<()>, Answer) + Send>;

/// Hands over the answer, once the commit has succeeded or not.
type Answer = Box<dyn FnOnce(Result<()>) + Send>;

enum Command {
    /// A change, and the conversation that those who watch are told of.
    Change(Option<ConversationId>, Work),
    /// Answered as soon as the file is open.
    Open(oneshot::Sender<Result<()>>),
    /// Looks whether another program has changed the file.
    CheckOthers,
}

/// The writer's handle. The thread ends when the last handle is gone and the queue is empty.
#[derive(Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Command>,
    location: Location,
}

impl Writer {
    /// Starts the thread, which opens the file at once. Failures come with the first job.
    pub(super) fn start(
        location: Location,
        changes: Changes,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (queue, commands) = mpsc::channel(QUEUE);
        let mut state = State { location: location.clone(), changes, connection: None, version: 0 };
        let thread = thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || state.work_off(commands))?;
        Ok((Self { queue, location }, thread))
    }

    /// Has `work` done in a transaction and returns when it is on the disk.
    pub(super) async fn change<T: Send + 'static>(
        &self,
        touched: Option<&ConversationId>,
        work: impl FnOnce(&Connection) -> std::result::Result<T, Fault> + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let location = self.location.clone();
        let work: Work = Box::new(move |connection| {
            let result = connection.and_then(|connection| {
                work(connection).map_err(|fault| fault.in_words(location.path()))
            });
            let how = result.as_ref().map(|_| ()).map_err(Clone::clone);
            // Nobody may be waiting any more; the change stands nevertheless.
            (how, Box::new(move |commit| drop(reply.send(commit.and(result)))))
        });
        let command = Command::Change(touched.cloned(), work);
        self.queue.send(command).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }

    /// Waits until the file is open and up to date. For threads, not for tasks.
    pub(super) fn wait_until_open(&self) -> Result<()> {
        let (reply, answer) = oneshot::channel();
        self.queue.blocking_send(Command::Open(reply)).map_err(|_| stopped())?;
        answer.blocking_recv().map_err(|_| stopped())?
    }

    /// Has the writer look whether another program has changed the file; `false`: it has ended.
    /// For threads, not for tasks.
    pub(super) fn check_others(&self) -> bool {
        self.queue.blocking_send(Command::CheckOthers).is_ok()
    }
}

pub(super) fn stopped() -> Error {
    Error::Internal("it has been closed".to_owned())
}

struct State {
    location: Location,
    changes: Changes,
    connection: Option<Connection>,
    /// `data_version` of the file; grows when another connection writes.
    version: i64,
}

impl State {
    fn work_off(&mut self, mut commands: mpsc::Receiver<Command>) {
        let mut failed = self.open().err();
        let mut waiting = Vec::with_capacity(BATCH);
        while commands.blocking_recv_many(&mut waiting, BATCH) > 0 {
            // What failed is tried again, as the disk may have room by now.
            let opened = match failed.take() {
                Some(error) => Err(error),
                None => self.open(),
            };
            self.batch(&mut waiting, opened);
        }
    }

    fn open(&mut self) -> Result<()> {
        if self.connection.is_some() {
            return Ok(());
        }
        let connection = connection::open(&self.location)
            .map_err(|fault| fault.in_words(self.location.path()))?;
        self.version = data_version(&connection).unwrap_or_default();
        self.connection = Some(connection);
        Ok(())
    }

    fn batch(&mut self, waiting: &mut Vec<Command>, opened: Result<()>) {
        let mut jobs = Vec::with_capacity(waiting.len());
        for command in waiting.drain(..) {
            match command {
                Command::Change(touched, work) => jobs.push((touched, work)),
                Command::Open(reply) => drop(reply.send(opened.clone())),
                Command::CheckOthers => self.check_others(),
            }
        }
        if jobs.is_empty() {
            return;
        }
        let Some(connection) = &mut self.connection else {
            let error = opened.err().unwrap_or_else(stopped);
            return refuse(jobs.into_iter().map(|(_, work)| work), &error);
        };
        let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate)
        {
            Ok(transaction) => transaction,
            Err(error) => {
                let error = Fault::from(error).in_words(self.location.path());
                return refuse(jobs.into_iter().map(|(_, work)| work), &error);
            }
        };
        let (touched, answers, outcome) = run(transaction, jobs, &self.location);
        // Told before it is answered: whoever subscribes after a change does not hear of it again.
        for conversation in touched.into_iter().filter(|_| outcome.is_ok()) {
            // An error means that nobody watches.
            let _ = self.changes.send(Some(conversation));
        }
        for answer in answers {
            answer(outcome.clone());
        }
    }

    fn check_others(&mut self) {
        let Some(connection) = &self.connection else { return };
        let Ok(version) = data_version(connection) else { return };
        if version != self.version {
            self.version = version;
            let _ = self.changes.send(None);
        }
    }
}

fn run(
    transaction: Transaction<'_>,
    jobs: Vec<(Option<ConversationId>, Work)>,
    location: &Location,
) -> (Vec<ConversationId>, Vec<Answer>, Result<()>) {
    let mut touched = Vec::new();
    let mut answers = Vec::with_capacity(jobs.len());
    let mut jobs = jobs.into_iter();
    for (conversation, work) in jobs.by_ref() {
        let (how, answer) = in_savepoint(&transaction, location, work);
        answers.push(answer);
        match how {
            Ok(()) => touched.extend(conversation.filter(|id| !touched.contains(id))),
            // A full disk may have made SQLite give up the whole transaction.
            Err(error) if transaction.is_autocommit() => {
                refuse(jobs.map(|(_, work)| work), &error);
                return (Vec::new(), answers, Err(error));
            }
            Err(_) => {}
        }
    }
    let outcome =
        transaction.commit().map_err(|error| Fault::from(error).in_words(location.path()));
    (touched, answers, outcome)
}

fn in_savepoint(
    transaction: &Transaction<'_>,
    location: &Location,
    work: Work,
) -> (Result<()>, Answer) {
    let begun = execute(transaction, "SAVEPOINT job")
        .map_err(|error| Fault::from(error).in_words(location.path()));
    let (how, answer) = work(begun.map(|_| &**transaction));
    if how.is_err() {
        // Where this fails, the transaction is gone, and its end will say so.
        let _ = execute(transaction, "ROLLBACK TO job");
    }
    let _ = execute(transaction, "RELEASE job");
    (how, answer)
}

fn execute(transaction: &Transaction<'_>, sql: &str) -> rusqlite::Result<usize> {
    transaction.prepare_cached(sql)?.execute(())
}

fn refuse(jobs: impl Iterator<Item = Work>, error: &Error) {
    for work in jobs {
        let (_, answer) = work(Err(error.clone()));
        answer(Ok(()));
    }
}

fn data_version(connection: &Connection) -> rusqlite::Result<i64> {
    connection.pragma_query_value(None, "data_version", |row| row.get(0))
}
