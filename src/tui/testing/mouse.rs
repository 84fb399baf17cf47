//! The mouse: what a click, a double click, the wheel and dragging do to what is under them.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Rect;

use super::*;
use crate::tui::state::chat::Anchor;
use crate::tui::state::{Focus, Overlay};

impl Client {
    fn mouse(&mut self, kind: MouseEventKind, column: u16, row: u16) -> &mut Self {
        let modifiers = KeyModifiers::NONE;
        self.event(Event::Terminal(Terminal::Mouse(MouseEvent { kind, column, row, modifiers })))
    }

    fn press(&mut self, column: u16, row: u16) -> &mut Self {
        self.mouse(MouseEventKind::Down(MouseButton::Left), column, row)
    }

    fn drag(&mut self, column: u16, row: u16) -> &mut Self {
        self.mouse(MouseEventKind::Drag(MouseButton::Left), column, row)
    }

    fn release(&mut self, column: u16, row: u16) -> &mut Self {
        self.mouse(MouseEventKind::Up(MouseButton::Left), column, row)
    }

    fn click(&mut self, column: u16, row: u16) -> &mut Self {
        self.press(column, row).release(column, row)
    }

    /// Where on the screen a text is.
    fn find(&mut self, text: &str) -> (u16, u16) {
        let screen = self.screen();
        let rows = screen.lines().enumerate();
        let found = rows.filter_map(|(y, row)| Some((row.find(text)?, row, y))).next();
        let (at, row, y) = found.unwrap_or_else(|| panic!("no {text:?} in\n{screen}"));
        (row[..at].width() as u16, y as u16)
    }

    fn click_on(&mut self, text: &str) -> &mut Self {
        let (x, y) = self.find(text);
        self.wait(1_000).click(x, y)
    }

    fn double_click_on(&mut self, text: &str) -> &mut Self {
        let (x, y) = self.find(text);
        self.wait(1_000).click(x, y).wait(150).click(x, y)
    }
}

fn world() -> Client {
    let responses = vec![
        human("h", "", "A question?", 60),
        model("m", "h", "First answer, in words.", 50),
        model("n", "h", "Second answer: some more words 日本.", 40),
        human("i", "n", "Another question?", 30),
        model("o", "i", &"Line of the long answer.\n\n".repeat(40), 20),
    ];
    let mut client = Client::new(120, 40).opened("c", responses);
    client.list(vec![
        conversation("c", "About c", 5),
        conversation("d", "About d", 10),
        conversation("e", "About e", 15),
    ]);
    client.screen();
    client.effects();
    client
}

fn copied(client: &mut Client) -> String {
    let effects = client.effects();
    let [Effect::Copy { text, .. }] = &effects[..] else { panic!("{effects:?}") };
    text.clone()
}

#[test]
fn a_conversation_is_pointed_to_by_a_click_and_opened_by_two() {
    let mut client = world();
    client.click_on("About d");
    assert_eq!((client.state.focus, client.state.list.cursor), (Focus::List, 1));
    assert_eq!(client.effects(), []);
    client.double_click_on("About e");
    let opened =
        |effect: &Effect| matches!(effect, Effect::Open(id) if *id == conversation_id("e"));
    assert!(client.effects().iter().any(opened));
    // Slow clicks, and clicks on different rows, are single ones.
    let mut client = world();
    client.click_on("About d").click_on("About d").click_on("About e");
    assert_eq!(client.effects(), []);
    let (x, y) = client.find("Conversations");
    client.wait(1_000).click(x, y);
    assert_eq!((client.state.focus, client.state.list.cursor), (Focus::List, 2), "the frame");
}

