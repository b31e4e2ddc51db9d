#![expect(clippy::unwrap_used, reason = "a test may panic")]

use proptest::prelude::*;

use super::*;
use crate::domain::{BoundingBox, ClusterId, FaceId};
use crate::http::answers::Gender;

const GREY: Rgb<u8> = Rgb([128; 3]);

fn face(bounding_box: BoundingBox) -> DescribedFace {
    DescribedFace {
        face_id: FaceId::random().into(),
        cluster_id: ClusterId::random().into(),
        bounding_box: bounding_box.into(),
        confidence: 0.9,
        is_new_cluster: true,
        age: Some(52.4),
        gender: Some(Gender::Male),
        quality: 0.9,
    }
}

fn answer(faces: Vec<DescribedFace>) -> ProcessAnswer {
    ProcessAnswer {
        file_id: "photo".to_owned(),
        faces,
        tags: vec!["people".to_owned()],
        context: "Potret seorang laki-laki".to_owned(),
        degraded: Vec::new(),
        details: None,
    }
}

/// On a grey photo, with the faces' indexes as numbers.
fn drawn(width: u32, height: u32, boxes: &[BoundingBox]) -> RgbImage {
    let photo = RgbImage::from_pixel(width, height, GREY);
    let answer = answer(boxes.iter().copied().map(face).collect());
    let number = |face: &DescribedFace| {
        boxes
            .iter()
            .position(|area| <[u32; 4]>::from(*area) == face.bounding_box)
            .unwrap()
    };
    annotate(&photo, &answer, number).unwrap()
}

/// Whether a pixel of a box is of its line: 3 pixels and a dark one, and the round corners.
fn is_line(BoundingBox { x1, y1, x2, y2 }: BoundingBox, x: u32, y: u32) -> bool {
    let within = |margin: u32| x >= x1 + margin && x + margin < x2 && y >= y1 + margin && y + margin < y2;
    let corner = (x < x1 + 7 || x + 7 >= x2) && (y < y1 + 7 || y + 7 >= y2);
    !within(4) || corner
}

fn boxes() -> impl Strategy<Value = Vec<BoundingBox>> {
    let one =
        (0u32..600, 0u32..440, 12u32..150, 12u32..150).prop_map(|(x1, y1, width, height)| BoundingBox {
            x1,
            y1,
            x2: (x1 + width).min(640),
            y2: (y1 + height).min(480),
        });
    prop::collection::vec(one, 1..=60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn nothing_is_drawn_on_any_face_but_the_lines_of_boxes(boxes in boxes()) {
        let picture = drawn(640, 480, &boxes);
        let mut lines = [[false; 642]; 482];
        for area in &boxes {
            // One more on every side is dark.
            for y in area.y1..area.y2 + 2 {
                for x in area.x1..area.x2 + 2 {
                    lines[y as usize][x as usize] |= is_line(*area, x.saturating_sub(1), y.saturating_sub(1))
                        || is_line(*area, x, y);
                }
            }
        }
        for area in &boxes {
            for y in area.y1..area.y2 {
                for x in area.x1..area.x2 {
                    let untouched = *picture.get_pixel(x, y) == GREY;
                    prop_assert!(untouched || lines[y as usize + 1][x as usize + 1], "{x} {y}");
                }
            }
        }
    }
}

#[test]
fn a_face_is_labelled_in_its_persons_colour() {
    let area = BoundingBox {
        x1: 200,
        y1: 200,
        x2: 300,
        y2: 320,
    };
    let picture = drawn(640, 480, &[area]);
    let pixels = |top: u32, bottom: u32| {
        (top..bottom)
            .flat_map(|y| (0..640).map(move |x| (x, y)))
            .filter(|(x, y)| *picture.get_pixel(*x, *y) == colour::person(0))
    };
    assert!(pixels(160, 197).count() > 1_000, "no label above the box");
    assert!(pixels(200, 320).count() > 1_000, "no box");
    assert_eq!(pixels(325, 480).count(), 0);
}

#[test]
fn a_face_without_room_for_a_label_is_shown_in_the_panel() {
    let whole = BoundingBox {
        x1: 0,
        y1: 0,
        x2: 640,
        y2: 480,
    };
    let small = BoundingBox {
        x1: 200,
        y1: 200,
        x2: 300,
        y2: 320,
    };
    let of_person = |picture: &RgbImage| {
        let panel = picture.enumerate_pixels().filter(|(_, y, _)| *y >= 480);
        panel.filter(|(_, _, pixel)| **pixel == colour::person(0)).count()
    };
    assert!(of_person(&drawn(640, 480, &[whole])) > 100);
    assert_eq!(of_person(&drawn(640, 480, &[small])), 0);
}

#[test]
fn photos_of_any_shape_are_drawn() {
    for (width, height) in [(1, 1), (1, 3_000), (3_000, 1), (5_000, 40), (300, 200)] {
        let whole = BoundingBox {
            x1: 0,
            y1: 0,
            x2: width,
            y2: height,
        };
        // As a stored answer may have it, of a photo that has shrunk since.
        let outside = BoundingBox {
            x1: width,
            y1: height,
            x2: width + 90,
            y2: height + 90,
        };
        for area in [whole, outside] {
            let picture = drawn(width, height, &[area]);
            assert!(picture.width() >= MIN_WIDTH && picture.width() <= MAX_SIDE);
        }
    }
}

#[test]
fn people_without_age_and_gender_have_their_number_and_no_place_in_the_legend() {
    let mut face = face(BoundingBox {
        x1: 200,
        y1: 200,
        x2: 300,
        y2: 320,
    });
    (face.age, face.gender) = (None, None);
    let photo = RgbImage::from_pixel(640, 480, GREY);
    let without = annotate(&photo, &answer(Vec::new()), |_| 0).unwrap();
    let with = annotate(&photo, &answer(vec![face]), |_| 7).unwrap();
    assert_eq!(with.dimensions(), without.dimensions());
    assert!(with.pixels().any(|pixel| *pixel == colour::person(7)));
}
