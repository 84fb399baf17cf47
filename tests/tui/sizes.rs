//! Small terminals, and terminals that change their size.

use crate::chat::{home, read, say, wait_for_answer};
use crate::model::ModelServer;
use crate::pty::Home;

#[test]
fn at_80x24_the_left_side_lies_over_the_chat() {
    let home = home();
    let mut program = home.start(80, 24);
    program.wait_for_text("First message");
    assert!(!program.screen().contains("Conversations"));
    say(&mut program, "A small screen.");
    program.key("Tab").wait_for_text("Conversations").wait_for_text("2 nodes 1 leaf");
    program
        .key("Tab")
        .key("Tab")
        .wait_until_gone("Conversations")
        .wait_for_text("resample  e edit");
    program.key("r").wait_for_text("‹ 2/2 ›");
    wait_for_answer(&mut program);
}

#[test]
fn at_50x15_there_is_one_pane_at_a_time() {
    let home = home();
    let mut program = home.start(50, 15);
    program.wait_for_text("First message");
    say(&mut program, "Tiny.");
    program.key("Tab").wait_for_text("Conversations").wait_until_gone("Grok ");
    program.key("Tab").wait_for_text("Forest").wait_until_gone("Conversations");
    program.key("Tab").wait_for_text("Grok ").wait_until_gone("Forest");
    read(&mut program);
}

#[test]
fn below_the_smallest_size_it_says_so_and_recovers() {
    let home = home();
    let mut program = home.start(19, 5);
    program.wait_for_text("too small");
    program.type_text("still here").resize(80, 24).wait_for_text("still here");
    program.resize(5, 2).resize(1, 1).resize(120, 40).wait_for_text("Conversations");
    program.wait_for_text("still here").key("C-q");
    assert!(program.wait_exit().success());
}

#[test]
fn keys_that_come_with_a_change_of_size_are_not_forgotten() {
    let home = home();
    let mut program = home.start(120, 40);
    program.wait_for_text("First message");
    let mut typed = String::new();
    for (number, letter) in ('a'..='z').enumerate() {
        typed.push(letter);
        let (width, height) = if number % 2 == 0 { (90, 30) } else { (120, 40) };
        program.type_text(&letter.to_string()).resize(width, height).wait_for_text(&typed);
    }
    // More than a reader takes at once, without the marks of a paste.
    let long = "0123456789".repeat(150);
    program.type_text(&long).type_text("!").wait_for_text("9!");
}

#[test]
fn a_terminal_that_changes_while_an_answer_streams_harms_nothing() {
    let server = ModelServer::start("A title");
    let home = Home::new().with_model(&server.address);
    let mut program = home.start(120, 40);
    program.wait_for_text("First message").type_text("Go on and on.").key("Enter");
    let mut turn = server.turn();
    turn.stream();
    for (width, height) in [(80, 24), (19, 5), (50, 15), (200, 60), (33, 9), (120, 40)] {
        program.resize(width, height);
        for word in ["**wide**", " 宽字", " and", " `code`\n\n"] {
            turn.say(word);
        }
        let header = match width {
            0..20 => "too small",
            20..40 => "· ●",
            _ => "● local",
        };
        program.wait_for_text(header);
    }
    turn.say("The end.");
    program.wait_for_text("The end.").wait_for_text("streaming 25 tok");
    turn.finish();
    wait_for_answer(&mut program);
    program.wait_for_text("You").wait_for_text("2 nodes 1 leaf");
    assert_eq!(home.responses()[1]["partial"], false);
}
