//! The service as its clients see it: over a real socket, with the generated client and a scripted
//! model behind it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may stop at the first surprise")]

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use futures::future::{BoxFuture, join_all};
use grok_tui::forest::{self, ConversationId, Token};
use grok_tui::model::scripted::{Script, ScriptedBackend, Step};
use grok_tui::model::{
    self, Backend, ErrorKind, Event, EventStream, ModelInfo, Request as ModelRequest, Role,
};
use grok_tui::proto::grok_tui::forest_client::ForestClient;
use grok_tui::proto::grok_tui::{
    GetTokensRequest, RestoreConversationRequest, UpdateAnnotationsRequest, UpdateSettingsRequest,
};
use grok_tui::proto::prompt_ide::add_response_response::Response as Part;
use grok_tui::proto::prompt_ide::chat_client::ChatClient;
use grok_tui::proto::prompt_ide::chat_server::Chat;
use grok_tui::proto::prompt_ide::sample_tokens_response::Response as Sampled;
use grok_tui::proto::prompt_ide::sampler_client::SamplerClient;
use grok_tui::proto::prompt_ide::{
    self as wire, AddModelResponseRequest, AddResponseRequest, AddResponseResponse,
    AdditionalOptions, Conversation, CreateConversationRequest, DeleteConversationRequest,
    GenerateTitleRequest, GetConversationRequest, ListConversationsRequest, Response,
    SamplingSettings, SearchConversationsRequest, ShareConversationRequest,
    UpdateConversationRequest,
};
use grok_tui::server::{Service, SingleBackend, serve};
use grok_tui::store::{SqliteStore, Store};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tonic::transport::Channel;
use tonic::{Code, Status, Streaming};

/// Long enough for a busy machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service on a socket, with a client.
struct House {
    chat: ChatClient<Channel>,
    forest: ForestClient<Channel>,
    sampler: SamplerClient<Channel>,
    backend: ScriptedBackend,
    store: Arc<SqliteStore>,
    service: Service,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl House {
    async fn new(backend: ScriptedBackend) -> Self {
        let store = Arc::new(SqliteStore::in_memory());
        let models = Arc::new(SingleBackend::new("scripted", backend.clone()));
        let service = Service::new(store.clone(), models);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn({
            let service = service.clone();
            async move { serve(listener, service, async { drop(stopped.await) }).await.unwrap() }
        });
        let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
        let chat = ChatClient::new(channel.clone()).max_decoding_message_size(256 << 20);
        let forest = ForestClient::new(channel.clone());
        let sampler = SamplerClient::new(channel);
        Self { chat, forest, sampler, backend, store, service, stop, served }
    }

    async fn says(text: &str) -> Self {
        Self::new(ScriptedBackend::new(Script::text(text))).await
    }

    async fn conversation(&self) -> String {
        let request = CreateConversationRequest::default();
        self.chat.clone().create_conversation(request).await.unwrap().into_inner().conversation_id
    }

    async fn get(&self, id: &str) -> Conversation {
        let request = GetConversationRequest { conversation_id: id.to_owned() };
        self.chat.clone().get_conversation(request).await.unwrap().into_inner()
    }

    async fn open(
        &self,
        request: AddResponseRequest,
    ) -> Result<Streaming<AddResponseResponse>, Status> {
        Ok(self.chat.clone().add_response(request).await?.into_inner())
    }

    /// The parts of an answer, and the error it ended with.
    async fn parts(&self, request: AddResponseRequest) -> (Vec<Part>, Option<Status>) {
        match self.open(request).await {
            Ok(mut stream) => rest(&mut stream).await,
            Err(status) => (Vec::new(), Some(status)),
        }
    }

    /// The stored human and model response of an answer that goes well.
    async fn answer(&self, request: AddResponseRequest) -> (Option<Response>, Response) {
        let (parts, status) = self.parts(request).await;
        assert!(status.is_none(), "{status:?}");
        let human = parts.iter().find_map(|part| match part {
            Part::UserResponse(response) => Some(response.clone()),
            _ => None,
        });
        let Some(Part::ModelResponse(model)) = parts.last() else { panic!("{parts:?}") };
        (human, model.clone())
    }

    /// Asks for the conversation until it satisfies `condition`.
    async fn until(&self, id: &str, condition: impl Fn(&Conversation) -> bool) -> Conversation {
        let wait = async {
            loop {
                let conversation = self.get(id).await;
                if condition(&conversation) {
                    return conversation;
                }
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("what was waited for never came")
    }
}

fn ask(conversation: &str, message: &str) -> AddResponseRequest {
    AddResponseRequest {
        conversation_id: conversation.to_owned(),
        message: message.to_owned(),
        ..Default::default()
    }
}

fn below(conversation: &str, parent: &str) -> AddResponseRequest {
    AddResponseRequest { parent_response_id: parent.to_owned(), ..ask(conversation, "") }
}

async fn next(stream: &mut Streaming<AddResponseResponse>) -> Part {
    let message = tokio::time::timeout(PATIENCE, stream.message()).await.expect("a message");
    message.unwrap().expect("not the end").response.unwrap()
}

async fn rest(stream: &mut Streaming<AddResponseResponse>) -> (Vec<Part>, Option<Status>) {
    let mut parts = Vec::new();
    loop {
        let message = tokio::time::timeout(PATIENCE, stream.message()).await;
        match message.expect("a message or the end") {
            Ok(Some(message)) => parts.push(message.response.unwrap()),
            Ok(None) => return (parts, None),
            Err(status) => return (parts, Some(status)),
        }
    }
}

fn tokens(parts: &[Part]) -> impl Iterator<Item = &wire::Token> {
    parts.iter().filter_map(|part| match part {
        Part::Token(wire::SampleTokensResponse { response: Some(Sampled::Token(token)) }) => {
            Some(token)
        }
        _ => None,
    })
}

fn text_of(parts: &[Part]) -> String {
    tokens(parts).filter_map(|token| Some(token.final_logit.clone()?.string_token)).collect()
}

fn kind(part: &Part) -> &'static str {
    match part {
        Part::UserResponse(_) => "user",
        Part::Token(_) => "token",
        Part::ModelResponse(_) => "model",
        Part::QueryAction(_) => "query",
        Part::ModelResponseStarted(_) => "started",
        Part::Reasoning(_) => "reasoning",
        Part::Notice(_) => "notice",
        _ => "other",
    }
}

fn kinds(parts: &[Part]) -> Vec<&'static str> {
    parts.iter().map(kind).collect()
}

#[tokio::test]
async fn an_answer_comes_in_order_and_is_stored_as_it_came() {
    let house = House::says("It grows.  Always. ü\n").await;
    let id = house.conversation().await;
    let (parts, status) = house.parts(ask(&id, "Why does entropy grow?")).await;
    assert!(status.is_none(), "{status:?}");
    let kinds = kinds(&parts);
    assert_eq!((kinds.first(), kinds.last()), (Some(&"user"), Some(&"model")));
    assert!(kinds[1..kinds.len() - 1].iter().all(|kind| *kind == "token"), "{kinds:?}");
    let (Part::UserResponse(human), Some(Part::ModelResponse(model))) = (&parts[0], parts.last())
    else {
        panic!("{parts:?}")
    };
    assert_eq!(
        (human.sender.as_str(), human.message.as_str()),
        ("human", "Why does entropy grow?")
    );
    assert_eq!(human.parent_response_id, "");
    assert_eq!(model.message, text_of(&parts));
    assert_eq!(model.message, "It grows.  Always. ü\n");
    assert_eq!(model.parent_response_id, human.response_id);
    assert_eq!((model.partial, model.manual), (false, false));
    assert_eq!(model.model_name, "scripted/scripted");
    assert_eq!(model.finish_reason, "stop");
    assert!(model.usage.as_ref().unwrap().completion_tokens > 0);
    let stored = house.get(&id).await;
    assert_eq!(stored.responses, [human.clone(), model.clone()]);
    assert_eq!(stored.response_count, 2);
}

#[tokio::test]
async fn only_the_extended_stream_has_the_later_messages() {
    let script = vec![
        Step::notice("waking up"),
        Step::reasoning("let me "),
        Step::reasoning("think"),
        Step::Query { query: "entropy".into(), kind: "web".into() },
        Step::token("so"),
        Step::finish("stop"),
    ];
    let house = House::new(ScriptedBackend::new(script)).await;
    let id = house.conversation().await;
    let (plain, _) = house.parts(ask(&id, "q")).await;
    assert_eq!(kinds(&plain), ["user", "query", "token", "model"]);
    let request = AddResponseRequest { extended_stream: true, ..ask(&id, "q") };
    let (full, _) = house.parts(request).await;
    assert_eq!(
        kinds(&full),
        ["user", "notice", "reasoning", "reasoning", "query", "started", "token", "model"]
    );
    let Some(Part::ModelResponse(model)) = full.last() else { panic!("{full:?}") };
    assert_eq!(model.reasoning, "let me think");
    assert_eq!((model.query.as_str(), model.query_type.as_str()), ("entropy", "web"));
    let Part::ModelResponseStarted(started) = &full[5] else { panic!("{full:?}") };
    assert_eq!((&started.response_id, started.partial), (&model.response_id, true));
}

#[tokio::test]
async fn a_resample_is_a_sibling_without_a_human_response() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let (human, first) = house.answer(ask(&id, "q")).await;
    let (none, second) = house.answer(below(&id, &first.parent_response_id)).await;
    assert_eq!(none, None);
    assert_eq!(second.parent_response_id, human.unwrap().response_id);
    assert_ne!(second.response_id, first.response_id);
    let prompts = house.backend.requests();
    assert_eq!(prompts[0].messages, prompts[1].messages);
    assert_eq!(house.get(&id).await.responses.len(), 3);
}

