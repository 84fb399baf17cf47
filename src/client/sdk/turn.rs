//! A turn of the SDK: one run of the model, read from two sides. Whoever is polled first drives it.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures::future::BoxFuture;
use futures::stream::BoxStream;
use futures::{Stream, StreamExt as _, stream};
use tokio::sync::Mutex;

use super::{GrokResponse, Turn};
use crate::client::Error;
use crate::forest::Token;

/// A step of a turn. The final response, or an error, is the last.
pub(super) enum Step {
    Token(Token),
    Final(GrokResponse),
}

/// The steps, once driven.
struct Core {
    steps: BoxStream<'static, Result<Step, Error>>,
    /// Tokens that came while only the final response was waited for. Holds at most one answer.
    unread: VecDeque<Token>,
    /// Gone when nobody can read tokens any more.
    reader: Weak<()>,
    outcome: Option<Result<GrokResponse, Error>>,
}

impl Core {
    /// Takes one step further, or learns the outcome.
    async fn drive(&mut self) {
        match self.steps.next().await {
            Some(Ok(Step::Token(token))) => {
                if self.reader.strong_count() > 0 {
                    self.unread.push_back(token);
                }
            }
            Some(Ok(Step::Final(response))) => self.outcome = Some(Ok(response)),
            Some(Err(error)) => self.outcome = Some(Err(error)),
            None => {
                let words = "the service ended the answer without storing it";
                self.outcome.get_or_insert_with(|| Err(Error::protocol(words)));
            }
        }
    }
}

/// The two sides of `steps`.
pub(super) fn turn(steps: BoxStream<'static, Result<Step, Error>>) -> Turn {
    let reader = Arc::new(());
    let core = Arc::new(Mutex::new(Core {
        steps,
        unread: VecDeque::new(),
        reader: Arc::downgrade(&reader),
        outcome: None,
    }));
    let tokens = stream::unfold(Some((core.clone(), reader)), |state| async {
        let (core, reader) = state?;
        let item = next_token(&core).await?;
        let rest = item.is_ok().then_some((core, reader));
        Some((item, rest))
    });
    let last = async move {
        let mut core = core.lock().await;
        loop {
            if let Some(outcome) = &core.outcome {
                return outcome.clone();
            }
            core.drive().await;
        }
    };
    (TokenStream(tokens.boxed()), FinalResponse(Box::pin(last)))
}

async fn next_token(core: &Mutex<Core>) -> Option<Result<Token, Error>> {
    let mut core = core.lock().await;
    loop {
        if let Some(token) = core.unread.pop_front() {
            return Some(Ok(token));
        }
        match &core.outcome {
            Some(Ok(_)) => return None,
            Some(Err(error)) => return Some(Err(error.clone())),
            None => core.drive().await,
        }
    }
}

/// The tokens of an answer as they come. Ends with the answer, or after an error.
pub struct TokenStream(BoxStream<'static, Result<Token, Error>>);

impl Stream for TokenStream {
    type Item = Result<Token, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(cx)
    }
}

impl fmt::Debug for TokenStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenStream")
    }
}

/// The stored answer, once it is complete. Works whether or not the tokens are read.
#[must_use = "nothing is sent before the token stream or this is polled"]
pub struct FinalResponse(BoxFuture<'static, Result<GrokResponse, Error>>);

impl Future for FinalResponse {
    type Output = Result<GrokResponse, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.as_mut().poll(cx)
    }
}

impl fmt::Debug for FinalResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FinalResponse")
    }
}
