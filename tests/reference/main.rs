//! The networks' answers, compared with numbers that Python recorded (`models/reference`).
//!
//! Both sides decode JPEG and resize with their own libraries, so pixels differ by a few levels; the tolerances
//! below are what such differences do to each network, and far less than what a wrong step would do.

#![expect(clippy::panic, clippy::unwrap_used, reason = "a test may panic")]

mod evidence;
mod example;
mod full;
mod graphs;
mod reduced;
mod rewritten;

use ai_worker::domain::{Detection, Embedding, Landmarks, Point, Rect};
use ai_worker::inference::devices::{Fallback, Placement};
use ai_worker::inference::{CaptionSettings, Inference, InferenceSettings};
use ai_worker::models::manifest::{Manifest, ModelDirectory};
use ai_worker::photo::{self, Part};
use image::RgbImage;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::Path;
use test_support::prerequisites;

/// Box edges and landmarks, in pixels of the photo; letterboxing shrinks a photo by up to 3.
const PIXELS: f32 = 3.0;
/// Detector scores.
const SCORE: f32 = 0.02;
/// Cosine similarity of the two embeddings of a face.
const COSINE: f32 = 0.999;
/// Years.
const AGE: f32 = 0.5;
/// Differences of logits: resizing by another library alone moves them by up to 0.06.
const LOGIT: f32 = 0.1;
/// Components of a sentence's vector: same tokens, same graph, other summation order.
const TEXT: f32 = 1e-3;

#[derive(Deserialize)]
struct Face {
    score: f32,
    r#box: [f32; 4],
    landmarks: [[f32; 2]; 5],
    embedding: Vec<f32>,
    age: f32,
    gender: String,
}

fn inference(set: &str) -> Inference {
    load(set, &prerequisites().models, CaptionSettings::default())
}

/// Loads a set from a directory, with the ONNX Runtime that was fetched.
fn load(set: &str, directory: &Path, caption: CaptionSettings) -> Inference {
    load_for(set, directory, caption, 1)
}

/// Networks that run at most `batch` images at a time.
fn load_for(set: &str, directory: &Path, caption: CaptionSettings, batch: usize) -> Inference {
    let manifest = Manifest::built_in().unwrap();
    let library = prerequisites().runtime_library();
    let settings = InferenceSettings {
        placement: Placement::processor(),
        fallback: Fallback::Off,
        sessions: 1,
        threads_per_session: 1,
        batch: Some(batch),
        caption,
    };
    let directory = ModelDirectory(directory.to_owned());
    Inference::load(
        &library,
        &manifest,
        manifest.set(set).unwrap(),
        &directory,
        &settings,
    )
    .unwrap()
}

fn sample(name: &str) -> RgbImage {
    let bytes = std::fs::read(prerequisites().samples.join(name)).unwrap();
    photo::decode(&bytes, &photo::DecodeSettings::default()).unwrap()
}

fn recorded<T: for<'de> Deserialize<'de>>(name: &str) -> T {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../models/reference/");
    serde_json::from_str(&std::fs::read_to_string(format!("{folder}{name}")).unwrap()).unwrap()
}

/// The detections in pixels of the photo.
fn detect(inference: &Inference, photo: &RgbImage) -> Vec<Detection> {
    let letterboxed = photo::letterbox(photo, inference.detector_size()).unwrap();
    let scale = letterboxed.scale;
    let found = inference.detect(&letterboxed.image).unwrap();
    let in_photo = |point: Point| Point {
        x: point.x / scale,
        y: point.y / scale,
    };
    found.iter().map(|face| face.mapped(in_photo)).collect()
}

fn assert_close(what: &str, found: f32, expected: f32, tolerance: f32) {
    assert!(
        (found - expected).abs() <= tolerance,
        "{what}: {found} instead of {expected}"
    );
}

