//! Pictures given on the command line.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Largest file, in bytes: what a message over a network may hold, in base64 and with the rest.
const LARGEST: u64 = 14 << 20;

/// How files of the kinds that models take begin.
const BEGINNINGS: [(&[u8], &str); 4] =
    [(b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"), (b"GIF8", "gif"), (b"RIFF", "webp")];

/// The file as an address that holds its name, kind and bytes.
pub(super) fn read(file: &Path) -> Result<String> {
    let cannot = || format!("cannot read the picture {}", file.display());
    let size = fs::metadata(file).with_context(cannot)?.len();
    if size > LARGEST {
        bail!("the picture {} is larger than {} MiB; scale it down", file.display(), LARGEST >> 20);
    }
    let bytes = fs::read(file).with_context(cannot)?;
    let Some((_, kind)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning))
    else {
        bail!("{} is no PNG, JPEG, GIF or WebP file; convert it first", file.display());
    };
    let name = file.file_name().map(|name| name.to_string_lossy()).unwrap_or_default();
    // The name must not end its own part of the address.
    let name: String =
        name.chars().map(|c| if matches!(c, ';' | ',' | '"') { '_' } else { c }).collect();
    Ok(format!("data:image/{kind};name={name};base64,{}", STANDARD.encode(bytes)))
}
