//! From the bytes of a file to upright RGB pixels.

mod bmp;
mod brand;
mod colour;
mod exif;
mod gif;
mod heif;
mod jpeg;
mod jxl;
mod photo;
mod png;
mod raw;
mod tiff;
mod webp;

use std::borrow::Cow;
use std::io::Cursor;

use bytes::Bytes;
use image::metadata::Orientation;
use image::{
    ColorType, DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage,
};

use super::PhotoError;
use super::turn::Turn;
pub use photo::{Look, Photo};

/// What a photo may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeSettings {
    /// Width times height, at most.
    pub max_pixels: u64,
    /// Width and height in pixels, each at most.
    pub max_side: u32,
    /// Bytes that decoding may take at its worst moment, the pixels included; foreseen from the header.
    pub max_memory: u64,
    /// Bytes of a colour profile and texts, unpacked, at most. A larger profile is ignored.
    pub max_metadata: u64,
    /// Scans of a progressive JPEG, at most; each goes over all its blocks.
    pub max_scans: usize,
}

impl Default for DecodeSettings {
    /// 100 megapixels, 30,000 pixels a side, 192 MiB: 67 megapixels of 8-bit RGB, or of JPEG 60 that are progressive and
    /// as many as are allowed of others; 16 MiB of metadata, 32 scans.
    fn default() -> Self {
        Self {
            max_pixels: 100_000_000,
            max_side: 30_000,
            max_memory: 192 << 20,
            max_metadata: 16 << 20,
            max_scans: 32,
        }
    }
}

impl DecodeSettings {
    /// Refuses a picture by the size that its header says.
    fn check_pixels(&self, width: u32, height: u32) -> Result<(), PhotoError> {
        let pixels = u64::from(width) * u64::from(height);
        if pixels == 0 {
            Err(PhotoError::Damaged(None))
        } else if width > self.max_side || height > self.max_side || pixels > self.max_pixels {
            Err(PhotoError::TooManyPixels { width, height })
        } else {
            Ok(())
        }
    }

    /// Refuses what takes more memory at its worst moment than is allowed.
    fn check_memory(&self, needed: u64) -> Result<(), PhotoError> {
        if needed > self.max_memory {
            Err(PhotoError::TooMuchMemory {
                needed,
                limit: self.max_memory,
            })
        } else {
            Ok(())
        }
    }

    /// Refuses a picture by what its header says, before memory for it is taken. `memory` is for its worst moment.
    fn check(&self, width: u32, height: u32, memory: u64) -> Result<(), PhotoError> {
        self.check_pixels(width, height)?;
        self.check_memory(memory)
    }
}

/// Decodes a photo to 8-bit RGB with all of its pixels and turns it upright as its EXIF orientation says.
///
/// The format is told by the content. Of an animation the first frame is taken, and transparent parts become white.
/// Pictures with an RGB colour profile (ICC) are converted to sRGB; grey and CMYK ones are converted without their
/// profile, and the wider range of a high dynamic range picture is cut off. Limits are checked against the header, before
/// memory for pixels is taken.
///
/// # Errors
/// [`PhotoError::EmptyBody`], [`PhotoError::NotAnImage`], [`PhotoError::UnsupportedKind`],
/// [`PhotoError::TooManyPixels`], [`PhotoError::TooMuchMemory`], [`PhotoError::TooMuchMetadata`],
/// [`PhotoError::TooManyScans`] or [`PhotoError::Damaged`].
pub fn decode(bytes: &[u8], settings: &DecodeSettings) -> Result<RgbImage, PhotoError> {
    let photo = Photo::read(Bytes::copy_from_slice(bytes), settings, Look::whole())?;
    Ok(photo.into_overview().into_pixels())
}

/// A picture as its file stores it.
struct Stored {
    source: Source,
    size: (u32, u32),
    orientation: Orientation,
    profile: Option<Vec<u8>>,
}

impl Stored {
    /// Pixels that are upright and in sRGB.
    fn upright(pixels: RgbImage) -> Self {
        Self {
            size: pixels.dimensions(),
            orientation: Orientation::NoTransforms,
            profile: None,
            source: Source::Pixels(pixels),
        }
    }
}

impl From<jpeg::File> for Stored {
    fn from(file: jpeg::File) -> Self {
        Self {
            size: file.dimensions(),
            orientation: file.orientation,
            profile: file.profile.clone(),
            source: Source::Jpeg(file),
        }
    }
}

/// Where the pixels of a photo come from.
enum Source {
    /// Decoded again for each part, as far as it is looked at.
    Jpeg(jpeg::File),
    /// All pixels, as they are stored.
    Pixels(RgbImage),
}

