//! From a TIFF file to upright RGB pixels.

use image::codecs::tiff::TiffDecoder;
use image::metadata::Orientation;
use image::{ColorType, DynamicImage, ImageDecoder as _, ImageError, ImageFormat, Limits, RgbImage};

use super::mended::{self, ASSOCIATED, EXTRA_SAMPLES, UNASSOCIATED};
use super::pictures::{HEIGHT, Photo, WIDTH, photo};
use super::{Directory, File, jpeg, kinds, palette};
use crate::photo::PhotoError;
use crate::photo::decode::{DecodeSettings, colour, exif, to_rgb, too_much_metadata, worst_moment};
use crate::photo::turn::Turn;

const PROFILE: u16 = 34_675;

/// Decodes the photo of a TIFF file, when it is no JPEG file within, and turns it upright.
pub(in crate::photo::decode) fn decode(
    bytes: &[u8],
    settings: &DecodeSettings,
) -> Result<RgbImage, PhotoError> {
    let (file, directory) = open(bytes, settings)?;
    let size @ (width, height) = size(&file, &directory)?;
    let orientation = exif::of(&file, &directory)
        .or_else(|| file.first().and_then(|first| exif::of(&file, &first)))
        .unwrap_or(Orientation::NoTransforms);
    settings.check(width, height, turning(size, orientation))?;
    let mut profile = file.bytes_of(&directory, PROFILE);
    let mut rgb = if jpeg::is_whole(&file, &directory) {
        jpeg::decode(&file, &directory, size, settings)?
    } else if palette::is_indexed(&file, &directory) {
        palette::decode(&file, &directory, size, settings)?
    } else {
        let (rgb, grey) = general(&file, &directory, size, settings)?;
        profile = profile.filter(|_| !grey);
        rgb
    };
    if let Some(profile) = profile.filter(|profile| profile.len() as u64 <= settings.max_metadata) {
        colour::to_srgb(&mut rgb, profile);
    }
    Ok(Turn::new(orientation).apply(rgb))
}

/// Width and height in pixels of that photo, before it is turned.
pub(in crate::photo::decode) fn dimensions(
    bytes: &[u8],
    settings: &DecodeSettings,
) -> Result<(u32, u32), PhotoError> {
    let (file, directory) = open(bytes, settings)?;
    let (width, height) = size(&file, &directory)?;
    settings.check(width, height, 0)?;
    Ok((width, height))
}

/// The directory of the photo, whose tags are within limits.
fn open<'a>(bytes: &'a [u8], settings: &DecodeSettings) -> Result<(File<'a>, Directory), PhotoError> {
    let file = File::new(bytes).ok_or(PhotoError::Damaged(None))?;
    let within = |directory: &Directory| file.tag_bytes(directory) <= settings.max_metadata;
    if file.first().is_some_and(|first| !within(&first)) {
        return Err(too_much_metadata(settings));
    }
    let directory = match photo(&file) {
        Some(Photo::Directory(directory)) => directory,
        Some(Photo::OnlyRaw) => {
            return Err(PhotoError::kind(
                "a RAW file that contains no picture larger than a thumbnail",
            ));
        }
        // One that cannot be reached.
        Some(Photo::Jpeg(_)) | None => return Err(PhotoError::Damaged(None)),
    };
    if !within(&directory) {
        return Err(too_much_metadata(settings));
    }
    kinds::check(&file, &directory)?;
    Ok((file, directory))
}

fn size(file: &File<'_>, directory: &Directory) -> Result<(u32, u32), PhotoError> {
    let side = |tag| file.number_32(directory, tag).ok_or(PhotoError::Damaged(None));
    Ok((side(WIDTH)?, side(HEIGHT)?))
}

/// Decodes what is neither whole JPEG files nor a palette; and whether it is grey.
fn general(
    file: &File<'_>,
    directory: &Directory,
    size: (u32, u32),
    settings: &DecodeSettings,
) -> Result<(RgbImage, bool), PhotoError> {
    let failure = |cause| match cause {
        ImageError::Unsupported(_) => kinds::other(file, directory),
        cause => PhotoError::Damaged(Some(cause.into())),
    };
    let mut decoder = TiffDecoder::new(mended::mended(file, directory)).map_err(failure)?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(settings.max_memory);
    let (width, height) = decoder.dimensions();
    // Of a tag that is there twice, the decoder takes the other one.
    if (width, height) != size {
        return Err(PhotoError::Damaged(None));
    }
    let memory = worst_moment(&decoder, ImageFormat::Tiff, file.bytes);
    settings.check(width, height, memory)?;
    decoder.set_limits(limits).map_err(failure)?;
    let grey = matches!(
        decoder.color_type(),
        ColorType::L8 | ColorType::La8 | ColorType::L16 | ColorType::La16
    );
    let mut decoded = DynamicImage::from_decoder(decoder).map_err(failure)?;
    if decoded.color().has_alpha() {
        decoded = with_alpha(decoded, file.number(directory, EXTRA_SAMPLES));
    }
    Ok((to_rgb(decoded)?, grey))
}

/// The picture with alpha as the usual formats have it.
fn with_alpha(picture: DynamicImage, extra: Option<u64>) -> DynamicImage {
    let mut picture = picture.into_rgba8();
    match extra {
        // Where it is not said what the fourth sample is, too.
        None | Some(UNASSOCIATED) => {}
        // On white, where colours are multiplied by alpha already.
        Some(ASSOCIATED) => {
            for pixel in picture.pixels_mut() {
                let [red, green, blue, alpha] = pixel.0;
                let on_white = |value: u8| value.saturating_add(u8::MAX - alpha);
                pixel.0 = [on_white(red), on_white(green), on_white(blue), u8::MAX];
            }
        }
        _ => picture.pixels_mut().for_each(|pixel| pixel.0[3] = u8::MAX),
    }
    DynamicImage::ImageRgba8(picture)
}

/// Bytes that two pictures take where one must be turned on its side.
fn turning((width, height): (u32, u32), orientation: Orientation) -> u64 {
    let pictures = match orientation {
        Orientation::Rotate90
        | Orientation::Rotate270
        | Orientation::Rotate90FlipH
        | Orientation::Rotate270FlipH => 2,
        _ => 1,
    };
    // Of sides that are not proved yet.
    (u64::from(width) * u64::from(height)).saturating_mul(3 * pictures)
}
