//! What the name of a model means.

use super::local::settled;
use super::{Entry, Registry, Resolved, first_model};
use crate::model::{Error, ErrorKind};

pub(super) async fn resolve(registry: &Registry, name: &str) -> Result<Resolved, Error> {
    if name.is_empty() {
        let wanted = registry.read().wanted.clone();
        return match wanted {
            Some(wanted) => named(registry, wanted.trim()).await,
            None => default(registry).await,
        };
    }
    named(registry, name).await
}

async fn named(registry: &Registry, name: &str) -> Result<Resolved, Error> {
    if let Some(resolved) = by_backend(registry, name).await {
        return resolved;
    }
    // It may be one of a local server that was not looked for yet.
    if settled(registry).await
        && let Some(resolved) = by_backend(registry, name).await
    {
        return resolved;
    }
    let known = registry.read().found.get(name).cloned();
    match known {
        Some(backend) if let Some(entry) = registry.entry(&backend) => {
            Ok(resolved(entry, name.to_owned()))
        }
        Some(_) | None => by_model(registry, name).await,
    }
}

/// `backend/model`, `backend/` or `backend`, if there is such a backend.
async fn by_backend(registry: &Registry, name: &str) -> Option<Result<Resolved, Error>> {
    let (backend, model) = name.split_once('/').unwrap_or((name, ""));
    let entry = registry.entry(backend)?;
    if model.is_empty() {
        return Some(first_of(registry, entry).await);
    }
    Some(there_is(registry, entry, model).await)
}

/// The model of that backend; a name that only may be one counts.
async fn there_is(registry: &Registry, entry: Entry, model: &str) -> Result<Resolved, Error> {
    if entry.backend.lists_all() {
        let models = registry.models_of(&entry).await?;
        if !models.iter().any(|known| known.name == model) {
            let name = format!("{}/{model}", entry.name);
            let all: Vec<_> =
                models.iter().map(|known| format!("{}/{}", entry.name, known.name)).collect();
            let message = format!("There is no model {name:?}; there is {}.", some(&all));
            return Err(Error::new(ErrorKind::NotFound, message));
        }
    }
    Ok(resolved(entry, model.to_owned()))
}

/// A model without its backend.
async fn by_model(registry: &Registry, name: &str) -> Result<Resolved, Error> {
    let default = default_entry(registry);
    let (mut having, mut silent, mut all) = (Vec::new(), Vec::new(), Vec::new());
    for (backend, listed) in registry.ask_all().await {
        match listed {
            Ok(models) if models.iter().any(|model| model.name == name) => having.push(backend),
            Ok(models) => all.extend(models.into_iter().map(|m| format!("{backend}/{}", m.name))),
            Err(_) => silent.push(backend),
        }
    }
    let preferred = default.as_ref().map(|entry| entry.name.clone());
    let backend = match having.as_slice() {
        [only] => only.clone(),
        [] => {
            // A server that does not tell its models may have it all the same.
            let (Some(entry), false) = (default, name.contains('/')) else {
                return Err(unknown(registry, name, &all));
            };
            if !silent.contains(&entry.name) {
                return Err(unknown(registry, name, &all));
            }
            return Ok(resolved(entry, name.to_owned()));
        }
        several => match preferred.filter(|name| several.contains(name)) {
            Some(preferred) => preferred,
            None => return Err(ambiguous(name, several)),
        },
    };
    let Some(entry) = registry.entry(&backend) else { return Err(unknown(registry, name, &all)) };
    registry.write().found.insert(name.to_owned(), backend);
    Ok(resolved(entry, name.to_owned()))
}

/// The model to take where nobody says anything.
async fn default(registry: &Registry) -> Result<Resolved, Error> {
    if !has_configured(registry) {
        settled(registry).await;
    }
    match default_entry(registry) {
        Some(entry) => first_of(registry, entry).await,
        None => Err(Error::new(ErrorKind::NotFound, "There is no model at all.")),
    }
}

async fn first_of(registry: &Registry, entry: Entry) -> Result<Resolved, Error> {
    let named = registry.read().openai_model.clone().filter(|_| entry.name == "openai");
    let model = match named {
        Some(model) => model.strip_prefix("openai/").unwrap_or(&model).to_owned(),
        None => first_model(registry, &entry).await?,
    };
    Ok(resolved(entry, model))
}

/// The backends stand in the order in which they are preferred.
fn default_entry(registry: &Registry) -> Option<Entry> {
    registry.read().backends.first().cloned()
}

fn has_configured(registry: &Registry) -> bool {
    registry.read().backends.iter().any(|entry| entry.origin == super::Origin::Configured)
}

fn resolved(entry: Entry, model: String) -> Resolved {
    let full = format!("{}/{model}", entry.name);
    (entry.backend, model, full)
}

fn unknown(registry: &Registry, name: &str, models: &[String]) -> Error {
    let backends: Vec<String> =
        registry.read().backends.iter().map(|entry| entry.name.clone()).collect();
    let message = match name.split_once('/') {
        Some((backend, _)) => {
            format!(
                "There is no backend {backend:?} (of {name:?}); there is {}. XAI_API_KEY, \
                 OPENAI_API_KEY or OPENAI_BASE_URL, or a [[servers]] table of the configuration adds \
                 one.",
                some(&backends)
            )
        }
        None if models.is_empty() => {
            format!("There is no model {name:?}; the backends are {}.", some(&backends))
        }
        None => format!("There is no model {name:?}; there is {}.", some(models)),
    };
    Error::new(ErrorKind::NotFound, message)
}

fn ambiguous(name: &str, backends: &[String]) -> Error {
    let full: Vec<String> = backends.iter().map(|backend| format!("{backend}/{name}")).collect();
    let message = format!("Several backends have a model {name:?}: say {}.", full.join(" or "));
    Error::new(ErrorKind::InvalidArgument, message)
}

/// The first few of a list.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 8;
    match names {
        [] => "none".to_owned(),
        _ if names.len() > SHOWN => {
            format!("{} and {} more", names[..SHOWN].join(", "), names.len() - SHOWN)
        }
        _ => names.join(", "),
    }
}
