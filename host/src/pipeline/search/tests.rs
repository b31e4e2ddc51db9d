#![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

use image::{Rgb, RgbImage};

use super::*;
use crate::inference::InferenceError;
use crate::photo::Quarter;

/// A fake detector. It takes the one thing that is not black for a face, which is red above and white below when it is
/// upright, and is as sure as a real one is of a face of that size.
struct FakeDetector;

impl DetectFaces for FakeDetector {
    fn size(&self) -> u32 {
        640
    }

    fn takes_any_size(&self) -> Result<bool, InferenceError> {
        Ok(true)
    }

    fn least_score(&self) -> f32 {
        0.7
    }

    fn overlap(&self) -> f32 {
        0.3
    }

    fn candidates(&self, image: &RgbImage, least: f32) -> Result<Vec<Detection>, InferenceError> {
        assert!(image.width().is_multiple_of(CELL) && image.height().is_multiple_of(CELL));
        let inside = |colour: fn(&Rgb<u8>) -> bool| {
            let pixels: Vec<(f32, f32)> = image
                .enumerate_pixels()
                .filter(|(_, _, pixel)| colour(pixel))
                .map(|(x, y, _)| (x as f32, y as f32))
                .collect();
            let edge = |of: fn(&(f32, f32)) -> f32, fold: fn(f32, f32) -> f32, from: f32| {
                pixels.iter().map(of).fold(from, fold)
            };
            (!pixels.is_empty()).then(|| Rect {
                x1: edge(|at| at.0, f32::min, f32::INFINITY),
                y1: edge(|at| at.1, f32::min, f32::INFINITY),
                x2: edge(|at| at.0, f32::max, 0.0) + 1.0,
                y2: edge(|at| at.1, f32::max, 0.0) + 1.0,
            })
        };
        let Some(rect) = inside(|pixel| pixel[0] > 60) else {
            return Ok(Vec::new());
        };
        let side = rect.longer_side();
        let is_upright = inside(|pixel| pixel[1] > 60).is_none_or(|white| {
            white.y1 > rect.y1 + side / 4.0
                && white.x1 < rect.x1 + side / 4.0
                && white.x2 > rect.x2 - side / 4.0
        });
        let score: f32 = match side {
            _ if !is_upright => 0.2,
            ..8.0 => 0.01,
            ..20.0 => 0.3,
            ..250.0 => 0.9,
            _ => 0.6,
        };
        let top_left = Point {
            x: rect.x1,
            y: rect.y1,
        };
        let face = Detection::new(rect, [top_left; 5], score);
        Ok(Vec::from_iter((score >= least).then_some(face)))
    }
}

/// A picture with a face of `side` pixels.
fn picture(width: u32, height: u32, left: u32, top: u32, side: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        if !(left..left + side).contains(&x) || !(top..top + side).contains(&y) {
            Rgb([0, 0, 0])
        } else if y < top + side / 2 {
            Rgb([255, 0, 0])
        } else {
            Rgb([255, 255, 255])
        }
    })
}

const SETTINGS: SearchSettings = SearchSettings {
    smallest: 0.01,
    effort: 0.6,
};

fn found(picture: RgbImage, settings: SearchSettings) -> Found {
    find_faces(&FakeDetector, &Part::whole(picture), settings).unwrap()
}

fn assert_face_at(found: &Found, left: f32, top: f32, side: f32, what: &str) {
    assert_eq!(found.faces.len(), 1, "{what}");
    let rect = found.faces[0].rect;
    let edges = [
        rect.x1 - left,
        rect.y1 - top,
        rect.x2 - left - side,
        rect.y2 - top - side,
    ];
    assert!(
        edges.iter().all(|off| off.abs() <= 0.1 * side + 2.0),
        "{what}: {rect:?} instead of {left}, {top}, {side}"
    );
}

#[test]
fn faces_are_found_from_a_hundredth_of_the_photo_to_all_of_it() {
    for (side, left, top) in [
        (20, 1700, 30),
        (30, 0, 0),
        (200, 900, 700),
        (1_400, 20, 40),
        (1_500, 0, 0),
    ] {
        let found = found(picture(2_000, 1_500, left, top, side), SETTINGS);
        assert_face_at(&found, left as f32, top as f32, side as f32, "2,000 x 1,500");
        assert_eq!(found.faces[0].confidence, 0.9, "the same at every size");
    }
}

#[test]
fn without_effort_small_faces_are_not_looked_for() {
    let without = SearchSettings {
        effort: 0.0,
        ..SETTINGS
    };
    assert!(
        found(picture(2_000, 1_500, 300, 300, 22), without)
            .faces
            .is_empty()
    );
    assert_face_at(
        &found(picture(2_000, 1_500, 300, 300, 200), without),
        300.0,
        300.0,
        200.0,
        "large",
    );
}

#[test]
fn faces_smaller_than_wanted_are_not_looked_for() {
    let large = SearchSettings {
        smallest: 0.03,
        ..SETTINGS
    };
    assert!(found(picture(2_000, 1_500, 300, 300, 22), large).faces.is_empty());
}

#[test]
fn a_panorama_and_a_long_screenshot_have_faces() {
    let found_in_panorama = found(picture(12_000, 1_500, 9_000, 700, 122), SETTINGS);
    assert_face_at(&found_in_panorama, 9_000.0, 700.0, 122.0, "panorama");
    let found_in_screenshot = found(picture(790, 14_500, 300, 11_000, 300), SETTINGS);
    assert_face_at(&found_in_screenshot, 300.0, 11_000.0, 300.0, "screenshot");
}

#[test]
fn a_photo_that_lies_on_its_side_has_faces_at_their_place() {
    let upright = picture(2_000, 1_500, 900, 300, 200);
    for quarter in Quarter::ALL {
        let turned = quarter.apply(&upright);
        let back = match quarter {
            Quarter::Clockwise => Quarter::Anticlockwise,
            Quarter::Half => Quarter::Half,
            Quarter::Anticlockwise => Quarter::Clockwise,
        };
        let wanted = Rect {
            x1: 900.0,
            y1: 300.0,
            x2: 1_100.0,
            y2: 500.0,
        };
        let wanted = wanted.mapped(|point| back.point_before(point, upright.dimensions()));
        let found = found(turned, SETTINGS);
        assert_face_at(&found, wanted.x1, wanted.y1, 200.0, &format!("{quarter:?}"));
    }
}

#[test]
fn the_effort_bounds_how_often_the_detector_looks() {
    // Three looks at the whole photo and three turns; then 0.6 of 640 x 480 pixels.
    let noise = RgbImage::from_fn(2_000, 1_500, |x, y| {
        Rgb([if (x / 7 + y / 5) % 2 == 0 { 0 } else { 50 }; 3])
    });
    assert_eq!(found(noise, SETTINGS).looks, 6);
    // One more at parts around traces, and one at candidates.
    assert!(found(picture(2_000, 1_500, 300, 300, 20), SETTINGS).looks <= 8);
}
