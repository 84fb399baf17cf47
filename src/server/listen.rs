//! Exposing the service on a socket. Loopback only: there is neither encryption nor a list of
//! users in this version.

use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use super::Service;

/// Longest request over a network, in bytes.
const LONGEST_REQUEST: usize = 20 << 20;

/// Streams on one connection; clients share a connection among all their answers.
const STREAMS: u32 = 4_096;

/// How often a silent connection is asked whether it lives, and how long it may take to answer.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How long clients may take to end their connections after the service has been told to.
const GRACE: Duration = Duration::from_secs(5);

/// An address that the service may not, or cannot, listen on; says why and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct AddressError(String);

/// The socket address for `HOST:PORT`, with an IP address or `localhost` for the host.
///
/// # Errors
/// If it is not such an address, or not one of this machine alone.
pub fn check_listen_address(address: &str) -> Result<SocketAddr, AddressError> {
    let local = address.strip_prefix("localhost:").and_then(|port| port.parse().ok());
    let local = local.map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port));
    let parsed = local.or_else(|| address.parse().ok()).ok_or_else(|| {
        AddressError(format!("{address} is no address; write it as 127.0.0.1:7421 or [::1]:7421"))
    })?;
    if parsed.ip().to_canonical().is_loopback() {
        return Ok(parsed);
    }
    Err(AddressError(format!(
        "{address} can be reached by other machines, which needs encryption and a list of users; \
         this version has neither, so listen on 127.0.0.1:{} (and use ssh -L from elsewhere)",
        parsed.port()
    )))
}

/// Serves until `shutdown` is done; then running answers end, and what has arrived is stored
/// before this returns. API keys that clients send are not looked at: whoever reaches the loopback
/// address may do everything.
///
/// # Errors
/// If the socket fails.
pub async fn serve(
    listener: TcpListener,
    service: Service,
    shutdown: impl Future<Output = ()>,
) -> Result<(), tonic::transport::Error> {
    let ended = service.stop_signal();
    let server = Server::builder()
        .max_concurrent_streams(STREAMS)
        .http2_max_pending_accept_reset_streams(Some(STREAMS as usize))
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE))
        .add_service(service.chat().max_decoding_message_size(LONGEST_REQUEST))
        .add_service(service.sampler().max_decoding_message_size(LONGEST_REQUEST))
        .add_service(service.forest().max_decoding_message_size(LONGEST_REQUEST))
        .serve_with_incoming_shutdown(
            TcpIncoming::from(listener).with_nodelay(Some(true)),
            ended.clone().cancelled_owned(),
        );
    let stop = async {
        tokio::select! {
            () = shutdown => {}
            // Somebody else has ended the service.
            () = ended.cancelled() => {}
        }
        service.shutdown().await;
        tokio::time::sleep(GRACE).await;
    };
    let result = tokio::select! {
        result = server => result,
        () = stop => Ok(()),
    };
    service.shutdown().await;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_listened_to() {
        for good in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:7421", "localhost:7421"] {
            assert!(check_listen_address(good).is_ok(), "{good}");
        }
        for bad in ["0.0.0.0:7421", "[::]:7421", "192.168.1.5:1", "8.8.8.8:1"] {
            let error = check_listen_address(bad).unwrap_err().to_string();
            assert!(error.contains("encryption") && error.contains(bad), "{error}");
        }
        for ugly in ["", "7421", "example.org:1", "localhost:", "127.0.0.1"] {
            let error = check_listen_address(ugly).unwrap_err().to_string();
            assert!(error.contains("no address"), "{error}");
        }
    }
}
