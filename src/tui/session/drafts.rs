//! Drafts that several programs write in the same place: the text of the one that wrote last is the
//! draft, and what it would have replaced stands aside until it is taken up into a draft.

use std::collections::{BTreeMap, BTreeSet};

/// Drafts, by what they are for and where.
pub(super) type Drafts = BTreeMap<String, String>;
/// Drafts of other programs, with what they are for and where.
pub(super) type Aside = Vec<(String, String)>;

/// What stands aside goes below the draft of its place.
pub(super) fn take_up(drafts: &mut Drafts, aside: &Aside) {
    for (key, text) in aside {
        match drafts.get_mut(key) {
            Some(draft) if draft.contains(text) => {}
            Some(draft) => *draft = format!("{draft}\n\n{text}"),
            None => drop(drafts.insert(key.clone(), text.clone())),
        }
    }
}

/// What is to be stored of `ours`: `theirs` is in the file, and `known` is what this program read there
/// or wrote there last, which becomes what it writes now.
pub(super) fn settle(known: &mut Drafts, ours: &mut Drafts, theirs: &Drafts, aside: &mut Aside) {
    let keys: BTreeSet<&String> = ours.keys().chain(theirs.keys()).chain(known.keys()).collect();
    for key in keys.into_iter().cloned().collect::<Vec<_>>() {
        let (our, their) = (ours.get(&key).cloned(), theirs.get(&key));
        let before = known.get(&key).cloned();
        if our == before {
            // Nothing new of ours; whatever another program made of it stays.
            put(ours, key, their.cloned());
            continue;
        }
        // Where another program put our text before aside, this is its successor.
        aside.retain(|(place, text)| *place != key || Some(text) != before.as_ref());
        if let Some(their) = their.filter(|_| their != before.as_ref() && their != our.as_ref()) {
            aside.push((key.clone(), their.clone()));
        }
        put(known, key, our);
    }
    let mut seen = BTreeSet::new();
    aside.retain(|(key, text)| {
        let taken_up = ours.get(key).is_some_and(|draft| draft.contains(text));
        !taken_up && seen.insert((key.clone(), text.clone()))
    });
}

fn put(drafts: &mut Drafts, key: String, text: Option<String>) {
    match text {
        Some(text) => drop(drafts.insert(key, text)),
        None => drop(drafts.remove(&key)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A program with its text field, at one place.
    #[derive(Default)]
    struct Program {
        known: Drafts,
        field: String,
    }

    /// The file.
    #[derive(Default)]
    struct Stored {
        drafts: Drafts,
        aside: Aside,
    }

    const KEY: &str = "m:";

    impl Program {
        fn opened(stored: &Stored) -> Self {
            let mut drafts = stored.drafts.clone();
            take_up(&mut drafts, &stored.aside);
            let field = drafts.remove(KEY).unwrap_or_default();
            Self { known: stored.drafts.clone(), field }
        }

        fn save(&mut self, stored: &mut Stored) {
            let mut ours = Drafts::new();
            if !self.field.is_empty() {
                ours.insert(KEY.to_owned(), self.field.clone());
            }
            settle(&mut self.known, &mut ours, &stored.drafts, &mut stored.aside);
            stored.drafts = ours;
        }
    }

    #[test]
    fn the_draft_of_the_other_program_stands_aside_and_comes_back() {
        let mut stored = Stored::default();
        let (mut one, mut two) = (Program::opened(&stored), Program::opened(&stored));
        one.field = "a careful draft".to_owned();
        one.save(&mut stored);
        two.field = "x".to_owned();
        two.save(&mut stored);
        one.save(&mut stored);
        assert_eq!(Program::opened(&stored).field, "x\n\na careful draft");
        one.field = "a careful draft, and more".to_owned();
        one.save(&mut stored);
        assert_eq!(Program::opened(&stored).field, "a careful draft, and more\n\nx");
        // What is sent is no draft any more, and takes nobody else's along.
        one.field.clear();
        one.save(&mut stored);
        let mut later = Program::opened(&stored);
        assert_eq!(later.field, "x");
        later.save(&mut stored);
        later.field.clear();
        later.save(&mut stored);
        assert_eq!(Program::opened(&stored).field, "");
    }

    proptest! {
        #[test]
        fn what_stands_in_a_field_and_was_stored_is_there_the_next_time(
            steps in prop::collection::vec((0..3_usize, prop::option::of("[a-c]{0,2}")), 1..40),
        ) {
            let mut stored = Stored::default();
            let mut programs = [(); 3].map(|()| Program::opened(&stored));
            for (index, text) in steps {
                // No two write the same words.
                programs[index].field = text.map_or(String::new(), |text| format!("{index}{text}"));
                programs[index].save(&mut stored);
            }
            let next = Program::opened(&stored).field;
            for program in &programs {
                prop_assert!(next.contains(&program.field), "{:?} in {next:?}", program.field);
            }
        }
    }
}
