//! Faces in photos that are decoded as far as they are looked at, compared with the same faces in all of their pixels.

use ai_worker::domain::{Detection, Embedding, Point};
use ai_worker::inference::Inference;
use ai_worker::photo::{self, DecodeSettings, Look, Part, Photo};
use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{self, FilterType};

use crate::{inference, sample};

/// The least similarity of the vectors of a face, by the same landmarks. The detector's own landmarks move by up to two
/// pixels of what it is shown when another of its cells is the surest, in photos that look the same; that is the
/// detector's, and costs up to another 0.02.
const ALIKE: f32 = 0.99;
/// What the networks of `open` look at when the smallest face takes 16 thousandths of the longer side.
const LOOK: Look = Look {
    longer: 937,
    shorter: 280,
};

/// The faces in an overview, in pixels of the photo.
fn detect(inference: &Inference, overview: &Part) -> Vec<Detection> {
    let letterboxed = photo::letterbox(overview.pixels(), inference.detector_size()).unwrap();
    let found = inference.detect(&letterboxed.image).unwrap();
    let in_photo = |point: Point| {
        overview.point_in_photo(Point {
            x: point.x / letterboxed.scale,
            y: point.y / letterboxed.scale,
        })
    };
    found.iter().map(|face| face.mapped(in_photo)).collect()
}

/// A face's vector, from a part with more pixels where the overview has too few.
fn embed(inference: &Inference, photo: &Photo, face: &Detection) -> Embedding {
    let size = inference.embedder_size();
    let scale = photo::aligned_scale(&face.landmarks, size, &photo::ARCFACE_TEMPLATE).unwrap();
    let closer = (scale < photo.overview().reduction() as f32)
        .then(|| {
            let margin = 0.75 * face.rect.longer_side();
            let mut around = face.rect;
            around.x1 -= margin;
            around.y1 -= margin;
            around.x2 += margin;
            around.y2 += margin;
            photo.closer(&around, scale).unwrap()
        })
        .flatten();
    let part = closer.as_ref().unwrap_or_else(|| photo.overview());
    let aligned = photo::align(part, &face.landmarks, size, &photo::ARCFACE_TEMPLATE).unwrap();
    inference.embed(&aligned).unwrap()
}

/// The sample at so many times its size, as a JPEG file: what is not in a sample is in no pixel of it, but cameras'
/// files have as many.
fn enlarged(name: &str, times: u32) -> Bytes {
    let small = sample(name);
    let (width, height) = small.dimensions();
    let large = imageops::resize(&small, width * times, height * times, FilterType::CatmullRom);
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 92)
        .encode_image(&large)
        .unwrap();
    file.into()
}

#[test_support::test]
fn reduced_photos_show_the_same_faces() {
    for set in ["open", "research"] {
        let inference = inference(set);
        let mut reduced_faces = 0;
        for (name, times) in [
            ("obama.jpg", 1),
            ("obama2.jpg", 2),
            ("biden.jpg", 3),
            ("t1.jpg", 2),
            ("t1.jpg", 3),
        ] {
            let file = enlarged(name, times);
            // Room for what is decoded here to be compared with.
            let settings = DecodeSettings {
                max_memory: 1 << 30,
                ..DecodeSettings::default()
            };
            let whole = Photo::read(file.clone(), &settings, Look::whole()).unwrap();
            let reduced = Photo::read(file, &settings, LOOK).unwrap();
            assert_eq!(reduced.dimensions(), whole.dimensions());
            let expected = detect(&inference, whole.overview());
            let found = detect(&inference, reduced.overview());
            assert!(found.len() >= expected.len(), "{set}, {name} x{times}: {found:?}");
            for face in &expected {
                let same = found
                    .iter()
                    .max_by(|a, b| {
                        let overlap = |other: &&Detection| face.rect.intersection_over_union(&other.rect);
                        overlap(a).total_cmp(&overlap(b))
                    })
                    .unwrap();
                let overlap = face.rect.intersection_over_union(&same.rect);
                assert!(overlap > 0.9, "{set}, {name} x{times}: overlap {overlap}");
                let alike = embed(&inference, &whole, face).cosine(&embed(&inference, &reduced, face));
                assert!(alike >= ALIKE, "{set}, {name} x{times}: similarity {alike}");
                reduced_faces += u32::from(reduced.overview().reduction() > 1);
            }
        }
        assert!(reduced_faces >= 10, "{reduced_faces}");
    }
}
