//! The picture that is looked at.

use crate::forest::{Response, ResponseId};
use crate::tui::picture::{Drawn, Way};

/// A picture of a response that covers the screen.
#[derive(Debug)]
pub struct View {
    /// Whose picture it is.
    pub response: ResponseId,
    /// Which of them, counted from 0.
    pub index: usize,
    /// The name under which it was asked for last.
    pub request: u32,
    /// What there is to see.
    pub shown: Shown,
}

/// What there is to see of a picture.
#[derive(Debug)]
pub enum Shown {
    /// It is being read.
    Loading,
    /// Where it is; nothing is fetched.
    Address(String),
    /// Why it is not shown, in words.
    Failed(String),
    /// Itself.
    Drawn(Box<Drawn>),
}

impl View {
    /// The picture that the terminal itself keeps on the screen until it is told otherwise: its name,
    /// and whether it has to be deleted by it.
    #[must_use]
    pub fn kept_by_terminal(&self) -> Option<(u32, bool)> {
        match &self.shown {
            Shown::Drawn(drawn) if drawn.way != Way::Blocks => {
                Some((drawn.id, drawn.way == Way::Kitty))
            }
            Shown::Drawn(_) | Shown::Loading | Shown::Address(_) | Shown::Failed(_) => None,
        }
    }
}

/// The pictures of a response: those that came with it, then those that the model made.
pub fn of(response: &Response) -> impl Iterator<Item = &str> {
    let details = response.details.as_deref();
    let given = details.map(|details| details.image_attachments.iter());
    let made = details.map(|details| details.generated_image_urls.iter());
    given.into_iter().flatten().chain(made.into_iter().flatten()).map(String::as_str)
}

/// Whether this is only where a picture can be found.
#[must_use]
pub fn is_address(picture: &str) -> bool {
    !picture.starts_with("data:") && picture.contains("://")
}