#[tokio::test]
async fn a_chain_of_partial_responses_is_continued_as_one_message() {
    let house = House::says(" law").await;
    let id = house.conversation().await;
    let (human, _) = house.answer(ask(&id, "q")).await;
    let mut parent = human.unwrap().response_id;
    for message in ["The ", "second"] {
        let request = AddModelResponseRequest {
            conversation_id: id.clone(),
            message: message.into(),
            partial: true,
            parent_response_id: parent.clone(),
            edited_from_response_id: parent.clone(),
        };
        let written = house.chat.clone().add_model_response(request).await.unwrap().into_inner();
        assert!(written.manual && written.partial);
        assert_eq!(written.edited_from_response_id, parent);
        assert_ne!(written.sender, "human");
        parent = written.response_id;
    }
    let (none, continuation) = house.answer(below(&id, &parent)).await;
    assert_eq!(none, None);
    assert_eq!(continuation.message, " law");
    assert_eq!(continuation.parent_response_id, parent);
    assert!(!continuation.manual && !continuation.partial);
    let asked = house.backend.requests().pop().unwrap();
    assert_eq!(asked.prefix(), Some("The second"));
    let roles: Vec<_> = asked.messages.iter().map(|message| message.role).collect();
    assert_eq!(roles, [Role::System, Role::User, Role::Assistant]);
}

#[tokio::test]
async fn an_answer_may_stand_directly_below_a_complete_one() {
    let house = House::says("more").await;
    let id = house.conversation().await;
    let (_, model) = house.answer(ask(&id, "q")).await;
    let (none, second) = house.answer(below(&id, &model.response_id)).await;
    assert_eq!((none, second.parent_response_id), (None, model.response_id));
}

#[tokio::test]
async fn no_parent_means_a_new_root() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    house.answer(ask(&id, "one")).await;
    let (second, _) = house.answer(ask(&id, "two")).await;
    assert_eq!(second.unwrap().parent_response_id, "");
    assert_eq!(house.backend.requests()[1].messages.len(), 2);
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused_in_words_and_stores_nothing() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let ok = || ask(&id, "q");
    let options = AdditionalOptions { temperature: Some(f32::NAN), ..Default::default() };
    for (request, code) in [
        (ask("", "q"), Code::InvalidArgument),
        (ask(&id, ""), Code::InvalidArgument),
        (ask("nowhere", "q"), Code::NotFound),
        (AddResponseRequest { parent_response_id: "nobody".into(), ..ok() }, Code::NotFound),
        (AddResponseRequest { system_prompt_name: "odd".into(), ..ok() }, Code::InvalidArgument),
        (
            AddResponseRequest { edited_from_response_id: "nobody".into(), ..ok() },
            Code::InvalidArgument,
        ),
        (AddResponseRequest { additional_options: Some(options), ..ok() }, Code::InvalidArgument),
    ] {
        let (parts, status) = house.parts(request).await;
        let status = status.unwrap();
        assert_eq!((parts.len(), status.code()), (0, code), "{status:?}");
        assert!(status.message().split_whitespace().count() > 3, "{status:?}");
    }
    assert_eq!(house.get(&id).await.responses, []);
    let search = |query: String| SearchConversationsRequest { query, ..Default::default() };
    let words = house.chat.clone().search_conversations(search("a ".repeat(2_000))).await;
    assert_eq!(words.unwrap().into_inner().conversations, []);
    let status = house.chat.clone().search_conversations(search("a ".repeat(2_001))).await;
    assert_eq!(status.unwrap_err().code(), Code::InvalidArgument);
    let request = GetConversationRequest { conversation_id: "nowhere".into() };
    let status = house.chat.clone().get_conversation(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let ok = || AddModelResponseRequest { conversation_id: id.clone(), ..Default::default() };
    for (request, code) in [
        (AddModelResponseRequest { parent_response_id: "nobody".into(), ..ok() }, Code::NotFound),
        (
            AddModelResponseRequest { edited_from_response_id: "nobody".into(), ..ok() },
            Code::InvalidArgument,
        ),
    ] {
        let status = house.chat.clone().add_model_response(request).await.unwrap_err();
        assert_eq!(status.code(), code);
    }
    let request = UpdateConversationRequest {
        conversation_id: id.clone(),
        title: "t".repeat(10_001),
        ..Default::default()
    };
    let status = house.chat.clone().update_conversation(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(house.get(&id).await.responses, []);
}

#[tokio::test]
async fn a_question_to_a_model_that_is_not_there_is_refused_and_not_stored() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let to = |model: &str| AddResponseRequest { model_name: model.to_owned(), ..ask(&id, "q") };
    let (parts, status) = house.parts(to("other/model")).await;
    assert_eq!((parts.len(), status.unwrap().code()), (0, Code::NotFound));
    assert_eq!(house.get(&id).await.responses, []);
    // The same is said before there is a conversation.
    let mut forest = house.forest.clone();
    let first = |model| AddResponseRequest { conversation_id: String::new(), ..to(model) };
    let refused = forest.check_first_response(first("other/model")).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    forest.check_first_response(first("scripted/scripted")).await.unwrap();
}

