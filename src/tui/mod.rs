//! The full-screen client. This file owns the loop: input and news become events, events change the
//! state, effects are carried out, and what has changed is drawn.

pub mod action;
pub mod background;
pub mod clipboard;
mod clusters;
mod editor;
pub mod effect;
pub mod effects;
pub mod event;
mod fuzzy;
mod hangup;
pub mod highlight;
pub mod host;
pub mod hyperlinks;
mod input;
pub mod keymap;
mod looks;
pub mod markdown;
mod output;
pub mod picture;
pub mod session;
mod signals;
pub mod state;
pub mod terminal;
#[cfg(test)]
mod testing;
pub mod theme;
mod timing;
pub mod update;
pub mod view;
pub mod words;

use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::PathBuf;
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context as _;
use futures::FutureExt as _;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::client::Client;
use crate::config::ClipboardSetting;
use crate::forest::{ConversationId, Sampling, Time};

use effect::Effect;
use effects::Runner;
use event::Event;
use input::Input;
use keymap::Keymap;
use looks::Looks;
use picture::Shows;
use session::SessionStore;
use signals::{HANG_UP, Signals};
use state::{Connection, Setup, State};
use terminal::Screen;
use theme::{Environment, Theme};
use timing::Frames;

/// Events of tasks that may wait for the loop; a task that finds the channel full waits too.
const WAITING_EVENTS: usize = 256;
/// News of tasks is drawn no more often than this. Keys are drawn at once, as is a conversation that was
/// waited for.
const SHORTEST_FRAME: Duration = Duration::from_millis(16);
/// The same while text has arrived that no frame had room for yet.
const CATCHING_UP: Duration = Duration::from_millis(2);
/// The same while an answer arrives on a screen that is read aloud.
const READ_ALOUD: Duration = Duration::from_secs(1);
/// Colours of code may wait so long for a frame that is drawn anyway.
const LATEST_COLOURS: Duration = Duration::from_millis(50);
/// The same while answers arrive, whose frames follow each other.
const LATEST_COLOURS_STREAMING: Duration = Duration::from_millis(150);
/// Drafts and places are stored this long after they have changed.
const SAVE_AFTER: Duration = Duration::from_millis(250);

/// What the client is started with.
pub struct Options {
    /// The service.
    pub client: Client,
    /// The conversation to open; `None`: the one of the last run.
    pub conversation: Option<ConversationId>,
    /// The model that answers; `None`: the service's default.
    pub model: Option<String>,
    /// How to sample.
    pub sampling: Sampling,
    /// What the keys mean.
    pub keymap: Keymap,
    /// Whether to take the mouse.
    pub mouse: bool,
    /// What the user wants the screen to look like.
    pub looks: theme::Wishes,
    /// How texts are copied.
    pub clipboard: ClipboardSetting,
    /// Whether what was selected with the mouse is copied at once.
    pub copy_on_select: bool,
    /// Whether the terminal is told of links.
    pub links: bool,
    /// How pictures are shown.
    pub pictures: picture::Setting,
    /// Tokens per second at which the offline model is shown.
    pub pace: f32,
    /// Where to remember drafts and places.
    pub state_folder: PathBuf,
    /// Where the log is, if there is one.
    pub log: Option<PathBuf>,
}

