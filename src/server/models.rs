//! What the service needs to know of models: the interface, and the simplest thing behind it.

use std::sync::Arc;

use async_trait::async_trait;

use crate::forest::Sampling;
use crate::model::{Backend, Error, ErrorKind, ModelInfo, Registry};

/// A model that has been found.
#[derive(Clone)]
pub struct Resolved {
    /// What answers.
    pub backend: Arc<dyn Backend>,
    /// The model's name within the backend.
    pub model: String,
    /// `backend/model`, as it is stored with the answer.
    pub full_name: String,
    /// Longest prompt and answer together, in tokens, where it is known without asking.
    pub context_length: Option<u32>,
    /// How it answers where neither the request nor the conversation says.
    pub sampling: Sampling,
}

/// The models behind a service.
#[async_trait]
pub trait Models: Send + Sync + 'static {
    /// Finds a model by its `backend/model` name; empty: the default.
    ///
    /// # Errors
    /// If there is none of that name, or the default cannot be found out.
    async fn resolve(&self, name: &str) -> Result<Resolved, Error>;

    /// Longest prompt and answer together of a model, in tokens, even if its server has to be asked;
    /// `None` if it does not tell.
    async fn context_length(&self, _full_name: &str) -> Option<u32> {
        None
    }

    /// Whether a model takes pictures, even if its server has to be asked; `None` if nobody tells.
    async fn takes_pictures(&self, _full_name: &str) -> Option<bool> {
        None
    }

    /// The full name of the default model; empty if it cannot be found out.
    async fn default_model(&self) -> String;

    /// All models, and in words the backends that could not be asked.
    async fn list(&self) -> (Vec<ModelInfo>, Vec<String>);

    /// One line for the user, for example how to connect a real model.
    fn hint(&self) -> Option<String>;
}

/// A single backend whose first model is the default.
pub struct SingleBackend {
    name: String,
    backend: Arc<dyn Backend>,
}

impl SingleBackend {
    /// `name` stands before the slash of its models' names.
    #[must_use]
    pub fn new(name: impl Into<String>, backend: impl Backend) -> Self {
        Self { name: name.into(), backend: Arc::new(backend) }
    }
}

#[async_trait]
impl Models for SingleBackend {
    async fn resolve(&self, name: &str) -> Result<Resolved, Error> {
        let models = self.backend.models().await?;
        let wanted = match name.split_once('/') {
            Some((backend, model)) if backend == self.name => Some(model),
            Some(_) => None,
            None if name.is_empty() => models.first().map(|model| model.name.as_str()),
            None => Some(name),
        };
        let found = models.iter().find(|model| Some(model.name.as_str()) == wanted);
        let model = found.ok_or_else(|| {
            Error::new(
                ErrorKind::NotFound,
                format!("there is no model {name}; ask for the list of models, or name none"),
            )
        })?;
        Ok(Resolved {
            backend: Arc::clone(&self.backend),
            model: model.name.clone(),
            full_name: format!("{}/{}", self.name, model.name),
            context_length: model.context_length,
            sampling: Sampling::default(),
        })
    }

    async fn takes_pictures(&self, full_name: &str) -> Option<bool> {
        let name = full_name.strip_prefix(&self.name)?.strip_prefix('/')?;
        let models = self.backend.models().await.ok()?;
        models.into_iter().find(|model| model.name == name)?.images
    }

    async fn default_model(&self) -> String {
        self.resolve("").await.map(|resolved| resolved.full_name).unwrap_or_default()
    }

    async fn list(&self) -> (Vec<ModelInfo>, Vec<String>) {
        match self.backend.models().await {
            Ok(models) => {
                let full = |model: ModelInfo| ModelInfo {
                    name: format!("{}/{}", self.name, model.name),
                    ..model
                };
                (models.into_iter().map(full).collect(), Vec::new())
            }
            Err(error) => (Vec::new(), vec![error.to_string()]),
        }
    }

    fn hint(&self) -> Option<String> {
        None
    }
}

#[async_trait]
impl Models for Registry {
    async fn resolve(&self, name: &str) -> Result<Resolved, Error> {
        let (backend, model, full_name) = Registry::resolve(self, name).await?;
        let context_length = self.known_context_length(&full_name);
        let sampling = self.usual_sampling(&full_name);
        Ok(Resolved { backend, model, full_name, context_length, sampling })
    }

    async fn context_length(&self, full_name: &str) -> Option<u32> {
        Registry::context_length(self, full_name).await
    }

    async fn takes_pictures(&self, full_name: &str) -> Option<bool> {
        Registry::takes_pictures(self, full_name).await
    }

    async fn default_model(&self) -> String {
        Registry::default_model(self).await.unwrap_or_default()
    }

    async fn list(&self) -> (Vec<ModelInfo>, Vec<String>) {
        Registry::list(self).await
    }

    fn hint(&self) -> Option<String> {
        Registry::hint(self)
    }
}
