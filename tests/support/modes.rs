//! What a terminal was told to do: modes that are on, as the bytes that were written to it say.

use std::collections::BTreeSet;

/// Shown cursor and wrapped lines: how every terminal begins.
const USUAL: [u32; 2] = [7, 25];

/// The modes of a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Modes {
    /// Private modes that are on.
    pub(crate) on: BTreeSet<u32>,
    /// Keyboard flags that were pushed and not taken back.
    pub(crate) keyboard: i32,
    /// The shape of the cursor; 0: the user's own.
    pub(crate) cursor: u32,
}

impl Default for Modes {
    fn default() -> Self {
        Self { on: USUAL.into(), keyboard: 0, cursor: 0 }
    }
}

impl Modes {
    /// Those after all these bytes.
    pub(crate) fn after(bytes: &[u8]) -> Self {
        let mut modes = Self::default();
        for (parameters, end) in sequences(bytes) {
            modes.take_in(&parameters, end);
        }
        modes
    }

    fn take_in(&mut self, parameters: &str, end: char) {
        let number = |text: &str| text.trim().parse::<u32>().unwrap_or(0);
        match (parameters.chars().next(), end) {
            (Some('?'), 'h') => self.on.extend(parameters[1..].split(';').map(number)),
            (Some('?'), 'l') => {
                for mode in parameters[1..].split(';').map(number) {
                    self.on.remove(&mode);
                }
            }
            (Some('>'), 'u') => self.keyboard += 1,
            (Some('<'), 'u') => self.keyboard -= 1,
            (_, 'q') if parameters.ends_with(' ') => self.cursor = number(parameters),
            _ => {}
        }
    }
}

/// Parameters and last letter of every control sequence.
pub(crate) fn sequences(bytes: &[u8]) -> Vec<(String, char)> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        rest = &rest[at + 2..];
        let length = rest.iter().position(|byte| (0x40..0x7f).contains(byte)).unwrap_or(rest.len());
        if let Some(end) = rest.get(length) {
            let parameters = String::from_utf8_lossy(&rest[..length]).into_owned();
            found.push((parameters, char::from(*end)));
        }
    }
    found
}

#[test]
fn modes_go_on_and_off() {
    let modes = Modes::after(b"a\x1b[?1049h\x1b[?1000;1006h\x1b[>1u\x1b[5 q\x1b[?25l\x1b[31m");
    assert_eq!(modes.on, [7, 1000, 1006, 1049].into());
    assert_eq!((modes.keyboard, modes.cursor), (1, 5));
    let back = b"\x1b[?1049h\x1b[?1049l\x1b[>1u\x1b[<u\x1b[5 q\x1b[0 q";
    assert_eq!(Modes::after(back), Modes::default());
}
