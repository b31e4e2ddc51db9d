//! Photos with as many faces as wanted: the faces of the sample photos, put side by side onto one of the photos.

use std::io::Cursor;

use fastrand::Rng;
use image::imageops::{self, FilterType};
use image::{ImageFormat, RgbImage};
use serde_json::Value;

use test_support::worker::Worker;

/// The photos that faces are cut from: portraits, six people, and a conference.
const PEOPLE: [&str; 7] = [
    "astronaut.png",
    "biden.jpg",
    "obama.jpg",
    "obama2.jpg",
    "obama3.jpg",
    "solvay_1927.jpg",
    "t1.jpg",
];
/// The photos that they are put on.
const BACKGROUNDS: [&str; 3] = ["chelsea.png", "coffee.png", "rocket.jpg"];
/// The shortest side of a face's box that is worth showing again, in pixels.
const SMALLEST: u32 = 32;
/// Every so many photos one is a PNG, the others are JPEG.
const PNG_EVERY: usize = 8;

/// What photos are made of.
pub(crate) struct Collage {
    faces: Vec<RgbImage>,
    backgrounds: Vec<RgbImage>,
    random: Rng,
    made: usize,
}

impl Collage {
    /// Takes the faces that a worker finds in the samples.
    pub(crate) async fn new(worker: &Worker) -> Self {
        let open = |name: &str| {
            image::load_from_memory(&worker.photos.get(name))
                .unwrap()
                .into_rgb8()
        };
        let mut faces = Vec::new();
        for name in PEOPLE {
            let photo = open(name);
            let answer = worker.describe(name).await;
            let boxes = answer["faces"].as_array().unwrap().iter();
            faces.extend(boxes.filter_map(|face| cut(&photo, &face["bounding_box"])));
        }
        Self {
            faces,
            backgrounds: BACKGROUNDS.map(open).into(),
            random: Rng::with_seed(6),
            made: 0,
        }
    }

    pub(crate) fn faces(&self) -> usize {
        self.faces.len()
    }

    /// A photo file that shows so many faces. Its size, its faces, theirs and their places are different each time, and
    /// the same in each run.
    pub(crate) fn photo(&mut self, count: usize) -> Vec<u8> {
        let Self {
            faces,
            backgrounds,
            random,
            made,
        } = self;
        let (columns, cell) = (random.u32(4..=8), random.u32(112..=192));
        let rows = (count as u32).div_ceil(columns).max(2);
        let background = random.choice(&*backgrounds).unwrap();
        let mut photo = imageops::resize(background, columns * cell, rows * cell, FilterType::Triangle);
        let mut places: Vec<u32> = (0..columns * rows).collect();
        random.shuffle(&mut places);
        random.shuffle(faces);
        for (face, place) in faces.iter().cycle().zip(places).take(count) {
            let side = random.u32(cell * 3 / 4..=cell);
            let face = imageops::resize(face, side, side, FilterType::Triangle);
            let (x, y) = (place % columns * cell, place / columns * cell);
            imageops::replace(&mut photo, &face, x.into(), y.into());
        }
        *made += 1;
        let format = match *made % PNG_EVERY {
            0 => ImageFormat::Png,
            _ => ImageFormat::Jpeg,
        };
        let mut bytes = Cursor::new(Vec::new());
        photo.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }
}

/// A face with its surroundings, as a square; none of a small one.
fn cut(photo: &RgbImage, bounding_box: &Value) -> Option<RgbImage> {
    let [x1, y1, x2, y2]: [u32; 4] = serde_json::from_value(bounding_box.clone()).unwrap();
    let (width, height) = (x2 - x1, y2 - y1);
    let side = (width.max(height) * 8 / 5).min(photo.width()).min(photo.height());
    let start = |low: u32, size: u32, all: u32| (low + size / 2).saturating_sub(side / 2).min(all - side);
    let (x, y) = (start(x1, width, photo.width()), start(y1, height, photo.height()));
    (width.min(height) >= SMALLEST).then(|| imageops::crop_imm(photo, x, y, side, side).to_image())
}
