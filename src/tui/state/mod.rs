//! Everything the screen shows and everything needed to react to an event. Plain data: what changes
//! it is in `update`, what draws it in `view`.

pub mod answers;
pub mod attachments;
pub mod chat;
pub mod composer;
pub mod filter;
pub mod find;
pub mod form;
pub mod history;
pub mod jumps;
pub mod list;
pub mod message;
pub mod notes;
pub mod open;
pub mod overlay;
pub mod paint;
pub mod palette;
pub mod pane;
pub mod picker;
pub mod pictures;
pub mod queue;
pub mod samples;
pub mod twins;
pub mod visual;

use std::collections::VecDeque;

use ratatui::layout::Size;

use super::action::Action;
use super::keymap::{Context, Keymap};
use super::session::Session;
use super::theme::{Role, Theme};
use crate::forest::{Conversation, ConversationId, ResponseId, Sampling, Settings, Time};

use answers::Answers;
use attachments::{Attachment, Attachments};
use composer::Composer;
use history::{HistorySearch, Recalled};
use list::List;
use open::Open;
use queue::Queues;
use samples::Samples;
use visual::{Pointer, Visual};

pub use overlay::{Choice, Exit, Overlay, Prompt, PromptKind};

/// Messages sent that the text field remembers.
pub const MOST_HISTORY: usize = 100;

/// The whole state.
#[derive(Debug)]
pub struct State {
    /// Cells of the terminal.
    pub size: Size,
    /// The moment of the last event.
    pub now: Time,
    /// What has the keys.
    pub focus: Focus,
    /// Whether the left side is shown: beside the chat where there is room, over it otherwise.
    pub sidebar: bool,
    /// The conversations.
    pub list: List,
    /// The conversation on the screen; a new one is there before the service knows of it.
    pub open: Open,
    /// Answers on their way, of any conversation.
    pub answers: Answers,
    /// Several answers to one response, and the panel that shows them.
    pub samples: Samples,
    /// What is being written.
    pub composer: Composer,
    /// What goes with it.
    pub attachments: Attachments,
    /// What for.
    pub mode: Mode,
    /// Messages that wait for answers.
    pub queues: Queues,
    /// What is being written in a new conversation, while another one is on the screen.
    pub new_draft: String,
    /// The settings of the next conversation that is begun.
    pub new_settings: Settings,
    /// What is attached to that.
    pub new_attached: Vec<Attachment>,
    /// Whether the conversation of the last run is still being loaded: what is typed meanwhile is
    /// meant for it.
    pub starting: bool,
    /// A line that is asked for on top of everything.
    pub prompt: Option<Prompt>,
    /// Searches in conversations on the screen that were begun so far.
    pub finds: u64,
    /// What was looked for last, and whether in all branches.
    pub found_last: Option<(String, bool)>,
    /// What covers the screen.
    pub overlay: Option<Overlay>,
    /// A word to the user; the next key takes it away.
    pub notice: Option<Notice>,
    /// How we stand with the service.
    pub connection: Connection,
    /// Answers with which model; empty: the service's default.
    pub model: String,
    /// The service's default.
    pub default_model: String,
    /// How to sample.
    pub sampling: Sampling,
    /// One line from the service, for example how to connect a real model.
    pub hint: String,
    /// Messages sent, the last one at the end.
    pub history: VecDeque<String>,
    /// Which of them is in the text field.
    pub recalled: Option<Recalled>,
    /// Pictures that were asked for in this run.
    pub pictures_asked: u32,
    /// A conversation that was asked for because of a search, and what was searched for: it is
    /// looked for once the conversation is there.
    pub sought: Option<(ConversationId, String)>,
    /// The conversation that was chosen in the list: once it is there, one goes on in it.
    pub chosen: Option<ConversationId>,
    /// A search through them.
    pub searching: Option<HistorySearch>,
    /// Digits typed before a command.
    pub count: Option<usize>,
    /// Whether the next interrupt leaves the program.
    pub leaving: bool,
    /// Whether clicks come to us.
    pub mouse: bool,
    /// What was noted about responses and the service may not know yet.
    pub notes: notes::Notes,
    /// Whether the service turned out to keep no stars, labels and notes.
    pub no_annotations: bool,
    /// Whether what was selected with the mouse is copied at once.
    pub copy_on_select: bool,
    /// The mouse, between two of its events.
    pub pointer: Pointer,
    /// What is selected in the chat, while that is going on.
    pub visual: Option<Visual>,
    /// The conversation deleted last in this run.
    pub deleted: Option<ConversationId>,
    /// Whether something that is remembered has changed since it was last stored.
    pub unsaved: bool,
    /// The key map.
    pub keymap: Keymap,
    /// The colours.
    pub theme: Theme,
    /// Tokens per second at which the offline model is to be shown.
    pub pace: f32,
    /// Where we are, for local times.
    pub zone: jiff::tz::TimeZone,
}

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The list of conversations.
    List,
    /// The forest.
    Forest,
    /// The chat.
    Chat,
    /// The text field.
    Composer,
}

