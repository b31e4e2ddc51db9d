//! Turns pictures upright, in tiles: a column of the picture is a row of the result, and without tiles each of its
//! pixels would be read from another page of memory.

use image::RgbImage;
use image::metadata::Orientation;

use crate::domain::Point;

/// Width and height of a tile in pixels. Two tiles of RGB are 24 KiB, which a processor's first cache (32 KiB) holds.
const TILE: usize = 64;

/// How an orientation of EXIF moves pixels: first the axes are exchanged, when they are, then each may be mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    /// Columns become rows.
    transposes: bool,
    /// The upright picture's x runs against the stored axis that it comes from.
    mirrors_x: bool,
    /// The same of its y.
    mirrors_y: bool,
}

/// A turn by a multiple of 90 degrees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quarter {
    /// By 90 degrees.
    Clockwise,
    /// By 180 degrees.
    Half,
    /// By 270 degrees clockwise.
    Anticlockwise,
}

impl Quarter {
    /// Every turn but none.
    pub const ALL: [Self; 3] = [Self::Clockwise, Self::Half, Self::Anticlockwise];

    /// A picture after it.
    #[must_use]
    pub fn apply(self, picture: &RgbImage) -> RgbImage {
        self.turn().turned(picture)
    }

    /// Where a point of a turned picture of `width` x `height` pixels lies in the picture that was turned. Both are
    /// measured from the edge of the first pixel.
    #[must_use]
    pub fn point_before(self, point: Point, (width, height): (u32, u32)) -> Point {
        let turn = self.turn();
        let x = if turn.mirrors_x {
            width as f32 - point.x
        } else {
            point.x
        };
        let y = if turn.mirrors_y {
            height as f32 - point.y
        } else {
            point.y
        };
        let (x, y) = turn.size((x, y));
        Point { x, y }
    }

    fn turn(self) -> Turn {
        Turn::new(match self {
            Self::Clockwise => Orientation::Rotate90,
            Self::Half => Orientation::Rotate180,
            Self::Anticlockwise => Orientation::Rotate270,
        })
    }
}

/// A rectangle of whole pixels: left, top, width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Area {
    pub(super) left: i64,
    pub(super) top: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// The least multiple of `step` that is not below `value`.
pub(super) fn rounded_up(value: i64, step: i64) -> i64 {
    (value + step - 1).div_euclid(step) * step
}

impl Turn {
    pub(super) fn new(orientation: Orientation) -> Self {
        let (transposes, mirrors_x, mirrors_y) = match orientation {
            Orientation::NoTransforms => (false, false, false),
            Orientation::FlipHorizontal => (false, true, false),
            Orientation::Rotate180 => (false, true, true),
            Orientation::FlipVertical => (false, false, true),
            Orientation::Rotate90FlipH => (true, false, false),
            Orientation::Rotate90 => (true, true, false),
            Orientation::Rotate270FlipH => (true, true, true),
            Orientation::Rotate270 => (true, false, true),
        };
        Self {
            transposes,
            mirrors_x,
            mirrors_y,
        }
    }

    /// Whether it changes nothing.
    pub(super) fn is_none(self) -> bool {
        !(self.transposes || self.mirrors_x || self.mirrors_y)
    }

    /// Width and height after it.
    pub(super) fn size<T>(self, (width, height): (T, T)) -> (T, T) {
        if self.transposes {
            (height, width)
        } else {
            (width, height)
        }
    }

    /// Where a stored area of a picture of this stored size lies in the upright one. It may reach beyond the picture.
    pub(super) fn upright(self, area: Area, stored: (u32, u32)) -> Area {
        let (mut left, mut top) = self.size((area.left, area.top));
        let (width, height) = self.size((area.width, area.height));
        let whole = self.size((i64::from(stored.0), i64::from(stored.1)));
        if self.mirrors_x {
            left = whole.0 - left - width;
        }
        if self.mirrors_y {
            top = whole.1 - top - height;
        }
        Area {
            left,
            top,
            width,
            height,
        }
    }

