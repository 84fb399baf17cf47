//! The terminal: taken at the start and always given back as it was found, whatever ends the program.

use std::io::{self, BufWriter, Stdout, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::thread;

use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange,
    KeyboardEnhancementFlags, PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
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
    keys: FullKeys,
}

/// Whether the terminal was told to tell keys apart that look the same to older programs. It is told
/// back exactly once: what is on its stack below belongs to others.
#[derive(Debug, Clone, Default)]
struct FullKeys(Arc<AtomicBool>);

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
        let keys = FullKeys::default();
        install_panic_hook(keys.clone());
        let terminal = open(false, &keys)?;
        Ok(Self { terminal, mouse: false, keys })
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
        give_back(&self.keys)
    }

    /// Takes the terminal again; the next frame draws every cell.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn take_again(&mut self) -> io::Result<()> {
        self.terminal = open(self.mouse, &self.keys)?;
        Ok(())
    }
}

impl FullKeys {
    /// Asks for them where the terminal is known to have them: an older one might show the request.
    fn take(&self) -> io::Result<()> {
        if !knows_full_keys(|name| std::env::var(name).unwrap_or_default()) {
            return Ok(());
        }
        self.0.store(true, Ordering::Relaxed);
        let flags = KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES;
        execute!(io::stdout(), PushKeyboardEnhancementFlags(flags))
    }

    fn give(&self) -> io::Result<()> {
        if self.0.swap(false, Ordering::Relaxed) {
            return execute!(io::stdout(), PopKeyboardEnhancementFlags);
        }
        Ok(())
    }
}

/// Whether the environment names a terminal with the keyboard protocol of kitty. A multiplexer in
/// between has one of its own.
fn knows_full_keys(variable: impl Fn(&str) -> String) -> bool {
    let (term, program) = (variable("TERM"), variable("TERM_PROGRAM"));
    let between = !variable("TMUX").is_empty() || !variable("STY").is_empty();
    let known_term = ["xterm-kitty", "xterm-ghostty", "foot", "foot-extra", "alacritty", "rio"];
    let known_program = ["kitty", "ghostty", "WezTerm", "iTerm.app", "rio"];
    let inner = term.starts_with("tmux") || term.starts_with("screen");
    !between && !inner && (known_term.contains(&&*term) || known_program.contains(&&*program))
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = give_back(&self.keys);
    }
}

fn new_terminal() -> io::Result<Terminal<Backend>> {
    let out = BufWriter::with_capacity(FRAME_BYTES, io::stdout());
    Terminal::new(CrosstermBackend::new(out))
}

fn open(mouse: bool, keys: &FullKeys) -> io::Result<Terminal<Backend>> {
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
    .and_then(|()| keys.take())
    .and_then(|()| new_terminal())
    .inspect_err(|_| drop(give_back(keys)))
}

/// Everything back as it was found. Doing it twice does no harm.
fn give_back(keys: &FullKeys) -> io::Result<()> {
    let told = keys.give();
    let written = execute!(
        io::stdout(),
        EndSynchronizedUpdate,
        GiveMouse,
        DisableFocusChange,
        DisableBracketedPaste,
        cursor::Show,
        LeaveAlternateScreen
    );
    terminal::disable_raw_mode().and(written).and(told)
}

/// A panic of the main thread ends the program, so the terminal is given back before the words are
/// written. A panic of a task does not: it is reported as an error, and the words go to the log.
fn install_panic_hook(keys: FullKeys) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        let main = thread::current().id();
        panic::set_hook(Box::new(move |info| {
            tracing::error!("{info}");
            if thread::current().id() == main {
                let _ = give_back(&keys);
                before(info);
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
            knows_full_keys(|name| {
                let value = set.iter().find(|(known, _)| *known == name);
                value.map_or(String::new(), |(_, value)| (*value).to_owned())
            })
        };
        assert!(knows(&[("TERM", "xterm-kitty")]));
        assert!(knows(&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")]));
        assert!(!knows(&[("TERM", "xterm-256color")]));
        assert!(!knows(&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux,1,0")]));
        assert!(!knows(&[("TERM", "screen-256color"), ("TERM_PROGRAM", "ghostty")]));
    }
}
