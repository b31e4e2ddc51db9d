#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use libheif_rs::{
    Channel, CompressionFormat, Encoder, EncoderQuality, EncodingOptions, Image, ImageOrientation,
};

use super::super::{decode, dimensions};
use super::*;

const WIDTH: u32 = 96;
const HEIGHT: u32 = 64;
const RED: [u8; 3] = [220, 40, 40];
const GREEN: [u8; 3] = [40, 180, 60];
const BLUE: [u8; 3] = [40, 60, 200];
const YELLOW: [u8; 3] = [230, 210, 40];
const WHITE: [u8; 3] = [255, 255, 255];

/// Red, green, blue and yellow quarters, like the fixtures of the other formats.
fn quarter(x: u32, y: u32) -> [u8; 3] {
    match (x < WIDTH / 2, y < HEIGHT / 2) {
        (true, true) => RED,
        (false, true) => GREEN,
        (true, false) => BLUE,
        (false, false) => YELLOW,
    }
}

/// Eight bits a value, with transparency on the right half or none.
fn picture(alpha: bool) -> Image {
    let (chroma, bytes) = if alpha {
        (RgbChroma::Rgba, 4)
    } else {
        (RgbChroma::Rgb, 3)
    };
    let mut image = Image::new(WIDTH, HEIGHT, ColorSpace::Rgb(chroma)).unwrap();
    image
        .create_plane(Channel::Interleaved, WIDTH, HEIGHT, 8)
        .unwrap();
    let plane = image.planes_mut().interleaved.unwrap();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            let place = y as usize * plane.stride + x as usize * bytes;
            plane.data[place..place + 3].copy_from_slice(&quarter(x, y));
            if alpha {
                plane.data[place + 3] = if x < WIDTH / 2 { 255 } else { 0 };
            }
        }
    }
    image
}

/// Ten bits a value.
fn deep_picture() -> Image {
    let mut image = Image::new(WIDTH, HEIGHT, ColorSpace::Rgb(RgbChroma::HdrRgbLe)).unwrap();
    image
        .create_plane(Channel::Interleaved, WIDTH, HEIGHT, 10)
        .unwrap();
    let plane = image.planes_mut().interleaved.unwrap();
    for y in 0..HEIGHT {
        for x in 0..WIDTH {
            for (channel, value) in quarter(x, y).into_iter().enumerate() {
                let place = y as usize * plane.stride + 6 * x as usize + 2 * channel;
                let deep = (u16::from(value) << 2).to_le_bytes();
                plane.data[place..place + 2].copy_from_slice(&deep);
            }
        }
    }
    image
}

fn encoder(library: &LibHeif, format: CompressionFormat) -> Encoder<'_> {
    let mut encoder = library.encoder_for_format(format).unwrap();
    encoder.set_quality(EncoderQuality::Lossy(95)).unwrap();
    encoder
}

fn encoded(image: &Image, format: CompressionFormat, orientation: ImageOrientation) -> Vec<u8> {
    let library = LibHeif::new();
    let mut context = HeifContext::new().unwrap();
    let mut options = EncodingOptions::new().unwrap();
    options.set_image_orientation(orientation);
    let mut encoder = encoder(&library, format);
    context.encode_image(image, &mut encoder, Some(options)).unwrap();
    context.write_to_bytes().unwrap()
}

fn assert_quarters(photo: &RgbImage, expected: [[u8; 3]; 4]) {
    let (width, height) = photo.dimensions();
    let places = [(1, 1), (3, 1), (1, 3), (3, 3)];
    for ((x, y), colour) in places.into_iter().zip(expected) {
        let found = photo.get_pixel(x * width / 4, y * height / 4).0;
        let close = found.iter().zip(colour).all(|(a, b)| a.abs_diff(b) <= 12);
        assert!(close, "{found:?} at {x}, {y}; expected {colour:?}");
    }
}

const FORMATS: [CompressionFormat; 2] = [CompressionFormat::Hevc, CompressionFormat::Av1];

#[test]
fn heic_and_avif_give_the_same_picture() {
    for format in FORMATS {
        for image in [picture(false), deep_picture()] {
            let file = encoded(&image, format, ImageOrientation::Normal);
            let settings = DecodeSettings::default();
            assert_eq!(dimensions(&file, &settings).unwrap(), (WIDTH, HEIGHT));
            let photo = decode(&file, &settings).unwrap();
            assert_eq!(photo.dimensions(), (WIDTH, HEIGHT));
            assert_quarters(&photo, [RED, GREEN, BLUE, YELLOW]);
        }
    }
}

#[test]
fn a_turned_picture_is_turned_once() {
    for format in FORMATS {
        let file = encoded(&picture(false), format, ImageOrientation::Rotate90Cw);
        let settings = DecodeSettings::default();
        assert_eq!(dimensions(&file, &settings).unwrap(), (HEIGHT, WIDTH));
        let photo = decode(&file, &settings).unwrap();
        assert_eq!(photo.dimensions(), (HEIGHT, WIDTH));
        // Clockwise: what was at the bottom left is at the top left.
        assert_quarters(&photo, [BLUE, RED, YELLOW, GREEN]);
    }
}

#[test]
fn transparent_parts_become_white() {
    for format in FORMATS {
        let file = encoded(&picture(true), format, ImageOrientation::Normal);
        let photo = decode(&file, &DecodeSettings::default()).unwrap();
        assert_quarters(&photo, [RED, WHITE, BLUE, WHITE]);
    }
}

#[test]
fn limits_are_held_against_the_header() {
    for format in FORMATS {
        let file = encoded(&picture(false), format, ImageOrientation::Normal);
        let default = DecodeSettings::default();
        for less in [
            DecodeSettings {
                max_pixels: u64::from(WIDTH * HEIGHT) - 1,
                ..default
            },
            DecodeSettings {
                max_side: WIDTH - 1,
                ..default
            },
            DecodeSettings {
                max_memory: u64::from(6 * WIDTH * HEIGHT) - 1,
                ..default
            },
        ] {
            for result in [decode(&file, &less).map(drop), dimensions(&file, &less).map(drop)] {
                assert!(
                    matches!(result, Err(PhotoError::TooManyPixels { .. })),
                    "{less:?}: {result:?}"
                );
            }
        }
    }
}

#[test]
fn files_cut_off_anywhere_are_refused() {
    for format in FORMATS {
        let file = encoded(&picture(false), format, ImageOrientation::Normal);
        for length in (16..file.len() * 9 / 10).step_by(23) {
            let result = decode(&file[..length], &DecodeSettings::default());
            assert!(result.is_err(), "{format:?} cut at {length} of {}", file.len());
        }
    }
}
