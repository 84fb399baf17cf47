//! Where one has been: the responses that larger moves of the selection have left.

use crate::forest::Slot;

/// Places remembered.
const MOST: usize = 100;

/// A list of places with a position in it, as editors have it.
#[derive(Debug, Default)]
pub struct Jumps {
    list: Vec<Slot>,
    at: usize,
}

impl Jumps {
    /// A larger move leaves this place. Places that were gone back from are forgotten.
    pub fn leave(&mut self, from: Slot) {
        self.list.truncate(self.at);
        self.list.retain(|&slot| slot != from);
        self.list.push(from);
        if self.list.len() > MOST {
            self.list.remove(0);
        }
        self.at = self.list.len();
    }

    /// The place before, seen from `here`.
    pub fn back(&mut self, here: Slot) -> Option<Slot> {
        let before = self.at.checked_sub(1)?;
        if self.at == self.list.len() {
            self.list.push(here);
        }
        self.at = before;
        self.list.get(before).copied()
    }

    /// The place that was gone back from.
    pub fn forward(&mut self) -> Option<Slot> {
        let next = self.list.get(self.at + 1).copied()?;
        self.at += 1;
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{Forest, Response, ResponseId, Time};

    #[test]
    fn back_and_forward_and_on_from_there() {
        let ids = ["a", "b", "c", "d"].map(|id| ResponseId::parse(id).unwrap());
        let responses = ids.clone().map(|id| Response::human(id, "", Time(0)));
        let forest = Forest::from_responses(responses);
        let [a, b, c, d] = ids.map(|id| forest.slot(&id).unwrap());
        let mut jumps = Jumps::default();
        assert_eq!(jumps.back(a), None);
        jumps.leave(a);
        jumps.leave(b);
        assert_eq!(jumps.back(c), Some(b));
        assert_eq!(jumps.back(b), Some(a));
        assert_eq!(jumps.back(a), None);
        assert_eq!(jumps.forward(), Some(b));
        assert_eq!(jumps.forward(), Some(c));
        assert_eq!(jumps.forward(), None);
        jumps.back(c);
        jumps.leave(b);
        assert_eq!(jumps.forward(), None);
        assert_eq!(jumps.back(d), Some(b));
    }
}
