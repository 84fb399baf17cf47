//! Carries out effects: one task for each, which reports by an event. Every task belongs to the
//! runner; dropping the runner stops them all, and what an answer had brought is kept by the service.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::{FutureExt as _, StreamExt as _};
use ratatui::layout::Size;
use rustc_hash::FxHashMap;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::clipboard::{self, Surroundings};
use super::effect::{Effect, ModelText, Then, Turn, What};
use super::event::{AnswerId, Event, Piece};
use super::highlight::{Highlighter, Job};
use super::picture::{self, Shows};
use super::session::SessionStore;
use super::state::samples::Likelihood;
use super::words;
use crate::client::{Annotated, Answer, AnswerStream, Client, Error, ErrorKind};
use crate::config::ClipboardSetting;
use crate::forest::{ConversationId, Forest};

/// Conversations of the first part of the list, which is what the screen can show, and of the
/// others.
const FIRST_PAGE: u32 = 100;
const PAGE: u32 = 2_000;

/// Text is handed on no more often than this: the screen is not drawn more often either. What is behind
/// the service comes at the same pace, so that nothing is gained by more frames.
const FLUSH_EVERY: Duration = Duration::from_millis(50);
/// A flush that would be this late is not waited for while pieces keep coming.
const MOST_AT_ONCE: usize = 4_096;

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
                self.report(async move { call(&client, other).await });
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
            self.tasks.spawn(async move {
                let _ = jobs.send(job).await;
            });
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
            let received = receive(&client, &events, id, turn);
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

/// Carries out an effect that is one call.
async fn call(client: &Client, effect: Effect) -> Event {
    match effect {
        Effect::LoadConversations { query, page } => load(client, query, page).await,
        Effect::RefreshConversations => {
            match client.list_conversations(Some(FIRST_PAGE), None).await {
                Ok((conversations, next)) => {
                    Event::Refreshed { conversations, whole: next.is_none() }
                }
                Err(error) => failed("load the conversations", error),
            }
        }
        Effect::Store { text, then } => match store(client, text, then).await {
            Ok(stored) => stored,
            Err(error) => failed("store the response", error),
        },
        Effect::Update { id, title, starred } => {
            match client.update_conversation(&id, &title, starred).await {
                Ok(conversation) => Event::Updated(conversation),
                Err(error) => failed("change the conversation", error),
            }
        }
        Effect::SetSettings { id, settings } => {
            match client.update_settings(&id, &settings).await {
                Ok(conversation) => Event::Updated(conversation),
                Err(error) => failed("change the settings", error),
            }
        }
        Effect::Annotate { conversation, response, annotation } => {
            match client.annotate(&conversation, &response, annotation.clone()).await {
                Ok(()) => Event::Annotated { conversation, response, annotation },
                Err(error) => Event::NotAnnotated { conversation, response, error },
            }
        }
        Effect::FilterOn => Event::FilterOn,
        Effect::GenerateTitle(id, leaf) => match client.generate_title(&id, &leaf).await {
            Ok(title) => Event::Titled { conversation: id, title },
            Err(error) => failed("find a title", error),
        },
        Effect::Delete(id) => match client.delete_conversation(&id).await {
            Ok(()) => Event::Deleted(id),
            Err(error) => failed("delete the conversation", error),
        },
        Effect::Restore(id) => match restore(client, id).await {
            Ok(conversation) => Event::Restored(conversation),
            Err(error) => failed("bring the conversation back", error),
        },
        Effect::Share(id, response) => match client.share_conversation(&id, &response).await {
            Ok((shared_id, url)) => Event::Shared { response, shared_id, url },
            Err(error) => failed("share", error),
        },
        Effect::FindOn(number) => Event::FindOn(number),
        Effect::Unshare(id, response) => {
            match client.unshare_conversation(&id, Some(&response)).await {
                Ok(gone) => Event::Unshared { conversation: id, count: gone.len() },
                Err(error) => failed("take back what was shared", error),
            }
        }
        // Only a help while a setting is written: where it fails, names can be written all the same.
        Effect::LoadPrompts => {
            let prompts = client.system_prompts().await.unwrap_or_default();
            Event::Prompts(prompts.into_iter().map(|(name, _)| name).collect())
        }
        Effect::LoadModels => match client.models().await {
            Ok((models, problems)) => Event::Models(models, problems),
            Err(error) => failed("ask for the models", error),
        },
        Effect::Open(_)
        | Effect::Answer { .. }
        | Effect::Stop(_)
        | Effect::AskService
        | Effect::Highlight(_)
        | Effect::ReadPictures { .. }
        | Effect::DrawPicture { .. }
        | Effect::ErasePicture(_)
        | Effect::Copy { .. }
        | Effect::ToTerminal(_)
        | Effect::Remember(..)
        | Effect::Edit(_)
        | Effect::Mouse(_)
        | Effect::Suspend
        | Effect::Redraw
        | Effect::NextTheme
        | Effect::Quit => failed("do that", internal()),
    }
}

/// Stores a text in the model's name, in a new conversation if it is for none.
async fn store(client: &Client, text: ModelText, then: Then) -> Result<Event, Error> {
    let (conversation, made) = match text.conversation.clone() {
        Some(id) => (id, None),
        None => {
            let made = client.create_conversation("").await?;
            (made.id.clone(), Some(made))
        }
    };
    let request = text.in_conversation(conversation.clone());
    let response = client.add_model_response(request).await?;
    Ok(Event::Stored { conversation, made, response, then })
}

