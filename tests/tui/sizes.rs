//! Small terminals, and terminals that change their size.

use crate::chat::{home, read, say, wait_for_answer};
use crate::pty::Home;

#[test]
fn at_80x24_the_left_side_lies_over_the_chat() {
    let home = home();
    let mut program = home.start(80, 24);
    program.wait_for_text("First message");
    assert!(!program.screen().contains("Conversations"));
    say(&mut program, "A small screen.");
    program.key("Tab").wait_for_text("Conversations").wait_for_text("2 nodes 1 leaves");
    program.key("Tab").key("Tab").wait_until_gone("Conversations").wait_for_text("e edit");
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
fn a_terminal_that_changes_while_an_answer_streams_harms_nothing() {
    let home = Home::new().configured("[ui]\npace = 60.0\n[sampling]\nmax_tokens = 120\n");
    let mut program = home.start(120, 40);
    program.wait_for_text("First message").type_text("Go on and on.").key("Enter");
    program.wait_for_text("streaming");
    for (width, height) in [(80, 24), (19, 5), (50, 15), (200, 60), (33, 9), (120, 40)] {
        program.resize(width, height);
        let header = if width < 20 { "too small" } else { "grok-tui" };
        program.wait_for_text(header);
    }
    wait_for_answer(&mut program);
    program.wait_for_text("You").wait_for_text("2 nodes 1 leaves");
    assert_eq!(home.responses()[1]["partial"], false);
}
