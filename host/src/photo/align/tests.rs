#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;
use crate::domain::Rect;

/// A smooth picture, so that interpolation hardly changes it.
fn waves(width: u32, height: u32) -> RgbImage {
    let wave = |value: f64| (127.5 + 120.0 * value.sin()).round() as u8;
    RgbImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x), f64::from(y));
        Rgb([wave(x / 17.0), wave(y / 13.0), wave((x + y) / 23.0)])
    })
}

fn points(landmarks: &Landmarks) -> [PixelVector; 5] {
    landmarks.map(PixelVector::from)
}

#[test]
fn landmarks_on_the_template_cut_the_top_left() {
    let photo = waves(150, 130);
    let face = align(
        &Part::whole(photo.clone()),
        &ARCFACE_TEMPLATE.landmarks,
        112,
        &ARCFACE_TEMPLATE,
    )
    .unwrap();
    let expected = image::imageops::crop_imm(&photo, 0, 0, 112, 112).to_image();
    let worst = face
        .as_raw()
        .iter()
        .zip(expected.as_raw())
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert!(worst <= Some(1), "{worst:?}");
}

#[test]
fn a_template_scales_with_the_square() {
    let photo = waves(300, 300);
    let doubled = ARCFACE_TEMPLATE.landmarks.map(|point| Point {
        x: point.x * 2.0,
        y: point.y * 2.0,
    });
    let face = align(&Part::whole(photo.clone()), &doubled, 224, &ARCFACE_TEMPLATE).unwrap();
    let expected = image::imageops::crop_imm(&photo, 0, 0, 224, 224).to_image();
    let worst = face
        .as_raw()
        .iter()
        .zip(expected.as_raw())
        .map(|(a, b)| a.abs_diff(*b))
        .max();
    assert!(worst <= Some(1), "{worst:?}");
}

#[test]
fn outside_the_photo_is_black() {
    let photo = RgbImage::from_pixel(60, 60, Rgb([255, 255, 255]));
    let face = align(
        &Part::whole(photo.clone()),
        &ARCFACE_TEMPLATE.landmarks,
        112,
        &ARCFACE_TEMPLATE,
    )
    .unwrap();
    assert_eq!(*face.get_pixel(59, 59), Rgb([255, 255, 255]));
    assert_eq!(*face.get_pixel(61, 30), Rgb([0, 0, 0]));
    assert_eq!(*face.get_pixel(111, 111), Rgb([0, 0, 0]));
}

#[test]
fn a_centred_chip_shows_more_than_the_face() {
    let photo = waves(300, 300);
    let upright = |rect| Detection::new(rect, ARCFACE_TEMPLATE.landmarks, 1.0);
    let face = Rect {
        x1: 110.0,
        y1: 120.0,
        x2: 150.0,
        y2: 184.0,
    };
    // 1.5 times 64 pixels, one to one: from the middle (130, 152) half of 96 to the left and up.
    let chip = centred_chip(&Part::whole(photo.clone()), &upright(face), 1.5, 96).unwrap();
    let expected = image::imageops::crop_imm(&photo, 82, 104, 96, 96).to_image();
    assert_eq!(chip, expected);
    // At the photo's corner the rest is black.
    let corner = Rect {
        x1: -10.0,
        y1: -10.0,
        x2: 10.0,
        y2: 10.0,
    };
    let chip = centred_chip(&Part::whole(photo.clone()), &upright(corner), 1.5, 30).unwrap();
    assert_eq!(*chip.get_pixel(14, 14), Rgb([0, 0, 0]));
    assert_eq!(chip.get_pixel(15, 15), photo.get_pixel(0, 0));
    for x2 in [110.0, f32::NAN, f32::INFINITY] {
        assert!(
            centred_chip(
                &Part::whole(photo.clone()),
                &upright(Rect {
                    x2,
                    y2: 120.0,
                    ..face
                }),
                1.5,
                96
            )
            .is_err()
        );
    }
}

#[test]
fn a_face_that_lies_on_its_side_is_turned_upright() {
    let photo = waves(300, 200);
    let rect = Rect {
        x1: 110.0,
        y1: 60.0,
        x2: 150.0,
        y2: 124.0,
    };
    let face = Detection::new(rect, ARCFACE_TEMPLATE.landmarks, 1.0);
    assert_eq!(turn_upright(&face.landmarks), None);
    let expected = centred_chip(&Part::whole(photo.clone()), &face, 1.5, 96).unwrap();
    for (lies, upright) in [
        (Quarter::Clockwise, Quarter::Anticlockwise),
        (Quarter::Half, Quarter::Half),
        (Quarter::Anticlockwise, Quarter::Clockwise),
    ] {
        let turned = lies.apply(&photo);
        // To where it is after the turn: where it would be before the turn back.
        let size = photo.dimensions();
        let lying = face.mapped(|point| upright.point_before(point, size));
        assert_eq!(turn_upright(&lying.landmarks), Some(upright));
        let chip = centred_chip(&Part::whole(turned), &lying, 1.5, 96).unwrap();
        assert_eq!(chip, expected, "{lies:?}");
    }
}

