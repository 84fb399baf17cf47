//! What is asked of a server, and how refusals change it.

use super::*;
use grok_tui::forest::ConversationId;
use secrecy::SecretString;
use serde_json::json;

#[tokio::test]
async fn a_request_carries_what_was_asked_for() {
    let server = Server::start(vec![answer(&["hi"])]).await;
    let mut settings = settings(&server);
    settings.base_url = settings.base_url.trim_end_matches("/v1").to_owned();
    settings.api_key = Some(SecretString::from(" sk-key-key\n"));
    settings.headers = vec![("X-Team".to_owned(), SecretString::from("probing"))];
    let mut request = request();
    request.sampling.temperature = Some(0.5);
    request.conversation = ConversationId::parse("c-1");
    all(&OpenAiBackend::new(settings), request).await;
    let asked = &server.asked()[0];
    assert_eq!(asked.line, "POST /v1/chat/completions");
    assert_eq!(asked.header("authorization"), Some("Bearer sk-key-key"));
    assert_eq!(asked.header("x-team"), Some("probing"));
    assert_eq!(asked.header("content-type"), Some("application/json"));
    for name in ["x-conversation-id", "x-grok-conv-id"] {
        assert_eq!(asked.header(name), None);
    }
    assert_eq!(asked.body["messages"], json!([{"role": "user", "content": "Hello?"}]));
    assert_eq!((&asked.body["temperature"], &asked.body["stream"]), (&json!(0.5), &json!(true)));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_user_in_the_address_is_sent_instead_of_a_key() {
    let server = Server::start(vec![answer(&["hi"])]).await;
    let mut settings = settings(&server);
    settings.base_url = settings.base_url.replace("http://", "http://ann:hush@");
    settings.api_key = Some(SecretString::from("sk-key-key"));
    all(&OpenAiBackend::new(settings), request()).await;
    assert_eq!(server.asked()[0].header("authorization"), Some("Basic YW5uOmh1c2g="));
}

#[tokio::test]
async fn xai_is_told_the_conversation() {
    let server = Server::start(vec![answer(&["hi"])]).await;
    let mut settings = settings(&server);
    settings.dialect = Some(Dialect::Xai);
    let mut request = request();
    request.conversation = ConversationId::parse("c-1");
    all(&OpenAiBackend::new(settings), request).await;
    assert_eq!(server.asked()[0].header("x-grok-conv-id"), Some("c-1"));
}

#[tokio::test]
async fn a_key_or_header_that_cannot_be_sent_is_an_error_without_it() {
    let server = Server::start(vec![answer(&["hi"])]).await;
    let mut settings = settings(&server);
    settings.headers = vec![("bad name".to_owned(), SecretString::from("hush-hush"))];
    let error = all(&OpenAiBackend::new(settings.clone()), request()).await.1.unwrap();
    assert!(error.message.contains("\"bad name\"") && !error.message.contains("hush"), "{error}");
    settings.headers.clear();
    settings.api_key = Some(SecretString::from("hush\nhush"));
    settings.api_key_env = Some("LAB_KEY".to_owned());
    let error = all(&OpenAiBackend::new(settings), request()).await.1.unwrap();
    assert!(error.message.contains("LAB_KEY") && !error.message.contains("hush"), "{error}");
}

/// Refuses what is named until it is left out.
async fn refused(words: &str, sampling: Sampling) -> (Server, OpenAiBackend) {
    let refusal = Reply::json(400, &json!({"error": {"message": words}}).to_string());
    let server = Server::start(vec![refusal, answer(&["hi"])]).await;
    let backend = OpenAiBackend::new(settings(&server));
    for _ in 0..2 {
        let (events, error) =
            all(&backend, Request { sampling: sampling.clone(), ..request() }).await;
        assert!(error.is_none(), "{error:?}");
        assert_eq!((text(&events).as_str(), notices(&events).len()), ("hi", 0));
    }
    assert_eq!(server.chats().len(), 3, "what was learnt is remembered");
    (server, backend)
}

#[tokio::test]
async fn a_model_without_logprobs_is_asked_without() {
    let words = "You are not allowed to request logprobs from this model";
    let (server, backend) = refused(words, Sampling::default()).await;
    let chats = server.chats();
    assert_eq!(
        (&chats[0].body["logprobs"], &chats[0].body["top_logprobs"]),
        (&json!(true), &json!(5))
    );
    for chat in &chats[1..] {
        assert_eq!((chat.body.get("logprobs"), chat.body.get("top_logprobs")), (None, None));
    }
    let other = Request { model: "other".to_owned(), ..request() };
    all(&backend, other).await;
    assert_eq!(server.chats()[3].body["logprobs"], true, "only that model is");
}

#[tokio::test]
async fn too_many_candidates_become_fewer() {
    let sampling = Sampling { top_k: Some(20), ..Sampling::default() };
    let (server, _) =
        refused("Requested top_logprobs of 20, which is greater than 10", sampling).await;
    let candidates: Vec<_> =
        server.chats().iter().map(|c| c.body["top_logprobs"].clone()).collect();
    assert_eq!(candidates, [json!(20), json!(5), json!(5)]);
}

#[tokio::test]
async fn a_limit_goes_by_the_name_the_model_knows() {
    let sampling = Sampling { max_tokens: Some(9), ..Sampling::default() };
    let words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    let (server, _) = refused(words, sampling).await;
    let chats = server.chats();
    assert_eq!(
        (&chats[0].body["max_tokens"], chats[0].body.get("max_completion_tokens")),
        (&json!(9), None)
    );
    for chat in &chats[1..] {
        assert_eq!(
            (chat.body.get("max_tokens"), &chat.body["max_completion_tokens"]),
            (None, &json!(9))
        );
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_stream_options_is_asked_without() {
    let (server, _) =
        refused("Unrecognized request argument: stream_options", Sampling::default()).await;
    assert_eq!(server.chats()[2].body.get("stream_options"), None);
}

#[tokio::test]
async fn a_refusal_of_anything_else_is_final() {
    let server =
        Server::start(vec![Reply::json(400, r#"{"error":"temperature must be below 2"}"#)]).await;
    let error = all(&OpenAiBackend::new(settings(&server)), request()).await.1.unwrap();
    assert_eq!((error.kind, server.chats().len()), (ErrorKind::InvalidArgument, 1));
    let server = Server::start(vec![Reply::json(400, r#"{"error":"no logprobs, ever"}"#)]).await;
    let error = all(&OpenAiBackend::new(settings(&server)), request()).await.1.unwrap();
    assert_eq!((error.kind, server.chats().len()), (ErrorKind::InvalidArgument, 2));
}

#[tokio::test]
async fn vllm_alone_is_told_to_continue() {
    for (owner, told) in [("vllm", true), ("llamacpp", false), ("somebody", false)] {
        let models =
            Reply::json(200, &format!(r#"{{"data":[{{"id":"m","owned_by":"{owner}"}}]}}"#));
        let server = Server::with_models(vec![answer(&["hi"])], models).await;
        let backend = OpenAiBackend::new(settings(&server));
        all(&backend, to_continue("Once upon")).await;
        all(&backend, request()).await;
        let chats = server.chats();
        let expected = told.then_some(json!(true));
        assert_eq!(chats[0].body.get("continue_final_message"), expected.as_ref(), "{owner}");
        let expected = told.then_some(json!(false));
        assert_eq!(chats[0].body.get("add_generation_prompt"), expected.as_ref(), "{owner}");
        assert_eq!(
            chats[0].body["messages"][1],
            json!({"role": "assistant", "content": "Once upon"})
        );
        assert_eq!(chats[1].body.get("continue_final_message"), None);
    }
}

#[tokio::test]
async fn a_server_is_asked_who_it_is_only_for_a_continuation_and_once() {
    let models = Reply::json(200, r#"{"data":[{"id":"m","owned_by":"vllm"}]}"#);
    let server = Server::with_models(vec![answer(&["hi"])], models).await;
    let backend = OpenAiBackend::new(settings(&server));
    all(&backend, request()).await;
    assert_eq!(server.asked().len(), 1);
    all(&backend, to_continue("a")).await;
    all(&backend, to_continue("b")).await;
    let lines: Vec<_> = server.asked().into_iter().map(|asked| asked.line).collect();
    let chat = "POST /v1/chat/completions";
    assert_eq!(lines, [chat, "GET /v1/models", chat, chat]);
}

#[tokio::test]
async fn the_models_are_listed_or_the_reason_given() {
    let list = r#"{"object":"list","data":[{"id":"a","owned_by":"vllm","max_model_len":4096},{"id":"b"}]}"#;
    let server = Server::with_models(vec![], Reply::json(200, list)).await;
    let models = OpenAiBackend::new(settings(&server)).models().await.unwrap();
    let names: Vec<_> = models.iter().map(|model| model.name.as_str()).collect();
    assert_eq!((names, models[0].context_length), (vec!["a", "b"], Some(4096)));
    for (reply, kind, words) in [
        (Reply::json(401, ""), ErrorKind::Unauthenticated, "wants a key"),
        (Reply::json(404, ""), ErrorKind::NotFound, "no list of models"),
        (Reply::new(200, "text/html", "<p>"), ErrorKind::Protocol, "a web page"),
        (Reply::json(200, "").then(Step::Reset), ErrorKind::Unavailable, "lost"),
        (Reply::json(200, "").then(Step::Hold), ErrorKind::Timeout, "said nothing"),
    ] {
        let server = Server::with_models(vec![], reply).await;
        let mut settings = settings(&server);
        settings.timeouts.models = Duration::from_millis(300);
        let error = OpenAiBackend::new(settings).models().await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(words), "{error}");
    }
}
