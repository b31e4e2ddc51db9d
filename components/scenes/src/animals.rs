//! Faces that are an animal's: a detector of people's faces takes those of cats and dogs for them.

/// Classes of the object detector that have such faces.
const ANIMALS: [&str; 9] = [
    "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "bird",
];
/// The class of people, and the score from which a figure counts.
const PERSON: &str = "person";
const LEAST_SCORE: f32 = 0.5;
/// The part of a face's box that lies within a person's when it is theirs.
const WITHIN: f32 = 0.8;
/// The same of an animal's, which detectors cut off at the ears: nobody else is there.
const WITHIN_AN_ANIMAL: f32 = 0.6;

/// Something in a photo: its class of the object detector, its score, and its box in pixels (left, top, right, bottom).
#[derive(Clone, Copy, Debug)]
pub struct Thing<'a> {
    /// The class.
    pub name: &'a str,
    /// 0 to 1.
    pub score: f32,
    /// Left, top, right and bottom edge in pixels.
    pub corners: [u32; 4],
}

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

/// The area of a box by its edges (left, top, right, bottom) in pixels; 0 of one that is turned inside out.
#[must_use]
pub fn area([left, top, right, bottom]: [u32; 4]) -> f32 {
    right.saturating_sub(left) as f32 * bottom.saturating_sub(top) as f32
}

/// The part of a box's area that lies within another, by their edges; not a number of a box without an area.
pub(crate) fn part_within(inner: [u32; 4], outer: [u32; 4]) -> f32 {
    let common = [
        inner[0].max(outer[0]),
        inner[1].max(outer[1]),
        inner[2].min(outer[2]),
        inner[3].min(outer[3]),
    ];
    area(common) / area(inner)
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
