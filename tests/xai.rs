//! The backend for xAI's own interface, against a server of ours that speaks it: what it asks for,
//! what it makes of the answers, and what it says when something fails.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::{Stream, StreamExt as _};
use grok_tui::forest::{ConversationId, Sampling, Source, Usage};
use grok_tui::model::xai::{Settings, XaiBackend};
use grok_tui::model::{
    Backend as _, Error, ErrorKind, Event, Message, Price, Request, RetryPolicy, Role,
};
use grok_tui::proto::xai_api::chat_server::{Chat, ChatServer};
use grok_tui::proto::xai_api::content::Content;
use grok_tui::proto::xai_api::inline_citation::Citation;
use grok_tui::proto::xai_api::models_server::{Models, ModelsServer};
use grok_tui::proto::xai_api::tool_call::Tool;
use grok_tui::proto::xai_api::{
    CompletionOutputChunk, Delta, FinishReason, FunctionCall, GetChatCompletionChunk,
    GetCompletionsRequest, InlineCitation, LanguageModel, ListLanguageModelsResponse, LogProb,
    LogProbs, Modality, SamplingUsage, ToolCall, ToolCallStatus, ToolCallType, TopLogProb,
    WebCitation,
};
use secrecy::SecretString;
use tokio::sync::Notify;
use tonic::{Code, Response, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

type Chunk = GetChatCompletionChunk;

/// What the server does with one request.
enum Reply {
    /// Refuses it.
    Refuse(Status),
    /// Streams these, and then ends.
    Stream(Vec<Result<Chunk, Status>>),
    /// Streams these, and then nothing more.
    Hang(Vec<Chunk>),
}

/// A server that speaks `xai_api`. Clones are the same one.
#[derive(Clone, Default)]
struct Upstream {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    /// What it does with counts that must go on, and how many of them there were.
    counts: Arc<Mutex<VecDeque<Reply>>>,
    counted: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<(GetCompletionsRequest, tonic::metadata::MetadataMap)>>>,
    live: Arc<AtomicUsize>,
    left: Arc<Notify>,
}

/// Counts a stream that is being read.
struct Reading(Upstream);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.live.fetch_sub(1, Ordering::SeqCst);
        self.0.left.notify_one();
    }
}

/// Whether it asks a model to go on with a count.
fn is_count(request: &GetCompletionsRequest) -> bool {
    let texts = request.messages.iter().flat_map(|message| &message.content);
    texts.into_iter().any(|content| {
        matches!(&content.content, Some(Content::Text(text)) if text.starts_with("Count from 1 to 9"))
    })
}

#[tonic::async_trait]
impl Chat for Upstream {
    type GetCompletionChunkStream = Pin<Box<dyn Stream<Item = Result<Chunk, Status>> + Send>>;

    async fn get_completion_chunk(
        &self,
        request: tonic::Request<GetCompletionsRequest>,
    ) -> Result<Response<Self::GetCompletionChunkStream>, Status> {
        let metadata = request.metadata().clone();
        let request = request.into_inner();
        let reply = if is_count(&request) {
            self.counted.fetch_add(1, Ordering::SeqCst);
            self.counts.lock().unwrap().pop_front()
        } else {
            self.requests.lock().unwrap().push((request, metadata));
            self.replies.lock().unwrap().pop_front()
        };
        let chunks: Self::GetCompletionChunkStream = match reply {
            None => return Err(Status::internal("not in the script")),
            Some(Reply::Refuse(status)) => return Err(status),
            Some(Reply::Stream(chunks)) => futures::stream::iter(chunks).boxed(),
            Some(Reply::Hang(chunks)) => {
                let chunks = futures::stream::iter(chunks.into_iter().map(Ok));
                chunks.chain(futures::stream::pending()).boxed()
            }
        };
        self.live.fetch_add(1, Ordering::SeqCst);
        let reading = Reading(self.clone());
        let counted = chunks.map(move |chunk| {
            let _ = &reading;
            chunk
        });
        Ok(Response::new(Box::pin(counted)))
    }
}

