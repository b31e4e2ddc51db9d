//! Rectangles of whole pixels.

/// A rectangle of pixels; `right` and `bottom` are exclusive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Area {
    pub(super) left: i32,
    pub(super) top: i32,
    pub(super) right: i32,
    pub(super) bottom: i32,
}

impl Area {
    pub(super) fn at(left: i32, top: i32, (width, height): (i32, i32)) -> Self {
        Area {
            left,
            top,
            right: left + width,
            bottom: top + height,
        }
    }

    pub(super) fn width(self) -> i32 {
        self.right - self.left
    }

    pub(super) fn height(self) -> i32 {
        self.bottom - self.top
    }

    /// Larger by so many pixels on every side.
    pub(super) fn inflated(self, by: i32) -> Self {
        Area {
            left: self.left - by,
            top: self.top - by,
            right: self.right + by,
            bottom: self.bottom + by,
        }
    }

    /// Whether the two share a pixel.
    pub(super) fn overlaps(self, other: Area) -> bool {
        self.left < other.right
            && other.left < self.right
            && self.top < other.bottom
            && other.top < self.bottom
    }

    /// Whether no pixel lies outside of the other.
    pub(super) fn is_within(self, other: Area) -> bool {
        self.left >= other.left
            && self.top >= other.top
            && self.right <= other.right
            && self.bottom <= other.bottom
    }
}
