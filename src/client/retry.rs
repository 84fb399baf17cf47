//! When a failed call is sent again: only over a network, only while the service is unavailable or
//! tells when to come back, and never when that could do something twice.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::error::{is_late, is_silent, is_slow_to_connect, is_unsent};

/// Most tries of one call.
const TRIES: u32 = 5;
/// Wait before the second try; doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// Longest wait between two tries, unless the service tells a longer one.
const LONGEST_WAIT: Duration = Duration::from_secs(2);
/// How long a call may be put off in all by a service that tells when to come back.
const MOST_PUT_OFF: Duration = Duration::from_secs(30);

/// What repeating a call would do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeat {
    /// The same again: it may be sent as often as it takes.
    Harmless,
    /// A second conversation or response: it may be sent again only if it was never sent.
    Doubles,
}

/// Makes a call, again and again as far as `repeat` allows and the service is not available.
pub(super) async fn retrying<T, F>(
    over_network: bool,
    repeat: Repeat,
    mut call: impl FnMut() -> F,
) -> Result<T, Status>
where
    F: Future<Output = Result<T, Status>>,
{
    let began = Instant::now();
    let mut wait = FIRST_WAIT;
    let mut tries = 1;
    loop {
        let status = match call().await {
            Err(status) if over_network => status,
            outcome => return outcome,
        };
        let told = put_off(&status);
        let again = match told {
            Some(told) => began.elapsed() + told < MOST_PUT_OFF,
            None => tries < TRIES && may_repeat(&status, repeat),
        };
        if !again {
            return Err(status);
        }
        sleep(told.unwrap_or_default().max(wait)).await;
        wait = LONGEST_WAIT.min(wait * 2);
        tries += 1;
    }
}

/// When to come back, from a service that refused the call because there are too many: then nothing was
/// done, so that nothing is done twice.
fn put_off(status: &Status) -> Option<Duration> {
    let told = || status.get_details_retry_info()?.retry_delay;
    (status.code() == Code::ResourceExhausted).then(told).flatten()
}

fn may_repeat(status: &Status, repeat: Repeat) -> bool {
    // It was waited for long enough.
    if is_silent(status) || is_late(status) || is_slow_to_connect(status) {
        return false;
    }
    match repeat {
        Repeat::Harmless => status.code() == Code::Unavailable || is_unsent(status),
        Repeat::Doubles => is_unsent(status),
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    async fn tries(over_network: bool, repeat: Repeat, status: Status) -> u32 {
        let tries = Cell::new(0);
        let outcome: Result<(), Status> = retrying(over_network, repeat, || {
            tries.set(tries.get() + 1);
            let status = status.clone();
            async move { Err(status) }
        })
        .await;
        assert_eq!(outcome.unwrap_err().code(), status.code());
        tries.get()
    }

    fn unsent() -> Status {
        let refused = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let mut status = Status::unavailable("tcp connect error");
        status.set_source(std::sync::Arc::new(tonic::ConnectError(Box::new(refused))));
        status
    }

    #[tokio::test(start_paused = true)]
    async fn a_harmless_call_is_tried_five_times_and_no_more() {
        assert_eq!(tries(true, Repeat::Harmless, Status::unavailable("")).await, 5);
        assert_eq!(tries(true, Repeat::Harmless, unsent()).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_double_is_repeated_only_if_it_was_never_sent() {
        assert_eq!(tries(true, Repeat::Doubles, Status::unavailable("")).await, 1);
        assert_eq!(tries(true, Repeat::Doubles, unsent()).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_told_when_to_come_back_does() {
        let too_many = |wait| {
            let details = tonic_types::ErrorDetails::with_retry_info(Some(wait));
            Status::with_error_details(Code::ResourceExhausted, "too many", details)
        };
        let ms = Duration::from_millis;
        let began = Instant::now();
        let tried = tries(true, Repeat::Doubles, too_many(ms(10))).await;
        assert!((15..25).contains(&tried), "{tried}");
        assert!(
            (MOST_PUT_OFF - LONGEST_WAIT..=MOST_PUT_OFF + LONGEST_WAIT).contains(&began.elapsed())
        );
        assert_eq!(tries(true, Repeat::Harmless, too_many(ms(4_000))).await, 8);
        assert_eq!(tries(true, Repeat::Doubles, too_many(MOST_PUT_OFF)).await, 1);
        assert_eq!(tries(true, Repeat::Harmless, Status::resource_exhausted("too long")).await, 1);
    }

    #[tokio::test(start_paused = true)]
    async fn other_failures_and_the_embedded_service_are_not_asked_again() {
        assert_eq!(tries(true, Repeat::Harmless, Status::not_found("")).await, 1);
        assert_eq!(tries(false, Repeat::Harmless, Status::unavailable("")).await, 1);
    }
}
