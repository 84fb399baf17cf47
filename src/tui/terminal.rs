//! The terminal: taken at the start and always given back as it was found, whatever ends the program.

use std::io::{self, Write};
use std::panic;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::thread;
use std::time::Duration;

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use crossterm::{Command, cursor, queue, terminal};
use ratatui::layout::{Rect, Size};
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::host::{Host, Program};
use super::hyperlinks::Linked;
use super::output::{Gathered, Line, Settled};
use super::state::State;
use super::view;
use super::words::leaving as words;

/// How long a terminal that takes nothing may hold up the end of the program.
const PATIENCE: Duration = Duration::from_millis(500);
/// Of a terminal that does not know its size.
const USUAL: Size = Size { width: 80, height: 24 };

type Backend = Linked<Gathered>;

/// The terminal while it is ours. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<Backend>,
    gathered: Gathered,
    line: Line,
    mouse: bool,
    links: bool,
    /// Whether nothing is known of what the terminal shows.
    unknown: bool,
    taken: Taken,
    /// Whether the terminal can tell keys apart that look the same to older programs.
    full_keys: bool,
}

/// Whether the terminal is ours. It is given back once: doing it again would put the cursor where it
/// was before, over the words that came since, and take back what others asked of its keys.
#[derive(Debug, Clone, Default)]
struct Taken(Arc<AtomicBool>);

/// Clicks and the wheel, with positions beyond column 223, but no motion.
struct TakeMouse;
/// Leaves the mouse to the terminal again.
struct GiveMouse;

impl Command for TakeMouse {
    fn write_ansi(&self, f: &mut impl std::fmt::Write) -> std::fmt::Result {
        f.write_str("\x1b[?1000h\x1b[?1002h\x1b[?1006h")
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        crossterm::event::EnableMouseCapture.execute_winapi()
    }
}

impl Command for GiveMouse {
    fn write_ansi(&self, f: &mut impl std::fmt::Write) -> std::fmt::Result {
        f.write_str("\x1b[?1006l\x1b[?1002l\x1b[?1000l")
    }

    #[cfg(windows)]
    fn execute_winapi(&self) -> io::Result<()> {
        crossterm::event::DisableMouseCapture.execute_winapi()
    }
}

impl Screen {
    /// Takes the terminal, and tells it of links if it is to know them. `log` is where a panic tells to
    /// look.
    ///
    /// # Errors
    /// When standard output is none.
    pub fn take(links: bool, log: Option<PathBuf>) -> io::Result<Self> {
        let taken = Taken::default();
        let gathered = Gathered::default();
        let terminal = new_terminal(&gathered, links, Rect::default())?;
        let line = Line::to_stdout()?;
        let full_keys = knows_full_keys(&Host::here());
        install_panic_hook(taken.clone(), line.settled(), log, full_keys);
        let (mouse, unknown) = (false, true);
        let mut screen = Self { terminal, gathered, line, mouse, links, unknown, taken, full_keys };
        screen.take_again()?;
        Ok(screen)
    }

    /// Draws what has changed, as one update.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, state: &State) -> io::Result<()> {
        queue!(self.gathered, BeginSynchronizedUpdate)?;
        let area = Rect::from((ratatui::layout::Position::ORIGIN, state.size));
        if std::mem::take(&mut self.unknown) || area != self.terminal.get_frame().area() {
            // A new one knows nothing of the screen. (Clearing the old would ask where the cursor
            // is, and race the reader of the keys for the answer.)
            queue!(self.gathered, Clear(ClearType::All))?;
            self.terminal = new_terminal(&self.gathered, self.links, area)?;
        }
        let path = &state.open.path;
        let links = state.open.chat.links(|index| path.get(index).copied());
        self.terminal.backend_mut().set_links(links);
        let clusters = self.terminal.backend().clusters();
        let frame = self.terminal.draw(|frame| view::draw(frame, state))?;
        let again = clusters.borrow_mut().again(frame.buffer);
        self.terminal.backend_mut().write_again(&again)?;
        queue!(self.gathered, EndSynchronizedUpdate)?;
        self.line.send(&self.gathered)
    }

    /// Whether the terminal has taken the last frame: before that no other is to be drawn.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn is_free(&self) -> io::Result<bool> {
        self.line.is_free()
    }

    /// Waits until the terminal has taken the last frame.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub async fn freed(&self) -> io::Result<()> {
        self.line.freed().await
    }

    /// Cells of the terminal at this moment.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn size() -> io::Result<Size> {
        let (width, height) = window_size()?;
        let known = width > 0 && height > 0;
        Ok(if known { Size { width, height } } else { USUAL })
    }

    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        if mouse {
            queue!(self.gathered, TakeMouse)?;
        } else {
            queue!(self.gathered, GiveMouse)?;
        }
        self.line.send(&self.gathered)
    }

    /// Writes a sequence that shows nothing.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn tell(&mut self, sequence: &str) -> io::Result<()> {
        self.gathered.write_all(sequence.as_bytes())?;
        self.line.send(&self.gathered)
    }

    /// Takes a picture off the screen: the one of that name in the terminal, or what was drawn as cells.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn erase_picture(&mut self, name: Option<u32>) -> io::Result<()> {
        if let Some(name) = name {
            self.tell(&format!("\x1b_Ga=d,d=I,i={name},q=2\x1b\\"))?;
        }
        self.redraw();
        Ok(())
    }

    /// Forgets what is on the screen: the next frame draws every cell.
    pub fn redraw(&mut self) {
        self.unknown = true;
    }

    /// Gives the terminal back, does something, and takes it again.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn without(&mut self, between: impl FnOnce()) -> io::Result<()> {
        self.give()?;
        between();
        self.take_again()
    }

    /// Gives the terminal back until `take_again`.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn give(&mut self) -> io::Result<()> {
        if !self.taken.0.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let written = queue_give_back(&mut self.gathered, self.full_keys)
            .and_then(|()| self.line.send(&self.gathered))
            .map(|()| self.line.settled().wait(PATIENCE));
        terminal::disable_raw_mode().and(written)
    }

    /// Takes the terminal again; the next frame draws every cell.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn take_again(&mut self) -> io::Result<()> {
        self.taken.0.store(true, Ordering::Relaxed);
        terminal::enable_raw_mode()?;
        queue!(self.gathered, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange)?;
        if self.mouse {
            queue!(self.gathered, TakeMouse)?;
        }
        if self.full_keys {
            let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
            queue!(self.gathered, PushKeyboardEnhancementFlags(flags))?;
        }
        self.unknown = true;
        self.line.send(&self.gathered)
    }
}

