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
    // Plaintext gets nowhere.
    let plain = house.address.replace("https", "http");
    assert!(
        Client::connect(&plain, None).await.unwrap().list_conversations(None, None).await.is_err()
    );
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
