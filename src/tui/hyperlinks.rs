//! Links for the terminal: writes cells as the backend below does, and around those that carry a link
//! the sequences (OSC 8) that make it one. Which addresses are harmless is decided in `markdown`. Around
//! what terminals measure in different ways more cells are written than have changed.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Arc;

use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use ratatui::style::Color;

use super::clusters::{Clusters, spill};
use super::host::is_simple;
use super::markdown::link_of_colour;
use crate::text;

/// Zero width joiner.
const JOINER: char = '\u{200d}';

/// Addresses of links, by the numbers that their cells carry.
pub type Links = Vec<(u32, Arc<str>)>;

/// A backend that knows links.
pub struct Linked<W: Write> {
    inner: CrosstermBackend<W>,
    /// The links of the frame that is drawn.
    links: Links,
    /// Whether the terminal is told of them.
    enabled: bool,
    /// Clusters that the terminal may measure otherwise. Shared, so that they can be looked at while a
    /// frame is held.
    clusters: Rc<RefCell<Clusters>>,
}

impl<W: Write> Linked<W> {
    /// Writes to `out`; links are plain text unless `enabled`.
    pub fn new(out: W, enabled: bool) -> Self {
        let inner = CrosstermBackend::new(out);
        Self { inner, links: Links::new(), enabled, clusters: Rc::default() }
    }

    /// The clusters that the terminal may measure otherwise.
    pub(super) fn clusters(&self) -> Rc<RefCell<Clusters>> {
        Rc::clone(&self.clusters)
    }

    /// Writes cells once more after a frame. The cursor stays where it is.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn write_again(&mut self, cells: &[(u16, u16, Cell)]) -> io::Result<()> {
        if cells.is_empty() {
            return Ok(());
        }
        write!(self.inner, "\x1b7")?;
        let cells: Vec<_> = cells.iter().map(|(x, y, cell)| (*x, *y, cell)).collect();
        self.draw_cells(&cells)?;
        write!(self.inner, "\x1b8")
    }

    fn draw_cells(&mut self, cells: &[(u16, u16, &Cell)]) -> io::Result<()> {
        if cells.iter().any(|(_, _, cell)| is_open(cell)) {
            let closed: Vec<_> = cells.iter().map(|&(x, y, cell)| (x, y, closed(cell))).collect();
            let closed: Vec<_> = closed.iter().map(|(x, y, cell)| (*x, *y, cell)).collect();
            return self.draw_cells(&closed);
        }
        for &(x, y, cell) in cells.iter().filter(|(_, _, cell)| spill(cell.symbol()).is_some()) {
            // A terminal that takes it for narrower would show what was there before.
            let mut blank = cell.clone();
            blank.set_symbol(" ");
            let columns = x..x + text::width(cell.symbol()) as u16;
            self.inner.draw(columns.map(|x| (x, y, &blank)))?;
        }
        let link = |(_, _, cell): &(u16, u16, &Cell)| link_of_colour(cell.underline_color);
        for run in cells.chunk_by(|one, other| link(one) == link(other)) {
            match run.first().and_then(link) {
                Some(number) => self.draw_link(number, run)?,
                None => self.inner.draw(run.iter().copied())?,
            }
        }
        Ok(())
    }

    /// Sets the links that the next frame may have.
    pub fn set_links(&mut self, links: Links) {
        self.links = links;
    }

    fn draw_link(&mut self, number: u32, cells: &[(u16, u16, &Cell)]) -> io::Result<()> {
        let address = self.links.iter().find(|(known, _)| *known == number);
        let address = address.filter(|_| self.enabled).map(|(_, address)| Arc::clone(address));
        if let Some(address) = &address {
            // The parts of a link that was wrapped belong together by their id.
            write!(self.inner, "\x1b]8;id={number:x};{address}\x1b\\")?;
        }
        let plain: Vec<(u16, u16, Cell)> = cells
            .iter()
            .map(|&(x, y, cell)| {
                let mut cell = cell.clone();
                cell.underline_color = Color::Reset;
                (x, y, cell)
            })
            .collect();
        self.inner.draw(plain.iter().map(|(x, y, cell)| (*x, *y, cell)))?;
        if address.is_some() {
            write!(self.inner, "\x1b]8;;\x1b\\")?;
        }
        Ok(())
    }
}

/// Whether a cell ends with a joiner: tmux would join whatever is written next, wherever that stands.
fn is_open(cell: &Cell) -> bool {
    cell.symbol().ends_with(JOINER)
}

/// The same cell without such an end. Nothing is seen of a joiner that joins nothing.
fn closed(cell: &Cell) -> Cell {
    let mut closed = cell.clone();
    match cell.symbol().trim_end_matches(JOINER) {
        "" => closed.set_symbol(" "),
        symbol => closed.set_symbol(symbol),
    };
    closed
}

impl<W: Write> Backend for Linked<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let cells: Vec<_> = content.collect();
        for (x, y, _) in cells.iter().filter(|(_, _, cell)| spill(cell.symbol()).is_some()) {
            self.clusters.borrow_mut().draw(*x, *y);
        }
        self.draw_cells(&cells)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.inner.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.inner.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.inner.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.inner.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.inner.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.inner.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        self.inner.size()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        self.inner.window_size()
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.inner)
    }
}

impl<W: Write> Write for Linked<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.inner.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Write::flush(&mut self.inner)
    }
}

