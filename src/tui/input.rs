//! What comes from the terminal. The reader can be stopped, so that another program gets every key.

use std::io;
use std::task::Poll;

use crossterm::event::{Event, EventStream};
use futures::StreamExt as _;

/// The reader of the terminal.
pub(super) struct Input {
    /// `None` while the terminal is somebody else's.
    stream: Option<EventStream>,
}

impl Input {
    pub(super) fn new() -> Self {
        Self { stream: Some(EventStream::new()) }
    }

    /// The next event; `None`: the terminal is gone.
    pub(super) async fn next(&mut self) -> Option<io::Result<Event>> {
        match &mut self.stream {
            Some(stream) => stream.next().await,
            None => std::future::pending().await,
        }
    }

    /// What there is at this moment. Asks in the name of the task that runs: the reader of the
    /// terminal keeps to the first that asked.
    pub(super) async fn ready(&mut self) -> Option<io::Result<Event>> {
        let stream = self.stream.as_mut()?;
        let now = |context: &mut std::task::Context<'_>| match stream.poll_next_unpin(context) {
            Poll::Ready(event) => Poll::Ready(event),
            Poll::Pending => Poll::Ready(None),
        };
        std::future::poll_fn(now).await
    }

    /// Stops reading: its thread lets go of the terminal.
    pub(super) fn pause(&mut self) {
        self.stream = None;
    }

    /// Reads again.
    pub(super) fn resume(&mut self) {
        self.stream = Some(EventStream::new());
    }
}