fn compare(inference: &Inference, photo: &RgbImage, found: &Detection, expected: &Face, name: &str) {
    assert_close(name, found.confidence, expected.score, SCORE);
    let Rect { x1, y1, x2, y2 } = found.rect;
    for (found, expected) in [x1, y1, x2, y2].into_iter().zip(expected.r#box) {
        assert_close(&format!("{name}, box"), found, expected, PIXELS);
    }
    for (found, [x, y]) in found.landmarks.iter().zip(expected.landmarks) {
        assert_close(&format!("{name}, landmark"), found.x, x, PIXELS);
        assert_close(&format!("{name}, landmark"), found.y, y, PIXELS);
    }
    // With the recorded landmarks, so that the next networks are compared on the same crops.
    let landmarks: &Landmarks = &expected.landmarks.map(|[x, y]| Point { x, y });
    let photo = &Part::whole(photo.clone());
    let aligned = photo::align(
        photo,
        landmarks,
        inference.embedder_size(),
        &photo::ARCFACE_TEMPLATE,
    )
    .unwrap();
    let reference = Embedding::normalised(expected.embedding.clone()).unwrap();
    let similarity = inference.embed(&aligned).unwrap().cosine(&reference);
    assert!(
        similarity >= COSINE,
        "{name}: the embeddings' similarity is {similarity}"
    );
    let chip = |size: Option<u32>| {
        photo::align(photo, landmarks, size.unwrap(), &photo::DEMOGRAPHICS_TEMPLATE).unwrap()
    };
    let age = inference.age(&chip(inference.age_size())).unwrap().unwrap();
    assert_close(&format!("{name}, age"), age, expected.age, AGE);
    let gender = inference.gender(&chip(inference.gender_size())).unwrap().unwrap();
    assert_eq!(serde_json::to_value(gender).unwrap(), expected.gender, "{name}");
}

#[test_support::test]
fn faces_are_as_recorded() {
    let recorded: HashMap<String, HashMap<String, Vec<Face>>> = recorded("faces.json");
    for (set, photos) in recorded {
        let inference = inference(&set);
        for (name, expected) in photos {
            let photo = sample(&name);
            let found = detect(&inference, &photo);
            assert_eq!(found.len(), expected.len(), "{set}, {name}");
            for expected in &expected {
                let [x1, y1, x2, y2] = expected.r#box;
                let place = Rect { x1, y1, x2, y2 };
                let overlap = |one: &&Detection| one.rect.intersection_over_union(&place);
                let nearest = found
                    .iter()
                    .max_by(|a, b| overlap(a).total_cmp(&overlap(b)))
                    .unwrap();
                compare(&inference, &photo, nearest, expected, &format!("{set}, {name}"));
            }
        }
    }
}

#[test_support::test]
fn labels_are_as_the_published_network_gives_them() {
    #[derive(Deserialize)]
    struct Class {
        class: usize,
        logit: f32,
    }
    #[derive(Deserialize)]
    struct Photo {
        photo: String,
        top: Vec<Class>,
    }
    #[derive(Deserialize)]
    struct Recorded {
        photos: Vec<Photo>,
    }
    let inference = inference("open");
    let names: Vec<&str> = include_str!("../../models/imagenet-labels.txt").lines().collect();
    for Photo { photo, top } in recorded::<Recorded>("efficientnet_lite2.json").photos {
        let crop = photo::centre_crop(&sample(&photo), 0.93, inference.label_size().unwrap()).unwrap();
        let labels = inference.classify(&crop, 1000).unwrap().unwrap().labels;
        assert_eq!(labels[0].name, names[top[0].class], "{photo}");
        // The ratio of two probabilities is the exponential of the difference of their logits.
        let logit = |class: &Class| {
            labels
                .iter()
                .find(|label| label.name == names[class.class])
                .unwrap()
                .score
                .ln()
        };
        for class in &top {
            let (found, expected) = (logit(class) - logit(&top[0]), class.logit - top[0].logit);
            assert_close(
                &format!("{photo}, {}", names[class.class]),
                found,
                expected,
                2.0 * LOGIT,
            );
        }
    }
}

#[test_support::test]
fn sentences_are_as_recorded() {
    #[derive(Deserialize)]
    struct Recorded {
        sentence: String,
        start: Vec<f32>,
    }
    let inference = inference("open");
    for Recorded { sentence, start } in recorded::<Vec<Recorded>>("text.json") {
        let vector = inference.encode_text(&sentence).unwrap().unwrap();
        assert_eq!(vector.dimension(), 384);
        for (found, expected) in vector.as_slice().iter().zip(start) {
            assert_close(&sentence, *found, expected, TEXT);
        }
    }
}

fn main() -> std::process::ExitCode {
    test_support::harness::main()
}
