//! What a terminal makes of the bytes of a frame: wide and joined characters at the edges of panes, at
//! every width, and frames that follow each other.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::{Terminal as Frames, TerminalOptions, Viewport};

use super::*;

/// (The emulator of the tests does not join characters; what it knows of is enough here.)
const WIDE: &str = "宽字符，日本語、한국어 👩 e\u{301}е\u{301} ｗｉｄｅ ①②③ ±° “quotes” ……——";

fn world(width: u16, height: u16) -> Client {
    let text = format!(
        "{WIDE}\n\n```\n{WIDE}\n```\n\n- {WIDE}\n\n> {WIDE}\n\n| 列 | 列 |\n|---|---|\n| {WIDE} | 字 |\n"
    );
    let responses = vec![human("h", "", WIDE, 60), model("m", "h", &text, 50)];
    let mut client = Client::new(width, height).opened("c", responses);
    client.list(vec![conversation("c", WIDE, 5), conversation("d", "日本語の会話", 10)]);
    client.type_text("宽字符宽字符宽字符 日本語");
    client
}

/// Bytes on their way to a terminal.
#[derive(Debug, Clone, Default)]
struct Sent(Rc<RefCell<Vec<u8>>>);

impl Write for Sent {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal, the bytes that were sent to it, and the frame that they show.
struct Shown {
    frames: Frames<CrosstermBackend<Sent>>,
    sent: Sent,
    parser: vt100::Parser,
}

impl Shown {
    fn new(width: u16, height: u16) -> Self {
        let viewport = Viewport::Fixed(Rect::new(0, 0, width, height));
        let sent = Sent::default();
        let backend = CrosstermBackend::new(sent.clone());
        let frames = Frames::with_options(backend, TerminalOptions { viewport }).unwrap();
        let (rows, columns) = (height.try_into().unwrap(), width.try_into().unwrap());
        Self { frames, sent, parser: vt100::Parser::new(rows, columns, 0) }
    }

    /// Draws a frame as the program does, and compares what a terminal shows with what was meant.
    fn draw(&mut self, client: &mut Client) {
        update::prepare(&mut client.state);
        let meant = self.frames.draw(|frame| view::draw(frame, &client.state)).unwrap();
        let (meant, area) = (meant.buffer.clone(), meant.area);
        self.parser.process(&self.sent.0.take());
        for y in area.rows() {
            let shown = self.parser.screen().rows(0, area.width).nth(usize::from(y.y)).unwrap();
            assert_eq!(shown.trim_end(), row(&meant, y.y).trim_end(), "row {} of {area}", y.y);
        }
    }
}

fn row(buffer: &Buffer, y: u16) -> String {
    let (mut row, mut x) = (String::new(), 0);
    while x < buffer.area.width {
        let symbol = buffer[(x, y)].symbol();
        row.push_str(symbol);
        x += (symbol.width() as u16).max(1);
    }
    assert_eq!(x, buffer.area.width, "half a character at the end of {row:?}");
    row
}

#[test]
fn no_character_is_cut_in_two_at_any_width() {
    for width in (20..=70).chain([99, 100, 101, 119, 120, 121]) {
        let mut client = world(width, 24);
        let mut shown = Shown::new(width, 24);
        shown.draw(&mut client);
        for keys in ["Esc", "k", "PageUp", "v", "$", "Esc", "Tab", "j", "Tab", "F1", "Esc"] {
            client.keys(keys);
            shown.draw(&mut client);
        }
    }
}

#[test]
fn every_height_and_width_down_to_one_cell_is_drawn() {
    for (width, height) in (1..=40).flat_map(|width| [(width, 1), (width, 7), (width, 13)]) {
        let mut client = world(width, height);
        Shown::new(width, height).draw(&mut client);
        client.keys("Esc v j j $ y F1");
        Shown::new(width, height).draw(&mut client);
    }
}
