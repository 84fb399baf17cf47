//! Encryption, and sockets of the file system.

use std::path::Path;

use grok_tui::client::Client;
use grok_tui::server::{Address, Listener};

use crate::house::{House, PATIENCE, Plan, certify, files};

#[tokio::test]
async fn a_certificate_is_read_again_when_it_changes() {
    let (house, _) = Plan { tls: true, ..Plan::default() }.build().await;
    let trusting = async |pem: &[u8]| {
        let client = Client::connect_trusting(&house.address, None, pem).await.unwrap();
        client.create_conversation("").await
    };
    let [certificate, key] = files(house.folder.path());
    let old = std::fs::read(&certificate).unwrap();
    trusting(&old).await.unwrap();
    let strange = house.client(None).await.list_conversations(None, None).await.unwrap_err();
    assert!(strange.message.contains("--ca-cert FILE"), "{strange:?}");
    std::fs::write(&key, "no key").unwrap();
    trusting(&old).await.unwrap();
    certify(house.folder.path());
    let new = std::fs::read(&certificate).unwrap();
    trusting(&new).await.unwrap();
    assert!(trusting(&old).await.is_err());
}

async fn refused(address: &str, authority: Option<&[u8]>) -> String {
    let client = match authority {
        Some(pem) => Client::connect_trusting(address, None, pem).await,
        None => Client::connect(address, None).await,
    };
    client.unwrap().list_conversations(None, None).await.unwrap_err().message
}

#[tokio::test]
async fn an_address_of_the_other_kind_and_a_strange_certificate_are_told_in_words() {
    let (encrypted, _) = Plan { tls: true, ..Plan::default() }.build().await;
    let (plain, _) = Plan::default().build().await;
    let words = refused(&encrypted.address.replace("https", "http"), None).await;
    assert!(words.contains(&format!("use {}", encrypted.address)), "{words}");
    let words = refused(&plain.address.replace("http", "https"), None).await;
    assert!(words.contains(&format!("use {}", plain.address)), "{words}");
    // Servers of web pages.
    let words = refused(&format!("http://{}", plain.pages), None).await;
    assert!(words.contains("HTTP/1.1 only"), "{words}");
    let port = encrypted.pages.rsplit(':').next().unwrap();
    let pem = std::fs::read(&files(encrypted.folder.path())[0]).unwrap();
    let words = refused(&format!("https://localhost:{port}"), Some(&pem)).await;
    assert!(words.contains("speaks HTTP/1.1 only"), "{words}");
    // One that nobody knows, and one that is taken for another of the same name.
    let words = refused(&encrypted.address, None).await;
    assert!(words.contains("is not trusted") && words.contains("--ca-cert FILE"), "{words}");
    let old = std::fs::read(&files(encrypted.folder.path())[0]).unwrap();
    certify(encrypted.folder.path());
    let words = refused(&encrypted.address, Some(&old)).await;
    assert!(words.contains("is not trusted") && words.contains("may have changed"), "{words}");
    assert!(words.contains("not the one of --ca-cert") && !words.contains("FILE"), "{words}");
    // A third, which has another name.
    let other = rcgen::generate_simple_self_signed(["other.example".to_owned()]).unwrap();
    let words = refused(&encrypted.address, Some(other.cert.pem().as_bytes())).await;
    assert!(words.contains("is not trusted") && !words.contains("--ca-cert FILE"), "{words}");
    for bare in ["BadSignature", "UnknownIssuer"] {
        assert!(!words.contains(bare), "{words}");
    }
    let pem = std::fs::read(&files(encrypted.folder.path())[0]).unwrap();
    let elsewhere = encrypted.address.replace("localhost", "127.0.0.1");
    let words = refused(&elsewhere, Some(&pem)).await;
    assert!(words.contains("for another name"), "{words}");
}

#[tokio::test]
async fn pages_are_encrypted_with_the_certificate() {
    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let (house, _) = Plan { tls: true, ..Plan::default() }.build().await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files(house.folder.path())[0]).unwrap()).unwrap();
    let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    // As browsers do.
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let connector = tokio_rustls::TlsConnector::from(std::sync::Arc::new(config));
    let socket = tokio::net::TcpStream::connect(&house.pages).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let mut wire = connector.connect(name, socket).await.unwrap();
    wire.write_all(b"GET /share/x HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, wire.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 404"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
#[cfg(unix)]
async fn a_socket_of_the_file_system_is_private_and_goes_with_its_server() {
    use std::os::unix::fs::PermissionsExt as _;
    let at = |folder: &Path| Address::Unix(folder.join("s"));
    let (house, _) = Plan { address: at, ..Plan::default() }.build().await;
    let path = house.folder.path().join("s");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    house.client(None).await.create_conversation("").await.unwrap();
    let taken = Listener::bind(&Address::Unix(path.clone())).await.unwrap_err();
    assert!(taken.to_string().contains("another server"), "{taken}");
    house.client(None).await.create_conversation("").await.unwrap();
    house.stop.cancel();
    let folder = house.folder.path().to_owned();
    let House { served, folder: _kept, .. } = house;
    tokio::time::timeout(PATIENCE, served).await.unwrap().unwrap();
    assert!(!path.exists());
    // One that a dead server has left is replaced; anything else is not.
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let replaced = Listener::bind(&Address::Unix(path.clone())).await.unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let left: Vec<_> =
        std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["s"], "nothing else stays");
    drop(replaced);
    assert!(!path.exists());
    let file = folder.join("file");
    std::fs::write(&file, "mine").unwrap();
    assert!(Listener::bind(&Address::Unix(file.clone())).await.is_err());
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine");
}

/// Whoever looks at the path sees nothing, or a socket that is closed to others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[cfg(unix)]
async fn a_socket_is_never_open_to_others_and_one_of_two_servers_gets_it() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let (done, watched) = (Arc::new(AtomicBool::new(false)), path.clone());
    let ended = Arc::clone(&done);
    let watching = std::thread::spawn(move || {
        while !ended.load(Ordering::Relaxed) {
            if let Ok(data) = std::fs::symlink_metadata(&watched) {
                assert_eq!(data.permissions().mode() & 0o777, 0o600);
            }
        }
    });
    for _ in 0..100 {
        let bind = || {
            let address = Address::Unix(path.clone());
            tokio::spawn(async move { Listener::bind(&address).await })
        };
        let (one, two) = (bind(), bind());
        let both = [one.await.unwrap(), two.await.unwrap()];
        assert_eq!(both.iter().filter(|bound| bound.is_ok()).count(), 1, "{both:?}");
    }
    done.store(true, Ordering::Relaxed);
    watching.join().unwrap();
}
