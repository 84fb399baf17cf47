//! The conversation on the screen: its forest, the path through it, what is selected, folded and
//! drafted. A new conversation is an empty one without a name.

use rustc_hash::FxHashMap;

use crate::forest::layout::{self, Folds, Kind, Row};
use crate::forest::{Conversation, ConversationId, Forest, Response, ResponseId, Slot};
use crate::tui::session::Place;

use super::Mode;
use super::chat::Chat;
use super::twins::Twins;

/// What a draft is for: what it would become, and below which response.
pub type DraftKey = (Mode, Option<ResponseId>);

/// The conversation on the screen.
#[derive(Debug, Default)]
pub struct Open {
    /// What is known of it; `None` for a new one.
    pub conversation: Option<Conversation>,
    /// A conversation that is being loaded and will take the place of this one.
    pub loading: Option<ConversationId>,
    /// Its responses.
    pub forest: Forest,
    /// The end of the path on the screen.
    leaf: Option<Slot>,
    /// What actions apply to; always on the path.
    selected: Option<Slot>,
    /// The child of each response that was last on the path.
    visited: FxHashMap<Slot, Slot>,
    /// What was opened and closed.
    pub folds: Folds,
    /// The rows of the forest pane, laid out anew when something is committed.
    pub rows: Vec<Row>,
    /// The row under the cursor.
    pub cursor: usize,
    /// From the root to the leaf.
    pub path: Vec<Slot>,
    /// The chat pane.
    pub chat: Chat,
    /// Siblings that say the same.
    twins: Twins,
    /// Drafts that are not in the text field.
    pub drafts: FxHashMap<DraftKey, String>,
    /// Why the model did not answer a response, in words.
    pub failures: FxHashMap<Slot, String>,
}

impl Open {
    /// A conversation that was loaded, at the place where it was left.
    #[must_use]
    pub fn new(conversation: Conversation, forest: Forest, place: &Place) -> Self {
        let slot = |id: &Option<String>| {
            id.as_deref().and_then(ResponseId::parse).and_then(|id| forest.slot(&id))
        };
        let newest = forest.newest_leaf();
        let selected = slot(&place.selected).or(slot(&place.leaf)).or(newest);
        let leaf = slot(&place.leaf).or(selected);
        let mut open = Self {
            conversation: Some(conversation),
            folds: folds_of(place),
            drafts: place
                .drafts
                .iter()
                .filter_map(|(k, v)| Some((draft_key(k)?, v.clone())))
                .collect(),
            forest,
            ..Self::default()
        };
        if let Some(leaf) = leaf {
            open.set_leaf(leaf);
        }
        if let Some(selected) = selected {
            open.select(selected);
        }
        open
    }

    /// Its name; `None` for a new one.
    #[must_use]
    pub fn id(&self) -> Option<&ConversationId> {
        self.conversation.as_ref().map(|conversation| &conversation.id)
    }

    /// Its title; empty if it has none.
    #[must_use]
    pub fn title(&self) -> &str {
        self.conversation.as_ref().map_or("", |conversation| &conversation.title)
    }

    /// The end of the path on the screen.
    #[must_use]
    pub fn leaf(&self) -> Option<Slot> {
        self.leaf
    }

    /// What actions apply to.
    #[must_use]
    pub fn selected(&self) -> Option<Slot> {
        self.selected
    }

    /// The response that actions apply to.
    #[must_use]
    pub fn selected_response(&self) -> Option<&Response> {
        self.selected.map(|slot| self.forest.response(slot))
    }

    /// The name of the response that actions apply to.
    #[must_use]
    pub fn selected_id(&self) -> Option<ResponseId> {
        self.selected_response().map(|response| response.id.clone())
    }

    /// Selects a response. If it is not on the path, the path goes through it and on to where it
    /// was last left below it.
    pub fn select(&mut self, slot: Slot) {
        let on_path = self.leaf.is_some_and(|leaf| self.forest.is_ancestor(slot, leaf));
        self.selected = Some(slot);
        if !on_path {
            let mut leaf = slot;
            while let Some(child) = self.child_on_path(leaf) {
                leaf = child;
            }
            self.set_leaf(leaf);
        }
        self.relayout();
    }

