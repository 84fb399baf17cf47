//! Everything that can go wrong, and what is said about it.

use super::*;
use secrecy::SecretString;
use tokio::net::TcpListener;

const KEY: &str = "sk-very-secret-key";

async fn with_key(reply: Reply) -> Error {
    let server = Server::start(vec![reply]).await;
    let mut settings = settings(&server);
    settings.api_key = Some(SecretString::from(KEY));
    settings.api_key_env = Some("OPENAI_API_KEY".to_owned());
    let backend = OpenAiBackend::new(settings.clone());
    let error = all(&backend, request()).await.1.unwrap();
    for shown in [format!("{error}"), format!("{error:?}"), format!("{backend:?}{settings:?}")] {
        assert!(!shown.contains("secret"), "{shown}");
    }
    error
}

#[tokio::test]
async fn refusals_are_put_in_words_that_help() {
    let echo = format!(
        r#"{{"error":{{"message":"Incorrect API key provided: {KEY}","code":"invalid_api_key"}}}}"#
    );
    for (status, body, kind, words) in [
        (
            401,
            echo.as_str(),
            ErrorKind::Unauthenticated,
            "did not accept the key in OPENAI_API_KEY",
        ),
        (
            400,
            echo.as_str(),
            ErrorKind::Unauthenticated,
            "did not accept the key in OPENAI_API_KEY",
        ),
        (403, r#"{"error":"not yours"}"#, ErrorKind::PermissionDenied, "may not use the model m"),
        (404, r#"{"detail":"Not Found"}"#, ErrorKind::NotFound, "`grok-tui models`"),
        (
            400,
            r#"{"error":{"message":"too long\u001b[2J"}}"#,
            ErrorKind::InvalidArgument,
            "It said: \"too long [2J\".",
        ),
        (422, r#"{"detail":[{"msg":"too hot"}]}"#, ErrorKind::InvalidArgument, "too hot"),
        (
            429,
            r#"{"error":{"message":"no money","type":"insufficient_quota"}}"#,
            ErrorKind::RateLimited,
            "credit",
        ),
        (402, "", ErrorKind::RateLimited, "credit"),
        (418, "teapot", ErrorKind::Protocol, "answered 418. It said: \"teapot\"."),
    ] {
        let error = with_key(Reply::json(status, body)).await;
        assert_eq!(error.kind, kind, "{status}: {error}");
        assert!(error.message.contains(words), "{status}: {error}");
        assert!(error.message.contains("http://127.0.0.1:"), "{status}: {error}");
        assert!(!error.message.contains('\u{1b}'));
    }
    let error = with_key(Reply::new(404, "text/html", "<html><title>404 nginx</title>")).await;
    assert!(error.message.contains("404 nginx") && error.message.contains("model m"), "{error}");
    let long = with_key(Reply::json(400, &"x".repeat(100_000))).await;
    assert!(long.message.chars().count() < 500);
}

#[tokio::test]
async fn a_missing_key_is_asked_for() {
    let server = Server::start(vec![Reply::json(401, "")]).await;
    let mut settings = settings(&server);
    let error = all(&OpenAiBackend::new(settings.clone()), request()).await.1.unwrap();
    assert!(
        error.message.contains("wants a key") && error.message.contains("api_key_env"),
        "{error}"
    );
    settings.api_key_env = Some("LAB_KEY".to_owned());
    let error = all(&OpenAiBackend::new(settings), request()).await.1.unwrap();
    assert!(error.message.contains("environment variable LAB_KEY"), "{error}");
}

#[tokio::test]
async fn passing_failures_are_tried_again_and_each_wait_is_told() {
    for failure in [
        Reply::json(500, "{}"),
        Reply::json(503, "busy"),
        Reply::json(429, "{}"),
        Reply::json(408, "{}"),
        Reply::json(409, "{}"),
        Reply::json(529, "{}"),
        Reply::reset(),
        Reply::sse("").then(Step::Reset),
        Reply::sse("data: {\"error\":{\"message\":\"overloaded\",\"code\":503}}\n\n"),
    ] {
        let server = Server::start(vec![failure.clone(), failure.clone(), answer(&["hi"])]).await;
        let (events, error) = all(&OpenAiBackend::new(settings(&server)), request()).await;
        assert!(error.is_none(), "{failure:?}: {error:?}");
        assert_eq!((text(&events).as_str(), server.chats().len()), ("hi", 3), "{failure:?}");
        let notices = notices(&events);
        assert!(notices[0].ends_with("; trying again in 0.1 s (2 of 4)"), "{notices:?}");
        assert!(notices[1].ends_with("; trying again in 0.1 s (3 of 4)"), "{notices:?}");
    }
}

#[tokio::test]
async fn after_four_tries_it_is_given_up() {
    let server = Server::start(vec![Reply::json(500, r#"{"error":"broken"}"#)]).await;
    let (events, error) = all(&OpenAiBackend::new(settings(&server)), request()).await;
    let error = error.unwrap();
    assert_eq!((notices(&events).len(), server.chats().len()), (3, 4));
    assert_eq!(error.kind, ErrorKind::Internal);
    assert!(error.message.ends_with("It said: \"broken\". Tried 4 times."), "{error}");
}

#[tokio::test]
async fn nothing_is_tried_again_once_text_came() {
    for (reply, words) in [
        (Reply::sse(piece("hi")), "before the answer was complete"),
        (Reply::sse(piece("hi")).then(Step::Reset), "was lost"),
        (Reply::sse(piece("hi")).chunked().then(Step::Reset), "was lost"),
        (
            Reply::sse(format!(
                "{}data: {{\"error\":{{\"message\":\"out of memory\",\"code\":500}}}}\n\n{DONE}",
                piece("hi")
            )),
            "out of memory",
        ),
        (
            Reply::sse(format!("{}data: {{\"error\":\"out of memory\"}}\n\n", piece("hi"))),
            "out of memory",
        ),
        (
            Reply::sse(format!("{}event: error\ndata: out of memory\n\n", piece("hi"))),
            "out of memory",
        ),
        (
            Reply::sse(format!(
                "{}data: {{\"object\":\"error\",\"message\":\"out of memory\"}}\n\n{DONE}",
                piece("hi")
            )),
            "out of memory",
        ),
        (Reply::sse(format!("{}{{\"error\":\"out of memory\"}}\n", piece("hi"))), "out of memory"),
        (
            Reply::sse(format!("{}data: {{\"choices\":[{{\"del\n\n", piece("hi"))),
            "no part of an answer",
        ),
        (
            Reply::sse(format!("{}data: {{\"choices\":[{{\"del", piece("hi"))),
            "no part of an answer",
        ),
    ] {
        let server = Server::start(vec![reply.clone()]).await;
        let (events, error) = all(&OpenAiBackend::new(settings(&server)), request()).await;
        let error = error.unwrap();
        assert_eq!((text(&events).as_str(), server.chats().len()), ("hi", 1), "{reply:?}");
        assert_eq!(error.kind, ErrorKind::Interrupted, "{reply:?}");
        assert!(error.message.starts_with("The answer broke off. "), "{error}");
        assert!(error.message.contains(words), "{reply:?}: {error}");
    }
}

#[tokio::test]
async fn reasoning_counts_as_text_that_came() {
    let thinking = "data: {\"choices\":[{\"delta\":{\"reasoning\":\"Hm\"}}]}\n\n";
    let server = Server::start(vec![Reply::sse(thinking).then(Step::Reset)]).await;
    let (_, error) = all(&OpenAiBackend::new(settings(&server)), request()).await;
    assert_eq!((error.unwrap().kind, server.chats().len()), (ErrorKind::Interrupted, 1));
}

#[tokio::test]
async fn the_server_says_how_long_to_wait() {
    let wait = |name: &str, value: &str| Reply::json(429, "{}").header(name, value);
    let server = Server::start(vec![
        wait("retry-after-ms", "20"),
        wait("retry-after", "0"),
        answer(&["hi"]),
    ])
    .await;
    let mut policy = settings(&server);
    policy.retry.first_wait = Duration::from_secs(50);
    let (events, error) = all(&OpenAiBackend::new(policy), request()).await;
    assert!(error.is_none(), "the own waits would have been far too long");
    assert_eq!((text(&events).as_str(), notices(&events).len()), ("hi", 2));

    let error = error_of(wait("retry-after", "3600")).await;
    assert_eq!(
        (error.kind, error.retry_after),
        (ErrorKind::RateLimited, Some(Duration::from_secs(3600)))
    );
    assert!(error.message.contains("3600 s"), "{error}");
    let error = error_of(wait("retry-after", "Fri, 31 Dec 2999 23:59:59 GMT")).await;
    assert!(error.message.contains("It asks to wait"), "{error}");
}

#[tokio::test]
async fn the_server_says_whether_to_try_again() {
    let server =
        Server::start(vec![Reply::json(500, "{}").header("x-should-retry", "false")]).await;
    all(&OpenAiBackend::new(settings(&server)), request()).await.1.unwrap();
    assert_eq!(server.chats().len(), 1);
    let used_up = Reply::json(429, r#"{"error":{"message":"x","code":"insufficient_quota"}}"#);
    let server = Server::start(vec![used_up]).await;
    all(&OpenAiBackend::new(settings(&server)), request()).await.1.unwrap();
    assert_eq!(server.chats().len(), 1);
}

#[tokio::test]
async fn a_model_being_loaded_is_waited_for() {
    let loading = Reply::json(
        503,
        r#"{"error":{"message":"Loading model","type":"unavailable_error","code":503}}"#,
    );
    let mut replies = vec![loading; 7];
    replies.push(answer(&["hi"]));
    let server = Server::start(replies.clone()).await;
    let (events, error) = all(&OpenAiBackend::new(settings(&server)), request()).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((text(&events).as_str(), notices(&events).len()), ("hi", 7));
    assert!(notices(&events)[0].starts_with("127.0.0.1 is loading the model; trying again in"));

    let server = Server::start(replies[..1].to_vec()).await;
    let mut impatient = settings(&server);
    impatient.timeouts.first_byte = Duration::from_millis(30);
    let error = all(&OpenAiBackend::new(impatient), request()).await.1.unwrap();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("Loading model"), "{error}");
}

#[tokio::test]
async fn where_nothing_answers_it_is_said() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://user:hush-hush@{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let mut settings = Settings::new(address);
    settings.retry.first_wait = Duration::from_millis(1);
    let (events, error) = all(&OpenAiBackend::new(settings), request()).await;
    let error = error.unwrap();
    assert_eq!((error.kind, notices(&events).len()), (ErrorKind::Unavailable, 3));
    assert!(error.message.starts_with("Nothing answers at http://127.0.0.1:"), "{error}");
    assert!(error.message.contains("is the server running?"), "{error}");
    assert!(!error.message.contains("hush"), "{error}");

    let nowhere = Settings::new("http://nowhere.invalid/v1");
    let error = all(&OpenAiBackend::new(nowhere), request()).await.1.unwrap();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains("no host called nowhere.invalid"), "{error}");

    let error = all(&OpenAiBackend::new(Settings::new("")), request()).await.1.unwrap();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
}

#[tokio::test]
async fn a_plaintext_server_behind_a_secure_address_is_recognized() {
    let server = Server::start(vec![answer(&["hi"])]).await;
    let mut settings = settings(&server);
    settings.base_url = settings.base_url.replace("http://", "https://");
    settings.timeouts.first_byte = Duration::from_secs(2);
    let error = all(&OpenAiBackend::new(settings), request()).await.1.unwrap();
    // The scripted server waits for the end of a request that never comes, or answers nonsense.
    assert!(matches!(error.kind, ErrorKind::Unavailable | ErrorKind::Timeout), "{error}");
}

#[tokio::test]
async fn silence_is_not_borne_for_ever() {
    for (reply, kind) in [
        (Reply::sse("").then(Step::Hold), ErrorKind::Timeout),
        (Reply::json(200, "").then(Step::Hold), ErrorKind::Timeout),
        (Reply::sse(piece("hi")).then(Step::Hold), ErrorKind::Interrupted),
    ] {
        let server = Server::start(vec![reply.clone()]).await;
        let mut impatient = settings(&server);
        impatient.timeouts.first_byte = Duration::from_millis(300);
        impatient.timeouts.idle = Duration::from_millis(300);
        let error = all(&OpenAiBackend::new(impatient), request()).await.1.unwrap();
        assert_eq!(error.kind, kind, "{reply:?}");
        assert!(error.message.contains("said nothing for 0.3 s"), "{error}");
        server.client_gone().await;
    }
}

#[tokio::test]
async fn dropping_the_stream_ends_the_request() {
    let server = Server::start(vec![Reply::sse(piece("hi")).then(Step::Hold)]).await;
    let mut stream = OpenAiBackend::new(settings(&server)).sample(request());
    assert!(matches!(stream.next().await, Some(Ok(Event::Token(_)))));
    drop(stream);
    server.client_gone().await;
}

#[tokio::test]
async fn what_is_no_answer_is_said_to_be_none() {
    for (reply, kind, words) in [
        (
            Reply::new(200, "text/html", "<html><title>Welcome</title>"),
            ErrorKind::Protocol,
            "a web page, \"Welcome\"",
        ),
        (Reply::new(200, "text/html", ""), ErrorKind::Protocol, "nothing"),
        (
            Reply::json(200, r#"{"error":{"message":"no such model","code":404}}"#),
            ErrorKind::NotFound,
            "no such model",
        ),
        (Reply::json(200, r#"{"error":"no such model"}"#), ErrorKind::Internal, "no such model"),
        (
            Reply::json(200, r#"{"choices":[{"message":{"con"#),
            ErrorKind::Protocol,
            "sent no answer",
        ),
        (Reply::json(200, "{}"), ErrorKind::Protocol, "sent no answer"),
        (Reply::sse(""), ErrorKind::Interrupted, "before the answer was complete"),
        (Reply::sse(DONE), ErrorKind::Interrupted, "before the answer was complete"),
        (Reply::sse("data: nonsense\n\n"), ErrorKind::Protocol, "nonsense"),
        (
            Reply::sse("data: {\"error\":{\"message\":\"no\",\"code\":\"401\"}}\n\n"),
            ErrorKind::Unauthenticated,
            "no",
        ),
    ] {
        let (events, error) = of(reply.clone()).await;
        let error = error.unwrap();
        assert_eq!((error.kind, events.len()), (kind, 0), "{reply:?}: {error}");
        assert!(error.message.contains(words), "{reply:?}: {error}");
    }
}

#[tokio::test]
async fn redirects_go_nowhere_but_to_the_server_itself() {
    let away = Reply::json(308, "")
        .header("location", "http://user:hush-hush@elsewhere.invalid/v1?key=hush");
    let error = with_key(away).await;
    assert!(error.message.contains("http://elsewhere.invalid/v1;"), "{error}");
    assert!(!error.message.contains("hush"), "{error}");
    let moved = Reply::json(301, "").header("location", "/v2/chat/completions");
    assert!(with_key(moved).await.message.contains("/v2/chat/completions"));

    let here = Reply::json(307, "").header("location", "/other");
    let server = Server::start(vec![here, answer(&["hi"])]).await;
    let (events, error) = all(&OpenAiBackend::new(settings(&server)), request()).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((text(&events).as_str(), server.chats()[1].line.as_str()), ("hi", "POST /other"));
    let round = Reply::json(307, "").header("location", "/v1/chat/completions");
    assert_eq!(error_of(round).await.kind, ErrorKind::NotFound);
}

#[tokio::test]
async fn any_bytes_end_and_never_panic() {
    let seeds: Vec<u64> = (0..150).collect();
    for seed in seeds {
        let mut random = Random(seed);
        let valid = format!("{}{}{STOP}{DONE}", piece("héllo"), piece("😀"));
        let mut body = valid.into_bytes();
        match seed % 3 {
            0 => {
                body = (0..random.below(400))
                    .map(|_| u8::try_from(random.below(256)).unwrap())
                    .collect()
            }
            1 => body.truncate(random.below(body.len())),
            _ => {
                for _ in 0..=random.below(6) {
                    let place = random.below(body.len());
                    body[place] = u8::try_from(random.below(256)).unwrap();
                }
            }
        }
        let kind = ["text/event-stream", "application/json", "text/plain"][random.below(3)];
        let reply = Reply::new(200, kind, body.clone());
        let (events, error) = of(reply.clone()).await;
        assert!(error.is_some() != finish(&events).is_some(), "{}", String::from_utf8_lossy(&body));
        let (cut, cut_error) = of(reply.split(seed)).await;
        assert_eq!((text(&cut), finish(&cut)), (text(&events), finish(&events)));
        assert_eq!(cut_error.map(|e| e.kind), error.map(|e| e.kind));
    }
}
