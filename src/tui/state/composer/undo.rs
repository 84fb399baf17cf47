//! What edits can be taken back: each as what it removed and what it put in its place, never as a
//! copy of the text.

use std::collections::VecDeque;

/// Steps that are kept.
const MOST_STEPS: usize = 500;
/// Bytes that all steps may hold; the oldest go first. The last step always stays.
const MOST_BYTES: usize = 4 << 20;

/// What kind of edit it was; letters of one word are undone together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Letters,
    Space,
    Delete,
    Other,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// Where, in bytes.
    pub(super) at: usize,
    pub(super) removed: String,
    pub(super) inserted: String,
    /// The cursor before and after.
    pub(super) before: usize,
    pub(super) after: usize,
}

impl Step {
    fn bytes(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }
}

/// The steps back and forth.
#[derive(Debug, Clone, Default)]
pub(super) struct Undo {
    back: VecDeque<Step>,
    forth: Vec<Step>,
    bytes: usize,
    /// What the last step was, if more of its kind may join it.
    open: Option<Kind>,
}

impl Undo {
    /// Remembers an edit that was made.
    pub(super) fn made(&mut self, kind: Kind, step: Step) {
        self.forth.clear();
        self.bytes += step.bytes();
        let goes_on = match (self.open, kind) {
            (Some(Kind::Letters | Kind::Space), Kind::Space) => true,
            (Some(open), kind) => open == kind && kind != Kind::Other,
            (None, _) => false,
        };
        self.open = Some(kind);
        let rest = if goes_on { self.join(step) } else { Some(step) };
        self.back.extend(rest);
        while self.back.len() > MOST_STEPS || self.bytes > MOST_BYTES && self.back.len() > 1 {
            let gone = self.back.pop_front().map_or(0, |step| step.bytes());
            self.bytes = self.bytes.saturating_sub(gone);
        }
    }

    /// Lets a step go on where the last one ended; gives it back if it is somewhere else.
    fn join(&mut self, step: Step) -> Option<Step> {
        let Some(last) = self.back.back_mut() else { return Some(step) };
        if last.after != step.before {
            return Some(step);
        }
        if step.removed.is_empty() && step.at == last.at + last.inserted.len() {
            last.inserted.push_str(&step.inserted);
        } else if !step.inserted.is_empty() || !last.inserted.is_empty() {
            return Some(step);
        } else if step.at == last.at {
            last.removed.push_str(&step.removed);
        } else if step.at + step.removed.len() == last.at {
            last.removed.insert_str(0, &step.removed);
            last.at = step.at;
        } else {
            return Some(step);
        }
        last.after = step.after;
        None
    }

    /// The next edit does not join the last one.
    pub(super) fn close(&mut self) {
        self.open = None;
    }

    /// The step to take back.
    pub(super) fn back(&mut self) -> Option<Step> {
        self.open = None;
        let step = self.back.pop_back()?;
        self.bytes = self.bytes.saturating_sub(step.bytes());
        self.forth.push(step.clone());
        Some(step)
    }

    /// The step to make again.
    pub(super) fn forth(&mut self) -> Option<Step> {
        self.open = None;
        let step = self.forth.pop()?;
        self.bytes += step.bytes();
        self.back.push_back(step.clone());
        Some(step)
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
