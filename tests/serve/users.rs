//! Keys, and users apart.

use futures::StreamExt as _;
use grok_tui::client::{AddModelResponse, AddResponse, Answer, ErrorKind};
use grok_tui::forest::{ConversationId, Time};
use grok_tui::model::scripted::Step;
use grok_tui::proto::prompt_ide::ListConversationsRequest;
use grok_tui::proto::prompt_ide::chat_client::ChatClient;
use grok_tui::server::Users;
use secrecy::ExposeSecret as _;
use tonic::Code;

use crate::house::{PATIENCE, Plan, ask, begun};

#[tokio::test]
async fn users_see_nothing_of_each_other() {
    let (house, keys) = Plan { users: &["ada", "bob"], ..Plan::default() }.build().await;
    let (ada, bob) = (house.client(Some(&keys[0])).await, house.client(Some(&keys[1])).await);
    let id = ada.create_conversation("").await.unwrap().id;
    let steps: Vec<_> = ada.add_response(ask(&id)).await.unwrap().collect().await;
    let Some(Ok(Answer::Finished(answer))) = steps.last() else { panic!("{steps:?}") };
    assert_eq!(bob.list_conversations(None, None).await.unwrap().0, []);
    assert!(bob.search_conversations("question", None, None).await.unwrap().0.is_empty());
    assert_eq!(ada.search_conversations("question", None, None).await.unwrap().0.len(), 1);
    assert_eq!(bob.list_deleted().await.unwrap(), []);

    // Another's id is as unknown as one that does not exist.
    let nowhere = ConversationId::parse("nowhere").unwrap();
    let mut said = Vec::new();
    for id in [&id, &nowhere] {
        let r = &answer.id;
        let hand = AddModelResponse {
            conversation: id.clone(),
            message: "m".to_owned(),
            partial: false,
            parent: None,
            edited_from: None,
        };
        let below = AddResponse::new(id.clone(), "", Some(r.clone()));
        let all = [
            bob.get_conversation(id).await.map(drop),
            bob.add_response(ask(id)).await.map(drop),
            bob.add_response(below).await.map(drop),
            bob.delete_conversation(id).await,
            bob.restore_conversation(id).await.map(drop),
            bob.update_conversation(id, "t", true).await.map(drop),
            bob.update_settings(id, &Default::default()).await.map(drop),
            bob.generate_title(id, r).await.map(drop),
            bob.add_model_response(hand).await.map(drop),
            bob.share_conversation(id, r).await.map(drop),
            bob.tokens(id, r).await.map(drop),
            bob.annotate(id, r, Default::default()).await,
        ];
        let errors = all.into_iter().map(|called| called.unwrap_err());
        said.push(
            errors.map(|e| (e.kind, e.message.replace(&id.to_string(), "ID"))).collect::<Vec<_>>(),
        );
    }
    assert!(said[0].iter().all(|(kind, _)| *kind == ErrorKind::NotFound), "{said:?}");
    assert_eq!(said[0], said[1]);
    assert_eq!(ada.get_conversation(&id).await.unwrap().1.len(), 2);
}

#[tokio::test]
async fn a_key_comes_in_two_forms_and_a_wrong_one_in_none() {
    let (house, keys) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let channel = house.channel().await;
    let good = keys[0].expose_secret().to_owned();
    let (id, _) = good.rsplit_once('_').unwrap();
    let bearer = format!("Bearer {good}");
    let wrong = format!("{id}_{}", "0".repeat(48));
    for (name, value, expected) in [
        ("apikey", good.as_str(), Code::Ok),
        ("authorization", bearer.as_str(), Code::Ok),
        ("authorization", good.as_str(), Code::Unauthenticated),
        ("apikey", wrong.as_str(), Code::Unauthenticated),
        ("apikey", "gt_", Code::Unauthenticated),
        ("other", good.as_str(), Code::Unauthenticated),
    ] {
        let mut request = tonic::Request::new(ListConversationsRequest::default());
        request.metadata_mut().insert(name, value.parse().unwrap());
        let answer = ChatClient::new(channel.clone()).list_conversations(request).await;
        let code = answer.as_ref().map_or_else(tonic::Status::code, |_| Code::Ok);
        assert_eq!(code, expected, "{name}");
        if let Err(status) = answer {
            assert!(status.message().contains("key"), "{status:?}");
            assert!(!status.message().contains(&good), "{status:?}");
        }
    }
}

#[tokio::test]
async fn a_key_that_is_taken_away_ends_what_it_opened() {
    let script = vec![Step::token("a"), Step::Hang];
    let (house, keys) = Plan { script, users: &["ada"], ..Plan::default() }.build().await;
    let ada = house.client(Some(&keys[0])).await;
    let id = ada.create_conversation("").await.unwrap().id;
    let mut answer = begun(&ada, &id).await;
    Users::of(house.folder.path()).revoke("ada").unwrap();
    let end = tokio::time::timeout(PATIENCE, answer.next()).await.unwrap().unwrap();
    assert_eq!(end.unwrap_err().kind, ErrorKind::Unauthenticated);
    assert_eq!(
        ada.list_conversations(None, None).await.unwrap_err().kind,
        ErrorKind::Unauthenticated
    );
    // Nobody has a key any more, which does not open the doors.
    assert!(house.client(None).await.list_conversations(None, None).await.is_err());
}

#[tokio::test]
async fn users_hear_only_of_their_own_changes() {
    let (house, keys) = Plan { users: &["ada", "bob"], ..Plan::default() }.build().await;
    let (ada, bob) = (house.client(Some(&keys[0])).await, house.client(Some(&keys[1])).await);
    let mut heard = bob.watch_changes().await.unwrap();
    ada.create_conversation("").await.unwrap();
    let own = bob.create_conversation("").await.unwrap();
    let first = tokio::time::timeout(PATIENCE, heard.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(first, Some(own.id));
}

#[tokio::test]
async fn the_first_user_is_known_at_once() {
    let (house, _) = Plan::default().build().await;
    let anybody = house.client(None).await;
    anybody.create_conversation("").await.unwrap();
    let users = Users::of(house.folder.path());
    let ada = house.client(Some(&users.add("ada", false, Time(0)).unwrap())).await;
    assert_eq!(ada.list_conversations(None, None).await.unwrap().0, []);
    let refused = anybody.list_conversations(None, None).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Unauthenticated);
    let bob = house.client(Some(&users.add("bob", false, Time(0)).unwrap())).await;
    assert_eq!(bob.list_conversations(None, None).await.unwrap().0, []);
}
