//! Several conversations: star, title, trash, search, and going from one to the other.

use crate::chat::{home, read, say, start, wait_for_answer};

#[test]
fn star_title_delete_and_undo() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "A starry question.");
    read(&mut program);
    program.key("s").wait_for_text("★ A starry question.").wait_for_text("A starry question. ★");
    program.key("T").wait_for_text("Title of the conversation").key("C-u");
    program.type_text("My own title").key("Enter").wait_for_text("★ My own title");
    assert_eq!(home.conversations()[0]["title"], "My own title");
    assert_eq!(home.conversations()[0]["starred"], true);

    program.key("D").wait_for_text("Deleted “My own title”; u brings it back");
    program.wait_for_text("None yet").wait_for_text("New conversation");
    assert_eq!(home.conversations().len(), 0);
    program.key("u").wait_for_text("“My own title” is back").wait_for_text("★ My own title");
    program.wait_for_text("2 nodes 1 leaf").wait_for_text("A starry question.");
    assert_eq!(home.conversations()[0]["starred"], true);
    program.key("s").wait_until_gone("★");
}

#[test]
fn one_goes_from_conversation_to_conversation_and_finds_them() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "What is a quokka?");
    // What was written a moment before one goes is kept.
    program.type_text("about quokkas").key("C-n").wait_for_text("First message");
    say(&mut program, "Where do puffins breed?");
    program.wait_for_text("Where do puffins");
    program.key("Tab").wait_for_text("D delete").key("/").wait_for_text("Search all conversations");
    program.type_text("quokka").key("Enter").wait_for_text("Found for “quokka”");
    program.wait_for_text("  What is a quokka?");
    // What was searched for is selected; the draft belongs to the answer below it.
    program.key("Enter").wait_for_text("What is a quokka?").wait_for_text("1/1");
    program.key("j").wait_for_text("about quokkas");
    program
        .key("i")
        .key("Tab")
        .wait_for_text("D delete")
        .key("Escape")
        .wait_for_text("Conversations ──");
    program.wait_for_text("Where do puffins").key("C-q");
    program.wait_exit();

    let mut again = home.start(120, 40);
    again.wait_for_text("about quokkas").wait_for_text("Where do puffins");
}

#[test]
fn what_another_program_does_is_seen_and_disturbs_nobody() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Is anybody there?");
    read(&mut program);
    program.key("k").key("e").wait_for_text("Edit: a changed copy");
    program.type_text(" Hello?").wait_for_text("Is anybody there? Hello?");
    let id = home.conversations()[0]["conversation_id"].as_str().unwrap().to_owned();
    let renamed = home.command(["rename", &id, "Renamed elsewhere"]).output().unwrap();
    assert!(renamed.status.success());
    program.wait_for("new title in list and header", |screen| {
        screen.contents().matches("Renamed elsewhere").count() == 2
    });
    let asked = home.command(["ask", "-c", &id, "From elsewhere."]).output().unwrap();
    assert!(asked.status.success());
    program.wait_for_text("4 nodes");
    program.wait_for_text("Edit: a changed copy").wait_for_text("Is anybody there? Hello?");
    program.key("Enter").wait_for_text("6 nodes");
    wait_for_answer(&mut program);
}
