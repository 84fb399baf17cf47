//! One answer being sampled: an owned task that passes events from the backend to the client and
//! stores what arrives. However it ends, what arrived is in the store.

use std::collections::VecDeque;
use std::future::pending;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep};
use tokio_util::sync::CancellationToken;
use tonic::Status;

use super::pace::Pace;
use super::{request, status, window};
use crate::forest::{ConversationId, Response, Token, Usage};
use crate::model::{self, Backend, Event, EventStream, Request};
use crate::proto::prompt_ide::add_response_response::Response as Part;
use crate::proto::prompt_ide::sample_tokens_response::Response as Sampled;
use crate::proto::prompt_ide::{AddResponseResponse, QueryAction, SampleTokensResponse};
use crate::store::{self, Outcome, Store};

/// How long what has arrived may wait for the store.
const FLUSH: Duration = Duration::from_millis(250);

/// Most events taken at once before looking at everything else again.
const BATCH: u32 = 64;

/// Tokens that may wait for the store, and bytes of their text. With so many it is their turn at once,
/// and no more are taken before it has come: a fast backend does not fill the memory of a slow store, and
/// a client has never read far more than is kept.
const MOST_UNSTORED: usize = 4_096;
const MOST_UNSTORED_BYTES: usize = 256 << 10;

/// What the client's stream is made of.
pub(super) type Item = Result<AddResponseResponse, Status>;

/// An answer to be sampled.
pub(super) struct Turn {
    /// Where it is kept.
    pub store: Arc<dyn Store>,
    /// Whose it is.
    pub conversation: ConversationId,
    /// As it is stored with the first token; its creation time is set then.
    pub response: Response,
    /// What samples it.
    pub backend: Arc<dyn Backend>,
    /// What is asked.
    pub request: Request,
    /// Takes the stream. Bounded: when it is full, the backend is not read any further, while the
    /// store still gets what has arrived.
    pub client: mpsc::Sender<Item>,
    /// Ends the turn; what has arrived is kept.
    pub stop: CancellationToken,
    /// Whether the client knows the stream's later messages.
    pub extended: bool,
    /// Fewest tokens that the model has to read.
    pub fewest_tokens: u64,
}

impl Turn {
    /// Samples to the end, or until the client goes away or the turn is stopped.
    pub(super) async fn run(self) {
        let mut events = self.backend.sample(self.request);
        let mut answer = Answer {
            store: self.store,
            conversation: self.conversation,
            response: self.response,
            client: self.client,
            stop: self.stop,
            extended: self.extended,
            fewest_tokens: self.fewest_tokens,
            begun: false,
            shows: false,
            text: String::new(),
            tokens: Vec::new(),
            outgoing: VecDeque::new(),
            storing: None,
            flush: Box::pin(sleep(FLUSH)),
            pace: Pace::new(),
        };
        let end = answer.receive(&mut events).await;
        // Whatever is behind the stream stops now, not when the store has caught up.
        drop(events);
        answer.conclude(end).await;
    }
}

/// How an answer ended.
enum End {
    Finished {
        reason: String,
        usage: Option<Usage>,
    },
    /// The backend failed.
    Failed(model::Error),
    /// The store failed: what arrives could not be kept.
    Unstored(store::Error),
    /// Nobody listens any more.
    Gone,
    /// The service is ending.
    Stopped,
}

/// What a turn waits for.
enum Step {
    Stopped,
    Gone,
    Sent,
    Stored(store::Result<()>),
    FlushDue,
    Gathered,
    Event(Option<Result<Event, model::Error>>),
}

struct Answer {
    store: Arc<dyn Store>,
    conversation: ConversationId,
    response: Response,
    client: mpsc::Sender<Item>,
    stop: CancellationToken,
    extended: bool,
    fewest_tokens: u64,
    /// Whether the response is in the store.
    begun: bool,
    /// Whether some of its text is.
    shows: bool,
    /// What the store has not been given yet.
    text: String,
    tokens: Vec<Token>,
    /// What the client had no room for: the messages of one event at most.
    outgoing: VecDeque<AddResponseResponse>,
    /// What the store is being given.
    storing: Option<BoxFuture<'static, store::Result<()>>>,
    /// Meaningful while `tokens` has any.
    flush: Pin<Box<Sleep>>,
    pace: Pace,
}

