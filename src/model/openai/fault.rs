//! What went wrong with a request, in words that say what to do, and whether to try again.

use std::error::Error as StdError;
use std::io;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use super::super::{Error, ErrorKind};
use super::http::cause;
use super::words::{self, Secrets};

/// A failure, and what to do about it.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) error: Error,
    pub(super) again: Again,
    /// For the notice while waiting: what happened, shortly.
    pub(super) brief: String,
}

/// Whether the same request may be made again before the first token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Again {
    Never,
    /// After a wait; `Some` if the server said how long.
    Later(Option<Duration>),
    /// The model is being loaded: as long as patience lasts.
    Loading(Option<Duration>),
}

/// The server's refusal of a request.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) asked_wait: Option<Duration>,
    /// The server says whether another try makes sense.
    pub(super) should_retry: Option<bool>,
    /// Where a redirect leads, without secrets.
    pub(super) location: Option<String>,
    pub(super) body: Vec<u8>,
}

/// Who was asked for what: the nouns of every message.
pub(super) struct Context<'a> {
    pub(super) address: &'a str,
    pub(super) host: &'a str,
    /// The environment variable for the key.
    pub(super) key_name: Option<&'a str>,
    pub(super) has_key: bool,
    pub(super) model: Option<&'a str>,
    pub(super) secrets: &'a Secrets,
}

impl Fault {
    pub(super) fn never(error: Error) -> Self {
        Self { error, again: Again::Never, brief: String::new() }
    }

    fn later(kind: ErrorKind, message: String, brief: String) -> Self {
        Self { error: Error::new(kind, message), again: Again::Later(None), brief }
    }
}