#[tokio::test]
async fn a_conversation_is_not_set_to_a_model_that_is_not_there() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let set = |model: &str| UpdateSettingsRequest {
        conversation_id: id.clone(),
        model_name: model.to_owned(),
        ..Default::default()
    };
    let mut forest = house.forest.clone();
    let refused = forest.update_settings(set("other/model")).await.unwrap_err();
    assert_eq!(refused.code(), Code::NotFound);
    forest.update_settings(set("scripted/scripted")).await.unwrap();
    // One that was there once does not stand in the way of other settings.
    let gone = forest::Settings { model: "other/model".into(), ..Default::default() };
    let parsed = ConversationId::parse(&id).unwrap();
    house.store.set_settings(&parsed, gone).await.unwrap();
    forest.update_settings(set("other/model")).await.unwrap();
}

#[tokio::test]
async fn a_failure_before_the_first_token_leaves_only_the_question() {
    let script = vec![Step::error(ErrorKind::Unauthenticated, "the key is wrong; set XAI_API_KEY")];
    let house = House::new(ScriptedBackend::new(script)).await;
    let id = house.conversation().await;
    let (parts, status) = house.parts(ask(&id, "q")).await;
    let status = status.unwrap();
    assert_eq!(kinds(&parts), ["user"]);
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.message(), "the key is wrong; set XAI_API_KEY");
    let stored = house.get(&id).await.responses;
    assert_eq!(stored.iter().map(|r| r.message.as_str()).collect::<Vec<_>>(), ["q"]);
}

#[tokio::test]
async fn what_arrived_before_a_failure_is_kept_with_the_reason() {
    for (last, code) in [
        (Step::error(ErrorKind::RateLimited, "too many requests"), Code::ResourceExhausted),
        (Step::error(ErrorKind::Timeout, "no answer for 60 s"), Code::DeadlineExceeded),
        (Step::End, Code::Unavailable),
    ] {
        let mut script = Script::tokens("half an answer");
        script.push(last);
        let house = House::new(ScriptedBackend::new(script)).await;
        let id = house.conversation().await;
        let (parts, status) = house.parts(ask(&id, "q")).await;
        let status = status.unwrap();
        assert_eq!(status.code(), code);
        assert_eq!(text_of(&parts), "half an answer");
        let stored = house.get(&id).await.responses.pop().unwrap();
        assert_eq!((stored.message.as_str(), stored.partial), ("half an answer", true));
        assert_eq!(stored.error_message, status.message());
        assert_eq!(house.backend.live(), 0);
    }
}

#[tokio::test]
async fn an_empty_answer_is_an_answer() {
    let house = House::new(ScriptedBackend::new(vec![Step::finish("stop")])).await;
    let id = house.conversation().await;
    let (_, model) = house.answer(ask(&id, "q")).await;
    assert_eq!((model.message.as_str(), model.partial), ("", false));
    assert_eq!(house.get(&id).await.responses.len(), 2);
}

#[tokio::test]
async fn a_growing_answer_is_stored_while_it_grows() {
    let mut script = Script::tokens("so far");
    script.push(Step::Hang);
    let house = House::new(ScriptedBackend::new(script)).await;
    let id = house.conversation().await;
    let mut stream = house.open(ask(&id, "q")).await.unwrap();
    while kind(&next(&mut stream).await) != "token" {}
    let grown = |c: &Conversation| c.responses.get(1).is_some_and(|r| r.message == "so far");
    assert!(house.until(&id, grown).await.responses[1].partial);
    assert_eq!(house.backend.live(), 1);
}

#[tokio::test]
async fn the_first_text_is_stored_before_a_client_sees_it() {
    // Some servers begin with a token that has none.
    for first in [&["so far"][..], &["", "so far"]] {
        let tokens = first.iter().map(|text| Step::token(*text));
        let house = House::new(ScriptedBackend::new(tokens.chain([Step::Hang]).collect())).await;
        let id = house.conversation().await;
        let mut stream = house.open(ask(&id, "q")).await.unwrap();
        while text_of(&[next(&mut stream).await]).is_empty() {}
        let stored = house.get(&id).await.responses.pop().unwrap();
        assert_eq!((stored.message.as_str(), stored.partial), ("so far", true));
    }
}

#[tokio::test]
async fn a_client_that_goes_away_ends_the_sampling_and_loses_nothing() {
    let mut script = Script::tokens("what arrived");
    script.push(Step::Hang);
    let house = House::new(ScriptedBackend::new(script)).await;
    let id = house.conversation().await;
    let mut changes = house.store.changes();
    let mut stream = house.open(ask(&id, "q")).await.unwrap();
    let mut seen = String::new();
    while seen != "what arrived" {
        seen += &text_of(&[next(&mut stream).await]);
    }
    drop(stream);
    tokio::time::timeout(PATIENCE, house.backend.wait_live(0)).await.unwrap();
    // The question, the beginning of the answer, its end.
    for _ in 0..3 {
        tokio::time::timeout(PATIENCE, changes.recv()).await.unwrap().unwrap();
    }
    let stored = house.get(&id).await.responses.pop().unwrap();
    assert_eq!((stored.message.as_str(), stored.partial), ("what arrived", true));
    assert_eq!(stored.error_message, "");
}

