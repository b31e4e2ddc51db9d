//! Whether a photo is of one person, whoever else is in it: passers-by, or people in pictures on the wall.

use crate::things::{area, part_within};

/// The largest face's area is so many times that of any other.
const FACES: f32 = 5.0;
/// The figure around it has so many times the area of any other that is not itself a part of it.
const FIGURES: f32 = 3.0;
/// The part of a figure's box that lies in the largest one's when it is a part of it: detectors see some people twice.
const WITHIN: f32 = 0.8;
/// With more faces or figures the photo is of all of them.
const MOST: usize = 6;

/// Whether a photo is of the person of its largest face alone; faces, largest first, and the figures of people, by the edges
/// of their boxes (left, top, right, bottom).
#[must_use]
pub fn is_of_one(faces: &[[u32; 4]], figures: &[[u32; 4]]) -> bool {
    let Some((largest, others)) = faces.split_first() else {
        return false;
    };
    let around = figures
        .iter()
        .filter(|figure| part_within(*largest, **figure) >= WITHIN)
        .max_by(|a, b| area(**a).total_cmp(&area(**b)));
    let Some(around) = around else {
        return false;
    };
    let is_small = |figure: &[u32; 4]| area(*figure) * FIGURES <= area(*around);
    let is_part = |figure: &[u32; 4]| part_within(*figure, *around) >= WITHIN;
    faces.len() <= MOST
        && figures.len() <= MOST
        && others.iter().all(|face| area(*face) * FACES <= area(*largest))
        && figures
            .iter()
            .all(|figure| figure == around || is_small(figure) || is_part(figure))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACE: [u32; 4] = [400, 100, 500, 220];
    const FIGURE: [u32; 4] = [300, 60, 620, 900];

    #[test]
    fn who_is_small_beside_one_person_is_not_whom_the_photo_is_of() {
        let on_the_wall = [100, 40, 130, 80];
        let passer_by = [700, 300, 760, 480];
        assert!(is_of_one(&[FACE], &[FIGURE]));
        assert!(is_of_one(&[FACE, on_the_wall], &[FIGURE, passer_by]));
        // The same person seen twice.
        assert!(is_of_one(&[FACE], &[FIGURE, [310, 300, 610, 900]]));
    }

    #[test]
    fn a_photo_is_of_all_who_are_as_large() {
        let second_face = [700, 110, 780, 210];
        assert!(!is_of_one(&[FACE, second_face], &[FIGURE]));
        assert!(!is_of_one(&[FACE], &[FIGURE, [640, 60, 900, 900]]));
        // Nobody stands where the face is, or nobody is there.
        assert!(!is_of_one(&[FACE], &[[640, 60, 900, 900]]));
        assert!(!is_of_one(&[], &[FIGURE]));
        assert!(!is_of_one(&[FACE; 1], &[FIGURE; 7]));
    }
}
