//! Encryption of a served service: a certificate and a key from files, read again when they change.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use crate::bounded;

/// What is wrong with a certificate or its key.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {why}", path = path.display())]
pub struct TlsError {
    path: PathBuf,
    why: String,
}

/// A certificate and its key, as files in PEM form.
pub struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    current: Mutex<(Stamp, Acceptors)>,
}

/// What encrypts: calls, which are HTTP/2, and pages, which are HTTP/1.
#[derive(Clone)]
struct Acceptors {
    calls: TlsAcceptor,
    pages: TlsAcceptor,
}

/// When the two files were changed last, and how long they were: one may be read half written.
type Stamp = [Option<(SystemTime, u64)>; 2];

impl Tls {
    /// Reads the files.
    ///
    /// # Errors
    /// When one cannot be read, or they do not belong together.
    pub fn new(certificate: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let stamp = stamp(&certificate, &key);
        let current = Mutex::new((stamp, acceptors(&certificate, &key)?));
        Ok(Self { certificate, key, current })
    }

    /// Whether others on this machine can read the key.
    #[must_use]
    pub fn is_key_exposed(&self) -> bool {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::metadata(&self.key).is_ok_and(|data| data.permissions().mode() & 0o077 != 0)
        }
        #[cfg(not(unix))]
        false
    }

    /// What encrypts the next connection for calls.
    pub(super) fn acceptor(&self) -> TlsAcceptor {
        self.current().calls
    }

    /// What encrypts the next connection for pages.
    pub(super) fn page_acceptor(&self) -> TlsAcceptor {
        self.current().pages
    }

    /// Where the files have changed for the worse, the old ones stay in use.
    fn current(&self) -> Acceptors {
        let found = stamp(&self.certificate, &self.key);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if current.0 != found {
            current.0 = found;
            match acceptors(&self.certificate, &self.key) {
                Ok(acceptors) => {
                    current.1 = acceptors;
                    tracing::info!("the certificate was read again");
                }
                Err(error) => tracing::error!(%error, "the old certificate stays in use"),
            }
        }
        current.1.clone()
    }
}

fn stamp(certificate: &Path, key: &Path) -> Stamp {
    [certificate, key].map(|file| {
        let data = fs::metadata(file).ok()?;
        Some((data.modified().ok()?, data.len()))
    })
}

fn acceptors(certificate: &Path, key: &Path) -> Result<Acceptors, TlsError> {
    let wrong = |path: &Path, why: &dyn std::fmt::Display| TlsError {
        path: path.to_owned(),
        why: why.to_string(),
    };
    let read = |path: &Path| {
        let read = fs::File::open(path).and_then(|file| bounded::read(file, bounded::SMALL_FILE));
        read.map_err(|error| wrong(path, &error))
    };
    let chain = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(certificate, &error))?;
    if chain.is_empty() {
        return Err(wrong(certificate, &"there is no certificate in PEM form in it"));
    }
    let private = PrivateKeyDer::from_pem_slice(&read(key)?)
        .map_err(|_| wrong(key, &"there is no private key in PEM form in it"))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| wrong(certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| wrong(key, &format!("does not go with the certificate: {error}")))?;
    let mut pages = config.clone();
    config.alpn_protocols = vec![b"h2".to_vec()];
    pages.alpn_protocols = vec![b"http/1.1".to_vec()];
    let [calls, pages] = [config, pages].map(|config| TlsAcceptor::from(Arc::new(config)));
    Ok(Acceptors { calls, pages })
}
