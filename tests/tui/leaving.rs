//! Every way out: the terminal is given back as it was found, and nothing that was written is lost.

use std::time::Duration;

use crate::chat::{home, read, say, start, wait_for_answer};
use crate::modes::Modes;
use crate::pty::Program;

/// The terminal is as it was: modes off, cursor shown, line by line again.
pub(crate) fn assert_given_back(program: &Program) {
    assert_eq!(program.modes(), Modes::default());
    assert!(!program.is_raw(), "the terminal is still raw");
}

#[test]
fn quitting_gives_the_terminal_back() {
    let home = home();
    let mut program = start(&home);
    assert!(program.is_raw());
    // Taken: the alternate screen, clicks and dragging with large positions, focus, pastes as such.
    program.type_text("zq").wait_for_text("zq");
    let taken = [1000, 1002, 1004, 1006, 1049, 2004];
    assert!(taken.iter().all(|mode| program.modes().on.contains(mode)), "{:?}", program.modes());
    program.key("C-q");
    assert!(program.wait_exit().success());
    assert_given_back(&program);
}

#[test]
fn signals_give_the_terminal_back_and_keep_what_was_written() {
    for (name, code) in [("TERM", 143), ("HUP", 129)] {
        let home = home();
        let mut program = start(&home);
        program.type_text("half a thought").wait_for_text("half a thought");
        program.signal(name);
        assert_eq!(program.wait_exit().exit_code(), code, "{name}");
        assert_given_back(&program);
        let mut again = start(&home);
        again.wait_for_text("half a thought");
    }
}

#[test]
fn control_c_twice_leaves_and_the_text_is_kept() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Hello there.");
    program.type_text("not sent yet").wait_for_text("not sent yet");
    program.key("C-c").wait_for_text("Press Ctrl+C again to leave");
    // Anything else in between takes it back.
    program.type_text("!").wait_until_gone("Press Ctrl+C again");
    program.key("C-c").wait_for_text("Press Ctrl+C again to leave").key("C-c");
    assert!(program.wait_exit().success());
    assert_given_back(&program);
    let mut again = home.start(120, 40);
    again.wait_for_text("not sent yet!").wait_for_text("Hello there.");
}

#[test]
fn the_same_place_is_found_again() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "First question.");
    program.type_text("Second question.").key("Enter").wait_for_text("4 nodes");
    wait_for_answer(&mut program);
    read(&mut program);
    program.key("r").wait_for_text("5 nodes 2 leaves").wait_for_text("t4 2/2");
    wait_for_answer(&mut program);
    program.key("[").wait_for_text("t4 1/2");
    // Close a row of the forest, and leave a draft below an answer further up.
    program.key("BackTab").key(" ").wait_for_text("(+1)").key("Tab");
    program.key("k").key("k").key("i").wait_for_text("New branch after");
    program.type_text("a draft up here").wait_for_text("a draft up here").key("C-q");
    program.wait_exit();

    let mut again = home.start(120, 40);
    again.wait_for_text("a draft up here").wait_for_text("New branch after");
    again.wait_for_text("t4 1/2").wait_for_text("5 nodes 2 leaves").wait_for_text("(+1)");
    again.wait_for_text("First question.");
}

#[test]
fn a_draft_outlives_a_kill() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Something first.");
    program.type_text("a draft that must live").wait_for_text("a draft that must live");
    // Stored soon after the last key; then nothing can take it away.
    let places = home.state().join("places");
    let stored = || {
        let Ok(files) = std::fs::read_dir(&places) else { return false };
        files.flatten().any(|file| {
            std::fs::read_to_string(file.path()).is_ok_and(|text| text.contains("must live"))
        })
    };
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    while !stored() {
        assert!(std::time::Instant::now() < deadline, "the draft was not stored");
        std::thread::yield_now();
    }
    program.kill();
    let mut again = home.start(120, 40);
    again.wait_for_text("a draft that must live").wait_for_text("Something first.");
}

#[test]
fn an_idle_program_writes_nothing() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Be quiet now.");
    program.wait_for_quiet(Duration::from_millis(1_000));
    let before = program.raw_bytes().len();
    program.wait_for_quiet(Duration::from_millis(1_200));
    assert_eq!(program.raw_bytes().len(), before);
}

/// A terminal that is known to tell all keys apart is asked to, and told back once.
#[test]
fn keys_are_told_apart_where_the_terminal_can() {
    let home = home().with("TERM", "xterm-kitty");
    let mut program = start(&home);
    program.type_text("one\x1b[13;2utwo").wait_for_text("two");
    program.wait_for("two rows", |screen| !screen.contents().contains("onetwo"));
    program.type_text("\x1b[113;5u");
    assert!(program.wait_exit().success());
    assert_given_back(&program);
    let raw = String::from_utf8_lossy(&program.raw_bytes()).into_owned();
    let (push, pop) = (raw.find("\x1b[>1u").unwrap(), raw.rfind("\x1b[<1u").unwrap());
    assert!(push < pop && pop < raw.rfind("\x1b[?1049l").unwrap());
    assert_eq!(raw.matches("\x1b[<1u").count(), 1, "what the shell has asked for stays");

    let home = crate::chat::home();
    let mut program = start(&home);
    program.key("C-q");
    program.wait_exit();
    assert!(!String::from_utf8_lossy(&program.raw_bytes()).contains("\x1b[>1u"));
}