#[tonic::async_trait]
impl Models for Upstream {
    async fn list_language_models(
        &self,
        request: tonic::Request<()>,
    ) -> Result<Response<ListLanguageModelsResponse>, Status> {
        if request.metadata().get("authorization").is_none_or(|key| key != "Bearer secret") {
            return Err(Status::unauthenticated("no"));
        }
        let model = |name: &str, length, modalities: &[Modality]| LanguageModel {
            name: name.to_owned(),
            max_prompt_length: length,
            input_modalities: modalities.iter().map(|&modality| modality.into()).collect(),
            prompt_text_token_price: if length > 0 { 30_000 } else { 0 },
            completion_text_token_price: if length > 0 { 150_000 } else { 0 },
            ..LanguageModel::default()
        };
        let models = vec![
            model("grok-a", 131_072, &[Modality::Text, Modality::Image]),
            model("grok-b", 0, &[Modality::Text]),
        ];
        Ok(Response::new(ListLanguageModelsResponse { models }))
    }
}

/// The server with a script, and a backend that asks it.
async fn upstream(replies: impl IntoIterator<Item = Reply>) -> (Upstream, XaiBackend) {
    let (upstream, settings) = served(replies).await;
    (upstream, XaiBackend::new(settings))
}

async fn served(replies: impl IntoIterator<Item = Reply>) -> (Upstream, Settings) {
    let upstream = Upstream::default();
    upstream.replies.lock().unwrap().extend(replies);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = format!("http://{}", listener.local_addr().unwrap());
    let incoming = tonic::transport::server::TcpIncoming::from(listener);
    let router = tonic::transport::Server::builder()
        .add_service(ChatServer::new(upstream.clone()))
        .add_service(ModelsServer::new(upstream.clone()));
    tokio::spawn(router.serve_with_incoming(incoming));
    (upstream, settings(&host, "secret"))
}

fn settings(host: &str, key: &str) -> Settings {
    let mut settings = Settings::new(host, SecretString::from(key));
    settings.retry = RetryPolicy { first_wait: Duration::from_millis(1), ..RetryPolicy::default() };
    settings
}

fn backend(host: &str, key: &str) -> XaiBackend {
    XaiBackend::new(settings(host, key))
}

fn request() -> Request {
    Request {
        model: "grok-a".to_owned(),
        messages: vec![Message::new(Role::User, "Hello?")],
        sampling: Sampling::default(),
        conversation: None,
    }
}

async fn answer(backend: &XaiBackend, request: Request) -> Vec<Result<Event, Error>> {
    backend.sample(request).collect().await
}

fn output(delta: Delta) -> Chunk {
    let output = CompletionOutputChunk { delta: Some(delta), ..CompletionOutputChunk::default() };
    Chunk { outputs: vec![output], ..Chunk::default() }
}

fn text(content: &str) -> Chunk {
    output(Delta { content: content.to_owned(), ..Delta::default() })
}

fn end(reason: FinishReason) -> Chunk {
    let output =
        CompletionOutputChunk { finish_reason: reason.into(), ..CompletionOutputChunk::default() };
    let usage = SamplingUsage {
        prompt_tokens: 3,
        completion_tokens: 2,
        reasoning_tokens: 1,
        cost_in_usd_ticks: Some(50),
    };
    Chunk { outputs: vec![output], usage: Some(usage), ..Chunk::default() }
}

fn whole(content: &str) -> Reply {
    Reply::Stream(vec![Ok(text(content)), Ok(end(FinishReason::ReasonStop))])
}

fn said(events: &[Result<Event, Error>]) -> String {
    let text = |event: &Result<Event, Error>| match event {
        Ok(Event::Token(token)) => Some(token.text.clone()),
        _ => None,
    };
    events.iter().filter_map(text).collect()
}

fn failure(events: &[Result<Event, Error>]) -> &Error {
    events.last().unwrap().as_ref().unwrap_err()
}

