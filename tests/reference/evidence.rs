//! The object detector, and the networks that find and read text.

use ai_worker::domain::{Point, Rect, TurnedRect};
use ai_worker::inference::{FoundLine, GREY, Inference};
use ai_worker::photo::{self, Part};
use image::{Rgb, RgbImage};
use serde::Deserialize;

use super::{assert_close, inference, recorded, sample};

/// Scores of things: resizing by another library moves those of small ones most.
const SCORE: f32 = 0.05;
/// Edges of boxes, in parts of the square that the network looks at.
const EDGE: f32 = 0.03;
/// The middle of a line, in pixels of the photo, and its turn in degrees.
const PLACE: f32 = 5.0;
const TURN: f32 = 1.5;

#[derive(Deserialize)]
struct Things {
    classes: Vec<String>,
    photos: Vec<Seen>,
}

#[derive(Deserialize)]
struct Seen {
    photo: String,
    filled: [f32; 2],
    top: Vec<Thing>,
}

#[derive(Deserialize)]
struct Thing {
    name: String,
    score: f32,
    r#box: [f32; 4],
}

#[test_support::test]
fn things_are_those_of_the_reference() {
    let inference = inference("open");
    let expected: Things = recorded("objects.json");
    let classes = include_str!("../../models/coco-classes.txt");
    assert_eq!(classes.lines().collect::<Vec<_>>(), expected.classes);
    let size = inference.object_size().unwrap();
    let mut compared = 0;
    for Seen { photo, filled, top } in &expected.photos {
        let square = photo::in_corner(&sample(photo), size, Rgb([GREY; 3])).unwrap();
        let found = inference.objects(&square).unwrap().unwrap();
        for thing in top.iter().filter(|thing| thing.score >= 0.4) {
            let [left, top, right, bottom] = thing.r#box;
            let edges = [
                left * filled[0],
                top * filled[1],
                right * filled[0],
                bottom * filled[1],
            ];
            let same = found.iter().find(|found| {
                let Rect { x1, y1, x2, y2 } = found.rect;
                let inside = [x1.max(0.0), y1.max(0.0), x2.min(filled[0]), y2.min(filled[1])];
                let near = |(found, expected): (f32, &f32)| (found - expected).abs() < EDGE;
                found.name == thing.name && inside.into_iter().zip(&edges).all(near)
            });
            let same = same.unwrap_or_else(|| panic!("{photo} has no {}: {found:?}", thing.name));
            assert_close(&thing.name, same.score, thing.score, SCORE);
            assert_close(
                &thing.name,
                same.rect.y2.min(filled[1]),
                thing.r#box[3] * filled[1],
                EDGE,
            );
            compared += 1;
        }
    }
    assert!(compared >= 10, "{compared}");
}

#[derive(Deserialize)]
struct Read {
    images: Vec<Picture>,
}

#[derive(Deserialize)]
struct Picture {
    file: String,
    first_look: Vec<Line>,
    lines: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    text: String,
    cx: f32,
    cy: f32,
    w: f32,
    h: f32,
    turn: f32,
}

fn picture(name: &str) -> RgbImage {
    let fixture = format!("{}/../tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"));
    match std::fs::read(fixture) {
        Ok(bytes) => photo::decode(&bytes, &photo::DecodeSettings::default()).unwrap(),
        Err(_) => sample(name),
    }
}

/// The lines in a photo, in its pixels, from top to bottom.
fn look(inference: &Inference, picture: &RgbImage) -> Vec<TurnedRect> {
    let look = photo::letterbox(picture, 576).unwrap();
    let found = inference.text_lines(&look.image).unwrap().unwrap();
    let mut found: Vec<TurnedRect> = found
        .iter()
        .map(|FoundLine { rect, .. }| rect.scaled(1.0 / look.scale))
        .collect();
    found.sort_by(|a, b| a.middle.y.total_cmp(&b.middle.y));
    found
}

#[test_support::test]
fn lines_are_found_and_read_as_the_reference_does() {
    let inference = inference("open");
    let expected: Read = recorded("reading.json");
    let height = inference.text_height().unwrap();
    for Picture {
        file,
        first_look,
        lines,
    } in &expected.images
    {
        let picture = picture(file);
        let found = look(&inference, &picture);
        assert_eq!(found.len(), first_look.len(), "{file}: {found:?}");
        for (found, expected) in found.iter().zip(first_look) {
            assert_close(file, found.middle.x, expected.cx, PLACE);
            assert_close(file, found.middle.y, expected.cy, PLACE);
            assert_close(file, found.turn, expected.turn, TURN);
        }
        let part = Part::whole(picture);
        for line in lines {
            let rect = TurnedRect {
                middle: Point {
                    x: line.cx,
                    y: line.cy,
                },
                width: line.w,
                height: line.h,
                turn: line.turn,
            };
            let width = (height as f32 * line.w / line.h).ceil() as u32;
            let strip = photo::level(&part, &rect, (width.next_multiple_of(8), height)).unwrap();
            let read = inference.read_line(&strip, 0.0..1.0).unwrap().unwrap();
            assert_eq!(read.text.trim(), line.text);
            assert!(read.score > 0.9, "{}: {}", line.text, read.score);
        }
    }
}
