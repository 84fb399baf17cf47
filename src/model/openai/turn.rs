//! One answer from request to end: how it is asked for and read, what is learnt from a refusal, and when
//! it is asked for again.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::{Stream, StreamExt as _, stream};
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use sse_stream::{Sse, SseByteStream};
use tokio::time::{Instant, timeout, timeout_at};

use super::super::patience::Countdown;
use super::super::turn::{self, Course, Phase, Turn};
use super::super::{Error, ErrorKind, Event, Request};
use super::answer::{Answer, Flow, Problem};
use super::dialect::Dialect;
use super::fault::{Again, Fault};
use super::framing::{Body, Broken, Framing, Patience};
use super::request::{self, Sent};
use super::server::Server;
use super::wire;

/// Largest body of an answer that is not streamed, in bytes.
const LARGEST_BODY: usize = 64 << 20;

/// The events of one answer.
pub(super) fn events(
    server: Arc<Server>,
    request: Request,
) -> impl Stream<Item = Result<Event, Error>> + Send + 'static {
    turn::events(Asking { server, request, course: Course::new(), loading: None })
}

struct Asking {
    server: Arc<Server>,
    request: Request,
    course: Course<Reader>,
    /// Since when the server has been loading the model, and how often it said so.
    loading: Option<(Instant, u32)>,
}

/// An answer on its way.
struct Reader {
    events: SseByteStream<Framing>,
    answer: Answer,
    begun: Arc<AtomicBool>,
    /// Until when the cost is waited for, once the answer is over.
    deadline: Option<Instant>,
}

impl Turn for Asking {
    type Reader = Reader;

    fn course(&mut self) -> &mut Course<Reader> {
        &mut self.course
    }

    async fn ask(&mut self) {
        match self.try_once().await {
            Ok(phase) => self.course.phase = phase,
            Err(fault) => self.failed(fault, false),
        }
    }

    async fn read(&mut self, mut reader: Box<Reader>) {
        let next = match reader.deadline {
            None => reader.events.next().await,
            Some(deadline) => timeout_at(deadline, reader.events.next()).await.unwrap_or(None),
        };
        match next {
            Some(Ok(event)) => self.take(reader, &event),
            Some(Err(_)) | None if reader.answer.finished() => self.ended(reader, false),
            Some(Err(error)) => {
                let context = self.server.context(None);
                let fault = match broken(error) {
                    Broken::Silent(waited) => context.silent(waited),
                    broken @ (Broken::Lost(_) | Broken::Endless) => {
                        context.lost(&broken.to_string())
                    }
                };
                self.broke_off(reader, fault);
            }
            None => self.ended(reader, false),
        }
    }
}

impl Asking {
    async fn try_once(&mut self) -> Result<Phase<Reader>, Fault> {
        let server = Arc::clone(&self.server);
        let dialect = match self.request.prefix() {
            Some(_) => server.recognize().await,
            None => server.dialect(),
        };
        let quirks = server.quirks(&self.request.model);
        let (body, sent) = request::body(&self.request, dialect, quirks).map_err(|error| {
            Fault::never(Error::new(
                ErrorKind::Internal,
                format!("cannot write the request: {error}"),
            ))
        })?;
        let response = server.post(body, &self.request).await?;
        if response.status().is_success() {
            return self.open(response, dialect).await;
        }
        let refusal = server.refusal(response).await;
        if matches!(refusal.status.as_u16(), 400 | 422) && self.learn(&refusal.body, &sent) {
            self.course.tried -= 1;
            return Ok(Phase::Ask);
        }
        Err(server.context(Some(&self.request.model)).refused(&refusal))
    }

    /// Leaves out what was refused, now and for later requests. Returns whether anything was.
    fn learn(&self, body: &[u8], sent: &Sent) -> bool {
        let said = String::from_utf8_lossy(body);
        let learnt = self.server.quirks(&self.request.model).learn(&said, sent);
        learnt.inspect(|&quirks| self.server.remember(&self.request.model, quirks)).is_some()
    }