/// What the text field is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// A message below the selected response.
    #[default]
    Message,
    /// A changed copy of this response.
    Replace(ResponseId),
    /// A response in the model's name below this one.
    AsModel(Option<ResponseId>),
}

/// A word to the user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// How grave.
    pub role: Role,
    /// In words.
    pub text: String,
}

/// How we stand with the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connection {
    /// The service is part of this program.
    Embedded,
    /// Nothing was heard yet from the server at this address.
    Connecting(String),
    /// The server at this address answers.
    Connected(String),
    /// The server at this address does not answer.
    Lost {
        /// Which.
        endpoint: String,
        /// Why, in words.
        why: String,
    },
}

/// What a new state is made from.
pub struct Setup {
    /// Cells of the terminal.
    pub size: Size,
    /// Now.
    pub now: Time,
    /// The key map.
    pub keymap: Keymap,
    /// The colours.
    pub theme: Theme,
    /// What was remembered of the last run.
    pub session: Session,
    /// How we stand with the service.
    pub connection: Connection,
    /// The model asked for; empty: the service's default.
    pub model: String,
    /// How to sample.
    pub sampling: Sampling,
    /// Tokens per second at which the offline model is to be shown.
    pub pace: f32,
    /// Where we are.
    pub zone: jiff::tz::TimeZone,
    /// Whether to take the mouse.
    pub mouse: bool,
    /// The name in the terminal of the first picture: another one for every program on it.
    pub first_picture: u32,
    /// Whether what was selected with the mouse is copied at once.
    pub copy_on_select: bool,
}

impl State {
    /// The state a run begins with.
    #[must_use]
    pub fn new(setup: Setup) -> Self {
        let mut attachments = Attachments::default();
        attachments.extend(setup.session.attached);
        Self {
            size: setup.size,
            now: setup.now,
            focus: Focus::Composer,
            sidebar: true,
            list: List::default(),
            open: Open::default(),
            answers: Answers::default(),
            samples: Samples::default(),
            composer: Composer::with_text(&setup.session.draft),
            attachments,
            mode: Mode::Message,
            queues: Queues::remembered(setup.session.waiting),
            new_draft: String::new(),
            new_settings: Settings::default(),
            new_attached: Vec::new(),
            starting: false,
            prompt: None,
            finds: 0,
            found_last: None,
            overlay: None,
            notice: None,
            connection: setup.connection,
            model: setup.model,
            default_model: String::new(),
            sampling: setup.sampling,
            hint: String::new(),
            history: setup.session.history.into(),
            recalled: None,
            pictures_asked: setup.first_picture,
            sought: None,
            chosen: None,
            searching: None,
            count: None,
            leaving: false,
            mouse: setup.mouse,
            notes: notes::Notes::default(),
            no_annotations: false,
            copy_on_select: setup.copy_on_select,
            pointer: Pointer::default(),
            visual: None,
            deleted: None,
            unsaved: false,
            keymap: setup.keymap,
            theme: setup.theme,
            pace: setup.pace,
            zone: setup.zone,
        }
    }

    /// Where keys mean what.
    #[must_use]
    pub fn context(&self) -> Context {
        match self.focus {
            _ if self.prompt.is_some() || self.form().is_some() => Context::Writing,
            Focus::Chat if self.visual.is_some() => Context::Visual,
            Focus::Chat if self.samples_have_keys() => Context::Samples,
            Focus::List => Context::List,
            Focus::Forest => Context::Forest,
            Focus::Chat => Context::Chat,
            Focus::Composer => Context::Writing,
        }
    }