impl Context<'_> {
    /// The server answered with a status that is no success.
    pub(super) fn refused(&self, refusal: &Refusal) -> Fault {
        let said = self.secrets.of_body(&refusal.body);
        let status = refusal.status.as_u16();
        let (kind, message) = self.words(refusal, &said);
        let mut error = Error::new(kind, message);
        error.retry_after = refusal.asked_wait;
        let loading = status == 503 && said.to_ascii_lowercase().contains("loading");
        let passing = matches!(status, 408 | 409 | 429) || status >= 500;
        let again = if !refusal.should_retry.unwrap_or(passing) || out_of_credit(refusal, &said) {
            Again::Never
        } else if loading {
            Again::Loading(refusal.asked_wait)
        } else {
            Again::Later(refusal.asked_wait)
        };
        let brief = match status {
            _ if loading => format!("{} is loading the model", self.host),
            429 => format!("{} takes no more requests for now (429)", self.host),
            _ => format!("{} failed ({status})", self.host),
        };
        Fault { error, again, brief }
    }

    fn words(&self, refusal: &Refusal, said: &str) -> (ErrorKind, String) {
        let at = self.address;
        let (kind, words) = match refusal.status.as_u16() {
            401 => (ErrorKind::Unauthenticated, self.key_words()),
            400 | 422 if about_key(said) => (ErrorKind::Unauthenticated, self.key_words()),
            402 | 429 if out_of_credit(refusal, said) => {
                (ErrorKind::RateLimited, format!("The credit at {at} is used up."))
            }
            403 => (ErrorKind::PermissionDenied, self.permission_words()),
            404 | 405 => (ErrorKind::NotFound, self.absence_words()),
            300..=399 => {
                let to = refusal.location.as_deref().unwrap_or("another address");
                let words =
                    format!("{at} sends us on to {to}; if that is right, set it as the address.");
                (ErrorKind::NotFound, words)
            }
            status => passing_words(at, status),
        };
        let it_said =
            if said.is_empty() { String::new() } else { format!(" It said: \"{said}\".") };
        (kind, words + &it_said)
    }

    fn permission_words(&self) -> String {
        let key = self.key_name.map_or_else(|| "The key".to_owned(), |n| format!("The key in {n}"));
        let what = self.model.map_or_else(
            || "do this".to_owned(),
            |model| format!("use the model {}", self.secrets.clean(model)),
        );
        format!("{key} may not {what} at {}.", self.address)
    }

    fn absence_words(&self) -> String {
        let at = self.address;
        match self.model {
            None => format!("{at} has no list of models; check the address."),
            Some(model) => format!(
                "There is no model {} at {at}, or the address is wrong; `grok-tui models` lists \
                 what there is.",
                self.secrets.clean(model)
            ),
        }
    }

    fn key_words(&self) -> String {
        let at = self.address;
        match (self.key_name, self.has_key) {
            (Some(name), true) => {
                format!(
                    "The server at {at} did not accept the key in {name}; check it or get a new one."
                )
            }
            (Some(name), false) => {
                format!(
                    "The server at {at} wants a key; put one into the environment variable {name}."
                )
            }
            (None, _) => format!(
                "The server at {at} wants a key; name its environment variable as `api_key_env` in \
                 the configuration."
            ),
        }
    }

    /// An error object in the middle of the stream.
    pub(super) fn reported(&self, error: &Value) -> Fault {
        let said = words::said(error, 0).unwrap_or_else(|| error.to_string());
        let said = self.secrets.clean(&said);
        let code = ["code", "status", "status_code"].iter().find_map(|name| {
            let code = error.get(*name)?;
            code.as_u64().or_else(|| code.as_str()?.parse().ok())
        });
        let kind = match code {
            Some(401) => ErrorKind::Unauthenticated,
            Some(403) => ErrorKind::PermissionDenied,
            Some(404) => ErrorKind::NotFound,
            Some(429) => ErrorKind::RateLimited,
            Some(400 | 413 | 422) => ErrorKind::InvalidArgument,
            Some(502..=504 | 529) => ErrorKind::Unavailable,
            Some(_) | None => ErrorKind::Internal,
        };
        let message = format!("{} reported an error: {said}", self.address);
        if matches!(code, Some(408 | 409 | 429 | 500..=599)) {
            return Fault::later(kind, message, format!("{} reported an error", self.host));
        }
        Fault::never(Error::new(kind, message))
    }

    /// The request did not get an answer at all.
    pub(super) fn unreachable(&self, error: reqwest::Error, connect: Duration) -> Fault {
        let Self { address, host, .. } = self;
        // The address in it may hold a password.
        let error = error.without_url();
        let why = self.secrets.clean(&cause(&error));
        let io = io_kind(&error);
        let unavailable = |words: String| Error::new(ErrorKind::Unavailable, words);
        if error.is_connect() && io == Some(io::ErrorKind::ConnectionRefused) {
            let words = format!("Nothing answers at {address}; is the server running?");
            return Fault::later(
                ErrorKind::Unavailable,
                words,
                format!("nothing answers at {address}"),
            );
        }
        if error.is_connect() && error.is_timeout() {
            let words = format!("No connection to {address} within {} s.", connect.as_secs_f32());
            return Fault::never(Error::new(ErrorKind::Timeout, words));
        }
        if error.is_builder() || error.is_request() && error.is_redirect() {
            let words = format!("Cannot ask {address}: {why}");
            return Fault::never(Error::new(ErrorKind::InvalidArgument, words));
        }
        let all = chain(&error);
        if all.contains("dns error") {
            let words =
                format!("There is no host called {host}; check the address and the network.");
            return Fault::never(unavailable(words));
        }
        if all.contains("InvalidContentType") || all.contains("corrupt message") {
            let words = format!("{address} does not speak TLS; try the address with http://.");
            return Fault::never(unavailable(words));
        }
        if all.contains("certificate") || error.is_connect() && all.contains("tls") {
            let words = format!("No secure connection to {address}: {why}");
            return Fault::never(unavailable(words));
        }
        let words = format!("The connection to {address} was lost: {why}");
        Fault::later(ErrorKind::Unavailable, words, format!("the connection to {host} was lost"))
    }

    /// The server says nothing.
    pub(super) fn silent(&self, waited: Duration) -> Fault {
        let words = format!("{} said nothing for {} s.", self.address, waited.as_secs_f32());
        Fault::never(Error::new(ErrorKind::Timeout, words))
    }

    /// The connection ended before the answer did.
    pub(super) fn lost(&self, why: &str) -> Fault {
        let why = self.secrets.clean(why);
        let words = format!("The connection to {} was lost: {why}", self.address);
        Fault::later(
            ErrorKind::Unavailable,
            words,
            format!("the connection to {} was lost", self.host),
        )
    }

    /// The server ended the stream before the answer had ended.
    pub(super) fn unfinished(&self) -> Fault {
        let words =
            format!("{} ended the connection before the answer was complete.", self.address);
        Fault::never(Error::new(ErrorKind::Interrupted, words))
    }

    /// In the middle of an answer came what is no part of it.
    pub(super) fn garbled(&self, what: &[u8]) -> Fault {
        let said = self.secrets.of_body(what);
        let words = format!("{} sent what is no part of an answer: \"{said}\".", self.address);
        Fault::never(Error::new(ErrorKind::Protocol, words))
    }

    /// What came is no answer.
    pub(super) fn nonsense(&self, what: &[u8]) -> Fault {
        let said = self.secrets.of_body(what);
        let said = if said.is_empty() { "nothing".to_owned() } else { said };
        let words = format!(
            "{} sent no answer of a model but \"{said}\"; check that the address is that of an \
             OpenAI-compatible server.",
            self.address
        );
        Fault::never(Error::new(ErrorKind::Protocol, words))
    }
}