impl Answer {
    async fn receive(&mut self, events: &mut EventStream) -> End {
        loop {
            let end = match self.step(events).await {
                Step::Stopped => Some(End::Stopped),
                Step::Gone => Some(End::Gone),
                Step::Stored(Err(error)) => Some(End::Unstored(error)),
                Step::Sent | Step::Stored(Ok(())) => None,
                Step::FlushDue => {
                    self.storing = self.piece();
                    None
                }
                Step::Gathered => {
                    self.pace.go_on();
                    None
                }
                Step::Event(event) => self.take(event, events).await,
            };
            if let Some(end) = end {
                return end;
            }
        }
    }

    async fn step(&mut self, events: &mut EventStream) -> Step {
        let full = self.is_full();
        let Self { stop, client, outgoing, storing, flush, tokens, pace, .. } = self;
        let idle = storing.is_none();
        let gathering = pace.is_waiting();
        let ready = outgoing.is_empty() && !gathering && !full;
        let step = tokio::select! {
            biased;
            () = stop.cancelled() => Step::Stopped,
            () = client.closed() => Step::Gone,
            result = async {
                match storing {
                    Some(storing) => storing.await,
                    None => pending().await,
                }
            }, if !idle => Step::Stored(result),
            () = std::future::ready(()), if idle && full => Step::FlushDue,
            () = flush.as_mut(), if idle && !tokens.is_empty() => Step::FlushDue,
            room = client.reserve(), if !outgoing.is_empty() => {
                if let (Ok(room), Some(message)) = (room, outgoing.pop_front()) {
                    room.send(Ok(message));
                }
                Step::Sent
            }
            () = pace.waited(), if gathering => Step::Gathered,
            event = events.next(), if ready => Step::Event(event),
        };
        if matches!(step, Step::Stored(_)) {
            self.storing = None;
        }
        step
    }

    /// Takes an event and those that are ready behind it.
    async fn take(
        &mut self,
        first: Option<Result<Event, model::Error>>,
        events: &mut EventStream,
    ) -> Option<End> {
        let mut end = self.take_one(first).await;
        self.pace.took();
        for _ in 1..BATCH {
            if end.is_some() || !self.outgoing.is_empty() || self.is_full() {
                break;
            }
            let Some(event) = self.pace.ready(events).await else {
                self.pace.ran_dry(self.begun);
                break;
            };
            self.pace.took();
            end = self.take_one(event).await;
        }
        end
    }

    /// Whether enough waits for the store.
    fn is_full(&self) -> bool {
        self.tokens.len() >= MOST_UNSTORED || self.text.len() >= MOST_UNSTORED_BYTES
    }

