//! One answer of xAI: asked for, tried again while nothing has come, read to its end.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::Stream;
use futures::stream::unfold;
use tokio::time::timeout;
use tonic::{Code, Status, Streaming};

use super::answer::Answer;
use super::server::{Refusal, Server};
use super::{fault, request};
use crate::model::patience::Countdown;
use crate::model::{Error, ErrorKind, Event, Request};
use crate::proto::xai_api::GetChatCompletionChunk;

/// The events of the answer to `request`. Dropping them cancels the call.
pub(super) fn events(
    server: Arc<Server>,
    request: Request,
) -> impl Stream<Item = Result<Event, Error>> + Send {
    let turn = Turn { server, request, tried: 0, ready: VecDeque::new(), phase: Phase::Ask };
    unfold(turn, |mut turn| async { Some((turn.next().await?, turn)) })
}

struct Turn {
    server: Arc<Server>,
    request: Request,
    tried: u32,
    ready: VecDeque<Result<Event, Error>>,
    phase: Phase,
}

enum Phase {
    Ask,
    Wait(Countdown),
    Read(Box<Reader>),
    Over,
}

struct Reader {
    stream: Streaming<GetChatCompletionChunk>,
    answer: Answer,
    begun: bool,
    /// Whether probabilities were asked for.
    probabilities: bool,
}

impl Turn {
    async fn next(&mut self) -> Option<Result<Event, Error>> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Some(item);
            }
            match std::mem::replace(&mut self.phase, Phase::Over) {
                Phase::Ask => self.ask().await,
                Phase::Wait(countdown) => self.wait(countdown).await,
                Phase::Read(reader) => self.read(reader).await,
                Phase::Over => return None,
            }
        }
    }

    async fn wait(&mut self, mut countdown: Countdown) {
        self.phase = match countdown.next().await {
            Some(word) => {
                self.ready.push_back(Ok(word));
                Phase::Wait(countdown)
            }
            None => Phase::Ask,
        };
    }

    async fn ask(&mut self) {
        self.tried += 1;
        let probabilities = self.server.tells_probabilities(&self.request.model);
        let body = request::body(&self.request, probabilities);
        let opened = self.server.open(body, self.request.conversation.as_ref());
        match timeout(self.server.timeouts().first_byte, opened).await {
            Ok(Ok(stream)) => {
                let answer = Answer::default();
                let reader = Reader { stream, answer, begun: false, probabilities };
                self.phase = Phase::Read(Box::new(reader));
            }
            Ok(Err(Refusal::Never(error))) => self.ready.push_back(Err(error)),
            Ok(Err(Refusal::Status(status))) => self.refused(&status, probabilities),
            Err(_) => self.refused(&Status::new(Code::DeadlineExceeded, ""), probabilities),
        }
    }

    async fn read(&mut self, mut reader: Box<Reader>) {
        let timeouts = self.server.timeouts();
        let patience = if reader.begun { timeouts.idle } else { timeouts.first_byte };
        let silent = || Err(Status::new(Code::DeadlineExceeded, "the stream fell silent"));
        let next = timeout(patience, reader.stream.message()).await.unwrap_or_else(|_| silent());
        match next {
            Ok(Some(chunk)) => {
                let before = self.ready.len();
                reader.answer.take(chunk, &mut |event| self.ready.push_back(Ok(event)));
                reader.begun |= self.ready.len() > before;
                self.phase = Phase::Read(reader);
            }
            Ok(None) => {
                let end = reader.answer.end().map(Ok);
                let broken = || Err(fault::interrupted(None, self.server.address()));
                self.ready.push_back(end.unwrap_or_else(broken));
            }
            Err(status) if reader.begun => {
                let error = fault::interrupted(Some(&status), self.server.address());
                self.ready.push_back(Err(error));
            }
            Err(status) => self.refused(&status, reader.probabilities),
        }
    }

    /// Nothing has come yet: tries again where that may help.
    fn refused(&mut self, status: &Status, probabilities: bool) {
        let about_them = status.message().to_ascii_lowercase().contains("logprob");
        if probabilities && about_them && status.code() == Code::InvalidArgument {
            self.server.forget_probabilities(&self.request.model);
            let words = format!("{} does not tell token probabilities", self.request.model);
            self.ready.push_back(Ok(Event::Notice(words)));
            self.tried -= 1;
            self.phase = Phase::Ask;
            return;
        }
        let error = self.server.fault(status);
        let policy = self.server.retry();
        let helps = matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Unavailable);
        let wait = error.retry_after.unwrap_or_else(|| policy.wait(self.tried));
        if !helps || self.tried >= policy.tries || wait > policy.longest_wait {
            self.ready.push_back(Err(error));
            return;
        }
        let what = if error.kind == ErrorKind::RateLimited {
            "takes no more requests for now"
        } else {
            "cannot be reached"
        };
        let brief = format!("{} {what}", self.server.address());
        self.phase = Phase::Wait(Countdown::new(brief, wait, policy.count(self.tried)));
    }
}
