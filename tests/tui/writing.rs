//! The text field: pastes, wide characters, editing.

use crate::chat::{home, start, wait_for_answer};
use crate::faults::world;

#[test]
fn a_paste_of_several_lines_is_one_message() {
    let home = home();
    let mut program = start(&home);
    program.paste("one\r\ntwo\rthree\nfour\tfive").wait_for_text("four");
    // Nothing was sent by the line breaks.
    program.wait_for_text("First message");
    program.type_text("!").wait_for_text("five!").key("Enter").wait_for_text("2 nodes");
    wait_for_answer(&mut program);
    assert_eq!(home.responses()[0]["message"], "one\ntwo\nthree\nfour\tfive!");
}

#[test]
fn wide_characters_are_edited_as_people_see_them() {
    let home = home();
    let mut program = start(&home);
    program.type_text("日本語").wait_for_text("日本語");
    let column = |program: &mut crate::pty::Program, wanted: u16| {
        program.wait_for(&format!("cursor at {wanted}"), |screen| {
            screen.cursor_position().1 == wanted
        });
    };
    column(&mut program, 42 + 6);
    program.key("Left").key("Left");
    column(&mut program, 42 + 2);
    program.key("Delete").wait_for_text("日語").key("End").type_text(" 👩‍👩‍👧🇳🇴e\u{301}x");
    program.wait_for_text("x").key("Backspace").key("Backspace").key("Backspace");
    program.key("Backspace").type_text("!").wait_for_text("!").key("C-j").type_text("zwei");
    program.wait_for_text("zwei").key("Enter").wait_for_text("2 nodes");
    wait_for_answer(&mut program);
    assert_eq!(home.responses()[0]["message"], "日語 !\nzwei");
}

#[test]
fn what_was_cut_or_undone_comes_back() {
    let home = home();
    let mut program = start(&home);
    program.type_text("alpha beta gamma").wait_for_text("gamma");
    program.key("C-w").wait_until_gone("gamma").key("C-y").wait_for_text("gamma");
    program.key("C-u").wait_until_gone("alpha").key("M-u").wait_for_text("alpha beta gamma");
}

#[test]
fn a_message_sent_early_goes_below_the_answer_it_waited_for() {
    let (server, home) = world();
    let mut program = start(&home);
    program.type_text("First question.").key("Enter");
    let mut turn = server.turn();
    turn.stream().say("The first answer");
    program.wait_for_text("streaming");
    program.type_text("Second question.").key("Enter").wait_for_text("queued: Second question.");
    turn.say(" is complete.");
    turn.finish();
    let mut turn = server.turn();
    turn.stream().say("The second answer");
    program.wait_for_text("4 nodes").wait_until_gone("queued");
    let said = home.responses();
    assert_eq!(said[2]["message"], "Second question.");
    assert_eq!(said[2]["parent_response_id"], said[1]["response_id"]);

    // One that waits when the program is killed is offered by the next run.
    program.type_text("Third question.").key("Enter").wait_for_text("queued: Third question.");
    let session = home.state().join("session.json");
    let stored =
        || std::fs::read_to_string(&session).is_ok_and(|text| text.contains("\"text\":\"Third"));
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !stored() {
        assert!(std::time::Instant::now() < deadline, "what waits was not stored");
        std::thread::yield_now();
    }
    program.kill();
    let mut again = home.start(120, 40);
    again.wait_for_text("not sent: Third question.").key("Enter");
    let mut turn = server.turn();
    turn.stream().say("The third answer.");
    turn.finish();
    again.wait_for_text("6 nodes").wait_for_text("The third answer.").wait_until_gone("not sent");
}
