//! The terminal: taken at the start and always given back as it was found, whatever ends the program.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic;
use std::sync::Once;
use std::thread;

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen,
    LeaveAlternateScreen,
};
use crossterm::{Command, cursor, execute, queue, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Size;

use super::state::State;
use super::view;

/// Bytes of a frame that are gathered before they are written: more than any frame has.
const FRAME_BYTES: usize = 64 << 10;

type Backend = CrosstermBackend<BufWriter<Stdout>>;

/// The terminal while it is ours. Dropping it gives it back.
pub struct Screen {
    terminal: Terminal<Backend>,
    mouse: bool,
}

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
    /// Takes the terminal.
    ///
    /// # Errors
    /// When standard output is none.
    pub fn take() -> io::Result<Self> {
        install_panic_hook();
        let terminal = open(false)?;
        Ok(Self { terminal, mouse: false })
    }

    /// Draws what has changed, as one update.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, state: &State) -> io::Result<()> {
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| view::draw(frame, state))?;
        queue!(self.terminal.backend_mut(), EndSynchronizedUpdate)?;
        self.terminal.backend_mut().flush()
    }

    /// Cells of the terminal at this moment.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn size(&self) -> io::Result<Size> {
        self.terminal.size()
    }

    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn set_mouse(&mut self, mouse: bool) -> io::Result<()> {
        self.mouse = mouse;
        if mouse {
            execute!(self.terminal.backend_mut(), TakeMouse)
        } else {
            execute!(self.terminal.backend_mut(), GiveMouse)
        }
    }

    /// Forgets what is on the screen: the next frame draws every cell.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn redraw(&mut self) -> io::Result<()> {
        // A new one knows nothing of the screen. (Clearing the old would ask where the cursor is,
        // and race the reader of the keys for the answer.)
        execute!(self.terminal.backend_mut(), Clear(ClearType::All))?;
        self.terminal = new_terminal()?;
        Ok(())
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
        give_back()
    }

    /// Takes the terminal again; the next frame draws every cell.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn take_again(&mut self) -> io::Result<()> {
        self.terminal = open(self.mouse)?;
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = give_back();
    }
}

fn new_terminal() -> io::Result<Terminal<Backend>> {
    let out = BufWriter::with_capacity(FRAME_BYTES, io::stdout());
    Terminal::new(CrosstermBackend::new(out))
}

fn open(mouse: bool) -> io::Result<Terminal<Backend>> {
    terminal::enable_raw_mode()?;
    let mut out = io::stdout();
    execute!(
        out,
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange,
        Clear(ClearType::All)
    )
    .and_then(|()| if mouse { execute!(out, TakeMouse) } else { Ok(()) })
    .and_then(|()| new_terminal())
    .inspect_err(|_| drop(give_back()))
}

/// Everything back as it was found. Doing it twice does no harm.
fn give_back() -> io::Result<()> {
    let written = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        GiveMouse,
        DisableFocusChange,
        DisableBracketedPaste,
        cursor::Show,
        LeaveAlternateScreen
    );
    terminal::disable_raw_mode().and(written)
}

/// A panic of the main thread ends the program, so the terminal is given back before the words are
/// written. A panic of a task does not: it is reported as an error, and the words go to the log.
fn install_panic_hook() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        let main = thread::current().id();
        panic::set_hook(Box::new(move |info| {
            tracing::error!("{info}");
            if thread::current().id() == main {
                let _ = give_back();
                before(info);
            }
        }));
    });
}
