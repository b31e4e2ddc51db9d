//! Pixels of a photo or of a part of it, perhaps fewer than the file has, and where in the photo they lie.

use image::RgbImage;

use super::pixel_vector::PixelVector;
use super::turn::Area;
use crate::domain::{Point, Rect};

/// A part of a photo, upright and in sRGB. Each of its pixels shows a square of `reduction` by `reduction` pixels of the
/// photo.
#[derive(Clone, Debug)]
pub struct Part {
    pixels: RgbImage,
    /// The photo's pixel at the top left; before the photo's edge where the last square of a mirrored side is not
    /// whole.
    left: i64,
    top: i64,
    reduction: u32,
}

impl Part {
    /// The pixels of `area`, each of which shows `reduction` by `reduction` of the photo's.
    pub(super) fn new(pixels: RgbImage, area: Area, reduction: u32) -> Self {
        Self {
            pixels,
            left: area.left,
            top: area.top,
            reduction,
        }
    }

    /// A photo as a whole, with all of its pixels.
    #[must_use]
    pub fn whole(pixels: RgbImage) -> Self {
        Self {
            pixels,
            left: 0,
            top: 0,
            reduction: 1,
        }
    }

    /// The pixels.
    #[must_use]
    pub fn pixels(&self) -> &RgbImage {
        &self.pixels
    }

    /// The pixels, without where they lie.
    #[must_use]
    pub fn into_pixels(self) -> RgbImage {
        self.pixels
    }

    /// Pixels of the photo for each pixel, along a side: 1, 2, 4 or 8.
    #[must_use]
    pub fn reduction(&self) -> u32 {
        self.reduction
    }

    /// Where a point of these pixels lies in the photo. Both are measured from the edge of the first pixel.
    #[must_use]
    pub fn point_in_photo(&self, point: Point) -> Point {
        let scale = self.reduction as f32;
        Point {
            x: point.x * scale + self.left as f32,
            y: point.y * scale + self.top as f32,
        }
    }

    /// Where a rectangle of the photo lies in these pixels: the inverse of [`Self::point_in_photo`] for both of its
    /// corners.
    #[must_use]
    pub fn rect(&self, in_photo: &Rect) -> Rect {
        let scale = self.reduction as f32;
        let (left, top) = (self.left as f32, self.top as f32);
        Rect {
            x1: (in_photo.x1 - left) / scale,
            y1: (in_photo.y1 - top) / scale,
            x2: (in_photo.x2 - left) / scale,
            y2: (in_photo.y2 - top) / scale,
        }
    }

    /// The centre of the photo's first pixel, and the photo's pixels for each of these, where both count from centres of
    /// pixels, as `cv2.warpAffine` does.
    pub(super) fn centres(&self) -> (PixelVector, f64) {
        let origin = PixelVector {
            x: self.left as f64 - 0.5,
            y: self.top as f64 - 0.5,
        };
        (origin, f64::from(self.reduction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_to_the_photo_and_back() {
        let area = Area {
            left: -3,
            top: 40,
            width: 80,
            height: 80,
        };
        let part = Part::new(RgbImage::new(20, 20), area, 4);
        let rect = Rect {
            x1: 1.0,
            y1: 2.0,
            x2: 10.0,
            y2: 20.0,
        };
        let in_photo = rect.mapped(|point| part.point_in_photo(point));
        assert_eq!(
            [in_photo.x1, in_photo.y1, in_photo.x2, in_photo.y2],
            [1.0, 48.0, 37.0, 120.0]
        );
        assert_eq!(part.rect(&in_photo), rect);
    }
}
