//! What only a terminal shows of themes: the question for its background, and what is asked of whom.

use crate::pty::{Home, Program, QUESTION};

/// The colour of the first cell that shows a text.
fn colour_of(screen: &vt100::Screen, text: &str) -> vt100::Color {
    let rows = screen.contents();
    let found = rows.lines().enumerate().find_map(|(row, line)| {
        let before = line.find(text)?;
        Some((row, line[..before].chars().count()))
    });
    let (row, column) = found.unwrap_or_else(|| panic!("no {text:?} in\n{rows}"));
    let (row, column) = (u16::try_from(row).unwrap(), u16::try_from(column).unwrap());
    screen.cell(row, column).unwrap().fgcolor()
}

fn wait_for_colour(program: &mut Program, text: &str, colour: u8) {
    let wanted = vt100::Color::Idx(colour);
    program.wait_for(&format!("{text:?} in colour {colour}"), |screen| {
        screen.contents().contains(text) && colour_of(screen, text) == wanted
    });
}

#[test]
fn the_background_is_asked_for_after_the_first_frame_and_decides_the_theme() {
    let home = Home::new();
    let mut program = home.start(120, 40);
    program.wait_for_bytes(QUESTION.as_bytes());
    let bytes = program.raw_bytes();
    let asked =
        bytes.windows(QUESTION.len()).position(|window| window == QUESTION.as_bytes()).unwrap();
    let frame = String::from_utf8_lossy(&bytes[..asked]).into_owned();
    assert!(frame.contains("Conversations"), "asked before there was anything to see");
    wait_for_colour(&mut program, "F1 all", 6);
    program.type_text("be\x1b]11;rgb:ffff/ffff/dddd\x1b\\fore");
    wait_for_colour(&mut program, "F1 all", 4);
    program.wait_for_text("before");
    assert!(!program.screen().contains("rgb"), "{}", program.screen());
    program.key("C-q");
    assert!(program.wait_exit().success());
}

#[test]
fn half_an_answer_and_none_lose_no_key() {
    let home = Home::new();
    let mut program = home.start(80, 24);
    program.wait_for_bytes(QUESTION.as_bytes());
    program.type_text("\x1b]11;rgb:ffff/").wait_for_text("11;rgb:ffff/");
    program.type_text("typed").wait_for_text("11;rgb:ffff/typed");
    // Escape alone may be the beginning of an answer, for a moment.
    program.key("Escape").wait_for_text("resample");
}

#[test]
fn terminals_that_do_not_answer_are_not_asked_and_no_color_needs_no_answer() {
    for (name, value) in
        [("TERM", "linux"), ("TERM", "screen"), ("COLORFGBG", "0;15"), ("NO_COLOR", "1")]
    {
        let home = Home::new().with(name, value);
        let mut program = home.start(80, 24);
        program.wait_for_text("F1 all").type_text("there").wait_for_text("there").key("C-q");
        assert!(program.wait_exit().success());
        let bytes = program.raw_bytes();
        assert!(!bytes.windows(4).any(|window| window == b"\x1b]11"), "{name}={value}");
        let coloured = bytes.windows(3).any(|window| window == b"38;");
        assert_eq!(coloured, name != "NO_COLOR", "{name}={value}");
    }
}

#[test]
fn a_bad_entry_is_named_at_the_start() {
    let home = Home::new().configured("[theme]\nhuman = 'pinkish'\n");
    let mut program = home.start(80, 24);
    assert_eq!(program.wait_exit().exit_code(), 1);
    let shown = program.screen().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(shown.contains("human: `pinkish` is neither"), "{shown}");
}

/// Whether anything is drawn with lines or blocks.
fn has_lines(screen: &str) -> bool {
    screen.chars().any(|c| ('\u{2500}'..='\u{259f}').contains(&c))
}

#[test]
fn read_aloud_it_is_plain_rows_with_the_cursor_on_the_selected_one() {
    // Answers of a few lines: the question stays in sight.
    let settings = "[ui]\npace = 2000.0\n[sampling]\nmax_tokens = 40\n";
    let home = Home::new().configured(settings);
    let other = Home::new().configured(settings).with("GROK_TUI_LINEAR", "1");
    let by_option = home.start_with(["--linear"], 100, 30);
    let by_variable = other.start(100, 30);
    for mut program in [by_option, by_variable] {
        program.wait_for_text("New conversation, connected, local").wait_for_text("F1 all");
        program.type_text("What do I do?").key("Enter").wait_for_text("Grok has answered, ");
        assert!(!has_lines(&program.screen()), "{}", program.screen());
        program.wait_for_text("You, ").wait_for_text("Grok, selected").key("Tab");
        program.wait_for("cursor on the conversation", |screen| {
            let (row, _) = screen.cursor_position();
            let shown = screen.contents();
            let line = shown.lines().nth(usize::from(row)).unwrap_or_default();
            line.contains("open, selected") && !screen.hide_cursor()
        });
        program.key("C-q");
        assert!(program.wait_exit().success());
    }
}

#[test]
fn with_ascii_only_ascii_is_drawn() {
    for (name, value) in [("TERM", "linux"), ("LANG", "C")] {
        let home = Home::new().with(name, value);
        let mut program = home.start(120, 40);
        program.wait_for_text("+ local").wait_for_text("Conversations").key("F1");
        program.wait_for_text("attach a picture");
        assert!(program.screen().is_ascii(), "{}", program.screen());
    }
}

#[test]
fn f8_goes_through_the_themes() {
    let home = Home::new();
    let mut program = home.start(120, 40);
    wait_for_colour(&mut program, "F1 all", 6);
    program.key("F8").wait_for_text("Theme dark; to keep it");
    program.key("F8").wait_for_text("Theme light; to keep it");
    program.type_text("x");
    wait_for_colour(&mut program, "F1 all", 4);
    program.key("C-q");
    assert!(program.wait_exit().success());
}