/// Whether a terminal of this name (`TERM`) may be told of links: all but those that would show the
/// sequences, or would do other things at them.
#[must_use]
pub fn are_known_to(terminal: &str) -> bool {
    !is_simple(terminal) && !terminal.starts_with("vt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::markdown::{Document, Page};
    use crate::tui::theme::{Role, Theme};
    use ratatui::Terminal;
    use ratatui::layout::Rect;

    /// A terminal that only remembers.
    #[derive(Clone, Default)]
    struct Paper(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.borrow_mut().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// What a terminal gets for a message in a screen of 12 cells.
    fn bytes(source: &str, enabled: bool) -> String {
        let page = Page { width: 12, theme: Theme::new(true), role: Role::Text };
        let mut document = Document::default();
        document.settle(source, page);
        let area = Rect::new(0, 0, 12, 6);
        let viewport = ratatui::TerminalOptions { viewport: ratatui::Viewport::Fixed(area) };
        let paper = Paper::default();
        let mut backend = Linked::new(paper.clone(), enabled);
        backend.set_links((0..6).flat_map(|row| document.links_in(row)).collect());
        let mut terminal = Terminal::with_options(backend, viewport).unwrap();
        let draw = |frame: &mut ratatui::Frame<'_>| {
            for (row, y) in document.rows(0, 6).zip(0..) {
                frame.render_widget(row, Rect { y, height: 1, ..area });
            }
        };
        terminal.draw(draw).unwrap();
        let written = paper.0.borrow().len();
        terminal.draw(draw).unwrap();
        let all = paper.0.borrow().clone();
        let again = String::from_utf8(all[written..].to_vec()).unwrap();
        assert!(!again.contains("]8;"), "what has not changed is not written again");
        String::from_utf8(all).unwrap()
    }

    #[test]
    fn a_link_reaches_the_terminal_with_one_id_on_every_row() {
        let bytes = bytes("a [long link](https://x.ai) b", true);
        let opens: Vec<&str> =
            bytes.split("\x1b]8;id=").skip(1).filter_map(|rest| rest.split(';').next()).collect();
        assert!(!opens.is_empty() && opens.iter().all(|id| *id == opens[0]), "{bytes:?}");
        assert_eq!(bytes.matches(";https://x.ai\x1b\\").count(), opens.len());
        assert_eq!(bytes.matches("\x1b]8;;\x1b\\").count(), opens.len());
        assert!(!bytes.contains("\x1b[58"), "no colour of underlines: {bytes:?}");
    }

    #[test]
    fn no_link_reaches_a_terminal_without_them_or_from_a_strange_address() {
        assert!(!bytes("[l](https://x.ai)", false).contains("\x1b]"));
        assert!(!bytes("[l](<https://x.ai/ \u{7}>)", true).contains("\x1b]"));
        assert!(!bytes("[l](file:///x) [m](javascript:x)", true).contains("\x1b]"));
        assert!(are_known_to("xterm-256color") && !are_known_to("linux") && !are_known_to("dumb"));
    }

    /// A row of 12 cells: for each text that it is to show, what the terminal gets.
    fn row() -> impl FnMut(&str) -> String {
        let paper = Paper::default();
        let area = Rect::new(0, 0, 12, 1);
        let viewport = ratatui::TerminalOptions { viewport: ratatui::Viewport::Fixed(area) };
        let mut terminal =
            Terminal::with_options(Linked::new(paper.clone(), false), viewport).unwrap();
        move |text: &str| {
            let clusters = terminal.backend().clusters();
            let frame = terminal.draw(|frame| frame.render_widget(text, area)).unwrap();
            let again = clusters.borrow_mut().again(frame.buffer);
            terminal.backend_mut().write_again(&again).unwrap();
            String::from_utf8(paper.0.borrow_mut().split_off(0)).unwrap()
        }
    }

    #[test]
    fn a_joiner_that_joins_nothing_yet_is_not_written() {
        let mut show = row();
        let typed = "👨\u{200d}👩\u{200d}👧";
        for (end, _) in typed.char_indices().skip(1).chain([(typed.len(), ' ')]) {
            let text = typed[..end].trim_end_matches(JOINER);
            let written = show(&format!("a{}b", &typed[..end]));
            assert!(!written.contains("\u{200d}b") && !written.contains("\u{200d}\x1b"), "{text}");
            assert!(written.contains(text), "{written:?}");
        }
    }

    #[test]
    fn around_a_flag_every_cell_is_written() {
        let mut show = row();
        show("a  熱 b");
        let written = show("a🇳🇴熱 b");
        let (frame, mended) = written.split_once("\x1b7").unwrap();
        let flag = frame.find("🇳🇴").unwrap();
        assert!(frame[..flag].contains("  "), "the cells are cleared first: {frame:?}");
        assert!(!frame.contains('熱') && mended.contains('熱'), "{written:?}");
        assert!(mended.ends_with("\x1b8") && !mended.contains('b'), "{mended:?}");
        assert!(!show("a🇳🇴熱 c").contains("\x1b7"), "a flag that stands is not written again");
        let (_, mended) =
            show("a  熱 c").split_once("\x1b7").map(|(a, b)| (a.len(), b.len())).unwrap();
        assert!(mended > 0, "what it covered is written when it goes");
    }
}