    async fn take_one(&mut self, event: Option<Result<Event, model::Error>>) -> Option<End> {
        match event {
            Some(Ok(Event::Token(token))) => {
                return self.token(token).await.err().map(End::Unstored);
            }
            Some(Ok(Event::Finish { reason, usage })) => {
                let read = usage.map_or(0, |usage| usage.prompt_tokens);
                if let Some(words) = window::cut(self.fewest_tokens, read, &self.response.model) {
                    self.notice(words);
                }
                return Some(End::Finished { reason, usage });
            }
            Some(Ok(Event::Reasoning(text))) => {
                self.response.details_mut().reasoning.push_str(&text);
                if self.extended {
                    self.send(Part::Reasoning(text));
                }
            }
            Some(Ok(Event::Query { query, kind })) => {
                let details = self.response.details_mut();
                add_line(&mut details.query, &query);
                add_line(&mut details.query_type, &kind);
                self.send(Part::QueryAction(QueryAction { query, r#type: kind }));
            }
            Some(Ok(Event::Source(source))) => self.response.details_mut().sources.push(source),
            Some(Ok(Event::Notice(words))) => self.notice(words),
            Some(Err(error)) => return Some(End::Failed(error)),
            None => return Some(End::Failed(broke_off())),
        }
        None
    }

    fn notice(&mut self, words: String) {
        if self.extended {
            self.send(Part::Notice(words));
        }
    }

    /// The client is told of a token at once; of the first that has text when it is in the store, so
    /// that what anybody has seen of an answer is never all lost.
    async fn token(&mut self, token: Token) -> store::Result<()> {
        let sampled = SampleTokensResponse { response: Some(Sampled::Token((&token).into())) };
        if self.tokens.is_empty() {
            self.flush.as_mut().reset(Instant::now() + FLUSH);
        }
        self.text.push_str(&token.text);
        self.tokens.push(token);
        if !self.begun {
            self.begin().await?;
        } else if !self.shows && !self.text.is_empty() {
            self.store_now().await?;
        }
        self.send(Part::Token(sampled));
        Ok(())
    }

    /// Stores the response, partial, with what has arrived of it, before the client hears of it.
    async fn begin(&mut self) -> store::Result<()> {
        self.response.partial = true;
        self.response.create_time = request::now().max(self.response.create_time);
        self.shows = !self.text.is_empty();
        let (text, tokens) = (std::mem::take(&mut self.text), std::mem::take(&mut self.tokens));
        self.store.begin(&self.conversation, self.response.clone(), text, tokens).await?;
        self.begun = true;
        if self.extended {
            self.send(Part::ModelResponseStarted(self.response.clone().into()));
        }
        Ok(())
    }

    /// Stores what has arrived, after what the store is being given already.
    async fn store_now(&mut self) -> store::Result<()> {
        self.shows = true;
        if let Some(storing) = self.storing.take() {
            storing.await?;
        }
        match self.piece() {
            Some(piece) => piece.await,
            None => Ok(()),
        }
    }

    /// Never waits: what the client has no room for stays in `outgoing`.
    fn send(&mut self, part: Part) {
        let message = AddResponseResponse { response: Some(part) };
        if !self.outgoing.is_empty() {
            return self.outgoing.push_back(message);
        }
        // A client that has gone is noticed elsewhere.
        if let Err(mpsc::error::TrySendError::Full(Ok(message))) = self.client.try_send(Ok(message))
        {
            self.outgoing.push_back(message);
        }
    }

    /// Gives the store what has arrived since the last time.
    fn piece(&mut self) -> Option<BoxFuture<'static, store::Result<()>>> {
        if self.tokens.is_empty() {
            return None;
        }
        let (text, tokens) = (std::mem::take(&mut self.text), std::mem::take(&mut self.tokens));
        let store = Arc::clone(&self.store);
        let (conversation, id) = (self.conversation.clone(), self.response.id.clone());
        Some(async move { store.append(&conversation, &id, text, tokens).await }.boxed())
    }

    async fn conclude(&mut self, end: End) {
        let last = match self.settle(&end).await {
            Err(error) => Some(Err(status::of_store(&error))),
            Ok(stored) => match (end, stored) {
                (End::Finished { .. }, Some(response)) => {
                    let part = Part::ModelResponse(response.into());
                    Some(Ok(AddResponseResponse { response: Some(part) }))
                }
                (End::Failed(error), _) => Some(Err(status::of_model(&error))),
                (End::Unstored(error), _) => Some(Err(status::of_store(&error))),
                (End::Stopped, _) => Some(Err(status::ending())),
                (End::Gone | End::Finished { .. }, _) => None,
            },
        };
        let outgoing = std::mem::take(&mut self.outgoing).into_iter().map(Ok).chain(last);
        // All is stored: a client that does not read on holds nothing up but this task.
        for item in outgoing {
            let Err(mpsc::error::TrySendError::Full(item)) = self.client.try_send(item) else {
                continue;
            };
            let sent = self.stop.run_until_cancelled(self.client.send(item)).await;
            if !matches!(sent, Some(Ok(()))) {
                return;
            }
        }
    }

    /// Stores what is left and how it ended; `None` if there is nothing to keep.
    async fn settle(&mut self, end: &End) -> store::Result<Option<Response>> {
        let finished = matches!(end, End::Finished { .. });
        if !self.begun {
            if !finished {
                return Ok(None);
            }
            self.begin().await?;
        }
        // What could not be stored before may find room now; what fails again leaves the answer
        // partial.
        let kept = self.store_now().await;
        let mut details = self.response.details.take().map(|boxed| *boxed).unwrap_or_default();
        match end {
            End::Finished { reason, usage } => {
                details.finish_reason.clone_from(reason);
                details.usage = *usage;
            }
            End::Failed(error) => details.error.clone_from(&error.message),
            End::Unstored(error) => details.error = error.to_string(),
            End::Stopped | End::Gone => {}
        }
        if let Err(error) = &kept {
            details.error = error.to_string();
        }
        let outcome = Outcome { partial: !finished || kept.is_err(), details };
        let stored = self.store.finish(&self.conversation, &self.response.id, outcome).await;
        kept.and(stored.map(Some))
    }
}

/// Queries are kept one a line, so that each kind stands with its query.
fn add_line(lines: &mut String, line: &str) {
    if !lines.is_empty() {
        lines.push('\n');
    }
    lines.extend(line.lines().flat_map(|part| [part, " "]));
    lines.truncate(lines.trim_end_matches(' ').len());
}

fn broke_off() -> model::Error {
    model::Error::new(
        model::ErrorKind::Interrupted,
        "the model's server broke the answer off before its end; what arrived is kept and can be \
         continued",
    )
}