    /// Where an area of the upright picture lies in the stored one of this size: the inverse of [`Self::upright`].
    pub(super) fn stored(self, area: Area, stored: (u32, u32)) -> Area {
        let whole = self.size((i64::from(stored.0), i64::from(stored.1)));
        let left = if self.mirrors_x {
            whole.0 - area.left - area.width
        } else {
            area.left
        };
        let top = if self.mirrors_y {
            whole.1 - area.top - area.height
        } else {
            area.top
        };
        let (left, top) = self.size((left, top));
        let (width, height) = self.size((area.width, area.height));
        Area {
            left,
            top,
            width,
            height,
        }
    }

    /// The picture after it; the same buffer where it changes nothing.
    pub(super) fn apply(self, picture: RgbImage) -> RgbImage {
        if self.is_none() {
            return picture;
        }
        self.turned(&picture)
    }

    /// A copy of the picture after it.
    fn turned(self, picture: &RgbImage) -> RgbImage {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let (new_width, new_height) = self.size(picture.dimensions());
        let mut turned = RgbImage::new(new_width, new_height);
        let (from, _) = picture.as_raw().as_chunks::<3>();
        let new_width = new_width as usize;
        let new_height = new_height as usize;
        let (to, _) = turned.as_chunks_mut::<3>();
        for tile_top in (0..new_height).step_by(TILE) {
            for tile_left in (0..new_width).step_by(TILE) {
                for y in tile_top..(tile_top + TILE).min(new_height) {
                    let stored_y = if self.mirrors_y { new_height - 1 - y } else { y };
                    let columns = tile_left..(tile_left + TILE).min(new_width);
                    for (x, pixel) in columns.clone().zip(&mut to[y * new_width..][columns]) {
                        let stored_x = if self.mirrors_x { new_width - 1 - x } else { x };
                        let (column, row) = self.size((stored_x, stored_y));
                        debug_assert!(column < width && row < height);
                        *pixel = from[row * width + column];
                    }
                }
            }
        }
        turned
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use image::{DynamicImage, Rgb};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::Rect;

    fn numbered(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x % 251) as u8, (y % 251) as u8, (x / 251) as u8])
        })
    }

    #[test]
    fn places_lead_back_to_before_the_turn() {
        let picture = numbered(70, 40);
        for quarter in Quarter::ALL {
            let turned = quarter.apply(&picture);
            let size = turned.dimensions();
            for (x, y) in [(0, 0), (3, 17), (size.0 - 1, size.1 - 1)] {
                let rect = Rect {
                    x1: x as f32,
                    y1: y as f32,
                    x2: x as f32 + 1.0,
                    y2: y as f32 + 1.0,
                };
                let before = rect.mapped(|point| quarter.point_before(point, size));
                assert_eq!((before.x2 - before.x1, before.y2 - before.y1), (1.0, 1.0));
                let pixel = picture.get_pixel(before.x1 as u32, before.y1 as u32);
                assert_eq!(turned.get_pixel(x, y), pixel, "{quarter:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn pictures_turn_as_the_image_crate_turns_them(
            width in 1u32..150, height in 1u32..150, exif in 1u8..=8,
        ) {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut expected = DynamicImage::ImageRgb8(numbered(width, height));
            expected.apply_orientation(orientation);
            let turned = Turn::new(orientation).apply(numbered(width, height));
            prop_assert_eq!(turned, expected.into_rgb8());
        }

        #[test]
        fn areas_move_with_their_pixels(
            width in 1u32..60, height in 1u32..60, exif in 1u8..=8, x in 0u32..60, y in 0u32..60,
        ) {
            let (x, y) = (x % width, y % height);
            let turn = Turn::new(Orientation::from_exif(exif).unwrap());
            let area = Area { left: x.into(), top: y.into(), width: 1, height: 1 };
            let there = turn.upright(area, (width, height));
            prop_assert_eq!(turn.stored(there, (width, height)), area);
            let picture = numbered(width, height);
            let turned = turn.apply(picture.clone());
            let pixel = turned.get_pixel(u32::try_from(there.left).unwrap(), u32::try_from(there.top).unwrap());
            prop_assert_eq!(pixel, picture.get_pixel(x, y));
        }
    }
}