#[test]
fn a_response_is_selected_in_the_forest_and_folded() {
    let mut client = world();
    client.click_on("First answer");
    assert_eq!(client.state.focus, Focus::Forest);
    assert_eq!(client.state.open.selected(), Some(client.slot("m")));
    client.click_on("A question?");
    let rows = client.state.open.pane.rows().0.len();
    let folding =
        client.state.open.pane.rows().0.iter().position(|row| row.open == Some(true)).unwrap();
    let area = view::areas(&client.state).forest;
    let y = area.y + 1 + folding as u16;
    client.wait(1_000).click(area.x + 5, y).wait(100).click(area.x + 5, y);
    assert!(client.state.open.pane.rows().0.len() < rows, "closed by a double click");
    let folding =
        client.state.open.pane.rows().0.iter().position(|row| row.open == Some(false)).unwrap();
    let level = client.state.open.pane.rows().0[folding].level as u16;
    client.wait(1_000).click(area.x + 2 + 2 * level, area.y + 1 + folding as u16);
    assert_eq!(client.state.open.pane.rows().0.len(), rows, "opened by a click on its mark");
    client.wait(1_000).click(area.x + 5, area.bottom() - 2);
    assert_eq!(client.state.focus, Focus::Forest, "below the last row nothing happens");
}

#[test]
fn the_wheel_scrolls_what_it_is_over() {
    let mut client = world();
    let areas = view::areas(&client.state);
    let middle = |area: Rect| (area.x + area.width / 2, area.y + area.height / 2);
    let (x, y) = middle(areas.list);
    client.mouse(MouseEventKind::ScrollDown, x, y);
    assert_eq!(client.state.list.cursor, 2);
    client.mouse(MouseEventKind::ScrollUp, x, y);
    assert_eq!(client.state.list.cursor, 0);
    let (x, y) = middle(areas.forest);
    let before = client.state.open.cursor_slot();
    client.mouse(MouseEventKind::ScrollUp, x, y);
    assert_ne!(client.state.open.cursor_slot(), before);
    let (x, y) = middle(areas.chat);
    let top = client.state.open.chat.top;
    client.mouse(MouseEventKind::ScrollUp, x, y);
    assert!(client.state.open.chat.top < top);
    assert_ne!(client.state.open.chat.anchor, Anchor::End);
    client.mouse(MouseEventKind::ScrollDown, x, y).screen();
    assert_eq!(client.state.open.chat.top, top);
    // Over the text field it is the chat that scrolls.
    let (x, y) = middle(areas.composer);
    client.mouse(MouseEventKind::ScrollUp, x, y);
    assert!(client.state.open.chat.top < top);
    for kind in [MouseEventKind::ScrollLeft, MouseEventKind::ScrollRight, MouseEventKind::Moved] {
        let before = client.screen();
        client.mouse(kind, x, y);
        assert_eq!(client.screen(), before);
    }
}

#[test]
fn what_covers_the_screen_gets_the_wheel_and_goes_with_a_click() {
    let mut client = world();
    client.keys("F1").mouse(MouseEventKind::ScrollDown, 60, 20);
    assert!(matches!(client.state.overlay, Some(Overlay::Help { top: 3, .. })));
    client.mouse(MouseEventKind::ScrollUp, 60, 20).mouse(MouseEventKind::ScrollUp, 60, 20);
    assert!(matches!(client.state.overlay, Some(Overlay::Help { top: 0, .. })));
    let (list, forest) = (client.state.list.cursor, client.state.open.cursor_slot());
    client.click_on("show all keys");
    assert!(client.state.overlay.is_none());
    assert_eq!((client.state.list.cursor, client.state.open.cursor_slot()), (list, forest));
    client.keys("F3");
    let models = ["a", "b"].map(crate::model::ModelInfo::named).to_vec();
    client.event(Event::Models(models, Vec::new())).mouse(MouseEventKind::ScrollDown, 60, 20);
    let Some(Overlay::Models { picker, .. }) = &client.state.overlay else { panic!("it is open") };
    assert_eq!(picker.cursor, 1);
}

#[test]
fn a_click_puts_the_cursor_into_the_text() {
    let mut client = world();
    client.type_text("some text").keys("Esc").click_on("e text");
    assert_eq!(client.state.focus, Focus::Composer);
    client.type_text("X");
    assert_eq!(client.state.composer.text(), "somXe text");
    client.keys("Esc T C-u").type_text("qqzz").click_on("zz").type_text("X").keys("Enter");
    let title = "qqXzz".to_owned();
    let named = Effect::Update { id: conversation_id("c"), title, starred: false };
    assert!(client.effects().contains(&named));
}

