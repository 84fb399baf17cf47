//! Siblings that say exactly the same. Found when somebody looks at one of them, and kept until one of
//! them changes, so that a frame never compares texts.

use rustc_hash::FxHashMap;

use super::samples::hash;
use crate::forest::{Forest, Slot};

/// What is known of the siblings that were looked at.
#[derive(Debug, Default)]
pub struct Twins {
    /// What stands for the text of a complete answer.
    hashes: FxHashMap<Slot, u64>,
    /// Of the children of a response, or of the roots: how many there are, and how often each text.
    families: FxHashMap<Option<Slot>, Family>,
}

#[derive(Debug, Default)]
struct Family {
    siblings: usize,
    counts: FxHashMap<u64, usize>,
}

impl Twins {
    /// A response was added, or is not what it was.
    pub fn forget(&mut self, forest: &Forest, slot: Slot) {
        self.hashes.remove(&slot);
        self.families.remove(&forest.parent(slot));
    }

    /// Compares a response with its siblings, unless that was done already. Their texts are read
    /// once; what is new among them later costs its own text only.
    pub fn look(&mut self, forest: &Forest, slot: Slot) {
        let parent = forest.parent(slot);
        let siblings = forest.siblings(slot);
        if self.families.get(&parent).is_some_and(|family| family.siblings == siblings.len()) {
            return;
        }
        let mut counts = FxHashMap::default();
        for &sibling in siblings {
            let response = forest.response(sibling);
            if response.is_human() || response.partial {
                continue;
            }
            let hash = *self.hashes.entry(sibling).or_insert_with(|| hash(&response.message));
            *counts.entry(hash).or_default() += 1;
        }
        self.families.insert(parent, Family { siblings: siblings.len(), counts });
    }

    /// How many siblings say what this one says, itself included; 1 where nobody has looked.
    #[must_use]
    pub fn count(&self, forest: &Forest, slot: Slot) -> usize {
        let family = self.families.get(&forest.parent(slot));
        let hash = self.hashes.get(&slot);
        let known = family.zip(hash).and_then(|(family, hash)| family.counts.get(hash));
        known.copied().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{Response, ResponseId, Time};
    use proptest::prelude::*;

    fn response(index: usize, text: &str, partial: bool) -> Response {
        let id = ResponseId::parse(&format!("r{index}")).unwrap();
        let parent = ResponseId::parse("h");
        Response { parent, partial, ..Response::model(id, text, Time(index as i64)) }
    }

    proptest! {
        #[test]
        fn as_many_as_there_are_whatever_changes(
            steps in proptest::collection::vec((0..6usize, "[ab]{0,2} ?", any::<bool>()), 1..30),
        ) {
            let human = Response::human(ResponseId::parse("h").unwrap(), "?", Time(0));
            let mut forest = Forest::from_responses([human]);
            let mut twins = Twins::default();
            for (index, text, partial) in steps {
                let new = response(index, &text, partial);
                let id = new.id.clone();
                if !forest.replace(new.clone()) {
                    forest.insert(new).unwrap();
                }
                let slot = forest.slot(&id).unwrap();
                twins.forget(&forest, slot);
                twins.look(&forest, slot);
                for &one in forest.siblings(slot) {
                    let complete = |slot: Slot| Some(forest.response(slot)).filter(|r| !r.partial);
                    let said = complete(one).map(|r| r.message.trim_end());
                    let same = |&&other: &&Slot| complete(other).map(|r| r.message.trim_end()) == said;
                    let expected = match said {
                        Some(_) => forest.siblings(slot).iter().filter(same).count(),
                        None => 1,
                    };
                    prop_assert_eq!(twins.count(&forest, one), expected);
                }
            }
        }
    }
}
