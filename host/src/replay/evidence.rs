//! What a candidate wants to know and a stored scene does not say.

use crate::domain::{Evidence, Scene};

/// What of the wanted evidence a scene lacks although the model set could give it.
///
/// Similarities that the candidate could not use were taken out of the scene before; `had` says which were there, so
/// that they count as lacking whatever the model set can give today.
pub(super) fn lacking(wanted: Evidence, available: Evidence, had: Evidence, scene: &Scene) -> Evidence {
    let possible = available.union(had);
    let unknown = scene
        .faces
        .iter()
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
}
