//! Siblings that say exactly the same. Their texts are read a bounded part at a time, when one of them
//! comes into sight, and kept as hashes: no frame compares texts, and what is new costs its own only.

use rustc_hash::FxHashMap;

use super::samples::hash;
use crate::forest::{Forest, Slot};

/// Siblings that one look reads at most, and bytes of their texts. Those of a larger family are read
/// with the frames that follow; until then nothing is said of it.
const MOST_READ: (usize, usize) = (256, 1_000_000);

/// What is known of the siblings that were looked at.
#[derive(Debug, Default)]
pub struct Twins {
    /// What stands for the text of a sibling that was read; `None`: it is not a complete answer.
    read: FxHashMap<Slot, Option<u64>>,
    /// Of the children of a response, or of the roots.
    families: FxHashMap<Option<Slot>, Family>,
}

#[derive(Debug, Default)]
struct Family {
    /// How many of them were read.
    read: usize,
    /// Those before this place were.
    next: usize,
    /// Others that are to be read: they came, or changed.
    changed: Vec<Slot>,
    /// How often each text is there.
    counts: FxHashMap<u64, usize>,
}

impl Twins {
    /// A response was added, or is not what it was.
    pub fn forget(&mut self, forest: &Forest, slot: Slot) {
        let Some(family) = self.families.get_mut(&forest.parent(slot)) else { return };
        if let Some(before) = self.read.remove(&slot) {
            family.read = family.read.saturating_sub(1);
            if let Some(count) = before.and_then(|hash| family.counts.get_mut(&hash)) {
                *count = count.saturating_sub(1);
            }
        }
        family.changed.push(slot);
    }

    /// Compares a response with its siblings, as far as that was not done already.
    pub fn look(&mut self, forest: &Forest, slot: Slot) {
        let siblings = forest.siblings(slot);
        if siblings.len() < 2 {
            return;
        }
        let family = self.families.entry(forest.parent(slot)).or_default();
        let (mut responses, mut bytes) = MOST_READ;
        while responses > 0 && bytes > 0 {
            let next = family.changed.pop().or_else(|| {
                let next = siblings.get(family.next).copied();
                family.next += usize::from(next.is_some());
                next
            });
            let Some(sibling) = next else { break };
            responses -= 1;
            if self.read.contains_key(&sibling) {
                continue;
            }
            let response = forest.response(sibling);
            let complete = !response.is_human() && !response.partial;
            let hash = complete.then(|| hash(&response.message));
            if let Some(hash) = hash {
                bytes = bytes.saturating_sub(response.message.len());
                *family.counts.entry(hash).or_default() += 1;
            }
            family.read += 1;
            self.read.insert(sibling, hash);
        }
        // A response that got a parent has left its family, which is read anew.
        if family.next == siblings.len() && family.read != siblings.len() {
            *family = Family::default();
            for sibling in siblings {
                self.read.remove(sibling);
            }
        }
    }

    /// How many siblings say what this one says, itself included; 1 where that is not known yet.
    #[must_use]
    pub fn count(&self, forest: &Forest, slot: Slot) -> usize {
        let siblings = forest.siblings(slot).len();
        let family = self.families.get(&forest.parent(slot));
        let family = family.filter(|family| family.read == siblings);
        let hash = self.read.get(&slot).copied().flatten();
        let known = family.zip(hash).and_then(|(family, hash)| family.counts.get(&hash));
        known.copied().unwrap_or(1).max(1)
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
    #[test]
    fn a_large_family_is_read_in_parts_and_what_comes_later_alone() {
        let human = Response::human(ResponseId::parse("h").unwrap(), "?", Time(0));
        let answers = (0..1_000).map(|index| response(index, "The same.", false));
        let mut forest = Forest::from_responses([human].into_iter().chain(answers));
        let mut twins = Twins::default();
        let first = forest.slot(&ResponseId::parse("r0").unwrap()).unwrap();
        let mut looks = 0;
        while twins.count(&forest, first) == 1 {
            twins.look(&forest, first);
            looks += 1;
        }
        assert_eq!((looks, twins.count(&forest, first)), (4, 1_000));
        let id = forest.insert(response(1_000, "The same.", false)).unwrap();
        twins.forget(&forest, id);
        twins.look(&forest, first);
        assert_eq!(twins.count(&forest, first), 1_001);
    }

    #[test]
    fn a_root_that_gets_a_parent_is_no_sibling_of_the_other_roots() {
        let answer = |id: &str, parent: Option<&str>| Response {
            parent: parent.and_then(ResponseId::parse),
            ..Response::model(ResponseId::parse(id).unwrap(), "Yes.", Time(1))
        };
        let mut forest =
            Forest::from_responses([answer("a", Some("p")), answer("b", None), answer("c", None)]);
        let mut twins = Twins::default();
        let slot =
            |forest: &Forest, id: &str| forest.slot(&ResponseId::parse(id).unwrap()).unwrap();
        twins.look(&forest, slot(&forest, "b"));
        assert_eq!(twins.count(&forest, slot(&forest, "b")), 3);
        let late = Response::human(ResponseId::parse("p").unwrap(), "?", Time(0));
        let late = forest.insert(late).unwrap();
        twins.forget(&forest, late);
        for _ in 0..3 {
            twins.look(&forest, slot(&forest, "b"));
            twins.look(&forest, slot(&forest, "a"));
        }
        assert_eq!(twins.count(&forest, slot(&forest, "b")), 2);
        assert_eq!(twins.count(&forest, slot(&forest, "a")), 1);
    }
}
