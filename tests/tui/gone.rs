//! Terminals that go away, and terminals that take what they are given slowly or not at all.

use std::time::Duration;

use crate::bare::{Bare, eventually};
use crate::model::ModelServer;
use crate::pty::Home;

/// Read at once where nothing is being measured.
const ALL: usize = 1 << 16;
/// What the system itself keeps for a terminal that does not read: two buffers of a few pages.
const KEPT_BY_SYSTEM: usize = 32 << 10;
/// More than a frame of 120x40 that changes every cell.
const FRAME: usize = 24 << 10;

fn world() -> (ModelServer, Home) {
    let server = ModelServer::start("A title");
    let home = Home::new().with_model(&server.address);
    (server, home)
}

/// Whether a file of drafts and places says this.
fn is_remembered(home: &Home, words: &str) -> bool {
    let folders = [home.state(), home.state().join("places")];
    let files = folders.iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
    files
        .flatten()
        .any(|file| std::fs::read_to_string(file.path()).is_ok_and(|text| text.contains(words)))
}

#[test]
fn a_terminal_that_goes_away_ends_the_program_and_nothing_is_lost() {
    for signalled in [true, false] {
        let (server, home) = world();
        let mut program = Bare::start(&home, signalled, 120, 40);
        program.wait_for_text("First message", ALL).type_text("Talk.\r");
        let mut turn = server.turn();
        turn.stream().say("It began well");
        program.wait_for_text("It began well", ALL).type_text("a draft");
        program.wait_for_text("a draft", ALL).hang_up();
        assert_eq!(program.wait_exit().code(), Some(129), "signalled: {signalled}");
        let responses = home.responses();
        assert_eq!(
            (&responses[1]["message"], &responses[1]["partial"]),
            (&"It began well".into(), &true.into())
        );
        let mut again = home.start(120, 40);
        again.wait_for_text("a draft").wait_for_text("⚠ incomplete");
    }
}

#[test]
fn a_terminal_that_takes_nothing_holds_up_nothing_but_frames() {
    let (server, home) = world();
    let mut program = Bare::start(&home, true, 120, 40);
    program.wait_for_text("First message", ALL).type_text("Talk.\r");
    let mut turn = server.turn();
    turn.stream().say("It begins.");
    program.wait_for_text("It begins.", ALL);
    // From here on nothing is read, while far more is said than the system keeps for a terminal.
    for number in 0..4_000 {
        turn.say(&format!("**word{number}** and `code{number}` "));
        if number % 50 == 0 {
            turn.say("\n\n");
        }
    }
    turn.say("\n\nthe very end");
    turn.finish();
    eventually("the answer is stored", || home.responses()[1]["partial"] == false);
    program.type_text("typed meanwhile");
    eventually("the draft is stored", || is_remembered(&home, "typed meanwhile"));

    // What is shown then is how things stand, not how they came to be.
    let before = program.taken;
    program.wait_for_text("typed meanwhile", 960).wait_for_text("the very end", 960);
    let late = program.taken - before;
    assert!(late < KEPT_BY_SYSTEM + 3 * FRAME, "{late} bytes came late");
    while program.take(ALL, Duration::from_millis(300)) {}
    let shown = program.screen();
    program.type_text("\x0c");
    while program.take(ALL, Duration::from_millis(300)) {}
    assert_eq!(program.screen(), shown, "the same as when every cell is drawn again");
    program.type_text("\x11");
    while program.take(ALL, Duration::from_millis(300)) {}
    assert!(program.wait_exit().success());
}

#[test]
fn a_terminal_that_takes_nothing_any_more_does_not_keep_the_program() {
    let (server, home) = world();
    let mut program = Bare::start(&home, true, 120, 40);
    program.wait_for_text("First message", ALL).type_text("Talk.\r");
    let mut turn = server.turn();
    turn.stream();
    for number in 0..2_000 {
        turn.say(&format!("**word{number}** and `code{number}` "));
    }
    turn.finish();
    eventually("the answer is stored", || {
        home.responses().len() == 2 && home.responses()[1]["partial"] == false
    });
    // Nothing is read, and yet it hears and leaves.
    program.type_text("\x11");
    assert!(program.wait_exit().success());
}
