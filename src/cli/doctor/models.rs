//! Models: whether each server is there, takes the key, answers, tells probabilities, continues.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use futures::future::join_all;
use tokio::time::timeout;

use super::Finding;
use crate::cli::{Global, context};
use crate::client::ErrorKind;
use crate::config::Config;
use crate::forest::Sampling;
use crate::model::openai::looks_like_chat;
use crate::model::registry::Place;
use crate::model::{Backend, Event, Message, ModelInfo, Registry, Request, prefill};

const AREA: &str = "Models";

/// How long one question may take: a local model may have to be loaded first.
const PATIENCE: Duration = Duration::from_secs(60);
/// A first token later than this is worth a word.
const SLOW: Duration = Duration::from_secs(10);
pub(super) async fn look(global: &Global, config: &Config, sample: bool) -> Vec<Finding> {
    let endpoint = global.endpoint.clone().or_else(|| config.endpoint.clone());
    if let Some(endpoint) = endpoint.filter(|endpoint| !endpoint.trim().is_empty()) {
        return vec![service(global, &endpoint).await];
    }
    let registry = context::models(global, config);
    registry.discover_local().await;
    let default = registry.default_model().await;
    let mut found = vec![match &default {
        Ok(name) => Finding::ok(AREA, "default", name),
        Err(error) => Finding::ok(AREA, "default", error.to_string())
            .failed("choose another with `model` in the configuration or --model"),
    }];
    if let Some(hint) = registry.hint() {
        found.push(Finding::ok(AREA, "real models", "none is connected").warning(hint));
    }
    let default = default.unwrap_or_default();
    let places = registry.places();
    let looked = places.iter().map(|place| server(&registry, place, &default, sample));
    found.extend(join_all(looked).await.into_iter().flatten());
    found
}

/// A conversation service elsewhere.
async fn service(global: &Global, endpoint: &str) -> Finding {
    let begun = Instant::now();
    let asked = async {
        let context = context::Context::open(global, context::Search::No).await?;
        let info = context.client.service_info().await;
        let listed = context.client.list_conversations(Some(1), None).await;
        anyhow::Ok((info, listed.map(drop)))
    };
    let found = |detail: String| Finding::ok(AREA, endpoint, detail);
    match timeout(PATIENCE, asked).await {
        Err(_) => found("no answer in time".to_owned()).failed("check the address and the network"),
        Ok(Err(error)) => found(format!("{error:#}")).failed("check --endpoint"),
        Ok(Ok((_, Err(error)))) => found(error.message).failed("check the address and the key"),
        Ok(Ok((Ok(info), Ok(())))) => {
            found(format!("{}, {} ms", info.server, begun.elapsed().as_millis()))
        }
        Ok(Ok((Err(error), Ok(())))) if error.kind == ErrorKind::Unimplemented => {
            found("speaks the original contract".to_owned())
                .warning("tokens, trash and settings are not to be had there")
        }
        Ok(Ok((Err(error), Ok(())))) => found(error.message).failed("look into the server's log"),
    }
}

async fn server(registry: &Registry, place: &Place, default: &str, sample: bool) -> Vec<Finding> {
    let shown = |what: &str| format!("{} {what}", place.name);
    let begun = Instant::now();
    let models = match timeout(PATIENCE, place.backend.models()).await {
        Ok(Ok(models)) => models,
        Ok(Err(error)) => {
            let failed = Finding::ok(AREA, shown("list"), error.message);
            return vec![failed.failed("nothing else was asked of this server")];
        }
        Err(_) => {
            let failed = Finding::ok(AREA, shown("list"), "no answer in time");
            return vec![failed.failed(format!("check that {} is up", place.address))];
        }
    };
    let at =
        if place.address.is_empty() { String::new() } else { format!(" at {}", place.address) };
    let took = begun.elapsed().as_millis();
    let listed =
        Finding::ok(AREA, shown("list"), format!("{} models{at}, {took} ms", models.len()));
    let own = default.split_once('/').filter(|(backend, _)| *backend == place.name);
    let named = own.and_then(|(_, name)| models.iter().find(|model| model.name == name));
    let chat = || models.iter().find(|model| looks_like_chat(&model.name));
    let Some(model) = named.or_else(chat).or(models.first()) else {
        return vec![listed.warning("load or add a model there")];
    };
    let mut found = vec![listed];
    if sample {
        let usual = registry.usual_sampling(&format!("{}/{}", place.name, model.name));
        found.extend(answers(place, model, usual).await);
    }
    found
}

