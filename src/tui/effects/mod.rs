//! Carries out effects: one task for each, which reports by an event. Every task belongs to the
//! runner; dropping the runner stops them all, and what an answer had brought is kept by the service.

mod answer;
mod calls;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use ratatui::layout::Size;
use rustc_hash::FxHashMap;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};

use super::clipboard::{self, Surroundings};
use super::effect::{Effect, Turn, What};
use super::event::{AnswerId, Event};
use super::highlight::{Highlighter, Job};
use super::picture::{self, Shows};
use super::session::SessionStore;
use super::words;
use crate::client::{Annotated, Client, Error, ErrorKind};
use crate::config::ClipboardSetting;
use crate::forest::{ConversationId, Forest};

/// Waits between tries to reach a server again: doubling from the first to the last.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(15);

/// The tasks, and what they need.
pub struct Runner {
    client: Client,
    sessions: Arc<SessionStore>,
    clipboard: ClipboardSetting,
    /// Bounded: a full channel makes tasks wait for the screen, and through them the service.
    events: mpsc::Sender<Event>,
    tasks: JoinSet<()>,
    answers: FxHashMap<AnswerId, AbortHandle>,
    /// The thread that colours code, once there was some.
    highlighter: Option<Highlighter>,
    /// The task that tries to reach a lost server again.
    reaching: Option<AbortHandle>,
    /// The task that makes the picture that was asked for last.
    drawing: Option<AbortHandle>,
    /// One picture is decoded at a time: each may take much memory, and none can be stopped on the way.
    decoding: Arc<Semaphore>,
    shows: Shows,
    /// The task that hears of changes.
    watching: Option<AbortHandle>,
}

impl Runner {
    /// A runner that reports through `events`.
    #[must_use]
    pub fn new(
        client: Client,
        sessions: Arc<SessionStore>,
        (shows, clipboard): (Shows, ClipboardSetting),
        events: mpsc::Sender<Event>,
    ) -> Self {
        Self {
            client,
            sessions,
            clipboard,
            events,
            tasks: JoinSet::new(),
            answers: FxHashMap::default(),
            highlighter: None,
            reaching: None,
            drawing: None,
            decoding: Arc::new(Semaphore::new(1)),
            shows,
            watching: None,
        }
    }

    /// Begins to carry out an effect. Those that concern the terminal, and what has to be remembered
    /// before anything else happens, are left to the loop.
    pub fn start(&mut self, effect: Effect) {
        // Tasks that have ended make room.
        while self.tasks.try_join_next().is_some() {}
        match effect {
            Effect::Answer { id, turn } => self.answer(id, turn),
            Effect::Stop(id) => self.stop(id),
            Effect::AskService => self.ask_service(),
            Effect::Open(id) => self.open(id),
            Effect::Highlight(job) => self.highlight(job),
            Effect::DrawPicture { request, picture, room } => {
                self.draw_picture(request, picture, room);
            }
            Effect::ReadPictures { text, pasted } => self.read_pictures(text, pasted),
            Effect::Copy { text, what } => self.copy(text, what),
            Effect::Remember(..)
            | Effect::ToTerminal(_)
            | Effect::Edit(_)
            | Effect::Mouse(_)
            | Effect::Suspend
            | Effect::Redraw
            | Effect::ErasePicture(_)
            | Effect::Quit => {}
            other => {
                let client = self.client.clone();
                self.report(async move { calls::call(&client, other).await });
            }
        }
    }

    /// Tells of every change of the store from here on. A server that went away is asked again.
    pub fn watch(&mut self) {
        let client = self.client.clone();
        let events = self.events.clone();
        let watching = self.tasks.spawn(async move {
            loop {
                match client.watch_changes().await {
                    Ok(mut changes) => {
                        while let Some(Ok(id)) = changes.next().await {
                            if events.send(Event::Changed(id)).await.is_err() {
                                return;
                            }
                        }
                    }
                    Err(error) if error.kind == ErrorKind::Unimplemented => return,
                    Err(_) => {}
                }
                tokio::time::sleep(LONGEST_WAIT).await;
            }
        });
        self.watching = Some(watching);
    }

