//! For tests of what stands on a model: a backend that plays a given script, records what it was
//! asked and counts the answers still being listened to. Not offered to users.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use tokio::sync::{Notify, Semaphore, watch};

use super::{Backend, Error, ErrorKind, Event, EventStream, ModelInfo, Request, Role};
use crate::forest::{Candidate, Source, Token, Usage};

/// One thing that happens while an answer is sampled.
#[derive(Debug, Clone)]
pub enum Step {
    /// Sends a token.
    Token(Token),
    /// Sends a piece of reasoning.
    Reasoning(String),
    /// Sends a search.
    Query {
        /// What is looked for.
        query: String,
        /// Where.
        kind: String,
    },
    /// Sends a source.
    Source(Source),
    /// Sends a notice.
    Notice(String),
    /// Waits until the test calls `notify_one` (also if it did so before).
    Wait(Arc<Notify>),
    /// Waits for a permit of the semaphore and uses it up; goes on if the semaphore is closed.
    Permit(Arc<Semaphore>),
    /// Waits; meant for tokio's paused time.
    Delay(Duration),
    /// Never goes on. Only dropping the stream ends the answer.
    Hang,
    /// Sends an error, with which the stream ends.
    Error(Error),
    /// Ends the stream without a finish, as a broken connection does. So does the script's end.
    End,
    /// Ends the answer.
    Finish {
        /// The finish reason.
        reason: String,
        /// What it cost.
        usage: Option<Usage>,
    },
}

impl Step {
    /// A token without probability.
    #[must_use]
    pub fn token(text: impl Into<String>) -> Self {
        Self::Token(Token { text: text.into(), ..Token::default() })
    }

    /// A token of probability `prob` among `candidates` (text and probability, best first).
    #[must_use]
    pub fn ranked(text: impl Into<String>, prob: f32, candidates: &[(&str, f32)]) -> Self {
        let top_k = candidates
            .iter()
            .map(|&(text, prob)| Candidate { token_id: 0, text: text.to_owned(), prob })
            .collect();
        Self::Token(Token { token_id: 0, text: text.into(), prob: Some(prob), top_k })
    }

    /// A piece of reasoning.
    #[must_use]
    pub fn reasoning(text: impl Into<String>) -> Self {
        Self::Reasoning(text.into())
    }

    /// A notice.
    #[must_use]
    pub fn notice(text: impl Into<String>) -> Self {
        Self::Notice(text.into())
    }

    /// An error of `kind` that says `message`.
    #[must_use]
    pub fn error(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self::Error(Error::new(kind, message))
    }

    /// The end of the answer with `reason`, without usage.
    #[must_use]
    pub fn finish(reason: impl Into<String>) -> Self {
        Self::Finish { reason: reason.into(), usage: None }
    }
}

/// Makes scripts.
#[derive(Debug)]
pub struct Script;

impl Script {
    /// `text` word by word, then the finish `stop`.
    #[must_use]
    pub fn text(text: &str) -> Vec<Step> {
        let mut steps = Self::tokens(text);
        let usage = Usage { completion_tokens: count(steps.len()), ..Usage::default() };
        steps.push(Step::Finish { reason: "stop".to_owned(), usage: Some(usage) });
        steps
    }

    /// `text` word by word, without a finish: an answer that breaks off, if nothing follows.
    #[must_use]
    pub fn tokens(text: &str) -> Vec<Step> {
        split(text).into_iter().map(Step::token).collect()
    }
}

/// Which script answers which request.
#[derive(Debug)]
enum Plan {
    /// Every request alike.
    Same(Vec<Step>),
    /// The first request the first script, and so on; one request too many is an error.
    Each(VecDeque<Vec<Step>>),
    /// What was last said.
    Echo,
}

/// A backend that plays a script. Clones share everything.
#[derive(Debug, Clone)]
pub struct ScriptedBackend {
    shared: Arc<Shared>,
    models: Vec<ModelInfo>,
    follows_instructions: bool,
}

#[derive(Debug)]
struct Shared {
    plan: Mutex<Plan>,
    requests: Mutex<Vec<Request>>,
    /// Number of requests so far and of streams not yet dropped or ended.
    counts: watch::Sender<(usize, usize)>,
}

impl ScriptedBackend {
    /// Answers every request with `script`.
    #[must_use]
    pub fn new(script: Vec<Step>) -> Self {
        Self::with_plan(Plan::Same(script))
    }

    /// Answers the first request with the first of `scripts`, and so on. Any further request gets
    /// an `Internal` error.
    #[must_use]
    pub fn per_request(scripts: Vec<Vec<Step>>) -> Self {
        Self::with_plan(Plan::Each(scripts.into()))
    }