async fn load(client: &Client, query: Option<String>, page: Option<String>) -> Event {
    let first = page.is_none();
    let size = Some(if first { FIRST_PAGE } else { PAGE });
    let found = match &query {
        Some(words) => client.search_conversations(words, size, page).await,
        None => client.list_conversations(size, page).await,
    };
    match found {
        Ok((conversations, next)) => Event::Conversations { query, conversations, first, next },
        Err(error) => failed("load the conversations", error),
    }
}

async fn restore(
    client: &Client,
    id: Option<ConversationId>,
) -> Result<crate::forest::Conversation, Error> {
    let id = match id {
        Some(id) => id,
        // An empty one was taken back by us, not deleted by the user.
        None => {
            match client.list_deleted().await?.into_iter().find(|(c, _)| c.response_count > 0) {
                Some((conversation, _)) => conversation.id,
                None => return Err(Error::new(ErrorKind::NotFound, "the trash is empty")),
            }
        }
    };
    client.restore_conversation(&id).await
}

/// Makes the conversation if need be, asks for the answer and hands on what comes.
async fn receive(
    client: &Client,
    events: &mpsc::Sender<Event>,
    id: AnswerId,
    turn: Turn,
) -> Result<(), Error> {
    let conversation = match &turn.conversation {
        Some(conversation) => conversation.clone(),
        None => {
            let conversation = client.create_conversation("").await?;
            let name = conversation.id.clone();
            let _ = events.send(Event::Created { answer: id, conversation }).await;
            name
        }
    };
    let made = turn.conversation.is_none().then(|| conversation.clone());
    let mut stream = match client.add_response(turn.in_conversation(conversation)).await {
        Ok(stream) => stream,
        Err(error) => {
            discard(client, events, made).await;
            return Err(error);
        }
    };
    let mut batch = Batch::default();
    let result = loop {
        let Some(item) = next(&mut stream, &mut batch, events, id).await else { break Ok(()) };
        match item {
            Ok(step) => batch.add(step),
            Err(error) => break Err(error),
        }
    };
    batch.send(events, id).await;
    result
}

/// Takes back a conversation that was made for a turn which the service did not take.
async fn discard(client: &Client, events: &mpsc::Sender<Event>, made: Option<ConversationId>) {
    if let Some(id) = made
        && client.delete_conversation(&id).await.is_ok()
    {
        let _ = events.send(Event::Discarded(id)).await;
    }
}

/// The next step of an answer. Hands on what has gathered when that is due.
async fn next(
    stream: &mut AnswerStream,
    batch: &mut Batch,
    events: &mpsc::Sender<Event>,
    id: AnswerId,
) -> Option<Result<Answer, Error>> {
    if batch.count < MOST_AT_ONCE
        && let Some(item) = stream.next().now_or_never()
    {
        return item;
    }
    if batch.pieces.is_empty() {
        return stream.next().await;
    }
    let due = batch.due();
    if due > Instant::now() {
        tokio::select! {
            biased;
            item = stream.next() => return item,
            () = tokio::time::sleep_until(due) => {}
        }
    }
    batch.send(events, id).await;
    stream.next().await
}

/// Pieces that wait to be handed on together.
#[derive(Default)]
struct Batch {
    pieces: Vec<Piece>,
    /// Steps in it.
    count: usize,
    sent: Option<Instant>,
    /// Something in it is to be seen at once.
    urgent: bool,
    /// Of the tokens in it: one number for all, so that a piece stays small.
    likelihood: Likelihood,
}

impl Batch {
    fn add(&mut self, step: Answer) {
        self.count += 1;
        let piece = match step {
            Answer::Token(token) => {
                if let Some(prob) = token.prob {
                    let log_sum = f64::from(prob.max(f32::MIN_POSITIVE)).ln();
                    self.likelihood.add(Likelihood { log_sum, tokens: 1 });
                }
                if let Some(Piece::Text(text, tokens)) = self.pieces.last_mut() {
                    text.push_str(&token.text);
                    *tokens += 1;
                    return;
                }
                Piece::Text(token.text, 1)
            }
            Answer::Reasoning(more) => {
                if let Some(Piece::Reasoning(text)) = self.pieces.last_mut() {
                    text.push_str(&more);
                    return;
                }
                Piece::Reasoning(more)
            }
            Answer::Query { query, kind } => Piece::Notice(format!("searching {kind}: {query}")),
            Answer::Notice(text) => Piece::Notice(text),
            Answer::User(response) => Piece::User(response),
            Answer::Started(response) => Piece::Started(response),
            Answer::Finished(response) => Piece::Finished(response),
        };
        self.urgent |= !matches!(piece, Piece::Text(..) | Piece::Reasoning(_));
        self.pieces.push(piece);
    }

    fn due(&self) -> Instant {
        match self.sent {
            Some(sent) if !self.urgent => sent + FLUSH_EVERY,
            _ => Instant::now(),
        }
    }

    async fn send(&mut self, events: &mpsc::Sender<Event>, id: AnswerId) {
        if self.pieces.is_empty() {
            return;
        }
        let mut pieces = std::mem::take(&mut self.pieces);
        let likelihood = std::mem::take(&mut self.likelihood);
        if likelihood.tokens > 0 {
            pieces.insert(0, Piece::Likelihood(likelihood));
        }
        self.count = 0;
        self.urgent = false;
        self.sent = Some(Instant::now());
        let _ = events.send(Event::Answer { id, pieces }).await;
    }
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
