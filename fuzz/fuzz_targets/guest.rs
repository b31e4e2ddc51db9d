//! Whatever a plugin answers, what is let through is within the contract, and a view of a photo can be made.

#![no_main]

use ai_worker::domain::{Assignment, ClusterId};
use ai_worker::photo::centre_crop;
use ai_worker::plugins::fuzzing;
use image::RgbImage;
use libfuzzer_sys::fuzz_target;

/// What guests answer with.
type Answers = (
    Vec<Vec<String>>,
    Vec<(String, f32)>,
    (String, f32),
    (Option<String>, String),
    (f32, u32, [f32; 3], [f32; 3]),
    (u8, u8),
);

fuzz_target!(|answers: Answers| {
    let (concepts, tags, (phrase, confidence), (join, reason), view, (width, height)) = answers;

    if let Some(prompts) = fuzzing::prompts(concepts) {
        assert!(prompts.len() <= 20_000 && prompts.iter().all(|prompt| prompt.chars().count() <= 1_000));
    }
    for tag in fuzzing::tags(tags).into_iter().flatten() {
        assert!(!tag.name.is_empty() && tag.name.chars().count() <= 64);
        assert!((0.0..=1.0).contains(&tag.score));
    }
    if let Some(context) = fuzzing::context(phrase, confidence) {
        assert!(!context.phrase.is_empty() && context.phrase.chars().count() <= 200);
        assert!((0.0..=1.0).contains(&context.confidence));
    }

    let shown = ClusterId::parse("7d4b4b6e-3f0e-4d0a-9a55-0a3c6a0d6f01").expect("an id");
    let created = join.is_none();
    match fuzzing::decision(join, reason.clone(), &[shown]).map(|decision| decision.assignment) {
        Some(Assignment::Join(cluster)) => assert_eq!(cluster, shown),
        Some(Assignment::Create) => assert!(created),
        None => assert!(!created || reason.chars().count() > 500),
    }
    let strange = fuzzing::decision(Some(shown.to_string()), String::new(), &[]);
    assert!(strange.is_none(), "it was not shown");

    let (fraction, size, mean, deviation) = view;
    // Small, because a resize takes far longer than all the rest.
    let size = size % 65;
    if let Some(view) = fuzzing::view(fraction, size, mean, deviation) {
        let photo = RgbImage::new(u32::from(width) + 1, u32::from(height) + 1);
        let crop = centre_crop(&photo, view.fraction, view.input.size).expect("a view that is let through");
        assert_eq!(crop.dimensions(), (size, size));
    }
});
