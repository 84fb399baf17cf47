//! A new user's whole session, looked at on the screen, in the bytes that made it, and in what is
//! stored: ask, resample, walk siblings, edit, continue, search, star, copy, delete and undo, leave,
//! come back.

use crate::leaving::assert_given_back;
use crate::model::{ModelServer, Turn};
use crate::modes::sequences;
use crate::pty::{Home, Program};

/// A world with a model whose answers the test gives.
fn world() -> (ModelServer, Home) {
    let server = ModelServer::start("Colours of the sky");
    let home = Home::new().with_model(&server.address);
    (server, home)
}

/// Answers in three pieces, each of which is on the screen before the next one is said.
fn answer(program: &mut Program, mut turn: Turn, words: [&str; 3]) {
    turn.stream();
    let mut said = String::new();
    for word in words {
        turn.say(word);
        said.push_str(word);
        program.wait_for_text(said.trim());
    }
    turn.finish();
    program.wait_until_gone("streaming");
}

/// Leaves the text field for the chat.
fn read(program: &mut Program) {
    program.key("Escape").wait_for_text("resample  e edit");
}

#[test]
fn a_whole_session() {
    let (server, home) = world();
    let mut program = home.start(120, 40);
    program.wait_for_text("Write a message below and press Enter.");

    // Ask, and see the answer come.
    program.type_text("Why is the sky blue?").key("Enter");
    answer(&mut program, server.turn(), ["Because ", "of ", "scattering."]);
    program.wait_for_text("2 nodes 1 leaf").wait_for_text("grok-tui  Colours of the sky");

    // Three more at once, each its own answer, and a walk through all of them.
    read(&mut program);
    program.type_text("3r");
    let turns: Vec<Turn> = (0..3).map(|_| server.turn()).collect();
    for (turn, word) in turns.into_iter().zip(["second", "third", "fourth"]) {
        let mut turn = turn;
        turn.stream().say(&format!("The {word} reason."));
        turn.finish();
    }
    program.wait_for_text("5 nodes 4 leaves").wait_until_gone("streaming").wait_for_text("/4 ›");
    program.wait_for_text("3 samples · 3 different");
    for _ in 0..3 {
        program.key("[");
    }
    program.wait_for_text("‹ 1/4 ›").wait_for_text("▌Because of scattering.");
    for place in 2..=4 {
        program.key("]").wait_for_text(&format!("‹ {place}/4 ›"));
    }
    program.key("]").wait_for_text("The last of 4");

    // Edit the question: the old one stays, the new one is answered.
    program.key("k").key("e").wait_for_text("Edit: a changed copy becomes a new sibling");
    program.key("Backspace").type_text(" at noon?").key("Enter");
    answer(&mut program, server.turn(), ["Because ", "the sun ", "is high."]);
    program.wait_for_text("root 2/2").wait_for_text("7 nodes 5 leaves");

    // An answer that is stopped half way, and goes on.
    program.type_text("And red?").key("Enter");
    let mut turn = server.turn();
    turn.stream().say("In the evening");
    program.wait_for_text("In the evening").key("Escape").wait_for_text("⚠ incomplete");
    drop(turn);
    read(&mut program);
    program.key("c");
    answer(&mut program, server.turn(), [" the way", " is", " longer."]);
    program.wait_for_text("┈ continued").wait_for_text("10 nodes");

    // Star it, find it, copy from it.
    program.key("s").wait_for_text("★ Colours of the sky").type_text("y");
    program.wait_for_text("Sent ").wait_for_text("(OSC 52)");
    program.key("M-s").wait_for_text("Search all conversations").type_text("noon").key("Enter");
    program.wait_for_text("Found for “noon”").wait_for_text("★ Colours of the sky");
    program.key("Tab").key("BackTab");
    program.key("Escape").wait_until_gone("Found for");

    // Away and back again.
    program.wait_for_text("D delete").key("D").wait_for_text("Deleted “Colours of the sky”");
    program.wait_until_gone("★").key("u").wait_for_text("“Colours of the sky” is back");
    program.wait_for_text("10 nodes").wait_for_text("★ Colours of the sky");

    // Leave with a draft, and come back to the same place.
    program.key("i").type_text("not sent yet").wait_for_text("not sent yet").key("C-q");
    assert!(program.wait_exit().success());
    assert_given_back(&program);
    assert_economical(&program);
    assert_stored(&home);
    let mut again = home.start(120, 40);
    again.wait_for_text("not sent yet").wait_for_text("10 nodes").wait_for_text("longer.");
    again.wait_for_text("★ Colours of the sky").key("C-q");
    assert!(again.wait_exit().success());
    assert_given_back(&again);
}

/// The screen was cleared once, and what was written after is less than one screen for each frame.
fn assert_economical(program: &Program) {
    let raw = program.raw_bytes();
    let clears = sequences(&raw).iter().filter(|(_, end)| *end == 'J').count();
    assert_eq!(clears, 1);
    let frames =
        sequences(&raw).iter().filter(|sequence| **sequence == ("?2026".into(), 'h')).count();
    let each = raw.len() / frames;
    assert!(each < 2_500, "{each} bytes for each of {frames} frames");
}

fn assert_stored(home: &Home) {
    let responses = home.responses();
    assert_eq!(responses.len(), 10);
    let messages =
        |message: &str| responses.iter().filter(|response| response["message"] == message).count();
    for message in [
        "Why is the sky blue?",
        "Why is the sky blue at noon?",
        "Because of scattering.",
        "The second reason.",
        "The third reason.",
        "The fourth reason.",
        "Because the sun is high.",
        "And red?",
        "In the evening",
        " the way is longer.",
    ] {
        assert_eq!(messages(message), 1, "{message:?} in {responses:#?}");
    }
    let partial = responses.iter().filter(|response| response["partial"] == true).count();
    assert_eq!(partial, 1, "the stopped one");
    assert_eq!(home.conversations()[0]["starred"], true);
}
