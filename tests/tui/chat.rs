//! Chatting offline: launch, writing, answers, the ways to branch, and what the forest shows of it.

use crate::pty::{Home, Program};

/// A home whose offline model answers at once and briefly.
pub(crate) fn home() -> Home {
    Home::new().configured("[ui]\npace = 400.0\n[sampling]\nmax_tokens = 40\n")
}

/// Starts the program and waits until it can be used.
pub(crate) fn start(home: &Home) -> Program {
    let mut program = home.start(120, 40);
    // A conversation of an earlier run may be on the screen before anything else was to be seen.
    program.wait_for("the text field", |screen| {
        let shown = screen.contents();
        shown.contains(" First message ") || shown.contains(" Message ")
    });
    program
}

/// Says something and waits for the whole answer.
pub(crate) fn say(program: &mut Program, words: &str) {
    program.type_text(words).wait_for_text(words).key("Enter");
    program.wait_until_gone("First message");
    wait_for_answer(program);
}

/// Waits until an answer has ended: nothing streams, and nothing is waited for.
pub(crate) fn wait_for_answer(program: &mut Program) {
    program.wait_for("complete answer", |screen| {
        let text = screen.contents();
        text.contains("Grok ") && !text.contains("streaming") && !text.contains("▯")
    });
}

/// Leaves the text field for the chat.
pub(crate) fn read(program: &mut Program) {
    // Where the chat has the keys already, Escape and the next key could be taken for one.
    if !program.screen().contains("resample  e edit") {
        program.key("Escape").wait_for_text("resample  e edit");
    }
}

#[test]
fn a_new_user_types_and_is_answered() {
    let home = home();
    let mut program = start(&home);
    program.wait_for_text("Write a message below and press Enter.");
    program.type_text("W").wait_for("character at the cursor", |screen| {
        let (row, column) = screen.cursor_position();
        column > 0 && screen.cell(row, column - 1).is_some_and(|cell| cell.contents() == "W")
    });
    program.type_text("hat is entropy?").key("Enter");
    program.wait_for_text("You").wait_for_text("Grok").wait_for_text("2 nodes 1 leaf");
    wait_for_answer(&mut program);
    // The title is made of the first words, in the list and in the header.
    program.wait_for("title", |screen| screen.contents().matches("What is entropy").count() >= 4);
    let responses = home.responses();
    assert_eq!(responses[0]["message"], "What is entropy?");
    assert_eq!(responses[1]["partial"], false);
    let said = responses[1]["message"].as_str().unwrap();
    assert!(said.split_whitespace().count() > 5, "{said:?}");
    let first = said.split_whitespace().next().unwrap();
    assert!(program.screen().contains(first));
}

#[test]
fn branches_of_all_kinds_stand_in_the_forest() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Why is the sky blue?");
    read(&mut program);

    // Resample: a sibling.
    program.key("r").wait_for_text("‹ 2/2 ›").wait_for_text("3 nodes 2 leaves");
    wait_for_answer(&mut program);

    // Edit what was asked: a second root, answered anew.
    program.key("k").key("e").wait_for_text("Edit: a changed copy becomes a new sibling");
    program.key("Backspace").type_text(" at dawn?").key("Enter");
    program.wait_for_text("root 2/2").wait_for_text("5 nodes 3 leaves");
    wait_for_answer(&mut program);
    program.wait_for_text("Why is the sky blue at dawn?");

    // Edit the answer and keep it as it is.
    read(&mut program);
    program.key("e").wait_for_text("Edit: a changed copy");
    program.key("C-u").key("C-u").key("C-u");
    program.type_text("Kept as it is.").key("Enter").wait_for_text("keep it as it is");
    program
        .key("k")
        .wait_for_text("6 nodes")
        .wait_for_text("✎ by hand")
        .wait_for_text("resample  e edit");

    // Edit and let the model go on.
    program.key("e").wait_for_text("Edit: a changed copy").type_text(" And so").key("Enter");
    program.wait_for_text("let Grok continue it").key("c").wait_for_text("8 nodes");
    program.wait_for_text("┈ continued");
    wait_for_answer(&mut program);

    let responses = home.responses();
    assert_eq!(responses.len(), 8);
    let with = |words: &str| {
        let found = responses.iter().find(|r| r["message"].as_str().unwrap().contains(words));
        found.unwrap_or_else(|| panic!("no {words:?} in {responses:#?}"))
    };
    let kept = with("Kept as it is.");
    assert_eq!((&kept["manual"], &kept["partial"]), (&true.into(), &false.into()));
    let begun = with("Kept as it is. And so");
    assert_eq!((&begun["manual"], &begun["partial"]), (&true.into(), &true.into()));
    let more = responses.iter().find(|r| r["parent_response_id"] == begun["response_id"]);
    assert_eq!(more.unwrap()["partial"], false);
    let asked_again = with("at dawn");
    assert_eq!(asked_again["edited_from_response_id"], with("sky blue?")["response_id"]);
}

