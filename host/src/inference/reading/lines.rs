//! From a map of where something is written to lines: what DBNet (Liao et al. 2020) does after its network.

use super::FoundLine;
use crate::domain::{Point, TurnedRect};

/// The probability from which a pixel belongs to a line.
const LEAST: f32 = 0.3;
/// The mean probability that a line must have.
const LEAST_MEAN: f32 = 0.6;
/// Lines of fewer pixels along their shorter side are left out.
const LEAST_SIDE: f32 = 3.0;
/// The map shows lines shrunk. They are grown again by this times their area by their perimeter on each side.
const GROWTH: f32 = 1.6;
/// From which ratio of its sides on a line runs along the longer one, however much it is turned.
const LONG: f32 = 1.5;

/// The lines in a map of rows of `width` probabilities.
pub(super) fn find(map: &[f32], width: usize) -> Vec<FoundLine> {
    let components = components(map, width);
    components
        .iter()
        .filter_map(|runs| line(map, width, runs))
        .collect()
}

/// Pixels side by side in a row that belong to a line: those from `start` up to `end`, which is not of them.
#[derive(Clone, Copy)]
struct Run {
    row: usize,
    start: usize,
    end: usize,
}

/// The runs of each set of pixels that touch, at their corners at least.
fn components(map: &[f32], width: usize) -> Vec<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    // Each run's parent in a forest of disjoint sets.
    let mut parents: Vec<usize> = Vec::new();
    let mut above = 0..0;
    for (row, values) in map.chunks_exact(width.max(1)).enumerate() {
        let first = runs.len();
        let mut at = 0;
        while let Some(ahead) = values[at..].iter().position(|value| *value > LEAST) {
            let start = at + ahead;
            let length = values[start..].iter().take_while(|value| **value > LEAST).count();
            let run = Run {
                row,
                start,
                end: start + length,
            };
            at = run.end;
            let number = runs.len();
            parents.push(number);
            for other in above.clone() {
                let touches = runs[other].start <= run.end && run.start <= runs[other].end;
                if touches {
                    let (one, other) = (root(&mut parents, number), root(&mut parents, other));
                    parents[one] = other;
                }
            }
            runs.push(run);
        }
        above = first..runs.len();
    }
    let mut components: Vec<Vec<Run>> = vec![Vec::new(); runs.len()];
    for (number, run) in runs.into_iter().enumerate() {
        components[root(&mut parents, number)].push(run);
    }
    components.retain(|runs| !runs.is_empty());
    components
}

fn root(parents: &mut [usize], of: usize) -> usize {
    let mut at = of;
    while parents[at] != at {
        parents[at] = parents[parents[at]];
        at = parents[at];
    }
    at
}

fn line(map: &[f32], width: usize, runs: &[Run]) -> Option<FoundLine> {
    let (mut sum, mut count) = (0.0, 0);
    let mut corners = Vec::with_capacity(4 * runs.len());
    for Run { row, start, end } in runs {
        sum += map[row * width + start..row * width + end].iter().sum::<f32>();
        count += end - start;
        // Of pixels, so that a single row has a height.
        for x in [*start, *end] {
            corners.extend([(x as i64, *row as i64), (x as i64, *row as i64 + 1)]);
        }
    }
    let score = sum / count as f32;
    let rect = smallest_rectangle(&hull(corners))?;
    // A NaN is not at or above the least.
    if !(score >= LEAST_MEAN && rect.width.min(rect.height) >= LEAST_SIDE) {
        return None;
    }
    let growth = GROWTH * rect.width * rect.height / (rect.width + rect.height);
    Some(FoundLine {
        rect: TurnedRect {
            width: rect.width + growth,
            height: rect.height + growth,
            ..rect
        },
        score: score.min(1.0),
    })
}

/// The corners of the convex hull of points, one after the other around it (monotone chain, Andrew 1979).
fn hull(mut points: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    points.sort_unstable();
    points.dedup();
    if points.len() < 3 {
        return points;
    }
    let half = |points: &mut dyn Iterator<Item = (i64, i64)>| {
        let mut chain: Vec<(i64, i64)> = Vec::new();
        for point in points {
            while let [.., a, b] = chain[..]
                && (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0) <= 0
            {
                chain.pop();
            }
            chain.push(point);
        }
        // The last one begins the other half.
        chain.pop();
        chain
    };
    let mut hull = half(&mut points.iter().copied());
    hull.extend(half(&mut points.iter().rev().copied()));
    hull
}

/// The rectangle of least area around a convex hull: one of its sides lies on a side of the hull (Freeman and Shapira
/// 1975). Its first side is the one along which a line of text runs.
fn smallest_rectangle(hull: &[(i64, i64)]) -> Option<TurnedRect> {
    let corners: Vec<(f32, f32)> = hull.iter().map(|(x, y)| (*x as f32, *y as f32)).collect();
    let sides = corners.iter().zip(corners.iter().cycle().skip(1));
    let around = sides.filter_map(|(from, to)| {
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        (length > 0.0).then(|| rectangle(&corners, (to.0 - from.0) / length, (to.1 - from.1) / length))
    });
    let area = |rect: &TurnedRect| rect.width * rect.height;
    around.min_by(|a, b| area(a).total_cmp(&area(b))).map(level)
}