/// What came of a question.
struct Answer {
    text: String,
    first: Duration,
    probabilities: bool,
}

async fn answers(place: &Place, model: &ModelInfo, usual: Sampling) -> Vec<Finding> {
    let shown = |what: &str| format!("{} {what}", place.name);
    let name = &model.name;
    let answer = match ask(place.backend.as_ref(), name, &usual, prefill::question()).await {
        Ok(answer) => answer,
        Err(error) => {
            let failed = Finding::ok(AREA, shown("answer"), format!("{name}: {error}"));
            return vec![failed.failed("try another model of this server with --model")];
        }
    };
    let first = Finding::ok(
        AREA,
        shown("answer"),
        format!("{name}: first token after {} ms", answer.first.as_millis()),
    );
    let first = if answer.first > SLOW {
        first.warning("a smaller model would answer sooner")
    } else {
        first
    };
    let probabilities = if answer.probabilities {
        Finding::ok(AREA, shown("logprobs"), "probabilities are told")
    } else {
        Finding::ok(AREA, shown("logprobs"), "no probabilities are told")
            .warning("another model or server may tell them; `grok-tui models` says which")
    };
    vec![first, probabilities, continuation(place, model, &usual).await]
}

async fn continuation(place: &Place, model: &ModelInfo, usual: &Sampling) -> Finding {
    let name = format!("{} prefill", place.name);
    if !place.backend.follows_instructions() {
        return Finding::ok(AREA, name, "a given beginning is continued");
    }
    let asked = ask(place.backend.as_ref(), &model.name, usual, prefill::question_begun()).await;
    match asked.map(|answer| prefill::judge(&answer.text)) {
        Ok(Some(true)) => Finding::ok(AREA, name, "a given beginning is continued"),
        Ok(Some(false)) => Finding::ok(AREA, name, "a given beginning is answered anew")
            .warning("continuing and branching at a token need a model that goes on"),
        Ok(None) => Finding::ok(AREA, name, "cannot be told from what it said")
            .warning("try it with a text of your own: `m`, then `c`"),
        Err(error) => Finding::ok(AREA, name, error)
            .warning("this server refuses a given beginning; continuing will fail"),
    }
}

async fn ask(
    backend: &dyn Backend,
    model: &str,
    usual: &Sampling,
    messages: Vec<Message>,
) -> Result<Answer, String> {
    let sampling = prefill::sampling().or(usual);
    let request = Request { model: model.to_owned(), messages, sampling, conversation: None };
    let begun = Instant::now();
    let mut events = backend.sample(request);
    let mut answer = Answer { text: String::new(), first: Duration::ZERO, probabilities: false };
    let read = async {
        while let Some(event) = events.next().await {
            if answer.first.is_zero()
                && matches!(event, Ok(Event::Token(_) | Event::Reasoning(_) | Event::Finish { .. }))
            {
                answer.first = begun.elapsed();
            }
            match event {
                Ok(Event::Token(token)) => {
                    answer.text.push_str(&token.text);
                    answer.probabilities |= token.prob.is_some();
                }
                Ok(Event::Finish { .. }) => return Ok(()),
                Ok(
                    Event::Reasoning(_) | Event::Query { .. } | Event::Source(_) | Event::Notice(_),
                ) => {}
                Err(error) => return Err(error.message),
            }
        }
        Err("the answer broke off".to_owned())
    };
    timeout(PATIENCE, read).await.unwrap_or_else(|_| Err("no answer in time".to_owned()))?;
    Ok(answer)
}
