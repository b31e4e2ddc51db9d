//! JPEG in TIFF (TIFF technical note 2): strips or tiles, each a JPEG file without the tables that all have in common.

use image::{GenericImage, RgbImage};

use super::pictures::{JPEG_TABLES, PHOTOMETRIC, STRIP_BYTES, STRIP_OFFSETS};
use super::{Directory, File};
use crate::photo::PhotoError;
use crate::photo::decode::{self, DecodeSettings, exif};

/// The most strips or tiles: each costs the decoder time, also an empty one.
const CHUNKS: u64 = 65_536;
/// How often the file's bytes may be read in all, as chunks may be the same ones.
const TIMES: u64 = 4;

const START_OF_IMAGE: [u8; 2] = [0xFF, 0xD8];
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];
const START_OF_SCAN: u8 = 0xDA;

/// Decodes the picture of a directory to RGB. Width and height are the directory's, and are proved.
pub(super) fn decode(
    file: &File<'_>,
    directory: &Directory,
    (width, height): (u32, u32),
    settings: &DecodeSettings,
) -> Result<RgbImage, PhotoError> {
    let damaged = || PhotoError::Damaged(None);
    let transform = transform(file, directory)?;
    let layout = Layout::new(file, directory, (width, height)).ok_or_else(damaged)?;
    let canvas = 3 * u64::from(width) * u64::from(height);
    settings.check(width, height, canvas)?;
    let tables = file.bytes_of(directory, JPEG_TABLES).unwrap_or_default();
    let mut photo = RgbImage::new(width, height);
    let mut allowed = TIMES * file.bytes.len() as u64;
    for index in 0..layout.across * layout.down {
        let (x, y) = (
            index % layout.across * layout.width,
            index / layout.across * layout.height,
        );
        let chunk = layout.chunk(file, index as usize).ok_or_else(damaged)?;
        let jpeg = whole(tables, chunk, transform).ok_or_else(damaged)?;
        allowed = allowed.checked_sub(jpeg.len() as u64).ok_or_else(damaged)?;
        let beside = canvas + jpeg.len() as u64;
        let settings = DecodeSettings {
            max_memory: settings.max_memory.saturating_sub(beside),
            ..*settings
        };
        let too_large = |cause| match cause {
            PhotoError::TooManyPixels { .. } => PhotoError::TooManyPixels { width, height },
            cause => cause,
        };
        let (wide, high) = decode::dimensions(&jpeg, &settings).map_err(too_large)?;
        if wide > layout.width || high > layout.height {
            return Err(damaged());
        }
        let part = decode::decode(&jpeg, &settings).map_err(too_large)?;
        let (wide, high) = ((width - x).min(layout.width), (height - y).min(layout.height));
        if part.width() < wide || part.height() < high {
            return Err(damaged());
        }
        let part = image::GenericImageView::view(&part, 0, 0, wide, high);
        photo.copy_from(&*part, x, y).map_err(PhotoError::internal)?;
    }
    if file.number(directory, PHOTOMETRIC) == Some(0) {
        image::imageops::invert(&mut photo);
    }
    Ok(photo)
}

/// What Adobe's segment must say of the colours: 1 of YCbCr, 0 of RGB; nothing of grey.
fn transform(file: &File<'_>, directory: &Directory) -> Result<Option<u8>, PhotoError> {
    const PLANES: u16 = 284;
    const BITS: u16 = 258;
    const SEPARATE: u64 = 2;
    if file.number(directory, PLANES) == Some(SEPARATE) {
        return Err(PhotoError::kind("a TIFF of JPEG with each colour for itself"));
    }
    let bits = file.number(directory, BITS).unwrap_or(8);
    if bits != 8 {
        return Err(PhotoError::kind(format!(
            "a TIFF of JPEG with {bits} bits a sample"
        )));
    }
    match file.number(directory, PHOTOMETRIC) {
        Some(0 | 1) => Ok(None),
        Some(2) => Ok(Some(0)),
        Some(6) => Ok(Some(1)),
        Some(5) => Err(PhotoError::kind("a TIFF of JPEG in CMYK")),
        _ => Err(PhotoError::kind("a TIFF of JPEG in colours of its own")),
    }
}

/// How the picture is cut.
struct Layout {
    /// Of a strip or tile, in pixels; at most the picture's for strips.
    width: u32,
    height: u32,
    across: u32,
    down: u32,
    offsets: super::Entry,
    bytes: super::Entry,
}

