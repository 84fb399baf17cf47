//! Tests of the registry. Those that need a server stand in `tests/openai.rs`.

use super::*;
use crate::model::{EventStream, Request};
use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};

/// Offers models, or an error, and says nothing.
struct Fixed(Result<Vec<&'static str>, ErrorKind>);

impl Backend for Fixed {
    fn sample(&self, _: Request) -> EventStream {
        stream::empty().boxed()
    }

    fn models(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>, Error>> {
        let info = |name: &&str| ModelInfo {
            logprobs: true,
            prefill: Some(true),
            ..ModelInfo::named(*name)
        };
        let models = match &self.0 {
            Ok(names) => Ok(names.iter().map(info).collect()),
            Err(kind) => Err(Error::new(*kind, "it is asleep")),
        };
        async move { models }.boxed()
    }
}

fn fixed(names: &[&'static str]) -> Arc<dyn Backend> {
    Arc::new(Fixed(Ok(names.to_vec())))
}

fn full(registry: &Registry, name: &str) -> Result<String, String> {
    let resolved = registry.resolve(name).now_or_never().unwrap();
    resolved.map(|(_, _, full)| full).map_err(|error| error.message)
}

/// What a program makes of them, without looking for servers.
fn from(config: &str, vars: &[(&str, &str)]) -> Registry {
    made(config, &[vars, &[("GROK_TUI_NO_DISCOVERY", "1")]].concat())
}

fn made(config: &str, vars: &[(&str, &str)]) -> Registry {
    let config = Config::parse(config, std::path::Path::new("config.toml")).unwrap();
    Registry::from_environment(&config, |name| {
        let found = vars.iter().find(|(var, _)| *var == name);
        found.map(|(_, value)| (*value).to_owned())
    })
}

#[test]
fn a_model_that_the_offline_backend_does_not_have_is_refused() {
    let registry = from("", &[]);
    let refused = full(&registry, "offline/zzz").unwrap_err();
    assert!(refused.contains("offline/zzz") && refused.contains("offline/ngram"), "{refused}");
    assert_eq!(full(&registry, "offline/ngram").as_deref(), Ok("offline/ngram"));
}

#[test]
fn names_are_understood() {
    let registry = Registry::new()
        .with("a", fixed(&["embed-x", "one", "org/two", "both"]))
        .with("b", fixed(&["three", "both", "single"]));
    for (name, expected) in [
        ("", "a/one"),
        ("a", "a/one"),
        ("a/", "a/one"),
        ("b/three", "b/three"),
        ("b/not/listed", "b/not/listed"),
        ("three", "b/three"),
        ("org/two", "a/org/two"),
        ("both", "a/both"),
        (" single ", "b/single"),
        ("single", "b/single"),
    ] {
        assert_eq!(full(&registry, name).as_deref(), Ok(expected), "{name}");
    }
    let (_, model, _) = registry.resolve("b/not/listed").now_or_never().unwrap().unwrap();
    assert_eq!(model, "not/listed");
}

#[test]
fn what_there_is_not_is_answered_with_what_there_is() {
    let registry = Registry::new().with("a", fixed(&["one"])).with("b", fixed(&["two"]));
    assert_eq!(
        full(&registry, "c/one").unwrap_err(),
        "There is no backend \"c\" (of \"c/one\"); there is a, b. XAI_API_KEY, OPENAI_API_KEY or \
         OPENAI_BASE_URL, or a [[servers]] table of the configuration adds one."
    );
    assert_eq!(
        full(&registry, "four").unwrap_err(),
        "There is no model \"four\"; there is a/one, b/two."
    );
    assert_eq!(full(&Registry::new(), "").unwrap_err(), "There is no model at all.");
    let escape = full(&registry, "x\u{1b}[31m/y").unwrap_err();
    assert!(!escape.contains('\u{1b}'), "{escape}");
}

#[test]
fn a_model_of_several_backends_must_be_said_in_full() {
    let registry =
        Registry::new().with("a", fixed(&["x"])).with("b", fixed(&["m"])).with("c", fixed(&["m"]));
    let words = full(&registry, "m").unwrap_err();
    assert_eq!(words, "Several backends have a model \"m\": say b/m or c/m.");
}

#[test]
fn a_default_server_that_does_not_tell_is_believed_to_have_it() {
    let silent = Arc::new(Fixed(Err(ErrorKind::NotFound)));
    let registry = Registry::new().with("a", silent);
    assert_eq!(full(&registry, "m").as_deref(), Ok("a/m"));
    assert_eq!(full(&registry, "").unwrap_err(), "it is asleep");
}

#[test]
fn the_default_is_what_was_asked_for_then_what_is_configured_then_offline() {
    assert_eq!(full(&from("", &[]), "").as_deref(), Ok("offline/ngram"));
    let key = ("OPENAI_API_KEY", "k");
    let named = [key, ("OPENAI_MODEL", "m")];
    assert_eq!(full(&from("", &named), "").as_deref(), Ok("openai/m"));
    assert_eq!(full(&from("model = 'offline/ngram'", &named), "").as_deref(), Ok("offline/ngram"));
    let asked = from("model = 'offline/ngram'", &named).with_default_model(Some("openai/x".into()));
    assert_eq!(full(&asked, "").as_deref(), Ok("openai/x"));
    let empty = from("", &[("OPENAI_API_KEY", ""), ("OPENAI_BASE_URL", " ")]);
    assert_eq!(full(&empty, "").as_deref(), Ok("offline/ngram"));
}

#[test]
fn configured_servers_are_there_and_come_before_offline() {
    let servers = "[[servers]]\nname='lab'\nbase_url='http://127.0.0.1:9/v1'\n";
    let registry = from(servers, &[("OPENAI_API_KEY", "k")]);
    assert_eq!(format!("{registry:?}"), r#"["openai", "lab", "offline"]"#);
    assert_eq!(full(&registry, "lab/a/b").as_deref(), Ok("lab/a/b"));
    assert_eq!(registry.hint(), None);
}

#[test]
fn the_hint_is_there_only_where_nothing_is_connected() {
    assert!(from("", &[]).hint().unwrap().contains("OPENAI_API_KEY"));
    assert!(from("", &[("OPENAI_BASE_URL", "http://127.0.0.1:9")]).hint().is_none());
}

#[test]
fn the_list_has_full_names_and_the_problems() {
    let registry = Registry::new()
        .with("a", fixed(&["one"]))
        .with("b", Arc::new(Fixed(Err(ErrorKind::Unavailable))));
    let (models, problems) = registry.list().now_or_never().unwrap();
    assert_eq!(models[0].name, "a/one");
    assert_eq!(problems, ["b: it is asleep"]);
}

#[test]
fn discovery_can_be_turned_off_and_is_off_for_an_empty_registry() {
    assert!(Registry::new().read().local_servers.is_empty());
    assert!(from("", &[]).read().local_servers.is_empty());
    assert_eq!(made("", &[]).read().local_servers.len(), USUAL_PORTS.len());
}

#[test]
fn the_same_name_again_replaces_the_backend() {
    let registry = Registry::new().with("a", fixed(&["one"])).with("a", fixed(&["two"]));
    assert_eq!(full(&registry, "").as_deref(), Ok("a/two"));
}

#[test]
fn a_key_for_xai_brings_its_models_behind_those_configured() {
    let key = ("XAI_API_KEY", "k");
    assert_eq!(full(&from("", &[key]), "xai/grok-a").unwrap(), "xai/grok-a");
    let both = from("", &[key, ("OPENAI_API_KEY", "k"), ("OPENAI_MODEL", "m")]);
    assert_eq!(full(&both, "").unwrap(), "openai/m");
    assert!(from("", &[key]).hint().is_none());
    assert!(full(&from("", &[]), "xai/grok-a").is_err());
}
