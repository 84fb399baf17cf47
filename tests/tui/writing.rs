//! The text field: pastes, wide characters, editing.

use crate::chat::{home, start, wait_for_answer};

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
