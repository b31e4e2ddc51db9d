//! Faces that are an animal's: a detector of people's faces takes those of cats and dogs for them.

use crate::things::{LEAST_SCORE, PERSON, Thing, part_within};

/// Classes of the object detector that have such faces.
const ANIMALS: [&str; 9] = [
    "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "bird",
];
/// The part of a face's box that lies within a person's when it is theirs.
const WITHIN: f32 = 0.8;
/// The same of an animal's, which detectors cut off at the ears: nobody else is there.
const WITHIN_AN_ANIMAL: f32 = 0.6;

/// Whether a face, by the edges of its box (left, top, right, bottom), is an animal's: it is within an animal and within no
/// person.
pub fn is_of_an_animal<'a>(face: [u32; 4], things: impl Iterator<Item = Thing<'a>> + Clone) -> bool {
    let holds = |is_wanted: &dyn Fn(&str) -> bool, part: f32| {
        things.clone().any(|thing| {
            thing.score >= LEAST_SCORE && is_wanted(thing.name) && part_within(face, thing.corners) >= part
        })
    };
    holds(&|name| ANIMALS.contains(&name), WITHIN_AN_ANIMAL) && !holds(&|name| name == PERSON, WITHIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_face_within_an_animal_alone_is_the_animals() {
        let thing = |name: &'static str, score, corners| Thing { name, score, corners };
        let face = [100, 100, 200, 200];
        let cat = thing("cat", 0.9, [50, 50, 400, 500]);
        let is = |things: &[Thing<'static>]| is_of_an_animal(face, things.iter().copied());
        assert!(is(&[cat]));
        assert!(!is(&[]));
        assert!(!is(&[thing("cat", 0.3, cat.corners)]));
        assert!(!is(&[thing("cat", 0.9, [150, 150, 400, 500])]));
        // A detector's box that ends within the face.
        assert!(is(&[thing("cat", 0.9, [20, 50, 170, 500])]));
        assert!(!is(&[thing("couch", 0.9, cat.corners)]));
        // Somebody who holds the cat.
        assert!(!is(&[cat, thing("person", 0.8, [0, 0, 500, 700])]));
    }
}
