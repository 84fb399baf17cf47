//! The user's own editor: it gets the terminal and every key, and gives both back.

use std::path::{Path, PathBuf};

use crate::chat::{home, say, start, wait_for_answer};
use crate::faults::world;
use crate::pty::{Home, Program};

/// A program in a folder of its own that is to be the editor.
fn editor(script: &str) -> (tempfile::TempDir, PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("an editor");
    std::fs::write(&file, format!("#!/bin/sh\n{script}")).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o700)).unwrap();
    (folder, file)
}

fn with_editor(script: &Path) -> Home {
    home().with("VISUAL", &format!("'{}' --mode plain", script.display()))
}

/// What the program turns on while the terminal is its own is on again.
fn assert_taken_again(program: &Program) {
    let raw = String::from_utf8_lossy(&program.raw_bytes()).into_owned();
    for mode in ["\x1b[?1049", "\x1b[?2004", "\x1b[?1000"] {
        let (on, off) = (raw.rfind(&format!("{mode}h")), raw.rfind(&format!("{mode}l")));
        assert!(on > off && off.is_some(), "{mode:?} was not given and taken again");
    }
    assert!(program.is_raw());
}

#[test]
fn a_text_goes_through_the_editor_while_an_answer_streams() {
    // It shows what it got, reads keys as lines, and adds them to the text.
    let (_folder, script) = editor(
        "stat -c '%a' \"$3\"; echo \"editing: $1 $2\"; cat \"$3\"; echo
         read -r first; read -r second; printf '\\n%s %s\\n' \"$first\" \"$second\" >> \"$3\"",
    );
    let (server, home) = world();
    let home = home.with("VISUAL", &format!("'{}' --mode plain", script.display()));
    let mut program = start(&home);
    program.type_text("Tell me everything.").key("Enter");
    let mut turn = server.turn();
    turn.stream().say("It begins");
    program.wait_for_text("streaming");
    program.type_text("a draft").wait_for_text("a draft").key("C-g");
    program.wait_for_text("editing: --mode plain").wait_for_text("600").wait_for_text("a draft");
    assert!(!program.is_raw(), "the editor has the terminal as it was");
    turn.say(" and goes on while the editor is there.");
    turn.finish();
    program.type_text("every key\r").wait_for_text("every key").type_text("arrives\r");
    program.wait_for_text("every key arrives").wait_for_text("goes on while the editor is there.");
    assert_taken_again(&program);
    wait_for_answer(&mut program);
    program.key("Enter");
    let mut turn = server.turn();
    turn.stream().say("Well.");
    turn.finish();
    program.wait_for_text("Well.").wait_until_gone("streaming");
    let said = home.responses();
    assert_eq!(said[2]["message"], "a draft\nevery key arrives");
    assert_eq!(said[1]["message"], "It begins and goes on while the editor is there.");
    let left = std::fs::read_dir(home.state()).unwrap().flatten();
    let texts = left.filter(|file| file.file_name().to_string_lossy().ends_with(".md"));
    assert_eq!(texts.count(), 0, "no text is left behind");
}

#[test]
fn an_editor_that_fails_or_is_missing_changes_nothing() {
    let (_folder, script) = editor("echo spoiled > \"$3\"; exit 3");
    let home = with_editor(&script);
    let mut program = start(&home);
    program.type_text("a draft").wait_for_text("a draft");
    program.key("C-g").wait_for_text("Your text is as it was").wait_for_text("exit status: 3");
    assert_taken_again(&program);
    program.type_text("!").wait_for_text("a draft!").wait_until_gone("spoiled");

    let home = home_without_editor();
    let mut program = start(&home);
    program.type_text("a draft").wait_for_text("a draft");
    program.key("C-g").wait_for_text("There is no editor \"no-such-editor\"");
    program.type_text("!").wait_for_text("a draft!");
}

fn home_without_editor() -> Home {
    home().with("EDITOR", "no-such-editor")
}

#[test]
fn control_c_in_the_editor_is_not_for_us() {
    let (_folder, script) = editor("trap 'exit 0' INT; echo ready; read -r line");
    let home = with_editor(&script);
    let mut program = start(&home);
    say(&mut program, "Hello there.");
    program.type_text("a draft").wait_for_text("a draft").key("C-g").wait_for_text("ready");
    program.key("C-c").wait_for_text("changed nothing");
    program.type_text("!").wait_for_text("a draft!");
}
