//! Points and rectangles in pixels.

use serde::{Deserialize, Serialize};

/// A point in pixels of the upright photo; may lie outside of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Pixels from the left edge.
    pub x: f32,
    /// Pixels from the top edge.
    pub y: f32,
}

/// Five facial landmarks: the eye on the left of the picture, the eye on its right, the nose tip,
/// and the two corners of the mouth, left then right.
pub type Landmarks = [Point; 5];

/// A rectangle that may be turned, such as one around a line of text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TurnedRect {
    /// Its middle.
    pub middle: Point,
    /// Length in pixels along its first side.
    pub width: f32,
    /// Length in pixels along the other.
    pub height: f32,
    /// By how many degrees the first side is turned clockwise from level.
    pub turn: f32,
}

impl TurnedRect {
    /// The upright rectangle around it.
    #[must_use]
    pub fn bounds(&self) -> Rect {
        let (sine, cosine) = self.turn.to_radians().sin_cos();
        let half =
            |along: f32, across: f32| ((self.width * along).abs() + (self.height * across).abs()) / 2.0;
        let (x, y) = (half(cosine, sine), half(sine, cosine));
        Rect {
            x1: self.middle.x - x,
            y1: self.middle.y - y,
            x2: self.middle.x + x,
            y2: self.middle.y + y,
        }
    }

    /// Whether a point is in it or on its edge.
    #[must_use]
    pub fn holds(&self, point: Point) -> bool {
        let (sine, cosine) = self.turn.to_radians().sin_cos();
        let (x, y) = (point.x - self.middle.x, point.y - self.middle.y);
        (x * cosine + y * sine).abs() <= self.width / 2.0
            && (y * cosine - x * sine).abs() <= self.height / 2.0
    }

    /// Where it is in a picture of which each pixel is `factor` of these, and which begins at these.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        Self {
            middle: Point {
                x: self.middle.x * factor,
                y: self.middle.y * factor,
            },
            width: self.width * factor,
            height: self.height * factor,
            turn: self.turn,
        }
    }
}

/// A rectangle with sub-pixel edges, as a detector gives it; may reach outside the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rect {
    /// Left edge in pixels.
    pub x1: f32,
    /// Top edge in pixels.
    pub y1: f32,
    /// Right edge in pixels.
    pub x2: f32,
    /// Bottom edge in pixels.
    pub y2: f32,
}

impl Rect {
    /// Area in square pixels; 0 when the edges are crossed.
    #[must_use]
    pub fn area(&self) -> f32 {
        (self.x2 - self.x1).max(0.0) * (self.y2 - self.y1).max(0.0)
    }

    /// Length of the longer side in pixels.
    #[must_use]
    pub fn longer_side(&self) -> f32 {
        (self.x2 - self.x1).max(self.y2 - self.y1)
    }

    /// Length of the shorter side in pixels.
    #[must_use]
    pub fn shorter_side(&self) -> f32 {
        (self.x2 - self.x1).min(self.y2 - self.y1)
    }

    /// Its middle.
    #[must_use]
    pub fn middle(&self) -> Point {
        Point {
            x: f32::midpoint(self.x1, self.x2),
            y: f32::midpoint(self.y1, self.y2),
        }
    }

    /// Whether a point is in it or on its edge.
    #[must_use]
    pub fn holds(&self, point: Point) -> bool {
        (self.x1..=self.x2).contains(&point.x) && (self.y1..=self.y2).contains(&point.y)
    }

    /// Where it is when every point goes to `place`, which may scale, move, mirror, and turn by multiples of 90 degrees.
    #[must_use]
    pub fn mapped(&self, place: impl Fn(Point) -> Point) -> Self {
        let one = place(Point {
            x: self.x1,
            y: self.y1,
        });
        let other = place(Point {
            x: self.x2,
            y: self.y2,
        });
        Self {
            x1: one.x.min(other.x),
            y1: one.y.min(other.y),
            x2: one.x.max(other.x),
            y2: one.y.max(other.y),
        }
    }

