//! Health, reflection, and an end that lets answers finish.

use std::sync::Arc;

use futures::StreamExt as _;
use grok_tui::client::{Answer, ErrorKind};
use grok_tui::model::scripted::Step;
use secrecy::SecretString;
use tokio::sync::Notify;
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;

use crate::house::{PATIENCE, Plan, ask, begun, with_key};

#[tokio::test]
async fn health_is_told_to_anybody_and_reflection_to_users() {
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let (house, keys) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let channel = house.channel().await;
    for service in ["", "prompt_ide.Chat"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let health = HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner();
        assert_eq!(health.status, 1, "serving");
    }
    let request = |key: Option<&SecretString>| {
        let message_request = Some(MessageRequest::ListServices(String::new()));
        let ask = ServerReflectionRequest { host: String::new(), message_request };
        let asked = futures::stream::iter([ask]);
        match key {
            Some(key) => with_key(asked, key),
            None => tonic::Request::new(asked),
        }
    };
    let mut client = ServerReflectionClient::new(channel);
    let refused = client.server_reflection_info(request(None)).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let told = client.server_reflection_info(request(Some(&keys[0]))).await.unwrap();
    let told = told.into_inner().next().await.unwrap().unwrap();
    let Some(MessageResponse::ListServicesResponse(list)) = told.message_response else {
        panic!("{told:?}")
    };
    let mut names: Vec<_> = list.service.into_iter().map(|service| service.name).collect();
    names.sort();
    assert_eq!(
        names,
        ["grok_tui.Forest", "grpc.health.v1.Health", "prompt_ide.Chat", "prompt_ide.Sampler"]
    );
}

#[tokio::test]
async fn an_answer_may_end_before_the_server_does() {
    let gate = Arc::new(Notify::new());
    let script =
        vec![Step::token("a"), Step::Wait(gate.clone()), Step::token("b"), Step::finish("stop")];
    let (house, _) = Plan { script, ..Plan::default() }.build().await;
    let client = house.client(None).await;
    let id = client.create_conversation("").await.unwrap().id;
    let answer = begun(&client, &id).await;
    house.stop.cancel();
    // No new one is begun from here on.
    tokio::time::timeout(PATIENCE, async {
        while client.add_response(ask(&id)).await.is_ok() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    gate.notify_one();
    let last = answer.collect::<Vec<_>>().await.pop().unwrap().unwrap();
    assert!(matches!(last, Answer::Finished(response) if response.message == "ab"));
    house.ends().await;
}

#[tokio::test]
async fn an_answer_that_does_not_end_is_kept_as_far_as_it_came() {
    let script = vec![Step::token("a"), Step::Hang];
    let (house, _) = Plan { script, ..Plan::default() }.build().await;
    let client = house.client(None).await;
    let id = client.create_conversation("").await.unwrap().id;
    let mut answer = begun(&client, &id).await;
    house.stop.cancel();
    house.hurry.cancel();
    let end = tokio::time::timeout(PATIENCE, answer.next()).await.unwrap().unwrap().unwrap_err();
    assert_eq!(end.kind, ErrorKind::Unavailable, "{end:?}");
    house.ends().await;
}

#[tokio::test]
async fn who_watches_its_health_hears_of_the_end_and_does_not_hold_it_up() {
    let script = vec![Step::token("a"), Step::Hang];
    let (house, _) = Plan { script, ..Plan::default() }.build().await;
    let client = house.client(None).await;
    let id = client.create_conversation("").await.unwrap().id;
    let answer = begun(&client, &id).await;
    let request = HealthCheckRequest { service: String::new() };
    let watched = HealthClient::new(house.channel().await).watch(request).await.unwrap();
    let mut watched = watched.into_inner();
    assert_eq!(watched.next().await.unwrap().unwrap().status, 1, "serving");
    house.stop.cancel();
    let told = tokio::time::timeout(PATIENCE, watched.next()).await.unwrap();
    assert_eq!(told.unwrap().unwrap().status, 2, "not serving");
    house.hurry.cancel();
    let end = tokio::time::timeout(PATIENCE, watched.next()).await.unwrap().unwrap();
    assert_eq!(end.unwrap_err().code(), Code::Unavailable);
    drop(answer);
    house.ends().await;
}
