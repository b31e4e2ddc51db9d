//! Arithmetic with points of a photo.

use crate::domain::Point;

/// A point, or a way from one to another, in pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PixelVector {
    pub(super) x: f64,
    pub(super) y: f64,
}

impl From<Point> for PixelVector {
    fn from(point: Point) -> Self {
        Self {
            x: f64::from(point.x),
            y: f64::from(point.y),
        }
    }
}

impl PixelVector {
    pub(super) fn scaled(self, factor: f64) -> Self {
        Self {
            x: self.x * factor,
            y: self.y * factor,
        }
    }

    pub(super) fn minus(self, other: Self) -> Self {
        Self {
            x: self.x - other.x,
            y: self.y - other.y,
        }
    }

    pub(super) fn middle(self, other: Self) -> Self {
        Self {
            x: f64::midpoint(self.x, other.x),
            y: f64::midpoint(self.y, other.y),
        }
    }

    pub(super) fn length(self) -> f64 {
        self.x.hypot(self.y)
    }
}
