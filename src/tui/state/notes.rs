//! What the user has noted and the service may not know yet. One note of a response is sent at a
//! time, the last one always; and what is loaded meanwhile, which may be older, does not undo it.

use rustc_hash::FxHashMap;

use crate::forest::{Annotation, ConversationId, ResponseId};

/// Loads that may have begun before the service had a note.
const STALE_LOADS: u8 = 2;

/// Names a response of any conversation.
pub type Key = (ConversationId, ResponseId);

/// The notes.
#[derive(Debug, Default)]
pub struct Notes {
    own: FxHashMap<Key, Note>,
}

#[derive(Debug)]
struct Note {
    /// What the user wants.
    wanted: Annotation,
    /// What the service is known to have.
    known: Annotation,
    /// What the service was asked for last.
    sent: Annotation,
    /// Whether the service was asked and has not answered.
    asked: bool,
    /// Loads that have come since the service answered.
    loads: u8,
}

impl Notes {
    /// The user has noted something where `before` was noted; true if the service is to be asked
    /// now. If it is being asked already, it is asked again when it has answered.
    #[must_use]
    pub fn want(&mut self, key: Key, wanted: Annotation, before: Annotation) -> bool {
        let note = self.own.entry(key).or_insert_with(|| Note {
            wanted: Annotation::default(),
            sent: Annotation::default(),
            known: before,
            asked: false,
            loads: 0,
        });
        note.wanted = wanted;
        note.loads = 0;
        if note.asked {
            return false;
        }
        note.asked = true;
        note.sent.clone_from(&note.wanted);
        true
    }

    /// The service has it; what it is to be asked for next.
    pub fn taken(&mut self, key: &Key, annotation: Annotation) -> Option<Annotation> {
        let note = self.own.get_mut(key)?;
        note.known = annotation;
        note.asked = note.wanted != note.known;
        note.sent.clone_from(&note.wanted);
        note.asked.then(|| note.wanted.clone())
    }

    /// The service does not take it; what it has.
    pub fn refused(&mut self, key: &Key) -> Option<Annotation> {
        self.own.remove(key).map(|note| note.known)
    }

    /// What waits until the service has answered for what was noted before.
    pub fn unsent(&self) -> impl Iterator<Item = (Key, Annotation)> + '_ {
        let waiting = self.own.iter().filter(|(_, note)| note.asked && note.wanted != note.sent);
        waiting.map(|(key, note)| (key.clone(), note.wanted.clone()))
    }

    /// A conversation was loaded: what is newer here takes the place of what has come.
    pub fn merge(
        &mut self,
        conversation: &ConversationId,
        mut loaded: Vec<(ResponseId, Annotation)>,
    ) -> Vec<(ResponseId, Annotation)> {
        self.own.retain(|(of, response), note| {
            if of != conversation {
                return true;
            }
            let at = loaded.iter().position(|(id, _)| id == response);
            let same = match at {
                Some(at) => loaded[at].1 == note.wanted,
                None => note.wanted.is_empty(),
            };
            if !note.asked {
                note.loads += 1;
                if same || note.loads > STALE_LOADS {
                    return false;
                }
            }
            match at {
                Some(at) => loaded[at].1 = note.wanted.clone(),
                None => loaded.push((response.clone(), note.wanted.clone())),
            }
            true
        });
        loaded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn label(words: &str) -> Annotation {
        Annotation { label: words.to_owned(), ..Annotation::default() }
    }

    #[test]
    fn one_is_sent_at_a_time_and_the_last_one_always() {
        let id = ConversationId::parse("c").unwrap();
        let key = (id.clone(), ResponseId::parse("r").unwrap());
        let mut notes = Notes::default();
        assert!(notes.want(key.clone(), label("a"), label("")));
        assert!(!notes.want(key.clone(), label("b"), label("a")));
        assert!(!notes.want(key.clone(), label("c"), label("b")));
        assert_eq!(notes.unsent().collect::<Vec<_>>(), [(key.clone(), label("c"))]);
        // What was loaded before the service had it does not undo it.
        let older = notes.merge(&id, vec![(key.1.clone(), label("a"))]);
        assert_eq!(older, [(key.1.clone(), label("c"))]);
        assert_eq!(notes.taken(&key, label("a")), Some(label("c")));
        assert_eq!(notes.unsent().count(), 0);
        assert_eq!(notes.taken(&key, label("c")), None);
        assert_eq!(notes.merge(&id, Vec::new()), [(key.1.clone(), label("c"))]);
        assert_eq!(notes.merge(&id, vec![(key.1.clone(), label("c"))]).len(), 1);
        // From then on what others note counts.
        assert_eq!(notes.merge(&id, Vec::new()), []);
    }

    #[test]
    fn what_is_refused_is_as_the_service_has_it() {
        let key = (ConversationId::parse("c").unwrap(), ResponseId::parse("r").unwrap());
        let mut notes = Notes::default();
        assert!(notes.want(key.clone(), label("a"), label("old")));
        assert_eq!(notes.taken(&key, label("a")), None);
        assert!(notes.want(key.clone(), label("b"), label("a")));
        assert_eq!(notes.refused(&key), Some(label("a")));
        assert_eq!(notes.refused(&key), None);
    }
}
