//! Servers that lack something, fail, vanish or break the contract.

use futures::StreamExt as _;
use grok_tui::client::{AddModelResponse, AddResponse, Answer, Client, ErrorKind};
use grok_tui::forest::{ConversationId, ResponseId};
use grok_tui::proto::prompt_ide::{
    self as wire, add_response_response::Response as Event,
    sample_tokens_response::Response as Sampled,
};
use secrecy::SecretString;
use tokio::net::TcpListener;
use tonic::{Code, Status};

use crate::fake::{Fake, response};

fn id() -> ConversationId {
    ConversationId::parse("c").unwrap()
}

fn turn() -> AddResponse {
    AddResponse::new(id(), "hello", None)
}

fn token(text: &str) -> Event {
    let logit = wire::Logit { string_token: text.into(), ..Default::default() };
    let token = wire::Token { final_logit: Some(logit), ..Default::default() };
    Event::Token(wire::SampleTokensResponse { response: Some(Sampled::Token(token)) })
}

async fn connected(fake: &Fake) -> Client {
    Client::connect(&fake.start().await, None).await.unwrap()
}

#[tokio::test]
async fn the_key_goes_with_every_call_in_both_forms() {
    let fake = Fake::default();
    let key = SecretString::from("xai-secret ");
    let client = Client::connect(&fake.start().await, Some(key)).await.unwrap();
    client.get_conversation(&id()).await.unwrap();
    let _ = client.add_response(turn()).await;
    let calls = fake.calls.lock().unwrap().clone();
    assert_eq!(calls.len(), 2);
    for (_, metadata) in calls {
        assert_eq!(metadata.get("apikey").unwrap(), "xai-secret");
        assert_eq!(metadata.get("authorization").unwrap(), "Bearer xai-secret");
    }
    assert!(!format!("{client:?}").contains("xai-secret"));
}

#[tokio::test]
async fn what_a_server_does_not_offer_is_unimplemented() {
    let client = connected(&Fake::default()).await;
    let nothing = ResponseId::parse("r").unwrap();
    for error in [
        client.service_info().await.unwrap_err(),
        client.models().await.unwrap_err(),
        client.list_deleted().await.unwrap_err(),
        client.restore_conversation(&id()).await.unwrap_err(),
        client.tokens(&id(), &nothing).await.unwrap_err(),
        client.watch_changes().await.unwrap_err(),
        client.annotate(&id(), &nothing, Default::default()).await.unwrap_err(),
    ] {
        assert_eq!(error.kind, ErrorKind::Unimplemented);
        assert!(error.message.contains("does not offer this"), "{error}");
    }
}

#[tokio::test]
async fn a_conversation_comes_in_one_piece_from_a_server_without_parts() {
    let fake = Fake::default();
    let client = connected(&fake).await;
    let read = client.get_annotated(&id()).await.unwrap();
    assert_eq!((read.conversation, read.responses), client.get_conversation(&id()).await.unwrap());
    assert_eq!(fake.count("get_conversation"), 2);
}

#[tokio::test]
async fn an_unavailable_server_is_asked_again_but_nothing_is_done_twice() {
    let busy = Status::unavailable("busy");
    let fake = Fake::failing(&busy, 4);
    let client = connected(&fake).await;
    client.get_conversation(&id()).await.unwrap();
    assert_eq!(fake.count("get_conversation"), 5);

    let fake = Fake::failing(&busy, 100);
    let client = connected(&fake).await;
    let error = client.list_conversations(None, None).await.unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Unavailable, "busy"));
    assert_eq!(fake.count("list_conversations"), 5);
    let by_hand = AddModelResponse {
        conversation: id(),
        message: "x".into(),
        partial: false,
        parent: None,
        edited_from: None,
    };
    assert!(client.add_model_response(by_hand).await.is_err());
    assert!(client.create_conversation("").await.is_err());
    assert!(client.add_response(turn()).await.is_err());
    for once in ["add_model_response", "create_conversation", "add_response"] {
        assert_eq!(fake.count(once), 1, "{once}");
    }
}

#[tokio::test]
async fn statuses_become_kinds_and_keep_their_words() {
    for (code, kind) in [
        (Code::NotFound, ErrorKind::NotFound),
        (Code::InvalidArgument, ErrorKind::InvalidArgument),
        (Code::Unauthenticated, ErrorKind::Unauthenticated),
        (Code::PermissionDenied, ErrorKind::PermissionDenied),
        (Code::ResourceExhausted, ErrorKind::RateLimited),
        (Code::Cancelled, ErrorKind::Cancelled),
        (Code::Internal, ErrorKind::Other),
    ] {
        let client = connected(&Fake::failing(&Status::new(code, "in words"), 1)).await;
        let error = client.get_conversation(&id()).await.unwrap_err();
        assert_eq!((error.kind, error.message.as_str()), (kind, "in words"));
    }
}

