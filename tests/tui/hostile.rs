//! Text is data: nothing in a message, an answer or a title ever commands the terminal.

use crate::model::ModelServer;
use crate::pty::{Home, Program};

/// A window title, a question to the terminal, colours, 8-bit controls, reversed and isolated text.
const HOSTILE: &str = "pwn\u{1b}]0;title\u{7}ed \u{1b}[6n\u{1b}[31mred \u{9b}32m \u{9d}0;x\u{9c} \
                       \u{202e}desrever\u{2066} \u{90}q \u{8}\u{8} end";

fn assert_harmless(program: &Program) {
    let raw = String::from_utf8_lossy(&program.raw_bytes()).into_owned();
    let bad = |c: char| {
        matches!(c, '\u{7}' | '\u{8}' | '\u{80}'..='\u{9f}')
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    if let Some(at) = raw.find(bad) {
        panic!("{:?} reached the terminal", raw[at..].chars().next());
    }
    for sequence in ["\x1b]", "\x1bP", "\x1b_", "\x1b^", "\x1b[6n", "\x1b[31m"] {
        assert!(!raw.contains(sequence), "{sequence:?} reached the terminal");
    }
}

#[test]
fn hostile_text_is_shown_and_never_obeyed() {
    let server = ModelServer::start("Ti\u{1b}]0;x\u{7}tle \u{202e}here");
    let home = Home::new()
        .with("OPENAI_BASE_URL", &server.address)
        .with("GROK_TUI_MODEL", "openai/scripted");
    let mut program = home.start(120, 40);
    program.wait_for_text("First message").paste(HOSTILE).wait_for_text("pwn");
    program.wait_for_text("desrever").key("Enter");
    let mut turn = server.turn();
    // Split in the middle of the sequences, and as code, a table and a list.
    turn.stream();
    for piece in HOSTILE.split_inclusive(['\u{1b}', '[', ']']) {
        turn.say(piece);
    }
    turn.say(&format!("\n\n```{HOSTILE}\n{HOSTILE}\n```\n\n| a |\n|---|\n| {HOSTILE} |\n\nlast"));
    turn.finish();
    program.wait_for_text("last").wait_until_gone("streaming").wait_for_text("tle");
    program.key("Escape").wait_for_text("e edit").key("e").wait_for_text("Edit: a changed");
    program.key("C-q");
    program.wait_exit();
    assert_harmless(&program);

    let responses = home.responses();
    assert_eq!(responses[0]["message"], HOSTILE, "stored as it came");
    assert!(responses[1]["message"].as_str().unwrap().starts_with(HOSTILE));
    let mut again = home.start(80, 24);
    again.wait_for_text("last").key("Tab").wait_for_text("Forest").key("C-q");
    again.wait_exit();
    assert_harmless(&again);
}
