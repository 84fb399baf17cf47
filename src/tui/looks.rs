//! The looks while the program runs: the terminal is asked for its background once there is something
//! on the screen, and its answer, if one comes, becomes a theme.

use std::io;

use tokio::time::Instant;

use super::background::{self, Sieve, Sorted};
use super::event::Event;
use super::terminal::Screen;
use super::theme::{Background, Environment, Name, Theme, Wishes};

/// What the theme is made from.
pub(super) struct Looks {
    wishes: Wishes,
    environment: Environment,
    sieve: Sieve,
    /// Whether the terminal may still have to be asked.
    curious: bool,
}

impl Looks {
    pub(super) fn new(wishes: Wishes, environment: Environment) -> Self {
        Self { wishes, environment, sieve: Sieve::default(), curious: true }
    }

    /// Asks the terminal for its background, once, where that decides anything and nothing else tells it.
    pub(super) fn ask(&mut self, screen: &mut Screen) -> io::Result<()> {
        if !std::mem::take(&mut self.curious) {
            return Ok(());
        }
        let Environment { no_colours, background, answers, .. } = self.environment;
        if self.wishes.theme != Name::Auto || no_colours || background.is_some() || !answers {
            return Ok(());
        }
        screen.tell(background::QUESTION)?;
        self.sieve.listen(Instant::now());
        Ok(())
    }

    /// When [`wake`](Self::wake) has to be called, if anything waits.
    pub(super) fn wakes_at(&self) -> Option<Instant> {
        self.sieve.wakes_at()
    }

    /// Events that have waited long enough.
    pub(super) fn wake(&mut self, now: Instant) -> Vec<Event> {
        self.sieve.wake(now).into_iter().map(Event::Terminal).collect()
    }

    /// The events that an event turns out to be: an answer of the terminal is a new theme.
    pub(super) fn sort(&mut self, event: Event) -> Vec<Event> {
        let Event::Terminal(event) = event else { return vec![event] };
        let Sorted { input, background } = self.sieve.sort(event, Instant::now());
        let mut events: Vec<Event> = input.into_iter().map(Event::Terminal).collect();
        events.extend(background.map(|background| self.theme(background)));
        events
    }

    fn theme(&self, background: Background) -> Event {
        Event::Theme(Box::new(Theme::of(&self.wishes, &self.environment, background)))
    }
}