#[tokio::test]
async fn nothing_goes_on_from_an_answer_before_it_is_whole() {
    let notify = Arc::new(tokio::sync::Notify::new());
    let first = vec![
        Step::token("Half"),
        Step::Wait(Arc::clone(&notify)),
        Step::token(" and half"),
        Step::finish("stop"),
    ];
    let house =
        House::new(ScriptedBackend::per_request(vec![first, Script::text(", and more.")])).await;
    let id = house.conversation().await;
    let mut arriving = house
        .open(AddResponseRequest { extended_stream: true, ..ask(&id, "Go on") })
        .await
        .unwrap();
    let started = loop {
        if let Part::ModelResponseStarted(started) = next(&mut arriving).await {
            break started;
        }
    };
    let continued = house.parts(below(&id, &started.response_id));
    let whole = async {
        // The second request is under way, and the model has not been asked yet.
        tokio::task::yield_now().await;
        assert_eq!(house.backend.requests().len(), 1);
        notify.notify_one();
        rest(&mut arriving).await
    };
    let ((parts, status), _) = tokio::join!(continued, whole);
    assert!(status.is_none(), "{status:?}");
    assert_eq!(text_of(&parts), ", and more.");
    let asked = house.backend.requests().pop().unwrap();
    assert_eq!(asked.prefix(), Some("Half and half"));
}

#[tokio::test]
async fn a_question_below_an_answer_that_goes_on_arriving_is_refused() {
    let scripts = vec![vec![Step::token("Half"), Step::Hang], Script::text(" and half")];
    let house = House::new(ScriptedBackend::per_request(scripts)).await;
    let id = house.conversation().await;
    let mut arriving = house
        .open(AddResponseRequest { extended_stream: true, ..ask(&id, "Go on") })
        .await
        .unwrap();
    let started = loop {
        if let Part::ModelResponseStarted(started) = next(&mut arriving).await {
            break started.response_id;
        }
    };
    let question = AddResponseRequest { parent_response_id: started.clone(), ..ask(&id, "What?") };
    for request in [question, below(&id, &started)] {
        let (parts, status) = house.parts(request).await;
        let status = status.unwrap();
        assert_eq!((parts.len(), status.code()), (0, Code::FailedPrecondition));
        assert!(status.message().contains("still arriving"), "{status:?}");
    }
    assert_eq!(house.get(&id).await.responses.len(), 2);
    // What was stopped can be gone on from.
    drop(arriving);
    let (_, continued) = house.answer(below(&id, &started)).await;
    assert_eq!(continued.message, " and half");
}

#[tokio::test]
async fn a_client_that_goes_away_before_the_first_token_leaves_only_the_question() {
    let house = House::new(ScriptedBackend::new(vec![Step::Hang])).await;
    let id = house.conversation().await;
    let mut stream = house.open(ask(&id, "q")).await.unwrap();
    assert_eq!(kind(&next(&mut stream).await), "user");
    house.backend.wait_live(1).await;
    drop(stream);
    tokio::time::timeout(PATIENCE, house.backend.wait_live(0)).await.unwrap();
    assert_eq!(house.get(&id).await.responses.len(), 1);
}

#[tokio::test]
async fn a_slow_client_blocks_nobody_and_its_answer_is_stored_all_the_same() {
    // More than the socket and the channel hold together.
    let long = format!("{} ", "x".repeat(1023)).repeat(20_000);
    let scripts = vec![Script::text(&long), Script::text("quick")];
    let house = House::new(ScriptedBackend::per_request(scripts)).await;
    let (slow, quick) = (house.conversation().await, house.conversation().await);
    let mut unread = house.open(ask(&slow, "q")).await.unwrap();
    house.backend.wait_requests(1).await;
    let (_, model) = house.answer(ask(&quick, "q")).await;
    assert_eq!(model.message, "quick");
    let arrived = |c: &Conversation| c.responses.get(1).is_some_and(|r| !r.message.is_empty());
    assert!(house.until(&slow, arrived).await.responses[1].partial);
    assert_eq!(house.backend.live(), 1, "the model waits for the client");
    let (parts, status) = rest(&mut unread).await;
    assert!(status.is_none(), "{status:?}");
    assert!(text_of(&parts) == long, "all of it came in the end");
    assert!(!house.get(&slow).await.responses[1].partial);
}

#[tokio::test]
async fn a_client_never_reads_far_more_than_is_stored() {
    let piece = "x".repeat(100 << 10);
    let pieces = 50;
    // It does not end: its end would store all of it.
    let script = (0..pieces).map(|_| Step::token(piece.as_str())).chain([Step::Hang]);
    let house = House::new(ScriptedBackend::new(script.collect())).await;
    let id = house.conversation().await;
    let mut stream = house.open(ask(&id, "q")).await.unwrap();
    let mut read = 0;
    while read < piece.len() * pieces {
        if !matches!(next(&mut stream).await, Part::Token(_)) {
            continue;
        }
        read += piece.len();
        let conversation = ConversationId::parse(&id).unwrap();
        let stored = house.store.responses(&conversation).await.unwrap().pop().unwrap();
        let ahead = read.saturating_sub(stored.message.len());
        // What waits for the store, and what it is being given.
        assert!(ahead <= 2 * ((256 << 10) + piece.len()), "{ahead} bytes of {read}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_answers_at_once_in_one_conversation() {
    let house = House::new(ScriptedBackend::echo()).await;
    let id = house.conversation().await;
    let asked = (0..100).map(|n| house.answer(ask(&id, &format!("number {n}"))));
    let answers = tokio::time::timeout(PATIENCE, join_all(asked)).await.unwrap();
    for (n, (human, model)) in answers.iter().enumerate() {
        assert_eq!(model.message, format!("echo: number {n}"));
        assert_eq!(model.parent_response_id, human.as_ref().unwrap().response_id);
    }
    let stored = house.get(&id).await;
    assert_eq!((stored.responses.len(), stored.response_count), (200, 200));
    assert_eq!(house.backend.live(), 0);
    let times = stored.responses.iter().map(|r| r.create_time.map(|t| (t.seconds, t.nanos)));
    assert!(times.is_sorted(), "oldest first");
}

#[tokio::test]
async fn tokens_are_stored_with_their_probabilities() {
    let script = vec![
        Step::ranked("yes", 0.75, &[("yes", 0.75), ("no", 0.25)]),
        Step::token("!"),
        Step::finish("stop"),
    ];
    let house = House::new(ScriptedBackend::new(script)).await;
    let id = house.conversation().await;
    let (parts, _) = house.parts(ask(&id, "q")).await;
    let Some(Part::ModelResponse(model)) = parts.last() else { panic!("{parts:?}") };
    let request = GetTokensRequest { conversation_id: id, response_id: model.response_id.clone() };
    let stored = house.forest.clone().get_tokens(request).await.unwrap().into_inner().tokens;
    assert_eq!(stored, tokens(&parts).cloned().collect::<Vec<_>>());
    assert_eq!(stored[0].top_k[1].string_token, "no");
    assert_eq!(stored[1].final_logit.as_ref().unwrap().prob, 0.0);
}

#[tokio::test]
async fn settings_reach_the_model_and_the_store() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let options = AdditionalOptions {
        temperature: Some(0.5),
        seed: Some(7),
        max_len: Some(9),
        ..Default::default()
    };
    let settings =
        SamplingSettings { temperature: Some(1.5), top_k: Some(5), ..Default::default() };
    let request = AddResponseRequest {
        additional_options: Some(options),
        sampling: Some(settings),
        model_name: "scripted/scripted".into(),
        ..ask(&id, "q")
    };
    let (_, model) = house.answer(request).await;
    let asked = house.backend.requests().pop().unwrap();
    let sampling = &asked.sampling;
    assert_eq!((sampling.temperature, sampling.seed), (Some(0.5), Some(7)));
    assert_eq!((sampling.max_tokens, sampling.top_k), (Some(9), Some(5)));
    assert_eq!(asked.model, "scripted");
    assert_eq!(asked.conversation.unwrap().to_string(), id);
    assert_eq!(model.sampling, Some((&asked.sampling).into()));
}

#[tokio::test]
async fn settings_out_of_range_are_refused_by_name_value_and_range() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let unset = SamplingSettings::default;
    let options = |max_len| AdditionalOptions { max_len: Some(max_len), ..Default::default() };
    for (options, settings, words) in [
        (options(0), unset(), "max_len is a number of tokens from 1 on, not 0"),
        (options(-1), unset(), "max_len is a number of tokens from 1 on, not -1"),
        (
            AdditionalOptions { temperature: Some(100.0), ..Default::default() },
            unset(),
            "temperature is a number from 0 to 2, not 100",
        ),
        (
            options(1),
            SamplingSettings { stop: vec!["x".to_owned(); 5_000], ..unset() },
            "stop has at most 64 texts, not 5000",
        ),
        (
            options(1),
            SamplingSettings { top_k: Some(1_000), ..unset() },
            "top_k is a whole number from 0 to 20, not 1000",
        ),
    ] {
        let request = AddResponseRequest {
            additional_options: Some(options),
            sampling: Some(settings.clone()),
            ..ask(&id, "q")
        };
        let (parts, status) = house.parts(request).await;
        let status = status.unwrap();
        assert_eq!((parts.len(), status.code()), (0, Code::InvalidArgument));
        assert_eq!(status.message(), words);
        if settings == unset() {
            continue;
        }
        let request = UpdateSettingsRequest {
            conversation_id: id.clone(),
            sampling: Some(settings),
            ..Default::default()
        };
        let status = house.forest.clone().update_settings(request).await.unwrap_err();
        assert_eq!((status.code(), status.message()), (Code::InvalidArgument, words));
    }
    assert_eq!(house.get(&id).await.responses, []);
    // What is not set is right, as in the requests of the first clients.
    let options = Some(AdditionalOptions::default());
    house.answer(AddResponseRequest { additional_options: options, ..ask(&id, "q") }).await;
    assert_eq!(house.backend.requests().pop().unwrap().sampling.max_tokens, None);
}

