//! Rewritten graphs against the published ones, on the networks themselves and on photos.

use std::path::Path;

use ai_worker::inference::{self, InferenceError};
use ai_worker::models::manifest::Manifest;
use ai_worker::photo;
use image::RgbImage;

use super::{inference as load, sample};
use test_support::prerequisites;

/// Where the image ends earlier, layers see their own padding instead of what they make of black: boxes were measured to
/// move by up to 0.6 % of a face's width, and scores by 0.004.
const MOVED: f32 = 0.01;

#[test_support::test]
fn rewritten_networks_answer_what_the_published_ones_do_and_another_does_not() {
    let found = prerequisites();
    let (library, manifest) = (found.runtime_library(), Manifest::built_in().unwrap());
    let path = |name: &str| found.models.join(name);
    let compare = |name: &str, published: &Path| {
        let model = manifest.model(name).unwrap();
        inference::compare(&library, model, published, &path(model.graph()))
    };
    for name in ["yunet-2023mar", "scrfd-2.5g", "sface-2021dec", "faceplugin-512"] {
        let model = manifest.model(name).unwrap();
        assert_ne!(model.graph(), model.file, "{name}");
        compare(name, &path(&model.file)).unwrap();
    }
    let error = compare("sface-2021dec", &path("faceplugin_fr_feature.onnx")).unwrap_err();
    assert!(matches!(&error, InferenceError::Unexpected { .. }), "{error:?}");
}

#[test_support::test]
fn what_a_photo_leaves_empty_of_a_square_changes_no_face() {
    for set in ["open", "research"] {
        let inference = load(set);
        let side = inference.detector_size();
        for name in [
            "obama.jpg",
            "biden.jpg",
            "solvay_1927.jpg",
            "t1.jpg",
            "coffee.png",
        ] {
            let part = photo::letterbox(&sample(name), side).unwrap().image;
            assert!(part.width() < side || part.height() < side, "{name} is no square");
            let mut square = RgbImage::new(side, side);
            image::imageops::replace(&mut square, &part, 0, 0);
            let (found, expected) = (
                inference.detect(&part).unwrap(),
                inference.detect(&square).unwrap(),
            );
            assert_eq!(found.len(), expected.len(), "{set}, {name}");
            for face in &expected {
                let width = face.rect.x2 - face.rect.x1;
                let same = found.iter().any(|other| {
                    let edges = |rect: &ai_worker::domain::Rect| [rect.x1, rect.y1, rect.x2, rect.y2];
                    let mut apart = edges(&other.rect).into_iter().zip(edges(&face.rect));
                    apart.all(|(one, other)| (one - other).abs() <= MOVED * width)
                        && (other.confidence - face.confidence).abs() <= MOVED
                });
                assert!(same, "{set}, {name}: {face:?}");
            }
        }
    }
}