/// The rectangle around points one of whose sides has a direction, a vector of length 1.
fn rectangle(points: &[(f32, f32)], cosine: f32, sine: f32) -> TurnedRect {
    let span = |along: &dyn Fn(&(f32, f32)) -> f32| {
        points
            .iter()
            .map(along)
            .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), value| {
                (low.min(value), high.max(value))
            })
    };
    let (left, right) = span(&|(x, y)| x * cosine + y * sine);
    let (top, bottom) = span(&|(x, y)| y * cosine - x * sine);
    let (along, across) = (f32::midpoint(left, right), f32::midpoint(top, bottom));
    TurnedRect {
        middle: Point {
            x: along * cosine - across * sine,
            y: along * sine + across * cosine,
        },
        width: right - left,
        height: bottom - top,
        turn: sine.atan2(cosine).to_degrees(),
    }
}

/// The same rectangle with the side first along which text runs: the longer one, or the more level one where neither is
/// much longer; turned by -90 degrees at least and less than 90, because which way up a line is, the map does not say.
fn level(rect: TurnedRect) -> TurnedRect {
    let halves = |turn: f32| (turn + 90.0).rem_euclid(180.0) - 90.0;
    let TurnedRect {
        width, height, turn, ..
    } = rect;
    let turn = halves(turn);
    let is_about_square = width.max(height) <= LONG * width.min(height);
    if height > LONG * width || (is_about_square && turn.abs() > 45.0) {
        return TurnedRect {
            width: height,
            height: width,
            turn: halves(turn + 90.0),
            ..rect
        };
    }
    TurnedRect { turn, ..rect }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use proptest::prelude::*;

    use super::*;

    /// A map of 200 x 200 pixels with a filled rectangle.
    fn map(rect: &TurnedRect) -> Vec<f32> {
        let (sine, cosine) = rect.turn.to_radians().sin_cos();
        let mut map = vec![0.0; 200 * 200];
        for (index, value) in map.iter_mut().enumerate() {
            let x = (index % 200) as f32 + 0.5 - rect.middle.x;
            let y = (index / 200) as f32 + 0.5 - rect.middle.y;
            let (along, across) = (x * cosine + y * sine, y * cosine - x * sine);
            if along.abs() <= rect.width / 2.0 && across.abs() <= rect.height / 2.0 {
                *value = 0.9;
            }
        }
        map
    }

    fn rect(x: f32, y: f32, width: f32, height: f32, turn: f32) -> TurnedRect {
        TurnedRect {
            middle: Point { x, y },
            width,
            height,
            turn,
        }
    }

    #[test]
    fn what_touches_is_one_line_and_what_does_not_is_another() {
        let mut map = map(&rect(60.0, 40.0, 80.0, 10.0, 0.0));
        // Below, with a corner in common, and then a gap.
        for row in 45..50 {
            map[row * 200 + 100..row * 200 + 130].fill(0.9);
        }
        for row in 60..70 {
            map[row * 200 + 20..row * 200 + 50].fill(0.7);
        }
        let mut found = find(&map, 200);
        found.sort_by(|a, b| a.rect.middle.y.total_cmp(&b.rect.middle.y));
        assert_eq!(found.len(), 2);
        let lower = found[1];
        assert!((lower.score - 0.7).abs() < 1e-5);
        // 30 x 10, grown by 1.6 times 300 / 40.
        assert_eq!(lower.rect, rect(35.0, 65.0, 42.0, 22.0, 0.0));
    }

    #[test]
    fn what_is_faint_or_thin_is_no_line() {
        let thin = map(&rect(100.0, 100.0, 80.0, 2.0, 0.0));
        assert_eq!(find(&thin, 200), []);
        let faint: Vec<f32> = map(&rect(100.0, 100.0, 80.0, 10.0, 0.0))
            .iter()
            .map(|value| value * 0.5)
            .collect();
        assert_eq!(find(&faint, 200), []);
        assert_eq!(find(&[f32::NAN; 400], 20), []);
        assert_eq!(find(&[], 0), []);
    }

    #[test]
    fn a_column_of_text_is_a_line_that_runs_down() {
        let found = find(&map(&rect(100.0, 100.0, 10.0, 80.0, 0.0)), 200);
        assert_eq!(found[0].rect.turn, -90.0);
        assert!(found[0].rect.width > found[0].rect.height);
    }

    proptest! {
        #[test]
        fn a_line_is_found_where_it_is(
            x in 80f32..120.0, y in 80f32..120.0, width in 50f32..120.0, height in 8f32..20.0, turn in -80f32..80.0,
        ) {
            let expected = rect(x, y, width, height, turn);
            let found = find(&map(&expected), 200);
            prop_assert_eq!(found.len(), 1);
            let found = found[0].rect;
            prop_assert!((found.middle.x - x).abs() < 1.5 && (found.middle.y - y).abs() < 1.5);
            prop_assert!((found.turn - turn).abs() < 4.0, "{} instead of {}", found.turn, turn);
            let growth = GROWTH * width * height / (width + height);
            prop_assert!((found.width - width - growth).abs() < 5.0);
            prop_assert!((found.height - height - growth).abs() < 5.0);
        }

        #[test]
        fn a_hull_holds_every_point(points in proptest::collection::vec((0i64..50, 0i64..50), 3..60)) {
            let corners = hull(points.clone());
            prop_assume!(corners.len() >= 3);
            for point in points {
                for (a, b) in corners.iter().zip(corners.iter().cycle().skip(1)) {
                    let side = (b.0 - a.0) * (point.1 - a.1) - (b.1 - a.1) * (point.0 - a.0);
                    prop_assert!(side >= 0);
                }
            }
            prop_assert!(smallest_rectangle(&corners).unwrap().width > 0.0);
        }
    }
}