/// Runs the client until the user leaves it.
///
/// # Errors
/// When there is no terminal, or when it goes away.
pub async fn run(options: Options) -> anyhow::Result<ExitCode> {
    let sessions = Arc::new(SessionStore::new(options.state_folder));
    let session = sessions.session();
    let remembered = session.conversation.as_deref().and_then(ConversationId::parse);
    let conversation = options.conversation.or(remembered);
    let size =
        Screen::size().context("grok-tui needs a terminal; `grok-tui ask` works without one")?;
    let connection = if options.client.is_embedded() {
        Connection::Embedded
    } else {
        Connection::Connecting(options.client.endpoint().to_owned())
    };
    let environment = Environment::read(|name| std::env::var(name).unwrap_or_default());
    let background = environment.background.unwrap_or_default();
    let mut state = State::new(Setup {
        size,
        now: now(),
        keymap: options.keymap,
        theme: Theme::of(&options.looks, &environment, background),
        session,
        connection,
        model: options.model.unwrap_or_default(),
        sampling: options.sampling,
        pace: options.pace,
        zone: jiff::tz::TimeZone::system(),
        mouse: options.mouse,
        first_picture: std::process::id() << 12,
        copy_on_select: options.copy_on_select,
    });
    let screen = Screen::take(options.links, options.log).context("could not take the terminal")?;
    let (sender, news) = mpsc::channel(WAITING_EVENTS);
    let shows = Shows { setting: options.pictures, colours: !environment.no_colours };
    let shown_and_copied = (shows, options.clipboard);
    let mut runner = Runner::new(options.client, Arc::clone(&sessions), shown_and_copied, sender);
    let tidy = Arc::clone(&sessions);
    let first = update::begin(&mut state, conversation);
    let frames = Frames::default();
    let mut program = Loop {
        state,
        screen,
        input: Input::new(),
        news,
        signals: Signals::new()?,
        runner: &mut runner,
        sessions,
        save_at: None,
        to_edit: None,
        frames,
        looks: Looks::new(options.looks, environment),
        behind: false,
    };
    let running = program.run(first);
    let outcome = AssertUnwindSafe(running).catch_unwind().await;
    let saved = program.save();
    program.frames.tell();
    let Loop { screen, state, .. } = program;
    drop(screen);
    if !saved && !state.draft().is_blank() {
        // The last place where it can be found.
        let draft = crate::text::visible_lines(state.draft().text());
        let _ = writeln!(io::stderr(), "{}", words::leaving::unsaved(&draft));
    }
    for effect in update::last(&state) {
        runner.start(effect);
    }
    runner.finish().await;
    tidy.tidy();
    // What broke is told already; what was stored is stored.
    match outcome.unwrap_or_else(|panic| resume_unwind(panic)) {
        Err(error) if error.is::<Gone>() => {
            tracing::warn!("{error:#}");
            Ok(ExitCode::from(128 + HANG_UP))
        }
        other => other,
    }
}

/// Nobody is there any more who could be told.
#[derive(Debug, thiserror::Error)]
#[error("the terminal is gone")]
struct Gone(#[source] io::Error);

/// What ends the loop.
enum Flow {
    Go,
    Leave(ExitCode),
}

struct Loop<'a> {
    state: State,
    screen: Screen,
    input: Input,
    news: mpsc::Receiver<Event>,
    signals: Signals,
    runner: &'a mut Runner,
    sessions: Arc<SessionStore>,
    save_at: Option<Instant>,
    /// A text that is to be handed to the user's editor.
    to_edit: Option<String>,
    frames: Frames,
    looks: Looks,
    /// Whether a frame waits for the terminal to take the one before.
    behind: bool,
}

