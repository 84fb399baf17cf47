//! What terminals do to a program: they stop it, change their size, are of many kinds and answer no
//! question; and a program that breaks still gives them back.

use std::panic::catch_unwind;
use std::path::PathBuf;

use grok_tui::tui::terminal::Screen;

use crate::chat::{home, read, say, start};
use crate::leaving::assert_given_back;
use crate::model::ModelServer;
use crate::modes::{Modes, sequences};
use crate::pty::{Home, PROGRAM, Program, QUESTION};

#[test]
fn suspended_it_gives_the_terminal_back_and_takes_it_again() {
    let home = home();
    let script = format!("set -m; {PROGRAM}; echo stopped; read line; fg; echo done");
    let mut program = home.start_other("/bin/sh", &["-c", &script], 120, 40);
    program.wait_for_text("First message").type_text("a draft").wait_for_text("a draft");
    let taken = program.modes();
    assert_ne!(taken, Modes::default());
    program.key("C-z").wait_for_text("stopped");
    assert_given_back(&program);
    program.key("Enter").wait_for_text("First message").wait_for_text("a draft");
    assert_eq!(program.modes(), taken, "everything is on again");
    assert!(program.is_raw());
    program.type_text("!").wait_for_text("a draft!").key("C-q").wait_for_text("done");
    program.wait_exit();
    assert_given_back(&program);
}

#[test]
fn a_storm_of_sizes_ends_in_a_right_screen() {
    let home = home();
    let mut program = start(&home);
    say(&mut program, "Blow, wind.");
    read(&mut program);
    for number in 0_u16..300 {
        let (width, height) = (1 + number * 37 % 160, 1 + number * 23 % 50);
        program.resize(width, height);
        if number % 50 == 0 {
            program.resize(1, 1).key("j");
        }
    }
    program.resize(120, 40).wait_for_text("2 nodes 1 leaf").wait_for_text("resample  e edit");
    assert_redraws_the_same(&mut program);
    // There and back, so fast that the program may not see the difference.
    for _ in 0..50 {
        program.resize(3, 2).resize(120, 40);
    }
    program.wait_for_text("2 nodes 1 leaf").wait_for_text("Blow, wind.");
    assert_redraws_the_same(&mut program);
    program.key("C-q");
    assert!(program.wait_exit().success());
    assert_given_back(&program);
}

/// What is on the screen is what is there when every cell is drawn anew.
fn assert_redraws_the_same(program: &mut Program) {
    program.wait_for_quiet(std::time::Duration::from_millis(300));
    let shown = program.screen();
    program.key("C-l");
    program.wait_for_quiet(std::time::Duration::from_millis(300));
    assert_eq!(program.screen(), shown);
}

#[test]
fn every_kind_of_terminal_is_served_and_asked_for_its_background_at_most() {
    for term in ["linux", "screen", "vt100", "xterm-kitty", "tmux-256color"] {
        let home = home().with("TERM", term);
        let mut program = start(&home);
        say(&mut program, "Anybody?");
        program.key("F1").wait_for_text("Everywhere").key("Escape").wait_until_gone("Everywhere");
        program.resize(80, 24).wait_for_text("Anybody?").key("C-q");
        assert!(program.wait_exit().success(), "{term}");
        assert_given_back(&program);
        // Nothing waits for an answer, because nothing asks: position, attributes, modes, colours.
        let raw = program.raw_bytes();
        let asks = |(parameters, end): &(String, char)| match end {
            'n' | 'c' => true,
            'u' => parameters == "?",
            'p' => parameters.ends_with('$'),
            _ => false,
        };
        let asked: Vec<_> = sequences(&raw).into_iter().filter(asks).collect();
        assert_eq!(asked, [], "{term}");
        let text = String::from_utf8_lossy(&raw).into_owned();
        let knows = matches!(term, "xterm-kitty" | "tmux-256color");
        assert_eq!(text.matches(QUESTION).count(), usize::from(knows), "{term}");
        let text = text.replace(QUESTION, "");
        assert!(!text.contains("\x1b]1") && !text.contains("\x1bP+q"), "{term}");
    }
}

