//! A service that strangers can be given: keys, users apart, encryption, limits, a quiet end.

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use grok_tui::client::{AddModelResponse, AddResponse, Answer, Client, ErrorKind};
use grok_tui::forest::{ConversationId, Time};
use grok_tui::model::scripted::{Script, ScriptedBackend, Step};
use grok_tui::proto::prompt_ide::ListConversationsRequest;
use grok_tui::proto::prompt_ide::chat_client::ChatClient;
use grok_tui::server::{
    Address, Limits, Listener, Service, Serving, SingleBackend, Stores, Tls, User, Users,
};
use grok_tui::store::{SqliteStore, Store};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tonic::Code;
use tonic::transport::Channel;

/// Long enough for a busy machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service that is served.
struct House {
    folder: tempfile::TempDir,
    address: String,
    stop: CancellationToken,
    hurry: CancellationToken,
    served: JoinHandle<()>,
}

/// What differs from house to house.
struct Plan {
    script: Vec<Step>,
    limits: Limits,
    users: &'static [&'static str],
    tls: bool,
    address: fn(&Path) -> Address,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            script: Script::text("an answer"),
            limits: Limits::default(),
            users: &[],
            tls: false,
            address: |_| "127.0.0.1:0".parse().unwrap(),
        }
    }
}

impl Plan {
    /// The house, and the keys of its users.
    async fn build(self) -> (House, Vec<SecretString>) {
        let folder = tempfile::tempdir().unwrap();
        let users = Users::of(folder.path());
        let keys = self.users.iter().map(|name| users.add(name, false, Time(0)).unwrap()).collect();
        let models = SingleBackend::new("scripted", ScriptedBackend::new(self.script));
        let service = Service::new(Arc::new(SqliteStore::in_memory()), Arc::new(models));
        let stores: Stores =
            Arc::new(|_: &User| -> Arc<dyn Store> { Arc::new(SqliteStore::in_memory()) });
        let mut serving = Serving::new(service)
            .limited(self.limits)
            .with_grace(PATIENCE)
            .for_users(users, stores)
            .unwrap();
        if self.tls {
            certify(folder.path());
            serving = serving.encrypted(
                Tls::new(files(folder.path())[0].clone(), files(folder.path())[1].clone()).unwrap(),
            );
        }
        let listener = Listener::bind(&(self.address)(folder.path())).await.unwrap();
        let scheme = if self.tls { "https" } else { "http" };
        let address = match listener.address().unwrap() {
            Address::Tcp(address) => format!("{scheme}://localhost:{}", address.port()),
            unix @ Address::Unix(_) => unix.to_string(),
        };
        let (stop, hurry) = (CancellationToken::new(), CancellationToken::new());
        let ends = (stop.clone().cancelled_owned(), hurry.clone().cancelled_owned());
        let served = tokio::spawn(async move {
            serving.run(listener, ends.0, ends.1).await.unwrap();
        });
        (House { folder, address, stop, hurry, served }, keys)
    }
}

impl House {
    async fn client(&self, key: Option<&SecretString>) -> Client {
        Client::connect(&self.address, key.cloned()).await.unwrap()
    }

    async fn ends(self) {
        tokio::time::timeout(PATIENCE, self.served).await.unwrap().unwrap();
    }
}

fn files(folder: &Path) -> [PathBuf; 2] {
    [folder.join("cert.pem"), folder.join("key.pem")]
}

/// Writes a new certificate for this machine, and its key.
fn certify(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let [certificate, key] = files(folder);
    std::fs::write(key, made.signing_key.serialize_pem()).unwrap();
    std::fs::write(certificate, made.cert.pem()).unwrap();
}

