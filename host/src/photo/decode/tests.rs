#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use image::codecs::jpeg::JpegEncoder;
use image::{ImageBuffer, Rgb, Rgba};

use super::*;
use crate::domain::{Point, Rect};
use crate::photo::Part;

pub(super) const RED: [u8; 3] = [220, 40, 40];
pub(super) const GREEN: [u8; 3] = [40, 180, 60];
pub(super) const BLUE: [u8; 3] = [40, 60, 200];
pub(super) const YELLOW: [u8; 3] = [230, 210, 40];
pub(super) const WHITE: [u8; 3] = [255, 255, 255];

pub(super) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

pub(super) fn decoded(name: &str) -> RgbImage {
    decode(&fixture(name), &DecodeSettings::default()).unwrap()
}

pub(super) fn refused(bytes: &[u8]) -> PhotoError {
    decode(bytes, &DecodeSettings::default()).unwrap_err()
}

/// Compares the middle of each quarter: top left, top right, bottom left, bottom right.
pub(super) fn assert_quarters(photo: &RgbImage, expected: [[u8; 3]; 4], tolerance: u8) {
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
    let wide = DecodeSettings {
        max_side: 50_000,
        ..DecodeSettings::default()
    };
    let result = decode(&bomb, &wide);
    assert!(
        matches!(result, Err(PhotoError::TooManyPixels { .. })),
        "{result:?}"
    );
    let large = DecodeSettings {
        max_pixels: 1 << 40,
        ..wide
    };
    let result = decode(&bomb, &large);
    assert!(
        matches!(
            result,
            Err(PhotoError::TooMuchMemory {
                needed: 4_800_000_000,
                limit: 201_326_592
            })
        ),
        "{result:?}"
    );
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
        max_metadata: 1 << 20,
        max_scans: 4,
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
    ] {
        assert!(matches!(
            decode(&bytes, &less),
            Err(PhotoError::TooManyPixels { .. })
        ));
    }
    let less = DecodeSettings {
        max_memory: 48 * 32 * 3 - 1,
        ..exact
    };
    assert!(matches!(
        decode(&bytes, &less),
        Err(PhotoError::TooMuchMemory { .. })
    ));
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
        // pixels of a PNG is its end mark; and a JPEG without its own may have all of its pixels, but no others.
        let last = match name {
            "animated.webp" => whole.len() / 2,
            "alpha-16.png" | "palette.png" => whole.len() - 20,
            "quarters.bmp" => whole.len() - 1,
            // Into the last scan.
            "progressive.jpg" => whole.len() - 420,
            _ => whole.len() - 10,
        };
        for length in (32..last).step_by(7).chain([last]) {
            let result = decode(&whole[..length], &DecodeSettings::default());
            assert!(result.is_err(), "{name} cut at {length} of {}", whole.len());
        }
        if name.ends_with(".jpg") {
            for length in last..whole.len() {
                let Ok(found) = decode(&whole[..length], &DecodeSettings::default()) else {
                    continue;
                };
                // The last scan of a progressive file gives the last bit of details.
                let most = if name == "progressive.jpg" { 3 } else { 0 };
                for (found, expected) in found.as_raw().iter().zip(decoded(name).as_raw()) {
                    assert!(
                        found.abs_diff(*expected) <= most,
                        "{name} cut at {length} of {}",
                        whole.len()
                    );
                }
            }
            let ended = &whole[..whole.len() - 2];
            assert_eq!(
                decode(ended, &DecodeSettings::default()).unwrap(),
                decoded(name),
                "{name}"
            );
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

/// A PNG with a profile.
fn with_profile(photo: &RgbImage, profile: Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::set_icc_profile(&mut encoder, profile).unwrap();
    photo.write_with_encoder(encoder).unwrap();
    bytes
}

#[test]
fn colours_of_a_wide_space_become_those_of_srgb() {
    // Display P3 and what it is in sRGB, by the matrices of both (IEC 61966-2-1, SMPTE EG 432-1).
    let colours = [
        ([200, 100, 50], [215, 93, 31]),
        ([60, 180, 90], [0, 183, 78]),
        ([120, 40, 160], [131, 32, 166]),
        ([80, 80, 80], [80, 80, 80]),
    ];
    let photo = RgbImage::from_fn(4, 3, |x, _| Rgb(colours[x as usize].0));
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    let found = decode(&with_profile(&photo, profile), &DecodeSettings::default()).unwrap();
    for (x, (_, expected)) in colours.into_iter().enumerate() {
        for y in 0..3 {
            let pixel = found.get_pixel(x as u32, y).0;
            let close = pixel.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 2);
            assert!(close, "{pixel:?} instead of {expected:?}");
        }
    }
}