    /// The first key of an action where the keys go now.
    #[must_use]
    pub fn key_for(&self, action: Action) -> Option<String> {
        self.keymap.hint(action, self.context())
    }

    /// A key of an action for a sentence that names one: where the keys go now, else as
    /// [`Keymap::told`] has it.
    #[must_use]
    pub fn key_told(&self, action: Action) -> String {
        self.key_for(action).unwrap_or_else(|| self.keymap.told(action))
    }

    /// What is known of a conversation, the one on the screen or another; `None`: of the one that is
    /// begun on the screen.
    #[must_use]
    pub fn known(&self, conversation: Option<&ConversationId>) -> Option<&Conversation> {
        match conversation {
            Some(id) if self.open.id() != Some(id) => self.list.get(id),
            Some(_) | None => self.open.conversation.as_ref(),
        }
    }

    /// The model that would answer now.
    #[must_use]
    pub fn answering_model(&self) -> &str {
        self.model_in(self.open.conversation.as_ref())
    }

    /// The model that would answer in a conversation.
    #[must_use]
    pub fn model_in<'a>(&'a self, conversation: Option<&'a Conversation>) -> &'a str {
        let own = conversation.map_or(&self.new_settings, |conversation| &conversation.settings);
        [self.model.as_str(), own.model.as_str()]
            .into_iter()
            .find(|m| !m.is_empty())
            .unwrap_or(&self.default_model)
    }

    /// How the next answer is sampled: as the conversation has it, else as configured.
    #[must_use]
    pub fn effective_sampling(&self) -> Sampling {
        self.sampling_in(self.open.conversation.as_ref())
    }

    /// How the next answer in a conversation is sampled.
    #[must_use]
    pub fn sampling_in(&self, conversation: Option<&Conversation>) -> Sampling {
        let own = conversation.map_or(&self.new_settings, |conversation| &conversation.settings);
        own.sampling.clone().or(&self.sampling)
    }

    /// Whether nothing was written or attached.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.composer.is_blank() && self.attachments.is_empty()
    }

    /// What waits to be sent at the selected response.
    #[must_use]
    pub fn queue_here(&self) -> Option<usize> {
        let Open { forest, .. } = &self.open;
        self.queues.at(self.open.id(), self.awaited(), forest, self.open.selected())
    }

    /// What is being written: not what a search through the messages sent before shows meanwhile.
    #[must_use]
    pub fn draft(&self) -> &Composer {
        self.searching.as_ref().map_or(&self.composer, |search| &search.before)
    }

    /// Tells the user something.
    pub fn say(&mut self, role: Role, text: impl Into<String>) {
        self.notice = Some(Notice { role, text: text.into() });
    }

    /// What is to be remembered for the next run.
    #[must_use]
    pub fn session(&self) -> Session {
        let new = self.open.id().is_none() && !self.starting;
        let aside = self.open.drafts.get(&(Mode::Message, None)).map_or("", String::as_str);
        let draft = match self.mode {
            Mode::Message if new => self.draft().text(),
            Mode::Replace(_) | Mode::AsModel(_) if new => aside,
            Mode::Message | Mode::Replace(_) | Mode::AsModel(_) => &self.new_draft,
        };
        let aside = self.open.attached.get(&(Mode::Message, None)).map_or(&[][..], Vec::as_slice);
        let attached = match self.mode {
            Mode::Message if new => self.attachments.items(),
            Mode::Replace(_) | Mode::AsModel(_) if new => aside,
            Mode::Message | Mode::Replace(_) | Mode::AsModel(_) => &self.new_attached,
        };
        let open = self.open.id().or(self.open.loading.as_ref().filter(|_| self.starting));
        Session {
            conversation: open.map(ToString::to_string),
            draft: draft.to_owned(),
            attached: attached.to_vec(),
            history: self.history.iter().cloned().collect(),
            waiting: self.queues.waiting(),
            aside: Vec::new(),
        }
    }
}
