//! Whether xAI's models continue a given beginning, which nothing says: each is asked once, beside the
//! first continuation, with a count that must go on.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{BoxFuture, Shared, WeakShared};
use futures::stream::{BoxStream, unfold};
use futures::{FutureExt as _, Stream, StreamExt as _};
use tokio::time::{Instant, timeout};

use super::answer::Answer;
use super::request;
use super::server::Server;
use crate::model::prefill::{judge, question_begun, sampling};
use crate::model::{Error, Event, Request};

/// How long the count may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a model is not asked again that could not be judged.
const REST: Duration = Duration::from_secs(60);
/// Models that are remembered. When there are more, all are forgotten.
const MOST_MODELS: usize = 1_000;

/// What came of a count; `None`: it cannot be told.
type Found = Option<bool>;
/// A count that is under way. All who wait for it move it on; when nobody does, it is given up.
type Asking = Shared<BoxFuture<'static, Found>>;

/// What is known of a server's models.
#[derive(Default)]
pub(super) struct Memory {
    models: Mutex<HashMap<String, Known>>,
}

enum Known {
    Judged(bool),
    /// Asked at that time; without an answer so far.
    Asked(Instant, WeakShared<BoxFuture<'static, Found>>),
}

/// How far one is with a model.
enum Stage {
    Judged(bool),
    Asking(Asking),
    /// It could not be judged a short while ago.
    Resting,
}

impl Memory {
    /// Whether a model continues a given beginning, as far as is known.
    pub(super) fn of(&self, model: &str) -> Option<bool> {
        match self.models().get(model) {
            Some(Known::Judged(continues)) => Some(*continues),
            Some(Known::Asked(..)) | None => None,
        }
    }

    fn judged(&self, model: &str, continues: bool) {
        self.models().insert(model.to_owned(), Known::Judged(continues));
    }

    /// What is known, or what `ask` begins to find out.
    fn stage(&self, model: &str, now: Instant, ask: impl FnOnce() -> Asking) -> Stage {
        let mut models = self.models();
        match models.get(model) {
            Some(Known::Judged(continues)) => return Stage::Judged(*continues),
            Some(Known::Asked(since, asking)) => {
                // One that is over has found nothing: else it would be judged.
                if let Some(asking) = asking.upgrade().filter(|asking| asking.peek().is_none()) {
                    return Stage::Asking(asking);
                }
                if now.saturating_duration_since(*since) < REST {
                    return Stage::Resting;
                }
            }
            None => {}
        }
        if models.len() >= MOST_MODELS {
            models.clear();
        }
        let asking = ask();
        if let Some(weak) = asking.downgrade() {
            models.insert(model.to_owned(), Known::Asked(now, weak));
        }
        Stage::Asking(asking)
    }

    fn models(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        // No code that could panic runs under the lock.
        self.models.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The events of a continuation, with one word in them where the model does not, or may not, continue.
pub(super) fn with_word(
    server: &Arc<Server>,
    model: &str,
    answer: BoxStream<'static, Result<Event, Error>>,
) -> impl Stream<Item = Result<Event, Error>> + Send + 'static {
    let ask = || count(Arc::clone(server), model.to_owned()).boxed().shared();
    let (asking, held) = match server.prefill().stage(model, Instant::now(), ask) {
        Stage::Judged(continues) => (None, word(model, Some(continues))),
        Stage::Asking(asking) => (Some(asking), None),
        Stage::Resting => (None, word(model, None)),
    };
    let grace = server.timeouts().grace;
    let continued = Continued { model: model.to_owned(), answer, asking, held, grace };
    unfold(continued, |mut continued| async { Some((continued.next().await?, continued)) })
}

struct Continued {
    model: String,
    answer: BoxStream<'static, Result<Event, Error>>,
    asking: Option<Asking>,
    /// What comes next.
    held: Option<Result<Event, Error>>,
    /// How long the end of the answer waits for the count.
    grace: Duration,
}

impl Continued {
    async fn next(&mut self) -> Option<Result<Event, Error>> {
        if let Some(held) = self.held.take() {
            return Some(held);
        }
        let Some(asking) = &mut self.asking else { return self.answer.next().await };
        let (found, item) = tokio::select! {
            found = &mut *asking => (found, None),
            item = self.answer.next() => match item {
                Some(Ok(Event::Finish { .. })) => {
                    (timeout(self.grace, &mut *asking).await.ok().flatten(), item)
                }
                other => return other,
            },
        };
        self.asking = None;
        self.held = item;
        match word(&self.model, found) {
            Some(word) => Some(word),
            None => Box::pin(self.next()).await,
        }
    }
}

/// What is to be said of a model.
fn word(model: &str, found: Found) -> Option<Result<Event, Error>> {
    let words = match found {
        Some(true) => return None,
        Some(false) => format!("{model} does not continue a given beginning: it answers anew"),
        None => format!(
            "it could not be found out whether {model} continues a given beginning; the answer may \
             begin anew"
        ),
    };
    Some(Ok(Event::Notice(words)))
}

/// Has the model go on with a count, and remembers whether it does.
async fn count(server: Arc<Server>, model: String) -> Found {
    let request = Request {
        model: model.clone(),
        messages: question_begun(),
        sampling: sampling(),
        conversation: None,
    };
    let counted = timeout(PATIENCE, counted(&server, &request)).await.ok().flatten();
    let found = counted.and_then(|text| judge(&text));
    if let Some(continues) = found {
        server.prefill().judged(&model, continues);
    }
    found
}

/// What the model says, if it comes to an end.
async fn counted(server: &Server, request: &Request) -> Option<String> {
    let mut stream = server.open(request::body(request, false), None).await.ok()?;
    let (mut answer, mut text) = (Answer::default(), String::new());
    while let Some(chunk) = stream.message().await.ok()? {
        answer.take(chunk, &mut |event| {
            if let Event::Token(token) = event {
                text.push_str(&token.text);
            }
        });
    }
    answer.end().map(|_| text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::{pending, ready};

    fn never() -> Asking {
        pending().boxed().shared()
    }

    #[test]
    fn one_count_serves_all_and_a_failed_one_rests_a_minute() {
        let memory = Memory::default();
        let begun = Instant::now();
        let Stage::Asking(first) = memory.stage("m", begun, never) else { panic!() };
        let Stage::Asking(second) = memory.stage("m", begun, || panic!("a second one")) else {
            panic!()
        };
        assert!(first.ptr_eq(&second));
        // Given up by all.
        drop((first, second));
        let soon = begun + REST - Duration::from_millis(1);
        assert!(matches!(memory.stage("m", soon, || panic!("too soon")), Stage::Resting));
        let failing = || ready(None).boxed().shared();
        let Stage::Asking(failed) = memory.stage("m", begun + REST, failing) else { panic!() };
        assert_eq!(failed.clone().now_or_never(), Some(None));
        let again = memory.stage("m", begun + REST, || panic!("too soon"));
        assert!(matches!(again, Stage::Resting));
        assert_eq!(memory.of("m"), None);
        memory.judged("m", false);
        assert!(matches!(memory.stage("m", begun, never), Stage::Judged(false)));
        assert_eq!(memory.of("m"), Some(false));
    }
}
