//! The architectures of the set `full`, on small networks with random weights: what the worker says with them, held
//! against PyTorch, open_clip, transformers and InsightFace's way to read answers, as `models/reference/full.py` records
//! them.

use std::collections::HashMap;
use std::path::Path;

use ai_worker::domain::{Embedding, Rect};
use ai_worker::inference::{CaptionSettings, Inference};
use ai_worker::photo;
use image::RgbImage;
use serde::Deserialize;

use super::{assert_close, load, load_for, sample};
use test_support::small_networks;

/// Components of vectors of length 1, logarithms of probabilities, scores.
const SAME: f32 = 1e-3;
/// Edges and landmarks of the detector in pixels of its image of 640.
const PIXELS: f32 = 0.05;
/// Levels of 255 by which a resized pixel may differ where the filter overshoots; the mean is far lower.
const LEVELS: u8 = 12;

#[derive(Deserialize)]
struct Recorded {
    faces: Faces,
    clip: Clip,
    blip: Vec<Captioned>,
}

#[derive(Deserialize)]
struct Faces {
    detections: Vec<Detected>,
    embedding: Vec<f32>,
    age: f32,
    gender: String,
}

#[derive(Deserialize)]
struct Detected {
    score: f32,
    r#box: [f32; 4],
    landmarks: [[f32; 2]; 5],
}

#[derive(Deserialize)]
struct Clip {
    logit_scale: f32,
    images: Vec<EncodedImage>,
    prompts: Vec<EncodedPrompt>,
    tokens: Vec<Tokens>,
}

