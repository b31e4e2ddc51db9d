//! HEIC, HEIF and AVIF, by libheif.
//!
//! The codecs behind it (libde265, libaom, dav1d) take the memory that the coded picture itself asks for, which may be
//! more than the file's header says; libheif refuses such a picture when it gets it.

use std::sync::LazyLock;

use image::{RgbImage, RgbaImage};
use libheif_rs::{
    Chroma, ColorProfileNCLX, ColorSpace, DecodingOptions, HeifContext, HeifError, HeifErrorCode,
    ImageHandle, LibHeif, RgbChroma,
};

use super::{DecodeSettings, PhotoError, colour, on_white};

/// The version whose limits the bindings describe. Another one reads limits behind the end of theirs.
const VERSION: [u8; 2] = [1, 23];
/// libheif's decoders, loaded once for all photos; none of another version.
static LIBRARY: LazyLock<Option<LibHeif>> =
    LazyLock::new(|| Some(LibHeif::new()).filter(|library| library.version()[..2] == VERSION));

/// Decodes the primary picture. libheif itself turns it as the file says; what EXIF says of that does not count.
pub(super) fn decode(bytes: &[u8], settings: &DecodeSettings) -> Result<RgbImage, PhotoError> {
    let context = open(bytes, settings)?;
    let picture = primary(&context, settings)?;
    let mut options = DecodingOptions::new()
        .ok_or_else(|| PhotoError::internal("libheif has no memory for its options"))?;
    options.set_convert_hdr_to_8bit(true);
    let alpha = picture.has_alpha_channel();
    let chroma = if alpha { RgbChroma::Rgba } else { RgbChroma::Rgb };
    let decoded = library()?
        .decode(&picture, ColorSpace::Rgb(chroma), Some(options))
        .map_err(failure)?;
    let planes = decoded.planes();
    let plane = planes.interleaved.ok_or(PhotoError::Damaged(None))?;
    // The coded picture may have another size than the file says.
    settings.check(plane.width, plane.height, 0)?;
    let row_bytes = plane.width as usize * if alpha { 4 } else { 3 };
    let mut values = Vec::with_capacity(row_bytes * plane.height as usize);
    // Rows are padded.
    for row in plane.data.chunks(plane.stride).take(plane.height as usize) {
        values.extend_from_slice(row.get(..row_bytes).ok_or(PhotoError::Damaged(None))?);
    }
    let (width, height) = (plane.width, plane.height);
    drop(decoded);

    let missing = || PhotoError::Damaged(None);
    let mut photo = if alpha {
        on_white(RgbaImage::from_raw(width, height, values).ok_or_else(missing)?)?
    } else {
        RgbImage::from_raw(width, height, values).ok_or_else(missing)?
    };
    if let Some(profile) = picture.color_profile_raw() {
        colour::to_srgb(&mut photo, &profile.data);
    } else if let Some(profile) = picture.color_profile_nclx() {
        from_primaries(&mut photo, &profile);
    }
    Ok(photo)
}

/// Width and height in pixels as the header says, after turning.
pub(super) fn dimensions(bytes: &[u8], settings: &DecodeSettings) -> Result<(u32, u32), PhotoError> {
    let context = open(bytes, settings)?;
    let picture = primary(&context, settings)?;
    Ok((picture.width(), picture.height()))
}

fn library() -> Result<&'static LibHeif, PhotoError> {
    LIBRARY.as_ref().ok_or_else(|| {
        PhotoError::internal("libheif is not of version 1.23; install that, or build it along")
    })
}

/// Reads the boxes of a file, within limits.
fn open<'a>(bytes: &'a [u8], settings: &DecodeSettings) -> Result<HeifContext<'a>, PhotoError> {
    library()?;
    let mut context: HeifContext<'a> = HeifContext::new().map_err(PhotoError::internal)?;
    let mut limits = context.security_limits();
    limits.set_max_image_size_pixels(settings.max_pixels);
    limits.set_max_memory_block_size(settings.max_memory);
    limits.set_max_color_profile_size(u32::try_from(settings.max_metadata).unwrap_or(u32::MAX));
    context
        .set_security_limits(&limits)
        .map_err(PhotoError::internal)?;
    // Photos are decoded side by side already.
    context.set_max_decoding_threads(0);
    context.read_bytes(bytes).map_err(failure)?;
    Ok(context)
}

/// The picture that stands for the file, when it is within limits.
fn primary(context: &HeifContext<'_>, settings: &DecodeSettings) -> Result<ImageHandle, PhotoError> {
    let picture = context.primary_image_handle().map_err(failure)?;
    let (width, height) = (picture.width(), picture.height());
    settings.check(width, height, worst_moment(&picture))?;
    Ok(picture)
}

/// The most bytes that are in use at a time: the planes twice, when the picture is turned or brought to eight bits, and
/// the pixels that are made of them; or those pixels twice.
fn worst_moment(picture: &ImageHandle) -> u64 {
    let pixels = u64::from(picture.width()) * u64::from(picture.height());
    let alpha = picture.has_alpha_channel();
    let deep = picture.luma_bits_per_pixel() > 8;
    // Samples of two pixels, so that they are whole numbers.
    let of_colour = match picture.preferred_decoding_colorspace() {
        Ok(ColorSpace::Monochrome) => 2,
        Ok(ColorSpace::YCbCr(Chroma::C420)) => 3,
        Ok(ColorSpace::YCbCr(Chroma::C422)) => 4,
        _ => 6,
    };
    let samples = of_colour + if alpha { 2 } else { 0 };
    let planes = pixels * samples * if deep { 2 } else { 1 } / 2;
    let made = pixels * if alpha { 4 } else { 3 };
    (2 * planes + made).max(2 * made)
}

/// Converts to sRGB from the primaries that a file names by numbers (ITU-T H.273). The wider range of a high dynamic
/// range picture (PQ, HLG) is not brought into that of sRGB.
fn from_primaries(photo: &mut RgbImage, profile: &ColorProfileNCLX) {
    use libheif_rs::TransferCharacteristics as Transfer;
    if !matches!(
        profile.transfer_characteristics(),
        Transfer::ITU_R_BT_2100_0_PQ | Transfer::ITU_R_BT_2100_0_HLG
    ) {
        // Numbers of eight bits in the file.
        colour::from_primaries(photo, profile.color_primaries() as u8);
    }
}

/// What an error of libheif means for the caller.
fn failure(cause: HeifError) -> PhotoError {
    match cause.code {
        HeifErrorCode::MemoryAllocationError => PhotoError::TooMuchMemory(cause.into()),
        HeifErrorCode::UnsupportedFileType | HeifErrorCode::UnsupportedFeature => {
            PhotoError::NotAnImage(cause.into())
        }
        _ => PhotoError::Damaged(Some(cause.into())),
    }
}

#[cfg(test)]
mod tests;