#[tokio::test]
async fn each_mode_has_its_system_prompt() {
    let house = House::says("a").await;
    let request = CreateConversationRequest { system_prompt_name: "fun".into() };
    let fun = house.chat.clone().create_conversation(request).await.unwrap().into_inner();
    assert_eq!(fun.system_prompt_name.as_deref(), Some("fun"));
    house.answer(ask(&fun.conversation_id, "q")).await;
    let regular = house.conversation().await;
    house.answer(ask(&regular, "q")).await;
    let raw = AddResponseRequest { system_prompt_name: "raw".into(), ..ask(&regular, "q") };
    house.answer(raw).await;
    let requests = house.backend.requests();
    assert_eq!(requests[0].messages[0].role, Role::System);
    assert_ne!(requests[0].messages[0], requests[1].messages[0]);
    assert_eq!(requests[2].messages[0].role, Role::User);
    let request = CreateConversationRequest { system_prompt_name: "odd".into() };
    let status = house.chat.clone().create_conversation(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
}

/// What an extended client asks with.
fn extended(request: AddResponseRequest) -> AddResponseRequest {
    AddResponseRequest { extended_stream: true, ..request }
}

#[tokio::test]
async fn a_conversation_has_settings_that_a_request_may_overrule() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let usual = SamplingSettings {
        temperature: Some(0.5),
        seed: Some(7),
        stop: vec!["END".into()],
        ..Default::default()
    };
    let request = UpdateSettingsRequest {
        conversation_id: id.clone(),
        system_prompt_name: "fun".into(),
        model_name: "scripted/scripted".into(),
        sampling: Some(usual.clone()),
    };
    let set = house.forest.clone().update_settings(request.clone()).await.unwrap().into_inner();
    assert_eq!(
        (set.sampling.as_ref(), set.model_name.as_str()),
        (Some(&usual), "scripted/scripted")
    );
    assert_eq!(house.get(&id).await.system_prompt_name.as_deref(), Some("fun"));
    let own = SamplingSettings { temperature: Some(1.5), ..Default::default() };
    let own = AddResponseRequest { sampling: Some(own), ..extended(ask(&id, "q")) };
    let (_, answer) = house.answer(own).await;
    let sampled = answer.sampling.unwrap();
    assert_eq!((sampled.temperature, sampled.seed), (Some(1.5), Some(7)));
    assert_eq!(sampled.stop, ["END"]);
    assert!(answer.system_prompt_name.starts_with("fun@"), "{}", answer.system_prompt_name);
    assert_eq!(house.backend.requests()[0].sampling.stop, ["END"]);

    // Its name and version stand for the same text, whatever the conversation has by then.
    let cleared = UpdateSettingsRequest { conversation_id: id.clone(), ..Default::default() };
    house.forest.clone().update_settings(cleared).await.unwrap();
    let again = AddResponseRequest {
        system_prompt_name: answer.system_prompt_name.clone(),
        parent_response_id: answer.parent_response_id.clone(),
        ..extended(ask(&id, ""))
    };
    assert_eq!(house.answer(again).await.1.system_prompt_name, answer.system_prompt_name);
    let requests = house.backend.requests();
    assert_eq!(requests[0].messages, requests[1].messages);

    let bad = SamplingSettings { top_p: Some(2.0), ..Default::default() };
    let bad = UpdateSettingsRequest { sampling: Some(bad), ..request.clone() };
    let odd = UpdateSettingsRequest { system_prompt_name: "odd".into(), ..request.clone() };
    let nowhere = UpdateSettingsRequest { conversation_id: "nowhere".into(), ..request };
    for (request, code) in
        [(bad, Code::InvalidArgument), (odd, Code::InvalidArgument), (nowhere, Code::NotFound)]
    {
        let status = house.forest.clone().update_settings(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{status:?}");
    }
}

#[tokio::test]
async fn a_search_is_allowed_as_the_contract_has_it() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let forbidden = |request| AddResponseRequest { disable_search: true, ..request };
    let asked = SamplingSettings { search: Some(true), ..Default::default() };
    for (request, search) in [
        (ask(&id, "q"), Some(true)),
        (forbidden(ask(&id, "q")), Some(false)),
        (extended(ask(&id, "q")), None),
        (AddResponseRequest { sampling: Some(asked), ..extended(ask(&id, "q")) }, Some(true)),
    ] {
        house.answer(request).await;
        assert_eq!(house.backend.requests().last().unwrap().sampling.search, search);
    }
}

