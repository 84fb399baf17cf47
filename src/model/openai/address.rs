//! The address of a server: what users write, made into what is asked, and shown without secrets.

use std::net::IpAddr;

use reqwest::Url;

use super::super::{Error, ErrorKind};

/// Where a server is. Its path ends before `/chat/completions`.
#[derive(Clone)]
pub(super) struct Address {
    url: Url,
    shown: String,
}

impl Address {
    /// Reads an address as users write it: with or without scheme, trailing slash, or the path of
    /// the call itself. A bare host gets `/v1`; any other path is taken as given.
    pub(super) fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { with_scheme(text) };
        let url = Url::parse(&full).ok().filter(|url| {
            matches!(url.scheme(), "http" | "https")
                && url.host_str().is_some_and(|h| !h.is_empty())
        });
        let Some(mut url) = url else {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                "the address of the model's server is not one; it should look like \
                 http://127.0.0.1:8080/v1 (see OPENAI_BASE_URL, or base_url in the configuration)",
            ));
        };
        url.set_fragment(None);
        let path = url.path().trim_end_matches('/');
        let path = path.strip_suffix("/chat/completions").unwrap_or(path).trim_end_matches('/');
        let path = if path.is_empty() { "/v1".to_owned() } else { path.to_owned() };
        url.set_path(&path);
        let shown = shown(&url);
        Ok(Self { url, shown })
    }

    /// The address of a call, e.g. `chat/completions`.
    pub(super) fn join(&self, call: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}/{call}", self.url.path()));
        url
    }

    /// For people: without user name, password and query.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// The name of the host.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Whether it is this machine, which no proxy can reach.
    pub(super) fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// Whether it is spoken to without TLS.
    pub(super) fn is_plaintext(&self) -> bool {
        self.url.scheme() == "http"
    }

    /// Whether the address itself says who we are.
    pub(super) fn has_user(&self) -> bool {
        !self.url.username().is_empty() || self.url.password().is_some()
    }

    /// What of the address must not be shown: the password as written and as meant, and keys in the
    /// query.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets = Vec::new();
        if let Some(password) = self.url.password() {
            secrets.push(password.to_owned());
            let mut meant = self.url.clone();
            meant.set_query(Some(&format!("p={}", password.replace('+', "%2B"))));
            secrets.extend(meant.query_pairs().map(|(_, value)| value.into_owned()));
        }
        let is_secret = |name: &str| {
            let name = name.to_ascii_lowercase();
            ["key", "token", "secret", "sig"].iter().any(|word| name.contains(word))
        };
        let pairs = self.url.query_pairs().filter(|(name, _)| is_secret(name));
        secrets.extend(pairs.map(|(_, value)| value.into_owned()));
        secrets
    }
}

/// `url` without user name, password, query and fragment.
pub(super) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let path = url.path().trim_end_matches('/');
    format!("{}://{}{port}{path}", url.scheme(), url.host_str().unwrap_or_default())
}

fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host.eq_ignore_ascii_case("localhost")
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback() || ip.is_unspecified())
}

/// A host without scheme: plaintext for this machine, an IP address or an own port.
fn with_scheme(text: &str) -> String {
    let authority = text.split('/').next().unwrap_or_default();
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|c| c.is_ascii_digit()) => (host, Some(port)),
        Some(_) | None => (authority, None),
    };
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    let plain = is_loopback(host) || ip || port.is_some();
    let scheme = if plain && port != Some("443") { "http" } else { "https" };
    format!("{scheme}://{text}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chat(text: &str) -> String {
        Address::parse(text).unwrap().join("chat/completions").to_string()
    }

    #[test]
    fn addresses_are_taken_as_users_write_them() {
        for text in [
            "http://127.0.0.1:8080/v1",
            "http://127.0.0.1:8080/v1/",
            "http://127.0.0.1:8080",
            "127.0.0.1:8080",
            " http://127.0.0.1:8080/v1/chat/completions ",
        ] {
            assert_eq!(chat(text), "http://127.0.0.1:8080/v1/chat/completions", "{text}");
        }
        assert_eq!(chat("localhost:1234/v1"), "http://localhost:1234/v1/chat/completions");
        assert_eq!(chat("api.openai.com"), "https://api.openai.com/v1/chat/completions");
        assert_eq!(chat("https://host/api/v3"), "https://host/api/v3/chat/completions");
        assert_eq!(
            chat("https://host/openai?api-version=1"),
            "https://host/openai/chat/completions?api-version=1"
        );
    }

    #[test]
    fn what_is_no_address_is_refused_without_repeating_it() {
        for text in ["", "ftp://host/v1", "http://", "http://user:hush@:x/"] {
            let error = Address::parse(text).err().unwrap_or_else(|| panic!("{text} was taken"));
            assert!(!error.message.contains("hush"));
        }
    }

    #[test]
    fn secrets_in_an_address_are_not_shown() {
        let address = Address::parse("https://ann:hush@host:444/v1?key=hush#hush").unwrap();
        assert_eq!(address.shown(), "https://host:444/v1");
        assert!(address.has_user());
        assert_eq!(address.secrets(), ["hush", "hush", "hush"]);
        let escaped = Address::parse("https://ann:a%40b+c@host/v1").unwrap();
        assert_eq!(escaped.secrets(), ["a%40b+c", "a@b+c"]);
    }

    #[test]
    fn this_machine_is_known() {
        for text in ["localhost", "http://127.0.0.2/v1", "http://[::1]:80/v1", "http://x.localhost"]
        {
            assert!(Address::parse(text).unwrap().is_loopback(), "{text}");
        }
        assert!(!Address::parse("https://localhost.example").unwrap().is_loopback());
    }
}
