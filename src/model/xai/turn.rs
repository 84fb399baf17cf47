//! One answer of xAI: how it is asked for and read, and when it is asked for again.

use std::sync::Arc;

use futures::Stream;
use tokio::time::timeout;
use tonic::{Code, Status, Streaming};

use super::answer::Answer;
use super::server::{Refusal, Server};
use super::{fault, request};
use crate::model::patience::Countdown;
use crate::model::turn::{self, Course, Phase, Turn};
use crate::model::{Error, ErrorKind, Event, Request};
use crate::proto::xai_api::GetChatCompletionChunk;

/// The events of the answer to `request`. Dropping them cancels the call.
pub(super) fn events(
    server: Arc<Server>,
    request: Request,
) -> impl Stream<Item = Result<Event, Error>> + Send {
    turn::events(Asking { server, request, course: Course::new() })
}

struct Asking {
    server: Arc<Server>,
    request: Request,
    course: Course<Reader>,
}

struct Reader {
    stream: Streaming<GetChatCompletionChunk>,
    answer: Answer,
    begun: bool,
    /// Whether probabilities were asked for.
    probabilities: bool,
}

impl Turn for Asking {
    type Reader = Reader;

    fn course(&mut self) -> &mut Course<Reader> {
        &mut self.course
    }

    async fn ask(&mut self) {
        let probabilities = self.server.tells_probabilities(&self.request.model);
        let body = request::body(&self.request, probabilities);
        let opened = self.server.open(body, self.request.conversation.as_ref());
        match timeout(self.server.timeouts().first_byte, opened).await {
            Ok(Ok(stream)) => {
                let answer = Answer::default();
                let reader = Reader { stream, answer, begun: false, probabilities };
                self.course.phase = Phase::Read(Box::new(reader));
            }
            Ok(Err(Refusal::Never(error))) => self.course.tell(Err(error)),
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
                let before = self.course.ready.len();
                reader.answer.take(chunk, &mut |event| self.course.tell(Ok(event)));
                reader.begun |= self.course.ready.len() > before;
                self.course.phase = Phase::Read(reader);
            }
            Ok(None) => {
                let end = reader.answer.end().map(Ok);
                let broken = || Err(fault::interrupted(None, self.server.address()));
                self.course.tell(end.unwrap_or_else(broken));
            }
            Err(status) if reader.begun => {
                let error = fault::interrupted(Some(&status), self.server.address());
                self.course.tell(Err(error));
            }
            Err(status) => self.refused(&status, reader.probabilities),
        }
    }
}

impl Asking {
    /// Nothing has come yet: tries again where that may help.
    fn refused(&mut self, status: &Status, probabilities: bool) {
        let about_them = status.message().to_ascii_lowercase().contains("logprob");
        if probabilities && about_them && status.code() == Code::InvalidArgument {
            self.server.forget_probabilities(&self.request.model);
            let words = format!("{} does not tell token probabilities", self.request.model);
            self.course.tell(Ok(Event::Notice(words)));
            self.course.tried -= 1;
            self.course.phase = Phase::Ask;
            return;
        }
        let error = self.server.fault(status);
        let policy = self.server.retry();
        let helps = matches!(error.kind, ErrorKind::RateLimited | ErrorKind::Unavailable);
        let wait = error.retry_after.unwrap_or_else(|| policy.wait(self.course.tried));
        if !helps || self.course.tried >= policy.tries || wait > policy.longest_wait {
            self.course.tell(Err(error));
            return;
        }
        let what = if error.kind == ErrorKind::RateLimited {
            "takes no more requests for now"
        } else {
            "cannot be reached"
        };
        let brief = format!("{} {what}", self.server.address());
        self.course.phase =
            Phase::Wait(Countdown::new(brief, wait, policy.count(self.course.tried)));
    }
}
