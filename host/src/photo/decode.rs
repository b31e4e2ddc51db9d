//! From the bytes of a file to upright RGB pixels.

use std::io::Cursor;

use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbImage, RgbaImage};

use super::{PhotoError, jpeg};

/// What a photo may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecodeSettings {
    /// Width times height, at most.
    pub max_pixels: u64,
    /// Width and height in pixels, each at most.
    pub max_side: u32,
    /// Bytes that a decoder may allocate, the decoded pixels included, as far as it keeps count.
    pub max_memory: u64,
}

impl Default for DecodeSettings {
    /// 100 megapixels, 30,000 pixels a side, 1 GiB.
    fn default() -> Self {
        Self {
            max_pixels: 100_000_000,
            max_side: 30_000,
            max_memory: 1 << 30,
        }
    }
}

/// Decodes a photo to 8-bit RGB and turns it upright as its EXIF orientation says.
///
/// The format is told by the content. Of an animation the first frame is taken, transparent parts become
/// white, and other depths and colour models are converted without a colour profile. Limits are checked
/// against the header, before memory for pixels is taken.
///
/// # Errors
/// [`PhotoError::EmptyBody`], [`PhotoError::NotAnImage`], [`PhotoError::TooManyPixels`] or
/// [`PhotoError::Damaged`].
pub fn decode(bytes: &[u8], settings: &DecodeSettings) -> Result<RgbImage, PhotoError> {
    let (format, mut decoder) = open(bytes, settings)?;
    let size = decoder.dimensions();
    // The decoder paints what is missing grey and reports success.
    if format == ImageFormat::Jpeg && !jpeg::is_complete(bytes) {
        return Err(PhotoError::Damaged(None));
    }

    // EXIF that cannot be read is no reason to refuse a picture that can.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(|cause| failure(cause, size))?;
    let mut upright = DynamicImage::ImageRgb8(to_rgb(decoded)?);
    upright.apply_orientation(orientation);
    Ok(upright.into_rgb8())
}

/// Width and height of a photo in pixels as its header says, before it is turned upright.
///
/// # Errors
/// Those of [`decode`], as far as the header tells.
pub fn dimensions(bytes: &[u8], settings: &DecodeSettings) -> Result<(u32, u32), PhotoError> {
    Ok(open(bytes, settings)?.1.dimensions())
}

/// Reads the header and checks the limits against it.
fn open<'a>(
    bytes: &'a [u8],
    settings: &DecodeSettings,
) -> Result<(ImageFormat, impl ImageDecoder + 'a), PhotoError> {
    if bytes.is_empty() {
        return Err(PhotoError::EmptyBody);
    }
    let format = image::guess_format(bytes).map_err(|cause| PhotoError::NotAnImage(Some(cause)))?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(settings.max_memory);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(|cause| failure(cause, (0, 0)))?;

    let (width, height) = decoder.dimensions();
    let pixels = u64::from(width) * u64::from(height);
    if width > settings.max_side
        || height > settings.max_side
        || pixels > settings.max_pixels
        || decoder.total_bytes() > settings.max_memory
    {
        return Err(PhotoError::TooManyPixels { width, height });
    }
    if pixels == 0 {
        return Err(PhotoError::Damaged(None));
    }
    Ok((format, decoder))
}