    /// Adds a response that was stored, or renews the one of that name, and lays the rows out.
    pub fn put(&mut self, response: Response) -> Option<Slot> {
        let id = response.id.clone();
        // The rows of a text that is the same stay.
        let same = self.forest.get(&id).is_some_and(|known| known.message == response.message);
        if !self.forest.replace(response.clone()) {
            // A cycle cannot come from our service; a foreign one's is left for the next loading.
            let _ = self.forest.insert(response);
        }
        let slot = self.forest.slot(&id);
        if let Some(slot) = slot {
            self.twins.forget(&self.forest, slot);
        }
        if let Some(slot) = slot.filter(|_| !same) {
            self.chat.forget(slot);
        }
        // The path may have got a longer beginning.
        if let Some(leaf) = self.leaf {
            self.set_leaf(leaf);
        }
        self.relayout();
        slot
    }

    /// Takes in the conversation as the service has it now, but for the responses of which `ours`
    /// says that they are newer here. What is on the screen stays where it is, the cursor too.
    pub fn renew(
        &mut self,
        conversation: Conversation,
        forest: &Forest,
        ours: impl Fn(&ResponseId) -> bool,
    ) {
        self.conversation = Some(conversation);
        let under = self.rows.get(self.cursor).map(Row::slot);
        let mut changed = false;
        for slot in forest.slots() {
            let response = forest.response(slot);
            if ours(&response.id) || self.forest.get(&response.id) == Some(response) {
                continue;
            }
            changed = true;
            if !self.forest.replace(response.clone()) {
                // As in `put`.
                let _ = self.forest.insert(response.clone());
            }
            if let Some(slot) = self.forest.slot(&response.id) {
                self.chat.forget(slot);
                self.twins.forget(&self.forest, slot);
            }
        }
        if !changed {
            return;
        }
        match self.leaf.or(self.forest.newest_leaf()) {
            Some(leaf) if self.leaf.is_none() => self.select(leaf),
            Some(leaf) => {
                self.set_leaf(leaf);
                self.relayout();
            }
            None => {}
        }
        if let Some(index) = self.rows.iter().position(|row| Some(row.slot()) == under) {
            self.cursor = index;
        }
    }

    /// How many siblings say exactly what this response says, itself included; 1 where that was not
    /// looked for, see [`Self::look_for_twins`]. O(1), for views.
    #[must_use]
    pub fn identical(&self, slot: Slot) -> usize {
        self.twins.count(&self.forest, slot)
    }

    /// Finds out how many siblings of a response say the same. Nothing happens where that is known;
    /// to be called for what is on the screen, before it is drawn.
    pub fn look_for_twins(&mut self, slot: Slot) {
        self.twins.look(&self.forest, slot);
    }

    /// The child at which the path went on last, else the main one.
    #[must_use]
    pub fn child_on_path(&self, slot: Slot) -> Option<Slot> {
        self.visited.get(&slot).copied().or_else(|| self.forest.main_child(slot))
    }

    /// Opens or closes the row under the cursor; false if there is nothing to open.
    pub fn set_fold(&mut self, open: bool) -> bool {
        let Some(row) = self.rows.get(self.cursor).copied() else { return false };
        if row.open.is_none_or(|is| is == open) {
            return false;
        }
        let id = self.forest.response(row.slot()).id.clone();
        if matches!(row.kind, Kind::Run { .. }) {
            if open {
                self.folds.runs.insert(id);
            } else {
                self.folds.runs.remove(&id);
            }
        } else {
            self.folds.rows.insert(id, open);
        }
        let top = self.cursor;
        self.relayout();
        self.cursor = top.min(self.rows.len().saturating_sub(1));
        true
    }

    /// Moves the cursor by rows.
    pub fn move_cursor(&mut self, by: isize) {
        let last = self.rows.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
    }

    /// The first row to show where `height` rows have room.
    #[must_use]
    pub fn top_row(&self, height: usize) -> usize {
        let last_top = self.rows.len().saturating_sub(height);
        self.cursor.saturating_sub(height / 2).min(last_top)
    }

    /// Lays the rows out again; the cursor goes to the selected response.
    pub fn relayout(&mut self) {
        let keep: Vec<Slot> = self.selected.into_iter().collect();
        self.rows = layout::rows(&self.forest, self.leaf, &self.folds, &keep);
        let at =
            |row: &Row| !matches!(row.kind, Kind::Run { .. }) && Some(row.slot()) == self.selected;
        if let Some(index) = self.rows.iter().position(at) {
            self.cursor = index;
        }
        self.cursor = self.cursor.min(self.rows.len().saturating_sub(1));
    }