#[test]
fn a_profile_that_says_nothing_new_or_nothing_at_all_changes_no_pixel() {
    let photo = RgbImage::from_fn(16, 16, |x, y| Rgb([(x * 16) as u8, (y * 16) as u8, 77]));
    let grey = moxcms::ColorProfile::new_gray_with_gamma(2.2).encode().unwrap();
    let srgb = moxcms::ColorProfile::new_srgb().encode().unwrap();
    let half = srgb[..srgb.len() / 2].to_vec();
    for profile in [srgb, grey, half, b"no profile".to_vec()] {
        let found = decode(&with_profile(&photo, profile), &DecodeSettings::default()).unwrap();
        assert_eq!(found, photo);
    }
}

#[test]
fn what_must_be_turned_or_converted_takes_more_memory() {
    let upright = fixture("orientation-1.jpg");
    let turned = fixture("orientation-6.jpg");
    // 48 x 32 pixels are 4,608 bytes, and as many samples of 4:4:4.
    let tight = |bytes: &[u8], more: u64| DecodeSettings {
        max_memory: 2 * 4_608 + bytes.len() as u64 + more,
        ..DecodeSettings::default()
    };
    assert!(decode(&upright, &tight(&upright, 0)).is_ok());
    // Turning takes two pictures at a time, when the file and the samples are gone.
    for (less, fits) in [(0, true), (1, false)] {
        let settings = DecodeSettings {
            max_memory: 2 * 4_608 + turned.len() as u64 - less,
            ..DecodeSettings::default()
        };
        assert_eq!(decode(&turned, &settings).is_ok(), fits, "{less}");
    }
    let progressive = fixture("progressive.jpg");
    // 96 x 64 pixels in 4:2:0 are 9,216 samples, each with a coefficient of 2 bytes.
    let pixels = 3 * 96 * 64 + 9_216;
    for (more, fits) in [(2 * 9_216, true), (2 * 9_216 - 1, false)] {
        let settings = DecodeSettings {
            max_memory: pixels + progressive.len() as u64 + more,
            ..DecodeSettings::default()
        };
        assert_eq!(decode(&progressive, &settings).is_ok(), fits, "{more}");
    }
}

/// The colours of a picture of quarters, whatever its size.
fn quarters(photo: &RgbImage) -> [[u8; 3]; 4] {
    let (width, height) = photo.dimensions();
    [(1, 1), (3, 1), (1, 3), (3, 3)].map(|(x, y)| photo.get_pixel(width * x / 4, height * y / 4).0)
}

#[test]
fn every_kind_of_jpeg_gives_the_same_picture() {
    let expected = decoded("kinds/420.jpg");
    for name in [
        "non-interleaved-420.jpg",
        "non-interleaved-440.jpg",
        "sampled-3x1.jpg",
        "arithmetic.jpg",
    ] {
        let found = decoded(&format!("kinds/{name}"));
        for (found, expected) in quarters(&found).into_iter().zip(quarters(&expected)) {
            let close = found.iter().zip(expected).all(|(a, b)| a.abs_diff(b) <= 3);
            assert!(close, "{name}: {found:?} instead of {expected:?}");
        }
    }
    // What differs is the order of the data alone.
    assert_eq!(decoded("kinds/non-interleaved-420.jpg"), expected);
}

