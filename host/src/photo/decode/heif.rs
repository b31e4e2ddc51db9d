//! AVIF and HEIC, by libheif, which keeps count of what it allocates.

use image::{RgbImage, RgbaImage};
use libheif_rs::{
    ColorSpace, DecodingOptions, HeifContext, HeifError, HeifErrorCode, HeifErrorSubCode, LibHeif, RgbChroma,
};

use super::{DecodeSettings, PhotoError, colour, on_white};

/// Bytes a pixel at the worst moment: two sets of planes with 8 bits and half the colours (the one that is turned and
/// the one that comes of it) and the RGB picture; then that picture and the one that is handed on.
const BYTES_A_PIXEL: u64 = 6;

/// Brands of files that are read here (ISO/IEC 23000-22, annex B of ISO/IEC 23008-12).
const BRANDS: [&[u8; 4]; 10] = [
    b"avif", b"avis", b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1",
];

/// Whether a file says that it is AVIF or HEIC; what it says is looked at, and may still be wrong.
pub(super) fn is_heif(bytes: &[u8]) -> bool {
    bytes.get(4..8) == Some(b"ftyp")
        && bytes
            .get(8..12)
            .is_some_and(|brand| BRANDS.iter().any(|known| *known == brand))
}

/// Decodes the primary picture, turned and cropped as the file says.
pub(super) fn decode(bytes: &[u8], settings: &DecodeSettings) -> Result<RgbImage, PhotoError> {
    let library = LibHeif::new_checked().map_err(PhotoError::internal)?;
    let mut context = HeifContext::new().map_err(PhotoError::internal)?;
    let mut limits = context.security_limits();
    limits.set_max_image_size_pixels(settings.max_pixels);
    limits.set_max_memory_block_size(settings.max_memory);
    limits.set_max_total_memory(settings.max_memory);
    context
        .set_security_limits(&limits)
        .map_err(PhotoError::internal)?;
    // Photos run side by side already.
    context.set_max_decoding_threads(0);
    context
        .read_bytes(bytes)
        .map_err(|cause| failure(cause, (0, 0)))?;
    let handle = context
        .primary_image_handle()
        .map_err(|cause| failure(cause, (0, 0)))?;

    let (width, height) = (handle.width(), handle.height());
    let deep = u64::from(handle.luma_bits_per_pixel().max(handle.chroma_bits_per_pixel()) > 8);
    let memory = u64::from(width)
        * u64::from(height)
        * (BYTES_A_PIXEL + 4 * deep + 2 * u64::from(handle.has_alpha_channel()));
    settings.check(width, height, memory)?;
    // The part that is shown may be small, and what it is cut out of is not.
    let stored = |side: i32| u32::try_from(side).unwrap_or(0);
    let (stored_width, stored_height) = (stored(handle.ispe_width()), stored(handle.ispe_height()));
    settings.check(
        stored_width,
        stored_height,
        3 * u64::from(stored_width) * u64::from(stored_height),
    )?;

    let mut options =
        DecodingOptions::new().ok_or_else(|| PhotoError::internal("libheif gave no options"))?;
    options.set_convert_hdr_to_8bit(true);
    options.set_strict_decoding(true);
    options.set_num_codec_threads(1);
    let alpha = handle.has_alpha_channel();
    let (chroma, channels) = if alpha {
        (RgbChroma::Rgba, 4)
    } else {
        (RgbChroma::Rgb, 3)
    };
    let picture = library
        .decode(&handle, ColorSpace::Rgb(chroma), Some(options))
        .map_err(|cause| failure(cause, (width, height)))?;
    let planes = picture.planes();
    let plane = planes.interleaved.ok_or(PhotoError::Damaged(None))?;
    let row_bytes = plane.width as usize * channels;
    if plane.width != width || plane.height != height || plane.stride < row_bytes {
        return Err(PhotoError::Damaged(None));
    }
    let mut values = Vec::with_capacity(row_bytes * plane.height as usize);
    for row in plane.data.chunks(plane.stride).take(plane.height as usize) {
        values.extend_from_slice(row.get(..row_bytes).ok_or(PhotoError::Damaged(None))?);
    }
    drop(picture);
    let wrong_size = || PhotoError::internal("libheif gave fewer rows than it said");
    let mut rgb = if alpha {
        on_white(RgbaImage::from_raw(width, height, values).ok_or_else(wrong_size)?)?
    } else {
        RgbImage::from_raw(width, height, values).ok_or_else(wrong_size)?
    };
    if let Some(profile) = handle.color_profile_raw() {
        colour::to_srgb(&mut rgb, &profile.data);
    }
    Ok(rgb)
}

/// What an error of the library means for the caller.
fn failure(cause: HeifError, (width, height): (u32, u32)) -> PhotoError {
    match (cause.code, cause.sub_code) {
        (_, HeifErrorSubCode::SecurityLimitExceeded) => PhotoError::TooManyPixels { width, height },
        (HeifErrorCode::UnsupportedFileType | HeifErrorCode::UnsupportedFeature, _) => {
            PhotoError::NotAnImage(Some(cause.into()))
        }
        _ => PhotoError::Damaged(Some(cause.into())),
    }
}
