//! What the pictures are called that are not decoded.

use super::mended::TILE_OFFSETS;
use super::pictures::{COMPRESSION, PHOTOMETRIC, STRIP_OFFSETS};
use super::{Directory, File};
use crate::photo::PhotoError;

const BITS: u16 = 258;
const FORMAT: u16 = 339;
const FLOATING_POINT: u64 = 3;
const FILL_ORDER: u16 = 266;
const SAMPLES: u16 = 277;
const PLANES: u16 = 284;
const PREDICTOR: u16 = 317;
const TILE_WIDTH: u16 = 322;

/// Refuses a picture by its name where it is known that it cannot be decoded.
pub(super) fn check(file: &File<'_>, directory: &Directory) -> Result<(), PhotoError> {
    let compression = file.number(directory, COMPRESSION).unwrap_or(1);
    // As libtiff lists them (tiff.h).
    let by = match compression {
        1 | 4 | 5 | 7 | 8 | 32_773 | 32_946 => None,
        2 | 3 | 32_771 => Some("as Group 3 fax"),
        6 => Some("by old-style JPEG in several parts"),
        9 | 10 => Some("by JBIG"),
        33_003 | 33_005 | 34_712 => Some("by JPEG 2000"),
        34_676 | 34_677 => Some("by SGI's LogLuv"),
        34_887 => Some("by LERC"),
        34_892 => Some("by lossy JPEG of DNG"),
        34_925 => Some("by LZMA"),
        34_926 | 50_000 => Some("by Zstandard"),
        34_927 | 50_001 => Some("by WebP"),
        50_002 | 52_546 => Some("by JPEG XL"),
        _ => Some("by an unknown method"),
    };
    if let Some(by) = by {
        return Err(PhotoError::kind(format!(
            "a TIFF that is compressed {by} (number {compression})"
        )));
    }
    // In each of these cases the decoder gives something else than the picture, or fails.
    let is = |tag: u16, value: u64| file.number(directory, tag) == Some(value);
    let tiled = file.find(directory, TILE_WIDTH).is_some();
    let odd = if is(FILL_ORDER, 2) && compression != 7 {
        Some("a TIFF whose bits are in reverse order")
    } else if is(PLANES, 2) && tiled {
        Some("a TIFF with tiles and separate colour planes")
    } else if file.number(directory, PREDICTOR) > Some(1) && file.number(directory, SAMPLES) > Some(4) {
        Some("a TIFF with a predictor and more than four samples per pixel")
    } else if compression == 5 && is_old_lzw(file, directory) {
        Some("a TIFF that is compressed by old-style LZW")
    } else {
        None
    };
    if let Some(odd) = odd {
        return Err(PhotoError::kind(odd));
    }
    // The decoder takes whole numbers of 32 bits for floating-point ones.
    let floating = file.number(directory, FORMAT) == Some(FLOATING_POINT);
    if file.number(directory, BITS).is_some_and(|bits| bits > 16) && !floating {
        return Err(other(file, directory));
    }
    let colours = match (file.number(directory, PHOTOMETRIC), compression) {
        (Some(4), _) => "a TIFF with a mask and without a picture",
        (Some(6), compression) if compression != 7 => "a TIFF in YCbCr, but without JPEG",
        (Some(8..=10), _) => "a TIFF in the CIE L*a*b* colour space",
        (Some(32_844 | 32_845), _) => "a TIFF in the LogLuv colour space",
        _ => return Ok(()),
    };
    Err(PhotoError::kind(colours))
}

/// Whether codes begin at the lowest bit, as before TIFF 6.0: the first code, which clears the table, shows it.
fn is_old_lzw(file: &File<'_>, directory: &Directory) -> bool {
    let first = [TILE_OFFSETS, STRIP_OFFSETS]
        .into_iter()
        .find_map(|tag| file.number(directory, tag));
    let start = first.and_then(|place| usize::try_from(place).ok());
    let code = start.and_then(|start| file.bytes.get(start..)?.first_chunk());
    matches!(code, Some([0, second]) if second & 1 == 1)
}

/// A name for a picture that turned out to be of a kind that cannot be decoded.
pub(super) fn other(file: &File<'_>, directory: &Directory) -> PhotoError {
    let bits = file.number(directory, BITS).unwrap_or(1);
    let samples = file.number(directory, SAMPLES).unwrap_or(1);
    let format = match file.number(directory, FORMAT).unwrap_or(1) {
        1 => "whole numbers",
        2 => "signed numbers",
        FLOATING_POINT => "floating-point numbers",
        _ => "numbers of an unknown type",
    };
    PhotoError::kind(format!(
        "a TIFF whose samples ({samples} per pixel) are {format} of {bits} bits"
    ))
}
