//! How long a server asks to wait before it is asked again.

use std::time::{Duration, SystemTime};

use reqwest::header::HeaderMap;

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
}
