//! The text the offline model is made of: our own manual, as questions with their answers.

/// The manual. A section is a heading (`## One question / another`) and one or more answers, which
/// lines of `%%` divide.
pub(super) const MANUAL: &[&str] = &[
    include_str!("../../../assets/corpus/program.md"),
    include_str!("../../../assets/corpus/keys.md"),
    include_str!("../../../assets/corpus/sampling.md"),
    include_str!("../../../assets/corpus/models.md"),
    include_str!("../../../assets/corpus/experiments.md"),
    include_str!("../../../assets/corpus/operation.md"),
    include_str!("../../../assets/corpus/science.md"),
    include_str!("../../../assets/corpus/computing.md"),
    include_str!("../../../assets/corpus/talk.md"),
];

/// What the model says where no heading fits.
pub(super) const ELSE: &str = "Anything else?";

/// One answer of the manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Section {
    /// The questions it answers, divided by ` / `.
    pub(super) heading: &'static str,
    /// The answer, without white space around it; not empty.
    pub(super) body: &'static str,
}

/// The answers in `text`, in order.
pub(super) fn sections(text: &'static str) -> Vec<Section> {
    let mut sections = Vec::new();
    for part in text.split("\n## ").skip(1) {
        let (heading, bodies) = part.split_once('\n').unwrap_or((part, ""));
        let heading = heading.trim();
        let bodies = bodies.split("\n%%\n").map(str::trim).filter(|body| !body.is_empty());
        sections.extend(bodies.map(|body| Section { heading, body }));
    }
    sections
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_section_has_a_heading_and_answers() {
        let found = sections("# Title\n\n## One? / First?\n\nA.\n\nB.\n%%\nC.\n\n## Two?\nD.\n");
        let section = |heading, body| Section { heading, body };
        let expected = [
            section("One? / First?", "A.\n\nB."),
            section("One? / First?", "C."),
            section("Two?", "D."),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn the_manual_can_be_read() {
        for text in MANUAL {
            assert!(text.starts_with("# "), "{}", &text[..40.min(text.len())]);
            assert!(sections(text).len() >= 5);
        }
        let all: Vec<_> = MANUAL.iter().flat_map(|text| sections(text)).collect();
        assert!(all.iter().any(|section| section.heading == ELSE));
        for section in all {
            let end = section.body.chars().next_back();
            assert!(end.is_some_and(|c| ".!?`|\"".contains(c)), "{}", section.heading);
            assert_eq!(section.body.matches("```").count() % 2, 0, "{}", section.heading);
        }
    }
}