/// What has nothing to do with key or model.
fn passing_words(at: &str, status: u16) -> (ErrorKind, String) {
    match status {
        400 | 409 | 413 | 422 => {
            (ErrorKind::InvalidArgument, format!("{at} refused the request ({status})."))
        }
        408 => (ErrorKind::Timeout, format!("{at} waited too long for the request (408).")),
        429 => (
            ErrorKind::RateLimited,
            format!("{at} takes no more requests for now; wait, or check your credit."),
        ),
        502..=504 | 529 => {
            (ErrorKind::Unavailable, format!("{at} is not ready ({status}); try again later."))
        }
        500.. => (ErrorKind::Internal, format!("{at} failed ({status}); try again later.")),
        _ => (ErrorKind::Protocol, format!("{at} answered {status}.")),
    }
}

fn about_key(said: &str) -> bool {
    let said = said.to_ascii_lowercase();
    let key = said.contains("api key") || said.contains("api_key") || said.contains("apikey");
    let wrong = ["incorrect", "invalid", "missing", "not valid", "no api", "expired"];
    key && wrong.iter().any(|word| said.contains(word))
}

fn out_of_credit(refusal: &Refusal, said: &str) -> bool {
    let body = String::from_utf8_lossy(&refusal.body);
    let said = said.to_ascii_lowercase();
    refusal.status.as_u16() == 402
        || refusal.status.as_u16() == 429
            && (body.contains("insufficient_quota")
                || said.contains("credit")
                || said.contains("exceeded your current quota"))
}

fn io_kind(error: &(dyn StdError + 'static)) -> Option<io::ErrorKind> {
    let mut inner = Some(error);
    while let Some(error) = inner {
        if let Some(io) = error.downcast_ref::<io::Error>()
            && io.kind() != io::ErrorKind::Other
        {
            return Some(io.kind());
        }
        inner = error.source();
    }
    None
}

/// All reasons of an error but the outermost, which holds the address.
fn chain(error: &dyn StdError) -> String {
    let mut all = String::new();
    let mut inner = error.source();
    while let Some(error) = inner {
        all.push_str(&error.to_string());
        all.push('\n');
        inner = error.source();
    }
    all
}
