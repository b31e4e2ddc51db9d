//! Where labels go: near their face, over no face and over no other label.

use super::area::Area;

/// Pixels between a label and its own box, and at least between a label and anything else.
const GAP: i32 = 2;

/// A place for each label of which the size is given, within `bounds` and clear of all `faces` and of what is `taken`;
/// none where no place beside its face is free. Labels that have the fewest places left choose first.
pub(super) fn place(
    bounds: Area,
    faces: &[Area],
    taken: &[Area],
    sizes: &[Option<(i32, i32)>],
) -> Vec<Option<Area>> {
    let obstacles: Vec<Area> = faces.iter().chain(taken).map(|area| area.inflated(GAP)).collect();
    let mut open: Vec<(usize, Vec<Area>)> = faces
        .iter()
        .zip(sizes)
        .enumerate()
        .filter_map(|(index, (face, size))| {
            let mut places = candidates(bounds, *face, (*size)?);
            places.retain(|place| {
                place.is_within(bounds) && !obstacles.iter().any(|obstacle| obstacle.overlaps(*place))
            });
            Some((index, places))
        })
        .collect();
    let mut placed = vec![None; faces.len()];
    while let Some(next) = (0..open.len()).min_by_key(|&position| open[position].1.len()) {
        let (index, places) = open.swap_remove(next);
        let Some(place) = places.first() else {
            continue;
        };
        placed[index] = Some(*place);
        let obstacle = place.inflated(GAP);
        for (_, places) in &mut open {
            places.retain(|other| !obstacle.overlaps(*other));
        }
    }
    placed
}

/// Places around a face, the best first: above, below, to the right, to the left. Above and below, a label that would
/// stick out of the picture is moved inside.
fn candidates(bounds: Area, face: Area, (width, height): (i32, i32)) -> Vec<Area> {
    let mut places = Vec::with_capacity(24);
    let size = (width, height);
    let inside = |left: i32| left.min(bounds.right - width).max(bounds.left);
    let (first, last) = (face.left, face.right - width);
    let centre = i32::midpoint(first, last);
    for top in [face.top - GAP - height, face.bottom + GAP] {
        for left in [first, centre, last] {
            places.push(Area::at(inside(left), top, size));
        }
        // Still touching the box, as far to the side as that goes.
        for left in [face.left - width + height, face.right - height] {
            places.push(Area::at(inside(left), top, size));
        }
    }
    let inside = |top: i32| top.min(bounds.bottom - height).max(bounds.top);
    let (first, last) = (face.top, face.bottom - height);
    for left in [face.right + GAP, face.left - GAP - width] {
        for top in [first, i32::midpoint(first, last), last] {
            places.push(Area::at(left, inside(top), size));
        }
    }
    places
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BOUNDS: Area = Area {
        left: 0,
        top: 0,
        right: 1_280,
        bottom: 900,
    };

    fn faces() -> impl Strategy<Value = Vec<(Area, (i32, i32))>> {
        let face = (0..1_270, 0..890, 8..400, 8..400, 14..160, 14..30).prop_map(
            |(left, top, width, height, label_width, label_height): (i32, i32, i32, i32, i32, i32)| {
                let face = Area {
                    left,
                    top,
                    right: (left + width).min(BOUNDS.right),
                    bottom: (top + height).min(BOUNDS.bottom),
                };
                (face, (label_width, label_height))
            },
        );
        prop::collection::vec(face, 1..=60)
    }

    proptest! {
        #[test]
        fn no_label_covers_a_face_or_another_label_or_leaves_the_picture(given in faces()) {
            let (faces, sizes): (Vec<Area>, Vec<_>) =
                given.iter().map(|(face, size)| (*face, Some(*size))).unzip();
            let labels = place(BOUNDS, &faces, &[], &sizes);
            prop_assert_eq!(labels.len(), faces.len());
            // Markers are placed later, around labels.
            let missing: Vec<_> = labels.iter().map(|label| label.is_none().then_some((16, 16))).collect();
            let taken: Vec<Area> = labels.iter().copied().flatten().collect();
            let markers = place(BOUNDS, &faces, &taken, &missing);
            let all: Vec<Area> = labels.iter().chain(&markers).copied().flatten().collect();
            for (index, label) in all.iter().enumerate() {
                prop_assert!(label.is_within(BOUNDS), "{:?}", label);
                prop_assert!(!faces.iter().any(|face| face.overlaps(*label)), "{:?}", label);
                prop_assert!(!all[..index].iter().any(|other| other.overlaps(*label)), "{:?}", label);
            }
        }

        #[test]
        fn a_face_alone_gets_its_label_unless_it_fills_the_picture(
            left in 0..1_000, top in 0..700, width in 20..280, height in 20..200,
        ) {
            let face = Area::at(left, top, (width, height));
            let labels = place(BOUNDS, &[face], &[], &[Some((120, 28))]);
            prop_assert!(labels[0].is_some(), "{:?}", face);
        }
    }

    #[test]
    fn a_label_stands_above_its_face_if_it_can_and_else_below() {
        let size = (100, 28);
        for (top, expected) in [(300, 300 - GAP - 28), (10, 110 + GAP)] {
            let face = Area::at(500, top, (100, 100));
            let labels = place(BOUNDS, &[face], &[], &[Some(size)]);
            assert_eq!(labels, [Some(Area::at(500, expected, size))]);
        }
    }

    #[test]
    fn a_face_that_fills_the_picture_gets_no_label() {
        let labels = place(BOUNDS, &[BOUNDS], &[], &[Some((100, 28))]);
        assert_eq!(labels, [None]);
    }
}
