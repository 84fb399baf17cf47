//! How a backend is read. One whose words come one by one, faster than they can be read, is left alone
//! for a while and what piled up is taken at once: that costs far less than waking up for each token.

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
const ALONE_FAST: Duration = Duration::from_millis(120);
const FAST: Duration = Duration::from_millis(8);

/// Events closer together than this, on average, pile up anyway.
const SLOW: Duration = Duration::from_micros(500);

/// Events further apart than this are few, and each is handed on as it comes.
const LEISURELY: Duration = Duration::from_millis(15);

/// Events after which an answer may be left alone: the end of a short one comes at once.
const EAGER: u32 = 32;

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
    /// Events taken since the answer began, as far as they are counted.
    eager: u32,
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
        Self { now: Reading::Eagerly, dry: Instant::now(), taken: 0, eager: 0, alone }
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
        self.eager = self.eager.saturating_add(self.taken);
        self.taken = 0;
        self.now = Reading::Eagerly;
        if may && self.eager > EAGER && apart > SLOW && apart < LEISURELY {
            self.now = Reading::NotNow;
            self.alone.as_mut().reset(now + if apart < FAST { ALONE_FAST } else { ALONE });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    /// How many events came one by one, so far apart, before the backend was left alone.
    async fn eager(apart: Duration, most: u32) -> u32 {
        let mut pace = Pace::new();
        for count in 1..=most {
            advance(apart).await;
            pace.took();
            pace.ran_dry(true);
            if pace.is_waiting() {
                return count;
            }
        }
        most
    }

    #[tokio::test(start_paused = true)]
    async fn short_answers_and_leisurely_ones_come_word_by_word() {
        let ms = Duration::from_millis;
        assert_eq!(eager(ms(5), 100).await, EAGER + 1);
        assert_eq!(eager(ms(20), 100).await, 100);
        assert_eq!(eager(Duration::from_micros(100), 100).await, 100, "they pile up anyway");
    }

    #[tokio::test(start_paused = true)]
    async fn a_backend_that_is_left_alone_is_looked_at_again() {
        let mut pace = Pace::new();
        for _ in 0..=EAGER {
            advance(Duration::from_millis(10)).await;
            pace.took();
            pace.ran_dry(true);
        }
        let began = Instant::now();
        pace.waited().await;
        assert!((ALONE..ALONE + Duration::from_millis(2)).contains(&began.elapsed()));
        pace.go_on();
        assert!(!pace.is_waiting());
        // What comes before an answer has begun is waited for.
        let mut pace = Pace::new();
        for _ in 0..100 {
            advance(Duration::from_millis(10)).await;
            pace.took();
            pace.ran_dry(false);
            assert!(!pace.is_waiting());
        }
    }
}
