//! Copying, by every way there is to a clipboard, and selecting text by key and by mouse.

use std::path::Path;

use crate::model::ModelServer;
use crate::pty::{Home, Program};

/// `fn main() {}` and a line break, in base64.
const CODE: &str = "Zm4gbWFpbigpIHt9Cg==";

/// A home in which no program of a desktop is found.
fn home() -> (ModelServer, Home) {
    let server = ModelServer::start("A title");
    let home = Home::new().with_model(&server.address).with("PATH", "/nowhere");
    (server, home)
}

/// Asks for code and goes to the answer.
fn answered(server: &ModelServer, home: &Home) -> Program {
    let mut program = home.start(100, 30);
    program.wait_for_text("First message").type_text("Code?").wait_for_text("Code?").key("Enter");
    let mut turn = server.turn();
    turn.stream().say("Some words, one of them *slanted*:\n\n```rust\nfn main() {}\n```\n");
    turn.finish();
    program.wait_for_text("fn main() {}").wait_until_gone("streaming");
    program.key("Escape").wait_for_text("resample  e edit");
    program
}

fn raw(program: &Program) -> String {
    String::from_utf8_lossy(&program.raw_bytes()).into_owned()
}

#[test]
fn the_terminal_is_asked_where_nothing_nearer_is_there() {
    let (server, home) = home();
    let mut program = answered(&server, &home);
    program.key("C").wait_for_text("Sent 13 characters to the terminal (OSC 52)");
    assert!(raw(&program).contains(&format!("\x1b]52;c;{CODE}\x1b\\")));
    // What is selected, by key: the first word.
    program.type_text("v").wait_for_text("y copy").type_text("whhy");
    program.wait_for_text("Sent 4 characters");
    assert!(raw(&program).contains("\x1b]52;c;U29tZQ==\x1b\\"));
    // And by mouse.
    let (row, column) = place(&program, "words, one");
    program.type_text(&format!("\x1b[<0;{};{}M", column + 1, row + 1));
    program.type_text(&format!("\x1b[<32;{};{}M", column + 5, row + 1));
    program.type_text(&format!("\x1b[<0;{};{}m", column + 5, row + 1));
    program.wait_for_text("y copy").key("y").wait_for_text("Sent 5 characters");
    assert!(raw(&program).contains("\x1b]52;c;d29yZHM=\x1b\\"));
}

/// Row and column of a text on the screen, from 0.
fn place(program: &Program, text: &str) -> (usize, usize) {
    let screen = program.screen();
    let mut rows = screen.lines().enumerate();
    rows.find_map(|(row, line)| Some((row, line[..line.find(text)?].chars().count()))).unwrap()
}

#[test]
fn a_console_without_a_clipboard_gets_a_file_of_its_owner() {
    let (server, home) = home();
    let home = home.with("TERM", "linux");
    let mut program = answered(&server, &home);
    program.key("y").wait_for_text("Written to").wait_for_text("no clipboard was found");
    let file = home.state().join("copied.txt");
    assert!(std::fs::read_to_string(&file).unwrap().contains("*slanted*"), "as it was written");
    let mode = std::os::unix::fs::PermissionsExt::mode(&file.metadata().unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    assert!(!raw(&program).contains("\x1b]52"));
}

#[test]
fn a_program_of_the_desktop_comes_first_and_one_that_fails_is_passed_over() {
    let (server, home) = home();
    let folder = tempfile::tempdir().unwrap();
    let copied = folder.path().join("copied");
    script(&folder.path().join("wl-copy"), "exit 1");
    script(&folder.path().join("xclip"), &format!("cat > '{}'", copied.display()));
    let path = format!("{}:/bin:/usr/bin", folder.path().display());
    let home = home.with("PATH", &path).with("WAYLAND_DISPLAY", "w").with("DISPLAY", ":9");
    let mut program = answered(&server, &home);
    program.key("C").wait_for_text("Copied code block 1, 13 characters, with xclip");
    assert_eq!(std::fs::read_to_string(&copied).unwrap(), "fn main() {}\n");
    assert!(!raw(&program).contains("\x1b]52"));
}

fn script(file: &Path, body: &str) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(file, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(file, PermissionsExt::from_mode(0o755)).unwrap();
}
