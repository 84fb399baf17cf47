//! The server behind a backend: its address, keys, client, and what was learnt about it.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use futures::StreamExt as _;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION,
};
use reqwest::{Client, Response, Url};
use secrecy::ExposeSecret as _;
use tokio::sync::OnceCell;
use tokio::time::timeout;

use super::super::{Error, ErrorKind, ModelInfo, Request};
use super::Settings;
use super::address::{self, Address};
use super::dialect::Dialect;
use super::fault::{Context, Fault, Refusal};
use super::framing::{Body, Broken};
use super::http;
use super::models;
use super::request::Quirks;
use super::retry::asked_wait;
use super::words::Secrets;
use crate::model::{RetryPolicy, Timeouts};

/// Most of a refusal that is read, in bytes, and how long that may take.
const REFUSAL: usize = 64 << 10;
const REFUSAL_TIME: Duration = Duration::from_secs(5);
/// Largest list of models, in bytes.
const LARGEST_LIST: usize = 16 << 20;
/// How long an answer waits to learn which server it talks to.
const RECOGNIZE: Duration = Duration::from_secs(3);

pub(super) struct Server {
    address: Result<Address, Error>,
    headers: Result<HeaderMap, Error>,
    key_name: Option<String>,
    has_key: bool,
    secrets: Secrets,
    pub(super) timeouts: Timeouts,
    pub(super) retry: RetryPolicy,
    client: OnceCell<Client>,
    dialect: OnceLock<Dialect>,
    /// By model. Only what differs from the beginning is kept.
    quirks: Mutex<HashMap<String, Quirks>>,
}

impl Server {
    pub(super) fn new(settings: Settings) -> Self {
        let address = Address::parse(&settings.base_url);
        let mut secrets = Secrets::default();
        let key = settings.api_key.as_ref().map(|key| key.expose_secret().trim());
        let key = key.filter(|key| !key.is_empty());
        let headers = settings.headers.iter().map(|(_, value)| value.expose_secret());
        key.into_iter().chain(headers).for_each(|secret| secrets.add(secret));
        let mut has_key = key.is_some();
        let mut host_dialect = None;
        let mut sent_key = key;
        if let Ok(address) = &address {
            address.secrets().iter().for_each(|secret| secrets.add(secret));
            if address.has_user() {
                has_key = true;
                sent_key = None;
            }
            host_dialect = Dialect::of_host(address.host());
        }
        let dialect = OnceLock::new();
        if let Some(known) = settings.dialect.or(host_dialect) {
            // It was made just above, so it is empty.
            let _ = dialect.set(known);
        }
        Self {
            headers: headers_of(&settings, sent_key),
            address,
            key_name: settings.api_key_env,
            has_key,
            secrets,
            timeouts: settings.timeouts,
            retry: settings.retry,
            client: OnceCell::new(),
            dialect,
            quirks: Mutex::default(),
        }
    }

    /// The address for people; empty if there is none.
    pub(super) fn shown(&self) -> &str {
        self.address.as_ref().map_or("", Address::shown)
    }

    pub(super) fn context<'a>(&'a self, model: Option<&'a str>) -> Context<'a> {
        Context {
            address: self.shown(),
            host: self.address.as_ref().map_or("", Address::host),
            key_name: self.key_name.as_deref(),
            has_key: self.has_key,
            model,
            secrets: &self.secrets,
        }
    }

    /// Which server it is, as far as is known.
    pub(super) fn dialect(&self) -> Option<Dialect> {
        self.dialect.get().copied()
    }

    /// Which server it is; asks it for its models if need be.
    pub(super) async fn recognize(&self) -> Option<Dialect> {
        if self.dialect().is_none() {
            // An answer is worth more than this knowledge: failures count for nothing here.
            let _ = timeout(RECOGNIZE, self.models()).await;
        }
        self.dialect()
    }

    pub(super) fn quirks(&self, model: &str) -> Quirks {
        let known = self.quirks.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(model).copied().unwrap_or_else(|| Quirks::of(self.dialect()))
    }

    pub(super) fn remember(&self, model: &str, quirks: Quirks) {
        let mut known = self.quirks.lock().unwrap_or_else(PoisonError::into_inner);
        known.insert(model.to_owned(), quirks);
    }

    /// Asks for an answer; returns with the response's head.
    pub(super) async fn post(&self, body: Vec<u8>, request: &Request) -> Result<Response, Fault> {
        let mut headers = self.headers.clone().map_err(Fault::never)?;
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream, application/json"));
        if let (Some(Dialect::Xai), Some(id)) = (self.dialect(), &request.conversation)
            && let Ok(value) = HeaderValue::try_from(id.to_string())
        {
            headers.insert("x-grok-conv-id", value);
        }
        let (client, url) = self.call("chat/completions").await.map_err(Fault::never)?;
        let sent = client.post(url).headers(headers).body(body).send();
        self.in_time(self.timeouts.first_byte, sent, Some(&request.model)).await
    }

