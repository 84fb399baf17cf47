//! Pictures: files named by what was pasted or typed, and what the terminal draws of a picture. Reading
//! and decoding run only in tasks of `effects`.

mod decode;
mod draw;
mod paths;
mod screen;

use std::io::ErrorKind;

use ratatui::layout::Size;

use crate::picture::{self, Error};
use crate::tui::host::Host;
use crate::tui::words::pictures as words;

pub use draw::Drawn;
pub use screen::{Setting, Way};

pub use paths::{looks_like_path, named};

/// The pictures that a text names, as addresses; none if the text is something else.
///
/// `pasted`: a text that names no picture is only a text. Otherwise the user asked for the file, and
/// hears why it is none.
///
/// # Errors
/// In words: when a picture is too large or broken or may not be read; unless it was pasted, also when
/// a file is not there or is no picture.
pub fn read(text: &str, pasted: bool) -> Result<Vec<String>, String> {
    let home = std::env::home_dir();
    let mut problem = None;
    for files in named(text, home.as_deref()) {
        let read: Result<Vec<String>, Error> = files.iter().map(|f| picture::read(f)).collect();
        match read {
            Ok(pictures) => return Ok(pictures),
            Err(error @ Error::TooLarge(_)) => return Err(error.to_string()),
            Err(error) if !pasted || is_of_a_picture(&error) => {
                problem.get_or_insert(error);
            }
            Err(_) => {}
        }
    }
    problem.map_or(Ok(Vec::new()), |error| Err(error.to_string()))
}

/// Whether the file that was not taken is there and was meant as a picture, as far as that can be told.
fn is_of_a_picture(error: &Error) -> bool {
    match error {
        Error::TooLarge(_) | Error::Broken(_) => true,
        Error::Unreadable { why, .. } => why.kind() == ErrorKind::PermissionDenied,
        Error::Folder(_) => false,
        Error::NoPicture(file) => paths::has_picture_ending(&file.to_string_lossy()),
    }
}

/// What is known of the terminal at the start.
#[derive(Debug, Clone, Copy, Default)]
pub struct Shows {
    /// What the user wants.
    pub setting: Setting,
    /// Whether colours are used.
    pub colours: bool,
}

impl Shows {
    /// Makes a picture ready to be drawn in `room` cells, under a name for the terminal.
    ///
    /// # Errors
    /// In words: when pictures are not shown, or when this one cannot be.
    pub fn draw(self, address: &str, room: Size, id: u32) -> Result<Drawn, String> {
        let way = screen::way(self.setting, &Host::here()).ok_or(words::OFF)?;
        if way == Way::Blocks && !self.colours {
            return Err(words::NO_COLOURS.to_owned());
        }
        // A call of the system; the terminal is not asked.
        let cell = crossterm::terminal::window_size().map_or_else(
            |_| draw::cell((0, 0), (0, 0)),
            |window| draw::cell((window.width, window.height), (window.columns, window.rows)),
        );
        draw::draw(decode::decode(address)?, room, cell, way, id)
    }
}

#[cfg(test)]
pub(super) mod testing {
    //! Pictures for tests of what shows them.

    use super::*;

    /// A picture with a colour for each corner, drawn in cells of 10 by 20 pixels.
    pub(crate) fn drawn(width: u32, height: u32, room: Size, way: Way, id: u32) -> Box<Drawn> {
        let colour = |x: u32, y: u32| {
            let high = |at: bool| if at { 255 } else { 0 };
            image::Rgba([high(2 * x >= width), high(2 * y >= height), 128, 255])
        };
        let image = image::RgbaImage::from_fn(width, height, colour).into();
        Box::new(draw::draw(image, room, (10, 20), way, id).unwrap())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_path_of_a_picture_that_is_not_taken_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, bytes: &[u8]| {
            let file = folder.path().join(name);
            std::fs::write(&file, bytes).unwrap();
            file.display().to_string()
        };
        let broken = at("broken", b"\x89PNG\r\n\x1a\nbut nothing more");
        assert!(read(&broken, true).unwrap_err().contains("is it whole?"));
        let text = at("notes.png", b"only words");
        assert!(read(&text, true).unwrap_err().contains("is no PNG"));
        for other in
            [at("notes.md", b"only words"), folder.path().join("none.png").display().to_string()]
        {
            assert_eq!(read(&other, true), Ok(Vec::new()), "{other} is a text like another");
            assert!(read(&other, false).is_err(), "{other} was asked for");
        }
    }
}
