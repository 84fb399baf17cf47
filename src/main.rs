//! The program: reads the command line, sets up the log and the runtime, runs, and gives the exit
//! code. Everything else is in the library.

use std::process::ExitCode;

use grok_tui::cli::{self, Cli};

fn main() -> ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    match run(cli) {
        Ok(code) => code,
        Err(error) => cli::report(&error),
    }
}

fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    cli.start_log()?;
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    if !cli.is_server() {
        // One person: a second worker costs start-up time and memory and gives nothing.
        runtime.worker_threads(1);
    }
    let runtime = runtime.enable_all().build()?;
    let outcome = runtime.block_on(cli.run());
    // What still runs in the background (a look-up of local servers, say) must not hold us up.
    runtime.shutdown_background();
    outcome
}
