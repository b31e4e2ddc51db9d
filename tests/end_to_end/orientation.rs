//! The eight EXIF orientations: the photo is upright, and so are the boxes.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::imageops::{flip_horizontal, rotate90, rotate180, rotate270};
use image::{ExtendedColorType, RgbImage};
use serde_json::Value;

use test_support::worker::{Worker, clusters};

/// A JPEG whose pixels are stored as `orientation` says, with the EXIF tag that says it.
fn stored(upright: &RgbImage, orientation: u8) -> Vec<u8> {
    // Each is the inverse of what the tag asks a viewer to do.
    let pixels = match orientation {
        2 => flip_horizontal(upright),
        3 => rotate180(upright),
        4 => flip_horizontal(&rotate180(upright)),
        5 => flip_horizontal(&rotate90(upright)),
        6 => rotate270(upright),
        7 => flip_horizontal(&rotate270(upright)),
        8 => rotate90(upright),
        _ => upright.clone(),
    };
    let mut jpeg = Cursor::new(Vec::new());
    let (width, height) = pixels.dimensions();
    JpegEncoder::new_with_quality(&mut jpeg, 95)
        .encode(&pixels, width, height, ExtendedColorType::Rgb8)
        .unwrap();
    let jpeg = jpeg.into_inner();
    // An APP1 segment with one TIFF entry: tag 0x0112 (orientation), one SHORT.
    let mut segment = b"\xFF\xE1\x00\x22Exif\x00\x00MM\x00\x2A\x00\x00\x00\x08\x00\x01".to_vec();
    segment.extend(b"\x01\x12\x00\x03\x00\x00\x00\x01\x00");
    segment.push(orientation);
    segment.extend([0; 6]);
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

fn corners(answer: &Value) -> Vec<i64> {
    serde_json::from_value(answer["faces"][0]["bounding_box"].clone()).unwrap()
}

#[test_support::test]
async fn every_orientation_gives_the_same_box_and_person() {
    let worker = Worker::start(&[]).await;
    let upright = image::load_from_memory(&worker.photos.get("obama.jpg"))
        .unwrap()
        .to_rgb8();
    let mut expected: Option<(Vec<i64>, Vec<String>)> = None;
    for orientation in 1..=8 {
        let name = format!("orientation-{orientation}.jpg");
        worker.photos.add(&name, stored(&upright, orientation));
        let answer = worker.describe(&name).await;
        let found = (corners(&answer), clusters(&answer));
        let expected = expected.get_or_insert_with(|| found.clone());
        assert_eq!(found.1, expected.1, "{name}");
        // JPEG blocks fall differently on turned pixels, which moves a box by a little.
        for (found, expected) in found.0.iter().zip(&expected.0) {
            assert!(
                (found - expected).abs() <= 8,
                "{name}: {found} instead of {expected}"
            );
        }
    }
}
