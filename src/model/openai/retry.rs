//! When to try again, and how long to wait before.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

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
    /// The wait after `tried` tries, between 75 and 125 % of the doubling one.
    pub(in crate::model) fn wait(&self, tried: u32) -> Duration {
        let doubled = self.first_wait.saturating_mul(1 << tried.saturating_sub(1).min(10));
        // A fresh hasher is seeded at random: enough to keep clients from trying all at once.
        let random = RandomState::new().build_hasher().finish() % 1000;
        doubled.mul_f64(0.75 + random as f64 / 2000.0).min(self.longest_wait)
    }
}

/// How long the server asks to wait.
pub(super) fn asked_wait(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let number = |text: &str, unit: f64| {
        let seconds = text.parse::<f64>().ok()? * unit;
        Duration::try_from_secs_f64(seconds.max(0.0)).ok()
    };
    let milliseconds = text("retry-after-ms").and_then(|text| number(text, 0.001));
    milliseconds.or_else(|| {
        let text = text("retry-after")?;
        number(text, 1.0).or_else(|| {
            let date = jiff::fmt::rfc2822::DateTimeParser::new().relaxed_weekday(true);
            let date = date.parse_timestamp(text).ok()?;
            Some(SystemTime::from(date).duration_since(now).unwrap_or_default())
        })
    })
}

/// A wait for people: `0.5 s`, `3 s`.
pub(in crate::model) fn shown(wait: Duration) -> String {
    let seconds = wait.as_secs_f64();
    if seconds < 0.95 { format!("{:.1} s", seconds.max(0.1)) } else { format!("{seconds:.0} s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777 - 5);
        asked_wait(&headers, now)
    }

    #[test]
    fn what_the_server_asks_for_is_understood() {
        assert_eq!(asked("retry-after", "3"), Some(Duration::from_secs(3)));
        assert_eq!(asked("retry-after", " 0.25 "), Some(Duration::from_millis(250)));
        assert_eq!(asked("retry-after-ms", "1500"), Some(Duration::from_millis(1500)));
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(asked("retry-after", date), Some(Duration::from_secs(5)));
        assert_eq!(asked("retry-after", "Sun, 06 Nov 1983 08:49:37 GMT").unwrap().as_secs(), 0);
        for nonsense in ["soon", "nan", "inf", "1e300", ""] {
            assert_eq!(
                asked("retry-after", nonsense).unwrap_or_default().as_secs(),
                0,
                "{nonsense}"
            );
        }
        assert_eq!(asked("retry-after", "-1"), Some(Duration::ZERO));
    }

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
        assert_eq!(shown(Duration::from_millis(3200)), "3 s");
    }
}
