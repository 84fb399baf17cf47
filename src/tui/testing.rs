//! A client without a terminal, a service or a clock: events and keys go in, effects and screens come
//! out. The tests of `update` and `view` are in the files below.

mod answers;
mod attachments;
mod conversations;
mod copying;
mod drafts;
mod edges;
mod forest;
mod forms;
mod history;
mod keys;
mod looks;
mod models;
mod mouse;
mod pictures;
mod queue;
mod reading;
mod samples;
mod views;

use std::collections::BTreeMap;

use crossterm::event::{Event as Terminal, KeyCode, KeyEvent, KeyModifiers};
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Size;
use unicode_width::UnicodeWidthStr as _;

use crate::client::{self, ErrorKind};
use crate::forest::{
    Conversation, ConversationId, Forest, Response, ResponseId, Sampling, Slot, Time,
};
use crate::tui::effect::{Effect, Then, Turn};
use crate::tui::event::{AnswerId, Event, Piece};
use crate::tui::keymap::Keymap;
use crate::tui::session::{Place, Session};
use crate::tui::state::attachments::Written;
use crate::tui::state::{Connection, Setup, State};
use crate::tui::theme::{Background, Environment, Theme, Wishes};
use crate::tui::{update, view};

/// 2026-01-02 12:00 UTC, at which every test begins.
const NOON: i64 = 1_767_355_200;

/// The client.
struct Client {
    state: State,
    effects: Vec<Effect>,
    now: Time,
}

impl Client {
    /// A first run with an embedded service.
    fn new(width: u16, height: u16) -> Self {
        Self::start(width, height, Session::default(), Connection::Embedded)
    }

    /// A run that goes on where another was left.
    fn start(width: u16, height: u16, session: Session, connection: Connection) -> Self {
        let conversation = session.conversation.as_deref().and_then(ConversationId::parse);
        let mut state = State::new(Setup {
            size: Size { width, height },
            now: Time(NOON * 1_000_000),
            keymap: Keymap::new(&BTreeMap::new()).unwrap(),
            theme: Theme::new(true),
            session,
            connection,
            model: String::new(),
            sampling: Sampling::default(),
            pace: 60.0,
            zone: jiff::tz::TimeZone::UTC,
            mouse: false,
            first_picture: 0,
            copy_on_select: false,
        });
        let effects = update::begin(&mut state, conversation);
        Self { state, effects, now: Time(NOON * 1_000_000) }
    }

    /// The same with other looks.
    fn with_looks(mut self, wishes: Wishes) -> Self {
        let theme = Theme::of(&wishes, &Environment::default(), Background::Dark);
        self.event(Event::Theme(Box::new(theme)));
        self
    }

    /// With a conversation on the screen.
    fn opened(mut self, id: &str, responses: Vec<Response>) -> Self {
        let listed = conversation(id, &format!("About {id}"), 5);
        self.list(vec![listed.clone()]);
        self.state.open.loading = ConversationId::parse(id);
        self.load(listed, responses, Place::default());
        self.effects.clear();
        self
    }

    /// All conversations have come.
    fn list(&mut self, conversations: Vec<Conversation>) -> &mut Self {
        let query = self.state.list.query.clone();
        self.event(Event::Conversations { query, conversations, first: true, next: None })
    }

    /// A conversation has come.
    fn load(&mut self, listed: Conversation, responses: Vec<Response>, place: Place) -> &mut Self {
        let forest = Box::new(Forest::from_responses(responses));
        self.event(Event::Opened {
            conversation: listed,
            forest,
            annotations: Vec::new(),
            place: Box::new(place),
        })
    }

    /// Something happens.
    fn event(&mut self, event: Event) -> &mut Self {
        let effects = update::update(&mut self.state, event, self.now);
        self.effects.extend(effects);
        update::prepare(&mut self.state);
        self
    }

    /// Pieces of an answer arrive.
    fn arrive(&mut self, id: AnswerId, pieces: Vec<Piece>) -> &mut Self {
        self.event(Event::Answer { id, pieces })
    }

    /// Time goes by.
    fn wait(&mut self, milliseconds: i64) -> &mut Self {
        self.now.0 += milliseconds * 1_000;
        self
    }

    /// Keys are pressed, with spaces between them: `Esc 5 r C-n`.
    fn keys(&mut self, names: &str) -> &mut Self {
        for name in names.split(' ') {
            self.event(Event::Terminal(Terminal::Key(key(name))));
        }
        self
    }