    /// What is to be remembered of it.
    #[must_use]
    pub fn place(&self) -> Place {
        let name = |slot: Option<Slot>| slot.map(|s| self.forest.response(s).id.to_string());
        Place {
            leaf: name(self.leaf),
            selected: name(self.selected),
            rows: self.folds.rows.iter().map(|(id, open)| (id.to_string(), *open)).collect(),
            runs: self.folds.runs.iter().map(ToString::to_string).collect(),
            drafts: self
                .drafts
                .iter()
                .filter(|(_, text)| !text.trim().is_empty())
                .map(|(key, text)| (draft_name(key), text.clone()))
                .collect(),
        }
    }

    fn set_leaf(&mut self, leaf: Slot) {
        self.leaf = Some(leaf);
        self.path = self.forest.path(leaf);
        for pair in self.path.windows(2) {
            self.visited.insert(pair[0], pair[1]);
        }
    }
}

fn folds_of(place: &Place) -> Folds {
    let id = |name: &String| ResponseId::parse(name);
    Folds {
        rows: place.rows.iter().filter_map(|(name, open)| Some((id(name)?, *open))).collect(),
        runs: place.runs.iter().filter_map(id).collect(),
    }
}

/// A draft's key as it is remembered: a letter for the mode, then the response.
#[must_use]
pub fn draft_name(key: &DraftKey) -> String {
    let (letter, id) = match key {
        (Mode::Message, id) => ('m', id.as_ref()),
        (Mode::Replace(id), _) => ('r', Some(id)),
        (Mode::AsModel(id), _) => ('g', id.as_ref()),
    };
    format!("{letter}:{}", id.map(ToString::to_string).unwrap_or_default())
}

fn draft_key(name: &str) -> Option<DraftKey> {
    let (letter, id) = name.split_once(':')?;
    let id = ResponseId::parse(id);
    match letter {
        "m" => Some((Mode::Message, id)),
        "r" => Some((Mode::Replace(id?), None)),
        "g" => Some((Mode::AsModel(id), None)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::Time;

    fn id(name: &str) -> ResponseId {
        ResponseId::parse(name).unwrap()
    }

    fn open(responses: &[(&str, &str)]) -> Open {
        let mut open = Open::default();
        for (time, (name, parent)) in responses.iter().enumerate() {
            let parent = ResponseId::parse(parent);
            open.put(Response { parent, ..Response::human(id(name), *name, Time(time as i64)) });
        }
        open
    }

    fn path(open: &Open) -> Vec<String> {
        open.path.iter().map(|&slot| open.forest.response(slot).id.to_string()).collect()
    }

    #[test]
    fn selecting_a_sibling_goes_on_to_where_it_was_left() {
        let mut open =
            open(&[("a", ""), ("b", "a"), ("c", "a"), ("d", "c"), ("e", "c"), ("f", "b")]);
        open.select(open.forest.slot(&id("e")).unwrap());
        assert_eq!(path(&open), ["a", "c", "e"]);
        open.select(open.forest.slot(&id("b")).unwrap());
        assert_eq!(path(&open), ["a", "b", "f"]);
        open.select(open.forest.slot(&id("c")).unwrap());
        assert_eq!(path(&open), ["a", "c", "e"]);
        open.select(open.forest.slot(&id("a")).unwrap());
        assert_eq!(path(&open), ["a", "c", "e"], "an ancestor leaves the path as it is");
    }

    #[test]
    fn a_place_is_found_again() {
        let mut one = open(&[("a", ""), ("b", "a"), ("c", "a"), ("d", "c")]);
        one.select(one.forest.slot(&id("c")).unwrap());
        one.drafts.insert((Mode::Replace(id("c")), None), "other words".to_owned());
        one.drafts.insert((Mode::Message, Some(id("b"))), "a question".to_owned());
        one.folds.rows.insert(id("b"), true);
        let place = one.place();
        let conversation = Conversation {
            id: ConversationId::parse("x").unwrap(),
            title: String::new(),
            starred: false,
            create_time: Time(0),
            modify_time: Time(0),
            settings: Default::default(),
            response_count: 4,
        };
        let again = Open::new(conversation, one.forest.clone(), &place);
        assert_eq!(again.place(), place);
        assert_eq!(path(&again), path(&one));
    }
}
