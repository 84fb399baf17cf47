//! The registry with servers to ask.

use super::*;
use grok_tui::config::Config;
use grok_tui::model::Registry;
use grok_tui::model::registry::LocalServer;

fn list(models: &[&str]) -> Reply {
    let data: Vec<_> = models.iter().map(|id| serde_json::json!({"id": id})).collect();
    Reply::json(200, &serde_json::json!({"data": data}).to_string())
}

/// As a program makes it, with nothing in the environment but the base address.
fn from(base_url: Option<&str>) -> Registry {
    Registry::from_environment(&Config::default(), |name| match name {
        "OPENAI_BASE_URL" => base_url.map(str::to_owned),
        "GROK_TUI_NO_DISCOVERY" => Some("1".to_owned()),
        _ => None,
    })
}

fn place(name: &str, server: &Server) -> LocalServer {
    LocalServer { name: name.to_owned(), base_url: server.address.clone() }
}

#[tokio::test]
async fn the_default_is_the_first_model_to_talk_to_of_the_server() {
    let models = list(&["text-embedding-3", "chatty", "other"]);
    let server = Server::with_models(vec![answer(&["hi"])], models).await;
    let registry = from(Some(&server.address));
    assert!(server.asked().is_empty(), "nothing is asked before it is needed");
    assert_eq!(registry.default_model().await.unwrap(), "openai/chatty");
    let (backend, model, full) = registry.resolve("").await.unwrap();
    assert_eq!((model.as_str(), full.as_str()), ("chatty", "openai/chatty"));
    let events: Vec<_> = backend.sample(Request { model, ..request() }).collect().await;
    assert_eq!((events.len(), server.chats()[0].body["model"].as_str()), (2, Some("chatty")));
    assert_eq!(server.asked().len(), 2, "the models are asked for once");
}

#[tokio::test]
async fn a_server_that_does_not_tell_its_models_needs_one_named() {
    let server = Server::start(vec![]).await;
    let registry = from(Some(&server.address));
    let error = registry.default_model().await.unwrap_err();
    assert!(error.message.contains("OPENAI_MODEL"), "{error}");
    let (_, problems) = registry.list().await;
    assert!(problems[0].starts_with("openai: "), "{problems:?}");
    let none = Server::with_models(vec![], list(&[])).await;
    let error = from(Some(&none.address)).default_model().await.unwrap_err();
    assert!(error.message.contains("offers no models"), "{error}");
}

#[tokio::test]
async fn local_servers_are_found_and_become_the_default_where_nothing_else_is() {
    let first = Server::with_models(vec![], list(&["one"])).await;
    let second = Server::with_models(vec![], list(&["two"])).await;
    let empty = Server::with_models(vec![], list(&[])).await;
    let page = Server::with_models(vec![], Reply::new(200, "text/html", "<p>")).await;
    let silent = Server::with_models(vec![], Reply::json(200, "").then(Step::Hold)).await;
    let places = || {
        vec![
            place("silent", &silent),
            place("empty", &empty),
            place("page", &page),
            place("first", &first),
            place("second", &second),
        ]
    };
    let registry = from(None).with_local_servers(places());
    assert!(registry.hint().is_some());
    let search = registry.discover_local();
    let (found, default) = tokio::join!(search, registry.default_model());
    assert_eq!(found, ["first", "second"]);
    assert_eq!(default.unwrap(), "first/one", "who asks meanwhile waits");
    assert_eq!(registry.hint(), None);
    assert_eq!(registry.resolve("two").await.unwrap().2, "second/two");
    assert!(first.asked().iter().all(|asked| asked.header("authorization").is_none()));
    assert_eq!(registry.discover_local().await, [] as [&str; 0], "they are there already");

    let other = Server::with_models(vec![], list(&["main"])).await;
    let configured = from(Some(&other.address)).with_local_servers(places());
    configured.discover_local().await;
    assert_eq!(configured.default_model().await.unwrap(), "openai/main");
    let names: Vec<_> = configured.list().await.0.into_iter().map(|model| model.name).collect();
    assert_eq!(names, ["openai/main", "first/one", "second/two", "offline/ngram"]);
}

#[tokio::test]
async fn who_asks_first_looks_for_them() {
    let server = Server::with_models(vec![], list(&["one"])).await;
    let registry = || from(None).with_local_servers(vec![place("local", &server)]);
    assert_eq!(registry().default_model().await.unwrap(), "local/one");
    assert_eq!(registry().resolve("local/other").await.unwrap().2, "local/other");
    assert_eq!(registry().list().await.0[0].name, "local/one");
    let asked = server.asked().len();
    let named = registry().resolve("offline/ngram").await.unwrap().2;
    assert_eq!((named.as_str(), server.asked().len()), ("offline/ngram", asked), "no need to look");
}

#[tokio::test]
async fn a_search_that_was_given_up_is_made_by_the_next_who_needs_it() {
    let server = Server::with_models(vec![], list(&["one"])).await;
    let registry = from(None).with_local_servers(vec![place("local", &server)]);
    let mut search = Box::pin(registry.discover_local());
    assert!(futures::poll!(&mut search).is_pending());
    drop(search);
    assert_eq!(registry.default_model().await.unwrap(), "local/one");
}

#[tokio::test]
async fn a_local_server_that_is_configured_is_not_found_again() {
    let server = Server::with_models(vec![], list(&["one"])).await;
    let by_name = server.address.replace("127.0.0.1", "localhost") + "/";
    let registry = from(Some(&by_name)).with_local_servers(vec![place("local", &server)]);
    assert!(registry.discover_local().await.is_empty());
}

#[tokio::test]
async fn nothing_is_looked_for_where_discovery_is_off() {
    assert!(from(None).discover_local().await.is_empty());
    assert_eq!(from(None).default_model().await.unwrap(), "offline/ngram");
}

/// The registry is used from tasks on any thread.
#[test]
fn resolving_can_move_between_threads() {
    fn moves<T: Send>(value: T) -> T {
        value
    }
    let registry = Registry::new();
    drop(moves(registry.resolve("x")));
    drop(moves(registry.list()));
    drop(moves(registry.discover_local()));
}
