//! The connection to xAI: made when it is first needed, kept alive, and what the server has told.

use std::collections::HashSet;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use secrecy::ExposeSecret as _;
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Code, Status, Streaming};

use super::prefill::Memory;
use super::{Settings, fault};
use crate::channel::for_streams;
use crate::forest::ConversationId;
use crate::model::{Error, ErrorKind, ModelInfo, Price, RetryPolicy, Timeouts};
use crate::proto::xai_api::chat_client::ChatClient;
use crate::proto::xai_api::models_client::ModelsClient;
use crate::proto::xai_api::{
    GetChatCompletionChunk, GetCompletionsRequest, LanguageModel, Modality,
};

/// Longest message either way, in bytes: as xAI's own clients have it.
const LONGEST_MESSAGE: usize = 20 << 20;
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

pub(super) struct Server {
    settings: Settings,
    address: String,
    channel: OnceLock<Result<Channel, Error>>,
    /// Models that refused to tell probabilities.
    mute: Mutex<HashSet<String>>,
    prefill: Memory,
}

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        let host = settings.host.trim().trim_end_matches('/');
        let address =
            if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
        let (channel, mute) = (OnceLock::new(), Mutex::default());
        Self { settings, address, channel, mute, prefill: Memory::default() }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn timeouts(&self) -> &Timeouts {
        &self.settings.timeouts
    }

    pub(super) fn retry(&self) -> &RetryPolicy {
        &self.settings.retry
    }

    /// Whether the model may be asked for probabilities.
    pub(super) fn tells_probabilities(&self, model: &str) -> bool {
        !self.mute.lock().unwrap_or_else(PoisonError::into_inner).contains(model)
    }

    /// Remembers that the model does not tell them.
    pub(super) fn forget_probabilities(&self, model: &str) {
        self.mute.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned());
    }

    /// Which models continue a given beginning.
    pub(super) fn prefill(&self) -> &Memory {
        &self.prefill
    }

    pub(super) fn fault(&self, status: &Status) -> Error {
        fault::error(status, &self.address)
    }

    /// Begins an answer.
    pub(super) async fn open(
        &self,
        body: GetCompletionsRequest,
        conversation: Option<&ConversationId>,
    ) -> Result<Streaming<GetChatCompletionChunk>, Refusal> {
        let mut request = self.signed(body).map_err(Refusal::Never)?;
        if let Some(id) = conversation
            && let Ok(value) = id.to_string().parse()
        {
            request.metadata_mut().insert("x-grok-conv-id", value);
        }
        let mut client = ChatClient::new(self.channel().map_err(Refusal::Never)?)
            .max_decoding_message_size(LONGEST_MESSAGE)
            .max_encoding_message_size(LONGEST_MESSAGE);
        let stream = client.get_completion_chunk(request).await.map_err(Refusal::Status)?;
        Ok(stream.into_inner())
    }

    /// The models that the key may use.
    pub(super) async fn models(&self) -> Result<Vec<ModelInfo>, Error> {
        let mut client =
            ModelsClient::new(self.channel()?).max_decoding_message_size(LONGEST_MESSAGE);
        let request = self.signed(())?;
        let asked = client.list_language_models(request);
        let listed = tokio::time::timeout(self.settings.timeouts.models, asked)
            .await
            .map_err(|_| self.fault(&Status::new(Code::DeadlineExceeded, "")))?;
        let models = listed.map_err(|status| self.fault(&status))?.into_inner().models;
        Ok(models.into_iter().map(|model| self.info(model)).collect())
    }

    fn info(&self, model: LanguageModel) -> ModelInfo {
        ModelInfo {
            context_length: u32::try_from(model.max_prompt_length)
                .ok()
                .filter(|&tokens| tokens > 0),
            logprobs: self.tells_probabilities(&model.name),
            prefill: self.prefill.of(&model.name),
            images: (!model.input_modalities.is_empty())
                .then(|| model.input_modalities.contains(&Modality::Image.into())),
            price: price(&model),
            name: model.name,
        }
    }

    fn signed<T>(&self, body: T) -> Result<tonic::Request<T>, Error> {
        let value = format!("Bearer {}", self.settings.api_key.expose_secret());
        let mut value = AsciiMetadataValue::try_from(value).map_err(|_| {
            Error::new(
                ErrorKind::Unauthenticated,
                "XAI_API_KEY holds characters that no key has; set it anew",
            )
        })?;
        value.set_sensitive(true);
        let mut request = tonic::Request::new(body);
        request.metadata_mut().insert("authorization", value);
        Ok(request)
    }

    fn channel(&self) -> Result<Channel, Error> {
        self.channel.get_or_init(|| self.connect()).clone()
    }

    fn connect(&self) -> Result<Channel, Error> {
        let bad = || {
            let words = format!(
                "XAI_API_HOST: \"{}\" is no address of a server; it is a host, as {}, or an address \
                 that begins with https://",
                self.address,
                super::XAI_API_HOST
            );
            Error::new(ErrorKind::InvalidArgument, words)
        };
        let endpoint = Endpoint::from_shared(self.address.clone()).map_err(|_| bad())?;
        let host = endpoint.uri().host().unwrap_or_default().to_owned();
        let endpoint = match endpoint.uri().scheme_str() {
            Some("https") => {
                let tls = ClientTlsConfig::new().with_native_roots();
                endpoint.tls_config(tls).map_err(|_| bad())?
            }
            Some("http") if is_this_machine(&host) => endpoint,
            Some("http") => {
                let words = format!(
                    "XAI_API_HOST: the key is not sent to {host} without encryption; begin the \
                     address with https://"
                );
                return Err(Error::new(ErrorKind::InvalidArgument, words));
            }
            _ => return Err(bad()),
        };
        let endpoint = endpoint
            .connect_timeout(self.settings.timeouts.connect)
            .http2_keep_alive_interval(KEEPALIVE)
            .keep_alive_timeout(KEEPALIVE_TIMEOUT);
        Ok(for_streams(endpoint).connect_lazy())
    }
}

/// `None` where the list names none: nothing is free.
fn price(model: &LanguageModel) -> Option<Price> {
    let (prompt, completion) = (model.prompt_text_token_price, model.completion_text_token_price);
    let price = |price: i64| u64::try_from(price).ok();
    let price = Price { prompt: price(prompt)?, completion: price(completion)? };
    (price != Price::default()).then_some(price)
}

/// Why an answer did not begin.
pub(super) enum Refusal {
    /// The server, or the way to it.
    Status(Status),
    /// What no second try changes.
    Never(Error),
}

fn is_this_machine(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse::<std::net::IpAddr>();
    bare.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}