#[test]
fn a_terminal_that_cannot_place_text_is_refused_in_words() {
    let home = home().with("TERM", "dumb");
    let mut program = home.start(80, 24);
    let status = program.wait_exit();
    assert_eq!(status.exit_code(), 1);
    program.wait_for("words", |screen| screen.contents().contains("cannot place text"));
    assert_eq!(program.raw_bytes().iter().filter(|&&byte| byte == 0x1b).count(), 0);
}

#[test]
fn while_an_answer_streams_whole_frames_come_and_nothing_is_cleared() {
    let server = ModelServer::start("A title");
    let home = Home::new().with_model(&server.address);
    let mut program = home.start(120, 40);
    program.wait_for_text("First message").type_text("Talk.").key("Enter");
    let mut turn = server.turn();
    turn.stream().say("It begins.");
    program.wait_for_text("It begins.");
    let before = program.raw_bytes().len();
    for number in 0..300 {
        turn.say(&format!(" word{number}{}", if number % 20 == 0 { "\n\n" } else { "" }));
    }
    turn.say(" The end.");
    turn.finish();
    program.wait_for_text("The end.").key("F7").wait_until_gone("Forest").key("C-q");
    assert!(program.wait_exit().success());
    let raw = program.raw_bytes();
    let clears = |bytes: &[u8]| sequences(bytes).iter().filter(|(_, end)| *end == 'J').count();
    assert_eq!((clears(&raw[before..]), clears(&raw)), (0, 1), "once at the start");
    // Every byte that shows something belongs to a frame, and a frame begins where one has ended.
    let text = String::from_utf8_lossy(&raw).replacen(QUESTION, "", 1);
    let mut frames = text.split("\x1b[?2026h");
    frames.next();
    for frame in frames {
        let (inside, behind) = frame.split_once("\x1b[?2026l").expect("a frame has an end");
        assert!(!inside.contains("\x1b[?2026"), "{inside:?}");
        assert!(behind.is_empty() || behind.starts_with("\x1b[?"), "{behind:?}");
    }
    // Only cells that have changed: far less than the screen for each frame.
    assert!(raw.len() - before < 120_000, "{} bytes", raw.len() - before);
}

/// Not a test: the program that the next one starts in a terminal.
#[test]
#[ignore = "breaks on purpose; another test runs it in a terminal of its own"]
fn breaks() {
    let log = std::env::var_os("TEST_LOG").map(PathBuf::from);
    let Ok(mut screen) = Screen::take(true, log) else { return };
    screen.set_mouse(true).unwrap();
    screen.tell("it has begun").unwrap();
    // A task that breaks is nobody's end.
    assert!(std::thread::spawn(|| panic!("only a task")).join().is_err());
    let broken = catch_unwind(|| panic!("a mistake of ours"));
    drop(screen);
    std::process::exit(if broken.is_err() { 101 } else { 0 });
}

#[test]
fn a_program_that_breaks_gives_the_terminal_back_and_says_what_happened() {
    for log in [None, Some("/somewhere/a.log")] {
        let home = match log {
            Some(log) => home().with("TEST_LOG", log),
            None => home(),
        };
        let this = std::env::current_exe().unwrap();
        let arguments = ["terminals::breaks", "--exact", "--ignored", "--nocapture"];
        let mut program = home.start_other(this.to_str().unwrap(), &arguments, 120, 40);
        assert_eq!(program.wait_exit().exit_code(), 101);
        assert_given_back(&program);
        let screen = program.screen();
        assert!(screen.contains("a mistake of ours"), "{screen}");
        assert!(screen.contains("grok-tui broke. Conversations and drafts are kept"), "{screen}");
        assert!(screen.contains(log.unwrap_or("--log-file FILE")), "{screen}");
        assert!(!screen.contains("only a task"), "{screen}");
        let raw = String::from_utf8_lossy(&program.raw_bytes()).into_owned();
        let (before, after) = raw.rsplit_once("\x1b[?1049l").unwrap();
        assert!(before.contains("it has begun") && after.contains("a mistake of ours"));
    }
}