    /// Finds out how the answer comes.
    async fn open(
        &mut self,
        response: Response,
        dialect: Option<Dialect>,
    ) -> Result<Phase<Reader>, Fault> {
        let prefix = self.request.prefix().unwrap_or_default();
        let shortest = Dialect::shortest_echo(dialect);
        let echo = if shortest.is_some_and(|least| prefix.len() >= least) { prefix } else { "" };
        let mut answer = Answer::new(echo);
        let streamed = is_streamed(response.headers());
        let mut body = self.server.body(response);
        if !streamed {
            let start = first_bytes(&self.server, &mut body).await?;
            let first = start.iter().copied().find(|byte| !byte.is_ascii_whitespace());
            if !first.is_some_and(|byte| byte == b':' || byte.is_ascii_alphabetic()) {
                let whole = rest(&self.server, start, &mut body).await?;
                self.take_whole(&whole, &mut answer)?;
                return Ok(Phase::Over);
            }
            body = stream::once(async { Ok(start) }).chain(body).boxed();
        }
        let begun = Arc::new(AtomicBool::new(false));
        let timeouts = &self.server.timeouts;
        let patience =
            Patience { first: timeouts.first_byte, idle: timeouts.idle, begun: Arc::clone(&begun) };
        let events = SseByteStream::new(Framing::new(body, patience));
        Ok(Phase::Read(Box::new(Reader { events, answer, begun, deadline: None })))
    }

    /// An answer that is not streamed: one JSON object, or several.
    fn take_whole(&mut self, body: &[u8], answer: &mut Answer) -> Result<(), Fault> {
        let text = String::from_utf8_lossy(body);
        let text = wire::mend_numbers(&text);
        let ready = &mut self.course.ready;
        let mut out = |event| ready.push_back(Ok(event));
        if matches!(text, Cow::Owned(_)) {
            answer.left_out(&mut out);
        }
        let context = self.server.context(Some(&self.request.model));
        let values = serde_json::Deserializer::from_str(&text);
        for value in values.into_iter::<&serde_json::value::RawValue>() {
            let Ok(value) = value else { return Err(context.nonsense(body)) };
            match answer.take(value.get(), false, &mut out) {
                Ok(Flow::More | Flow::Done) => {}
                Err(Problem::Reported(error)) => return Err(context.reported(&error)),
                Err(Problem::Nonsense) => return Err(context.nonsense(body)),
            }
        }
        if answer.end(true, &mut out) { Ok(()) } else { Err(context.nonsense(body)) }
    }

    fn take(&mut self, mut reader: Box<Reader>, event: &Sse) {
        let data = event.data.as_deref().unwrap_or_default();
        let is_error = event.event.as_deref() == Some("error");
        let ready = &mut self.course.ready;
        let taken = reader.answer.take(data, is_error, &mut |event| ready.push_back(Ok(event)));
        if reader.answer.begun() && !reader.begun.load(Ordering::Relaxed) {
            reader.begun.store(true, Ordering::Relaxed);
        }
        if reader.answer.finished() && reader.deadline.is_none() {
            reader.deadline = Some(Instant::now() + self.server.timeouts.grace);
        }
        match taken {
            Ok(Flow::More) => self.course.phase = Phase::Read(reader),
            Ok(Flow::Done) => self.ended(reader, true),
            Err(_) if reader.answer.finished() => self.ended(reader, false),
            Err(Problem::Reported(error)) => {
                let fault = self.server.context(None).reported(&error);
                self.broke_off(reader, fault);
            }
            Err(Problem::Nonsense) => {
                let context = self.server.context(None);
                let fault = match reader.answer.begun() {
                    true => context.garbled(data.as_bytes()),
                    false => context.nonsense(data.as_bytes()),
                };
                self.broke_off(reader, fault);
            }
        }
    }

    fn ended(&mut self, mut reader: Box<Reader>, complete: bool) {
        let ready = &mut self.course.ready;
        if !reader.answer.end(complete, &mut |event| ready.push_back(Ok(event))) {
            let fault = self.server.context(None).unfinished();
            self.broke_off(reader, fault);
        }
    }