#[tokio::test]
async fn text_comes_with_its_probabilities_its_cost_and_its_end() {
    let candidate = |token: &str, prob: f32| TopLogProb {
        token: token.to_owned(),
        logprob: prob.ln(),
        bytes: token.as_bytes().to_vec(),
    };
    let told = |token: &str, bytes: &[u8], prob: f32| LogProb {
        token: token.to_owned(),
        logprob: prob.ln(),
        bytes: bytes.to_vec(),
        top_logprobs: vec![candidate("no", 0.125), candidate("yes", 0.5)],
    };
    let mut chunk = text("yes 😀");
    let (a, b) = " 😀".as_bytes().split_at(3);
    let content =
        vec![told("yes", b"yes", 0.5), told("\u{fffd}", a, 0.5), told("\u{fffd}", b, 0.5)];
    chunk.outputs[0].logprobs = Some(LogProbs { content });
    let last = end(FinishReason::ReasonMaxLen);
    let (upstream, backend) = upstream([Reply::Stream(vec![Ok(chunk), Ok(last)])]).await;
    let mut asked = request();
    asked.messages.insert(0, Message::new(Role::System, "Be brief."));
    asked.sampling = Sampling {
        temperature: Some(0.5),
        top_p: Some(0.9),
        seed: Some(7),
        max_tokens: Some(100),
        stop: vec!["END".to_owned()],
        top_k: Some(20),
        ..Sampling::default()
    };
    let id = ConversationId::parse("conversation").unwrap();
    asked.conversation = Some(id);
    let events = answer(&backend, asked).await;
    assert_eq!(said(&events), "yes 😀");
    let [Ok(Event::Token(first)), Ok(Event::Token(second)), Ok(finish)] = events.as_slice() else {
        panic!("{events:?}");
    };
    assert!((first.prob.unwrap() - 0.5).abs() < 1e-6);
    assert_eq!(first.top_k.iter().map(|c| c.text.as_str()).collect::<Vec<_>>(), ["yes", "no"]);
    assert!((second.prob.unwrap() - 0.25).abs() < 1e-6);
    let usage = Some(Usage {
        prompt_tokens: 3,
        completion_tokens: 2,
        reasoning_tokens: 1,
        cost_in_usd_ticks: Some(50),
    });
    assert_eq!(*finish, Event::Finish { reason: "length".to_owned(), usage });

    let requests = upstream.requests.lock().unwrap();
    let (sent, metadata) = &requests[0];
    assert_eq!(metadata.get("authorization").unwrap(), "Bearer secret");
    assert_eq!(metadata.get("x-grok-conv-id").unwrap(), "conversation");
    assert_eq!((sent.model.as_str(), sent.messages.len()), ("grok-a", 2));
    assert_eq!((sent.logprobs, sent.top_logprobs), (true, Some(8)));
    assert_eq!((sent.temperature, sent.top_p), (Some(0.5), Some(0.9)));
    assert_eq!((sent.seed, sent.max_tokens), (Some(7), Some(100)));
    assert_eq!(sent.stop, ["END"]);
    assert_eq!(sent.tools, [], "nobody asked for a search");
}

