//! Whether a photo was taken inside a building, and what cannot be there then.

use crate::bindings::ai_worker::plugin::types::Scene;
use crate::labels::Probabilities;
use crate::objects;
use crate::vocabulary::{Place, Weights};

/// From which probability of being inside, or outside, a photo is taken to be there.
const SURE: f32 = 0.8;
/// From which share on the classifier sees little but clothes or food, which say nothing of the place: such close-ups of up to
/// `FEW` people and of meals are never taken to be outside, where 11 of 15 were not or could not be told to be, and inside
/// only from `SURE_OF_CLOSE_UPS` on (`models/evaluation/scenes.json`, halves `tune` and `tune2`).
const MOSTLY: f32 = 0.35;
const MOSTLY_WITHOUT_PEOPLE: f32 = 0.25;
const FEW: usize = 3;
const SURE_OF_CLOSE_UPS: f32 = 0.97;

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
pub(crate) fn place(
    scene: &Scene,
    people: usize,
    probabilities: &Probabilities,
    placeless: Weights<'_>,
) -> Option<(Place, f32)> {
    let inside = scene.indoor?;
    let mostly = if people == 0 {
        MOSTLY_WITHOUT_PEOPLE
    } else {
        MOSTLY
    };
    let is_close_up = people <= FEW && probabilities.evidence(placeless) >= mostly;
    let sure = if is_close_up { SURE_OF_CLOSE_UPS } else { SURE };
    let shows = |things: &[&str]| things.iter().any(|name| objects::shows(scene, name));
    if (sure..=1.0).contains(&inside) && !shows(&OF_OUTSIDE) {
        Some((Place::Inside, inside))
    } else if !is_close_up && (0.0..=1.0 - SURE).contains(&inside) && !shows(&OF_INSIDE) {
        Some((Place::Outside, 1.0 - inside))
    } else {
        None
    }
}
