//! The first picture of a GIF file, as browsers show it.
//!
//! Where it reaches beyond the screen that the file describes, or where there is no screen, the screen is larger than
//! the file says. What it does not cover is transparent: white.

use std::io::Cursor;

use gif::{ColorOutput, DecodeOptions, Decoder};
use image::RgbImage;

use super::{DecodeSettings, PhotoError, colour};

/// Whether the file is one, by its first six bytes.
pub(super) fn is_gif(bytes: &[u8]) -> bool {
    bytes.starts_with(b"GIF89a") || bytes.starts_with(b"GIF87a")
}

/// Decodes the first picture.
pub(super) fn decode(bytes: &[u8], settings: &DecodeSettings) -> Result<RgbImage, PhotoError> {
    let (mut decoder, frame) = open(bytes, settings)?;
    let missing = || PhotoError::Damaged(None);
    let palette = frame.palette.as_deref().or_else(|| decoder.global_palette());
    let palette = palette.ok_or_else(missing)?.to_vec();
    let mut indices = vec![0; usize::from(frame.width) * usize::from(frame.height)];
    decoder.read_into_buffer(&mut indices).map_err(failure)?;

    let (width, height) = screen(&decoder, &frame);
    let white = vec![u8::MAX; 3 * width as usize * height as usize];
    let mut photo = RgbImage::from_raw(width, height, white).ok_or_else(missing)?;
    let rows = photo
        .chunks_exact_mut(3 * width as usize)
        .skip(usize::from(frame.top));
    for (row, indices) in rows.zip(indices.chunks_exact(usize::from(frame.width).max(1))) {
        let pixels = row
            .as_chunks_mut::<3>()
            .0
            .iter_mut()
            .skip(usize::from(frame.left));
        for (pixel, index) in pixels.zip(indices) {
            // An index beyond the palette is as one that is transparent.
            let colour = palette.as_chunks::<3>().0.get(usize::from(*index));
            if let Some(colour) = colour.filter(|_| frame.transparent != Some(*index)) {
                *pixel = *colour;
            }
        }
    }
    if let Some(profile) = decoder.icc_profile() {
        colour::to_srgb(&mut photo, profile);
    }
    Ok(photo)
}

/// Width and height in pixels of the screen that shows the first picture.
pub(super) fn dimensions(bytes: &[u8], settings: &DecodeSettings) -> Result<(u32, u32), PhotoError> {
    let (decoder, frame) = open(bytes, settings)?;
    Ok(screen(&decoder, &frame))
}

/// What is known of a picture before its pixels.
struct Frame {
    left: u16,
    top: u16,
    width: u16,
    height: u16,
    transparent: Option<u8>,
    palette: Option<Vec<u8>>,
}

type Reader<'a> = Decoder<Cursor<&'a [u8]>>;

/// Reads up to the first picture's pixels, and checks the limits.
fn open<'a>(bytes: &'a [u8], settings: &DecodeSettings) -> Result<(Reader<'a>, Frame), PhotoError> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    let mut decoder = options.read_info(Cursor::new(bytes)).map_err(failure)?;
    let frame = decoder.next_frame_info().map_err(failure)?;
    let frame = frame.ok_or(PhotoError::Damaged(None))?;
    let frame = Frame {
        left: frame.left,
        top: frame.top,
        width: frame.width,
        height: frame.height,
        transparent: frame.transparent,
        palette: frame.palette.clone(),
    };
    let (width, height) = screen(&decoder, &frame);
    let indices = u64::from(frame.width) * u64::from(frame.height);
    settings.check(width, height, 3 * u64::from(width) * u64::from(height) + indices)?;
    Ok((decoder, frame))
}

/// The screen's size, larger where the picture begins on it and reaches beyond.
fn screen(decoder: &Reader<'_>, frame: &Frame) -> (u32, u32) {
    let side = |screen: u16, start: u16, length: u16| {
        let screen = u32::from(screen);
        if screen == 0 || u32::from(start) < screen {
            screen.max(u32::from(start) + u32::from(length))
        } else {
            screen
        }
    };
    (
        side(decoder.width(), frame.left, frame.width),
        side(decoder.height(), frame.top, frame.height),
    )
}

fn failure(cause: gif::DecodingError) -> PhotoError {
    PhotoError::Damaged(Some(cause.into()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use image::Rgb;

    use super::*;

    const RED: [u8; 3] = [220, 40, 40];
    const BLUE: [u8; 3] = [40, 60, 200];

    /// A picture of 4 x 2 pixels, red and blue by turns, at 1, 1 of a screen.
    fn file(screen: (u16, u16), transparent: Option<u8>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = gif::Encoder::new(&mut bytes, 20, 20, &[RED, BLUE].concat()).unwrap();
        let frame = gif::Frame {
            left: 1,
            top: 1,
            width: 4,
            height: 2,
            transparent,
            buffer: vec![0, 1, 0, 1, 0, 1, 0, 1].into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
        drop(encoder);
        bytes[6..8].copy_from_slice(&screen.0.to_le_bytes());
        bytes[8..10].copy_from_slice(&screen.1.to_le_bytes());
        bytes
    }

    #[test]
    fn a_picture_larger_than_its_screen_makes_the_screen_larger() {
        for (screen, expected) in [
            ((0, 0), (5, 3)),
            ((2, 2), (5, 3)),
            ((2, 9), (5, 9)),
            ((6, 4), (6, 4)),
            // The picture is not on the screen at all.
            ((1, 9), (1, 9)),
        ] {
            let bytes = file(screen, None);
            let settings = DecodeSettings::default();
            assert_eq!(dimensions(&bytes, &settings).unwrap(), expected);
            let photo = super::super::decode(&bytes, &settings).unwrap();
            assert_eq!(photo.dimensions(), expected);
            for (x, y, pixel) in photo.enumerate_pixels() {
                let expected = match (x, y) {
                    (1 | 3, 1 | 2) => RED,
                    (2 | 4, 1 | 2) => BLUE,
                    _ => [255; 3],
                };
                assert_eq!(*pixel, Rgb(expected), "{x}, {y} of {screen:?}");
            }
        }
    }

    #[test]
    fn what_is_transparent_is_white() {
        let photo = decode(&file((6, 4), Some(1)), &DecodeSettings::default()).unwrap();
        assert_eq!(*photo.get_pixel(1, 1), Rgb(RED));
        assert_eq!(*photo.get_pixel(2, 1), Rgb([255; 3]));
    }

    #[test]
    fn room_is_counted_for_screen_and_picture() {
        let bytes = file((6, 4), None);
        for (max_memory, fits) in [(6 * 4 * 3 + 8, true), (6 * 4 * 3 + 7, false)] {
            let settings = DecodeSettings {
                max_memory,
                ..DecodeSettings::default()
            };
            assert_eq!(decode(&bytes, &settings).is_ok(), fits);
        }
    }

    #[test]
    fn what_is_cut_off_is_damaged() {
        let whole = file((6, 4), None);
        let pixels = whole.len() - 3;
        for length in 0..pixels {
            let result = decode(&whole[..length], &DecodeSettings::default());
            assert!(matches!(result, Err(PhotoError::Damaged(_))), "{length}");
        }
    }
}
