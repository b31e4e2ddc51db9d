//! HEIC, AVIF and JPEG XL. The fixtures come from x265, libaom and libjxl.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

use super::tests::{BLUE, GREEN, RED, WHITE, YELLOW, assert_quarters, decoded, fixture, refused};
use super::*;

/// The largest difference of a colour, of 255, after coding with quality 95.
const CODED: u8 = 4;
const PICTURE: [[u8; 3]; 4] = [RED, GREEN, BLUE, YELLOW];

/// The formats in boxes that this build reads.
fn boxed() -> &'static [&'static str] {
    if cfg!(feature = "heic") {
        &["heic", "avif"]
    } else {
        &["avif"]
    }
}

fn decoded_boxed(format: &str, name: &str) -> RgbImage {
    decoded(&format!("{format}-{name}.{format}"))
}

#[test]
fn every_way_to_store_a_picture_gives_the_same_one() {
    for format in boxed() {
        for name in [
            "orientation-2",
            "orientation-3",
            "orientation-4",
            "orientation-5",
            "orientation-6",
            "orientation-7",
            "orientation-8",
            "window",
            "burst",
        ] {
            let name = format!("{format}-{name}.{format}");
            assert_quarters(&decoded(&name), PICTURE, CODED);
            let size = dimensions(&fixture(&name), &DecodeSettings::default());
            assert_eq!(size.unwrap(), (48, 32), "{name}");
        }
        assert_quarters(&decoded(&format!("quarters.{format}")), PICTURE, CODED);
        assert_quarters(&decoded(&format!("deep.{format}")), PICTURE, CODED);
    }
    assert_quarters(&decoded("animated.avif"), PICTURE, CODED);
}

/// A grid, which is twice as large as the other pictures, in their size.
fn grid(name: &str) -> RgbImage {
    let photo = decoded(name);
    assert_eq!(photo.dimensions(), (96, 64), "{name}");
    let size = dimensions(&fixture(name), &DecodeSettings::default());
    assert_eq!(size.unwrap(), (96, 64), "{name}");
    RgbImage::from_fn(48, 32, |x, y| *photo.get_pixel(2 * x, 2 * y))
}

#[test]
fn tiles_make_one_picture_which_is_turned_as_a_whole() {
    for format in boxed() {
        assert_quarters(&grid(&format!("{format}-grid.{format}")), PICTURE, CODED);
        let turned = [YELLOW, BLUE, GREEN, RED];
        assert_quarters(&grid(&format!("{format}-grid-turned.{format}")), turned, CODED);
        assert_quarters(&decoded_boxed(format, "same"), turned, CODED);
    }
}

#[test]
fn transparent_parts_of_heic_avif_and_jpeg_xl_become_white() {
    for format in boxed() {
        assert_quarters(&decoded_boxed(format, "alpha"), [RED, WHITE, BLUE, WHITE], CODED);
    }
    assert_quarters(&decoded("alpha.jxl"), [RED, WHITE, BLUE, WHITE], 0);
}

#[test]
fn display_p3_by_numbers_becomes_srgb() {
    // By the matrices of both (IEC 61966-2-1, SMPTE EG 432-1), cut off at 0 and 255.
    let wide = [[240, 0, 21], [0, 183, 30], [34, 61, 208], [234, 209, 0]];
    for format in boxed() {
        assert_quarters(&decoded_boxed(format, "p3"), wide, 2 * CODED);
    }
}

#[test]
fn jpeg_xl_gives_the_same_picture() {
    // Its values are linear in light: those of sRGB (IEC 61966-2-1) for them.
    let linear = [[239, 110, 110], [110, 219, 133], [110, 133, 229], [244, 234, 110]];
    for (name, expected, tolerance) in [("quarters.jxl", PICTURE, 0), ("deep.jxl", linear, 1)] {
        assert_quarters(&decoded(name), expected, tolerance);
        let size = dimensions(&fixture(name), &DecodeSettings::default());
        assert_eq!(size.unwrap(), (48, 32), "{name}");
    }
    for name in ["orientation-6.jxl", "orientation-7.jxl"] {
        assert_quarters(&decoded(name), PICTURE, CODED);
        let size = dimensions(&fixture(name), &DecodeSettings::default());
        assert_eq!(size.unwrap(), (48, 32), "{name}");
    }
    assert_quarters(&decoded("grey.jxl"), [[94; 3], [124; 3], [70; 3], [197; 3]], 0);
}

