//! JPEG in TIFF (TIFF technical note 2): strips or tiles, each a JPEG file without the tables that all have in common.

use image::{GenericImage, RgbImage};

use super::mended::{self, TILE_BYTES, TILE_OFFSETS};
use super::pictures::{COMPRESSION, JPEG, JPEG_TABLES, PHOTOMETRIC, STRIP_BYTES, STRIP_OFFSETS};
use super::{Directory, File};
use crate::photo::PhotoError;
use crate::photo::decode::{self, DecodeSettings, exif};

/// The most strips or tiles: each costs the decoder time, also an empty one.
const CHUNKS: u64 = 65_536;
/// How often the file's bytes may be read in all, as chunks may be the same ones; bytes that may always be read.
const TIMES: u64 = 4;
const LEAST: u64 = 16 << 20;

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
    let mut allowed = LEAST.max(TIMES * file.bytes.len() as u64);
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
        // Where it has no size, its decoder says what it is.
        let size = size(&jpeg).unwrap_or_default();
        if size.0 > u64::from(layout.width) || size.1 > u64::from(layout.height) {
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

/// Whether a directory's picture is JPEG that is decoded here: grey, RGB or YCbCr, all colours together.
pub(super) fn is_whole(file: &File<'_>, directory: &Directory) -> bool {
    const PLANES: u16 = 284;
    const SEPARATE: u64 = 2;
    file.number(directory, COMPRESSION) == Some(JPEG)
        && file.number(directory, PLANES) != Some(SEPARATE)
        && matches!(file.number(directory, PHOTOMETRIC), Some(0..=2 | 6))
}

/// What Adobe's segment must say of the colours: 1 of YCbCr, 0 of RGB; nothing of grey.
fn transform(file: &File<'_>, directory: &Directory) -> Result<Option<u8>, PhotoError> {
    const BITS: u16 = 258;
    let bits = file.number(directory, BITS).unwrap_or(8);
    if bits != 8 {
        return Err(PhotoError::kind(format!(
            "a TIFF with JPEG compression and {bits} bits per sample"
        )));
    }
    Ok(match file.number(directory, PHOTOMETRIC) {
        Some(2) => Some(0),
        Some(6) => Some(1),
        _ => None,
    })
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
        let tiles = if mended::has_tiles_as_strips(file, directory) {
            (STRIP_OFFSETS, STRIP_BYTES)
        } else {
            (TILE_OFFSETS, TILE_BYTES)
        };
        let offsets = file.find(directory, tiles.0);
        let wide = file.number_32(directory, TILE_WIDTH);
        let (wide, high, offsets, bytes) = if let (Some(wide), Some(offsets)) = (wide, offsets) {
            let high = file.number_32(directory, TILE_HEIGHT)?;
            (wide, high, offsets, file.find(directory, tiles.1)?)
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

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::time::{Duration, Instant};

    use image::codecs::jpeg::JpegEncoder;
    use image::{GrayImage, ImageFormat};

    use super::*;

    const RED: [u8; 3] = [220, 40, 40];

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let photo = RgbImage::from_pixel(width, height, image::Rgb(RED));
        JpegEncoder::new_with_quality(&mut bytes, 90)
            .encode_image(&photo)
            .unwrap();
        bytes
    }

    /// A picture of this size in tiles of that one, which are all the same file.
    fn tiles(size: (u32, u32), tile: (u32, u32), photometric: u32, jpeg: &[u8]) -> Vec<u8> {
        let count = size.0.div_ceil(tile.0) * size.1.div_ceil(tile.1);
        let offsets = 8 + jpeg.len().next_multiple_of(2) as u32;
        let place = |values: u32, only: u32| if count == 1 { only } else { values };
        let entries = [
            (256, size.0, 1),
            (257, size.1, 1),
            (258, 8, 1),
            (259, 7, 1),
            (262, photometric, 1),
            (277, 3, 1),
            (322, tile.0, 1),
            (323, tile.1, 1),
            (324, place(offsets, 8), count),
            (325, place(offsets + 4 * count, jpeg.len() as u32), count),
        ];
        let mut file = b"II\x2A\0".to_vec();
        file.extend((offsets + 8 * count).to_le_bytes());
        file.extend(jpeg);
        file.resize(offsets as usize, 0);
        file.extend(8u32.to_le_bytes().repeat(count as usize));
        file.extend((jpeg.len() as u32).to_le_bytes().repeat(count as usize));
        file.extend((entries.len() as u16).to_le_bytes());
        for (tag, value, count) in entries {
            file.extend(u16::to_le_bytes(tag));
            file.extend([4, 0]);
            file.extend(u32::to_le_bytes(count));
            file.extend(u32::to_le_bytes(value));
        }
        file.extend([0; 4]);
        file
    }

    fn decoded(file: &[u8]) -> Result<RgbImage, PhotoError> {
        decode::decode(file, &DecodeSettings::default())
    }

    #[test]
    fn tiles_are_put_where_they_belong() {
        let photo = decoded(&tiles((40, 20), (16, 16), 6, &jpeg(16, 16))).unwrap();
        assert_eq!(photo.dimensions(), (40, 20));
        let near = |pixel: &image::Rgb<u8>| pixel.0.iter().zip(RED).all(|(a, b)| a.abs_diff(b) <= 4);
        assert!(photo.pixels().all(near));
    }

    #[test]
    fn tiles_of_another_size_than_said_are_damaged() {
        for jpeg in [jpeg(32, 16), jpeg(16, 8)] {
            let result = decoded(&tiles((40, 20), (16, 16), 6, &jpeg));
            assert!(matches!(result, Err(PhotoError::Damaged(_))), "{result:?}");
        }
    }

    #[test]
    fn many_tiles_of_the_same_bytes_are_refused_soon() {
        let started = Instant::now();
        // More than may be; and few enough, but each with a megabyte of comments.
        let many = tiles((5000, 5000), (16, 16), 6, &jpeg(16, 16));
        let comment = [&b"\xff\xfe\xff\xff"[..], &[0; 65_533]].concat();
        let (start, rest) = (&jpeg(16, 16)[..2], &jpeg(16, 16)[2..]);
        let long = tiles(
            (2000, 2000),
            (16, 16),
            6,
            &[start, &comment.repeat(16), rest].concat(),
        );
        for bomb in [many, long] {
            let result = decoded(&bomb);
            assert!(matches!(result, Err(PhotoError::Damaged(_))), "{result:?}");
        }
        assert!(started.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn room_is_counted_for_the_picture_and_a_tile() {
        let file = tiles((40, 20), (16, 16), 6, &jpeg(16, 16));
        let fits = |max_memory| {
            let settings = DecodeSettings {
                max_memory,
                ..DecodeSettings::default()
            };
            let result = decode::decode(&file, &settings);
            let too_much = |cause: &PhotoError| matches!(cause, PhotoError::TooMuchMemory { .. });
            assert!(result.as_ref().err().is_none_or(too_much), "{result:?}");
            result.is_ok()
        };
        let least = 40 * 20 * 3;
        assert!(!fits(least - 1));
        // A tile's pixels, and as many samples.
        assert!(!fits(least + 2 * 16 * 16 * 3));
        assert!(fits(least + 2 * 16 * 16 * 3 + 3 * jpeg(16, 16).len() as u64));
        let large = tiles((30_000, 30_000), (30_000, 30_000), 6, &jpeg(16, 16));
        assert!(matches!(decoded(&large), Err(PhotoError::TooManyPixels { .. })));
    }

    #[test]
    fn colours_that_are_not_decoded_are_called_by_their_names() {
        for photometric in [8, 9] {
            let cause = decoded(&tiles((16, 16), (16, 16), photometric, &jpeg(16, 16))).unwrap_err();
            assert!(matches!(cause, PhotoError::UnsupportedKind(_)), "{cause}");
        }
    }

    #[test]
    fn the_size_of_a_jpeg_is_found_before_its_pixels() {
        let file = jpeg(300, 17);
        assert_eq!(super::size(&file), Some((300, 17)));
        let mut grey = std::io::Cursor::new(Vec::new());
        GrayImage::new(9, 8)
            .write_to(&mut grey, ImageFormat::Jpeg)
            .unwrap();
        assert_eq!(super::size(grey.get_ref()), Some((9, 8)));
        for length in 0..file.len() {
            let size = super::size(&file[..length]);
            assert!(size.is_none_or(|size| size == (300, 17)), "{length}: {size:?}");
        }
        assert_eq!(
            super::size(b"\xff\xd8\xff\xc3\0\x0b\x08\0\x10\0\x10\x01\x01\x11\0"),
            None
        );
    }
}