    /// The smallest rectangle that holds both.
    #[must_use]
    pub fn hull(&self, other: &Self) -> Self {
        Self {
            x1: self.x1.min(other.x1),
            y1: self.y1.min(other.y1),
            x2: self.x2.max(other.x2),
            y2: self.y2.max(other.y2),
        }
    }

    /// Intersection over union with another rectangle, 0 to 1.
    #[must_use]
    pub fn intersection_over_union(&self, other: &Self) -> f32 {
        let overlap = Self {
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
            x2: self.x2.min(other.x2),
            y2: self.y2.min(other.y2),
        }
        .area();
        let union = self.area() + other.area() - overlap;
        if union > 0.0 { overlap / union } else { 0.0 }
    }

    /// The whole pixels this rectangle covers inside a photo of `width` x `height` pixels,
    /// at least one pixel in each direction.
    #[must_use]
    pub fn to_bounding_box(self, width: u32, height: u32) -> BoundingBox {
        let span = |low: f32, high: f32, size: u32| {
            // `as` saturates and maps NaN to 0, which is what an edge outside the photo needs.
            let low = (low.round().max(0.0) as u32).min(size.saturating_sub(1));
            let high = (high.round().max(0.0) as u32).clamp(low + 1, size.max(low + 1));
            (low, high)
        };
        let (x1, x2) = span(self.x1, self.x2, width);
        let (y1, y2) = span(self.y1, self.y2, height);
        BoundingBox { x1, y1, x2, y2 }
    }
}

/// A rectangle of whole pixels inside a photo; `x2` and `y2` are exclusive. On the wire: `[x1, y1, x2, y2]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "[u32; 4]", from = "[u32; 4]")]
pub struct BoundingBox {
    /// Left edge.
    pub x1: u32,
    /// Top edge.
    pub y1: u32,
    /// Right edge, exclusive.
    pub x2: u32,
    /// Bottom edge, exclusive.
    pub y2: u32,
}

impl BoundingBox {
    /// Length of the shorter side in pixels.
    #[must_use]
    pub fn shorter_side(&self) -> u32 {
        let side = |low: u32, high: u32| high.saturating_sub(low);
        side(self.x1, self.x2).min(side(self.y1, self.y2))
    }

    /// Area of the intersection over area of the union, 0 to 1.
    #[must_use]
    pub fn intersection_over_union(&self, other: &Self) -> f32 {
        Rect::from(*self).intersection_over_union(&Rect::from(*other))
    }
}

impl From<BoundingBox> for Rect {
    fn from(edges: BoundingBox) -> Self {
        Self {
            x1: edges.x1 as f32,
            y1: edges.y1 as f32,
            x2: edges.x2 as f32,
            y2: edges.y2 as f32,
        }
    }
}

impl From<BoundingBox> for [u32; 4] {
    fn from(value: BoundingBox) -> Self {
        [value.x1, value.y1, value.x2, value.y2]
    }
}

impl From<[u32; 4]> for BoundingBox {
    fn from([x1, y1, x2, y2]: [u32; 4]) -> Self {
        Self { x1, y1, x2, y2 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn bounding_boxes_lie_inside_the_photo(
            x1 in -1e6f32..1e6, y1 in -1e6f32..1e6, x2 in -1e6f32..1e6, y2 in -1e6f32..1e6,
            width in 1u32..5000, height in 1u32..5000,
        ) {
            let found = Rect { x1, y1, x2, y2 }.to_bounding_box(width, height);
            prop_assert!(found.x1 < found.x2 && found.x2 <= width);
            prop_assert!(found.y1 < found.y2 && found.y2 <= height);
        }

        #[test]
        fn overlap_is_symmetric_and_bounded(
            a in proptest::array::uniform4(0f32..100.0), b in proptest::array::uniform4(0f32..100.0),
        ) {
            let rect = |v: [f32; 4]| Rect { x1: v[0], y1: v[1], x2: v[0] + v[2], y2: v[1] + v[3] };
            let (a, b) = (rect(a), rect(b));
            let overlap = a.intersection_over_union(&b);
            prop_assert!((0.0..=1.0 + 1e-5).contains(&overlap));
            prop_assert!((overlap - b.intersection_over_union(&a)).abs() < 1e-5);
        }
    }
}