#[tokio::test]
async fn an_answer_without_an_end_is_a_protocol_error() {
    let fake = Fake::answering(vec![Ok(Event::UserResponse(response("u"))), Ok(token("so far"))]);
    let client = connected(&fake).await;
    let answers: Vec<_> = client.add_response(turn()).await.unwrap().collect().await;
    assert_eq!(answers.len(), 3);
    assert!(matches!(&answers[1], Ok(Answer::Token(token)) if token.text == "so far"));
    assert_eq!(answers[2].as_ref().unwrap_err().kind, ErrorKind::Protocol);
}

#[tokio::test]
async fn an_error_in_the_middle_comes_after_what_arrived_and_ends_the_stream() {
    let late = Status::resource_exhausted("out of credit");
    let fake = Fake::answering(vec![Ok(token("so far")), Err(late)]);
    let answers: Vec<_> =
        connected(&fake).await.add_response(turn()).await.unwrap().collect().await;
    assert_eq!(answers.len(), 2);
    let error = answers[1].as_ref().unwrap_err();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::RateLimited, "out of credit"));
}

#[tokio::test]
async fn what_this_program_has_no_use_for_is_skipped() {
    let budget = wire::SampleTokensResponse {
        response: Some(Sampled::Budget(wire::TokenBudget::default())),
    };
    let fake = Fake::answering(vec![
        Ok(Event::Token(budget)),
        Ok(Event::WebSearchResults(wire::WebSearchResults::default())),
        Ok(token("x")),
        Ok(Event::ModelResponse(response("m"))),
        Ok(token("too late")),
    ]);
    let answers: Vec<_> =
        connected(&fake).await.add_response(turn()).await.unwrap().collect().await;
    assert_eq!(answers.len(), 2, "{answers:?}");
    assert!(matches!(&answers[1], Ok(Answer::Finished(response)) if !response.is_human()));
}

#[tokio::test]
async fn broken_contents_are_a_protocol_error() {
    let fake = Fake::answering(vec![Ok(Event::ModelResponse(wire::Response::default()))]);
    let answers: Vec<_> =
        connected(&fake).await.add_response(turn()).await.unwrap().collect().await;
    assert_eq!(answers.len(), 1);
    assert_eq!(answers[0].as_ref().unwrap_err().kind, ErrorKind::Protocol);
}

#[tokio::test]
async fn nobody_there_is_told_in_words_and_a_server_that_comes_later_is_found() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let client = Client::connect(&address.to_string(), None).await.unwrap();
    let error = client.get_conversation(&id()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);
    assert!(error.message.contains(&format!("nothing answers at http://{address}")), "{error}");
    let error = client.add_response(turn()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable);

    let listener = TcpListener::bind(address).await.unwrap();
    let fake = Fake::default();
    let server = tonic::transport::Server::builder()
        .add_service(wire::chat_server::ChatServer::new(fake.clone()))
        .serve_with_incoming(tonic::transport::server::TcpIncoming::from(listener));
    tokio::spawn(server);
    client.get_conversation(&id()).await.unwrap();
}

#[tokio::test]
async fn a_server_that_hangs_up_is_a_lost_connection() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            // An empty SETTINGS frame: a server, until it is asked something.
            let _ = socket.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await;
            let _ = socket.read(&mut [0; 4096]).await;
        }
    });
    let client = Client::connect(&format!("http://{address}"), None).await.unwrap();
    let error = client.add_response(turn()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    assert!(error.message.contains(&address.to_string()), "{error}");
}

#[tokio::test]
async fn what_is_no_address_is_refused() {
    for bad in ["", "ftp://x", "http://", "no spaces here", "://"] {
        let error = Client::connect(bad, None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::InvalidArgument, "{bad}");
        assert!(error.message.contains("http://HOST:PORT"), "{error}");
    }
    let key = SecretString::from("two\nlines");
    let error = Client::connect("http://127.0.0.1:1", Some(key)).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::InvalidArgument);
    assert!(!error.message.contains("lines"));
    let tls = Client::connect("api.example.org:443", None).await.unwrap();
    assert_eq!(tls.endpoint(), "https://api.example.org:443");
}
