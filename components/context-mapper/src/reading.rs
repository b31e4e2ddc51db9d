//! What was read, as an event.

use scenes::{Found, Line};

use crate::bindings::ai_worker::plugin::types::TextLine;
use crate::bindings::exports::ai_worker::plugin::context_mapper::Scene;

/// The event that a banner in the photo names.
pub(crate) fn event(scene: &Scene) -> Option<Found> {
    let found = scenes::events(scene.text.iter().flatten().map(line).collect());
    found.into_iter().next()
}

fn line(line: &TextLine) -> Line<'_> {
    Line {
        text: &line.text,
        left: line.bounding_box.x1,
        top: line.bounding_box.y1,
        bottom: line.bounding_box.y2,
    }
}
