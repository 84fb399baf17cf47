//! A thread that reads, on a connection of its own: it never waits for the writer. Each job sees
//! one state of the store throughout.

use std::sync::Arc;
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::connection::{self, Location};
use super::fault::Fault;
use super::writer::{Writer, stopped};
use crate::store::Result;

/// Jobs that may wait. When the queue is full, callers wait for room.
const QUEUE: usize = 256;

type Work = Box<dyn FnOnce(Result<&Connection>) + Send>;

/// A reader's handle. The thread ends when the last handle is gone and the queue is empty.
#[derive(Clone)]
pub(super) struct Reader {
    queue: mpsc::Sender<Work>,
    location: Arc<Location>,
}

impl Reader {
    /// Starts the thread, which opens the file once `writer` has.
    pub(super) fn start(
        name: &str,
        location: Location,
        writer: Writer,
    ) -> std::io::Result<(Self, JoinHandle<()>)> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let location = Arc::new(location);
        let reader = Self { queue, location: Arc::clone(&location) };
        let thread = thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || work_off(jobs, &location, &writer))?;
        Ok((reader, thread))
    }

    /// Has `work` done. If the caller goes away before it has begun, it is left undone.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> std::result::Result<T, Fault> + Send + 'static,
    ) -> Result<T> {
        self.read_on(|connection| Ok((work(connection)?, ())), |_, ()| ()).await
    }

    /// Has `work` done and returns what it found first. `rest` then goes on with the second, on the
    /// same state of the store, if the caller is still there.
    pub(super) async fn read_on<T: Send + 'static, U: 'static>(
        &self,
        work: impl FnOnce(&Connection) -> std::result::Result<(T, U), Fault> + Send + 'static,
        rest: impl FnOnce(&Connection, U) + Send + 'static,
    ) -> Result<T> {
        let (reply, answer) = oneshot::channel();
        let location = Arc::clone(&self.location);
        let work: Work = Box::new(move |connection| {
            if reply.is_closed() {
                return;
            }
            let mut reply = Some(reply);
            let mut answer = |found| reply.take().is_some_and(|reply| reply.send(found).is_ok());
            let failed = connection.and_then(|connection| {
                let all = |connection: &Connection| {
                    let (found, more) = work(connection)?;
                    if answer(Ok(found)) {
                        rest(connection, more);
                    }
                    Ok(())
                };
                snapshot(connection, all).map_err(|fault| fault.in_words(location.path()))
            });
            if let Err(error) = failed {
                answer(Err(error));
            }
        });
        self.queue.send(work).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

fn snapshot<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> std::result::Result<T, Fault>,
) -> std::result::Result<T, Fault> {
    let transaction = connection.unchecked_transaction()?;
    let result = work(&transaction)?;
    transaction.commit()?;
    Ok(result)
}

fn work_off(mut jobs: mpsc::Receiver<Work>, location: &Location, writer: &Writer) {
    let mut connection = None;
    while let Some(work) = jobs.blocking_recv() {
        if connection.is_none() {
            match open(location, writer) {
                Ok(opened) => connection = Some(opened),
                Err(error) => {
                    work(Err(error));
                    continue;
                }
            }
        }
        work(connection.as_ref().ok_or_else(stopped));
    }
}

fn open(location: &Location, writer: &Writer) -> Result<Connection> {
    writer.wait_until_open()?;
    connection::open_for_reading(location).map_err(|fault| fault.in_words(location.path()))
}
