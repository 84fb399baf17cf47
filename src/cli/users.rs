//! `users`: who may use the service that `serve` serves.

use anyhow::Result;
use secrecy::ExposeSecret as _;
use serde::Serialize;

use super::output::{Out, note, remark};
use super::{Global, context, json};
use crate::forest::Time;
use crate::server::{User, Users};

/// What follows from taking the last key away.
const NOBODY_LEFT: &str = "that was the last key: a server that runs lets nobody in until `grok-tui users \
                           add NAME` makes another one. One that is started before that needs no key, and \
                           serves this machine alone";

/// Manage who may use the service that `serve` serves
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Add somebody and print their key, once
    Add {
        /// Their name: letters, digits, `-`, `_` and `.`
        name: String,
        /// The key opens the conversations of this machine, instead of ones of its own
        #[arg(long)]
        local: bool,
    },
    /// List everybody who has a key
    List {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
    /// Take somebody's key away, at once; their conversations stay, for the next key of that name
    Revoke {
        /// Their name
        name: String,
    },
}

#[derive(Serialize)]
struct Listed {
    users: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    name: String,
    key_id: String,
    create_time: String,
    local: bool,
}

impl From<User> for Row {
    fn from(user: User) -> Self {
        let create_time = json::time(Time(user.created));
        Self { name: user.name, key_id: user.key_id, create_time, local: user.local }
    }
}

impl Args {
    pub(super) fn run(self, global: &Global, out: &mut Out) -> Result<()> {
        let users = Users::of(&context::find_paths(global)?.data_dir);
        match self.command {
            Command::Add { name, local } => {
                let now = Time(jiff::Timestamp::now().as_microsecond());
                let key = users.add(&name, local, now)?;
                out.line(key.expose_secret())?;
                remark(
                    "this key is shown only now; with it: GROK_TUI_API_KEY=KEY grok-tui --endpoint …",
                );
            }
            Command::List { json: false } => {
                for user in users.list()? {
                    let whose = if user.local { "  (conversations of this machine)" } else { "" };
                    let made = json::time(Time(user.created));
                    out.line(&format!("{}  {}  since {made}{whose}", user.name, user.key_id))?;
                }
            }
            Command::List { json: true } => {
                let users = users.list()?.into_iter().map(Into::into).collect();
                out.json(&Listed { users })?;
            }
            Command::Revoke { name } => {
                users.revoke(&name)?;
                if users.list()?.is_empty() {
                    note(NOBODY_LEFT);
                }
            }
        }
        Ok(())
    }
}
