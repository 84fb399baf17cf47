//! A chat, line by line: every line from standard input is said, the answer is printed as it
//! comes, and after the first one the conversation gets a title. An empty line ends it.
//!
//! Uses the conversations of this user, or the service at `GROK_TUI_ENDPOINT` with the key in
//! `XAI_API_KEY`: `cargo run --example linear_chat`.

use std::env;
use std::io::{self, BufRead as _, Write as _};
use std::sync::Arc;

use futures::StreamExt as _;
use grok_tui::client::Client;
use grok_tui::config::{Config, Paths};
use grok_tui::model::Registry;
use grok_tui::server::Service;
use grok_tui::store::SqliteStore;
use secrecy::SecretString;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let (client, service) = match env::var("GROK_TUI_ENDPOINT") {
        Ok(endpoint) => {
            let key = env::var("XAI_API_KEY").ok().map(SecretString::from);
            (Client::connect(&endpoint, key).await?, None)
        }
        Err(_) => {
            let service = embedded()?;
            (Client::embedded(service.clone()), Some(service))
        }
    };
    chat(&client).await?;
    if let Some(service) = service {
        service.shutdown().await;
    }
    Ok(())
}

async fn chat(client: &Client) -> anyhow::Result<()> {
    let conversation = client.grok().create_conversation("", false);
    let mut out = io::stdout();
    writeln!(out, "An empty line ends the conversation.\n")?;
    let mut first = true;
    loop {
        write!(out, "Human: ")?;
        out.flush()?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line)?;
        let line = line.trim_end();
        if line.is_empty() {
            return Ok(());
        }
        let (mut tokens, _) = conversation.add_response(line)?;
        write!(out, "\nGrok: ")?;
        while let Some(token) = tokens.next().await {
            write!(out, "{}", token?.text)?;
            out.flush()?;
        }
        writeln!(out, "\n")?;
        if first {
            writeln!(out, "Title: {}\n", conversation.generate_title().await?)?;
            first = false;
        }
    }
}

/// The service that the program itself uses when it is given no endpoint.
fn embedded() -> anyhow::Result<Service> {
    let environment = |name: &str| env::var(name).ok();
    let paths = Paths::find(None, None, environment)?;
    paths.create()?;
    let config = Config::load(&paths.config_file)?;
    let store = SqliteStore::open(paths.data_dir.join("conversations.db"));
    let models = Registry::from_environment(&config, environment);
    Ok(Service::new(Arc::new(store), Arc::new(models)))
}
