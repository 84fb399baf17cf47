//! From pixels to what a terminal draws: scaled to the room there is, in cells.

use std::fmt;

use image::imageops::{self, FilterType};
use image::{DynamicImage, RgbaImage};
use ratatui::layout::Size;
use ratatui_image::protocol::Protocol;
use ratatui_image::protocol::halfblocks::Halfblocks;
use ratatui_image::protocol::iterm2::Iterm2;
use ratatui_image::protocol::kitty::Kitty;
use ratatui_image::protocol::sixel::Sixel;

use super::screen::Way;
use crate::tui::words::pictures as words;

/// Pixels of a cell where the terminal does not tell.
const CELL: (u16, u16) = (10, 20);
/// More pixels than this no cell has, whatever the terminal tells.
const LARGEST_CELL: u16 = 64;

/// A picture, ready to be drawn.
pub struct Drawn {
    /// As the terminal takes it.
    pub protocol: Protocol,
    /// Pixels of the original.
    pub pixels: (u32, u32),
    /// How it is drawn.
    pub way: Way,
    /// Its name in the terminal, where pictures have names.
    pub id: u32,
}

impl fmt::Debug for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drawn").field("pixels", &self.pixels).field("way", &self.way).finish()
    }
}

/// The pixels of a cell, from those of the whole terminal.
#[must_use]
pub(super) fn cell(pixels: (u16, u16), cells: (u16, u16)) -> (u16, u16) {
    let one = |pixels: u16, cells: u16, usual: u16| match pixels.checked_div(cells) {
        None | Some(0) => usual,
        Some(size) => size.min(LARGEST_CELL),
    };
    (one(pixels.0, cells.0, CELL.0), one(pixels.1, cells.1, CELL.1))
}

/// Prepares a picture for `room` cells of `cell` pixels each, at least one of each.
///
/// # Errors
/// In words: when it cannot be brought into the form.
pub(super) fn draw(
    image: DynamicImage,
    room: Size,
    cell: (u16, u16),
    way: Way,
    id: u32,
) -> Result<Drawn, String> {
    let pixels = (image.width(), image.height());
    let (across, down) = match way {
        // A half block is a pixel.
        Way::Blocks => (1, 2),
        Way::Kitty | Way::Iterm2 | Way::Sixel => (u32::from(cell.0), u32::from(cell.1)),
    };
    let most = (u32::from(room.width.max(1)) * across, u32::from(room.height.max(1)) * down);
    let fits = pixels.0 <= most.0 && pixels.1 <= most.1;
    let image = if fits { image } else { image.resize(most.0, most.1, FilterType::Triangle) };
    // Whole cells, so that nothing is stretched.
    let cells = (image.width().div_ceil(across), image.height().div_ceil(down));
    let mut whole = RgbaImage::new(cells.0 * across, cells.1 * down);
    imageops::overlay(&mut whole, &image.into_rgba8(), 0, 0);
    let whole = DynamicImage::from(whole);
    let size = Size { width: cells.0 as u16, height: cells.1 as u16 };
    let protocol = match way {
        Way::Kitty => Kitty::new(whole, size, id, false, false).map(Protocol::Kitty),
        Way::Iterm2 => Iterm2::new(whole, size, false).map(Protocol::ITerm2),
        Way::Sixel => Sixel::new(whole, size, false).map(Protocol::Sixel),
        Way::Blocks => Halfblocks::new(whole, size).map(Protocol::Halfblocks),
    };
    let protocol = protocol.map_err(|_| words::NOT_DRAWN.to_owned())?;
    Ok(Drawn { protocol, pixels, way, id })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_cell_has_the_pixels_the_terminal_tells() {
        assert_eq!(cell((1200, 800), (120, 40)), (10, 20));
        assert_eq!(cell((0, 0), (120, 40)), CELL);
        assert_eq!(cell((7, 7), (0, 0)), CELL);
        assert_eq!(cell((65_535, 65_535), (1, 1)), (64, 64));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn it_never_takes_more_than_its_room(
            (width, height) in (1..900u32, 1..900u32),
            (across, down) in (1..60u16, 1..30u16),
            way in prop_oneof![Just(Way::Kitty), Just(Way::Iterm2), Just(Way::Sixel), Just(Way::Blocks)],
        ) {
            let image = DynamicImage::from(RgbaImage::new(width, height));
            let drawn = draw(image, Size { width: across, height: down }, (10, 20), way, 7).unwrap();
            let size = drawn.protocol.size();
            prop_assert!((1..=across).contains(&size.width) && (1..=down).contains(&size.height));
        }
    }
}
