//! What the object detector says, as needs of phrases ask for it.

use crate::bindings::ai_worker::plugin::types::Object;
use crate::bindings::exports::ai_worker::plugin::context_mapper::Scene;
use plugin_data::phrases::{LARGE_THING, SEVERAL_THINGS};

/// The part of the photo from which on a thing is large enough to be what the photo is of.
const LARGE: f32 = 0.1;
/// How many things are several.
const SEVERAL: usize = 3;

/// How sure a need is that asks for a thing; none when it asks for none.
pub(crate) fn score(scene: &Scene, name: &str) -> Option<f32> {
    let of_class = |class: &str, fits: &dyn Fn(&Object) -> bool| {
        let objects = scene.objects.iter().flatten();
        let objects = objects.filter(|object| object.name == class && fits(object));
        let mut scores: Vec<f32> = objects.map(|object| object.score).collect();
        scores.sort_by(|a, b| b.total_cmp(a));
        scores
    };
    if let Some(class) = name.strip_prefix(LARGE_THING) {
        return Some(
            of_class(class, &|object| is_large(scene, object))
                .first()
                .copied()
                .unwrap_or_default(),
        );
    }
    let class = name.strip_prefix(SEVERAL_THINGS)?;
    Some(
        of_class(class, &|_| true)
            .get(SEVERAL - 1)
            .copied()
            .unwrap_or_default(),
    )
}

fn is_large(scene: &Scene, object: &Object) -> bool {
    let corners = &object.bounding_box;
    let area = scenes::area([corners.x1, corners.y1, corners.x2, corners.y2]);
    area >= LARGE * scene.width as f32 * scene.height as f32
}
