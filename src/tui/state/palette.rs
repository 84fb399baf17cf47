//! The palette: everything that can be done, found by its name.

use super::composer::Composer;
use crate::tui::action::Action;
use crate::tui::fuzzy;
use crate::tui::keymap::{Binding, Context, Keymap};

/// The palette while it is open.
#[derive(Debug)]
pub struct Palette {
    /// What is searched for.
    pub field: Composer,
    /// The row under the cursor.
    pub cursor: usize,
    /// The count that was typed before it was opened.
    pub count: Option<usize>,
    /// Where it was opened.
    pub context: Context,
}

impl Palette {
    /// What was found, the best first; without words everything, in the order of the key map.
    #[must_use]
    pub fn found<'a>(&self, keymap: &'a Keymap) -> Vec<&'a Binding> {
        let words = self.field.text();
        let points = |binding: &'a Binding| {
            fuzzy::score(words, &title(binding.action), &binding.help).map(|p| (p, binding))
        };
        let mut found: Vec<_> = keymap.choices(self.context).filter_map(points).collect();
        if !words.trim().is_empty() {
            // Of equals the shortest name is meant.
            let length = |binding: &Binding| binding.action.name().len();
            found.sort_by_key(|(points, binding)| (std::cmp::Reverse(*points), length(binding)));
        }
        found.into_iter().map(|(_, binding)| binding).collect()
    }
}

/// An action's name as people read it.
#[must_use]
pub fn title(action: Action) -> String {
    action.name().replace('_', " ")
}
