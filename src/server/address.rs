//! Where a service listens, as people write it.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// Where to listen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// `HOST:PORT`, with an IP address or `localhost` for the host.
    Tcp(SocketAddr),
    /// `unix:PATH`: a socket in the file system, for programs of the same user.
    Unix(PathBuf),
}

/// An address that is none; says what one looks like.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no address; write it as 127.0.0.1:7421, [::1]:7421 or unix:PATH")]
pub struct AddressError(String);

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        if let Some(path) = text.strip_prefix("unix:").filter(|path| !path.is_empty()) {
            return Ok(Self::Unix(path.into()));
        }
        let local = text.strip_prefix("localhost:").and_then(|port| port.parse().ok());
        let local = local.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
        let tcp = local.or_else(|| text.parse().ok()).map(Self::Tcp);
        tcp.ok_or_else(|| AddressError(text.to_owned()))
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(f),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
        }
    }
}

impl Address {
    /// Whether other machines can connect to it.
    #[must_use]
    pub fn is_reached_by_others(&self) -> bool {
        match self {
            Self::Tcp(address) => !address.ip().to_canonical().is_loopback(),
            Self::Unix(_) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_apart() {
        for (given, open) in [
            ("127.0.0.1:0", false),
            ("127.9.9.9:80", false),
            ("[::1]:7421", false),
            ("localhost:7421", false),
            ("0.0.0.0:7421", true),
            ("[::]:7421", true),
            ("192.168.1.5:1", true),
            ("[::ffff:8.8.8.8]:1", true),
        ] {
            assert_eq!(given.parse::<Address>().unwrap().is_reached_by_others(), open, "{given}");
        }
        assert_eq!("unix:/tmp/a b".parse(), Ok(Address::Unix("/tmp/a b".into())));
        for ugly in ["", "7421", "example.org:1", "localhost:", "127.0.0.1", "unix:"] {
            let error = ugly.parse::<Address>().unwrap_err().to_string();
            assert!(error.contains("no address"), "{error}");
        }
    }
}
