//! The command line: what can be typed, and which file does it. Each subcommand has a file of its
//! own; what they share is `context` (who answers), `find` (what the user means), `output`.

mod ask;
mod authority;
mod completions;
mod config;
mod context;
mod delete;
mod doctor;
mod find;
mod global;
mod json;
mod list;
mod log;
mod man;
mod misuse;
mod models;
mod output;
mod prompts;
mod rename;
mod restore;
mod search;
mod serve;
mod set;
mod share;
mod show;
mod signals;
mod star;
mod title;
mod tree;
mod users;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::builder::FalseyValueParser;
use clap::{CommandFactory as _, Parser, Subcommand};

use crate::tui::{self, keymap::Keymap};

use context::{Context, Search, with_client, with_service};
use global::Global;
use misuse::{misuse, usage};
use output::{Out, note};

/// Done.
pub const DONE: u8 = 0;
/// Something failed; it was said on stderr.
pub const FAILED: u8 = 1;
/// The command was not understood.
pub const USAGE: u8 = 2;
/// Stopped by the user.
pub const STOPPED: u8 = 130;

/// What the help and the manual page of the program end with.
const AFTERWORD: &str = "\
Environment:
  GROK_TUI_API_KEY       Key for the service at --endpoint
  XAI_API_KEY            Key for xAI's models
  XAI_API_HOST           Host that is asked for them, instead of api.x.ai
  OPENAI_BASE_URL        Address of an OpenAI-compatible server
  OPENAI_API_KEY         Key for it
  OPENAI_MODEL           Its model that is asked when none is named
  GROK_TUI_NO_DISCOVERY  Set to 1: no search for model servers on this machine
  NO_COLOR               Set to anything: no colours

Exit status:
  0    done
  1    something failed; what, and what to do, is said on stderr
  2    the command was not understood
  130  stopped by the user (129, 143: by a terminal that closed, by SIGTERM)";

/// Investigate language models by branching: conversations are forests of responses.
///
/// Without a command, opens the full-screen client.
#[derive(Debug, Parser)]
#[command(
    name = "grok-tui",
    bin_name = "grok-tui",
    version,
    subcommand_precedence_over_arg = true,
    after_long_help = AFTERWORD
)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    /// Conversation to open: id, beginning of an id, or title
    #[arg(help_heading = "Arguments")]
    conversation: Option<String>,
    /// Show the client as plain rows and sentences, for screen readers
    #[arg(
        long,
        env = "GROK_TUI_LINEAR",
        hide_env_values = true,
        value_parser = FalseyValueParser::new()
    )]
    linear: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    Ask(ask::Args),
    List(list::Args),
    Show(show::Args),
    Search(search::Args),
    /// Mark a conversation with a star
    Star(star::Args),
    /// Take the star of a conversation away
    Unstar(star::Args),
    Title(title::Args),
    Rename(rename::Args),
    Set(set::Args),
    /// Make a page of the path up to a response (without one: the newest)
    Share(share::Args),
    /// Take pages back: of the path up to a response, or all of the conversation
    Unshare(share::Args),
    Delete(delete::Args),
    Restore(restore::Args),
    Models(models::Args),
    Doctor(doctor::Args),
    Prompts(prompts::Args),
    Serve(serve::Args),
    Users(users::Args),
    Config(config::Args),
    Completions(completions::Args),
    Man(man::Args),
}

impl Cli {
    /// Reads the command line. On `--help`, `--version` or a mistake the answer was printed, and
    /// the exit code is returned.
    ///
    /// # Errors
    /// The exit code when there is nothing left to do.
    pub fn read(args: impl IntoIterator<Item = OsString>) -> Result<Self, ExitCode> {
        let parsed = Self::try_parse_from(args).and_then(|cli| {
            if cli.conversation.is_some() && cli.command.is_some() {
                let words = "a conversation to open cannot be given together with a command";
                return Err(Self::command().error(clap::error::ErrorKind::ArgumentConflict, words));
            }
            Ok(cli)
        });
        parsed.map_err(|mut error| {
            misuse::show_plain_usage(&mut error);
            if error.use_stderr() {
                note(misuse::words(error));
                return ExitCode::from(USAGE);
            }
            match error.print() {
                Err(broken) if broken.kind() != std::io::ErrorKind::BrokenPipe => {
                    ExitCode::from(FAILED)
                }
                Ok(()) | Err(_) => ExitCode::from(DONE),
            }
        })
    }

    /// Starts the log, if one is wanted.
    ///
    /// # Errors
    /// When its file cannot be opened.
    pub fn start_log(&self) -> anyhow::Result<()> {
        let file = self.global.log_file.as_deref().filter(|file| !file.as_os_str().is_empty());
        let format = match &self.command {
            Some(Command::Serve(args)) => args.log_format(),
            _ => None,
        };
        match (file, format) {
            (None, None) => Ok(()),
            (file, format) => log::start(file, format.unwrap_or_default()),
        }
    }

    /// Whether this is a server for many rather than a program for one.
    #[must_use]
    pub fn is_server(&self) -> bool {
        matches!(self.command, Some(Command::Serve(_)))
    }