#[tokio::test]
async fn searches_and_sources_are_kept_with_the_answer() {
    let source = forest::Source { url: "u".into(), title: String::new(), kind: "web".into() };
    let query = |query: &str, kind: &str| Step::Query { query: query.into(), kind: kind.into() };
    let script = vec![
        query("first\nline", "web"),
        query("second", "x"),
        Step::Source(source.clone()),
        Step::token("a"),
        Step::finish("stop"),
    ];
    let house = House::new(ScriptedBackend::new(script)).await;
    let id = house.conversation().await;
    let (parts, _) = house.parts(ask(&id, "q")).await;
    let actions = parts.iter().filter(|part| matches!(part, Part::QueryAction(_))).count();
    assert_eq!(actions, 2);
    let stored = house.get(&id).await.responses.pop().unwrap();
    assert_eq!(
        (stored.query.as_str(), stored.query_type.as_str()),
        ("first line\nsecond", "web\nx")
    );
    assert_eq!(stored.sources, [source.into()]);
}

#[tokio::test]
async fn pictures_reach_the_model_and_what_is_none_is_refused() {
    let house = House::says("a cat").await;
    let id = house.conversation().await;
    let with = |image: &str| AddResponseRequest {
        image_attachments: vec![image.to_owned()],
        ..ask(&id, "what is it?")
    };
    let picture = "data:image/png;name=cat.png;base64,AA==";
    let (human, _) = house.answer(with(picture)).await;
    assert_eq!(human.unwrap().image_attachments, [picture]);
    let asked = house.backend.requests().pop().unwrap();
    assert_eq!(asked.messages.last().unwrap().images, ["data:image/png;base64,AA=="]);
    let (parts, status) = house.parts(with("cat.png")).await;
    assert_eq!((parts.len(), status.unwrap().code()), (0, Code::InvalidArgument));
}

#[tokio::test]
async fn a_model_that_takes_no_pictures_is_shown_none() {
    let blind = ModelInfo { images: Some(false), ..ModelInfo::named("blind") };
    let models = vec![blind, ModelInfo::named("unknown")];
    let house = House::new(ScriptedBackend::new(Script::text("a cat")).with_models(models)).await;
    let id = house.conversation().await;
    let asked = |model: &str, images: &[&str]| AddResponseRequest {
        model_name: format!("scripted/{model}"),
        image_attachments: images.iter().map(ToString::to_string).collect(),
        ..ask(&id, "what is it?")
    };
    let picture = ["https://example.org/cat.png"];
    let (parts, status) = house.parts(asked("blind", &picture)).await;
    let status = status.unwrap();
    assert_eq!((parts.len(), status.code()), (0, Code::InvalidArgument));
    assert!(status.message().contains("scripted/blind takes no pictures"), "{status:?}");
    assert_eq!(house.get(&id).await.responses, []);
    let (_, seen) = house.answer(asked("unknown", &picture)).await;
    // Nor one that stands further up.
    let parent_response_id = seen.response_id;
    let (parts, status) =
        house.parts(AddResponseRequest { parent_response_id, ..asked("blind", &[]) }).await;
    assert_eq!(parts.len(), 0);
    assert!(status.unwrap().message().contains("above the picture"));
    house.answer(asked("blind", &[])).await;
}

#[tokio::test]
async fn a_path_longer_than_the_context_is_refused_with_numbers() {
    let small = ModelInfo { context_length: Some(100), ..ModelInfo::named("scripted") };
    let backend = ScriptedBackend::new(Script::text("a")).with_models(vec![small]);
    let house = House::new(backend).await;
    let id = house.conversation().await;
    let long = "word ".repeat(200);
    let (parts, status) = house.parts(ask(&id, &long)).await;
    let words = status.unwrap().message().to_owned();
    assert!(words.contains("takes at most 100") && words.contains("at least 2"), "{words}");
    assert!(matches!(&parts[..], [Part::UserResponse(said)] if said.message == long));
    assert_eq!(house.backend.requests().len(), 0);
    house.answer(ask(&id, "short")).await;
}

#[tokio::test]
async fn a_server_that_cut_the_path_off_is_told_of() {
    let usage = forest::Usage { prompt_tokens: 5, ..Default::default() };
    let finish = Step::Finish { reason: "stop".into(), usage: Some(usage) };
    let house = House::new(ScriptedBackend::new(vec![Step::token("a"), finish])).await;
    let id = house.conversation().await;
    let (parts, _) = house.parts(extended(ask(&id, &"word ".repeat(200)))).await;
    let told = |part: &Part| matches!(part, Part::Notice(words) if words.contains("only 5 of"));
    assert!(parts.iter().any(told), "{parts:?}");
}

#[tokio::test]
async fn titles_come_from_the_model_or_from_the_first_words() {
    let scripts = vec![
        Script::text("an answer"),
        Script::text("\"**Entropy, explained**\"\nand more"),
        vec![Step::error(ErrorKind::Unavailable, "gone")],
        vec![Step::error(ErrorKind::Unavailable, "gone")],
    ];
    let house = House::new(ScriptedBackend::per_request(scripts)).await;
    let id = house.conversation().await;
    let (_, model) = house.answer(ask(&id, "Why does\nentropy grow?")).await;
    let request = GenerateTitleRequest {
        conversation_id: id.clone(),
        leaf_response_id: model.response_id.clone(),
        ..Default::default()
    };
    let title = house.chat.clone().generate_title(request.clone()).await.unwrap().into_inner();
    assert_eq!(title.new_title, "Entropy, explained");
    assert_eq!(house.get(&id).await.title, "Entropy, explained");
    let asked = house.backend.requests().pop().unwrap();
    assert!(asked.messages[0].text.contains("an answer"));
    // A makeshift title never takes the place of one that is there.
    let status = house.chat.clone().generate_title(request.clone()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unavailable);
    assert!(status.message().ends_with(": gone"), "{status:?}");
    assert_eq!(house.get(&id).await.title, "Entropy, explained");
    let untitled = UpdateConversationRequest { conversation_id: id.clone(), ..Default::default() };
    house.chat.clone().update_conversation(untitled).await.unwrap();
    let named = request.clone();
    let title = house.chat.clone().generate_title(request).await.unwrap().into_inner();
    assert_eq!(title.new_title, "Why does entropy grow?");
    assert_eq!(house.get(&id).await.title, "Why does entropy grow?");
    // A model that is named is asked, or the caller hears that there is none.
    let unknown = GenerateTitleRequest { model_name: "no/such".to_owned(), ..named };
    let status = house.chat.clone().generate_title(unknown).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn a_model_that_follows_no_instructions_is_not_asked_for_a_title() {
    let house = House::new(ScriptedBackend::echo().with_instructions(false)).await;
    let id = house.conversation().await;
    let (_, model) = house.answer(ask(&id, "hello there")).await;
    let request = GenerateTitleRequest {
        conversation_id: id,
        leaf_response_id: model.response_id,
        ..Default::default()
    };
    let title = house.chat.clone().generate_title(request).await.unwrap().into_inner();
    assert_eq!(title.new_title, "hello there");
    assert_eq!(house.backend.requests().len(), 1);
}

fn titles(page: &[Conversation]) -> Vec<&str> {
    page.iter().map(|conversation| conversation.title.as_str()).collect()
}

/// Conversations one, two and three, of which the first is starred.
async fn three(house: &House) -> Vec<String> {
    let mut ids = Vec::new();
    for title in ["one", "two", "three"] {
        let id = house.conversation().await;
        let request = UpdateConversationRequest {
            conversation_id: id.clone(),
            title: title.into(),
            starred: title == "one",
        };
        let updated = house.chat.clone().update_conversation(request).await.unwrap().into_inner();
        assert_eq!((updated.title.as_str(), updated.starred), (title, title == "one"));
        ids.push(id);
    }
    ids
}

#[tokio::test]
async fn conversations_are_listed_in_pages_and_found() {
    let house = House::says("a").await;
    let mut chat = house.chat.clone();
    let ids = three(&house).await;
    let mut request = ListConversationsRequest::default();
    let all = chat.list_conversations(request.clone()).await.unwrap().into_inner();
    assert_eq!(titles(&all.conversations), ["one", "three", "two"]);
    assert_eq!(all.next_page_token, "");
    request.page_size = Some(2);
    let first = chat.list_conversations(request.clone()).await.unwrap().into_inner();
    assert_eq!(titles(&first.conversations), ["one", "three"]);
    request.next_page_token = Some(first.next_page_token);
    let second = chat.list_conversations(request.clone()).await.unwrap().into_inner();
    assert_eq!(titles(&second.conversations), ["two"]);
    assert_eq!(second.next_page_token, "");
    request.next_page_token = Some("made up".into());
    let status = chat.list_conversations(request).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);

    house.answer(ask(&ids[1], "the Boltzmann brain")).await;
    let search = SearchConversationsRequest { query: "boltz".into(), ..Default::default() };
    let found = chat.search_conversations(search).await.unwrap().into_inner();
    assert_eq!(titles(&found.conversations), ["two"]);
}

