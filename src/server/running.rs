//! Which responses are being received by this service, so that nothing goes on from one before it
//! is whole.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use crate::forest::ResponseId;

/// The responses that are being received, each with what is cancelled when it has ended.
#[derive(Debug, Default)]
pub(super) struct Running {
    responses: Mutex<HashMap<ResponseId, CancellationToken>>,
}

/// A response that is being received, until this is dropped.
#[derive(Debug)]
pub(super) struct Begun {
    running: Arc<Running>,
    response: ResponseId,
    ended: CancellationToken,
}

impl Running {
    /// Notes that a response is being received.
    pub(super) fn begin(self: &Arc<Self>, response: ResponseId) -> Begun {
        let ended = CancellationToken::new();
        self.lock().insert(response.clone(), ended.clone());
        Begun { running: Arc::clone(self), response, ended }
    }

    /// Waits until a response is not being received, which it may not be at all.
    pub(super) async fn ended(&self, response: &ResponseId) {
        let ended = self.lock().get(response).cloned();
        if let Some(ended) = ended {
            ended.cancelled().await;
        }
    }

    /// Whether anything is being received.
    pub(super) fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<ResponseId, CancellationToken>> {
        // No code that could panic runs under the lock.
        self.responses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Begun {
    fn drop(&mut self) {
        self.running.lock().remove(&self.response);
        self.ended.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt as _;

    #[test]
    fn who_waits_for_an_answer_goes_on_when_it_has_ended() {
        let running = Arc::new(Running::default());
        let id = ResponseId::random();
        assert!(running.ended(&id).now_or_never().is_some());
        let begun = running.begin(id.clone());
        let mut waiting = Box::pin(running.ended(&id));
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(begun);
        assert!(waiting.now_or_never().is_some());
    }
}
