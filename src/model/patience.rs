//! How long servers are waited for, and how often they are tried again: the same for every protocol.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::Event;

const SECOND: Duration = Duration::from_secs(1);

/// How long a server is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the first text of an answer; also how long a model may take to load.
    pub first_byte: Duration,
    /// For the next bytes of an answer.
    pub idle: Duration,
    /// For the cost, after the end of an answer.
    pub grace: Duration,
    /// For the list of models.
    pub models: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: Duration::from_secs(120),
            idle: Duration::from_secs(60),
            grace: Duration::from_secs(1),
            models: Duration::from_secs(10),
        }
    }
}

/// How often and how patiently a request is made again, before the first token only.
#[derive(Debug, Clone, PartialEq)]
pub struct RetryPolicy {
    /// Most tries, the first one included.
    pub tries: u32,
    /// Wait before the second try; doubles with each.
    pub first_wait: Duration,
    /// Longest wait. A server that asks for more is not waited for.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            tries: 4,
            first_wait: Duration::from_millis(500),
            longest_wait: Duration::from_secs(60),
        }
    }
}

impl RetryPolicy {
    /// Which try comes after `tried` tries, for people: ` (2 of 4)`.
    pub(super) fn count(&self, tried: u32) -> String {
        format!(" ({} of {})", tried + 1, self.tries)
    }

    /// The wait after `tried` tries, between 75 and 125 % of the doubling one.
    pub(super) fn wait(&self, tried: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << tried.saturating_sub(1).min(10));
        // A fresh hasher is seeded at random: enough to keep clients from trying all at once.
        let random = RandomState::new().build_hasher().finish() % 1000;
        doubled.mul_f64(0.75 + random as f64 / 2000.0).min(self.longest_wait)
    }
}

/// A wait before a request is made again, told second by second.
pub(super) struct Countdown {
    /// Why it has to be made again.
    brief: String,
    /// Which try it will be.
    count: String,
    end: Instant,
    /// Until when the last word holds; `None` before the first.
    told: Option<Instant>,
}

impl Countdown {
    /// A wait that begins now; `brief` says why, `count` which try comes after it.
    pub(super) fn new(brief: String, wait: Duration, count: String) -> Self {
        Self { brief, count, end: Instant::now() + wait, told: None }
    }

    /// The next word on it, when it is due; `None` at its end.
    pub(super) async fn next(&mut self) -> Option<Event> {
        if let Some(told) = self.told {
            sleep_until(told).await;
        }
        let left = self.end.saturating_duration_since(Instant::now());
        if self.told.is_some() && left.is_zero() {
            return None;
        }
        // The next word comes with the next whole second.
        let whole = Duration::from_secs(left.as_secs());
        let part = left - whole;
        let until = self.end - if part.is_zero() { whole.saturating_sub(SECOND) } else { whole };
        self.told = Some(until);
        let words = format!("{}; trying again in {}{}", self.brief, shown(left), self.count);
        Some(Event::Notice(words))
    }
}

/// A wait for people: `0.5 s`, `3 s`.
fn shown(wait: Duration) -> String {
    let seconds = wait.as_secs_f64();
    if seconds < 0.95 {
        format!("{:.1} s", seconds.max(0.1))
    } else {
        format!("{:.0} s", seconds.ceil())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_the_longest_and_differ() {
        let policy = RetryPolicy::default();
        for (tried, seconds) in [(1, 0.5), (2, 1.0), (3, 2.0), (30, 60.0)] {
            let wait = policy.wait(tried).as_secs_f64();
            assert!(wait >= seconds * 0.75 && wait <= seconds * 1.25 && wait <= 60.0, "{wait}");
        }
        let waits: std::collections::HashSet<_> = (0..50).map(|_| policy.wait(1)).collect();
        assert!(waits.len() > 10);
    }

    #[test]
    fn waits_are_shown_shortly() {
        assert_eq!(shown(Duration::from_millis(20)), "0.1 s");
        assert_eq!(shown(Duration::from_millis(520)), "0.5 s");
        assert_eq!(shown(Duration::from_millis(3200)), "4 s");
        assert_eq!(shown(Duration::from_secs(3)), "3 s");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wait_is_told_every_second() {
        let begun = Instant::now();
        let wait = Duration::from_millis(2_500);
        let mut countdown = Countdown::new("busy".into(), wait, " (2 of 4)".into());
        let mut told = Vec::new();
        while let Some(Event::Notice(words)) = countdown.next().await {
            told.push((begun.elapsed().as_millis() / 100, words));
        }
        let words = |left| format!("busy; trying again in {left} (2 of 4)");
        assert_eq!(told, [(0, words("3 s")), (5, words("2 s")), (15, words("1 s"))]);
        assert!(begun.elapsed() >= wait);
    }
}