#[test]
fn an_edited_answer_can_have_what_followed_asked_again() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Name a colour.");
    program.type_text("And another?").key("Enter").wait_for_text("4 nodes");
    wait_for_answer(&mut program);
    read(&mut program);
    program.key("k").key("k").key("e").wait_for_text("Edit: a changed copy");
    // However many lines the model said.
    for _ in 0..60 {
        program.key("C-u");
    }
    program.type_text("Red.").key("Enter").wait_for_text("resample what follows");
    program.key("r").wait_for_text("7 nodes").wait_for_text("t2 2/2");
    wait_for_answer(&mut program);
    let responses = home.responses();
    let red = responses.iter().find(|r| r["message"] == "Red.").unwrap();
    let again = responses.iter().find(|r| r["parent_response_id"] == red["response_id"]).unwrap();
    assert_eq!(again["message"], "And another?");
    assert!(responses.iter().any(|r| r["parent_response_id"] == again["response_id"]));
}

#[test]
fn a_user_writes_as_grok_and_grok_continues() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Tell me about ice.");
    read(&mut program);
    program.key("k").key("m").wait_for_text("Write as Grok");
    program.type_text("Ice is colder than").key("Enter").wait_for_text("keep it as incomplete");
    program.key("p").wait_for_text("⚠ incomplete").wait_for_text("3 nodes 2 leaves");
    program.wait_for_text("resample  e edit");
    program.key("c").wait_for_text("┈ continued");
    wait_for_answer(&mut program);
    program.wait_for_text("4 nodes 2 leaves");
    let responses = home.responses();
    let begun = responses.iter().find(|r| r["message"] == "Ice is colder than").unwrap();
    assert_eq!((&begun["manual"], &begun["partial"]), (&true.into(), &true.into()));
    assert_eq!(begun["parent_response_id"], responses[0]["response_id"]);
}

#[test]
fn siblings_are_walked_with_brackets() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "One word, please.");
    read(&mut program);
    program.key("r").wait_for_text("‹ 2/2 ›");
    wait_for_answer(&mut program);
    program.key("[").wait_for_text("‹ 1/2 ›").key("[").wait_for_text("This is the first");
    program.key("]").wait_for_text("‹ 2/2 ›").key("]").wait_for_text("The last of 2");
    // Five at once; the screen stays with one of them.
    program.type_text("3r").wait_for_text("6 nodes 5 leaves");
    wait_for_answer(&mut program);
}

#[test]
fn what_is_noted_about_responses_is_there_after_a_restart() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Why is the sky blue?");
    read(&mut program);
    program.key("*").wait_for_text("★");
    program.key("b").wait_for_text("Label of the response").type_text("the key").key("Enter");
    program.wait_for_text("★ the key");
    program.key("B").wait_for_text("Note on the response").type_text("worth a look").key("Enter");
    program.wait_for_text("¶ worth a look").key("C-q");
    program.wait_exit();

    let mut program = start(&home);
    program.wait_for_text("¶ worth a look").wait_for_text("★ the key");
}
