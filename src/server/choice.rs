//! What answers a request: the model, the system prompt and the settings, out of what the request and
//! its conversation say. What cannot be asked for is refused here, before anything is stored.

use std::time::Duration;

use tokio::time::timeout;
use tonic::Status;

use super::models::Resolved;
use super::prompts::Found;
use super::{Service, images, request, status};
use crate::forest::{Response, Sampling, Settings};
use crate::model::{Error, ErrorKind};
use crate::proto::prompt_ide::AddResponseRequest;

/// How long it may take to find out that there is no such model, where nothing is answered yet.
const PATIENCE: Duration = Duration::from_secs(3);

/// What answers.
pub(super) struct Choice {
    /// `None`: it is asked without.
    pub(super) system_prompt: Option<Found>,
    pub(super) sampling: Sampling,
    /// Or why it cannot be asked now. What was said is kept for later.
    pub(super) model: Result<Resolved, Status>,
}

impl Service {
    /// What answers `request` below `path` in a conversation with these settings.
    pub(super) async fn choose(
        &self,
        request: &AddResponseRequest,
        settings: &Settings,
        path: &[Response],
    ) -> Result<Choice, Status> {
        for given in &request.image_attachments {
            images::address(given)?;
        }
        request::check_length(request.additional_options.as_ref())?;
        let sampling = request.sampling_in(&settings.sampling);
        request::check_sampling(&sampling)?;
        let name = first_of([&request.system_prompt_name, &settings.system_prompt_name]);
        let system_prompt = self.prompts().find(name, self.store().as_ref()).await?;
        let model = first_of([&request.model_name, &settings.model]);
        let model = match self.models().resolve(model).await {
            Ok(model) => Ok(self.seeing(model, request, path).await?),
            Err(error) if is_mistake(&error) => return Err(status::of_model(&error)),
            Err(error) => Err(status::of_model(&error)),
        };
        Ok(Choice { system_prompt, sampling, model })
    }

    /// Whether a new conversation could begin with `request`, as far as that can be told soon.
    pub(super) async fn check_first(&self, request: &AddResponseRequest) -> Result<(), Status> {
        match timeout(PATIENCE, self.choose(request, &Settings::default(), &[])).await {
            Ok(chosen) => chosen.map(drop),
            Err(_) => Ok(()),
        }
    }

    /// Refuses the name of a model that there is not, as far as that can be told soon.
    pub(super) async fn check_model(&self, name: &str) -> Result<(), Status> {
        match timeout(PATIENCE, self.models().resolve(name)).await {
            Ok(Err(error)) if is_mistake(&error) => Err(status::of_model(&error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// The model, if it takes the pictures that it would be shown. One of which that is not known is
    /// shown them.
    async fn seeing(
        &self,
        model: Resolved,
        request: &AddResponseRequest,
        path: &[Response],
    ) -> Result<Resolved, Status> {
        let sent = !request.image_attachments.is_empty();
        let above = path.iter().any(|response| !images::of(response).is_empty());
        let is_blind =
            (sent || above) && self.models().takes_pictures(&model.full_name).await == Some(false);
        if !is_blind {
            return Ok(model);
        }
        let otherwise = if sent {
            "leave the picture out"
        } else {
            "go on from a response above the picture that was shown before"
        };
        Err(status::invalid(&format!(
            "{} takes no pictures: choose a model that does (`grok-tui models` says which), or {otherwise}",
            model.full_name
        )))
    }
}

/// Whether the name is wrong, rather than the server out of reach.
fn is_mistake(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::NotFound | ErrorKind::InvalidArgument)
}

/// The first that says something; else nothing.
fn first_of(names: [&String; 2]) -> &str {
    names.into_iter().find(|name| !name.is_empty()).map_or("", String::as_str)
}
