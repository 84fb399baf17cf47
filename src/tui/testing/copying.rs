//! Copying by key, and selecting text in the chat.

use std::path::PathBuf;

use ratatui::style::Modifier;

use super::*;
use crate::tui::clipboard::{Copied, WhyFile};
use crate::tui::effect::What;
use crate::tui::keymap::Context;

const ANSWER: &str = "One two three four five six seven eight nine ten eleven twelve thirteen \
                      fourteen fifteen sixteen seventeen eighteen.\n\n```rust\nfn main() {\n    x();\n}\n```\n\n- 日本語 e\u{301}\n- b\n\n> quoted\n\n~~~\nlast\n~~~\n";

fn talk() -> Vec<Response> {
    vec![
        human("h1", "", "  What **is** it?", 900),
        Response { partial: true, ..model("m1", "h1", "It began", 890) },
        model("m2", "m1", " and ended.", 880),
        human("h2", "m2", "Code?", 600),
        model("m3", "h2", ANSWER, 590),
    ]
}

fn reading(width: u16, height: u16) -> Client {
    let mut client = Client::new(width, height).opened("c", talk());
    client.keys("Esc").effects();
    client
}

fn copied(client: &mut Client) -> String {
    let effects = client.effects();
    let [Effect::Copy { text, .. }] = &effects[..] else { panic!("{effects:?}") };
    text.clone()
}

/// What is drawn reversed in the chat, row by row.
fn reversed(client: &mut Client) -> Vec<String> {
    update::prepare(&mut client.state);
    let Size { width, height } = client.state.size;
    let area = view::areas(&client.state).chat_text;
    let mut terminal = ratatui::Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view::draw(frame, &client.state)).unwrap();
    let buffer = terminal.backend().buffer();
    let rows = (area.y..area.bottom()).map(|y| {
        let cells = (area.x..area.right()).map(|x| &buffer[(x, y)]);
        let lit = cells.filter(|cell| cell.modifier.contains(Modifier::REVERSED));
        lit.map(ratatui::buffer::Cell::symbol).collect::<String>()
    });
    rows.filter(|row| !row.is_empty()).collect()
}

#[test]
fn the_message_the_path_and_the_code_are_copied_as_they_were_written() {
    let mut client = reading(120, 40);
    client.keys("y");
    assert_eq!(copied(&mut client), ANSWER);
    client.keys("C");
    assert_eq!(copied(&mut client), "fn main() {\n    x();\n}\n");
    client.keys("2 C");
    assert_eq!(copied(&mut client), "last\n");
    client.keys("3 C");
    assert_eq!(
        (client.effects(), client.notice()),
        (vec![], "This message has 2 code blocks only")
    );
    client.keys("k C");
    assert_eq!(client.notice(), "There is no code block in this message");
    client.keys("y");
    assert_eq!(copied(&mut client), "Code?", "the selected one");
    client.keys("Y");
    let path = format!(
        "## You\n\n  What **is** it?\n\n## Grok (offline/ngram)\n\nIt began and ended.\n\n\
         ## You\n\nCode?\n\n## Grok (offline/ngram)\n\n{ANSWER}"
    );
    assert_eq!(copied(&mut client), path);
    // In the forest it is the row under the cursor, which need not be selected.
    client.keys("BackTab g y");
    assert_eq!(copied(&mut client), "  What **is** it?");
    client.keys("Y");
    assert_eq!(copied(&mut client), "## You\n\n  What **is** it?\n");
}

#[test]
fn an_empty_conversation_has_nothing_to_copy() {
    let mut client = Client::new(80, 24);
    client.effects();
    client.keys("Esc");
    for key in ["y", "Y", "C", "v", "V"] {
        client.keys(key);
        assert_eq!(
            (client.effects(), client.notice()),
            (vec![], "There is nothing to copy"),
            "{key}"
        );
    }
}

#[test]
fn what_became_of_a_copy_is_told_as_it_is() {
    let mut client = reading(120, 40);
    let sequence = "\x1b]52;c;eA==\x1b\\".to_owned();
    let file = |why| Copied::File(PathBuf::from("/home/me/copied.txt"), why);
    for (what, copied, notice) in [
        (
            What::Message,
            Copied::Tool("wl-copy"),
            "Copied the message, 412 characters, with wl-copy",
        ),
        (
            What::CodeBlock(2),
            Copied::Tmux,
            "Copied code block 2, 412 characters, with tmux, which tells the terminal if it may",
        ),
        (
            What::Selection,
            Copied::Terminal(sequence.clone()),
            "Sent 412 characters to the terminal (OSC 52); most put it into the clipboard, some ask \
             or refuse",
        ),
        (
            What::Path,
            file(WhyFile::NoClipboard),
            "Written to /home/me/copied.txt: no clipboard was found",
        ),
        (
            What::Path,
            file(WhyFile::TooLong),
            "Written to /home/me/copied.txt: 412 characters are too many for the terminal's clipboard",
        ),
        (
            What::Path,
            file(WhyFile::Asked),
            "Written to /home/me/copied.txt: the path, 412 characters",
        ),
        (What::Path, Copied::Nowhere("disk full".to_owned()), "Could not copy the path: disk full"),
    ] {
        client.event(Event::Copied { what, characters: 412, copied });
        assert_eq!(client.notice(), notice);
    }
    assert_eq!(client.effects(), [Effect::ToTerminal(sequence)], "written between two frames");
}

