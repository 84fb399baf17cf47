//! `ask`: one turn without the full screen. This file settles what is asked and where; `answers`
//! takes the answers, `print` and `events` show them, `kept` says what a failure has left, `place` finds where a
//! conversation goes on.

mod answers;
mod events;
mod kept;
mod place;
mod print;

use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};

use super::context::Context;
use super::output::{Out, note, remark};
use super::signals::Signals;
use super::{DONE, find, is_broken_pipe, usage};
use crate::bounded;
use crate::client::{AddResponse, Client, ErrorKind};
use crate::forest::ranges::{MAX_TOKENS, SEED, TEMPERATURE, TOP_K, TOP_P, check_stop};
use crate::forest::{ConversationId, Sampling};
use crate::picture;
use crate::server::Limits;
use kept::Kept;

/// Longest text read from standard input, in bytes: what a service takes in one request.
const LONGEST: u64 = Limits::MESSAGE as u64;

/// Say something and print the answer as it comes
///
/// Ctrl+C stops; what arrived is kept as a partial response.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Go on in this conversation (id, beginning of an id, or title) instead of a new one. Unless
    /// --model or the conversation's settings name another, the model that answered last there answers
    #[arg(short, long, value_name = "CONV")]
    conversation: Option<String>,
    /// Go on below this response (id or beginning of an id) instead of the newest complete answer
    #[arg(long, value_name = "RESPONSE", requires = "conversation")]
    parent: Option<String>,
    /// Number of answers, sampled at once as siblings
    #[arg(short, value_name = "N", default_value_t = 1, allow_negative_numbers = true, value_parser = clap::value_parser!(u16).range(1..=100))]
    n: u16,
    /// Softmax temperature, from 0 (always the likeliest token) to 2
    #[arg(long, value_name = "T", allow_negative_numbers = true, value_parser = |text: &str| TEMPERATURE.read(text))]
    temperature: Option<f32>,
    /// Draw only from the likeliest tokens that together reach this probability
    #[arg(long, value_name = "P", allow_negative_numbers = true, value_parser = |text: &str| TOP_P.read(text))]
    top_p: Option<f32>,
    /// Alternatives to record for every token, 0 to 20
    #[arg(long, value_name = "K", allow_negative_numbers = true, value_parser = |text: &str| TOP_K.read(text))]
    top_k: Option<u32>,
    /// A text that ends the answer; may be given several times
    #[arg(long, value_name = "TEXT", value_parser = |text: &str| check_stop(text).map(|()| text.to_owned()))]
    stop: Vec<String>,
    /// Let the model search the web and X, where it can
    #[arg(long)]
    search: bool,
    /// System prompt: fun, raw for none, or a file of the prompts folder; see `grok-tui prompts`
    #[arg(long, value_name = "NAME", default_value = "", hide_default_value = true)]
    system_prompt: String,
    /// A picture to show to the model (PNG, JPEG, GIF or WebP); may be given several times
    #[arg(long, value_name = "FILE")]
    image: Vec<PathBuf>,
    /// Sample again exactly as this response was (id or beginning of an id): below the same
    /// parent, with its model, system prompt and settings
    #[arg(long, value_name = "RESPONSE", requires = "conversation",
          conflicts_with_all = ["parent", "system_prompt", "text", "image"])]
    again: Option<String>,
    /// Seed of the random choices; with -n each further answer takes the next one
    #[arg(long, value_name = "S", allow_negative_numbers = true, value_parser = |text: &str| SEED.read(text))]
    seed: Option<u64>,
    /// Longest answer, in tokens
    #[arg(long, value_name = "N", allow_negative_numbers = true, value_parser = |text: &str| MAX_TOKENS.read(text))]
    max_tokens: Option<u32>,
    /// Print one JSON event a line
    #[arg(long)]
    json: bool,
    /// What to say; `-`, or nothing with something piped in, reads it from standard input. An
    /// empty text with --parent has the model answer right below that response: this resamples
    /// an answer, or continues a partial one
    #[arg(value_name = "TEXT")]
    text: Vec<String>,
}

/// What is asked, settled.
struct Plan {
    request: AddResponse,
    answers: usize,
}

impl Plan {
    /// The request for the answer of that index: each has a seed of its own.
    fn request(&self, index: usize) -> AddResponse {
        let mut request = self.request.clone();
        let step = u64::try_from(index).unwrap_or_default();
        request.sampling.seed = request.sampling.seed.map(|seed| seed.wrapping_add(step));
        request
    }
}

