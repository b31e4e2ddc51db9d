//! What was read, as events.

use scenes::{Found, Line};

use crate::bindings::ai_worker::plugin::types::{Scene, TextLine};
use crate::vocabulary::LineRule;
use plugin_data::List;

/// The height from which a line's width counts, as a part of the photo's: photographers sign with lower ones.
const LEAST_HEIGHT: f32 = 0.03;

/// The worth of the best rule about what was read that holds.
pub(crate) fn worth(scene: &Scene, people: usize, rules: List<'_, LineRule>) -> Option<f32> {
    let lines = scene.text.as_deref().unwrap_or_default();
    let widest = lines
        .iter()
        .map(|line| &line.bounding_box)
        .filter(|corners| corners.y2.saturating_sub(corners.y1) as f32 >= LEAST_HEIGHT * scene.height as f32)
        .map(|corners| corners.x2.saturating_sub(corners.x1) as f32 / scene.width as f32)
        .fold(0.0, f32::max);
    let holds = |rule: &LineRule| {
        // Exact: nobody reads 16 million lines.
        rule.count.contains(lines.len() as f32)
            && rule.width.contains(widest)
            && rule.people.contains(people as f32)
    };
    rules
        .iter()
        .filter(holds)
        .map(|rule| rule.score)
        .max_by(f32::total_cmp)
}

/// The events that are named in a photo.
pub(crate) fn events(scene: &Scene) -> Vec<Found> {
    scenes::events(scene.text.iter().flatten().map(line).collect())
}

fn line(line: &TextLine) -> Line<'_> {
    Line {
        text: &line.text,
        left: line.bounding_box.x1,
        top: line.bounding_box.y1,
        bottom: line.bounding_box.y2,
    }
}