    /// A text is typed.
    fn type_text(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.event(Event::Terminal(Terminal::Key(KeyCode::Char(c).into())));
        }
        self
    }

    /// What was to be done since this was asked last.
    fn effects(&mut self) -> Vec<Effect> {
        std::mem::take(&mut self.effects)
    }

    /// The only answer that was asked for since then.
    fn asked(&mut self) -> (AnswerId, Turn) {
        let effects = self.effects();
        let mut turns = effects.into_iter().filter_map(|effect| match effect {
            Effect::Answer { id, turn } => Some((id, turn)),
            _ => None,
        });
        let turn = turns.next().expect("an answer was asked for");
        assert!(turns.next().is_none(), "more than one answer was asked for");
        turn
    }

    /// All answers that were asked for since then.
    fn all_asked(&mut self) -> Vec<(AnswerId, Turn)> {
        let asked = self.effects().into_iter().filter_map(|effect| match effect {
            Effect::Answer { id, turn } => Some((id, turn)),
            _ => None,
        });
        asked.collect()
    }

    /// The word to the user.
    fn notice(&self) -> &str {
        self.state.notice.as_ref().map_or("", |notice| notice.text.as_str())
    }

    /// The response of that name.
    fn slot(&self, id: &str) -> Slot {
        self.state.open.forest.slot(&response_id(id)).unwrap()
    }

    /// The screen with its colours.
    fn buffer(&mut self) -> Buffer {
        self.terminal().backend().buffer().clone()
    }

    fn terminal(&mut self) -> ratatui::Terminal<TestBackend> {
        update::prepare(&mut self.state);
        let Size { width, height } = self.state.size;
        let mut terminal = ratatui::Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view::draw(frame, &self.state)).unwrap();
        terminal
    }

    /// The screen as text, and where the cursor is.
    fn screen(&mut self) -> String {
        let Size { width, height } = self.state.size;
        let terminal = self.terminal();
        let buffer = terminal.backend().buffer();
        let mut rows: Vec<String> = (0..height)
            .map(|y| {
                let (mut row, mut x) = (String::new(), 0);
                while x < width {
                    let symbol = buffer[(x, y)].symbol();
                    row.push_str(symbol);
                    x += (symbol.width() as u16).max(1);
                }
                row.trim_end().to_owned()
            })
            .collect();
        if terminal.backend().cursor_visible() {
            rows.push(format!("cursor at {}", terminal.backend().cursor_position()));
        }
        rows.join("\n")
    }
}

fn key(name: &str) -> KeyEvent {
    let code = match name {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" => KeyCode::Tab,
        "BackTab" => KeyCode::BackTab,
        "Backspace" => KeyCode::Backspace,
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Home" => KeyCode::Home,
        "PageUp" => KeyCode::PageUp,
        "F1" => KeyCode::F(1),
        "F3" => KeyCode::F(3),
        "F4" => KeyCode::F(4),
        "F6" => KeyCode::F(6),
        "PageDown" => KeyCode::PageDown,
        "Space" => KeyCode::Char(' '),
        name => {
            let (modifiers, letter) = match (name.strip_prefix("C-"), name.strip_prefix("M-")) {
                (Some(letter), _) => (KeyModifiers::CONTROL, letter),
                (None, Some(letter)) => (KeyModifiers::ALT, letter),
                (None, None) => (KeyModifiers::NONE, name),
            };
            let mut letters = letter.chars();
            let (Some(c), None) = (letters.next(), letters.next()) else { panic!("{name:?}?") };
            return KeyEvent::new(KeyCode::Char(c), modifiers);
        }
    };
    code.into()
}

fn response_id(name: &str) -> ResponseId {
    ResponseId::parse(name).unwrap()
}

fn conversation_id(name: &str) -> ConversationId {
    ConversationId::parse(name).unwrap()
}

/// Conversation `c` is in the trash.
fn deleted() -> Event {
    Event::Deleted { id: conversation_id("c"), title: "About c".to_owned() }
}

/// Changed so many minutes before noon.
fn conversation(id: &str, title: &str, minutes: i64) -> Conversation {
    let time = Time((NOON - 60 * minutes) * 1_000_000);
    Conversation {
        id: conversation_id(id),
        title: title.to_owned(),
        starred: false,
        create_time: time,
        modify_time: time,
        settings: Default::default(),
        response_count: 0,
    }
}

/// Something a person said below `parent` (empty: nothing), so many seconds before noon.
fn human(id: &str, parent: &str, message: &str, seconds: i64) -> Response {
    let time = Time((NOON - seconds) * 1_000_000);
    Response {
        parent: ResponseId::parse(parent),
        ..Response::human(response_id(id), message, time)
    }
}

/// The same for the model.
fn model(id: &str, parent: &str, message: &str, seconds: i64) -> Response {
    let time = Time((NOON - seconds) * 1_000_000);
    let response = Response::model(response_id(id), message, time);
    Response { parent: ResponseId::parse(parent), model: "offline/ngram".into(), ..response }
}

fn error(kind: ErrorKind, message: &str) -> client::Error {
    client::Error::new(kind, message)
}
