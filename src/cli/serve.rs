//! `serve`: the embedded service for others on this machine.

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;

use super::context::Search;
use super::output::{Out, remark};
use super::{DONE, Global, context};
use crate::server;

/// Serve the conversations of this machine to other programs on it, without encryption
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:7421")]
    listen: String,
}

impl Args {
    /// Prints the address once connections are taken, and serves until it is told to stop.
    pub(super) async fn run(self, global: &Global, out: &mut Out) -> Result<ExitCode> {
        if global.endpoint.is_some() {
            return Err(super::usage(
                "serve",
                "`serve` serves the conversations of this machine; it cannot be given an --endpoint",
            ));
        }
        let address = server::check_listen_address(&self.listen)
            .map_err(|error| super::usage("serve", &error.to_string()))?;
        let (paths, config) = context::settle(global)?;
        let embedded = context::embedded(global, &paths, &config, Search::Beside).await?;
        let service = &embedded.service;
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {}", self.listen))?;
        let stop = stop_signal()?;
        out.line(&listener.local_addr()?.to_string())?;
        out.flush()?;
        remark("serving; Ctrl+C stops");
        let outcome = server::serve(listener, service.clone(), stop).await;
        service.shutdown().await;
        outcome?;
        Ok(ExitCode::from(DONE))
    }
}

/// Resolves when the user or the system wants this program to end.
fn stop_signal() -> Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
