//! A list of names that is filtered by what is typed: the names of a form, and the models.

/// The list, while it is open.
#[derive(Debug, Default)]
pub struct Picker {
    /// The row under the cursor.
    pub cursor: usize,
    /// What the names shown have in them.
    pub filter: String,
}

impl Picker {
    /// What was typed, if it can be the whole name of a model, with its server.
    #[must_use]
    pub fn whole_name(&self) -> Option<&str> {
        let typed = self.filter.trim();
        let (server, model) = typed.split_once('/')?;
        (!server.is_empty() && !model.is_empty()).then_some(typed)
    }

    /// Whether a name has in it what was typed.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        name.to_lowercase().contains(&self.filter.to_lowercase())
    }

    /// Moves the cursor by so many of `rows` rows; it stays within them.
    pub fn go(&mut self, by: isize, rows: usize) {
        let last = rows.saturating_sub(1);
        self.cursor = self.cursor.min(last).saturating_add_signed(by).min(last);
    }

    /// The first row in sight of `rows`, where so many are shown.
    #[must_use]
    pub fn top(&self, rows: usize, shown: usize) -> usize {
        let cursor = self.cursor.min(rows.saturating_sub(1));
        cursor.saturating_sub(shown / 2).min(rows.saturating_sub(shown))
    }
}