    /// The models it offers.
    pub(super) async fn models(&self) -> Result<Vec<ModelInfo>, Error> {
        let mut headers = self.headers.clone()?;
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        let (client, url) = self.call("models").await?;
        let patience = self.timeouts.models;
        let asked = async {
            let sent = client.get(url).headers(headers).send();
            let response = self.in_time(patience, sent, None).await?;
            if !response.status().is_success() {
                return Err(self.context(None).refused(&self.refusal(response).await));
            }
            let (body, broken) = read(self.body(response), LARGEST_LIST).await;
            broken.map_or(Ok(body), |broken| Err(self.context(None).lost(&broken.to_string())))
        };
        let silent = || self.context(None).silent(patience);
        let body = timeout(patience, asked).await.unwrap_or_else(|_| Err(silent()));
        let body = body.map_err(|fault| fault.error)?;
        let Some((mut models, dialect)) = models::read(&body, self.dialect()) else {
            return Err(self.context(None).nonsense(&body).error);
        };
        if let Some(dialect) = dialect {
            self.dialect.get_or_init(|| dialect);
        }
        for model in &mut models {
            model.logprobs &= self.quirks(&model.name).candidates.is_some();
        }
        Ok(models)
    }

    /// A response's body as a stream of bytes.
    pub(super) fn body(&self, response: Response) -> Body {
        let secrets = self.secrets.clone();
        let bytes = response.bytes_stream().map(move |bytes| match bytes {
            Ok(bytes) => Ok(Vec::from(bytes)),
            Err(error) => Err(Broken::Lost(secrets.clean(&http::cause(&error.without_url())))),
        });
        bytes.boxed()
    }

    /// Reads what a refusal says.
    pub(super) async fn refusal(&self, response: Response) -> Refusal {
        let headers = response.headers();
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        let base = response.url().clone();
        let location = text(LOCATION).and_then(|to| base.join(to).ok());
        let should_retry = text(HeaderName::from_static("x-should-retry"));
        let should_retry = should_retry.and_then(|value| value.parse().ok());
        Refusal {
            status: response.status(),
            asked_wait: asked_wait(headers, SystemTime::now()),
            should_retry,
            location: location.map(|to| self.secrets.clean(&address::shown(&to))),
            body: timeout(REFUSAL_TIME, read(self.body(response), REFUSAL))
                .await
                .map(|(body, _)| body)
                .unwrap_or_default(),
        }
    }

    async fn call(&self, call: &str) -> Result<(&Client, Url), Error> {
        let address = self.address.as_ref().map_err(Clone::clone)?;
        let connect = self.timeouts.connect;
        let client = self.client.get_or_try_init(|| http::client(address, connect)).await?;
        Ok((client, address.join(call)))
    }

    async fn in_time(
        &self,
        patience: Duration,
        sent: impl Future<Output = reqwest::Result<Response>>,
        model: Option<&str>,
    ) -> Result<Response, Fault> {
        let context = self.context(model);
        match timeout(patience, sent).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(context.unreachable(error, self.timeouts.connect)),
            Err(_) => Err(context.silent(patience)),
        }
    }
}

/// The beginning of a body, and why it is not all.
async fn read(mut body: Body, most: usize) -> (Vec<u8>, Option<Broken>) {
    let mut all = Vec::new();
    while let Some(bytes) = body.next().await {
        match bytes {
            Ok(bytes) => all.extend_from_slice(&bytes),
            Err(broken) => return (all, Some(broken)),
        }
        if all.len() >= most {
            all.truncate(most);
            break;
        }
    }
    (all, None)
}

fn headers_of(settings: &Settings, key: Option<&str>) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    let bad = |what: String| Error::new(ErrorKind::InvalidArgument, what);
    if let Some(key) = key {
        let mut value = HeaderValue::try_from(format!("Bearer {key}")).map_err(|_| {
            let name = settings.api_key_env.as_deref().unwrap_or("the configuration");
            bad(format!("The key in {name} has characters that no key can have; set it again."))
        })?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    for (name, value) in &settings.headers {
        let parsed = HeaderName::try_from(name.as_str()).ok();
        let value = HeaderValue::try_from(value.expose_secret()).ok();
        let (Some(parsed), Some(mut value)) = (parsed, value) else {
            return Err(bad(format!("The header {name:?} in the configuration cannot be sent.")));
        };
        value.set_sensitive(true);
        headers.insert(parsed, value);
    }
    Ok(headers)
}
