//! What one user, one peer and one request may take.

use futures::future::join_all;
use grok_tui::client::ErrorKind;
use grok_tui::model::scripted::Step;
use grok_tui::proto::prompt_ide::chat_client::ChatClient;
use grok_tui::proto::prompt_ide::{ListConversationsRequest, UpdateConversationRequest};
use grok_tui::server::Limits;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tonic::Code;

use crate::house::{PATIENCE, Plan, begun, with_key};

#[tokio::test]
async fn whoever_guesses_at_a_key_has_to_wait_and_keeps_nobody_else_out() {
    let (house, keys) = Plan { users: &["ada", "bob"], ..Plan::default() }.build().await;
    let (of_ada, _) = keys[0].expose_secret().rsplit_once('_').unwrap();
    let guess = SecretString::from(format!("{of_ada}_{}", "0".repeat(48)));
    let guesser = house.client(Some(&guess)).await;
    let mut kinds = Vec::new();
    for _ in 0..21 {
        kinds.push(guesser.list_conversations(None, None).await.unwrap_err().kind);
    }
    assert!(kinds[..20].iter().all(|kind| *kind == ErrorKind::Unauthenticated), "{kinds:?}");
    assert_ne!(kinds[20], ErrorKind::Unauthenticated);
    house.client(Some(&keys[1])).await.list_conversations(None, None).await.unwrap();
}

#[tokio::test]
async fn keys_of_nobody_keep_nobody_out() {
    let (house, keys) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let nobodys = format!("gt_{}_{}", "0".repeat(12), "0".repeat(48));
    for key in ["no key at all", nobodys.as_str()] {
        let stranger = house.client(Some(&SecretString::from(key.to_owned()))).await;
        for _ in 0..30 {
            let refused = stranger.list_conversations(None, None).await.unwrap_err();
            assert_eq!(refused.kind, ErrorKind::Unauthenticated);
        }
    }
    house.client(Some(&keys[0])).await.list_conversations(None, None).await.unwrap();
}

#[tokio::test]
async fn one_user_takes_no_more_than_theirs() {
    let limits = Limits { calls_per_user: 1, requests_per_second: 1e3, ..Limits::default() };
    let script = vec![Step::token("a"), Step::Hang];
    let (house, keys) =
        Plan { script, limits, users: &["ada", "bob"], ..Plan::default() }.build().await;
    let (ada, bob) = (house.client(Some(&keys[0])).await, house.client(Some(&keys[1])).await);
    let id = ada.create_conversation("").await.unwrap().id;
    let answer = begun(&ada, &id).await;
    let request = with_key(ListConversationsRequest::default(), &keys[0]);
    let refused = ChatClient::new(house.channel().await).list_conversations(request).await;
    let refused = refused.unwrap_err();
    assert!(refused.message().contains("at once"), "{refused:?}");
    bob.list_conversations(None, None).await.unwrap();
    // Our own client comes back when it was told to.
    let put_off = ada.list_conversations(None, None);
    let (listed, ()) = tokio::join!(put_off, async move { drop(answer) });
    listed.unwrap();
}

#[tokio::test]
async fn calls_that_come_too_fast_are_put_off() {
    let limits = Limits { requests_per_second: 1.0, ..Limits::default() };
    let (house, keys) = Plan { limits, users: &["ada"], ..Plan::default() }.build().await;
    let channel = house.channel().await;
    let mut codes = Vec::new();
    for _ in 0..4 {
        let request = with_key(ListConversationsRequest::default(), &keys[0]);
        let called = ChatClient::new(channel.clone()).list_conversations(request).await;
        codes.push(called.map_or_else(|status| status.code(), |_| Code::Ok));
    }
    assert_eq!(codes[..2], [Code::Ok; 2]);
    assert!(codes.contains(&Code::ResourceExhausted), "{codes:?}");
}

#[tokio::test]
async fn a_good_key_may_begin_with_many_calls_at_once() {
    let (house, keys) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let ada = house.client(Some(&keys[0])).await;
    let calls = join_all((0..100).map(|_| ada.list_conversations(None, None))).await;
    assert!(calls.iter().all(Result::is_ok), "{:?}", calls.iter().find(|call| call.is_err()));
}

#[tokio::test]
async fn a_request_that_is_too_long_is_refused_with_the_limit() {
    let limits = Limits { message: 1 << 20, ..Limits::default() };
    let (house, _) = Plan { limits, ..Plan::default() }.build().await;
    let request = UpdateConversationRequest { title: "t".repeat(2 << 20), ..Default::default() };
    let refused = ChatClient::new(house.channel().await).update_conversation(request).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::ResourceExhausted);
    assert!(refused.message().contains("1 MiB"), "{refused:?}");
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_given_up() {
    let limits = Limits { first_call: std::time::Duration::from_millis(20), ..Limits::default() };
    let (house, _) = Plan { limits, ..Plan::default() }.build().await;
    let address = house.address.strip_prefix("http://").unwrap();
    for (address, says) in [(address, ""), (&house.pages, "GET /share/half HTTP/1.1\r\nhost:")] {
        let mut silent = tokio::net::TcpStream::connect(address).await.unwrap();
        silent.write_all(says.as_bytes()).await.unwrap();
        let mut heard = Vec::new();
        // However it is closed: what matters is that it is.
        let _ = tokio::time::timeout(PATIENCE, silent.read_to_end(&mut heard)).await.unwrap();
    }
}