impl Layout {
    fn new(file: &File<'_>, directory: &Directory, (width, height): (u32, u32)) -> Option<Self> {
        const ROWS: u16 = 278;
        const TILE_WIDTH: u16 = 322;
        const TILE_HEIGHT: u16 = 323;
        const TILE_OFFSETS: u16 = 324;
        const TILE_BYTES: u16 = 325;
        let tiles = file.find(directory, TILE_OFFSETS);
        let (wide, high, offsets, bytes) = if let Some(offsets) = tiles {
            let wide = file.number_32(directory, TILE_WIDTH)?;
            let high = file.number_32(directory, TILE_HEIGHT)?;
            (wide, high, offsets, file.find(directory, TILE_BYTES)?)
        } else {
            let rows = file.number(directory, ROWS).unwrap_or(u64::from(height));
            // 2^32 - 1 rows and more mean all.
            let high = u32::try_from(rows).unwrap_or(height).min(height);
            let offsets = file.find(directory, STRIP_OFFSETS)?;
            (width, high, offsets, file.find(directory, STRIP_BYTES)?)
        };
        if wide == 0 || high == 0 {
            return None;
        }
        let (across, down) = (width.div_ceil(wide), height.div_ceil(high));
        let chunks = u64::from(across) * u64::from(down);
        (chunks <= CHUNKS && offsets.count >= chunks && bytes.count >= chunks).then_some(Self {
            width: wide,
            height: high,
            across,
            down,
            offsets,
            bytes,
        })
    }

    fn chunk<'a>(&self, file: &File<'a>, index: usize) -> Option<&'a [u8]> {
        let start = usize::try_from(file.value(&self.offsets, index)?).ok()?;
        let length = usize::try_from(file.value(&self.bytes, index)?).ok()?;
        file.bytes.get(start..start.checked_add(length)?)
    }
}

/// The JPEG file that a strip or tile is, with the tables in it, and with colours as said.
fn whole(tables: &[u8], chunk: &[u8], transform: Option<u8>) -> Option<Vec<u8>> {
    /// Segment 14, of 14 bytes, version 100, without flags.
    const ADOBE: &[u8] = b"\xFF\xEE\0\x0EAdobe\0\x64\0\0\0\0";
    const APPLICATION_0: u8 = 0xE0;
    const APPLICATION_15: u8 = 0xEF;
    let tables = tables.strip_prefix(&START_OF_IMAGE).unwrap_or_default();
    let tables = tables.strip_suffix(&END_OF_IMAGE).unwrap_or(tables);
    let mut jpeg = Vec::with_capacity(32 + tables.len() + chunk.len());
    jpeg.extend(START_OF_IMAGE);
    if let Some(transform) = transform {
        jpeg.extend(ADOBE);
        jpeg.push(transform);
    }
    jpeg.extend(tables);
    let mut rest = chunk.strip_prefix(&START_OF_IMAGE)?;
    while let Some((marker, content, after)) = segment(rest) {
        if marker == START_OF_SCAN {
            break;
        }
        // What the segments say of colours counts less than what the directory says.
        if !(APPLICATION_0..=APPLICATION_15).contains(&marker) {
            jpeg.extend([0xFF, marker]);
            jpeg.extend(content);
        }
        rest = after;
    }
    jpeg.extend(rest);
    if !jpeg.ends_with(&END_OF_IMAGE) {
        jpeg.extend(END_OF_IMAGE);
    }
    Some(jpeg)
}

/// Width and height of a JPEG file that is sequential or progressive, of 8 bits a sample.
pub(super) fn size(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut rest = bytes.strip_prefix(&START_OF_IMAGE)?;
    while let Some((marker, content, after)) = segment(rest) {
        match (marker, content) {
            (0xC0..=0xC2, [_, _, 8, high, low, wide_high, wide_low, ..]) => {
                let height = u64::from(u16::from_be_bytes([*high, *low]));
                let width = u64::from(u16::from_be_bytes([*wide_high, *wide_low]));
                return Some((width, height));
            }
            (0xC0..=0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF | START_OF_SCAN, _) => return None,
            _ => rest = after,
        }
    }
    None
}

/// Whether a JPEG file says itself how it must be turned.
pub(super) fn has_orientation(bytes: &[u8]) -> bool {
    const APPLICATION_1: u8 = 0xE1;
    const EXIF: &[u8] = b"Exif\0\0";
    let mut rest = bytes.strip_prefix(&START_OF_IMAGE).unwrap_or_default();
    while let Some((marker, content, after)) = segment(rest) {
        if marker == START_OF_SCAN {
            return false;
        }
        let content = content.get(2..).unwrap_or_default();
        if marker == APPLICATION_1 && content.starts_with(EXIF) {
            return exif::orientation(content).is_some();
        }
        rest = after;
    }
    false
}

/// The next segment: its marker, its content from its length on, and what follows.
fn segment(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    const PREFIX: u8 = 0xFF;
    let code = bytes
        .iter()
        .position(|byte| *byte != PREFIX)
        .filter(|prefixes| *prefixes > 0)?;
    let (marker, rest) = (bytes[code], &bytes[code + 1..]);
    let length = usize::from(u16::from_be_bytes(*rest.first_chunk()?));
    (length >= 2 && length <= rest.len()).then(|| {
        let (content, after) = rest.split_at(length);
        (marker, content, after)
    })
}