fn ask(id: &ConversationId) -> AddResponse {
    AddResponse::new(id.clone(), "a question", None)
}

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
    let channel = Channel::from_shared(house.address.clone()).unwrap().connect().await.unwrap();
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
async fn whoever_guesses_keys_has_to_wait() {
    let (house, _) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let guess = SecretString::from("a guess".to_owned());
    let client = house.client(Some(&guess)).await;
    let mut kinds = Vec::new();
    for _ in 0..21 {
        kinds.push(client.list_conversations(None, None).await.unwrap_err().kind);
    }
    assert!(kinds[..20].iter().all(|kind| *kind == ErrorKind::Unauthenticated));
    assert_ne!(kinds[20], ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_key_that_is_taken_away_ends_what_it_opened() {
    let script = vec![Step::token("a"), Step::Hang];
    let (house, keys) = Plan { script, users: &["ada"], ..Plan::default() }.build().await;
    let ada = house.client(Some(&keys[0])).await;
    let id = ada.create_conversation("").await.unwrap().id;
    let mut answer = ada.add_response(ask(&id)).await.unwrap();
    while !matches!(answer.next().await.unwrap().unwrap(), Answer::Token(_)) {}
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
async fn one_user_takes_no_more_than_theirs() {
    let limits = Limits { calls_per_user: 1, requests_per_second: 1e3, ..Limits::default() };
    let script = vec![Step::token("a"), Step::Hang];
    let (house, keys) =
        Plan { script, limits, users: &["ada", "bob"], ..Plan::default() }.build().await;
    let (ada, bob) = (house.client(Some(&keys[0])).await, house.client(Some(&keys[1])).await);
    let id = ada.create_conversation("").await.unwrap().id;
    let mut answer = ada.add_response(ask(&id)).await.unwrap();
    while !matches!(answer.next().await.unwrap().unwrap(), Answer::Token(_)) {}
    let refused = ada.list_conversations(None, None).await.unwrap_err();
    assert!(refused.message.contains("at once"), "{refused:?}");
    bob.list_conversations(None, None).await.unwrap();
    drop(answer);
    tokio::time::timeout(PATIENCE, async {
        while ada.list_conversations(None, None).await.is_err() {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
}

#[tokio::test]
async fn calls_that_come_too_fast_are_put_off() {
    let limits = Limits { requests_per_second: 1.0, ..Limits::default() };
    let (house, keys) = Plan { limits, users: &["ada"], ..Plan::default() }.build().await;
    let channel = Channel::from_shared(house.address.clone()).unwrap().connect().await.unwrap();
    let mut codes = Vec::new();
    for _ in 0..4 {
        let mut request = tonic::Request::new(ListConversationsRequest::default());
        request.metadata_mut().insert("apikey", keys[0].expose_secret().parse().unwrap());
        let called = ChatClient::new(channel.clone()).list_conversations(request).await;
        codes.push(called.map_or_else(|status| status.code(), |_| Code::Ok));
    }
    assert_eq!(codes[..2], [Code::Ok; 2]);
    assert!(codes.contains(&Code::ResourceExhausted), "{codes:?}");
}

#[tokio::test]
async fn a_certificate_is_read_again_when_it_changes() {
    let (house, _) = Plan { tls: true, ..Plan::default() }.build().await;
    let trusting = async |pem: &[u8]| {
        let client = Client::connect_trusting(&house.address, None, pem).await.unwrap();
        client.create_conversation("").await
    };
    let [certificate, key] = files(house.folder.path());
    let old = std::fs::read(&certificate).unwrap();
    trusting(&old).await.unwrap();
    assert!(
        house.client(None).await.list_conversations(None, None).await.is_err(),
        "trusted by nobody"
    );
    std::fs::write(&key, "no key").unwrap();
    trusting(&old).await.unwrap();
    certify(house.folder.path());
    let new = std::fs::read(&certificate).unwrap();
    trusting(&new).await.unwrap();
    assert!(trusting(&old).await.is_err());
    // Plaintext gets nowhere.
    let plain = house.address.replace("https", "http");
    assert!(
        Client::connect(&plain, None).await.unwrap().list_conversations(None, None).await.is_err()
    );
}

#[cfg(unix)]
#[tokio::test]
async fn a_socket_of_the_file_system_is_private_and_goes_with_its_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let at = |folder: &Path| Address::Unix(folder.join("s"));
    let (house, _) = Plan { address: at, ..Plan::default() }.build().await;
    let path = house.folder.path().join("s");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    house.client(None).await.create_conversation("").await.unwrap();
    let taken = Listener::bind(&Address::Unix(path.clone())).await.unwrap_err();
    assert!(taken.to_string().contains("another server"), "{taken}");
    house.stop.cancel();
    let folder = house.folder.path().to_owned();
    let House { served, folder: _kept, .. } = house;
    tokio::time::timeout(PATIENCE, served).await.unwrap().unwrap();
    assert!(!path.exists());
    // One that a dead server has left is replaced; anything else is not.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    drop(Listener::bind(&Address::Unix(path)).await.unwrap());
    let file = folder.join("file");
    std::fs::write(&file, "mine").unwrap();
    assert!(Listener::bind(&Address::Unix(file.clone())).await.is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

#[tokio::test]
async fn health_is_told_to_anybody_and_reflection_to_users() {
    use tonic_health::pb::HealthCheckRequest;
    use tonic_health::pb::health_client::HealthClient;
    use tonic_reflection::pb::v1::ServerReflectionRequest;
    use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
    use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
    use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
    let (house, keys) = Plan { users: &["ada"], ..Plan::default() }.build().await;
    let channel = Channel::from_shared(house.address.clone()).unwrap().connect().await.unwrap();
    for service in ["", "prompt_ide.Chat"] {
        let request = HealthCheckRequest { service: service.to_owned() };
        let health = HealthClient::new(channel.clone()).check(request).await.unwrap().into_inner();
        assert_eq!(health.status, 1, "serving");
    }
    let request = |key: Option<&SecretString>| {
        let message_request = Some(MessageRequest::ListServices(String::new()));
        let ask = ServerReflectionRequest { host: String::new(), message_request };
        let mut request = tonic::Request::new(futures::stream::iter([ask]));
        if let Some(key) = key {
            request.metadata_mut().insert("apikey", key.expose_secret().parse().unwrap());
        }
        request
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
    assert_eq!(names, ["grok_tui.Forest", "prompt_ide.Chat", "prompt_ide.Sampler"]);
}

#[tokio::test]
async fn an_answer_may_end_before_the_server_does() {
    let gate = Arc::new(Notify::new());
    let script =
        vec![Step::token("a"), Step::Wait(gate.clone()), Step::token("b"), Step::finish("stop")];
    let (house, _) = Plan { script, ..Plan::default() }.build().await;
    let client = house.client(None).await;
    let id = client.create_conversation("").await.unwrap().id;
    let mut answer = client.add_response(ask(&id)).await.unwrap();
    while !matches!(answer.next().await.unwrap().unwrap(), Answer::Token(_)) {}
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
    let mut answer = client.add_response(ask(&id)).await.unwrap();
    while !matches!(answer.next().await.unwrap().unwrap(), Answer::Token(_)) {}
    house.stop.cancel();
    house.hurry.cancel();
    let end = tokio::time::timeout(PATIENCE, answer.next()).await.unwrap().unwrap().unwrap_err();
    assert_eq!(end.kind, ErrorKind::Unavailable, "{end:?}");
    house.ends().await;
}
