//! What the object detector says.

use crate::bindings::ai_worker::plugin::types::Scene;
use crate::scoring::unit;
use crate::vocabulary::ThingRule;
use plugin_data::List;

/// The score from which a thing counts: between 0.5 and 0.6, 9 of 17 tags were right
/// (`models/evaluation/scenes.json`, halves `tune` and `tune2`).
const LEAST_SCORE: f32 = 0.6;
/// Classes of which fewer or more are right at a score. A certificate is taken for a handbag or a book, a mat for a bed, a bus
/// from inside for a train, the model of a space shuttle for a motorcycle, a microphone for a telephone, a balloon for a ball,
/// and a goat for a cow; a person for nothing else.
const OTHER_LEAST_SCORES: [(&str, f32); 19] = [
    ("person", 0.4),
    ("laptop", 0.5),
    ("keyboard", 0.5),
    ("cup", 0.5),
    ("bottle", 0.5),
    ("tennis racket", 0.5),
    ("chair", 0.55),
    ("couch", 0.55),
    ("bed", 0.55),
    ("dining table", 0.55),
    ("refrigerator", 0.55),
    ("oven", 0.55),
    ("cell phone", 0.65),
    ("sports ball", 0.65),
    ("frisbee", 0.65),
    ("motorcycle", 0.7),
    ("book", 0.7),
    ("train", 0.75),
    ("cow", 0.75),
];

fn least_score(name: &str) -> f32 {
    let other = OTHER_LEAST_SCORES.iter().find(|(class, _)| *class == name);
    other.map_or(LEAST_SCORE, |(_, least)| *least)
}

/// How much the things of a photo speak for a tag, 0 to 1, and the one that does most.
pub(crate) fn evidence<'a>(
    scene: &Scene,
    weights: List<'a, (&'a str, f32)>,
) -> (f32, Option<(&'a str, f32)>) {
    let mut best = (0.0, None);
    for object in scene
        .objects
        .iter()
        .flatten()
        .filter(|object| object.score >= least_score(&object.name))
    {
        let weight = weights.iter().find(|(name, _)| *name == object.name);
        if let Some((name, weight)) = weight {
            let score = unit(weight * object.score);
            if score > best.0 {
                best = (score, Some((name, unit(object.score))));
            }
        }
    }
    best
}

/// Whether a thing is there.
pub(crate) fn shows(scene: &Scene, name: &str) -> bool {
    count(scene, name, least_score(name)) > 0
}

/// How many people there are, by faces or by figures, whichever are more.
pub(crate) fn people(scene: &Scene, faces: usize) -> usize {
    faces.max(count(scene, "person", least_score("person")))
}

/// The worth of the best rule that holds, and what it is about.
pub(crate) fn rules<'a>(
    scene: &Scene,
    people: usize,
    rules: List<'a, ThingRule<'a>>,
) -> Option<(f32, &'a str)> {
    let holds = |rule: &ThingRule<'_>| {
        // Exact: nobody has 16 million things.
        rule.people.contains(people as f32) && rule.count.contains(count(scene, rule.name, rule.least) as f32)
    };
    let best = rules
        .iter()
        .filter(holds)
        .max_by(|a, b| a.score.total_cmp(&b.score));
    best.map(|rule| (rule.score, rule.name))
}

fn count(scene: &Scene, name: &str, least: f32) -> usize {
    let objects = scene.objects.iter().flatten();
    objects
        .filter(|object| object.name == name && object.score >= least)
        .count()
}