#[tokio::test]
async fn a_deleted_conversation_is_gone_until_it_is_restored() {
    let house = House::says("a").await;
    let (mut chat, mut forest) = (house.chat.clone(), house.forest.clone());
    let ids = three(&house).await;
    let request = DeleteConversationRequest { conversation_id: ids[2].clone() };
    chat.delete_conversation(request.clone()).await.unwrap();
    let status = chat.delete_conversation(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
    let all = chat.list_conversations(ListConversationsRequest::default()).await.unwrap();
    assert_eq!(titles(&all.into_inner().conversations), ["one", "two"]);
    let trash = forest.list_deleted(()).await.unwrap().into_inner().conversations;
    assert_eq!(trash.len(), 1);
    assert!(trash[0].delete_time.is_some());
    let request = RestoreConversationRequest { conversation_id: ids[2].clone() };
    assert_eq!(forest.restore_conversation(request).await.unwrap().into_inner().title, "three");
    assert_eq!(house.get(&ids[2]).await.title, "three");
}

#[tokio::test]
async fn a_shared_path_is_marked() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let (human, first) = house.answer(ask(&id, "q")).await;
    let (_, other) = house.answer(below(&id, &human.unwrap().response_id)).await;
    let request =
        ShareConversationRequest { conversation_id: id.clone(), response_id: first.response_id };
    let mut chat = house.chat.clone();
    let shared = chat.share_conversation(request.clone()).await.unwrap().into_inner();
    assert!(shared.shared_id.len() >= 32);
    let again = chat.share_conversation(request).await.unwrap().into_inner();
    assert_eq!(again.shared_id, shared.shared_id);
    for response in house.get(&id).await.responses {
        assert_eq!(response.shared, response.response_id != other.response_id);
    }
}

#[tokio::test]
async fn a_conversation_in_parts_is_the_conversation() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let text = "x".repeat(100 << 10);
    for _ in 0..4 {
        let message = text.clone();
        let conversation_id = id.clone();
        house.parts(AddResponseRequest { conversation_id, message, ..Default::default() }).await;
    }
    let request = GetConversationRequest { conversation_id: id.clone() };
    let mut parts = house.forest.clone().read_conversation(request).await.unwrap().into_inner();
    let first = parts.message().await.unwrap().unwrap();
    let mut read = first.conversation.unwrap();
    read.responses = first.responses;
    let mut more = 0;
    while let Some(part) = parts.message().await.unwrap() {
        assert!(part.conversation.is_none());
        read.responses.extend(part.responses);
        more += 1;
    }
    assert_eq!((read.responses.len(), more), (8, 1));
    assert_eq!(read, house.get(&id).await);
    let request = GetConversationRequest { conversation_id: "nothing".into() };
    let status = house.forest.clone().read_conversation(request).await.unwrap_err();
    assert_eq!(status.code(), Code::NotFound);
}

#[tokio::test]
async fn a_conversation_that_grows_is_read_as_it_was_at_one_moment() {
    let house = House::says("a").await;
    let id = house.conversation().await;
    let add = |chat: ChatClient<_>, id: String| async move {
        let request = AddModelResponseRequest { conversation_id: id, ..Default::default() };
        chat.clone().add_model_response(request).await.unwrap();
    };
    let growing = (0..50).map(|_| add(house.chat.clone(), id.clone()));
    let grown = futures::future::join_all(growing);
    let read = async {
        for _ in 0..50 {
            let conversation = house.get(&id).await;
            let sent = i64::try_from(conversation.responses.len()).unwrap();
            assert_eq!(conversation.response_count, sent);
        }
    };
    tokio::join!(grown, read);
    assert_eq!(house.get(&id).await.responses.len(), 50);
}

#[tokio::test]
async fn changes_are_told_to_those_who_watch() {
    let house = House::says("a").await;
    let mut watch = house.forest.clone().watch_changes(()).await.unwrap().into_inner();
    let id = house.conversation().await;
    let change = tokio::time::timeout(PATIENCE, watch.message()).await.unwrap().unwrap().unwrap();
    assert_eq!(change.conversation_id, id);
    house.stop.send(()).unwrap();
    let end = tokio::time::timeout(PATIENCE, watch.message()).await.unwrap();
    assert!(!matches!(end, Ok(Some(_))), "{end:?}");
    tokio::time::timeout(PATIENCE, house.served).await.unwrap().unwrap();
}