#[tokio::test]
async fn reasoning_and_searches_are_told_apart_from_the_answer() {
    let call = |kind: ToolCallType, arguments: &str| {
        let name = "search".to_owned();
        let function = FunctionCall { name, arguments: arguments.to_owned() };
        let tool = Some(Tool::Function(function));
        let id = "1".to_owned();
        let call = ToolCall { id, r#type: kind.into(), tool, ..ToolCall::default() };
        Ok(output(Delta { tool_calls: vec![call], ..Delta::default() }))
    };
    let thought = Delta { reasoning_content: "Hm.".to_owned(), ..Delta::default() };
    let chunks = vec![
        Ok(output(thought)),
        call(ToolCallType::WebSearchTool, "{\"query\": \"rust"),
        call(ToolCallType::WebSearchTool, "{\"query\": \"rust\"}"),
        // Told once more when it is done.
        call(ToolCallType::WebSearchTool, "{\"query\": \"rust\"}"),
        call(ToolCallType::XSearchTool, "{\"query\": \"from:xai\", \"limit\": 3}"),
        call(ToolCallType::ClientSideTool, "{\"query\": \"not a search\"}"),
        Ok(text("Yes.")),
        Ok(end(FinishReason::ReasonStop)),
    ];
    let (_, backend) = upstream([Reply::Stream(chunks)]).await;
    let events = answer(&backend, request()).await;
    let query =
        |query: &str, kind: &str| Event::Query { query: query.to_owned(), kind: kind.to_owned() };
    assert_eq!(events[0].as_ref().unwrap(), &Event::Reasoning("Hm.".to_owned()));
    assert_eq!(events[1].as_ref().unwrap(), &query("rust", "web"));
    assert_eq!(events[2].as_ref().unwrap(), &query("from:xai", "x"));
    assert_eq!(events.len(), 5);
    assert_eq!(said(&events), "Yes.");
}

#[tokio::test]
async fn a_search_is_asked_for_and_its_sources_are_told_once() {
    let web = |url: &str| Citation::WebCitation(WebCitation { url: url.to_owned() });
    let cited = InlineCitation { citation: Some(web("https://a.example/1")), id: String::new() };
    let inline = output(Delta { citations: vec![cited], ..Delta::default() });
    let mut last = end(FinishReason::ReasonStop);
    last.citations = vec!["https://a.example/1".into(), "https://x.com/xai/status/7".into()];
    let failed = ToolCall {
        r#type: ToolCallType::WebSearchTool.into(),
        status: ToolCallStatus::Failed.into(),
        error_message: Some("too many".to_owned()),
        ..ToolCall::default()
    };
    let failed = output(Delta { tool_calls: vec![failed], ..Delta::default() });
    let chunks = [failed, inline, text("Yes."), last].into_iter().map(Ok).collect();
    let (upstream, backend) = upstream([Reply::Stream(chunks)]).await;
    let mut asked = request();
    asked.sampling.search = Some(true);
    let events = answer(&backend, asked).await;
    let told = |kind: &str, url: &str| {
        Event::Source(Source { url: url.into(), kind: kind.into(), title: String::new() })
    };
    let sources: Vec<_> = events.iter().flatten().cloned().collect();
    assert!(matches!(&sources[0], Event::Notice(words) if words.contains("too many")));
    assert_eq!(sources[1], told("web", "https://a.example/1"));
    assert_eq!(sources[3], told("x", "https://x.com/xai/status/7"));
    assert_eq!((sources.len(), said(&events).as_str()), (5, "Yes."));
    assert_eq!(upstream.requests.lock().unwrap()[0].0.tools.len(), 2);
}

#[tokio::test]
async fn pictures_stand_before_the_text() {
    let (upstream, backend) = upstream([whole("A cat.")]).await;
    let mut asked = request();
    asked.messages[0].images = vec!["data:image/png;base64,AA==".to_owned()];
    assert_eq!(said(&answer(&backend, asked).await), "A cat.");
    let sent = &upstream.requests.lock().unwrap()[0].0.messages[0].content;
    assert!(matches!(&sent[0].content, Some(Content::ImageUrl(_))));
    assert!(matches!(&sent[1].content, Some(Content::Text(text)) if text == "Hello?"));
}

#[tokio::test]
async fn a_rate_limit_is_waited_for_as_long_as_the_server_asks() {
    let details = ErrorDetails::with_retry_info(Some(Duration::from_millis(20)));
    let limited = Status::with_error_details(Code::ResourceExhausted, "slow down", details);
    let (upstream, backend) = upstream([Reply::Refuse(limited), whole("Yes.")]).await;
    let events = answer(&backend, request()).await;
    let Ok(Event::Notice(notice)) = &events[0] else { panic!("{events:?}") };
    assert!(notice.contains("takes no more requests for now; trying again in 0.1 s (2 of 4)"));
    assert_eq!(said(&events), "Yes.");
    assert_eq!(upstream.requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_left_to_the_user() {
    let details = ErrorDetails::with_retry_info(Some(Duration::from_secs(3_600)));
    let limited = Status::with_error_details(Code::ResourceExhausted, "no credit", details);
    let (_, backend) = upstream([Reply::Refuse(limited)]).await;
    let events = answer(&backend, request()).await;
    let error = failure(&events);
    assert_eq!(error.kind, ErrorKind::RateLimited);
    assert_eq!(error.retry_after, Some(Duration::from_secs(3_600)));
    assert!(error.message.contains("no credit"), "{error}");
}

#[tokio::test]
async fn refusals_say_what_to_do_and_are_not_repeated() {
    let cases = [
        (Status::unauthenticated("bad"), ErrorKind::Unauthenticated, "XAI_API_KEY"),
        (
            Status::invalid_argument("Incorrect API key provided"),
            ErrorKind::Unauthenticated,
            "XAI_API_KEY",
        ),
        (Status::not_found("gone"), ErrorKind::NotFound, "grok-tui models"),
        (Status::invalid_argument("stop"), ErrorKind::InvalidArgument, "stop"),
        (Status::internal("oops"), ErrorKind::Internal, "try again"),
    ];
    for (status, kind, words) in cases {
        let (upstream, backend) = upstream([Reply::Refuse(status)]).await;
        let events = answer(&backend, request()).await;
        let error = failure(&events);
        assert_eq!(error.kind, kind);
        assert!(error.message.contains(words), "{error}");
        assert!(!error.message.contains("secret"), "{error}");
        assert_eq!(upstream.requests.lock().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_model_that_tells_no_probabilities_is_asked_without_from_then_on() {
    let refused = Status::invalid_argument("logprobs are not supported by this model");
    let replies = [Reply::Refuse(refused), whole("Yes."), whole("Again.")];
    let (upstream, backend) = upstream(replies).await;
    let events = answer(&backend, request()).await;
    assert!(matches!(&events[0], Ok(Event::Notice(words)) if words.contains("probabilities")));
    assert_eq!(said(&events), "Yes.");
    assert_eq!(said(&answer(&backend, request()).await), "Again.");
    let asked: Vec<bool> =
        upstream.requests.lock().unwrap().iter().map(|(request, _)| request.logprobs).collect();
    assert_eq!(asked, [true, false, false]);
    let models = backend.models().await.unwrap();
    assert!(!models[0].logprobs && models[1].logprobs);
}

#[tokio::test]
async fn an_answer_that_has_begun_is_never_asked_for_again() {
    let died = Reply::Stream(vec![Ok(text("Half")), Err(Status::unavailable("died"))]);
    let (upstream, backend) = upstream([died]).await;
    let events = answer(&backend, request()).await;
    assert_eq!(said(&events), "Half");
    assert_eq!(failure(&events).kind, ErrorKind::Interrupted);
    assert_eq!(upstream.requests.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_that_died_before_its_first_token_is_asked_for_again() {
    let died = Reply::Stream(vec![Err(Status::unavailable("died"))]);
    let (upstream, backend) = upstream([died, whole("Yes.")]).await;
    let events = answer(&backend, request()).await;
    assert_eq!(said(&events), "Yes.");
    assert_eq!(upstream.requests.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn a_stream_that_ends_without_a_reason_broke_off() {
    let (_, backend) = upstream([Reply::Stream(vec![Ok(text("Half"))])]).await;
    let events = answer(&backend, request()).await;
    assert_eq!(failure(&events).kind, ErrorKind::Interrupted);
}

#[tokio::test]
async fn odd_numbers_and_an_unknown_reason_spoil_no_answer() {
    let mut odd = text("Yes.");
    let told = LogProb { token: "Yes.".to_owned(), logprob: f32::NAN, ..LogProb::default() };
    odd.outputs[0].logprobs = Some(LogProbs { content: vec![told] });
    let mut last = end(FinishReason::ReasonStop);
    last.outputs[0].finish_reason = 1_000;
    last.usage.as_mut().unwrap().prompt_tokens = -1;
    let (_, backend) = upstream([Reply::Stream(vec![Ok(odd), Ok(last)])]).await;
    let events = answer(&backend, request()).await;
    assert_eq!(said(&events), "Yes.");
    let Some(Ok(Event::Finish { reason, usage })) = events.last() else { panic!("{events:?}") };
    assert_eq!((reason.as_str(), usage.unwrap().prompt_tokens), ("other", 0));
    for event in &events {
        let Ok(Event::Token(token)) = event else { continue };
        assert!(token.prob.is_none_or(f32::is_finite), "{token:?}");
    }
}

#[tokio::test]
async fn dropping_the_answer_ends_the_call() {
    let (upstream, backend) = upstream([Reply::Hang(vec![text("Half")])]).await;
    let mut events = backend.sample(request());
    assert!(matches!(events.next().await, Some(Ok(Event::Token(_)))));
    assert_eq!(upstream.live.load(Ordering::SeqCst), 1);
    drop(events);
    upstream.left.notified().await;
    assert_eq!(upstream.live.load(Ordering::SeqCst), 0);
}

fn continuation() -> Request {
    let mut asked = request();
    asked.messages.push(Message::new(Role::Assistant, "One"));
    asked
}

fn notices(events: &[Result<Event, Error>]) -> Vec<&str> {
    let words = |event| match event {
        &Ok(Event::Notice(ref words)) => Some(words.as_str()),
        _ => None,
    };
    events.iter().filter_map(words).collect()
}

#[tokio::test]
async fn a_model_that_continues_is_found_out_once() {
    let (upstream, backend) = upstream([whole(" two"), whole(" three"), whole("Hi.")]).await;
    upstream.counts.lock().unwrap().push_back(whole(" 5 6 7 8 9"));
    assert_eq!(said(&answer(&backend, request()).await), " two");
    assert_eq!(upstream.counted.load(Ordering::SeqCst), 0, "nothing was to be continued");
    let events = answer(&backend, continuation()).await;
    assert_eq!((said(&events).as_str(), notices(&events)), (" three", Vec::new()));
    let events = answer(&backend, continuation()).await;
    assert_eq!((said(&events).as_str(), notices(&events)), ("Hi.", Vec::new()));
    assert_eq!(upstream.counted.load(Ordering::SeqCst), 1);
    assert_eq!(upstream.requests.lock().unwrap()[1].0.messages.len(), 2);
    let models = backend.models().await.unwrap();
    assert_eq!([models[0].prefill, models[1].prefill], [Some(true), None]);
}

#[tokio::test]
async fn a_model_that_begins_anew_is_found_out_and_said() {
    let (upstream, backend) = upstream([whole("One two"), whole("One two")]).await;
    upstream.counts.lock().unwrap().push_back(whole("1 2 3 4 5 6 7 8 9"));
    for _ in 0..2 {
        let events = answer(&backend, continuation()).await;
        assert_eq!(said(&events), "One two");
        let words = "grok-a does not continue a given beginning: it answers anew";
        assert_eq!(notices(&events), [words]);
        assert!(matches!(events.last(), Some(Ok(Event::Finish { .. }))));
    }
    assert_eq!(upstream.counted.load(Ordering::SeqCst), 1);
    assert_eq!(backend.models().await.unwrap()[0].prefill, Some(false));
}

#[tokio::test]
async fn what_cannot_be_found_out_holds_up_no_answer_and_is_not_asked_at_once_again() {
    let silent = || Reply::Hang(Vec::new());
    for count in [silent(), Reply::Refuse(Status::unavailable("no")), whole("I cannot.")] {
        let (upstream, mut settings) = served([whole("One"), whole("One")]).await;
        settings.timeouts.grace = Duration::from_millis(20);
        let backend = XaiBackend::new(settings);
        upstream.counts.lock().unwrap().push_back(count);
        for _ in 0..2 {
            let events = answer(&backend, continuation()).await;
            assert_eq!(said(&events), "One");
            let [words] = notices(&events)[..] else { panic!("{events:?}") };
            assert!(words.contains("could not be found out"), "{words}");
            assert!(matches!(events.last(), Some(Ok(Event::Finish { .. }))));
        }
        assert_eq!(upstream.counted.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn models_are_listed_with_what_is_known_of_them() {
    let (_, backend) = upstream([]).await;
    let models = backend.models().await.unwrap();
    let facts: Vec<_> =
        models.iter().map(|m| (m.name.as_str(), m.context_length, m.images, m.prefill)).collect();
    let expected =
        [("grok-a", Some(131_072), Some(true), None), ("grok-b", None, Some(false), None)];
    assert_eq!(facts, expected);
    let price = Price { prompt: 30_000, completion: 150_000 };
    assert_eq!((models[0].price, models[1].price), (Some(price), None));
    let stranger = self::backend(backend.address(), "other");
    assert_eq!(stranger.models().await.unwrap_err().kind, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn the_key_is_not_sent_to_other_machines_without_encryption() {
    let error = backend("http://192.0.2.1:80", "secret").models().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert!(error.message.contains("https://"), "{error}");
    for host in ["", "ftp://x", "a b"] {
        let error = backend(host, "secret").models().await.unwrap_err();
        assert!(error.message.contains("XAI_API_HOST"), "{error}");
    }
    let error = backend("127.0.0.1", "line\nbreak").models().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
}
