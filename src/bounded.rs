//! Reading no more than there may be: what a user names can be a device or a pipe that never ends.

use std::io::{self, Read};

/// Longest file of settings, certificates or the like, in bytes.
pub(crate) const SMALL_FILE: u64 = 1 << 20;

/// All that `from` has to give.
///
/// # Errors
/// When it cannot be read, or is longer than `most` bytes; no more than that is taken.
pub(crate) fn read(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        let words = format!("it is longer than {} MiB", most >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, words));
    }
    Ok(bytes)
}

/// As [`read`], of what is to be text.
///
/// # Errors
/// As [`read`]; also when it is no UTF-8.
pub(crate) fn text(from: impl Read, most: u64) -> io::Result<String> {
    String::from_utf8(read(from, most)?)
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text (UTF-8)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_much_as_may_be_is_read_and_no_more() {
        assert_eq!(read(&[7; 4][..], 4).unwrap(), [7; 4]);
        assert_eq!(text(&b"\xc3\xa4"[..], 4).unwrap(), "ä");
        assert_eq!(text(&b"\xff"[..], 4).unwrap_err().kind(), io::ErrorKind::InvalidData);
        let endless = read(io::repeat(0), 2 << 20).unwrap_err();
        assert_eq!(endless.to_string(), "it is longer than 2 MiB");
    }
}
