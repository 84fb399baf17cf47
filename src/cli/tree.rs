//! A forest as indented lines. Indentation grows with branching, not with depth: a line (a
//! response, its main child, the main child of that ...) stands on one level, and the alternates
//! of a response stand below it, one level deeper.

use crate::forest::{Forest, Slot};

/// A response and how deep it is indented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) slot: Slot,
    pub(super) level: usize,
}

/// What is still to be laid out. A stack of these stands in for recursion.
enum Work {
    /// A line from a response on, whose own alternates are there already.
    Line(Slot, usize),
    /// As `Line`, with the alternates of its first response.
    Main(Slot, usize),
}

/// All responses, line by line.
pub(super) fn rows(forest: &Forest) -> Vec<Row> {
    let mut rows = Vec::with_capacity(forest.len());
    let mut stack: Vec<_> =
        forest.main_root().map(|root| Work::Main(root, 0)).into_iter().collect();
    while let Some(work) = stack.pop() {
        let (Work::Line(slot, level) | Work::Main(slot, level)) = work;
        rows.push(Row { slot, level });
        // Below what follows here, so later: the rest of the line.
        stack.extend(forest.main_child(slot).map(|child| Work::Main(child, level)));
        if matches!(work, Work::Main(..)) {
            let alternates = forest.siblings(slot).iter().rev().filter(|other| **other != slot);
            stack.extend(alternates.map(|other| Work::Line(*other, level + 1)));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forest::{Response, ResponseId, Time};

    fn laid_out(links: &[(&str, &str)]) -> Vec<String> {
        let responses = links.iter().enumerate().map(|(time, (id, parent))| Response {
            parent: ResponseId::parse(parent),
            ..Response::human(ResponseId::parse(id).unwrap(), *id, Time(time.try_into().unwrap()))
        });
        let forest = Forest::from_responses(responses);
        rows(&forest)
            .into_iter()
            .map(|row| format!("{}{}", "  ".repeat(row.level), forest.response(row.slot).message))
            .collect()
    }

    #[test]
    fn a_line_stays_on_one_level_and_alternates_hang_below() {
        let links =
            [("a", ""), ("b", "a"), ("c", "b"), ("b2", "a"), ("c2", "b2"), ("d", "c"), ("z", "")];
        assert_eq!(laid_out(&links), ["a", "  z", "b", "  b2", "  c2", "c", "d"]);
    }

    #[test]
    fn depth_alone_does_not_indent_and_does_not_recurse() {
        let names: Vec<String> = (0..100_000).map(|n| n.to_string()).collect();
        let links: Vec<_> = std::iter::once((names[0].as_str(), ""))
            .chain(names.windows(2).map(|pair| (pair[1].as_str(), pair[0].as_str())))
            .collect();
        let lines = laid_out(&links);
        assert_eq!(lines.len(), 100_000);
        assert!(lines.iter().all(|line| !line.starts_with(' ')));
    }
}