/// The files, and bytes of their ends that hold no pixels.
fn noisy() -> Vec<Vec<u8>> {
    let mut names = vec!["noise.avif", "noise.jxl"];
    names.extend(cfg!(feature = "heic").then_some("noise.heic"));
    names.into_iter().map(fixture).collect()
}

#[test]
fn modern_files_cut_off_anywhere_are_damaged() {
    for whole in noisy() {
        assert!(decode(&whole, &DecodeSettings::default()).is_ok());
        for length in (16..whole.len() - 16).step_by(11) {
            let error = refused(&whole[..length]);
            assert!(
                matches!(error, PhotoError::Damaged(_)),
                "cut at {length}: {error:?}"
            );
        }
    }
}

#[test]
fn any_byte_may_be_wrong() {
    let settings = DecodeSettings {
        max_pixels: 1 << 16,
        ..DecodeSettings::default()
    };
    for whole in noisy() {
        for place in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[place] ^= 1 << (place % 8);
            // Whatever comes of it comes as an answer.
            if let Ok(photo) = decode(&bytes, &settings) {
                assert!(photo.width() * photo.height() <= 1 << 16);
            }
        }
    }
}

#[test]
fn limits_are_held_against_the_headers_of_modern_files() {
    let default = DecodeSettings::default();
    for bytes in noisy() {
        for less in [
            DecodeSettings {
                max_pixels: 96 * 64 - 1,
                ..default
            },
            DecodeSettings {
                max_side: 95,
                ..default
            },
        ] {
            for result in [
                decode(&bytes, &less).map(drop),
                dimensions(&bytes, &less).map(drop),
            ] {
                assert!(
                    matches!(result, Err(PhotoError::TooManyPixels { .. })),
                    "{less:?}: {result:?}"
                );
            }
        }
        let less = DecodeSettings {
            max_memory: 6 * 96 * 64 - 1,
            ..default
        };
        for result in [
            decode(&bytes, &less).map(drop),
            dimensions(&bytes, &less).map(drop),
        ] {
            assert!(
                matches!(result, Err(PhotoError::TooMuchMemory { .. })),
                "{result:?}"
            );
        }
    }
}

#[test]
fn bombs_are_refused_by_their_headers() {
    let started = std::time::Instant::now();
    for format in boxed() {
        let bomb = |name: &str| refused(&fixture(&format!("{format}-bomb-{name}.{format}")));
        let grid = bomb("grid");
        assert!(
            matches!(
                grid,
                PhotoError::TooManyPixels {
                    width: 28_000,
                    height: 28_000
                }
            ),
            "{format}: {grid:?}"
        );
        // A size in the boxes that the coded picture does not have.
        let size = bomb("size");
        let coded = bomb("coded");
        match *format {
            "heic" => {
                assert!(matches!(size, PhotoError::Damaged(_)), "{size:?}");
                assert!(matches!(coded, PhotoError::Damaged(_)), "{coded:?}");
            }
            _ => {
                assert!(matches!(size, PhotoError::TooManyPixels { .. }), "{size:?}");
                assert!(matches!(coded, PhotoError::Damaged(_)), "{coded:?}");
            }
        }
    }
    // Decoding any of them would take far longer.
    assert!(started.elapsed() < std::time::Duration::from_millis(500));
}

#[test]
fn what_is_in_boxes_but_not_decoded_is_called_by_its_name() {
    let mut bytes = fixture("quarters.avif");
    let place = bytes.windows(4).position(|four| four == b"av01").unwrap();
    for (kind, what) in [
        (b"jpeg", "a HEIF file that contains a JPEG"),
        (b"unci", "an uncompressed HEIF file"),
        (b"iovl", "a HEIF overlay of several pictures"),
        (b"zzzz", "a HEIF file that contains neither HEVC nor AV1"),
    ] {
        bytes[place..place + 4].copy_from_slice(kind);
        match refused(&bytes) {
            PhotoError::UnsupportedKind(found) => assert_eq!(found, what),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
#[cfg(not(feature = "heic"))]
fn a_build_without_hevc_says_so() {
    let heic = fixture("quarters.heic");
    assert!(matches!(refused(&heic), PhotoError::NoHeic));
    let size = dimensions(&heic, &DecodeSettings::default());
    assert!(matches!(size, Err(PhotoError::NoHeic)));
}