#[test]
fn a_wrapped_paragraph_becomes_one_line_and_bars_are_left_out() {
    for (width, height) in [(120, 40), (80, 24), (50, 15)] {
        let mut client = reading(width, height);
        client.keys("g V G y");
        let expected = "  What **is** it?\n\nGrok\nIt began\n\nand ended.\n\nYou\nCode?\n\nGrok\n\
                        One two three four five six seven eight nine ten eleven twelve thirteen \
                        fourteen fifteen sixteen seventeen eighteen.\n\nrust\nfn main() {\n    x();\n}\n\n\
                        • 日本語 e\u{301}\n• b\n\nquoted\n\n\nlast";
        assert_eq!(copied(&mut client), expected, "at {width}x{height}");
        assert_eq!(client.state.context(), Context::Chat, "it has ended");
    }
}

#[test]
fn the_cursor_moves_by_clusters_words_rows_and_pages() {
    let mut client = reading(80, 24);
    client.keys("v");
    assert_eq!(client.state.context(), Context::Visual);
    let begun = reversed(&mut client);
    assert_eq!(begun, ["O"], "the first letter of the selected message");
    client.keys("w w");
    assert_eq!(reversed(&mut client), ["One two t"]);
    client.keys("b h");
    assert_eq!(reversed(&mut client), ["One "]);
    client.keys("2 l");
    assert_eq!(reversed(&mut client), ["One tw"]);
    client.keys("0");
    assert_eq!(reversed(&mut client), ["O"]);
    client.keys("$ y");
    assert!(copied(&mut client).starts_with("One two three"));
    client.keys("v j j 0");
    assert_eq!(client.state.visual.unwrap().cursor.column, 0);
    // The column is kept over shorter rows.
    client.keys("g $ j j");
    let visual = client.state.visual.unwrap();
    assert!(visual.cursor.column <= visual.column);
    client.keys("G b y");
    assert_eq!(copied(&mut client).lines().last(), Some("q"));
    client.keys("v C-d C-u C-e C-y Esc");
    assert_eq!((client.effects(), client.state.context()), (vec![], Context::Chat));
    client.keys("v Tab");
    assert_eq!(client.state.visual, None, "another pane ends it");
    client.keys("BackTab v C-c");
    assert_eq!(client.state.visual, None, "and so does an interrupt");
}

#[test]
fn whole_rows_are_selected_and_the_text_field_is_left_alone() {
    let mut client = reading(80, 24);
    client.type_text("i").type_text("draft").keys("Esc V j");
    assert_eq!(reversed(&mut client).len(), 2);
    client.keys("v");
    assert_eq!(reversed(&mut client)[1], "f", "by characters now");
    client.keys("v");
    assert_eq!((client.state.visual, client.state.composer.text()), (None, "draft"));
    client.keys("V F1 Esc Enter");
    assert!(copied(&mut client).starts_with("One two"), "the help does not end it");
}

#[test]
fn only_space_selected_is_nothing() {
    let mut client = reading(80, 24);
    client.keys("G v G k k k k");
    client.keys("Esc g v j j");
    client.keys("v v y");
    assert_eq!(client.notice(), "There is no text in what is selected");
}

#[test]
fn while_text_is_selected_an_answer_that_streams_moves_nothing() {
    let mut client = reading(80, 24);
    client.keys("i").type_text("Go on.").keys("Enter");
    let (id, _) = client.asked();
    let begun = Response { partial: true, ..model("m4", "h3", "", 0) };
    client.arrive(id, vec![Piece::User(human("h3", "m3", "Go on.", 0)), Piece::Started(begun)]);
    client.arrive(id, vec![Piece::Text("one\n\ntwo\n\nthree".to_owned(), 3)]);
    client.keys("Tab Tab Tab v $");
    let (before, lit) = (client.screen(), reversed(&mut client));
    assert_eq!(lit, ["one"]);
    client.arrive(id, vec![Piece::Text("\n\nmore\n\nand more\n\n".repeat(20), 80)]);
    let rows = |screen: &str| {
        let rows = screen.lines().skip(2).take(14).filter(|row| !row.contains("streaming"));
        rows.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(rows(&before), rows(&client.screen()));
    assert_eq!(reversed(&mut client), lit);
    client.keys("y");
    assert_eq!(copied(&mut client), "one");
}

#[test]
fn another_size_or_another_branch_ends_the_selection() {
    let mut client = reading(80, 24);
    client.keys("v j");
    client.event(Event::Terminal(Terminal::Resize(80, 30)));
    assert!(client.state.visual.is_some(), "the rows are the same");
    client.event(Event::Terminal(Terminal::Resize(70, 24)));
    assert_eq!(client.state.visual, None);
    client.keys("v r");
    assert!(client.state.visual.is_some(), "commands of the chat mean nothing meanwhile");
    client.keys("C-n");
    assert_eq!(client.state.visual, None);
}

#[test]
fn looks() {
    for (width, height) in [(120, 40), (80, 24), (50, 15)] {
        let mut client = reading(width, height);
        client.keys("v w w j");
        insta::assert_snapshot!(format!("selecting_{width}x{height}"), client.screen());
    }
}