/// Reads a file: as a whole, but for JPEG, of which the markers are read.
fn read(bytes: &Bytes, settings: &DecodeSettings, look: Look) -> Result<Stored, PhotoError> {
    if brand::is_heif(bytes) {
        return heif::decode(bytes, settings).map(Stored::upright);
    }
    if jxl::is_jxl(bytes) {
        return jxl::decode(bytes, settings).map(Stored::upright);
    }
    if is_jpeg(bytes) {
        return Ok(jpeg::File::open(bytes, settings)?.into());
    }
    if let Some(within) = tiff::embedded_jpeg(bytes) {
        let mut stored = Stored::from(jpeg::File::open(&bytes.slice(within.range), settings)?);
        stored.orientation = within.orientation.unwrap_or(stored.orientation);
        return Ok(stored);
    }
    if tiff::is_tiff(bytes) {
        return tiff::decode(bytes, settings).map(Stored::upright);
    }
    if gif::is_gif(bytes) {
        return gif::decode(bytes, settings).map(Stored::upright);
    }
    let shown = if png::is_png(bytes) {
        png::as_shown(bytes)
    } else {
        bmp::as_known(bytes)
    };
    let copied = match &shown {
        Cow::Owned(copy) => copy.len() as u64,
        Cow::Borrowed(_) => 0,
    };
    let bytes = &*shown;
    let (format, mut decoder) = open(bytes, settings)?;
    let (width, height) = decoder.dimensions();
    // EXIF that cannot be read is no reason to refuse a picture that can.
    let orientation = match format {
        ImageFormat::WebP => decoder
            .exif_metadata()
            .ok()
            .flatten()
            .and_then(|block| exif::orientation(&block)),
        ImageFormat::Png => png::exif(bytes).and_then(exif::orientation),
        _ => decoder.orientation().ok(),
    }
    .unwrap_or(Orientation::NoTransforms);
    let (_, turning) = overview((width, height), orientation, look, settings.max_memory);
    let memory = copied + worst_moment(&decoder, format, bytes).max(turning);
    settings.check(width, height, memory)?;
    if format == ImageFormat::WebP {
        let tables = webp::code_bytes(bytes, (width, height), settings.max_memory);
        let tables = tables.ok_or(PhotoError::Damaged(None))?;
        settings.check(width, height, memory.saturating_add(tables))?;
    }
    let profile = match decoder.color_type() {
        ColorType::L8 | ColorType::La8 | ColorType::L16 | ColorType::La16 => None,
        _ => decoder.icc_profile().ok().flatten(),
    };
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(failure)?;
    if format == ImageFormat::Bmp {
        bmp::show_invisible(&mut decoded);
    }
    let pixels = to_rgb(decoded)?;
    Ok(Stored {
        size: pixels.dimensions(),
        orientation,
        profile,
        source: Source::Pixels(pixels),
    })
}

/// By how much an overview of decoded pixels is reduced, and the bytes that are in use while it is made and turned
/// upright. Where there is no room for an overview beside them, they are the overview.
fn overview(size: (u32, u32), orientation: Orientation, look: Look, max_memory: u64) -> (u32, u64) {
    let bytes = 3 * u64::from(size.0) * u64::from(size.1);
    let reduction = look.reduction(size);
    let turns = !Turn::new(orientation).is_none();
    let copies = if turns { 2 } else { 1 };
    let reduced = bytes + copies * bytes / (u64::from(reduction) * u64::from(reduction));
    if reduction == 1 || (!turns && reduced > max_memory) {
        (1, bytes * copies)
    } else {
        (reduction, reduced)
    }
}

fn is_jpeg(bytes: &[u8]) -> bool {
    matches!(image::guess_format(bytes), Ok(ImageFormat::Jpeg))
}

/// Width and height of a photo in pixels as its header says, before it is turned upright.
///
/// # Errors
/// Those of [`decode`], as far as the header tells.
pub fn dimensions(bytes: &[u8], settings: &DecodeSettings) -> Result<(u32, u32), PhotoError> {
    if brand::is_heif(bytes) {
        return heif::dimensions(bytes, settings);
    }
    if jxl::is_jxl(bytes) {
        return jxl::dimensions(bytes, settings);
    }
    if is_jpeg(bytes) {
        return jpeg::dimensions(bytes, settings);
    }
    if let Some(within) = tiff::embedded_jpeg(bytes) {
        return jpeg::dimensions(bytes.get(within.range).unwrap_or_default(), settings);
    }
    if tiff::is_tiff(bytes) {
        return tiff::dimensions(bytes, settings);
    }
    if gif::is_gif(bytes) {
        return gif::dimensions(bytes, settings);
    }
    Ok(open(&bmp::as_known(bytes), settings)?.1.dimensions())
}

