//! Whether a photo was taken inside a building, and what cannot be there then.

use crate::bindings::ai_worker::plugin::types::Scene;
use crate::labels::Probabilities;
use crate::objects;
use crate::vocabulary::{PLACELESS, Place};

/// From which probability of being inside, or outside, a photo is taken to be there.
const SURE: f32 = 0.8;
/// From which share on the classifier sees little but clothes or food, which say nothing of the place: of close-ups of up to
/// `FEW` people and of meals, the photo's surroundings are told wrong or cannot be told twice as often as they are told right.
const MOSTLY: f32 = 0.35;
const FEW: usize = 3;

/// Things that stand inside, and things that stand outside: where one is seen, the other place is not believed. Of a meal on
/// a table the classifier's scores say nothing about the place.
const OF_INSIDE: [&str; 8] = [
    "couch",
    "bed",
    "dining table",
    "toilet",
    "refrigerator",
    "oven",
    "microwave",
    "laptop",
];
const OF_OUTSIDE: [&str; 7] = [
    "car",
    "bus",
    "truck",
    "boat",
    "airplane",
    "traffic light",
    "stop sign",
];

/// Where a photo was taken, and how surely; none when it cannot be told.
pub(crate) fn place(scene: &Scene, people: usize, probabilities: &Probabilities) -> Option<(Place, f32)> {
    let inside = scene.indoor?;
    if people <= FEW && probabilities.evidence(PLACELESS) >= MOSTLY {
        return None;
    }
    let shows = |things: &[&str]| things.iter().any(|name| objects::shows(scene, name));
    if (SURE..=1.0).contains(&inside) && !shows(&OF_OUTSIDE) {
        Some((Place::Inside, inside))
    } else if (0.0..=1.0 - SURE).contains(&inside) && !shows(&OF_INSIDE) {
        Some((Place::Outside, 1.0 - inside))
    } else {
        None
    }
}