    /// Answers `echo: ` and the text of the last message of a person.
    #[must_use]
    pub fn echo() -> Self {
        Self::with_plan(Plan::Echo)
    }

    fn with_plan(plan: Plan) -> Self {
        let model =
            ModelInfo { logprobs: true, prefill: Some(true), ..ModelInfo::named("scripted") };
        let shared = Shared {
            plan: Mutex::new(plan),
            requests: Mutex::default(),
            counts: watch::Sender::new((0, 0)),
        };
        Self { shared: Arc::new(shared), models: vec![model], follows_instructions: true }
    }

    /// The same backend offering `models` instead of one named `scripted`.
    #[must_use]
    pub fn with_models(mut self, models: Vec<ModelInfo>) -> Self {
        self.models = models;
        self
    }

    /// The same backend, saying whether it follows instructions (as it is made: yes).
    #[must_use]
    pub fn with_instructions(mut self, follows: bool) -> Self {
        self.follows_instructions = follows;
        self
    }

    /// All requests so far, oldest first.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The number of answers that have neither ended nor been dropped.
    #[must_use]
    pub fn live(&self) -> usize {
        self.shared.counts.borrow().1
    }

    /// Waits until exactly `count` answers are live.
    pub async fn wait_live(&self, count: usize) {
        self.wait(|&(_, live)| live == count).await;
    }

    /// Waits until at least `count` requests have come.
    pub async fn wait_requests(&self, count: usize) {
        self.wait(|&(requests, _)| requests >= count).await;
    }

    async fn wait(&self, condition: impl FnMut(&(usize, usize)) -> bool) {
        let mut counts = self.shared.counts.subscribe();
        // Fails only when the sender is gone, and `self` holds it.
        let _ = counts.wait_for(condition).await;
    }

    fn script(&self, request: &Request) -> Vec<Step> {
        match &mut *self.shared.plan.lock().unwrap_or_else(PoisonError::into_inner) {
            Plan::Same(steps) => steps.clone(),
            Plan::Each(scripts) => scripts.pop_front().unwrap_or_else(|| {
                vec![Step::error(ErrorKind::Internal, "the script holds no further answer")]
            }),
            Plan::Echo => {
                let said = request.messages.iter().rev().find(|m| m.role == Role::User);
                Script::text(&format!("echo: {}", said.map_or("", |m| m.text.as_str())))
            }
        }
    }
}

impl Backend for ScriptedBackend {
    fn sample(&self, request: Request) -> EventStream {
        let steps = self.script(&request);
        self.shared.requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let performance =
            Performance { steps: steps.into_iter(), live: Live::enter(self.shared.clone()) };
        stream::unfold(performance, Performance::next).boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>> {
        Box::pin(async { Ok(self.models.clone()) })
    }

    fn follows_instructions(&self) -> bool {
        self.follows_instructions
    }
}

/// A script being played.
struct Performance {
    steps: std::vec::IntoIter<Step>,
    live: Live,
}

impl Performance {
    /// Plays up to the next event. After an error or a finish nothing is left to play.
    async fn next(mut self) -> Option<(Result<Event, Error>, Self)> {
        loop {
            let event = match self.steps.next()? {
                Step::Token(token) => Event::Token(token),
                Step::Reasoning(text) => Event::Reasoning(text),
                Step::Query { query, kind } => Event::Query { query, kind },
                Step::Source(source) => Event::Source(source),
                Step::Notice(text) => Event::Notice(text),
                Step::Finish { reason, usage } => {
                    return Some((Ok(Event::Finish { reason, usage }), self.over()));
                }
                Step::Error(error) => return Some((Err(error), self.over())),
                Step::End => return None,
                Step::Hang => std::future::pending().await,
                Step::Wait(notify) => {
                    notify.notified().await;
                    continue;
                }
                Step::Permit(semaphore) => {
                    if let Ok(permit) = semaphore.acquire().await {
                        permit.forget();
                    }
                    continue;
                }
                Step::Delay(duration) => {
                    tokio::time::sleep(duration).await;
                    continue;
                }
            };
            return Some((Ok(event), self));
        }
    }