#[derive(Deserialize)]
struct EncodedImage {
    photo: String,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct EncodedPrompt {
    text: String,
    embedding: Vec<f32>,
}

#[derive(Deserialize)]
struct Tokens {
    text: String,
    tokens: Vec<i64>,
}

#[derive(Deserialize)]
struct Captioned {
    photo: String,
    search: Search,
    tokens: Vec<i64>,
    log_probability: f32,
}

#[derive(Deserialize)]
struct Search {
    beams: usize,
    min_length: usize,
    max_length: usize,
    repetition_penalty: f32,
}

/// Where the networks and images are, and what was recorded.
fn made() -> (&'static Path, Recorded) {
    let directory = small_networks(env!("CARGO_TARGET_TMPDIR"));
    let recorded = std::fs::read_to_string(directory.join("full.json")).unwrap();
    (directory, serde_json::from_str(&recorded).unwrap())
}

fn inference(directory: &Path, caption: CaptionSettings) -> Inference {
    load("full", directory, caption)
}

fn png(directory: &Path, name: &str) -> RgbImage {
    image::open(directory.join(name)).unwrap().into_rgb8()
}

fn assert_same(what: &str, found: &Embedding, expected: &[f32]) {
    assert_eq!(found.dimension(), expected.len(), "{what}");
    for (found, expected) in found.as_slice().iter().zip(expected) {
        assert_close(what, *found, *expected, SAME);
    }
}

#[test_support::test]
fn faces_are_as_insightface_reads_them() {
    let (directory, Recorded { faces, .. }) = made();
    let inference = inference(directory, CaptionSettings::default());
    let found = inference.detect(&png(directory, "detector.png")).unwrap();
    assert_eq!(found.len(), faces.detections.len());
    assert!(found.len() > 5);
    for (found, expected) in found.iter().zip(&faces.detections) {
        assert_close("score", found.confidence, expected.score, SAME);
        let Rect { x1, y1, x2, y2 } = found.rect;
        for (found, expected) in [x1, y1, x2, y2].into_iter().zip(expected.r#box) {
            assert_close("box", found, expected, PIXELS);
        }
        for (found, [x, y]) in found.landmarks.iter().zip(expected.landmarks) {
            assert_close("landmark", found.x, x, PIXELS);
            assert_close("landmark", found.y, y, PIXELS);
        }
    }
    let embedding = inference.embed(&png(directory, "embedder.png")).unwrap();
    let expected = Embedding::normalised(faces.embedding).unwrap();
    assert_same("embedding", &embedding, expected.as_slice());
    let chip = png(directory, "attribute.png");
    let (age, gender) = inference.age_and_gender(&chip).unwrap().unwrap();
    assert_close("age", age, faces.age, 100.0 * SAME);
    assert_eq!(serde_json::to_value(gender).unwrap(), faces.gender);
}

#[test_support::test]
fn photos_and_prompts_are_where_open_clip_puts_them() {
    let (directory, Recorded { clip, .. }) = made();
    let inference = inference(directory, CaptionSettings::default());
    for EncodedImage { photo, embedding } in &clip.images {
        let crop = png(directory, &format!("clip-{photo}"));
        let found = inference.encode_image(&crop).unwrap().unwrap();
        assert_same(photo, &found, embedding);
        // The same by the worker's own way from the photo to the crop.
        let own = photo::shorter_side_crop(&sample(photo), crop.width()).unwrap();
        assert_alike(photo, &own, &crop);
        let found = inference.encode_image(&own).unwrap().unwrap();
        let expected = Embedding::normalised(embedding.clone()).unwrap();
        assert!(
            found.cosine(&expected) > 0.9999,
            "{photo}: {}",
            found.cosine(&expected)
        );
    }
    // Many callers at once for one session: those who wait are run together.
    let together = load_for("full", directory, CaptionSettings::default(), 8);
    std::thread::scope(|scope| {
        for EncodedImage { photo, embedding } in clip.images.iter().cycle().take(32) {
            let (together, crop) = (&together, png(directory, &format!("clip-{photo}")));
            scope.spawn(move || {
                let found = together.encode_image(&crop).unwrap().unwrap();
                assert_same(photo, &found, embedding);
            });
        }
    });
    let scale = inference
        .models()
        .iter()
        .find_map(|model| model.logit_scale)
        .unwrap();
    assert_close("logit scale", scale, clip.logit_scale, SAME);
    for EncodedPrompt { text, embedding } in &clip.prompts {
        let found = inference.encode_prompt(text).unwrap().unwrap();
        assert_same(text, &found, embedding);
    }
}

#[test_support::test]
fn prompts_have_the_tokens_of_open_clip() {
    let (directory, Recorded { clip, .. }) = made();
    let inference = inference(directory, CaptionSettings::default());
    assert_eq!(clip.tokens.len(), 10_000);
    let different: Vec<String> = clip
        .tokens
        .iter()
        .filter_map(|Tokens { text, tokens }| {
            let found = inference.prompt_tokens(text).unwrap().unwrap();
            (found != *tokens).then(|| format!("{text:?}: {found:?} instead of {tokens:?}"))
        })
        .collect();
    assert!(
        different.is_empty(),
        "{} differ, such as\n{}",
        different.len(),
        different[..different.len().min(20)].join("\n")
    );
}

#[test_support::test]
fn captions_have_the_tokens_of_transformers() {
    let (directory, Recorded { blip, .. }) = made();
    let mut searches: HashMap<String, Inference> = HashMap::new();
    let mut lengths = Vec::new();
    for Captioned {
        photo,
        search,
        tokens,
        log_probability,
    } in blip
    {
        let settings = CaptionSettings {
            beams: search.beams,
            min_length: search.min_length,
            max_length: search.max_length,
            repetition_penalty: search.repetition_penalty,
        };
        let what = format!("{photo}, {settings:?}");
        let inference = searches
            .entry(format!("{settings:?}"))
            .or_insert_with(|| inference(directory, settings));
        let image = png(directory, &format!("blip-{photo}"));
        let own = photo::stretch(&sample(&photo), image.width()).unwrap();
        assert_alike(&photo, &own, &image);
        let caption = inference.caption(&image).unwrap().unwrap();
        assert_eq!(caption.tokens, tokens, "{what}");
        assert_close(&what, caption.log_probability, log_probability, SAME);
        assert!(!caption.text.is_empty() || tokens.len() <= 2, "{what}");
        lengths.push(tokens.len());
    }
    // Searches that all ended in the same way would show little.
    lengths.sort_unstable();
    lengths.dedup();
    assert!(lengths.len() > 2, "{lengths:?}");
}

/// Two ways to resize give nearly the same pixels.
fn assert_alike(what: &str, found: &RgbImage, expected: &RgbImage) {
    assert_eq!(found.dimensions(), expected.dimensions(), "{what}");
    let pairs = || found.as_raw().iter().zip(expected.as_raw());
    let largest = pairs().map(|(a, b)| a.abs_diff(*b)).max().unwrap();
    assert!(largest <= LEVELS, "{what}: a pixel differs by {largest} levels");
    let sum: u64 = pairs().map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mean = sum as f64 / found.as_raw().len() as f64;
    println!("{what}: pixels differ by {mean:.4} levels, at most {largest}");
    assert!(mean < 0.5, "{what}: pixels differ by {mean} levels");
}
