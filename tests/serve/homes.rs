//! What users open: found for their pages whoever asks, and closed when nobody needs it.

use std::time::Duration;

use futures::StreamExt as _;
use grok_tui::client::{Answer, Client};
use grok_tui::forest::{ConversationId, ResponseId, Time};
use grok_tui::model::scripted::Step;
use grok_tui::server::{Limits, Users};
use grok_tui::store::{SqliteStore, Store as _};
use tokio::time::timeout;

use crate::house::{House, PATIENCE, Plan, ask, begun, store_of};

/// What nobody uses is closed at once.
fn hasty() -> Limits {
    Limits { idle_user: Duration::ZERO, ..Limits::default() }
}

async fn answered(client: &Client) -> (ConversationId, ResponseId) {
    let id = client.create_conversation("").await.unwrap().id;
    let steps: Vec<_> = client.add_response(ask(&id)).await.unwrap().collect().await;
    let Some(Ok(Answer::Finished(answer))) = steps.last() else { panic!("{steps:?}") };
    (id, answer.id.clone())
}

async fn until_status(house: &House, shared_id: &str, wanted: u16) {
    let is_so = async {
        while house.page(shared_id).await.0 != wanted {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(PATIENCE, is_so).await.unwrap();
}

const UNKNOWN: &str = "00000000-0000-4000-8000-000000000000";

#[tokio::test]
async fn a_page_is_found_without_looking_through_the_users() {
    let limits = hasty();
    let (house, keys) =
        Plan { users: &["ada", "bob", "cid"], limits, ..Plan::default() }.build().await;
    let bob = house.client(Some(&keys[1])).await;
    let (id, answer) = answered(&bob).await;
    let (shared, _) = bob.share_conversation(&id, &answer).await.unwrap();
    house.until_open(0).await;
    let before = house.stores().0;
    assert_eq!(house.page(UNKNOWN).await.0, 404);
    assert_eq!(house.stores().0, before, "an id that nobody has opens nothing");
    let (status, page) = house.page(&shared).await;
    assert!(status == 200 && page.contains("an answer"), "{page}");
    assert_eq!(house.stores().0, before + 1);
    house.until_open(0).await;

    bob.delete_conversation(&id).await.unwrap();
    assert_eq!(house.page(&shared).await.0, 404);
    bob.restore_conversation(&id).await.unwrap();
    assert_eq!(house.page(&shared).await.0, 200);
    assert_eq!(bob.unshare_conversation(&id, None).await.unwrap(), std::slice::from_ref(&shared));
    house.until_open(0).await;
    let before = house.stores().0;
    assert_eq!(house.page(&shared).await.0, 404);
    assert_eq!(house.stores().0, before, "what is shared no more leads nowhere");
}

#[tokio::test]
async fn another_program_takes_a_page_back_at_once() {
    let (house, keys) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let ada = house.client(Some(&keys[0])).await;
    let (id, answer) = answered(&ada).await;
    let (shared, _) = ada.share_conversation(&id, &answer).await.unwrap();
    assert_eq!(house.page(&shared).await.0, 200);
    let beside = SqliteStore::open(store_of(house.folder.path(), "ada"));
    beside.unshare(&id, None).await.unwrap();
    assert_eq!(house.page(&shared).await.0, 404);
}

#[tokio::test]
async fn what_another_program_shares_is_found_while_the_server_runs() {
    let plan = Plan { users: &["ada", "bob"], limits: hasty(), ..Plan::default() };
    let (house, keys) = plan.build().await;
    let ada = house.client(Some(&keys[0])).await;
    let (id, answer) = answered(&ada).await;
    house.until_open(0).await;
    let before = house.stores().0;
    assert_eq!(house.page(UNKNOWN).await.0, 404);
    let beside = SqliteStore::open(store_of(house.folder.path(), "ada"));
    let shared = beside.share(&id, &answer).await.unwrap();
    // Also with its log, and once that was moved into the file.
    until_status(&house, &shared, 200).await;
    drop(beside);
    let beside = SqliteStore::open(store_of(house.folder.path(), "ada"));
    let question = beside.responses(&id).await.unwrap().remove(0).id;
    let other = beside.share(&id, &question).await.unwrap();
    drop(beside);
    until_status(&house, &other, 200).await;
    house.until_open(0).await;
    let opened = house.stores().0;
    assert!(opened > before);
    for _ in 0..20 {
        assert_eq!(house.page(UNKNOWN).await.0, 404);
    }
    assert_eq!(house.stores().0, opened, "an id that nobody has opens nothing");
}

#[tokio::test]
async fn what_was_shared_before_is_found_after_a_start() {
    let (house, keys) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let ada = house.client(Some(&keys[0])).await;
    let (id, answer) = answered(&ada).await;
    let (shared, _) = ada.share_conversation(&id, &answer).await.unwrap();
    let index = house.folder.path().join("shared-by");
    assert_eq!(std::fs::read_to_string(index.join(&shared)).unwrap(), "ada");
    std::fs::remove_dir_all(&index).unwrap();
    house.stop.cancel();
    let (folder, served) = (house.folder, house.served);
    timeout(PATIENCE, served).await.unwrap().unwrap();
    let (house, _) = Plan::default().build_in(folder).await;
    assert_eq!(house.page(&shared).await.0, 200);
    assert_eq!(house.page(UNKNOWN).await.0, 404);
    assert_eq!(house.stores().0, 1);
}

#[tokio::test]
async fn pages_of_a_user_without_a_key_are_not_served() {
    let (house, keys) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let ada = house.client(Some(&keys[0])).await;
    let (id, answer) = answered(&ada).await;
    let (shared, _) = ada.share_conversation(&id, &answer).await.unwrap();
    let users = Users::of(house.folder.path());
    users.revoke("ada").unwrap();
    until_status(&house, &shared, 404).await;
    // What she has opened is closed although it was used a moment ago.
    house.until_open(0).await;
    let key = users.add("ada", false, Time(0)).unwrap();
    assert_eq!(house.client(Some(&key)).await.get_conversation(&id).await.unwrap().1.len(), 2);
    assert_eq!(house.page(&shared).await.0, 200);
}

#[tokio::test]
async fn stores_are_open_only_while_they_are_needed() {
    let script = vec![Step::token("a"), Step::Hang];
    let plan = Plan { script, users: &["ada", "bob", "cid"], limits: hasty(), ..Plan::default() };
    let (house, keys) = plan.build().await;
    let (ada, bob) = (house.client(Some(&keys[0])).await, house.client(Some(&keys[1])).await);
    let cid = house.client(Some(&keys[2])).await;
    let id = ada.create_conversation("").await.unwrap().id;
    let answer = begun(&ada, &id).await;
    let mut watched = bob.watch_changes().await.unwrap();
    cid.list_conversations(None, None).await.unwrap();
    // One answers, one watches, one does nothing.
    house.until_open(2).await;
    bob.create_conversation("").await.unwrap();
    assert!(timeout(PATIENCE, watched.next()).await.unwrap().unwrap().unwrap().is_some());
    drop(watched);
    house.until_open(1).await;
    drop(answer);
    house.until_open(0).await;
    // Nothing is lost of what was closed.
    let (_, responses) = ada.get_conversation(&id).await.unwrap();
    assert_eq!(responses.last().unwrap().message, "a");
    house.stop.cancel();
    house.ends().await;
}