/// Reads the header and checks the limits against it.
fn open<'a>(
    bytes: &'a [u8],
    settings: &DecodeSettings,
) -> Result<(ImageFormat, impl ImageDecoder + 'a), PhotoError> {
    if bytes.is_empty() {
        return Err(PhotoError::EmptyBody);
    }
    let format = image::guess_format(bytes).map_err(|cause| {
        raw::name(bytes).map_or_else(|| PhotoError::NotAnImage(cause.into()), PhotoError::kind)
    })?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(match format {
        // That decoder takes no memory for pixels, but for metadata and a few rows, which are small beside that.
        ImageFormat::Png => settings.max_metadata,
        _ => settings.max_memory,
    });
    prove_head(format, bytes, settings)?;
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|cause| match cause {
        ImageError::Limits(_) => too_much_metadata(settings),
        _ => failure(cause),
    })?;

    let (width, height) = decoder.dimensions();
    // The size first: reading metadata of what is refused anyway is in vain.
    settings.check(width, height, decoder.total_bytes())?;
    Ok((format, decoder))
}

/// The most bytes that are in use at a time while this picture is decoded and converted.
fn worst_moment(decoder: &impl ImageDecoder, format: ImageFormat, bytes: &[u8]) -> u64 {
    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    let (decoded, rgb) = (decoder.total_bytes(), 3 * pixels);
    // What decoders keep besides the pixels that they give.
    let beside = match format {
        // A canvas with transparency and a frame of it, or the planes of a lossy one.
        ImageFormat::WebP if webp::is_animated(bytes) => 2 * 4 * pixels,
        ImageFormat::WebP => 4 * pixels,
        // Strips or tiles as they lie in the file.
        ImageFormat::Tiff => decoded,
        _ => 0,
    };
    let decoding = decoded.saturating_add(beside);
    let converting = match decoder.color_type() {
        ColorType::Rgb8 => 0,
        // Within its own buffer.
        ColorType::Rgba8 => decoded,
        ColorType::La8 | ColorType::La16 | ColorType::Rgba16 | ColorType::Rgba32F => decoded + 4 * pixels,
        _ => decoded + rgb,
    };
    decoding.max(converting)
}

/// Looks at what decoders read before they take any limit.
fn prove_head(format: ImageFormat, bytes: &[u8], settings: &DecodeSettings) -> Result<(), PhotoError> {
    match format {
        ImageFormat::Bmp if bmp::holds_another(bytes) => Err(PhotoError::kind(
            "a BMP that contains a JPEG or PNG, as used for printers",
        )),
        ImageFormat::Png if png::is_apple_s(bytes) => Err(PhotoError::kind(
            "an Apple-specific PNG (CgBI), as used inside apps",
        )),
        ImageFormat::Png if !png::has_few_chunks(bytes) => Err(PhotoError::Damaged(None)),
        ImageFormat::Png => {
            png::size(bytes).map_or(Ok(()), |(width, height)| settings.check(width, height, 0))
        }
        _ => Ok(()),
    }
}

/// What a decoder's error means for the caller. By then the size is known to be within limits: a file that goes beyond
/// them all the same does not fit its header.
fn failure(cause: ImageError) -> PhotoError {
    match cause {
        ImageError::Unsupported(_) => PhotoError::NotAnImage(cause.into()),
        _ => PhotoError::Damaged(Some(cause.into())),
    }
}

fn too_much_metadata(settings: &DecodeSettings) -> PhotoError {
    PhotoError::TooMuchMetadata {
        limit: settings.max_metadata,
    }
}

/// Converts to RGB; moves the buffer when it is RGB already.
fn to_rgb(image: DynamicImage) -> Result<RgbImage, PhotoError> {
    if image.color().has_alpha() {
        on_white(image.into_rgba8())
    } else {
        Ok(image.into_rgb8())
    }
}

/// Lays a picture on white, within its own buffer.
fn on_white(image: RgbaImage) -> Result<RgbImage, PhotoError> {
    let (width, height) = image.dimensions();
    let mut values = image.into_raw();
    let count = values.len() / 4;
    for pixel in 0..count {
        let alpha = u16::from(values[4 * pixel + 3]);
        for channel in 0..3 {
            let value = u16::from(values[4 * pixel + channel]);
            // Rounded; at most 255, so `as` loses nothing.
            values[3 * pixel + channel] = ((value * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
        }
    }
    values.truncate(3 * count);
    // The photo lives long, and its room is counted with three bytes a pixel.
    values.shrink_to_fit();
    RgbImage::from_raw(width, height, values)
        .ok_or_else(|| PhotoError::internal("an RGB buffer did not fit its size"))
}

#[cfg(test)]
mod kinds_tests;
#[cfg(test)]
mod modern_tests;
#[cfg(test)]
mod tests;