    /// Waits for tasks that only store something; answers are stopped.
    pub async fn finish(&mut self) {
        let answers = self.answers.drain().map(|(_, answer)| answer);
        let endless = [self.watching.take(), self.reaching.take()].into_iter().flatten();
        for task in answers.chain(endless) {
            task.abort();
        }
        let all = async { while self.tasks.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(Duration::from_millis(300), all).await;
    }

    fn report(&mut self, task: impl Future<Output = Event> + Send + 'static) -> AbortHandle {
        let events = self.events.clone();
        self.tasks.spawn(async move {
            let event = unless_it_breaks(task, || failed("do that", internal())).await;
            // Nobody listens any more only while the program ends.
            let _ = events.send(event).await;
        })
    }

    fn open(&mut self, id: ConversationId) {
        let client = self.client.clone();
        let sessions = Arc::clone(&self.sessions);
        self.report(async move {
            match client.get_annotated(&id).await {
                Ok(Annotated { conversation, responses, annotations }) => {
                    let build = move || {
                        let place = sessions.place(&conversation.id.to_string());
                        let forest = Box::new(Forest::from_responses(responses));
                        Event::Opened { conversation, forest, annotations, place: Box::new(place) }
                    };
                    let built = tokio::task::spawn_blocking(build).await;
                    built.unwrap_or_else(|_| Event::NotOpened { id, error: internal() })
                }
                Err(error) => Event::NotOpened { id, error },
            }
        });
    }

    fn read_pictures(&mut self, text: String, pasted: bool) {
        self.report(async move {
            let named = text.clone();
            let read = move || picture::read(&named, pasted);
            let pictures = tokio::task::spawn_blocking(read).await;
            let pictures =
                pictures.unwrap_or_else(|_| Err(words::attachments::NOT_READ.to_owned()));
            Event::PicturesRead { pasted: pasted.then_some(text), pictures }
        });
    }

    fn draw_picture(&mut self, request: u32, picture: String, room: Size) {
        // Of pictures that are walked through, only the last is wanted.
        if let Some(before) = self.drawing.take() {
            before.abort();
        }
        let shows = self.shows;
        let decoding = Arc::clone(&self.decoding);
        let task = self.report(async move {
            let turn = decoding.acquire_owned().await;
            let draw = move || {
                let drawn = shows.draw(&picture, room, request);
                drop(turn);
                drawn
            };
            let drawn = tokio::task::spawn_blocking(draw).await;
            let drawn = drawn.unwrap_or_else(|_| Err(words::pictures::TASK_BROKE.to_owned()));
            Event::PictureDrawn { request, drawn: drawn.map(Box::new) }
        });
        self.drawing = Some(task);
    }

    fn copy(&mut self, text: String, what: What) {
        let (sessions, setting) = (Arc::clone(&self.sessions), self.clipboard);
        self.report(async move {
            let around = Surroundings::here();
            let copied = clipboard::copy(&text, setting, &around, sessions.folder()).await;
            Event::Copied { what, characters: text.chars().count(), copied }
        });
    }

    fn ask_service(&mut self) {
        if let Some(before) = self.reaching.take() {
            before.abort();
        }
        let client = self.client.clone();
        let events = self.events.clone();
        let task = self.tasks.spawn(async move {
            let mut wait = FIRST_WAIT;
            loop {
                let event = match client.service_info().await {
                    Ok(info) => Event::Service(info),
                    Err(error) if error.kind == ErrorKind::Unavailable => {
                        let _ = events.send(failed("reach the service", error)).await;
                        tokio::time::sleep(wait).await;
                        wait = (wait * 2).min(LONGEST_WAIT);
                        continue;
                    }
                    // An older service: it answers, and that is all it can tell.
                    Err(error) if error.kind == ErrorKind::Unimplemented => {
                        Event::Service(crate::client::ServiceInfo {
                            server: String::new(),
                            default_model: String::new(),
                            hint: String::new(),
                        })
                    }
                    Err(error) => failed("ask the service", error),
                };
                let _ = events.send(event).await;
                return;
            }
        });
        self.reaching = Some(task);
    }

    /// Code stays plain where there is no thread to colour it.
    fn highlight(&mut self, job: Job) {
        if self.highlighter.is_none() {
            self.highlighter = Highlighter::start(self.events.clone())
                .inspect_err(|error| tracing::warn!("no thread for colouring code: {error}"))
                .ok();
        }
        if let Some(highlighter) = &self.highlighter {
            let jobs = highlighter.jobs();
            // One that finds no room waits in a task; without a thread the code stays plain.
            if let Err(TrySendError::Full(job)) = jobs.try_send(job) {
                self.tasks.spawn(async move {
                    let _ = jobs.send(job).await;
                });
            }
        }
    }

    fn stop(&mut self, id: AnswerId) {
        if let Some(answer) = self.answers.remove(&id) {
            answer.abort();
        }
        self.report(async move { Event::AnswerEnded { id, error: None } });
    }

    fn answer(&mut self, id: AnswerId, turn: Turn) {
        let client = self.client.clone();
        let events = self.events.clone();
        self.answers.retain(|_, task| !task.is_finished());
        let task = self.tasks.spawn(async move {
            let received = answer::receive(&client, &events, id, turn);
            let error = unless_it_breaks(received, || Err(internal())).await.err();
            let _ = events.send(Event::AnswerEnded { id, error }).await;
        });
        self.answers.insert(id, task);
    }
}

fn failed(what: &'static str, error: Error) -> Event {
    Event::Failed { what, error }
}

/// What a task comes to. A panic in it, of which the log has the words by then, ends only the task.
async fn unless_it_breaks<T>(task: impl Future<Output = T>, broken: impl FnOnce() -> T) -> T {
    // What the task worked on goes with it.
    AssertUnwindSafe(task).catch_unwind().await.unwrap_or_else(|_| broken())
}

fn internal() -> Error {
    Error::new(ErrorKind::Other, "a task of the program broke; the log has the details")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_breaks_is_told_as_an_error() {
        let broken = async { panic!("a mistake of ours") };
        let event = unless_it_breaks(broken, || failed("do that", internal())).await;
        let Event::Failed { what, error } = event else { panic!("{event:?}") };
        assert_eq!(what, "do that");
        assert!(error.message.contains("the log"), "{}", error.message);
        assert_eq!(unless_it_breaks(async { 1 }, || 2).await, 1);
    }
}
