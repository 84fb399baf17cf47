//! Picture files as messages carry them: an address (`data:image/png;name=…;base64,…`) that holds
//! name, kind and bytes of a file.

use std::fs::File;
use std::io::{self, Cursor, Read as _};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use image::ImageReader;

/// Largest file, in bytes: what a message over a network may hold, in base64 and with the rest.
pub const LARGEST: u64 = 14 << 20;

/// Bytes that tell what a file is.
const HEAD: usize = 12;

/// Why a file is not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It is not there, or may not be read.
    #[error("cannot read the picture {file}: {why}", file = file.display())]
    Unreadable {
        /// Which one.
        file: PathBuf,
        /// What the system says.
        why: io::Error,
    },
    /// It is a folder.
    #[error("{file} is a folder; name a picture in it", file = .0.display())]
    Folder(PathBuf),
    /// It is too large for a message.
    #[error("the picture {file} is larger than {most} MiB; scale it down", file = .0.display(), most = LARGEST >> 20)]
    TooLarge(PathBuf),
    /// It is something else.
    #[error("{file} is no PNG, JPEG, GIF or WebP file; convert it first", file = .0.display())]
    NoPicture(PathBuf),
    /// It begins like one.
    #[error(
        "{file} begins like a picture, but does not say how large it is; is it whole?",
        file = .0.display()
    )]
    Broken(PathBuf),
}

/// The file as an address that holds its name, kind and bytes.
///
/// # Errors
/// When it cannot be read, is too large, or is no picture, which its header tells. What is no plain file (a pipe, a device)
/// is not opened at all: reading it might never end.
pub fn read(file: &Path) -> Result<String, Error> {
    let unreadable = |why| Error::Unreadable { file: file.to_owned(), why };
    let about = file.metadata().map_err(unreadable)?;
    if about.is_dir() {
        return Err(Error::Folder(file.to_owned()));
    }
    if !about.is_file() {
        return Err(Error::NoPicture(file.to_owned()));
    }
    let mut from = File::open(file).map_err(unreadable)?.take(LARGEST + 1);
    let mut bytes = Vec::new();
    from.by_ref().take(HEAD as u64).read_to_end(&mut bytes).map_err(unreadable)?;
    let Some(kind) = kind(&bytes) else { return Err(Error::NoPicture(file.to_owned())) };
    from.read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Error::TooLarge(file.to_owned()));
    }
    // Reads no further than to the first pixel.
    let header = ImageReader::new(Cursor::new(&bytes)).with_guessed_format();
    if header.map_err(unreadable)?.into_dimensions().is_err() {
        return Err(Error::Broken(file.to_owned()));
    }
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    // The name must not end its own part of the address.
    let name: String =
        name.chars().map(|c| if matches!(c, ';' | ',' | '"') { '_' } else { c }).collect();
    Ok(format!("data:image/{kind};name={name};base64,{}", STANDARD.encode(bytes)))
}

/// Name and size of a picture, as far as its address tells them.
#[must_use]
pub fn facts(given: &str) -> String {
    let Some((head, data)) = given.strip_prefix("data:").and_then(|rest| rest.split_once(','))
    else {
        let is_address = given.contains("://");
        return if is_address { given.to_owned() } else { format!("picture · {}", size(given)) };
    };
    let mut parts = head.split(';');
    let kind = parts.next().unwrap_or_default();
    let name = parts.find_map(|part| part.strip_prefix("name=")).unwrap_or("picture");
    format!("{name} · {kind} · {}", size(data))
}

/// The size of what stands in base64.
fn size(data: &str) -> String {
    bytes(data.trim_end_matches('=').len() * 3 / 4)
}

/// A number of bytes in words.
#[must_use]
pub fn bytes(count: usize) -> String {
    match count {
        bytes @ ..1_000 => format!("{bytes} B"),
        bytes @ ..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        bytes => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

/// The kind of picture that begins with these bytes.
fn kind(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some("png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("webp"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, ImageFormat};

    #[test]
    fn files_are_known_by_what_they_hold() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: &[u8]| {
            let path = folder.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        for (format, kind) in [
            (ImageFormat::Png, "png"),
            (ImageFormat::Jpeg, "jpeg"),
            (ImageFormat::Gif, "gif"),
            (ImageFormat::WebP, "webp"),
        ] {
            let mut whole = Cursor::new(Vec::new());
            DynamicImage::new_rgb8(3, 2).write_to(&mut whole, format).unwrap();
            let whole = whole.into_inner();
            let data = STANDARD.encode(&whole);
            let address = format!("data:image/{kind};name=a_b_c.txt;base64,{data}");
            assert_eq!(read(&file("a;b,c.txt", &whole)).unwrap(), address);
            let begun = file("begun", &whole[..12]);
            assert!(matches!(read(&begun), Err(Error::Broken(_))), "{kind}");
        }
        for other in [file("sound.png", b"RIFF\0\0\0\0WAVE"), file("empty.png", b"")] {
            assert!(matches!(read(&other), Err(Error::NoPicture(_))), "{other:?}");
        }
        assert!(matches!(read(folder.path()), Err(Error::Folder(_))));
        let absent = folder.path().join("absent.png");
        assert!(read(&absent).unwrap_err().to_string().contains("absent.png"));
        let large = folder.path().join("large.jpg");
        let out = File::create(&large).unwrap();
        out.set_len(LARGEST + 1).unwrap();
        std::os::unix::fs::FileExt::write_at(&out, b"\xff\xd8\xff", 0).unwrap();
        assert!(read(&large).unwrap_err().to_string().contains("larger than 14 MiB"));
    }
}