/// Whether a terminal has the keyboard protocol of kitty. A multiplexer in between has one of its own.
fn knows_full_keys(host: &Host) -> bool {
    let knows = match host.program {
        Some(
            Program::Kitty
            | Program::Ghostty
            | Program::WezTerm
            | Program::Iterm2
            | Program::Rio
            | Program::Foot
            | Program::Alacritty,
        ) => true,
        Some(Program::Konsole | Program::Mintty | Program::Sixels) | None => false,
    };
    knows && !host.is_inside()
}

/// Asked for each frame, and so not of the path of the terminal, which would be opened each time.
#[cfg(target_os = "linux")]
fn window_size() -> io::Result<(u16, u16)> {
    match rustix::termios::tcgetwinsize(rustix::stdio::stdout()) {
        Ok(size) => Ok((size.ws_col, size.ws_row)),
        Err(_) => terminal::size(),
    }
}

#[cfg(not(target_os = "linux"))]
fn window_size() -> io::Result<(u16, u16)> {
    terminal::size()
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.give();
    }
}

/// One that takes the screen for empty. It is as large as we say, so that a frame and its state are of
/// the same size whatever happens meanwhile.
fn new_terminal(gathered: &Gathered, links: bool, area: Rect) -> io::Result<Terminal<Backend>> {
    let viewport = Viewport::Fixed(area);
    Terminal::with_options(Linked::new(gathered.clone(), links), TerminalOptions { viewport })
}

/// Everything back as it was found.
fn queue_give_back(out: &mut impl Write, full_keys: bool) -> io::Result<()> {
    if full_keys {
        queue!(out, PopKeyboardEnhancementFlags)?;
    }
    queue!(
        out,
        EndSynchronizedUpdate,
        GiveMouse,
        DisableFocusChange,
        DisableBracketedPaste,
        cursor::Show,
        LeaveAlternateScreen
    )?;
    out.flush()
}

/// A panic of the thread that has the terminal ends the program, so the terminal is given back before
/// the words are written. A panic of a task does not: it is reported as an error, and the words go to
/// the log.
fn install_panic_hook(taken: Taken, settled: Settled, log: Option<PathBuf>, full_keys: bool) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        let main = thread::current().id();
        panic::set_hook(Box::new(move |info| {
            tracing::error!("{info}");
            if thread::current().id() == main {
                if taken.0.swap(false, Ordering::Relaxed) {
                    // A frame behind these bytes would undo them.
                    settled.wait(PATIENCE);
                    let _ = queue_give_back(&mut io::stdout(), full_keys);
                    let _ = terminal::disable_raw_mode();
                }
                before(info);
                let _ = writeln!(io::stderr(), "{}", words::broke(log.as_deref()));
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_terminals_that_are_known_are_told() {
        let knows = |set: &[(&str, &str)]| {
            knows_full_keys(&Host::read(|name| {
                let value = set.iter().find(|(known, _)| *known == name);
                value.map_or(String::new(), |(_, value)| (*value).to_owned())
            }))
        };
        assert!(knows(&[("TERM", "xterm-kitty")]));
        assert!(knows(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")]));
        assert!(!knows(&[("TERM", "xterm-256color")]));
        assert!(!knows(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux,1,0")]));
        assert!(!knows(&[("TERM", "screen-256color"), ("TERM_PROGRAM", "ghostty")]));
    }
}