    fn broke_off(&mut self, mut reader: Box<Reader>, fault: Fault) {
        let begun = reader.answer.begun();
        if begun {
            // Hands out what was held back; the answer is known not to be whole.
            let ready = &mut self.course.ready;
            reader.answer.end(false, &mut |event| ready.push_back(Ok(event)));
        }
        self.failed(fault, begun);
    }

    /// Tries again where that makes sense, else reports the error.
    fn failed(&mut self, fault: Fault, begun: bool) {
        let mut error = fault.error;
        if begun {
            error.kind = ErrorKind::Interrupted;
            error.message = format!("The answer broke off. {}", error.message);
            return self.course.tell(Err(error));
        }
        let policy = &self.server.retry;
        let (asked, wait, count) = match fault.again {
            Again::Never => return self.course.tell(Err(error)),
            Again::Later(asked) if self.course.tried < policy.tries => {
                (asked, policy.wait(self.course.tried), policy.count(self.course.tried))
            }
            Again::Loading(asked) if self.is_patient() => {
                let (_, times) = *self.loading.get_or_insert((Instant::now(), 0));
                self.loading = self.loading.map(|(since, times)| (since, times + 1));
                self.course.tried -= 1;
                (asked, policy.wait(1 + times.min(3)), String::new())
            }
            Again::Later(_) | Again::Loading(_) => {
                if self.course.tried > 1 {
                    error.message = format!("{} Tried {} times.", error.message, self.course.tried);
                }
                return self.course.tell(Err(error));
            }
        };
        let wait = asked.unwrap_or(wait);
        if wait > policy.longest_wait {
            let asks = format!("It asks to wait {} s before the next try.", wait.as_secs());
            error.message = format!("{} {asks}", error.message);
            return self.course.tell(Err(error));
        }
        self.course.phase = Phase::Wait(Countdown::new(fault.brief, wait, count));
    }

    /// Whether a model that is being loaded is waited for still.
    fn is_patient(&self) -> bool {
        let patience = self.server.timeouts.first_byte;
        self.loading.is_none_or(|(since, _)| since.elapsed() < patience)
    }
}

/// Enough of the body to tell what it is.
async fn first_bytes(server: &Server, body: &mut Body) -> Result<Vec<u8>, Fault> {
    let mut start = Vec::new();
    let mark = "\u{feff}".as_bytes();
    while start.iter().all(u8::is_ascii_whitespace) || mark.starts_with(&start) {
        let Some(more) = more(server, body).await? else { break };
        start.extend_from_slice(&more);
        if start.starts_with(mark) {
            start.drain(..mark.len());
        }
    }
    Ok(start)
}

async fn rest(server: &Server, mut whole: Vec<u8>, body: &mut Body) -> Result<Vec<u8>, Fault> {
    while let Some(more) = more(server, body).await? {
        whole.extend_from_slice(&more);
        if whole.len() > LARGEST_BODY {
            let broken = format!("more than {} MB came", LARGEST_BODY >> 20);
            return Err(server.context(None).lost(&broken));
        }
    }
    Ok(whole)
}

async fn more(server: &Server, body: &mut Body) -> Result<Option<Vec<u8>>, Fault> {
    let patience = server.timeouts.first_byte;
    match timeout(patience, body.next()).await {
        Ok(Some(Ok(bytes))) => Ok(Some(bytes)),
        Ok(Some(Err(broken))) => Err(server.context(None).lost(&broken.to_string())),
        Ok(None) => Ok(None),
        Err(_) => Err(server.context(None).silent(patience)),
    }
}

fn is_streamed(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    kind.contains("event-stream") || kind.contains("ndjson") || kind.contains("jsonl")
}

fn broken(error: sse_stream::Error) -> Broken {
    match error {
        sse_stream::Error::Body(inner) => match inner.downcast::<Broken>() {
            Ok(broken) => *broken,
            Err(other) => Broken::Lost(other.to_string()),
        },
        other => Broken::Lost(other.to_string()),
    }
}
