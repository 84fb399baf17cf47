//! What is said where pictures are shown.

/// The response has none.
pub const NONE: &str = "No picture came with this response";
/// While it is being decoded.
pub const LOADING: &str = "Reading the picture…";
/// The bytes are no picture.
pub const BROKEN: &str = "This picture is broken, or of a kind that cannot be shown here.";
/// The pixels could not be brought into the terminal's form.
pub const NOT_DRAWN: &str =
    "This picture could not be brought into a form that the terminal takes.";
/// A task broke.
pub const TASK_BROKE: &str = "This picture broke what reads pictures; the log has the details.";
/// Nothing is fetched.
pub const ADDRESS_ONLY: &str = "Only the address of this picture is known. Nothing is fetched:";
/// The setting says so.
pub const OFF: &str = "Pictures are off: pictures = \"off\" in the [ui] table of config.toml.";
/// Blocks are nothing without colours.
pub const NO_COLOURS: &str = "This terminal shows pictures as coloured blocks, and NO_COLOR is set. \
     Unset it, or name what the terminal can in the [ui] table of config.toml: \
     pictures = \"kitty\", \"iterm2\" or \"sixel\".";
/// What the keys do.
pub const KEYS: &str = " Esc closes ";
/// The same where there are several.
pub const KEYS_OF_MANY: &str = " ] [ next, previous · Esc closes ";

/// More pixels than are decoded.
#[must_use]
pub fn too_large(width: u32, height: u32, most: u64) -> String {
    format!("This picture has {width}×{height} pixels; up to {most} million are shown.")
}

/// The title of a picture: which of how many, and what it is.
#[must_use]
pub fn title(
    number: usize,
    count: usize,
    facts: &str,
    drawn: Option<((u32, u32), &str)>,
) -> String {
    let which = if count > 1 { format!("{number}/{count} · ") } else { String::new() };
    let drawn = drawn.map(|((width, height), way)| format!(" · {width}×{height} · {way}"));
    format!("{which}{facts}{}", drawn.unwrap_or_default())
}
