//! Whether the terminal is still there. Usually a signal tells when it goes; a program without a
//! controlling terminal, or one whose starter keeps the signal for itself, has to look.

/// Waits until the terminal is gone. Costs nothing while it is there.
#[cfg(target_os = "linux")]
pub(super) async fn hung_up() {
    use std::io::{self, IsTerminal as _};
    use std::os::fd::AsFd as _;

    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    let input = io::stdin();
    // No key is of interest here, only what the system always tells: the end.
    #[expect(
        deprecated,
        reason = "the other one is not safe; what it guards against cannot happen to a descriptor of our own"
    )]
    let watched = input
        .as_fd()
        .try_clone_to_owned()
        .and_then(|own| AsyncFd::with_interest(own, Interest::PRIORITY));
    if let Ok(watched) = watched
        && input.is_terminal()
    {
        loop {
            match watched.ready(Interest::PRIORITY).await {
                Ok(ready) if ready.ready().is_read_closed() => return,
                Ok(mut other) => other.clear_ready(),
                Err(_) => break,
            }
        }
    }
    std::future::pending().await
}

/// The signal has to do elsewhere.
#[cfg(not(target_os = "linux"))]
pub(super) async fn hung_up() {
    std::future::pending().await
}