    /// Runs it. Errors were not printed yet.
    ///
    /// # Errors
    /// What went wrong, in words for the user.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut out = Out::stdout();
        let outcome = match self.command {
            Some(command) => command.run(&self.global, &mut out).await,
            None => open_tui(&self.global, self.conversation, self.linear).await,
        };
        match outcome.and_then(|code| out.flush().map(|()| code).map_err(Into::into)) {
            // Whoever reads the output has seen enough.
            Err(error) if is_broken_pipe(&error) => Ok(ExitCode::from(DONE)),
            other => other,
        }
    }
}

/// Tells the user what went wrong and gives the exit code that goes with it.
#[must_use]
pub fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        note(usage.to_string().trim_end());
        return ExitCode::from(USAGE);
    }
    note(format_args!("error: {error:#}"));
    ExitCode::from(FAILED)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn open_tui(
    global: &Global,
    conversation: Option<String>,
    linear: bool,
) -> anyhow::Result<ExitCode> {
    let alike = conversation.as_deref().map(misuse::suggestion).unwrap_or_default();
    anyhow::ensure!(
        std::env::var("TERM").is_ok_and(|term| term != "dumb") || cfg!(windows),
        "this terminal cannot place text (TERM is \"dumb\" or not set): set TERM to what it is, for \
         example xterm-256color; `grok-tui ask` works without{alike}"
    );
    anyhow::ensure!(
        std::io::IsTerminal::is_terminal(&std::io::stdout()),
        "standard output is no terminal, and the screen needs one; `grok-tui ask` works without{alike}"
    );
    let context = Context::open(global, Search::Beside).await?;
    let keymap = Keymap::new(&context.config.keys)
        .with_context(|| format!("{}, in [keys]", context.paths.config_file.display()))?;
    let conversation = match conversation {
        Some(wanted) => {
            let found = find::conversation(&context.client, &wanted).await;
            let with_advice = |error| match &*alike {
                "" => error,
                alike => anyhow::anyhow!("{error:#}{alike}"),
            };
            Some(found.map_err(with_advice)?.id)
        }
        None => None,
    };
    let terminal = std::env::var("TERM").unwrap_or_default();
    let links = context.config.ui.links && tui::hyperlinks::are_known_to(&terminal);
    let mut looks = context.config.looks();
    looks.linear |= linear;
    let options = tui::Options {
        conversation,
        client: context.client.clone(),
        model: context.model.clone(),
        sampling: context.config.sampling(),
        keymap,
        mouse: context.config.ui.mouse,
        looks,
        clipboard: context.config.ui.clipboard,
        copy_on_select: context.config.ui.copy_on_select,
        links,
        pictures: context.config.ui.pictures,
        pace: context.config.ui.pace,
        state_folder: context.paths.state_dir.clone(),
        log: global.log_file.clone(),
    };
    let outcome = Box::pin(tui::run(options)).await;
    context.close().await;
    outcome
}

impl Command {
    async fn run(self, global: &Global, out: &mut Out) -> anyhow::Result<ExitCode> {
        match self {
            Self::Ask(args) => {
                return with_service(global, Search::First, async |context| {
                    args.run(context, out).await
                })
                .await;
            }
            Self::Serve(args) => return args.run(global, out).await,
            Self::Doctor(args) => return args.run(global, out).await,
            Self::Users(args) => args.run(global, out)?,
            Self::Config(args) => args.run(global, out)?,
            Self::Completions(args) => args.run(out)?,
            Self::Man(args) => args.run(out)?,
            Self::List(args) => {
                with_client(global, Search::No, async |c| args.run(c, out).await).await?
            }
            Self::Show(args) => {
                with_client(global, Search::No, async |c| args.run(c, out).await).await?
            }
            Self::Search(args) => {
                with_client(global, Search::No, async |c| args.run(c, out).await).await?
            }
            Self::Star(args) => {
                with_client(global, Search::No, async |c| args.run(c, true).await).await?
            }
            Self::Unstar(args) => {
                with_client(global, Search::No, async |c| args.run(c, false).await).await?
            }
            Self::Title(args) => {
                let model = global.model();
                let run = async |c: &_| args.run(c, model.as_deref(), out).await;
                with_client(global, Search::First, run).await?
            }
            Self::Rename(args) => {
                with_client(global, Search::No, async |c| args.run(c).await).await?
            }
            Self::Set(args) => {
                with_client(global, Search::No, async |c| args.run(c, out).await).await?
            }
            Self::Share(args) => {
                with_client(global, Search::No, async |c| args.share(c, out).await).await?
            }
            Self::Unshare(args) => {
                with_client(global, Search::No, async |c| args.unshare(c, out).await).await?
            }
            Self::Prompts(args) => {
                with_client(global, Search::No, async |c| args.run(c, out).await).await?
            }
            Self::Delete(args) => {
                with_client(global, Search::No, async |c| args.run(c).await).await?
            }
            Self::Restore(args) => {
                with_client(global, Search::No, async |c| args.run(c).await).await?
            }
            Self::Models(args) => {
                with_client(global, Search::First, async |c| args.run(c, out).await).await?
            }
        }
        Ok(ExitCode::from(DONE))
    }
}
