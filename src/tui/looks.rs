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
    /// The background, once something has told.
    background: Option<Background>,
    /// Whether the terminal may still have to be asked.
    curious: bool,
}

impl Looks {
    pub(super) fn new(wishes: Wishes, environment: Environment) -> Self {
        let background = environment.background;
        Self { wishes, environment, sieve: Sieve::default(), background, curious: true }
    }

    /// Asks the terminal for its background, once, where that decides anything and nothing else tells it.
    pub(super) fn ask(&mut self, screen: &mut Screen) -> io::Result<()> {
        if !std::mem::take(&mut self.curious) {
            return Ok(());
        }
        let Environment { no_colours, answers, .. } = self.environment;
        if self.wishes.theme != Name::Auto || no_colours || self.background.is_some() || !answers {
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
        if background.is_some() {
            self.background = background;
            events.push(Event::Theme(self.theme()));
        }
        events
    }

    /// Goes on to the next theme. One that follows the background has it asked for, if need be.
    pub(super) fn next(&mut self) -> Event {
        self.wishes.theme = self.wishes.theme.next();
        self.curious = true;
        Event::ThemeChosen {
            name: self.wishes.theme,
            theme: self.theme(),
            colourless: self.environment.no_colours,
        }
    }

    fn theme(&self) -> Box<Theme> {
        let background = self.background.unwrap_or_default();
        Box::new(Theme::of(&self.wishes, &self.environment, background))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Role;

    #[test]
    fn themes_follow_each_other_and_auto_follows_the_background() {
        let light = Environment { background: Some(Background::Light), ..Environment::default() };
        let mut looks = Looks::new(Wishes { theme: Name::Dark, ..Wishes::default() }, light);
        let mut seen = Vec::new();
        for _ in 0..5 {
            let Event::ThemeChosen { name, theme, .. } = looks.next() else { panic!("no theme") };
            seen.push((name, theme.style(Role::Key)));
        }
        let names: Vec<Name> = seen.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, [Name::Light, Name::Contrast, Name::None, Name::Auto, Name::Dark]);
        assert_eq!(seen[0].1, seen[3].1, "auto on a light background");
        assert_ne!(seen[0].1, seen[4].1);
    }
}
