//! Pictures and long pasted texts in the real program: from the file and the terminal to the service,
//! through the end of the program and back.

use std::time::{Duration, Instant};

use crate::chat::{home, start, wait_for_answer};
use crate::model::ModelServer;
use crate::pty::{Home, Program};

/// A picture of one pixel.
const PIXEL: &[u8] =
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\
    \0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\x05\0\x01\xff\x89\x99=\x1d\0\0\0\0IEND\xaeB`\x82";

fn picture(home: &Home, name: &str) -> String {
    let path = home.path(name);
    std::fs::write(&path, PIXEL).unwrap();
    path.to_str().unwrap().to_owned()
}

/// A model that may take pictures: nobody says that it takes none.
fn seeing() -> (ModelServer, Home) {
    let server = ModelServer::start("A title");
    let home = home().with_model(&server.address);
    (server, home)
}

fn answer(server: &ModelServer, program: &mut Program) {
    let mut turn = server.turn();
    turn.stream().say("A cat.");
    turn.finish();
    wait_for_answer(program);
}

/// Waits until what is written for a new conversation is stored.
fn wait_for_draft(home: &Home, words: &str) {
    let file = home.state().join("session.json");
    let deadline = Instant::now() + Duration::from_secs(20);
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.contains(words)) {
        assert!(Instant::now() < deadline, "the draft was not stored");
        std::thread::yield_now();
    }
}

#[test]
fn a_picture_dropped_on_the_terminal_outlives_the_program_and_is_sent() {
    let (server, home) = seeing();
    let path = picture(&home, "my cat.png");
    let mut program = start(&home);
    program.paste(&path.replace(' ', "\\ ")).wait_for_text("[▣ my cat.png · image/png");
    program.type_text("What is it?").wait_for_text("What is it?");
    program.key("C-c").wait_for_text("again").key("C-c");
    assert!(program.wait_exit().success());
    // The file is not needed any more.
    std::fs::remove_file(&path).unwrap();

    let mut program = start(&home);
    program.wait_for_text("[▣ my cat.png").wait_for_text("What is it?");
    program.key("Enter").wait_until_gone("First message");
    answer(&server, &mut program);
    let attached = &home.responses()[0]["image_attachments"][0];
    assert!(attached.as_str().unwrap().starts_with("data:image/png;name=my cat.png;base64,iVBOR"));
}

#[test]
fn a_killed_program_keeps_what_was_pasted() {
    let home = home();
    let mut program = start(&home);
    program.paste(&"a line of it\n".repeat(20_000)).wait_for_text("[pasted text 1 · 20000 lines");
    program.type_text("Short, please.").wait_for_text("Short, please.");
    wait_for_draft(&home, "Short, please.");
    program.kill();

    let mut program = start(&home);
    program.wait_for_text("[pasted text 1 · 20000 lines").wait_for_text("Short, please.");
    program.key("Home").key("Backspace").wait_until_gone("[pasted text 1");
    program.key("M-u").wait_for_text("[pasted text 1").key("Enter");
    program.wait_until_gone("First message");
}

#[test]
fn a_path_that_leads_to_no_picture_is_a_text() {
    let home = home();
    let notes = home.path("notes.png");
    std::fs::write(&notes, "no picture at all").unwrap();
    let mut program = start(&home);
    program.paste("/etc/hostname-of-nobody").wait_for_text("/etc/hostname-of-nobody");
    program.key("C-u").wait_until_gone("hostname").key("M-a").wait_for_text("Attach a picture");
    program.type_text("~/notes.png").key("Enter").wait_for_text("no PNG, JPEG, GIF or WebP");
}

/// Sends a picture and goes to the message.
fn with_picture(server: &ModelServer, home: &Home) -> Program {
    let path = picture(home, "cat.png");
    let mut program = start(home);
    program.paste(&path).wait_for_text("[▣ cat.png").type_text("What?").wait_for_text("What?");
    program.key("Enter").wait_until_gone("First message");
    answer(server, &mut program);
    crate::chat::read(&mut program);
    program.key("g");
    program
}

#[test]
fn a_picture_is_drawn_and_leaves_nothing_behind() {
    let (server, home) = seeing();
    let mut program = with_picture(&server, &home);
    program.key("p").wait_for_text("1×1 · blocks");
    program.key("q").wait_until_gone("1×1 · blocks").wait_for_text("What?");
}

#[test]
fn a_terminal_that_keeps_pictures_is_told_to_delete_them() {
    let (server, home) = seeing();
    let home = home.with("KITTY_WINDOW_ID", "1");
    let mut program = with_picture(&server, &home);
    let sent = |program: &Program, words: &str| {
        String::from_utf8_lossy(&program.raw_bytes()).contains(words)
    };
    assert!(!sent(&program, "\x1b_G"), "nothing of it runs before it is needed");
    program.key("p").wait_for_text("1×1 · kitty");
    assert!(sent(&program, "a=T,U=1,f=32"));
    program.key("q").wait_until_gone("1×1 · kitty").wait_for_text("What?");
    assert!(sent(&program, "\x1b_Ga=d,d=I,i="));
}

#[test]
fn without_colours_there_are_no_blocks() {
    let (server, home) = seeing();
    let home = home.with("NO_COLOR", "1");
    let mut program = with_picture(&server, &home);
    program.key("p").wait_for_text("NO_COLOR is set");
}

#[test]
fn a_picture_for_a_model_that_takes_none_goes_back_into_the_text_field() {
    let home = home();
    let path = picture(&home, "cat.png");
    let mut program = start(&home);
    program.paste(&path).wait_for_text("[▣ cat.png").type_text("What?").wait_for_text("What?");
    program.key("Enter").wait_for_text("offline/ngram takes no pictures");
    program.wait_for_text("[▣ cat.png").wait_for_text("What?");
    assert!(home.conversations().is_empty());
}