/// What a decoder's error means for the caller.
fn failure(cause: ImageError, (width, height): (u32, u32)) -> PhotoError {
    match cause {
        ImageError::Unsupported(_) => PhotoError::NotAnImage(Some(cause)),
        ImageError::Limits(_) => PhotoError::TooManyPixels { width, height },
        _ => PhotoError::Damaged(Some(cause.into())),
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
    RgbImage::from_raw(width, height, values)
        .ok_or_else(|| PhotoError::internal("an RGB buffer did not fit its size"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use image::codecs::jpeg::JpegEncoder;
    use image::{ImageBuffer, Rgb, Rgba};

    use super::*;

    const RED: [u8; 3] = [220, 40, 40];
    const GREEN: [u8; 3] = [40, 180, 60];
    const BLUE: [u8; 3] = [40, 60, 200];
    const YELLOW: [u8; 3] = [230, 210, 40];
    const WHITE: [u8; 3] = [255, 255, 255];

    fn fixture(name: &str) -> Vec<u8> {
        std::fs::read(format!("{}/../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    }

    fn decoded(name: &str) -> RgbImage {
        decode(&fixture(name), &DecodeSettings::default()).unwrap()
    }

    fn refused(bytes: &[u8]) -> PhotoError {
        decode(bytes, &DecodeSettings::default()).unwrap_err()
    }

    /// Compares the middle of each quarter: top left, top right, bottom left, bottom right.
    fn assert_quarters(photo: &RgbImage, expected: [[u8; 3]; 4], tolerance: u8) {
        assert_eq!(photo.dimensions(), (48, 32));
        for ((x, y), colour) in [(12, 8), (36, 8), (12, 24), (36, 24)].into_iter().zip(expected) {
            let found = photo.get_pixel(x, y).0;
            let close = found.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= tolerance);
            assert!(close, "{found:?} at {x}, {y}; expected {colour:?}");
        }
    }

    #[test]
    fn every_format_gives_the_same_picture() {
        for name in [
            "palette.png",
            "quarters.bmp",
            "quarters.tiff",
            "animated.gif",
            "animated.webp",
        ] {
            assert_quarters(&decoded(name), [RED, GREEN, BLUE, YELLOW], 0);
            let size = dimensions(&fixture(name), &DecodeSettings::default());
            assert_eq!(size.unwrap(), (48, 32), "{name}");
        }
        assert_quarters(&decoded("cmyk.jpg"), [RED, GREEN, BLUE, YELLOW], 6);
    }

    #[test]
    fn every_exif_orientation_gives_the_same_picture() {
        let upright = decoded("orientation-1.jpg");
        assert_quarters(&upright, [RED, GREEN, BLUE, YELLOW], 4);
        for orientation in 2..=8 {
            let photo = decoded(&format!("orientation-{orientation}.jpg"));
            assert_eq!(photo.dimensions(), upright.dimensions());
            for (found, expected) in photo.as_raw().iter().zip(upright.as_raw()) {
                assert!(found.abs_diff(*expected) <= 4, "orientation {orientation}");
            }
        }
        assert_quarters(&decoded("orientation-6.webp"), [RED, GREEN, BLUE, YELLOW], 0);
    }

    #[test]
    fn grey_becomes_three_equal_channels() {
        let photo = decoded("grey.jpg");
        // ITU-R 601 luma of the four colours.
        assert_quarters(&photo, [[94; 3], [124; 3], [70; 3], [197; 3]], 2);
        assert!(
            photo
                .pixels()
                .all(|pixel| pixel[0] == pixel[1] && pixel[1] == pixel[2])
        );
    }

    #[test]
    fn transparent_parts_become_white() {
        assert_quarters(&decoded("alpha-16.png"), [RED, WHITE, BLUE, WHITE], 0);
        let half = RgbaImage::from_pixel(3, 2, Rgba([0, 100, 255, 128]));
        let laid = on_white(half).unwrap();
        assert!(laid.pixels().all(|pixel| *pixel == Rgb([127, 177, 255])));
    }

    #[test]
    fn one_pixel_is_a_photo() {
        let photo = decoded("one-pixel.png");
        assert_eq!(photo.dimensions(), (1, 1));
        assert_eq!(photo.get_pixel(0, 0).0, RED);
    }

    #[test]
    fn nothing_and_pages_are_not_photos() {
        assert!(matches!(refused(&fixture("empty.jpg")), PhotoError::EmptyBody));
        assert!(matches!(refused(&fixture("page.jpg")), PhotoError::NotAnImage(_)));
        assert!(matches!(refused(b"\x00"), PhotoError::NotAnImage(_)));
        // A known format that this build has no decoder for: AVIF.
        let avif = b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00avifmif1miaf";
        assert!(matches!(refused(avif), PhotoError::NotAnImage(_)));
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        let started = std::time::Instant::now();
        let bomb = fixture("bomb.png");
        assert!(matches!(
            refused(&bomb),
            PhotoError::TooManyPixels {
                width: 40_000,
                height: 40_000
            }
        ));
        // Within the side limit, too many pixels; within both, too much memory.
        for settings in [
            DecodeSettings {
                max_side: 50_000,
                ..DecodeSettings::default()
            },
            DecodeSettings {
                max_side: 50_000,
                max_pixels: 1 << 40,
                ..DecodeSettings::default()
            },
        ] {
            let result = decode(&bomb, &settings);
            assert!(
                matches!(result, Err(PhotoError::TooManyPixels { .. })),
                "{result:?}"
            );
        }
        // Filling 4.8 GB would take far longer.
        assert!(started.elapsed() < std::time::Duration::from_millis(500));
    }

    #[test]
    fn limits_are_inclusive() {
        let bytes = fixture("quarters.bmp");
        let exact = DecodeSettings {
            max_pixels: 48 * 32,
            max_side: 48,
            max_memory: 1 << 20,
        };
        assert!(decode(&bytes, &exact).is_ok());
        for less in [
            DecodeSettings {
                max_pixels: 48 * 32 - 1,
                ..exact
            },
            DecodeSettings {
                max_side: 47,
                ..exact
            },
            DecodeSettings {
                max_memory: 48 * 32 * 3 - 1,
                ..exact
            },
        ] {
            assert!(matches!(
                decode(&bytes, &less),
                Err(PhotoError::TooManyPixels { .. })
            ));
        }
    }

    #[test]
    fn files_cut_off_anywhere_are_damaged() {
        assert!(matches!(
            refused(&fixture("truncated.jpg")),
            PhotoError::Damaged(_)
        ));
        for name in [
            "baseline.jpg",
            "progressive.jpg",
            "cmyk.jpg",
            "grey.jpg",
            "alpha-16.png",
            "palette.png",
            "animated.webp",
            "quarters.bmp",
        ] {
            let whole = fixture(name);
            // The WebP's second half is its second frame, which nobody asks for; what follows the
            // pixels of a PNG is its end mark.
            let last = match name {
                "animated.webp" => whole.len() / 2,
                "alpha-16.png" | "palette.png" => whole.len() - 20,
                _ => whole.len() - 1,
            };
            for length in (32..last).step_by(7).chain([last]) {
                let result = decode(&whole[..length], &DecodeSettings::default());
                assert!(result.is_err(), "{name} cut at {length} of {}", whole.len());
            }
        }
        assert!(decode(&fixture("progressive.jpg"), &DecodeSettings::default()).is_ok());
    }

    #[test]
    fn bytes_after_the_end_do_no_harm() {
        for name in [
            "orientation-1.jpg",
            "alpha-16.png",
            "animated.gif",
            "quarters.bmp",
        ] {
            let mut bytes = fixture(name);
            let clean = decode(&bytes, &DecodeSettings::default()).unwrap();
            bytes.extend_from_slice(b"\xff\xd8\xff\xe0 and more");
            assert_eq!(
                decode(&bytes, &DecodeSettings::default()).unwrap(),
                clean,
                "{name}"
            );
        }
    }

    #[test]
    fn an_rgb_photo_is_not_copied() {
        let photo = RgbImage::from_pixel(5, 4, Rgb(RED));
        let before = photo.as_raw().as_ptr();
        let after = to_rgb(DynamicImage::ImageRgb8(photo)).unwrap();
        assert_eq!(after.as_raw().as_ptr(), before);
    }

    #[test]
    fn sixteen_bits_are_rounded_to_eight() {
        let deep = ImageBuffer::from_pixel(2, 2, Rgb([65_535u16, 32_896, 0]));
        let photo = to_rgb(DynamicImage::ImageRgb16(deep)).unwrap();
        assert_eq!(photo.get_pixel(0, 0).0, [255, 128, 0]);
    }

    #[test]
    fn what_the_worker_encodes_it_decodes() {
        let mut bytes = Vec::new();
        let photo = RgbImage::from_pixel(33, 17, Rgb(BLUE));
        JpegEncoder::new_with_quality(&mut bytes, 90)
            .encode_image(&photo)
            .unwrap();
        let again = decode(&bytes, &DecodeSettings::default()).unwrap();
        assert_eq!(again.dimensions(), (33, 17));
    }
}
