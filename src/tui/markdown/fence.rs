//! Code blocks that are so long that they are frozen while they are open: where they end.

/// An open code block: the line that closes it consists of `marker`, at least `length` times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fence {
    marker: u8,
    length: usize,
    /// Spaces in front of the fence; as many are taken from its lines.
    indent: usize,
    /// Lines of it that were frozen.
    pub(super) lines: usize,
}

impl Fence {
    /// The code block that a text opens with, and where its code begins.
    pub(super) fn opened_by(text: &str) -> Option<(Self, usize)> {
        let body = text.trim_start_matches('\n');
        let first = body.lines().next()?;
        let line = first.trim_start_matches(' ');
        let indent = first.len() - line.len();
        let marker = *line.as_bytes().first().filter(|byte| matches!(byte, b'`' | b'~'))?;
        let length = line.bytes().take_while(|&byte| byte == marker).count();
        let code = text.len() - body.len() + body.find('\n')? + 1;
        let open = length >= 3 && indent < 4 && !(marker == b'`' && line[length..].contains('`'));
        open.then_some((Self { marker, length, indent, lines: 0 }, code))
    }

    /// Whether this line closes it.
    pub(super) fn is_closed_by(&self, line: &str) -> bool {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let line = line.trim_start_matches(' ').trim_end();
        indent < 4 && line.len() >= self.length && line.bytes().all(|byte| byte == self.marker)
    }

    /// A line without the indentation of the fence.
    pub(super) fn inside<'a>(&self, line: &'a str) -> &'a str {
        let spaces = line.len() - line.trim_start_matches(' ').len();
        &line[spaces.min(self.indent)..]
    }
}