#[test]
fn reduced_pictures_and_parts_show_what_the_whole_shows() {
    // Smooth, so that what is finer than a reduced picture can show is little; with sides that no reduction divides.
    let wave = |value: f64| (127.5 + 100.0 * value.sin()) as u8;
    let picture = RgbImage::from_fn(203, 149, |x, y| {
        let (x, y) = (f64::from(x), f64::from(y));
        Rgb([wave(x / 31.0), wave(y / 23.0), wave((x + y) / 41.0)])
    });
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).unwrap();
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 98)
        .encode_image(&picture)
        .unwrap();
    for (bytes, exif) in [(png.into_inner(), 1), (jpeg.clone(), 1)]
        .into_iter()
        .chain((2..=8).map(|exif| (with_orientation(&jpeg, exif), exif)))
    {
        let whole = decode(&bytes, &DecodeSettings::default()).unwrap();
        for (reduction, longer) in [(8, 25), (4, 50), (2, 101), (1, 203)] {
            let look = Look { longer, shorter: 1 };
            let photo = Photo::read(Bytes::from(bytes.clone()), &DecodeSettings::default(), look).unwrap();
            assert_eq!(photo.dimensions(), whole.dimensions());
            assert_eq!(photo.overview().reduction(), reduction);
            assert_shows(
                photo.overview(),
                &whole,
                &format!("orientation {exif}, 1/{reduction}"),
            );
            let rect = Rect {
                x1: 60.0,
                y1: 50.0,
                x2: 131.0,
                y2: 101.0,
            };
            for closer in [1, 2, 4] {
                let part = photo.closer(&rect, closer as f32).unwrap();
                assert_eq!(part.is_some(), closer < reduction);
                let Some(part) = part else { continue };
                assert_eq!(part.reduction(), closer);
                let within = part.rect(&rect);
                assert!(within.x1 >= 0.0 && within.y1 >= 0.0);
                assert!(
                    within.x2 <= part.pixels().width() as f32 && within.y2 <= part.pixels().height() as f32
                );
                assert_shows(
                    &part,
                    &whole,
                    &format!("orientation {exif}, a part of 1/{closer}"),
                );
            }
        }
    }
}

/// Compares each pixel that shows whole squares of the photo with their mean.
fn assert_shows(part: &Part, whole: &RgbImage, what: &str) {
    let reduction = part.reduction();
    for (x, y, found) in part.pixels().enumerate_pixels() {
        let corner = part.point_in_photo(Point {
            x: x as f32,
            y: y as f32,
        });
        if corner.x < 0.0 || corner.y < 0.0 {
            continue;
        }
        let (left, top) = (corner.x as u32, corner.y as u32);
        if left + reduction > whole.width() || top + reduction > whole.height() {
            continue;
        }
        for channel in 0..3 {
            let sum: u32 = (0..reduction * reduction)
                .map(|at| u32::from(whole.get_pixel(left + at % reduction, top + at / reduction)[channel]))
                .sum();
            let mean = sum / (reduction * reduction);
            let off = u32::from(found[channel]).abs_diff(mean);
            assert!(off <= 8, "{what}: {found:?} at {x}, {y}: off by {off}");
        }
    }
}

/// The file with an Exif segment of nothing but an orientation, as its first segment.
fn with_orientation(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let block = [
        b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0",
        &[orientation, 0, 0, 0][..],
    ]
    .concat();
    let length = u16::try_from(block.len() + 2).unwrap();
    [&jpeg[..2], b"\xff\xe1", &length.to_be_bytes(), &block, &jpeg[2..]].concat()
}

#[test]
fn a_large_portrait_is_decoded_within_the_memory_of_its_overview() {
    // 8,160 x 6,144 pixels, of which the header alone is looked at here.
    let mut head = b"\xff\xd8\xff\xc0\0\x11\x08\x18\0\x1f\xe0\x03\x01\x22\0\x02\x11\x01\x03\x11\x01".to_vec();
    head.extend(b"\xff\xda\0\x0c\x03\x01\0\x02\x11\x03\x11\0\x3f\0");
    let turned = Bytes::from(with_orientation(&head, 6));
    let file = jpeg::File::open(&turned, &DecodeSettings::default()).unwrap();
    let look = Look {
        longer: 640,
        shorter: 280,
    };
    let reduction = look.reduction(file.dimensions());
    assert_eq!(reduction, 8);
    let whole = crate::photo::turn::Area {
        left: 0,
        top: 0,
        width: 8_160,
        height: 6_144,
    };
    assert!(file.memory(whole, reduction) < 4 << 20);
}

#[test]
fn a_tiff_that_gives_its_width_twice_is_damaged() {
    let mut file = fixture("quarters.tiff");
    let usual = [28, 1, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0];
    // How its colours are planned, which is as usual anyway.
    let place = file.windows(12).position(|entry| entry == usual).unwrap();
    file[place..place + 12].copy_from_slice(&[0, 1, 3, 0, 1, 0, 0, 0, 24, 0, 0, 0]);
    assert!(matches!(refused(&file), PhotoError::Damaged(_)));
}
