//! Pictures of 1, 2, 4 or 8 bits a pixel: grey, or with a palette (TIFF 6.0, section 5).

use image::RgbImage;
use tiff::decoder::{Decoder, DecodingResult, Limits};
use tiff::{ColorType, TiffError};

use super::pictures::PHOTOMETRIC;
use super::{Directory, File, kinds, mended};
use crate::photo::PhotoError;
use crate::photo::decode::DecodeSettings;

const PALETTE: u64 = 3;
const BITS: u16 = 258;
const SAMPLES: u16 = 277;
const COLOUR_MAP: u16 = 320;

/// Whether a directory's picture is one of these that the general decoder does not read.
pub(super) fn is_indexed(file: &File<'_>, directory: &Directory) -> bool {
    let photometric = file.number(directory, PHOTOMETRIC);
    let single = file.number(directory, SAMPLES).unwrap_or(1) == 1;
    let bits = file.number(directory, BITS).unwrap_or(1);
    photometric == Some(PALETTE) || single && matches!((photometric, bits), (Some(0 | 1), 2 | 4))
}

/// Decodes the picture of a directory to RGB. Width and height are the directory's, and are proved.
pub(super) fn decode(
    file: &File<'_>,
    directory: &Directory,
    (width, height): (u32, u32),
    settings: &DecodeSettings,
) -> Result<RgbImage, PhotoError> {
    let bits = file.number(directory, BITS).unwrap_or(1);
    let (1 | 2 | 4 | 8, Ok(bits)) = (bits, u8::try_from(bits)) else {
        return Err(kinds::other(file, directory));
    };
    let colours = colours(file, directory, bits).ok_or(PhotoError::Damaged(None))?;
    let pixels = u64::from(width) * u64::from(height);
    // Pixels as they are stored, twice where strips are read; and as they become.
    let stored = u64::from(width.div_ceil(8 / u32::from(bits))) * u64::from(height);
    settings.check(width, height, 3 * pixels + 2 * stored)?;

    let failure = |cause| match cause {
        TiffError::UnsupportedError(_) => kinds::other(file, directory),
        cause => PhotoError::Damaged(Some(cause.into())),
    };
    let reader = if file.number(directory, PHOTOMETRIC) == Some(PALETTE) {
        mended::with_indices(file, directory)
    } else {
        mended::mended(file, directory)
    };
    let mut limits = Limits::default();
    limits.decoding_buffer_size = usize::try_from(stored).unwrap_or(usize::MAX);
    limits.intermediate_buffer_size = file.bytes.len();
    let mut decoder = Decoder::new(reader).map_err(failure)?.with_limits(limits);
    if decoder.colortype().map_err(failure)? != ColorType::Gray(bits) {
        return Err(kinds::other(file, directory));
    }
    let DecodingResult::U8(values) = decoder.read_image().map_err(failure)? else {
        return Err(kinds::other(file, directory));
    };
    let row_bytes = width.div_ceil(8 / u32::from(bits)) as usize;
    if values.len() < row_bytes * height as usize {
        return Err(PhotoError::Damaged(None));
    }
    let mut photo = Vec::with_capacity(3 * width as usize * height as usize);
    for row in values.chunks_exact(row_bytes).take(height as usize) {
        let indices = row.iter().flat_map(|byte| {
            (0..8 / bits)
                .rev()
                .map(move |place| (byte >> (place * bits)) & mask(bits))
        });
        for index in indices.take(width as usize) {
            photo.extend(colours.get(usize::from(index)).copied().unwrap_or_default());
        }
    }
    RgbImage::from_raw(width, height, photo)
        .ok_or_else(|| PhotoError::internal("indices did not fit their size"))
}

const fn mask(bits: u8) -> u8 {
    0xFF >> (8 - bits)
}

/// What each index means: from the palette, or a step of grey.
fn colours(file: &File<'_>, directory: &Directory, bits: u8) -> Option<Vec<[u8; 3]>> {
    let count = 1 << bits;
    if file.number(directory, PHOTOMETRIC)? != PALETTE {
        let grey = |index: usize| [u8::try_from(index * 255 / (count - 1)).unwrap_or(255); 3];
        return Some((0..count).map(grey).collect());
    }
    let map = file.find(directory, COLOUR_MAP)?;
    // All red values, then green, then blue ones.
    let values: Vec<u64> = (0..3 * count)
        .map_while(|index| file.value(&map, index))
        .collect();
    if values.len() < 3 * count || map.count < values.len() as u64 {
        return None;
    }
    // Some programs write 8 bits instead of 16, as libtiff knows.
    let shift = if values.iter().all(|value| *value < 256) {
        0
    } else {
        8
    };
    let value = |index: usize| (values[index] >> shift).min(255) as u8;
    Some(
        (0..count)
            .map(|index| [value(index), value(count + index), value(2 * count + index)])
            .collect(),
    )
}
