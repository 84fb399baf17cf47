//! Where one stood in a conversation, as it is remembered between visits.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{DraftKey, MOST_UNREAD, Open};
use crate::forest::layout::Folds;
use crate::forest::{Forest, ResponseId, Slot, Time};
use crate::tui::session::Place;
use crate::tui::state::Mode;

impl Open {
    /// What is to be remembered of it.
    #[must_use]
    pub fn place(&self) -> Place {
        let name = |slot: Option<Slot>| slot.map(|s| self.forest.response(s).id.to_string());
        Place {
            leaf: name(self.leaf),
            selected: name(self.selected),
            visited: self
                .left
                .iter()
                .filter_map(|from| Some((*from, *self.visited.get(from)?)))
                .filter(|&(_, to)| self.path_index(to).is_none())
                .filter_map(|(from, to)| Some((name(Some(from))?, name(Some(to))?)))
                .collect(),
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
            attached: self
                .attached
                .iter()
                .filter(|(_, attached)| !attached.is_empty())
                .map(|(key, attached)| (draft_name(key), attached.clone()))
                .collect(),
            aside: Vec::new(),
        }
    }
}

/// Where one went on at responses with several children.
pub(super) fn visited_of(place: &Place, forest: &Forest) -> FxHashMap<Slot, Slot> {
    let slot = |id: &String| ResponseId::parse(id).and_then(|id| forest.slot(&id));
    let known = place.visited.iter().filter_map(|(from, to)| Some((slot(from)?, slot(to)?)));
    known.filter(|&(from, to)| forest.parent(to) == Some(from)).collect()
}

pub(super) fn folds_of(place: &Place) -> Folds {
    let id = |name: &String| ResponseId::parse(name);
    Folds {
        rows: place.rows.iter().filter_map(|(name, open)| Some((id(name)?, *open))).collect(),
        runs: place.runs.iter().filter_map(id).collect(),
        archives: place.archives.iter().map(id).collect(),
    }
}

/// What was not read when the conversation was left, and what has arrived since.
pub(super) fn unread_of(place: &Place, forest: &Forest) -> FxHashSet<Slot> {
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

pub(super) fn draft_key(name: &str) -> Option<DraftKey> {
    let (letter, id) = name.split_once(':')?;
    let id = ResponseId::parse(id);
    match letter {
        "m" => Some((Mode::Message, id)),
        "r" => Some((Mode::Replace(id?), None)),
        "g" => Some((Mode::AsModel(id), None)),
        _ => None,
    }
}
