//! What was read, as events.

use scenes::{Found, Line};

use crate::bindings::ai_worker::plugin::types::{Scene, TextLine};
use crate::vocabulary::LineRule;

/// The worth of a rule about what was read, when it holds.
pub(crate) fn worth(scene: &Scene, people: usize, rule: &LineRule) -> Option<f32> {
    // Exact: nobody reads 16 million lines.
    let lines = scene.text.as_ref().map_or(0, Vec::len) as f32;
    (rule.count.contains(lines) && rule.people.contains(people as f32)).then_some(rule.score)
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