#[test]
fn a_click_selects_a_message_and_dragging_selects_text() {
    let mut client = world();
    client.keys("Esc").mouse(MouseEventKind::ScrollUp, 80, 10);
    for _ in 0..40 {
        client.mouse(MouseEventKind::ScrollUp, 80, 10);
    }
    let chat = view::areas(&client.state).chat_text;
    let (x, y) = client.find("Second answer: some more words");
    // The text is in the forest, too; the chat is further right.
    let (x, y) = if x < chat.x { (chat.x, y) } else { (x, y) };
    let y = (chat.y..chat.bottom())
        .find(|&row| {
            let index = usize::from(row - chat.y);
            let screen = client.screen();
            let line = screen.lines().nth(usize::from(row)).unwrap().to_owned();
            line.contains("Second answer: some more words 日本.") && index > 0
        })
        .unwrap_or(y);
    let x = x.max(chat.x);
    client.wait(1_000).press(x, y);
    assert_eq!(client.state.open.selected(), Some(client.slot("n")));
    assert_eq!(client.state.visual, None, "a click alone selects no text");
    client.drag(x + 5, y).release(x + 5, y);
    assert_eq!(client.effects(), [], "nothing is copied yet");
    client.keys("y");
    assert_eq!(copied(&mut client), "Second");
    // Backwards, over rows, and on the second cell of a wide character.
    client.wait(1_000).press(x + 32, y).drag(x, y - 2).release(x, y - 2).keys("y");
    let text = copied(&mut client);
    assert!(text.ends_with("Second answer: some more words 日"), "{text:?}");
    assert!(text.lines().count() >= 2, "{text:?}");
    client.wait(1_000).press(x, y).drag(x + 3, y).release(x + 3, y).wait(1_000).press(x, y);
    assert_eq!(client.state.visual, None, "the next click ends it");
}

#[test]
fn dragging_beyond_the_chat_scrolls_it_and_release_copies_if_that_is_wanted() {
    let mut client = world();
    client.state.copy_on_select = true;
    client.keys("Esc");
    let chat = view::areas(&client.state).chat_text;
    let top = client.state.open.chat.top;
    client.press(chat.x, chat.y + 4);
    for _ in 0..10 {
        client.drag(chat.x, 0);
    }
    assert!(client.state.open.chat.top < top, "up");
    let higher = client.state.open.chat.top;
    for _ in 0..5 {
        client.drag(chat.x + 3, 39);
    }
    assert!(client.state.open.chat.top > higher, "down");
    client.release(chat.x + 3, 39);
    assert!(copied(&mut client).contains("Line of the long answer."));
    assert_eq!(client.state.visual, None);
    // Dragging that began elsewhere selects nothing.
    let (x, y) = client.find("About d");
    client.wait(1_000).press(x, y).drag(chat.x, chat.y).release(chat.x, chat.y);
    assert_eq!((client.state.visual, client.effects()), (None, vec![]));
}

#[test]
fn a_double_click_in_the_chat_selects_a_word() {
    let mut client = world();
    client.keys("Esc");
    let chat = view::areas(&client.state).chat_text;
    let (_, y) = client.find("Line of the long answer.");
    let x = chat.x + 13;
    client.wait(1_000).click(x, y.max(chat.y)).wait(100).press(x, y).release(x, y).keys("y");
    assert_eq!(copied(&mut client), "long");
}

#[test]
fn other_buttons_do_nothing() {
    let mut client = world();
    let before = client.screen();
    for button in [MouseButton::Right, MouseButton::Middle] {
        client.mouse(MouseEventKind::Down(button), 60, 10);
        client.mouse(MouseEventKind::Drag(button), 61, 10);
        client.mouse(MouseEventKind::Up(button), 61, 10);
    }
    assert_eq!((client.screen(), client.effects()), (before, vec![]));
}