    fn over(self) -> Self {
        Self { steps: Vec::new().into_iter(), live: self.live }
    }
}

/// Counts as one live answer while it exists.
struct Live(Arc<Shared>);

impl Live {
    fn enter(shared: Arc<Shared>) -> Self {
        shared.counts.send_modify(|(requests, live)| {
            *requests += 1;
            *live += 1;
        });
        Self(shared)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.0.counts.send_modify(|(_, live)| *live -= 1);
    }
}

/// Words with the white space before them; the parts add up to `text`.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut in_word = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && in_word {
            parts.push(&text[start..at]);
            start = at;
        }
        in_word = !c.is_whitespace();
    }
    if start < text.len() {
        parts.push(&text[start..]);
    }
    parts
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Sampling;
    use crate::model::Message;
    use proptest::prelude::*;

    fn ask(text: &str) -> Request {
        Request {
            model: "scripted".to_owned(),
            messages: vec![Message::new(Role::User, text)],
            sampling: Sampling::default(),
            conversation: None,
        }
    }

    fn tokens(events: &[Result<Event, Error>]) -> String {
        let token = |event: &Result<Event, Error>| match event {
            Ok(Event::Token(token)) => Some(token.text.clone()),
            _ => None,
        };
        events.iter().filter_map(token).collect()
    }

    proptest! {
        #[test]
        fn the_tokens_of_a_text_add_up_to_it(text in any::<String>()) {
            prop_assert_eq!(split(&text).concat(), text);
        }
    }

    #[tokio::test]
    async fn plays_the_same_script_for_every_request() {
        let backend = ScriptedBackend::new(Script::text("one two  three"));
        for _ in 0..2 {
            let events: Vec<_> = backend.sample(ask("?")).collect().await;
            assert_eq!(tokens(&events), "one two  three");
            assert_eq!(events.len(), 4);
            assert!(matches!(&events[3], Ok(Event::Finish { reason, .. }) if reason == "stop"));
        }
        assert_eq!(backend.requests(), [ask("?"), ask("?")]);
        assert_eq!(backend.live(), 0);
    }

    #[tokio::test]
    async fn one_request_too_many_is_an_error() {
        let backend = ScriptedBackend::per_request(vec![Script::text("a"), Script::text("b")]);
        for text in ["a", "b"] {
            let events: Vec<_> = backend.sample(ask("")).collect().await;
            assert_eq!(tokens(&events), text);
        }
        let events: Vec<_> = backend.sample(ask("")).collect().await;
        assert!(matches!(&events[..], [Err(error)] if error.kind == ErrorKind::Internal));
    }

    #[tokio::test]
    async fn echoes_what_was_last_said() {
        let mut request = ask("first");
        request.messages.push(Message::new(Role::Assistant, "so"));
        request.messages.push(Message::new(Role::User, "second thing"));
        let events: Vec<_> = ScriptedBackend::echo().sample(request).collect().await;
        assert_eq!(tokens(&events), "echo: second thing");
    }

    #[tokio::test]
    async fn waits_for_the_test_and_counts_the_living() {
        let gate = Arc::new(Notify::new());
        let script = vec![
            Step::reasoning("hm"),
            Step::Wait(gate.clone()),
            Step::ranked("yes", 0.75, &[("yes", 0.75), ("no", 0.25)]),
            Step::Hang,
        ];
        let backend = ScriptedBackend::new(script);
        let mut stream = backend.sample(ask(""));
        backend.wait_requests(1).await;
        assert_eq!(stream.next().await.unwrap().unwrap(), Event::Reasoning("hm".to_owned()));
        assert!(futures::poll!(stream.next()).is_pending());
        gate.notify_one();
        let Ok(Event::Token(token)) = stream.next().await.unwrap() else { panic!("no token") };
        assert_eq!((token.prob, token.top_k.len()), (Some(0.75), 2));
        assert!(futures::poll!(stream.next()).is_pending());
        assert_eq!(backend.live(), 1);
        drop(stream);
        backend.wait_live(0).await;
    }

    #[tokio::test(start_paused = true)]
    async fn delays_and_permits_hold_the_script_up() {
        let permits = Arc::new(Semaphore::new(0));
        let script = vec![
            Step::Delay(Duration::from_secs(60)),
            Step::token("a"),
            Step::Permit(permits.clone()),
            Step::token("b"),
            Step::End,
            Step::token("never"),
        ];
        let mut stream = ScriptedBackend::new(script).sample(ask(""));
        let start = tokio::time::Instant::now();
        assert!(stream.next().await.is_some());
        assert_eq!(start.elapsed(), Duration::from_secs(60));
        assert!(futures::poll!(stream.next()).is_pending());
        permits.add_permits(1);
        assert!(stream.next().await.is_some());
        assert!(stream.next().await.is_none());
        assert_eq!(permits.available_permits(), 0);
    }

    #[tokio::test]
    async fn an_error_ends_the_stream() {
        let script = vec![Step::token("a"), Step::error(ErrorKind::Interrupted, "gone"), Step::End];
        let events: Vec<_> = ScriptedBackend::new(script).sample(ask("")).collect().await;
        assert!(matches!(&events[..], [Ok(_), Err(error)] if error.message == "gone"));
    }
}