impl Loop<'_> {
    async fn run(&mut self, first: Vec<Effect>) -> anyhow::Result<ExitCode> {
        let mut gone = pin!(hangup::hung_up());
        self.draw()?;
        let mut drawn = Instant::now();
        let mut stale: Option<Instant> = None;
        for effect in first {
            self.carry_out(effect)?;
        }
        self.runner.watch();
        loop {
            let silence = self.silence_grows_at();
            // Text that no frame had room for is shown once nothing else is to be done.
            let lacks = self.state.open.chat.is_behind() && !self.behind;
            let catch_up = lacks.then(|| drawn + self.pause());
            let timers = [stale, catch_up, self.save_at, self.looks.wakes_at(), silence];
            let timer = timers.into_iter().flatten().min();
            let event = tokio::select! {
                biased;
                event = self.input.next() => match event {
                    Some(event) => Event::Terminal(event.map_err(Gone)?),
                    None => return Ok(ExitCode::SUCCESS),
                },
                signal = self.signals.next() => return Ok(ExitCode::from(128 + signal)),
                () = &mut gone => return Err(Gone(io::ErrorKind::UnexpectedEof.into()).into()),
                freed = self.screen.freed(), if self.behind => {
                    freed.map_err(Gone)?;
                    self.draw()?;
                    drawn = Instant::now();
                    continue;
                }
                Some(event) = self.news.recv() => event,
                () = sleep_until(timer) => {
                    let now = Instant::now();
                    if self.save_at.is_some_and(|at| at <= now) && !self.save() {
                        stale = Some(now);
                    }
                    let mut held = self.looks.wake(now);
                    held.extend(silence.filter(|at| *at <= now).map(|_| Event::Silence));
                    if !held.is_empty() {
                        stale = Some(now);
                    }
                    if let Flow::Leave(code) = self.take_in_all(held)? {
                        return Ok(code);
                    }
                    let catch_up = catch_up.filter(|at| *at <= now);
                    if catch_up.or(stale.take_if(|at| *at <= now)).is_some() {
                        self.draw()?;
                        drawn = Instant::now();
                    }
                    continue;
                }
            };
            let pressed = matches!(event, Event::Terminal(_));
            // What is waited for, and comes but once.
            let at_once = pressed || matches!(event, Event::Opened { .. });
            let can_wait = matches!(event, Event::Highlighted(_));
            if let Flow::Leave(code) = self.take_in(event)? {
                return Ok(code);
            }
            // A paste or a held key brings many events: they are drawn together.
            if pressed {
                while self.to_edit.is_none()
                    && let Some(event) = self.input.ready().await
                {
                    let event = Event::Terminal(event.map_err(Gone)?);
                    if let Flow::Leave(code) = self.take_in(event)? {
                        return Ok(code);
                    }
                }
            }
            if let Some(text) = self.to_edit.take()
                && let Flow::Leave(code) = self.edit(&text).await?
            {
                return Ok(code);
            }
            let next = if can_wait {
                Instant::now() + self.latest_colours()
            } else {
                drawn + self.pause()
            };
            if at_once || next <= Instant::now() {
                self.draw()?;
                drawn = Instant::now();
                stale = None;
            } else {
                stale = Some(stale.map_or(next, |at| at.min(next)));
            }
        }
    }

    /// When an answer that hangs is to be drawn again: at most once a second, and only while one does.
    fn silence_grows_at(&self) -> Option<Instant> {
        let at = self.state.silence_grows_at()?;
        let micros = u64::try_from(at.0 - now().0).unwrap_or(0);
        Some(Instant::now() + Duration::from_micros(micros))
    }

    /// How long a frame stays at least while nothing is pressed.
    fn pause(&self) -> Duration {
        let reads = self.state.theme.is_linear() && !self.state.answers.is_empty();
        match (reads, self.state.open.chat.is_behind()) {
            (true, _) => READ_ALOUD,
            (false, true) => CATCHING_UP,
            (false, false) => SHORTEST_FRAME,
        }
    }

    fn latest_colours(&self) -> Duration {
        if self.state.answers.is_empty() { LATEST_COLOURS } else { LATEST_COLOURS_STREAMING }
    }

    /// Lends the terminal to the user's editor. What arrives meanwhile is taken in, and drawn later.
    async fn edit(&mut self, text: &str) -> anyhow::Result<Flow> {
        self.save();
        self.input.pause();
        self.screen.give().map_err(Gone)?;
        let sessions = Arc::clone(&self.sessions);
        let mut gone = pin!(hangup::hung_up());
        let mut editing = pin!(editor::edit(sessions.folder(), text));
        let edited = loop {
            tokio::select! {
                edited = &mut editing => break edited,
                signal = self.signals.end() => return Ok(Flow::Leave(ExitCode::from(128 + signal))),
                () = &mut gone => return Err(Gone(io::ErrorKind::UnexpectedEof.into()).into()),
                Some(event) = self.news.recv() => {
                    if let Flow::Leave(code) = self.take_in(event)? {
                        return Ok(Flow::Leave(code));
                    }
                }
            }
        };
        self.signals = Signals::after_editor()?;
        self.screen.take_again().map_err(Gone)?;
        self.input.resume();
        self.take_in(Event::Edited(edited))
    }

    fn take_in(&mut self, event: Event) -> anyhow::Result<Flow> {
        let events = self.looks.sort(event);
        self.take_in_all(events)
    }

    fn take_in_all(&mut self, events: Vec<Event>) -> anyhow::Result<Flow> {
        for event in events {
            if let Flow::Leave(code) = self.update(event)? {
                return Ok(Flow::Leave(code));
            }
        }
        Ok(Flow::Go)
    }

    fn update(&mut self, event: Event) -> anyhow::Result<Flow> {
        for effect in update::update(&mut self.state, event, now()) {
            if let Flow::Leave(code) = self.carry_out(effect)? {
                return Ok(Flow::Leave(code));
            }
        }
        if self.state.unsaved && self.save_at.is_none() {
            self.save_at = Some(Instant::now() + SAVE_AFTER);
        }
        Ok(Flow::Go)
    }

    fn carry_out(&mut self, effect: Effect) -> anyhow::Result<Flow> {
        match effect {
            Effect::Quit => return Ok(Flow::Leave(ExitCode::SUCCESS)),
            Effect::ToTerminal(sequence) => self.screen.tell(&sequence).map_err(Gone)?,
            Effect::Mouse(mouse) => self.screen.set_mouse(mouse).map_err(Gone)?,
            Effect::Redraw => self.screen.redraw(),
            Effect::NextTheme => {
                let event = self.looks.next();
                return self.update(event);
            }
            Effect::ErasePicture(name) => self.screen.erase_picture(name).map_err(Gone)?,
            Effect::Edit(text) => self.to_edit = Some(text),
            Effect::Remember(conversation, place) => {
                let place = (conversation.to_string(), place);
                self.store(Some(&place));
            }
            Effect::Suspend => {
                self.save();
                self.screen.without(signals::suspend).map_err(Gone)?;
            }
            other => self.runner.start(other),
        }
        Ok(Flow::Go)
    }

    /// Draws, or remembers to do that once the terminal has taken the frame before: frames never queue
    /// up, so that what is shown is always the latest.
    fn draw(&mut self) -> anyhow::Result<()> {
        self.behind = !self.screen.is_free().map_err(Gone)?;
        if self.behind {
            return Ok(());
        }
        // A frame is as large as the terminal is now; the event that tells may still be on its way.
        if let Ok(size) = Screen::size() {
            self.state.size = size;
        }
        let Self { state, screen, frames, runner, .. } = self;
        frames.time(|| {
            update::prepare(state);
            screen.draw(state).map_err(Gone)
        })?;
        for effect in update::missing(state) {
            runner.start(effect);
        }
        Ok(self.looks.ask(&mut self.screen).map_err(Gone)?)
    }

    /// Remembers drafts and places. Small files, written at most a few times a second.
    /// False if they could not be stored.
    fn save(&mut self) -> bool {
        self.save_at = None;
        if !std::mem::take(&mut self.state.unsaved) {
            return true;
        }
        let place = update::place(&self.state);
        self.store(place.as_ref())
    }

    fn store(&mut self, place: Option<&(String, session::Place)>) -> bool {
        let Err(error) = self.sessions.save(&self.state.session(), place) else { return true };
        tracing::warn!("drafts could not be stored: {error}");
        self.state.say(theme::Role::Error, words::writing::not_stored(&error));
        // Once more with the next change, and at the end.
        self.state.unsaved = true;
        false
    }
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// The time of day, which only the loop looks at.
fn now() -> Time {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Time(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}
