//! The model that is always there: a small n-gram model of our own manual. This file owns the
//! backend: when the model is made, and how fast an answer streams.

mod answer;
mod corpus;
mod math;
mod mode;
mod ngram;
mod opening;
mod prompt;
mod sampler;
mod settings;
mod stop;
mod tokenizer;
mod topic;

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{self, StreamExt};
use tokio::sync::OnceCell;
use tokio::time::{Instant, sleep_until};

use super::{Backend, Error, ErrorKind, Event, EventStream, ModelInfo, Request};
use answer::Answer;
use ngram::Model;
use settings::Settings;

/// The name of the one model there is.
const NAME: &str = "ngram";
/// After so many tokens other tasks get their turn.
const TURN: u32 = 16;
/// How far a paced stream may fall behind before it gives up catching up. More than the
/// resolution of the timers, so that speeds above 1,000 tokens/s are kept.
const SLACK: Duration = Duration::from_millis(20);

/// Answers from the built-in model, which is made at first use and then shared.
///
/// It needs no network and no download, and it is no chatbot: it knows the words of the manual and
/// how they follow one another. But it is a true language model. The probability reported for a
/// token is that with which the model, before temperature and nucleus, would choose it; the
/// candidates are the likeliest of the same distribution. A candidate with an empty text stands
/// for the end of the answer. An answer has at least one token, and a word that the text to be
/// continued leaves unfinished is completed first; the probabilities of the first token are those
/// under these conditions. Equal requests with equal seeds give equal answers on any machine.
#[derive(Debug, Clone, Default)]
pub struct OfflineBackend {
    model: Arc<OnceCell<Arc<Model>>>,
}

impl OfflineBackend {
    /// Costs nothing until the first answer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the model now, unless it is there already, so that the first answer need not wait
    /// for it.
    ///
    /// # Errors
    /// `Internal`, when the runtime is shutting down.
    pub async fn prepare(&self) -> Result<(), Error> {
        self.model().await.map(drop)
    }

    async fn model(&self) -> Result<Arc<Model>, Error> {
        let make = || async { tokio::task::spawn_blocking(train).await.map_err(|_| stopped()) };
        self.model.get_or_try_init(make).await.cloned()
    }

    async fn begin(self, request: Request) -> Result<(Answer, Option<Duration>), Error> {
        if request.model != NAME && !request.model.is_empty() {
            let message = format!("there is no offline model {}; there is {NAME}", request.model);
            return Err(Error::new(ErrorKind::NotFound, message));
        }
        let settings = Settings::new(request.sampling, random)?;
        let pause = settings.pause;
        let model = self.model().await?;
        let begin = move || Answer::begin(model, &request.messages, settings);
        let answer = tokio::task::spawn_blocking(begin).await.map_err(|_| stopped())?;
        Ok((answer, pause))
    }
}

impl Backend for OfflineBackend {
    fn sample(&self, request: Request) -> EventStream {
        let begin = self.clone().begin(request);
        let answer = async { begin.await.map(|(answer, pause)| Delivery::new(answer, pause)) };
        stream::once(answer)
            .flat_map(|begun| match begun {
                Ok(delivery) => stream::unfold(delivery, Delivery::next).boxed(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            })
            .boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>> {
        let model = ModelInfo {
            name: NAME.to_owned(),
            context_length: Some(prompt::CONTEXT),
            logprobs: true,
            prefill: Some(true),
            images: Some(false),
            price: None,
        };
        Box::pin(async { Ok(vec![model]) })
    }

    fn lists_all(&self) -> bool {
        true
    }

    fn follows_instructions(&self) -> bool {
        false
    }
}

fn train() -> Arc<Model> {
    let sections: Vec<_> = corpus::MANUAL.iter().flat_map(|text| corpus::sections(text)).collect();
    Arc::new(Model::train(&sections))
}

fn stopped() -> Error {
    Error::new(ErrorKind::Internal, "the program is shutting down; nothing was sampled")
}

/// A number nobody can foresee: the standard library seeds its hashers from the system.
fn random() -> u64 {
    RandomState::new().hash_one(0)
}

/// An answer on its way out, at its speed.
struct Delivery {
    answer: Answer,
    pause: Option<Duration>,
    /// When the next token may go out; `None` before the first.
    due: Option<Instant>,
    /// Tokens since others had their turn.
    run: u32,
}

impl Delivery {
    fn new(answer: Answer, pause: Option<Duration>) -> Self {
        Self { answer, pause, due: None, run: 0 }
    }

    async fn next(mut self) -> Option<(Result<Event, Error>, Self)> {
        self.run += 1;
        if self.run >= TURN {
            self.run = 0;
            tokio::task::yield_now().await;
        }
        let event = self.answer.next()?;
        if let (Event::Token(_), Some(pause)) = (&event, self.pause) {
            self.pace(pause).await;
        }
        Some((Ok(event), self))
    }

    async fn pace(&mut self, pause: Duration) {
        let now = Instant::now();
        let mut due = self.due.unwrap_or(now);
        if due > now {
            sleep_until(due).await;
        } else {
            due = due.max(now.checked_sub(SLACK).unwrap_or(now));
        }
        self.due = Some(due + pause);
    }
}

#[cfg(test)]
mod tests;
