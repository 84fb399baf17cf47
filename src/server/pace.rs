//! How a backend is read. One that is slow is left alone for a while and what piled up is taken at
//! once: that costs far less than waking up for each token, and nobody reads that fast.

use std::pin::Pin;
use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use tokio::task::yield_now;
use tokio::time::{Instant, Sleep, sleep, timeout};

use crate::model::{Error, Event, EventStream};

/// How long a slow backend is left alone, once the answer has begun.
const ALONE: Duration = Duration::from_millis(50);

/// The same where events are closer together than `FAST`, on average: words that come faster than one can
/// look from one to the next need not come one by one.
const ALONE_FAST: Duration = Duration::from_millis(100);
const FAST: Duration = Duration::from_millis(8);

/// A backend is slow when its events are further apart than this, on average.
const SLOW: Duration = Duration::from_micros(500);

/// What piled up behind a backend left alone does not come out at one poll: a connection hands on one
/// piece at a time, each once a task of its own has run. So many turns of other tasks are waited for
/// before the pile counts as empty.
const TURNS_OF_OTHERS: u32 = 4;

/// How long a pile of one piece is watched for a second one: its tasks may have run elsewhere.
const SECOND_WITHIN: Duration = Duration::from_millis(2);

/// The end of the stream, an event, or what went wrong.
type Next = Option<Result<Event, Error>>;

/// The pace at which a backend is read.
pub(super) struct Pace {
    now: Reading,
    /// When the backend last had nothing more to give, and events taken since.
    dry: Instant,
    taken: u32,
    /// Until when the backend is left alone; meaningful while it is.
    alone: Pin<Box<Sleep>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// Each event as it comes.
    Eagerly,
    /// Not now: it is slow, and left alone for a while.
    NotNow,
    /// What piled up while it was left alone is fetched, to the end of the pile.
    ThePile,
}

impl Pace {
    /// Begins with reading each event as it comes.
    pub(super) fn new() -> Self {
        let alone = Box::pin(sleep(ALONE));
        Self { now: Reading::Eagerly, dry: Instant::now(), taken: 0, alone }
    }

    /// Whether the backend is left alone.
    pub(super) fn is_waiting(&self) -> bool {
        self.now == Reading::NotNow
    }

    /// Waits until the backend was left alone for long enough.
    pub(super) async fn waited(&mut self) {
        self.alone.as_mut().await;
    }

    /// The backend was left alone for long enough.
    pub(super) fn go_on(&mut self) {
        self.now = Reading::ThePile;
    }

    /// An event was taken.
    pub(super) fn took(&mut self) {
        self.taken += 1;
    }

    /// What the backend has ready; `None`: nothing more for now.
    pub(super) async fn ready(&self, events: &mut EventStream) -> Option<Next> {
        if self.now != Reading::ThePile {
            return events.next().now_or_never();
        }
        for _ in 0..TURNS_OF_OTHERS {
            if let Some(event) = events.next().now_or_never() {
                return Some(event);
            }
            yield_now().await;
        }
        // A wait for every pile would keep a fast backend from ever being left alone.
        if self.taken > 1 {
            return None;
        }
        timeout(SECOND_WITHIN, events.next()).await.ok()
    }

    /// The backend has nothing more for now. One that is slow is left alone, if it `may` be.
    pub(super) fn ran_dry(&mut self, may: bool) {
        let now = Instant::now();
        let apart = (now - self.dry) / self.taken.max(1);
        self.dry = now;
        self.taken = 0;
        self.now = Reading::Eagerly;
        if may && apart > SLOW {
            self.now = Reading::NotNow;
            self.alone.as_mut().reset(now + if apart < FAST { ALONE_FAST } else { ALONE });
        }
    }
}
