//! The conversation on the screen: its forest, the path through it, what is selected, folded and
//! drafted. A new conversation is an empty one without a name.

mod forest;
mod place;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::forest::layout::{Folds, Kind};
use crate::forest::{
    Annotations, Conversation, ConversationId, Forest, Response, ResponseId, Slot, Time,
};
use crate::tui::session::Place;

use super::Mode;
use super::attachments::Attachment;
use super::chat::{Anchor, Chat};
use super::filter::Filtered;
use super::find::Find;
use super::jumps::Jumps;
use super::pane::Pane;
use super::twins::Twins;

pub use place::draft_name;
use place::{draft_key, folds_of, unread_of, visited_of};

/// Responses that are remembered as not read; of more, the newest.
const MOST_UNREAD: usize = 1_000;

/// Forks whose way on is remembered between visits.
const MOST_VISITED: usize = 200;

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
    /// Those of them that a path went through which was left: what is remembered between visits.
    left: FxHashSet<Slot>,
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
    /// How often the text of a response has come or changed.
    pub version: u64,
    /// Incomplete responses that were seen to grow in another program.
    elsewhere: FxHashSet<Slot>,
    /// From the root to the leaf.
    pub path: Vec<Slot>,
    /// The chat pane.
    pub chat: Chat,
    /// Siblings that say the same.
    twins: Twins,
    /// Drafts that are not in the text field.
    pub drafts: FxHashMap<DraftKey, String>,
    /// A search in it.
    pub find: Option<Find>,
    /// Where one was when words were asked for.
    pub found_from: Option<(Slot, Anchor)>,
    /// How long the model thought before it answered, in seconds, where we saw it.
    pub thought: FxHashMap<Slot, i64>,
    /// What is attached to them.
    pub attached: FxHashMap<DraftKey, Vec<Attachment>>,
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
        let visited = visited_of(place, &forest);
        let newest = forest.slots().map(|slot| forest.response(slot).create_time).max();
        let mut open = Self {
            conversation: Some(conversation),
            folds: folds_of(place),
            drafts: place
                .drafts
                .iter()
                .filter_map(|(k, v)| Some((draft_key(k)?, v.clone())))
                .collect(),
            attached: place
                .attached
                .iter()
                .filter_map(|(k, v)| Some((draft_key(k)?, v.clone())))
                .collect(),
            forest,
            unread,
            left: visited.keys().copied().collect(),
            visited,
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
        if let Some(slot) = slot {
            self.twins.forget(&self.forest, slot);
        }
        if let Some(slot) = slot.filter(|_| !same) {
            self.chat.forget(slot);
            self.version += 1;
        }
        self.relayout();
        slot
    }

    /// Text arrives for a response.
    pub fn append(&mut self, slot: Slot, text: &str) {
        self.forest.append_text(slot, text);
        self.version += 1;
    }

    /// Whether an incomplete response was seen to grow in another program.
    #[must_use]
    pub fn grows_elsewhere(&self, slot: Slot) -> bool {
        self.elsewhere.contains(&slot)
    }

    /// Puts a response into the forest, and keeps what depends on the shape of it.
    fn take_in(&mut self, response: Response) {
        let id = response.id.clone();
        self.newest = self.newest.max(response.create_time);
        let is_answer = !response.is_human();
        let time = response.create_time;
        let moved = self.forest.get(&id).is_some_and(|known| known.create_time != time);
        let is_new = self.forest.get(&id).is_none();
        if is_new {
            // A cycle cannot come from our service; a foreign one's is left for the next loading.
            let _ = self.forest.insert(response);
        } else {
            self.forest.replace(response);
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
        if moved || is_new && !self.forest.children(slot).is_empty() {
            self.annotations.sort(&self.forest);
        }
        // The path may have got a longer beginning.
        let begun = self.path.first().is_some_and(|&root| self.forest.parent(root).is_some());
        if let Some(leaf) = self.leaf.filter(|_| begun) {
            self.path.clear();
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
            let known = self.forest.get(&response.id);
            if ours(&response.id) || known == Some(response) {
                continue;
            }
            changed = true;
            // The rows of a text that is the same stay.
            let same = known.is_some_and(|known| known.message == response.message);
            let grew = known.is_some_and(|known| known.partial && response.partial && !same);
            self.take_in(response.clone());
            let Some(slot) = self.forest.slot(&response.id) else { continue };
            self.twins.forget(&self.forest, slot);
            if grew {
                self.elsewhere.insert(slot);
            } else {
                self.elsewhere.remove(&slot);
            }
            if !same {
                self.chat.forget(slot);
                self.version += 1;
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

    /// How many siblings say exactly what this response says, itself included; 1 where that was not
    /// looked for, see [`Self::look_for_twins`]. O(1), for views.
    #[must_use]
    pub fn identical(&self, slot: Slot) -> usize {
        self.twins.count(&self.forest, slot)
    }

    /// Finds out which siblings say the same, of what is on the screen; to be called before it is
    /// drawn. Where that is known, it costs nothing more than a look at each row.
    pub fn look_for_twins(&mut self) {
        let Self { twins, forest, chat, path, pane, .. } = self;
        let shown = chat.rows.iter().filter_map(|(index, _)| path.get(*index).copied());
        let rows = pane.rows().0.iter().filter_map(|row| match row.kind {
            Kind::Main(slot) | Kind::Alternate(slot) => Some(slot),
            Kind::Run { .. } | Kind::Archived { .. } => None,
        });
        let mut before = None;
        for slot in shown.chain(rows) {
            if before.replace(slot) != Some(slot) {
                twins.look(forest, slot);
            }
        }
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

    /// Makes the path end here. What it shares with the one before stays.
    fn set_leaf(&mut self, leaf: Slot) {
        let shared = self
            .leaf
            .filter(|_| !self.path.is_empty())
            .and_then(|before| self.forest.common(before, leaf));
        let keep = shared.and_then(|slot| self.path_index(slot)).map_or(0, |index| index + 1);
        self.leave(keep);
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

    /// The path is left from an index on: remembers where it went another way than it would by itself.
    fn leave(&mut self, keep: usize) {
        for index in keep.max(1)..self.path.len() {
            let (from, to) = (self.path[index - 1], self.path[index]);
            if self.forest.children(from).len() == 1 || self.forest.main_child(from) == Some(to) {
                continue;
            }
            if self.left.len() >= MOST_VISITED
                && let Some(other) = self.left.iter().next().copied()
            {
                self.left.remove(&other);
            }
            self.left.insert(from);
        }
    }

    /// The path goes on from a response to this child of it.
    fn visit(&mut self, parent: Slot, child: Slot) {
        if self.forest.children(parent).len() > 1 {
            self.visited.insert(parent, child);
        }
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
        let mut one = open(&[
            ("a", ""),
            ("b", "a"),
            ("c", "a"),
            ("d", "c"),
            ("e", "b"),
            ("f", "b"),
            ("g", "f"),
            ("h", "b"),
        ]);
        // Below b one went on at h, although there is more below f.
        one.select(one.forest.slot(&id("h")).unwrap());
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
        for mut open in [one, again] {
            open.select(open.forest.slot(&id("b")).unwrap());
            assert_eq!(path(&open), ["a", "b", "h"]);
        }
    }
}
