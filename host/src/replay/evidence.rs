//! What a candidate wants to know and a stored scene does not say.

use crate::domain::{Evidence, Scene, SceneFace};

/// What of the wanted evidence a scene lacks although the model set could give it.
///
/// Similarities that the candidate could not use were taken out of the scene before; `had` says which were there, so
/// that they count as lacking whatever the model set can give today.
pub(super) fn lacking(wanted: Evidence, available: Evidence, had: Evidence, scene: &Scene) -> Evidence {
    let possible = available.union(had);
    let unknown = scene
        .faces
        .iter()
        .filter(|face| SceneFace::shows_age(&face.bounding_box, face.quality))
        .any(|face| face.age.is_none() || face.gender.is_none());
    Evidence {
        labels: wanted.labels && possible.labels && scene.labels.is_none(),
        similarities: wanted.similarities && possible.similarities && scene.similarities.is_none(),
        caption: wanted.caption && possible.caption && scene.caption.is_none(),
        demographics: wanted.demographics && possible.demographics && unknown,
        // Pixels are never stored.
        pixels: wanted.pixels,
        text_similarities: wanted.text_similarities
            && possible.text_similarities
            && scene.text_similarities.is_none(),
        objects: wanted.objects && possible.objects && scene.objects.is_none(),
        text: wanted.text && possible.text && scene.text.is_none(),
        surroundings: wanted.surroundings && possible.surroundings && scene.indoor.is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Evidence = Evidence {
        labels: true,
        similarities: true,
        caption: true,
        demographics: true,
        pixels: true,
        text_similarities: true,
        objects: true,
        text: true,
        surroundings: true,
    };

    #[test]
    fn only_what_is_wanted_and_possible_is_lacking() {
        let scene = Scene::default();
        let none = Evidence::default();
        assert_eq!(lacking(none, ALL, none, &scene), none);
        // A photo without faces lacks no ages.
        let expected = Evidence {
            demographics: false,
            ..ALL
        };
        assert_eq!(lacking(ALL, ALL, none, &scene), expected);
        let only_pixels = Evidence { pixels: true, ..none };
        assert_eq!(lacking(ALL, none, none, &scene), only_pixels);
        let labelled = Scene {
            labels: Some(Vec::new()),
            ..scene
        };
        assert!(!lacking(ALL, ALL, none, &labelled).labels);
    }

    #[test]
    fn only_faces_that_are_clear_can_lack_an_age() {
        let lacks = |side: u32, quality: f32| {
            let face = SceneFace {
                bounding_box: [10, 10, 10 + side, 110].into(),
                confidence: 0.9,
                age: None,
                gender: None,
                quality,
            };
            let scene = Scene {
                faces: vec![face],
                ..Scene::default()
            };
            lacking(ALL, ALL, Evidence::default(), &scene).demographics
        };
        assert!(lacks(48, 0.5));
        // Nobody tells the ages of these.
        assert!(!lacks(47, 0.9) && !lacks(100, 0.4));
    }
}
