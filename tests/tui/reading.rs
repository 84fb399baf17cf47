//! What only a terminal shows of messages: colours of code that come after the code, links, and words
//! that were looked for.

use crate::model::ModelServer;
use crate::pty::Home;

/// The colour in which a text begins on the screen.
fn colour_of(screen: &vt100::Screen, text: &str) -> Option<vt100::Color> {
    let (rows, columns) = screen.size();
    (0..rows.get()).find_map(|y| {
        let row: String = (0..columns.get())
            .filter_map(|x| screen.cell(y, x))
            .map(|cell| if cell.has_contents() { cell.contents() } else { " " })
            .collect();
        let before = row[..row.rfind(text)?].chars().count();
        Some(screen.cell(y, u16::try_from(before).ok()?)?.fgcolor())
    })
}

#[test]
fn code_gets_its_colours_links_their_addresses_and_words_are_found() {
    let server = ModelServer::start("Title");
    let home = Home::new().with_model(&server.address);
    let mut program = home.start(120, 40);
    program.wait_for_text("First message").type_text("How?").wait_for_text("How?").key("Enter");
    let mut turn = server.turn();
    turn.stream();
    turn.say("See [the docs](https://x.ai/docs).\n\n```rust\nlet a = 1;\n");
    program.wait_for("colours while it streams", |screen| {
        colour_of(screen, "let a").is_some_and(|colour| colour != vt100::Color::Default)
    });
    turn.say("// said\n```\n\nlast");
    turn.finish();
    program.wait_for_text("last").wait_until_gone("streaming");
    program.wait_for("colour of the comment", |screen| {
        colour_of(screen, "// said") == Some(vt100::Color::Idx(8))
    });
    let raw = String::from_utf8_lossy(&program.raw_bytes()).into_owned();
    assert!(raw.contains(";https://x.ai/docs\x1b\\"), "the link reached the terminal");
    assert_eq!(raw.matches("\x1b]8;id=").count(), raw.matches("\x1b]8;;\x1b\\").count());
    program
        .key("Escape")
        .wait_for_text("resample  e edit")
        .key("/")
        .wait_for_text("Find in the conv");
    program.type_text("SAID").wait_for_text(" 1/1 ").key("Enter").wait_for_text("end the search");
    program.key("C-q");
    program.wait_exit();
}
