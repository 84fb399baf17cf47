//! The conversation on the screen: its forest, the path through it, what is selected, folded and
//! drafted. A new conversation is an empty one without a name.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::forest::layout::{Folds, Kind, Layout, Row};
use crate::forest::{
    Annotation, Annotations, Conversation, ConversationId, Forest, Response, ResponseId, Slot, Time,
};
use crate::tui::session::Place;

use super::Mode;
use super::chat::Chat;
use super::filter::{Filter, Filtered};
use super::jumps::Jumps;
use super::pane::Pane;

/// Responses that are remembered as not read; of more, the newest.
const MOST_UNREAD: usize = 1_000;

/// Runs whose being open is remembered.
const MOST_OPEN_RUNS: usize = 256;

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
    /// Of each response with several children, the one that was last on the path.
    visited: FxHashMap<Slot, Slot>,
    /// What was opened and closed.
    pub folds: Folds,
    /// What was noted about responses.
    pub annotations: Annotations,
    /// The forest pane.
    pub pane: Pane,
    /// The roots of what the pane shows, the innermost last; none: the whole forest.
    hoists: Vec<Slot>,
    /// What the pane lets through.
    filtered: Option<Filtered>,
    /// Where the selection was before larger moves.
    pub jumps: Jumps,
    /// Responses that arrived and were not on the screen yet.
    unread: FxHashSet<Slot>,
    /// When the newest response was made.
    newest: Time,
    /// From the root to the leaf.
    pub path: Vec<Slot>,
    /// The chat pane.
    pub chat: Chat,
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
        let unread = unread_of(place, &forest);
        let newest = forest.slots().map(|slot| forest.response(slot).create_time).max();
        let mut open = Self {
            conversation: Some(conversation),
            folds: folds_of(place),
            drafts: place
                .drafts
                .iter()
                .filter_map(|(k, v)| Some((draft_key(k)?, v.clone())))
                .collect(),
            forest,
            unread,
            newest: newest.unwrap_or_default(),
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
    /// was last left below it. Costs as much as the part of the path that changes.
    pub fn select(&mut self, slot: Slot) {
        let on_path = self.leaf.is_some_and(|leaf| self.forest.is_ancestor(slot, leaf));
        self.selected = Some(slot);
        while self.hoists.last().is_some_and(|&top| !self.forest.is_ancestor(top, slot)) {
            self.hoists.pop();
        }
        if !on_path {
            self.set_leaf(slot);
            let mut leaf = slot;
            while let Some(child) = self.child_on_path(leaf) {
                self.visit(leaf, child);
                self.path.push(child);
                leaf = child;
            }
            self.leaf = Some(leaf);
        }
        self.point_to(slot);
    }

    /// Adds a response that was stored, or renews the one of that name.
    pub fn put(&mut self, response: Response) -> Option<Slot> {
        let id = response.id.clone();
        // The rows of a text that is the same stay.
        let same = self.forest.get(&id).is_some_and(|known| known.message == response.message);
        self.take_in(response);
        let slot = self.forest.slot(&id);
        if let Some(slot) = slot.filter(|_| !same) {
            self.chat.forget(slot);
        }
        self.relayout();
        slot
    }

    /// Puts a response into the forest, and keeps what depends on the shape of it.
    fn take_in(&mut self, response: Response) {
        let id = response.id.clone();
        self.newest = self.newest.max(response.create_time);
        let is_answer = !response.is_human();
        let is_new = !self.forest.replace(response.clone());
        if is_new {
            // A cycle cannot come from our service; a foreign one's is left for the next loading.
            let _ = self.forest.insert(response);
        }
        let Some(slot) = self.forest.slot(&id) else { return };
        if is_new && is_answer && self.unread.len() < MOST_UNREAD {
            self.unread.insert(slot);
        }
        if let (Some(filtered), Some(parent)) = (&mut self.filtered, self.forest.parent(slot)) {
            filtered.answered(parent);
        }
        // The way on from a response is remembered from its second child on.
        if let (&[first, second], Some(parent)) =
            (self.forest.siblings(slot), self.forest.parent(slot))
            && let Some(leaf) = self.leaf
        {
            let other = if first == slot { second } else { first };
            if self.forest.is_ancestor(other, leaf) {
                self.visited.entry(parent).or_insert(other);
            }
        }
        // The path may have got a longer beginning.
        let begun = self.path.first().is_some_and(|&root| self.forest.parent(root).is_some());
        if let Some(leaf) = self.leaf.filter(|_| begun) {
            self.path.clear();
            self.annotations.sort(&self.forest);
            self.set_leaf(leaf);
        }
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
        let mut changed = false;
        for slot in forest.slots() {
            let response = forest.response(slot);
            if ours(&response.id) || self.forest.get(&response.id) == Some(response) {
                continue;
            }
            changed = true;
            self.take_in(response.clone());
            if let Some(slot) = self.forest.slot(&response.id) {
                self.chat.forget(slot);
            }
        }
        if !changed {
            return;
        }
        if self.leaf.is_none()
            && let Some(newest) = self.forest.newest_leaf()
        {
            self.select(newest);
        }
        self.relayout();
    }

    /// The child at which the path went on last, else the main one.
    #[must_use]
    pub fn child_on_path(&self, slot: Slot) -> Option<Slot> {
        match self.forest.children(slot) {
            [] => None,
            [only] => Some(*only),
            _ => self.visited.get(&slot).copied().or_else(|| self.forest.main_child(slot)),
        }
    }

    /// The place of a response on the path. O(log n).
    #[must_use]
    pub fn path_index(&self, slot: Slot) -> Option<usize> {
        let place = self.forest.order(slot).1;
        let index = self.path.partition_point(|&other| self.forest.order(other).1 < place);
        (self.path.get(index) == Some(&slot)).then_some(index)
    }

    /// The layout of the forest pane; `None` if there is nothing to show.
    #[must_use]
    pub fn layout(&self) -> Option<Layout<'_>> {
        let layout = Layout::new(&self.forest, &self.annotations, &self.folds, self.leaf)?;
        Some(layout.selecting(self.selected).below(self.hoists.last().copied()))
    }

    /// The response under the cursor of the forest pane, or the first of several.
    #[must_use]
    pub fn cursor_slot(&self) -> Option<Slot> {
        match &self.filtered {
            Some(filtered) => filtered.slot(),
            None => self.pane.slot(),
        }
    }

    /// What the pane lets through, if not everything.
    #[must_use]
    pub fn filtered(&self) -> Option<&Filtered> {
        self.filtered.as_ref()
    }

    /// Lets only some responses through, or all of them again; true if it is still being found out
    /// which.
    pub fn filter(&mut self, filter: Option<Filter>) -> bool {
        let under = self.cursor_slot();
        let of = |filter, hits| Filtered::of(filter, hits, &self.forest);
        self.filtered = filter.map(|filter| match filter {
            Filter::Marked => {
                let noted = |slot: &Slot| {
                    let annotation = self.annotations.get(*slot);
                    annotation
                        .is_some_and(|a| a.starred || !a.label.is_empty() || !a.note.is_empty())
                };
                of(filter, self.annotations.slots().iter().copied().filter(noted).collect())
            }
            Filter::Unread => of(filter, self.unread.iter().copied().collect()),
            Filter::Human | Filter::Leaves | Filter::Model(_) | Filter::Text(_) => {
                Filtered::new(filter)
            }
        });
        let more = self.filter_on();
        if let (Some(filtered), Some(under)) = (&mut self.filtered, under) {
            filtered.point_to(under);
        } else if let Some(under) = under {
            self.point_to(under);
        }
        more
    }

    /// Finds out about some more responses; false if there are no more.
    pub fn filter_on(&mut self) -> bool {
        self.pane.touch();
        let Some(filtered) = &mut self.filtered else { return false };
        filtered.step(&self.forest, &self.annotations)
    }

    /// The root of what the pane shows; `None`: the whole forest.
    #[must_use]
    pub fn hoisted(&self) -> Option<Slot> {
        self.hoists.last().copied()
    }

    /// Shows only what is below a response.
    pub fn hoist(&mut self, slot: Slot) {
        if self.hoisted() != Some(slot) {
            self.hoists.push(slot);
            self.point_to(slot);
        }
    }

    /// Shows what was shown before that; false if everything is shown.
    pub fn unhoist(&mut self) -> bool {
        let Some(slot) = self.hoists.pop() else { return false };
        self.point_to(slot);
        true
    }

    /// Whether a response arrived and was not on the screen yet.
    #[must_use]
    pub fn is_unread(&self, slot: Slot) -> bool {
        self.unread.contains(&slot)
    }

    /// How many are.
    #[must_use]
    pub fn unread_count(&self) -> usize {
        self.unread.len()
    }

    /// What the chat shows now has been read; true if something of it was not before.
    pub fn read_what_is_shown(&mut self) -> bool {
        if self.unread.is_empty() {
            return false;
        }
        let before = self.unread.len();
        for (index, _) in &self.chat.rows {
            if let Some(slot) = self.path.get(*index) {
                self.unread.remove(slot);
            }
        }
        let read = self.unread.len() != before;
        if read {
            self.pane.touch();
        }
        read
    }

    /// Sets all that is noted about a response, and returns what was noted before.
    pub fn annotate(&mut self, slot: Slot, annotation: Annotation) -> Annotation {
        let before = self.annotations.get(slot).cloned().unwrap_or_default();
        self.annotations.set(&self.forest, slot, annotation);
        if self.filtered.as_ref().is_some_and(|filtered| filtered.filter == Filter::Marked) {
            self.filter(Some(Filter::Marked));
        }
        self.relayout();
        before
    }

    /// Takes in what is noted about the responses of the conversation.
    pub fn annotate_all(&mut self, all: Vec<(ResponseId, Annotation)>) {
        let known = all.into_iter().filter_map(|(id, one)| Some((self.forest.slot(&id)?, one)));
        self.annotations = Annotations::new(&self.forest, known);
        self.relayout();
    }

    /// The row under the cursor.
    #[must_use]
    pub fn row(&self) -> Option<Row> {
        Some(self.layout()?.row(self.pane.cursor()?))
    }

    /// Opens or closes the row under the cursor; false if there is nothing to open.
    pub fn set_fold(&mut self, open: bool) -> bool {
        if self.filtered.is_some() {
            return false;
        }
        let Some(row) = self.row() else { return false };
        if row.open.is_none_or(|is| is == open) {
            return false;
        }
        let id = self.forest.response(row.slot()).id.clone();
        match row.kind {
            Kind::Run { first, count } => self.fold_run(first, count, open),
            Kind::Archived { of, .. } => {
                let parent = self.forest.parent(of);
                let parent = parent.map(|slot| self.forest.response(slot).id.clone());
                if open {
                    self.folds.archives.insert(parent);
                } else {
                    self.folds.archives.remove(&parent);
                }
            }
            Kind::Main(_) | Kind::Alternate(_) => drop(self.folds.rows.insert(id, open)),
        }
        self.relayout();
        true
    }

    /// An open run is remembered by its ends, so that both parts stay open when it is cut in two.
    fn fold_run(&mut self, first: Slot, count: usize, open: bool) {
        let chain = self.forest.chain(first);
        let end = chain.index(first).unwrap_or(0) + count - 1;
        let id = |slot: Slot| self.forest.response(slot).id.clone();
        if !open {
            let forest = &self.forest;
            let elsewhere =
                |id: &ResponseId| forest.slot(id).is_none_or(|slot| chain.index(slot).is_none());
            self.folds.runs.retain(elsewhere);
        } else if self.folds.runs.len() < MOST_OPEN_RUNS {
            let ends = [id(first), id(chain.at(end))];
            self.folds.runs.extend(ends);
        }
    }

    /// Moves the cursor by rows.
    pub fn move_cursor(&mut self, by: isize) {
        if let Some(filtered) = &mut self.filtered {
            filtered.move_by(by);
            return self.pane.touch();
        }
        let mut pane = std::mem::take(&mut self.pane);
        if let Some(layout) = self.layout() {
            pane.move_by(&layout, by);
        }
        self.pane = pane;
    }

    /// Moves the cursor to the first row, or to the last.
    pub fn move_to_end(&mut self, last: bool) {
        if let Some(filtered) = &mut self.filtered {
            filtered.move_by(if last { isize::MAX } else { isize::MIN });
            return self.pane.touch();
        }
        let spot = self.layout().map(|layout| if last { layout.last() } else { layout.first() });
        self.pane.put(spot);
    }

    /// Moves the cursor to a response, or to the closed row that hides it; false if it has none.
    pub fn point_to(&mut self, slot: Slot) -> bool {
        if let Some(filtered) = &mut self.filtered {
            self.pane.touch();
            return filtered.point_to(slot);
        }
        let spot = self.layout().and_then(|layout| layout.spot(slot));
        let found = spot.is_some();
        if found {
            self.pane.put(spot);
        } else {
            self.relayout();
        }
        found
    }

    /// Something has changed: the cursor stays on its row.
    pub fn relayout(&mut self) {
        if self.filtered.is_some() {
            // What has arrived is looked at as well; it is little.
            self.filter_on();
        }
        let mut pane = std::mem::take(&mut self.pane);
        pane.refresh(self.layout().as_ref(), self.selected);
        self.pane = pane;
    }

    /// Lays out the rows of the forest pane that are in sight.
    pub fn lay_out(&mut self, height: usize) {
        let mut pane = std::mem::take(&mut self.pane);
        if let Some(filtered) = &self.filtered {
            let (hits, at) = filtered.hits();
            pane.lay_out_flat(hits, at, height);
            self.pane = pane;
            return;
        }
        pane.lay_out(self.layout().as_ref(), height);
        self.pane = pane;
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
            archives: self
                .folds
                .archives
                .iter()
                .map(|id| id.as_ref().map(ToString::to_string).unwrap_or_default())
                .collect(),
            unread: self
                .unread
                .iter()
                .map(|&slot| self.forest.response(slot).id.to_string())
                .collect(),
            newest: (!self.forest.is_empty()).then_some(self.newest.0),
            drafts: self
                .drafts
                .iter()
                .filter(|(_, text)| !text.trim().is_empty())
                .map(|(key, text)| (draft_name(key), text.clone()))
                .collect(),
        }
    }

    /// Makes the path end here. What it shares with the one before stays.
    fn set_leaf(&mut self, leaf: Slot) {
        let shared = self
            .leaf
            .filter(|_| !self.path.is_empty())
            .and_then(|before| self.forest.common(before, leaf));
        let keep = shared.and_then(|slot| self.path_index(slot)).map_or(0, |index| index + 1);
        self.path.truncate(keep);
        let mut at = Some(leaf);
        while let Some(slot) = at.filter(|&slot| Some(slot) != shared) {
            self.path.push(slot);
            at = self.forest.parent(slot);
        }
        self.path[keep..].reverse();
        for index in keep.max(1)..self.path.len() {
            self.visit(self.path[index - 1], self.path[index]);
        }
        self.leaf = Some(leaf);
    }

    /// The path goes on from a response to this child of it.
    fn visit(&mut self, parent: Slot, child: Slot) {
        if self.forest.children(parent).len() > 1 {
            self.visited.insert(parent, child);
        }
    }
}

fn folds_of(place: &Place) -> Folds {
    let id = |name: &String| ResponseId::parse(name);
    Folds {
        rows: place.rows.iter().filter_map(|(name, open)| Some((id(name)?, *open))).collect(),
        runs: place.runs.iter().filter_map(id).collect(),
        archives: place.archives.iter().map(id).collect(),
    }
}

/// What was not read when the conversation was left, and what has arrived since.
fn unread_of(place: &Place, forest: &Forest) -> FxHashSet<Slot> {
    let ids = place.unread.iter().filter_map(|id| ResponseId::parse(id));
    let mut unread: FxHashSet<Slot> = ids.filter_map(|id| forest.slot(&id)).collect();
    if let Some(newest) = place.newest {
        let since = forest.slots().rev().filter(|&slot| {
            let response = forest.response(slot);
            response.create_time > Time(newest) && !response.is_human()
        });
        unread.extend(since.take(MOST_UNREAD));
    }
    unread
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
