//! What comes from the terminal. The reader can be stopped, so that another program gets every key,
//! and is asked only when it has something: asking takes a lock that its thread holds while it waits.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crossterm::event::{Event, EventStream};
use futures::task::AtomicWaker;
use futures::{Stream, StreamExt as _};

/// The reader of the terminal.
pub(super) struct Input {
    /// `None` while the terminal is somebody else's.
    stream: Option<Woken<EventStream>>,
}

impl Input {
    pub(super) fn new() -> Self {
        Self { stream: Some(Woken::new(EventStream::new())) }
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
        let now = |context: &mut Context<'_>| match stream.poll_next_unpin(context) {
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
        self.stream = Some(Woken::new(EventStream::new()));
    }
}

/// A stream that is polled only after it has woken its task.
struct Woken<S> {
    stream: S,
    call: Arc<Call>,
    waker: Waker,
}

/// Remembers that the stream called, and passes it on.
#[derive(Default)]
struct Call {
    came: AtomicBool,
    task: AtomicWaker,
}

impl Wake for Call {
    fn wake(self: Arc<Self>) {
        self.came.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl<S> Woken<S> {
    fn new(stream: S) -> Self {
        // It cannot have called before it was asked for the first time.
        let call = Arc::new(Call { came: AtomicBool::new(true), ..Call::default() });
        Self { stream, waker: Waker::from(Arc::clone(&call)), call }
    }
}

impl<S: Stream + Unpin> Stream for Woken<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        // In this order: a call that comes in between finds the task.
        self.call.task.register(context.waker());
        if !self.call.came.swap(false, Ordering::AcqRel) {
            return Poll::Pending;
        }
        let waker = self.waker.clone();
        let polled = self.stream.poll_next_unpin(&mut Context::from_waker(&waker));
        if polled.is_ready() {
            // There may be more.
            self.call.came.store(true, Ordering::Release);
        }
        polled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_asked_only_when_it_has_called() {
        let (sender, mut receiver) = futures::channel::mpsc::unbounded::<u8>();
        let polls = std::cell::Cell::new(0);
        let stream = futures::stream::poll_fn(|context| {
            polls.set(polls.get() + 1);
            receiver.poll_next_unpin(context)
        });
        let mut woken = Woken::new(stream);
        let waker = Waker::noop();
        let mut poll = || woken.poll_next_unpin(&mut Context::from_waker(waker));
        assert_eq!((poll(), poll(), poll()), (Poll::Pending, Poll::Pending, Poll::Pending));
        assert_eq!(polls.get(), 1);
        sender.unbounded_send(1).unwrap();
        sender.unbounded_send(2).unwrap();
        assert_eq!((poll(), poll()), (Poll::Ready(Some(1)), Poll::Ready(Some(2))));
        assert_eq!((poll(), poll()), (Poll::Pending, Poll::Pending));
        assert_eq!(polls.get(), 4, "twice for what there was, once to see that this is all");
        drop(sender);
        assert_eq!(poll(), Poll::Ready(None));
    }
}