#[test]
fn landmarks_that_are_no_face_are_refused() {
    let photo = waves(150, 130);
    let equal = [Point { x: 4.0, y: 5.0 }; 5];
    let mut missing = ARCFACE_TEMPLATE.landmarks;
    missing[3].y = f32::NAN;
    let mut far = ARCFACE_TEMPLATE.landmarks;
    far[0].x = f32::INFINITY;
    for landmarks in [equal, missing, far] {
        let result = align(&Part::whole(photo.clone()), &landmarks, 112, &ARCFACE_TEMPLATE);
        assert!(matches!(result, Err(PhotoError::Geometry(_))), "{landmarks:?}");
    }
    assert!(
        align(
            &Part::whole(photo.clone()),
            &ARCFACE_TEMPLATE.landmarks,
            0,
            &ARCFACE_TEMPLATE
        )
        .is_err()
    );
}

proptest! {
    #[test]
    fn a_similarity_is_recovered_from_what_it_moved(
        angle in -3.1f64..3.1, scale in 0.05f64..20.0, x in -5e3f64..5e3, y in -5e3f64..5e3,
    ) {
        let (a, b) = (scale * angle.cos(), scale * angle.sin());
        let truth = Similarity { a, b, shift: PixelVector { x, y } };
        let from = points(&DEMOGRAPHICS_TEMPLATE.landmarks).map(|point| point.scaled(64.0));
        let found = Similarity::between(&from, &from.map(|point| truth.apply(point))).unwrap();
        prop_assert!((found.a - a).abs() < 1e-6 && (found.b - b).abs() < 1e-6);
        prop_assert!((found.shift.x - x).abs() < 1e-5 && (found.shift.y - y).abs() < 1e-5);
        let back = found.inverse().unwrap();
        for point in from {
            let again = back.apply(found.apply(point));
            prop_assert!((again.x - point.x).abs() < 1e-6 && (again.y - point.y).abs() < 1e-6);
        }
    }

    #[test]
    fn every_aligned_pixel_comes_from_where_the_face_was_moved_to(
        angle in -0.6f64..0.6, scale in 0.5f64..1.5, x in 80f64..120.0, y in 80f64..120.0,
    ) {
        let moved = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), shift: PixelVector { x, y } };
        static PHOTO: LazyLock<RgbImage> = LazyLock::new(|| waves(400, 400));
        let photo = &*PHOTO;
        let landmarks = ARCFACE_TEMPLATE.landmarks.map(|point| {
            let at = moved.apply(point.into());
            Point { x: at.x as f32, y: at.y as f32 }
        });
        let face = align(&Part::whole(photo.clone()), &landmarks, 112, &ARCFACE_TEMPLATE).unwrap();
        for (column, row) in [(0, 0), (56, 56), (111, 0), (30, 100), (111, 111)] {
            let at = moved.apply(PixelVector { x: f64::from(column), y: f64::from(row) });
            let expected = sample(photo, at);
            let found = face.get_pixel(column, row);
            for channel in 0..3 {
                prop_assert!(found[channel].abs_diff(expected[channel]) <= 1);
            }
        }
    }
}

#[test]
fn a_large_face_is_averaged_before_it_is_sampled() {
    // Stripes of a pixel, of which a sample in many would be one or the other.
    let stripes = RgbImage::from_fn(1_200, 1_200, |x, _| Rgb([if x % 2 == 0 { 0 } else { 255 }; 3]));
    let landmarks = ARCFACE_TEMPLATE.landmarks.map(|point| Point {
        x: 7.3 * point.x + 100.0,
        y: 7.3 * point.y + 100.0,
    });
    let scale = aligned_scale(&landmarks, 112, &ARCFACE_TEMPLATE).unwrap();
    assert!((scale - 7.3).abs() < 1e-3);
    let face = align(&Part::whole(stripes), &landmarks, 112, &ARCFACE_TEMPLATE).unwrap();
    for (x, y, pixel) in face.enumerate_pixels() {
        // Of seven pixels three or four are white.
        assert!(pixel[0].abs_diff(127) <= 20, "{pixel:?} at {x}, {y}");
    }
}

#[test]
fn a_reduced_part_gives_the_face_that_the_whole_gives() {
    let photo = waves(800, 700);
    let landmarks = ARCFACE_TEMPLATE.landmarks.map(|point| Point {
        x: 4.4 * point.x + 0.3 * point.y + 60.0,
        y: 4.4 * point.y - 0.3 * point.x + 80.0,
    });
    let whole = align(&Part::whole(photo.clone()), &landmarks, 112, &ARCFACE_TEMPLATE).unwrap();
    for factor in [2, 4] {
        let wanted = Area {
            left: 40,
            top: 20,
            width: 700,
            height: 640,
        };
        let (area, pixels) = reduce::part(&photo, wanted, factor).unwrap();
        let reduced = align(
            &Part::new(pixels, area, factor),
            &landmarks,
            112,
            &ARCFACE_TEMPLATE,
        )
        .unwrap();
        for (found, expected) in reduced.as_raw().iter().zip(whole.as_raw()) {
            assert!(
                found.abs_diff(*expected) <= 6,
                "1/{factor}: {found} instead of {expected}"
            );
        }
    }
}
