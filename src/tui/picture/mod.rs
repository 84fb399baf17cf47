//! Pictures on the way into the program: files named by what was pasted or typed. Runs only in tasks
//! of `effects`.

mod paths;

use crate::picture::{self, Error};

pub use paths::{looks_like_path, named};

/// The pictures that a text names, as addresses; none if the text is something else.
///
/// `pasted`: a text that names no picture is only a text. Otherwise the user asked for the file, and
/// hears why it is none.
///
/// # Errors
/// In words: when a picture is too large, and, unless it was pasted, when a file is none or cannot be
/// read.
pub fn read(text: &str, pasted: bool) -> Result<Vec<String>, String> {
    let home = std::env::home_dir();
    let mut problem = None;
    for files in named(text, home.as_deref()) {
        let read: Result<Vec<String>, Error> = files.iter().map(|f| picture::read(f)).collect();
        match read {
            Ok(pictures) => return Ok(pictures),
            Err(error @ Error::TooLarge(_)) => return Err(error.to_string()),
            Err(error) => drop(problem.get_or_insert(error)),
        }
    }
    match problem {
        Some(error) if !pasted => Err(error.to_string()),
        Some(_) | None => Ok(Vec::new()),
    }
}
