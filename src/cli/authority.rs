//! The certificate that `--ca-cert` names: whether its file has one, before a server is blamed.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::bounded;

/// What every certificate in binary form begins with: a sequence with a length of two bytes.
const BINARY: [u8; 2] = [0x30, 0x82];

/// The certificates of a file, in PEM form.
pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    let name = file.display();
    let pem = std::fs::File::open(file)
        .and_then(|file| bounded::read(file, bounded::SMALL_FILE))
        .with_context(|| format!("--ca-cert: cannot read {name}"))?;
    if pem.trim_ascii().is_empty() {
        bail!("--ca-cert: {name} is empty; it has to hold a certificate in PEM form");
    }
    if pem.starts_with(&BINARY) {
        bail!(
            "--ca-cert: {name} is no text, and may be a certificate in binary form; this makes a PEM \
             file of it: openssl x509 -inform DER -in FILE -out FILE.pem"
        );
    }
    let mut known = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate
            .with_context(|| format!("--ca-cert: the certificate in {name} is damaged"))?;
        known
            .add(certificate)
            .with_context(|| format!("--ca-cert: what {name} has as a certificate is none"))?;
    }
    if known.is_empty() {
        bail!(
            "--ca-cert: there is no certificate in PEM form in {name} (-----BEGIN CERTIFICATE-----); \
             name the certificate of the server, or of who signed it"
        );
    }
    Ok(pem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_the_file_is_said_and_which_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let (good, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
        let half: String = good.lines().take(3).flat_map(|line| [line, "\n"]).collect();
        let hollow = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";
        let words = |content: &[u8]| {
            std::fs::write(&file, content).unwrap();
            let error = format!("{:#}", read(&file).unwrap_err());
            assert!(error.contains("--ca-cert") && error.contains("ca.pem"), "{error}");
            error
        };
        for (content, said) in [
            (&b"\n"[..], "is empty"),
            (b"hello", "no certificate in PEM form"),
            (key.as_bytes(), "no certificate in PEM form"),
            (half.as_bytes(), "is damaged"),
            (hollow.as_bytes(), "is none"),
            (certified.cert.der(), "binary form"),
        ] {
            let error = words(content);
            assert!(error.contains(said), "{error}");
        }
        std::fs::write(&file, &good).unwrap();
        assert_eq!(read(&file).unwrap(), good.as_bytes());
        std::fs::remove_file(&file).unwrap();
        let error = format!("{:#}", read(&file).unwrap_err());
        assert!(error.contains("cannot read") && error.contains("ca.pem"), "{error}");
    }
}
