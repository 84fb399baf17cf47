//! Text is data: nothing in a message, an answer or a title ever commands the terminal.

use crate::model::ModelServer;
use crate::pty::{Home, Program, QUESTION};

/// A window title, a question to the terminal, colours, 8-bit controls, reversed and isolated text.
const HOSTILE: &str = "pwn\u{1b}]0;title\u{7}ed \u{1b}[6n\u{1b}[31mred \u{9b}32m \u{9d}0;x\u{9c} \
                       \u{202e}desrever\u{2066} \u{90}q \u{8}\u{8} end";

fn assert_harmless(program: &Program) {
    // The one thing of this kind that the program sends of itself.
    let raw = String::from_utf8_lossy(&program.raw_bytes()).replacen(QUESTION, "", 1);
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
    let home = Home::new().with_model(&server.address);
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
    program
        .key("Escape")
        .wait_for_text("resample  e edit")
        .key("e")
        .wait_for_text("Edit: a changed");
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

#[test]
fn names_errors_searches_and_copies_command_nothing_either() {
    let server = ModelServer::start("A title");
    let model = format!("openai/{HOSTILE}");
    let home = Home::new().with("OPENAI_BASE_URL", &server.address).with("GROK_TUI_MODEL", &model);
    let mut program = home.start(120, 40);
    program.wait_for_text("First message").type_text("Talk.").key("Enter");
    let error = serde_json::json!({"error": {"message": format!("no {HOSTILE}")}}).to_string();
    server.turn().reply("400 Bad Request", "content-type: application/json\r\n", &error);
    program.wait_for_words("⚠ no answer:").wait_for_text("desrever");
    // The error among what is selected, a search, a title and settings, all of them hostile.
    program.key("Escape").wait_for_text("resample  e edit").type_text("VG").wait_for_text("V rows");
    program.key("Escape").wait_for_text("resample  e edit");
    program.key("T").wait_for_text("Title of the conversation").key("C-u");
    program.paste(HOSTILE).wait_for_text("desrever").key("Enter");
    program.wait_for_text("grok-tui  pwn").key("Tab").key("Tab").wait_for_text("D delete");
    program.key("/").wait_for_text("Search all").paste(HOSTILE).key("Enter");
    program.wait_for_text("Found for").key("Escape").wait_until_gone("Found for");
    program.key("M").wait_for_text("Models").wait_for_text("scripted").key("Escape");
    program.wait_until_gone("⏎ takes one").key("C-q");
    program.wait_exit();
    assert_harmless(&program);
    assert_eq!(home.conversations()[0]["title"].as_str().unwrap().trim_start(), HOSTILE);
}

#[test]
fn floods_are_shown_in_bounds() {
    let server = ModelServer::start("A title");
    let home = Home::new().with_model(&server.address);
    let mut program = home.start(80, 24);
    program.wait_for_text("First message").type_text("Talk.").key("Enter");
    let mut turn = server.turn();
    turn.stream();
    // One line of a megabyte, nothing but marks, nothing but joiners, NULs, and controls in code.
    turn.say(&"x\u{1b}[31m".repeat(150_000));
    turn.say(&format!("\n\ne{}\n\n", "\u{301}".repeat(100_000)));
    turn.say(&format!("a{}b\n\n", "\u{200d}".repeat(100_000)));
    turn.say(&format!("{}\n\n```\n", "\0".repeat(10_000)));
    turn.say(&format!("{HOSTILE}\n").repeat(1_000));
    turn.say("```\n\nthe very end");
    turn.finish();
    program.wait_for_text("the very end").wait_until_gone("streaming").key("Escape");
    program.wait_for_text("resample  e edit").type_text("VGg").key("Escape").type_text("gG");
    program.wait_for_text("the very end").key("C-q");
    assert!(program.wait_exit().success());
    assert_harmless(&program);
    assert!(!program.raw_bytes().contains(&0), "a NUL reached the terminal");
}
