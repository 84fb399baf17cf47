//! The terminal's background: the question for it, and the answer, which arrives among the keys. The
//! reader of the keys knows no such answers and takes `ESC ] 11;rgb:…` for Alt and a key and letters;
//! what is here puts them together again and keeps them from being taken for typed text.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::time::Instant;

use super::theme::Background;

/// Asks for the background colour.
pub const QUESTION: &str = "\x1b]11;?\x1b\\";
/// An answer later than this is none.
const LISTENED: Duration = Duration::from_secs(5);
/// The parts of an answer come together; keys that merely begin like one wait no longer than this.
const PATIENCE: Duration = Duration::from_millis(25);
/// What an answer begins with, between `ESC ]` and the channels.
const BEGINNINGS: [&str; 2] = ["11;rgb:", "11;rgba:"];
/// Longest body of an answer: `11;rgba:` and four channels of four digits.
const LONGEST: usize = 27;

/// The background from the body of an answer, such as `11;rgb:ffff/ffff/dddd`. Its channels have one
/// to four hexadecimal digits each.
#[must_use]
pub fn parse(body: &str) -> Option<Background> {
    let channels = BEGINNINGS.iter().find_map(|beginning| body.strip_prefix(beginning))?;
    let share = |digits: &str| {
        let good = (1..=4).contains(&digits.len());
        let most = (1_u32 << (4 * digits.len().min(4))) - 1;
        let value = u32::from_str_radix(digits, 16).ok().filter(|_| good)?;
        // A radix of 16 would let a sign through.
        digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| f64::from(value) / f64::from(most))
    };
    let shares: Vec<f64> = channels.split('/').map(share).collect::<Option<_>>()?;
    let &[red, green, blue] = shares.get(..3).filter(|_| shares.len() <= 4)? else { return None };
    let brightness = 0.299 * red + 0.587 * green + 0.114 * blue;
    Some(if brightness > 0.5 { Background::Light } else { Background::Dark })
}

/// What input turns out to be.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sorted {
    /// What the user did, in order.
    pub input: Vec<Event>,
    /// What the terminal answered.
    pub background: Option<Background>,
}

/// Keeps the answer out of the input. Without having asked it lets everything through.
#[derive(Debug, Default)]
pub struct Sieve {
    /// Until when an answer is waited for.
    until: Option<Instant>,
    /// Events that may be the beginning of one.
    held: Vec<Event>,
    /// When they are let go.
    release: Option<Instant>,
    /// How far the answer has come.
    stage: Stage,
    /// What stands between its first and last characters.
    body: String,
}

/// How much of an answer was seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing.
    #[default]
    Nothing,
    /// An escape that came alone.
    Escape,
    /// `ESC ]`, and what is in the body so far.
    Body,
    /// The escape of `ESC \` at the end, alone.
    Ending,
}

/// What a key means to an answer.
enum Step {
    Goes(Stage),
    Ends,
    Breaks,
}

impl Sieve {
    /// The question was asked.
    pub fn listen(&mut self, now: Instant) {
        self.until = Some(now + LISTENED);
    }

    /// When held keys have to be let go, if any are held.
    #[must_use]
    pub fn wakes_at(&self) -> Option<Instant> {
        self.release
    }

    /// Takes in an event of the terminal.
    pub fn sort(&mut self, event: Event, now: Instant) -> Sorted {
        let mut sorted = Sorted::default();
        if self.until.is_none() {
            sorted.input.push(event);
            return sorted;
        }
        if self.until.is_some_and(|until| until <= now) && self.held.is_empty() {
            self.until = None;
            sorted.input.push(event);
            return sorted;
        }
        match &event {
            Event::Key(key) => self.key(*key, event, now, &mut sorted),
            // These come from elsewhere and may be in the midst of an answer.
            Event::Resize(..) | Event::FocusGained | Event::FocusLost => sorted.input.push(event),
            Event::Mouse(_) | Event::Paste(_) => {
                self.let_go(&mut sorted);
                sorted.input.push(event);
            }
        }
        sorted
    }

    /// Lets go what has waited long enough.
    pub fn wake(&mut self, now: Instant) -> Vec<Event> {
        let mut sorted = Sorted::default();
        if self.release.is_some_and(|at| at <= now) {
            self.let_go(&mut sorted);
        }
        sorted.input
    }

    fn key(&mut self, key: KeyEvent, event: Event, now: Instant, sorted: &mut Sorted) {
        let mut step = self.step(key);
        if matches!(step, Step::Breaks) && !self.held.is_empty() {
            self.let_go(sorted);
            // It may be the beginning of another one.
            step = self.step(key);
        }
        match step {
            Step::Goes(stage) => {
                self.stage = stage;
                self.held.push(event);
                self.release = Some(now + PATIENCE);
            }
            Step::Ends => {
                sorted.background = parse(&self.body);
                self.until = None;
                self.held.clear();
                self.rest();
            }
            Step::Breaks => sorted.input.push(event),
        }
    }

    /// What a key means where the answer stands; a character of the body is kept.
    fn step(&mut self, key: KeyEvent) -> Step {
        if key.kind != KeyEventKind::Press {
            return Step::Breaks;
        }
        let alt = key.modifiers == KeyModifiers::ALT;
        let plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
        match (self.stage, key.code) {
            (Stage::Nothing, KeyCode::Esc) if plain => Step::Goes(Stage::Escape),
            (Stage::Nothing, KeyCode::Char(']')) if alt => Step::Goes(Stage::Body),
            (Stage::Escape, KeyCode::Char(']')) if plain => Step::Goes(Stage::Body),
            (Stage::Body, KeyCode::Char(c)) if plain => self.character(c),
            // BEL is the same byte as Ctrl+G.
            (Stage::Body, KeyCode::Char('g')) if key.modifiers == KeyModifiers::CONTROL => {
                self.end()
            }
            (Stage::Body, KeyCode::Char('\\')) if alt => self.end(),
            (Stage::Body, KeyCode::Esc) if plain && parse(&self.body).is_some() => {
                Step::Goes(Stage::Ending)
            }
            (Stage::Ending, KeyCode::Char('\\')) if plain => self.end(),
            _ => Step::Breaks,
        }
    }

    fn character(&mut self, c: char) -> Step {
        self.body.push(c);
        let begun = BEGINNINGS.iter().any(|beginning| {
            beginning.starts_with(&self.body)
                || self.body.strip_prefix(beginning).is_some_and(|channels| {
                    channels.chars().all(|c| c.is_ascii_hexdigit() || c == '/')
                })
        });
        if begun && self.body.len() <= LONGEST { Step::Goes(Stage::Body) } else { Step::Breaks }
    }

    fn end(&self) -> Step {
        if parse(&self.body).is_some() { Step::Ends } else { Step::Breaks }
    }

    fn let_go(&mut self, sorted: &mut Sorted) {
        sorted.input.append(&mut self.held);
        self.rest();
    }

    fn rest(&mut self) {
        self.stage = Stage::Nothing;
        self.body.clear();
        self.release = None;
    }
}

#[cfg(test)]
mod tests;
