//! `doctor` in a terminal: what it asks it, and what it says when nobody answers.

use crate::pty::{Home, Program};

/// The last question, which every terminal answers.
const LAST_QUESTION: &[u8] = b"\x1b[c";

fn doctor(home: &Home) -> Program {
    home.start_with(["doctor", "--no-sampling"], 120, 40)
}

/// Answers for each sample how wide it came out, and with these abilities.
fn answer(program: &mut Program, widths: [u16; 4], abilities: &str) {
    program.wait_for_bytes(LAST_QUESTION);
    let columns = widths.map(|width| format!("\x1b[1;{}R", width + 1)).concat();
    program.type_text(&format!("{columns}{abilities}\x1b[?62;22c"));
}

#[test]
fn a_terminal_that_answers_is_told_of() {
    let home = Home::new();
    let mut program = doctor(&home);
    answer(&mut program, [2, 1, 2, 2], "\x1b[?0u\x1b[?2026;2$y");
    assert_eq!(program.wait_exit().exit_code(), 0);
    let shown = program.screen();
    for (name, detail) in [
        ("widths", "wide and combined characters as expected"),
        ("kitty keys", "yes"),
        ("whole frames", "yes"),
        ("size", "120x40"),
        ("locale", "C.UTF-8"),
        ("colours", "xterm-256color: 256"),
    ] {
        let told = |line: &str| line.contains(name) && line.contains(detail);
        assert!(shown.lines().any(told), "{name}: {shown}");
    }
}

#[test]
fn a_terminal_that_counts_otherwise_is_told_of() {
    let home = Home::new();
    let mut program = doctor(&home);
    answer(&mut program, [2, 1, 6, 2], "");
    assert_eq!(program.wait_exit().exit_code(), 0);
    let shown = program.screen();
    assert!(shown.contains("the terminal sees") && shown.contains("differently"), "{shown}");
    let no = |name: &str| shown.lines().any(|line| line.contains(name) && line.contains(" no"));
    assert!(no("kitty keys") && no("whole frames"), "{shown}");
}

/// It ends within its own short limit: the test waits for the end, and would give up.
#[test]
fn a_silent_terminal_is_said_to_be_silent_and_given_back() {
    let home = Home::new();
    let mut program = doctor(&home);
    program.wait_for_bytes(LAST_QUESTION);
    assert_eq!(program.wait_exit().exit_code(), 0);
    let shown = program.screen();
    assert!(shown.contains("the terminal does not answer questions"), "{shown}");
    assert!(shown.contains("works all the same"), "{shown}");
    assert!(!program.is_raw(), "the terminal is still raw");
}
