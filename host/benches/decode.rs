//! What decoding a photo as far as it is looked at takes, beside decoding all of its pixels.
//!
//! `cargo bench --bench decode -- FILE...` takes the least wall time of ten runs of each, one after the other in turns, and
//! prints their ratios. Without files it makes one of 12 megapixels, as a camera that is held upright stores it (EXIF
//! orientation 6).

#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use ai_worker::domain::Rect;
use ai_worker::photo::{DecodeSettings, Look, Photo};
use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::{ExtendedColorType, ImageEncoder as _, Rgb, RgbImage};

const RUNS: usize = 10;
/// What the networks of the set `open` look at when the smallest face takes 16 thousandths of the longer side.
const LOOK: Look = Look {
    longer: 937,
    shorter: 280,
};

fn main() {
    let named: Vec<(String, Bytes)> = std::env::args()
        .skip(1)
        // What cargo adds.
        .filter(|argument| !argument.starts_with("--"))
        .map(|file| {
            let bytes = std::fs::read(&file).unwrap();
            (file, bytes.into())
        })
        .collect();
    let files = if named.is_empty() {
        vec![("made, 12 MP, orientation 6".to_owned(), made())]
    } else {
        named
    };
    println!(
        "{:<40} {:>9} {:>9} {:>6} {:>9} {:>6}",
        "", "whole", "overview", "ratio", "a part", "ratio"
    );
    for (name, bytes) in files {
        let settings = DecodeSettings {
            max_memory: 1 << 31,
            ..DecodeSettings::default()
        };
        let mut least = [Duration::MAX; 3];
        for _ in 0..RUNS {
            let started = Instant::now();
            let whole = Photo::read(bytes.clone(), &settings, Look::whole()).unwrap();
            least[0] = least[0].min(started.elapsed());
            drop(black_box(whole));

            let started = Instant::now();
            let photo = Photo::read(bytes.clone(), &settings, LOOK).unwrap();
            least[1] = least[1].min(started.elapsed());

            // A face of a tenth of the photo, in its middle.
            let (width, height) = photo.dimensions();
            let (x, y) = (width as f32, height as f32);
            let face = Rect {
                x1: 0.4 * x,
                y1: 0.4 * y,
                x2: 0.6 * x,
                y2: 0.6 * y,
            };
            let started = Instant::now();
            black_box(photo.closer(&face, 1.0).unwrap());
            least[2] = least[2].min(started.elapsed());
        }
        let [whole, overview, part] = least.map(|time| time.as_secs_f64() * 1_000.0);
        println!(
            "{name:<40} {whole:>6.1} ms {overview:>6.1} ms {:>6.2} {part:>6.1} ms {:>6.2}",
            overview / whole,
            part / whole
        );
    }
}

/// A JPEG of 4,032 x 3,024 pixels that must be turned.
fn made() -> Bytes {
    let mut random = fastrand::Rng::with_seed(7);
    let wave = |value: f64| 127.5 + 100.0 * value.sin();
    let picture = RgbImage::from_fn(4_032, 3_024, |x, y| {
        let (x, y) = (f64::from(x), f64::from(y));
        let noise = random.f64() * 24.0;
        Rgb([wave(x / 91.0), wave(y / 73.0), wave((x + y) / 131.0)].map(|value| (value + noise) as u8))
    });
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 90);
    let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0";
    encoder.set_exif_metadata(exif.to_vec()).unwrap();
    encoder
        .write_image(&picture, 4_032, 3_024, ExtendedColorType::Rgb8)
        .unwrap();
    file.into()
}
