//! Where the pages of what is shared are served: the address, how their links begin, and whether
//! others may reach them.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use hyper::Uri;
use tokio::net::TcpListener;

use crate::cli::usage;
use crate::server::Tls;

/// What the command line says of pages.
#[derive(Debug, clap::Args)]
#[group(skip)]
pub(super) struct Args {
    /// Also serve the pages of what is shared at this address: HTTP on this machine alone, HTTPS
    /// with the certificate where others reach it
    #[arg(long, value_name = "ADDR")]
    http: Option<SocketAddr>,
    /// How the addresses of these pages begin, where others reach them elsewhere (a proxy)
    #[arg(long, value_name = "URL", requires = "http", value_parser = public_url)]
    public_url: Option<String>,
    /// Serve these pages without encryption even where others reach them, for a proxy on another
    /// machine that encrypts
    #[arg(long, requires = "http")]
    plain_http: bool,
}

/// Where pages are served.
pub(super) struct Pages {
    pub(super) listener: TcpListener,
    /// How the links to them begin: where that is, with the port that was chosen for 0, or the address
    /// that others reach it by.
    pub(super) base: String,
    /// Encrypts them, if they are.
    pub(super) tls: Option<Arc<Tls>>,
}

impl Args {
    /// Listens, if pages are to be served.
    pub(super) async fn bind(self, tls: Option<Arc<Tls>>) -> Result<Option<Pages>> {
        let Some(address) = self.http else { return Ok(None) };
        let is_open = !address.ip().to_canonical().is_loopback();
        if is_open && tls.is_none() && !self.plain_http {
            return Err(usage("serve", &unencrypted(address)));
        }
        if address.ip().is_unspecified() && self.public_url.is_none() {
            return Err(usage("serve", &nameless(address)));
        }
        let tls = tls.filter(|_| is_open && !self.plain_http);
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}"))?;
        let scheme = if tls.is_some() { "https" } else { "http" };
        let base = match self.public_url {
            Some(url) => url,
            None => format!("{scheme}://{}", listener.local_addr()?),
        };
        Ok(Some(Pages { listener, base, tls }))
    }
}

fn unencrypted(address: SocketAddr) -> String {
    format!(
        "other machines reach the pages at {address}, so they need a certificate (--tls-cert FILE \
         --tls-key FILE); where a proxy encrypts, let them listen on 127.0.0.1, or say --plain-http if \
         it is on another machine"
    )
}

fn nameless(address: SocketAddr) -> String {
    format!(
        "{address} is every address of this machine and none that a link could name; say with \
         --public-url https://NAME:{} how the links to pages begin",
        address.port()
    )
}

/// The beginning of a link.
fn public_url(text: &str) -> Result<String, String> {
    let wrong = || "write it as https://NAME or http://NAME:PORT/PATH".to_owned();
    let url: Uri = text.parse().map_err(|_| wrong())?;
    let is_web = matches!(url.scheme_str(), Some("http" | "https"));
    let has_host = url.host().is_some_and(|host| !host.is_empty());
    let is_bare = !text.contains(['?', '#', '@']);
    if is_web && has_host && is_bare { Ok(text.to_owned()) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_begin_like_addresses_of_the_web() {
        for good in ["https://talk.example", "http://10.0.0.1:8080/grok/", "HTTPS://[::1]:1"] {
            assert_eq!(public_url(good).as_deref(), Ok(good));
        }
        for bad in [
            "javascript:x",
            "talk.example",
            "/pages",
            "",
            "ftp://a",
            "https://",
            "https://:80",
            "http://a/?q",
            "http://a/#f",
            "https://user@a",
            "https://a b",
            "data:text/html,x",
        ] {
            assert!(public_url(bad).is_err(), "{bad}");
        }
    }
}