impl Args {
    pub(super) async fn run(self, context: &Context, out: &mut Out) -> Result<ExitCode> {
        self.sampling().check().map_err(|error| usage("ask", &error.to_string()))?;
        let request = match &self.again {
            Some(wanted) => self.again(context, wanted).await?,
            None => self.request(context).await?,
        };
        let (json, plan) = (self.json, Plan { request, answers: usize::from(self.n) });
        let mut kept = Kept::of(&plan.request, &context.whereabouts, self.conversation.is_none());
        let mut signals = Signals::listen()?;
        tokio::select! {
            biased;
            signal = signals.next() => {
                if json {
                    events::stopped(out, &kept)?;
                }
                out.flush()?;
                note("\nstopped; whatever arrived is kept");
                kept.tell();
                Ok(ExitCode::from(signal.code()))
            }
            code = answers::take(&context.client, &plan, json, (out, &mut kept)) => {
                match &code {
                    Ok(DONE) => {}
                    // Whoever reads the output has seen enough.
                    Err(error) if is_broken_pipe(error) => {}
                    Ok(_) | Err(_) => kept.tell(),
                }
                Ok(ExitCode::from(code?))
            }
        }
    }

    async fn request(&self, context: &Context) -> Result<AddResponse> {
        let images =
            self.image.iter().map(|file| Ok(picture::read(file)?)).collect::<Result<_>>()?;
        let mut request = AddResponse {
            model: context.model.clone().unwrap_or_default(),
            system_prompt_name: self.system_prompt.clone(),
            sampling: self.sampling(),
            images,
            ..AddResponse::new(ConversationId::random(), self.message()?, None)
        };
        let usual = context.config.sampling();
        let Some(wanted) = &self.conversation else {
            request.sampling = request.sampling.or(&usual);
            request.conversation = self.begin(&context.client, &request).await?;
            return Ok(request);
        };
        let (conversation, responses) = find::open(&context.client, wanted).await?;
        request.parent = match &self.parent {
            Some(wanted) => Some(find::response(&responses, wanted)?),
            None => place::end(&responses),
        };
        if request.model.is_empty() && conversation.settings.model.is_empty() {
            request.model = place::model(&responses, request.parent.as_ref());
        }
        request.sampling = request.sampling.or(&conversation.settings.sampling).or(&usual);
        request.conversation = conversation.id;
        Ok(request)
    }

    /// The request that the response `wanted` answered. What is typed beside wins.
    async fn again(&self, context: &Context, wanted: &str) -> Result<AddResponse> {
        let name = self.conversation.as_deref().unwrap_or_default();
        let (conversation, responses) = find::open(&context.client, name).await?;
        let id = find::response(&responses, wanted)?;
        let Some(old) = responses.into_iter().find(|response| response.id == id) else {
            anyhow::bail!("there is no response {id} any more");
        };
        if old.is_human() || old.model.is_empty() {
            anyhow::bail!("response {id} was not sampled; name one that a model gave");
        }
        let details = old.details.map(|details| *details).unwrap_or_default();
        // No prompt is known of what was sampled without one.
        let prompt = details.system_prompt_name;
        Ok(AddResponse {
            model: context.model.clone().unwrap_or_else(|| old.model.to_string()),
            system_prompt_name: if prompt.is_empty() { "raw".to_owned() } else { prompt },
            sampling: self.sampling().or(&details.sampling),
            ..AddResponse::new(conversation.id, "", old.parent)
        })
    }

    /// What to say, from the command line or standard input.
    fn message(&self) -> Result<String> {
        let stdin = std::io::stdin();
        let read = match &self.text[..] {
            [] if stdin.is_terminal() => {
                return Err(usage("ask", "say what to ask, or `-` to read it from standard input"));
            }
            [] => true,
            [only] => only == "-",
            _ => false,
        };
        let mut message = self.text.join(" ");
        if read {
            message = bounded::text(stdin.lock(), LONGEST).context("cannot read standard input")?;
            // The line's end belongs to the file, not to what is said.
            message.truncate(message.trim_end_matches(['\r', '\n']).len());
        }
        if message.trim().is_empty() && self.parent.is_none() && self.image.is_empty() {
            return Err(usage("ask", "there is nothing to say; an empty text needs --parent"));
        }
        Ok(message)
    }

    /// Makes the conversation that begins with `request`, unless that would be refused.
    async fn begin(&self, client: &Client, request: &AddResponse) -> Result<ConversationId> {
        match client.check_first_response(request.clone()).await {
            // What only may fail is tried. A service of another kind does not tell.
            Err(error)
                if matches!(error.kind, ErrorKind::NotFound | ErrorKind::InvalidArgument) =>
            {
                return Err(error.into());
            }
            // One that is out of reach is not waited for a second time.
            Err(error) if error.kind == ErrorKind::Unavailable && !client.is_embedded() => {
                return Err(error.into());
            }
            Ok(()) | Err(_) => {}
        }
        let made = client.begin_conversation(&self.system_prompt, &request.message).await?;
        remark(format_args!("conversation {}", made.id));
        Ok(made.id)
    }

    /// What was typed.
    fn sampling(&self) -> Sampling {
        Sampling {
            temperature: self.temperature,
            top_p: self.top_p,
            seed: self.seed,
            max_tokens: self.max_tokens,
            stop: self.stop.clone(),
            top_k: self.top_k,
            max_tokens_per_second: None,
            search: self.search.then_some(true),
        }
    }
}
