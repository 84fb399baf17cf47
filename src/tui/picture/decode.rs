//! From the address of a picture to its pixels, with limits: the bytes may come from anybody.

use std::io::Cursor;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use image::{DynamicImage, ImageDecoder as _, ImageReader, Limits};

use crate::tui::words::pictures as words;

/// Pixels of a picture, at most.
const MOST_PIXELS: u64 = 50_000_000;
/// Bytes that a decoder may ask for.
const MOST_BYTES: u64 = 256 << 20;

/// The pixels.
///
/// # Errors
/// In words: when there are none, or too many.
pub(super) fn decode(address: &str) -> Result<DynamicImage, String> {
    let bytes = bytes(address).ok_or(words::BROKEN)?;
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format();
    let mut reader = reader.map_err(|_| words::BROKEN)?;
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|_| words::BROKEN)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_BYTES {
        return Err(words::too_large(width, height, MOST_PIXELS / 1_000_000));
    }
    let orientation = decoder.orientation().ok();
    let mut image = DynamicImage::from_decoder(decoder).map_err(|_| words::BROKEN)?;
    if let Some(orientation) = orientation {
        image.apply_orientation(orientation);
    }
    Ok(image)
}

/// What an address holds: `data:…;base64,…`, or nothing but base64, of either alphabet.
fn bytes(address: &str) -> Option<Vec<u8>> {
    let data = match address.strip_prefix("data:") {
        Some(rest) => rest.split_once(";base64,")?.1,
        None => address,
    };
    let lenient =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let url_safe = data.bytes().any(|byte| matches!(byte, b'-' | b'_'));
    let alphabet = if url_safe { &alphabet::URL_SAFE } else { &alphabet::STANDARD };
    GeneralPurpose::new(alphabet, lenient).decode(data).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use image::{ImageFormat, RgbaImage};

    fn file(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let image = DynamicImage::from(RgbaImage::new(width, height)).to_rgb8();
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_kind_of_picture_has_pixels() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let data = STANDARD.encode(file(7, 5, format));
            for address in [format!("data:image/x;name=a;base64,{data}"), data.clone()] {
                let image = decode(&address).unwrap();
                assert_eq!((image.width(), image.height()), (7, 5), "{format:?}");
            }
        }
    }

    #[test]
    fn broken_and_hostile_pictures_are_a_sentence() {
        let whole = file(64, 64, ImageFormat::Png);
        let mut bomb = whole.clone();
        // The size in the header, and the checksum that goes with it.
        bomb[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
        let checksum = crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&checksum.to_be_bytes());
        let said = decode(&STANDARD.encode(bomb)).unwrap_err();
        assert!(said.contains("65536×65536"), "{said}");
        for cut in [0, 8, 30, 60] {
            assert!(decode(&STANDARD.encode(&whole[..cut])).is_err(), "{cut}");
        }
        for address in ["", "data:image/png,AA", "data:image/png;base64,\u{1b}[31m", "AAAA"] {
            assert_eq!(decode(address).unwrap_err(), words::BROKEN, "{address}");
        }
    }

    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xEDB8_8320 * (crc & 1)))
        })
    }
}