#[tokio::test]
async fn the_sampler_says_what_it_can() {
    let house = House::says("a").await;
    let mut sampler = house.sampler.clone();
    let models = sampler.list_models(()).await.unwrap().into_inner().model_names;
    assert_eq!(models, ["scripted/scripted"]);
    let status = sampler.tokenize(wire::TokenizeRequest::default()).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    let budget = sampler.get_token_budget(wire::GetTokenBudgetRequest::default()).await.unwrap();
    assert_eq!(budget.into_inner(), wire::TokenBudget::default());
    let info = house.forest.clone().get_service_info(()).await.unwrap().into_inner();
    assert!(info.server.starts_with("grok-tui "));
    assert_eq!(info.default_model, "scripted/scripted");
    let models = house.forest.clone().list_models(()).await.unwrap().into_inner().models;
    assert!(models[0].prefill && models[0].problem.is_empty());
}

#[tokio::test]
async fn shutting_down_keeps_what_has_arrived() {
    let mut script = Script::tokens("what arrived");
    script.push(Step::Hang);
    let house = House::new(ScriptedBackend::new(script)).await;
    let id = house.conversation().await;
    let mut stream = house.open(ask(&id, "q")).await.unwrap();
    let mut seen = String::new();
    while seen != "what arrived" {
        seen += &text_of(&[next(&mut stream).await]);
    }
    house.stop.send(()).unwrap();
    let (_, status) = rest(&mut stream).await;
    assert_eq!(status.unwrap().code(), Code::Unavailable);
    tokio::time::timeout(PATIENCE, house.served).await.unwrap().unwrap();
    let mut direct = ChatClient::new(house.service.chat());
    let refused = direct.add_response(ask(&id, "q")).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    let request = GetConversationRequest { conversation_id: id };
    let stored = direct.get_conversation(request).await.unwrap().into_inner();
    assert_eq!(stored.responses[1].message, "what arrived");
    assert!(stored.responses[1].partial);
}

#[tokio::test]
async fn the_same_service_answers_within_the_process() {
    let store: Arc<dyn Store> = Arc::new(SqliteStore::in_memory());
    let backend = ScriptedBackend::echo();
    let service = Service::new(store, Arc::new(SingleBackend::new("scripted", backend.clone())));
    let mut chat = ChatClient::new(service.chat());
    let created = chat.create_conversation(CreateConversationRequest::default()).await.unwrap();
    let id = created.into_inner().conversation_id;
    let mut stream = chat.add_response(ask(&id, "hello")).await.unwrap().into_inner();
    let (parts, status) = rest(&mut stream).await;
    assert!(status.is_none());
    assert_eq!(text_of(&parts), "echo: hello");
    drop(chat.add_response(ask(&id, "again")).await.unwrap());
    tokio::time::timeout(PATIENCE, backend.wait_live(0)).await.unwrap();
}

#[tokio::test]
async fn a_message_of_many_megabytes_passes() {
    let house = House::says("ok").await;
    let id = house.conversation().await;
    let long = "0123456789abcdef".repeat(1 << 20);
    let (human, _) = house.answer(ask(&id, &long)).await;
    assert!(human.unwrap().message == long);
    assert!(house.get(&id).await.responses[0].message == long);
}

/// A backend like a connection: a task of its own hands on one token at a time, and the next one only
/// once that is taken. It begins slowly and then has everything at once.
struct OneAtATime {
    slow: usize,
    tokens: usize,
}

impl Backend for OneAtATime {
    fn sample(&self, _: ModelRequest) -> EventStream {
        let (slow, tokens) = (self.slow, self.tokens);
        let (hand, taken) = tokio::sync::mpsc::channel(1);
        tokio::spawn(async move {
            for number in 0..tokens {
                if number < slow {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                let text = format!("{number} ");
                let token = Token { token_id: 0, text, prob: None, top_k: Vec::new() };
                let room = hand.reserve().await.unwrap();
                // Whoever waits gets to run before the next one is there.
                room.send(Ok(Event::Token(token)));
                tokio::task::yield_now().await;
            }
            let end = Event::Finish { reason: "stop".to_owned(), usage: None };
            hand.send(Ok(end)).await.unwrap();
        });
        futures::stream::unfold(taken, |mut taken| async { Some((taken.recv().await?, taken)) })
            .boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, model::Error>> {
        let model = ModelInfo::named("one");
        Box::pin(async { Ok(vec![model]) })
    }
}

/// What a slow backend brings is gathered, so as not to wake up for each token; a backend whose tokens
/// come one by one must not be slowed down to one token for each such wait.
#[tokio::test(start_paused = true)]
async fn tokens_handed_on_one_at_a_time_come_as_fast_as_they_are_sent() {
    let store = Arc::new(SqliteStore::in_memory());
    let backend = OneAtATime { slow: 20, tokens: 1_000 };
    let service = Service::new(store, Arc::new(SingleBackend::new("one", backend)));
    let request = CreateConversationRequest::default();
    let created = Chat::create_conversation(&service, tonic::Request::new(request)).await.unwrap();
    let request = ask(&created.into_inner().conversation_id, "go");
    let began = tokio::time::Instant::now();
    let mut answer =
        Chat::add_response(&service, tonic::Request::new(request)).await.unwrap().into_inner();
    let mut tokens = 0;
    while let Some(part) = answer.next().await {
        tokens += usize::from(matches!(part.unwrap().response, Some(Part::Token(_))));
    }
    assert_eq!(tokens, 1_000);
    // The clock only moves while everything waits: one token for each wait would be 50 s of it.
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[tokio::test]
async fn what_is_noted_comes_with_the_response_and_is_checked() {
    let house = House::says("yes").await;
    let id = house.conversation().await;
    let request = AddModelResponseRequest {
        conversation_id: id.clone(),
        message: "a text".to_owned(),
        ..Default::default()
    };
    let made = house.chat.clone().add_model_response(request).await.unwrap().into_inner();
    let annotation = wire::Annotation {
        starred: true,
        label: "the key".to_owned(),
        note: "two\nlines".to_owned(),
        archived: false,
    };
    let update = |annotation: Option<wire::Annotation>| {
        let request = UpdateAnnotationsRequest {
            conversation_id: id.clone(),
            response_id: made.response_id.clone(),
            annotation,
        };
        let mut forest = house.forest.clone();
        async move { forest.update_annotations(request).await.map(tonic::Response::into_inner) }
    };
    let mut changes = house.forest.clone().watch_changes(()).await.unwrap().into_inner();
    let updated = update(Some(annotation.clone())).await.unwrap();
    assert_eq!(updated, Response { annotation: Some(annotation.clone()), ..made.clone() });
    let told = tokio::time::timeout(PATIENCE, changes.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(told.conversation_id, id);
    assert_eq!(house.get(&id).await.responses, [updated]);

    let refused = [
        wire::Annotation { label: "two\nlines".to_owned(), ..Default::default() },
        wire::Annotation { label: "x".repeat(201), ..Default::default() },
        wire::Annotation { note: "x".repeat((64 << 10) + 1), ..Default::default() },
    ];
    for wrong in refused {
        assert_eq!(update(Some(wrong)).await.unwrap_err().code(), Code::InvalidArgument);
    }
    update(None).await.unwrap();
    assert_eq!(house.get(&id).await.responses, [made]);
}
