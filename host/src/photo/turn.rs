//! Turns pictures upright, in tiles: a column of the picture is a row of the result, and without tiles each of its
//! pixels would be read from another page of memory.

use image::RgbImage;
use image::metadata::Orientation;

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

    fn numbered(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x % 251) as u8, (y % 251) as u8, (x / 251) as u8])
        })
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
