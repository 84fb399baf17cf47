//! Servers that take connections or calls and do not answer.

use std::time::Duration;

use futures::StreamExt as _;
use grok_tui::client::{AddResponse, Answer, Client, Error, ErrorKind, Patience};
use grok_tui::forest::{ConversationId, ResponseId};
use grok_tui::proto::prompt_ide::add_response_response::Response as Event;
use tokio::net::TcpListener;

use crate::fake::{Fake, response};

const SHORT: Duration = Duration::from_millis(100);
const LONG: Duration = Duration::from_secs(600);

async fn connected(endpoint: &str, patience: Patience) -> Client {
    Client::connect_patiently(endpoint, None, None, patience).await.unwrap()
}

/// The address of what takes connections and never says a word.
async fn silent() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((socket, _)) = listener.accept().await {
            open.push(socket);
        }
    });
    address.to_string()
}

fn says(error: &Error, words: [&str; 3]) {
    assert_eq!(error.kind, ErrorKind::Unavailable, "{error}");
    for words in words {
        assert!(error.message.contains(words), "{words}: {error}");
    }
}

#[tokio::test]
async fn a_silent_endpoint_is_given_up() {
    let address = silent().await;
    let patience = Patience { connect: LONG, call: SHORT, sampled: SHORT };
    let client = connected(&format!("http://{address}"), patience).await;
    let error = client.list_conversations(None, None).await.unwrap_err();
    says(&error, [&address, "has not answered a call within 1 s", "Try again later"]);
}

#[tokio::test]
async fn a_connection_that_is_not_made_is_given_up_with_the_time_for_connections() {
    let address = silent().await;
    let patience = Patience { connect: SHORT, call: LONG, sampled: LONG };
    let client = connected(&format!("https://{address}"), patience).await;
    let error = client.list_conversations(None, None).await.unwrap_err();
    says(&error, [&address, "taken the connection in time", "[timeouts]"]);
}

#[tokio::test]
async fn a_server_that_never_answers_the_call_is_given_up_and_asked_once() {
    let fake = Fake::default();
    let _silence = fake.silence.lock().await;
    let endpoint = fake.start().await;
    let patience = Patience { connect: LONG, call: SHORT, sampled: SHORT };
    let client = connected(&endpoint, patience).await;
    let id = ConversationId::parse("c").unwrap();
    for error in [
        client.list_conversations(None, None).await.unwrap_err(),
        client.create_conversation("").await.unwrap_err(),
        client.generate_title(&id, &ResponseId::parse("r").unwrap()).await.unwrap_err(),
    ] {
        says(&error, [&endpoint, "has not answered a call", "[timeouts]"]);
    }
    for once in ["list_conversations", "create_conversation", "generate_title"] {
        assert_eq!(fake.count(once), 1, "{once}");
    }
}

#[tokio::test]
async fn what_a_model_has_to_say_is_waited_for_longer() {
    let fake = Fake::answering(vec![Ok(Event::ModelResponse(response("m")))]);
    let silence = fake.silence.lock().await;
    let client =
        connected(&fake.start().await, Patience { connect: LONG, call: SHORT, sampled: LONG })
            .await;
    let id = ConversationId::parse("c").unwrap();
    let leaf = ResponseId::parse("r").unwrap();
    let sampled = async {
        let title = client.generate_title(&id, &leaf);
        let answer = async {
            let turn = AddResponse::new(id.clone(), "hello", None);
            client.add_response(turn).await?.next().await.unwrap()
        };
        tokio::join!(title, answer)
    };
    let others = async {
        while fake.count("generate_title") + fake.count("add_response") < 2 {
            tokio::task::yield_now().await;
        }
        // By then the others were as long without an answer as this one.
        let late = client.list_conversations(None, None).await;
        drop(silence);
        late
    };
    let ((title, answer), late) = tokio::join!(sampled, others);
    assert_eq!(late.unwrap_err().kind, ErrorKind::Unavailable);
    assert!(title.is_ok() && matches!(answer, Ok(Answer::Finished(_))), "{title:?} {answer:?}");
}
