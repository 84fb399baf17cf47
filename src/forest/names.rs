//! Senders and models: few names, which many responses share.

use std::sync::Arc;

use super::response::Sender;

/// Names of each kind that are kept; beyond that, each response has its own copy.
const MOST: usize = 16;

/// Names that were met, so that each is kept once.
#[derive(Debug, Default)]
pub struct Names {
    senders: Vec<Sender>,
    models: Vec<Arc<str>>,
}

impl Names {
    /// The sender of that name.
    pub fn sender(&mut self, text: &str) -> Sender {
        if let Some(known) = self.senders.iter().find(|known| is(known.as_str(), text)) {
            return known.clone();
        }
        let sender = Sender::new(text);
        if self.senders.len() < MOST {
            self.senders.push(sender.clone());
        }
        sender
    }

    /// The model of that name.
    pub fn model(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.models.iter().find(|known| is(known, text)) {
            return Arc::clone(known);
        }
        let model: Arc<str> = text.into();
        if self.models.len() < MOST {
            self.models.push(Arc::clone(&model));
        }
        model
    }
}

/// Nothing is read where both are empty: that is slow where an empty text stands nowhere.
fn is(known: &str, text: &str) -> bool {
    known.len() == text.len() && (text.is_empty() || known == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_once() {
        let mut names = Names::default();
        for name in ["", "a", "b", "Ä"] {
            let (first, second) = (names.model(name), names.model(name));
            assert!(first.as_ref() == name && Arc::ptr_eq(&first, &second));
            assert_eq!(names.sender(name).as_str(), name);
            assert_eq!(names.sender(name), Sender::new(name));
        }
        for number in 0..2 * MOST {
            assert_eq!(names.model(&number.to_string()).as_ref(), number.to_string());
            assert_eq!(names.sender(&number.to_string()).as_str(), number.to_string());
        }
        assert_eq!((names.senders.len(), names.models.len()), (MOST, MOST));
    }
}
