//! When a failed call is sent again: only over a network, only while the service is unavailable,
//! and never when that could do something twice.

use std::time::Duration;

use tonic::{Code, Status};

use super::error::{is_late, is_silent, is_slow_to_connect, is_unsent};

/// Most tries of one call.
const TRIES: u32 = 5;
/// Wait before the second try; doubles with every further one.
const FIRST_WAIT: Duration = Duration::from_millis(50);

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
    let mut wait = FIRST_WAIT;
    for _ in 1..TRIES {
        match call().await {
            Err(status) if over_network && may_repeat(&status, repeat) => {
                tokio::time::sleep(wait).await;
                wait *= 2;
            }
            outcome => return outcome,
        }
    }
    call().await
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
    async fn other_failures_and_the_embedded_service_are_not_asked_again() {
        assert_eq!(tries(true, Repeat::Harmless, Status::not_found("")).await, 1);
        assert_eq!(tries(false, Repeat::Harmless, Status::unavailable("")).await, 1);
    }
}
