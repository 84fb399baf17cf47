//! What ends an answer before its end: `^C`, and what a system sends when it or the terminal goes.

use std::io;

/// Waits for the first of these signals, and says which exit code tells of it.
///
/// # Errors
/// When the system does not let this program hear of them.
#[cfg(unix)]
pub(super) async fn signal() -> io::Result<u8> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut hang_up = signal(SignalKind::hangup())?;
    let number = tokio::select! {
        _ = interrupt.recv() => return Ok(super::STOPPED),
        _ = terminate.recv() => 15,
        _ = hang_up.recv() => 1,
    };
    Ok(128 + number)
}

/// Waits for `^C`, and says which exit code tells of it.
///
/// # Errors
/// When the system does not let this program hear of it.
#[cfg(not(unix))]
pub(super) async fn signal() -> io::Result<u8> {
    tokio::signal::ctrl_c().await.map(|()| super::STOPPED)
}
