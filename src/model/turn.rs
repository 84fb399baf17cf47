//! The course of one answer, the same for every protocol: ask, wait and ask again while nothing has come,
//! read to the end. It has no task of its own: it moves when it is polled, and dropping it drops the
//! connection.

use std::collections::VecDeque;
use std::future::Future;

use futures::{Stream, stream};

use super::patience::Countdown;
use super::{Error, Event};

/// What comes next.
pub(super) enum Phase<R> {
    /// The request is made.
    Ask,
    /// It is made again when this is over.
    Wait(Countdown),
    /// The answer is read.
    Read(Box<R>),
    Over,
}

/// How far an answer is.
pub(super) struct Course<R> {
    pub(super) phase: Phase<R>,
    /// What goes out before anything else happens.
    pub(super) ready: VecDeque<Result<Event, Error>>,
    /// How often the request was made.
    pub(super) tried: u32,
}

impl<R> Course<R> {
    pub(super) fn new() -> Self {
        Self { phase: Phase::Ask, ready: VecDeque::new(), tried: 0 }
    }

    /// Tells something.
    pub(super) fn tell(&mut self, item: Result<Event, Error>) {
        self.ready.push_back(item);
    }
}

/// What a protocol adds. Both ways the course is over unless it is given another phase.
pub(super) trait Turn: Send + 'static {
    /// An answer on its way.
    type Reader: Send;

    fn course(&mut self) -> &mut Course<Self::Reader>;

    /// Makes the request once.
    fn ask(&mut self) -> impl Future<Output = ()> + Send;

    /// Reads the next piece of the answer.
    fn read(&mut self, reader: Box<Self::Reader>) -> impl Future<Output = ()> + Send;
}

/// The events of one answer.
pub(super) fn events<T: Turn>(
    turn: T,
) -> impl Stream<Item = Result<Event, Error>> + Send + 'static {
    stream::unfold(Box::new(turn), |mut turn| async move {
        let item = next(turn.as_mut()).await?;
        Some((item, turn))
    })
}

async fn next<T: Turn>(turn: &mut T) -> Option<Result<Event, Error>> {
    loop {
        let course = turn.course();
        if let Some(item) = course.ready.pop_front() {
            return Some(item);
        }
        match std::mem::replace(&mut course.phase, Phase::Over) {
            Phase::Ask => {
                course.tried += 1;
                turn.ask().await;
            }
            Phase::Wait(mut countdown) => {
                let word = countdown.next().await;
                course.phase = if word.is_some() { Phase::Wait(countdown) } else { Phase::Ask };
                course.ready.extend(word.map(Ok));
            }
            Phase::Read(reader) => turn.read(reader).await,
            Phase::Over => return None,
        }
    }
}
