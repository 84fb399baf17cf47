//! Where in its markup a text stands: in a code block, in code within a line, in a table, in bold.
//! Keeps the model from leaving a code block in the middle of a sentence.

/// The marks that are open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mode(u8);

const BLOCK: u8 = 1;
const CODE: u8 = 2;
const TABLE: u8 = 4;
const BOLD: u8 = 8;
const LINE_START: u8 = 16;

impl Mode {
    /// At the beginning of a text.
    pub(super) const START: Self = Self(LINE_START);

    /// After one more token.
    pub(super) fn after(self, token: &str) -> Self {
        let open = self.0 & !LINE_START;
        Self(match token.trim_start_matches(' ') {
            "```" => open ^ BLOCK,
            _ if token.ends_with('\n') => (open & BLOCK) | LINE_START,
            _ if open & BLOCK != 0 => open,
            "`" => open ^ CODE,
            "**" => open ^ BOLD,
            "|" if self.0 & LINE_START != 0 => open | TABLE,
            _ => open,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::tokenizer::units;
    use super::*;

    fn after(text: &str) -> Mode {
        units(text).fold(Mode::START, Mode::after)
    }

    #[test]
    fn marks_open_and_close() {
        assert_eq!(after("a `b"), Mode(CODE));
        assert_eq!(after("a `b` c"), Mode(0));
        assert_eq!(after("a\n\n```rust\nfn | `"), Mode(BLOCK));
        assert_eq!(after("a\n\n```rust\nfn\n```"), Mode(0));
        assert_eq!(after("| a | `b` | **c"), Mode(TABLE | BOLD));
        assert_eq!(after("| a | `b\n"), Mode::START);
    }
}
