//! Turns a face upright and cuts it out so that its landmarks lie where a network expects them.

use image::{Rgb, RgbImage};

use super::pixel_vector::PixelVector;
use super::turn::{Area, Quarter};
use super::{Part, PhotoError, reduce};
use crate::domain::{Detection, Landmarks, Point, TurnedRect};

/// Where a network expects the five landmarks: pixels of a square of `size` x `size`, scaled for
/// squares of other sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Template {
    /// The landmarks.
    pub landmarks: Landmarks,
    /// Width and height of the square they are given for.
    pub size: f32,
}

/// The template of `ArcFace` and its relatives, for 112 x 112 pixels
/// (`arcface_dst` in `InsightFace`, `python-package/insightface/utils/face_align.py`).
pub const ARCFACE_TEMPLATE: Template = Template {
    landmarks: [
        Point {
            x: 38.2946,
            y: 51.6963,
        },
        Point {
            x: 73.5318,
            y: 51.5014,
        },
        Point {
            x: 56.0252,
            y: 71.7366,
        },
        Point {
            x: 41.5493,
            y: 92.3655,
        },
        Point {
            x: 70.7299,
            y: 92.2041,
        },
    ],
    size: 112.0,
};

/// The template of the age and gender networks, for a square of side 1: the mean face of dlib's face
/// chips with its default padding of 0.2 on each side, hence `(p + 0.2) / 1.4`.
pub const DEMOGRAPHICS_TEMPLATE: Template = Template {
    landmarks: [
        padded(0.2255, 0.2160),
        padded(0.7548, 0.2160),
        padded(0.4901, 0.5156),
        padded(0.2541, 0.7802),
        padded(0.7261, 0.7802),
    ],
    size: 1.0,
};

const fn padded(x: f32, y: f32) -> Point {
    Point {
        x: (x + 0.2) / 1.4,
        y: (y + 0.2) / 1.4,
    }
}

/// Cuts a face out as a square of `size` x `size`, rotated, scaled and moved so that its landmarks, which are places in
/// the photo, come as close to the template's as a similarity transform can bring them (least squares, no mirroring).
///
/// As in `cv2.warpAffine`: pixel centres have integer coordinates, values are interpolated bilinearly
/// between the four nearest pixels, and outside the photo everything is black. Before that, pixels are averaged by the
/// whole number of them that lie between two neighbours of the square: else a large face would be sampled at one pixel in
/// many, and what is finer than the square can show would come out as noise (aliasing).
///
/// # Errors
/// When landmarks are not finite or all in one place, or `size` is 0.
pub fn align(
    photo: &Part,
    landmarks: &Landmarks,
    size: u32,
    template: &Template,
) -> Result<RgbImage, PhotoError> {
    if size == 0 {
        return Err(PhotoError::Geometry("the result has no pixels"));
    }
    let scale = f64::from(size) / f64::from(template.size);
    let targets = template
        .landmarks
        .map(|point| PixelVector::from(point).scaled(scale));
    let back = Similarity::between(&landmarks.map(PixelVector::from), &targets)?.inverse()?;
    warp(photo, (size, size), back)
}

/// Cuts a turned rectangle of the photo out, level, as `width` x `height` pixels. It must have about their shape: it is
/// scaled alike along both sides, so that its height fits. Sampled as in [`align`].
///
/// # Errors
/// When the rectangle is not finite or has no height, or the result has no pixels.
pub fn level(photo: &Part, rect: &TurnedRect, (width, height): (u32, u32)) -> Result<RgbImage, PhotoError> {
    let scale = f64::from(rect.height) / f64::from(height);
    let turn = f64::from(rect.turn).to_radians();
    let middle = PixelVector::from(rect.middle);
    let finite = scale.is_finite() && turn.is_finite() && middle.x.is_finite() && middle.y.is_finite();
    if !(finite && scale > 0.0 && width > 0 && height > 0) {
        return Err(PhotoError::Geometry(
            "the rectangle is not finite or has no height, or the result no pixels",
        ));
    }
    let mut back = Similarity {
        a: scale * turn.cos(),
        b: scale * turn.sin(),
        shift: PixelVector { x: 0.0, y: 0.0 },
    };
    // Places are measured from edges, and pixels from their centres.
    let half = |side: u32| f64::from(side) / 2.0 - 0.5;
    let centre = back.apply(PixelVector {
        x: half(width),
        y: half(height),
    });
    back.shift = middle.minus(PixelVector { x: 0.5, y: 0.5 }).minus(centre);
    warp(photo, (width, height), back)
}

/// Cuts a face out as a square of `size` x `size`, turned upright by a multiple of 90 degrees, with the middle of its box
/// in the square's middle; the square shows `extent` times the box's longer side. Sampled as in [`align`].
///
/// # Errors
/// When the box is not finite or has no area, or `size` is 0.
pub fn centred_chip(photo: &Part, face: &Detection, extent: f32, size: u32) -> Result<RgbImage, PhotoError> {
    if size == 0 {
        return Err(PhotoError::Geometry("the result has no pixels"));
    }
    let [x1, y1, x2, y2] = [face.rect.x1, face.rect.y1, face.rect.x2, face.rect.y2].map(f64::from);
    // Pixels of the photo for each pixel of the square.
    let scale = (x2 - x1).max(y2 - y1) * f64::from(extent) / f64::from(size);
    let middle = PixelVector { x: x1, y: y1 }.middle(PixelVector { x: x2, y: y2 });
    if !(scale.is_finite() && scale > 0.0 && middle.x.is_finite() && middle.y.is_finite()) {
        return Err(PhotoError::Geometry("its box is not finite or has no area"));
    }
    // To the right in the square is, in the photo, to the right, down, to the left or up.
    let (a, b) = match turn_upright(&face.landmarks) {
        None => (scale, 0.0),
        Some(Quarter::Anticlockwise) => (0.0, scale),
        Some(Quarter::Half) => (-scale, 0.0),
        Some(Quarter::Clockwise) => (0.0, -scale),
    };
    let half = f64::from(size) / 2.0;
    let mut back = Similarity {
        a,
        b,
        shift: PixelVector { x: 0.0, y: 0.0 },
    };
    back.shift = middle.minus(back.apply(PixelVector { x: half, y: half }));
    // Upright, the square's middle is the pixel to the right of the box's middle and below it. Turned it must be the same
    // pixel, which along a side that runs backwards is the one before it.
    if a < 0.0 || b > 0.0 {
        back.shift.x -= 1.0;
    }
    if a < 0.0 || b < 0.0 {
        back.shift.y -= 1.0;
    }
    warp(photo, (size, size), back)
}

/// The turn that brings a face upright by its landmarks; none when it is, or leans by less than 45 degrees.
#[must_use]
pub fn turn_upright(landmarks: &Landmarks) -> Option<Quarter> {
    let [left_eye, right_eye, ..] = landmarks.map(PixelVector::from);
    let axis = right_eye.minus(left_eye);
    if axis.x.abs() >= axis.y.abs() {
        (axis.x < 0.0).then_some(Quarter::Half)
    } else if axis.y > 0.0 {
        Some(Quarter::Anticlockwise)
    } else {
        Some(Quarter::Clockwise)
    }
}

/// How many pixels of the photo lie between two neighbours of a square of `size` x `size` in which the landmarks are as
/// close to the template's as they can be: a part with this [reduction](Part::reduction) still shows a face as well as
/// the square can.
///
/// # Errors
/// When landmarks are not finite or all in one place.
pub fn aligned_scale(landmarks: &Landmarks, size: u32, template: &Template) -> Result<f32, PhotoError> {
    let scale = f64::from(size) / f64::from(template.size);
    let targets = template
        .landmarks
        .map(|point| PixelVector::from(point).scaled(scale));
    let back = Similarity::between(&landmarks.map(PixelVector::from), &targets)?.inverse()?;
    Ok(back.scale() as f32)
}

/// The photo seen through a rectangle of these pixels; `back` leads from the rectangle into the photo.
fn warp(photo: &Part, size: (u32, u32), back: Similarity) -> Result<RgbImage, PhotoError> {
    let (origin, reduction) = photo.centres();
    let back = back.into_reduced(origin, reduction);
    let averaged = averaged(photo.pixels(), size, back)?;
    let (pixels, back) = averaged
        .as_ref()
        .map_or((photo.pixels(), back), |(pixels, back)| (pixels, *back));
    Ok(RgbImage::from_fn(size.0, size.1, |x, y| {
        let pixel = PixelVector {
            x: f64::from(x),
            y: f64::from(y),
        };
        sample(pixels, back.apply(pixel))
    }))
}

/// What a rectangle of these pixels shows of a picture, made smaller by the whole number of pixels between two neighbours
/// of the rectangle, and the way there; none where that is less than two.
fn averaged(
    pixels: &RgbImage,
    (width, height): (u32, u32),
    back: Similarity,
) -> Result<Option<(RgbImage, Similarity)>, PhotoError> {
    // A picture that is thinner than a square to average over is not averaged. `as` saturates.
    let most = pixels.width().min(pixels.height());
    // A rounding error below a whole number is that number.
    let factor = ((back.scale() + 1e-6).floor() as u32).min(most);
    if factor < 2 {
        return Ok(None);
    }
    let (near, right, bottom) = (-1.0, f64::from(width), f64::from(height));
    let corners = [(near, near), (right, near), (near, bottom), (right, bottom)]
        .map(|(x, y)| back.apply(PixelVector { x, y }));
    let [left, top] = [|point: &PixelVector| point.x, |point: &PixelVector| point.y]
        .map(|side| corners.iter().map(side).fold(f64::INFINITY, f64::min).floor() as i64);
    let [right, bottom] = [|point: &PixelVector| point.x, |point: &PixelVector| point.y]
        .map(|side| corners.iter().map(side).fold(f64::NEG_INFINITY, f64::max).ceil() as i64);
    let seen = Area {
        left,
        top,
        width: right.saturating_sub(left),
        height: bottom.saturating_sub(top),
    };
    let (area, reduced) = reduce::part(pixels, seen, factor)?;
    let origin = PixelVector {
        x: area.left as f64 - 0.5,
        y: area.top as f64 - 0.5,
    };
    Ok(Some((reduced, back.into_reduced(origin, factor.into()))))
}

fn mean(points: &[PixelVector; 5]) -> PixelVector {
    let sum = points
        .iter()
        .fold(PixelVector { x: 0.0, y: 0.0 }, |sum, point| PixelVector {
            x: sum.x + point.x,
            y: sum.y + point.y,
        });
    sum.scaled(1.0 / points.len() as f64)
}

/// `(x, y)` to `(a x - b y + shift.x, b x + a y + shift.y)`: rotation, uniform scale and translation.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Similarity {
    a: f64,
    b: f64,
    shift: PixelVector,
}

impl Similarity {
    /// The transform that brings `from` closest to `to`, by least squares.
    ///
    /// In two dimensions Umeyama's solution (IEEE TPAMI 13(4), 1991) is linear regression of complex
    /// numbers: with both sides centred, `a + ib = sum(conj(from) to) / sum(|from|^2)`.
    fn between(from: &[PixelVector; 5], to: &[PixelVector; 5]) -> Result<Self, PhotoError> {
        let (from_mean, to_mean) = (mean(from), mean(to));
        let (mut dot, mut cross, mut spread) = (0.0, 0.0, 0.0);
        for (from, to) in from.iter().zip(to) {
            let (f, t) = (from.minus(from_mean), to.minus(to_mean));
            dot += f.x * t.x + f.y * t.y;
            cross += f.x * t.y - f.y * t.x;
            spread += f.x * f.x + f.y * f.y;
        }
        let (a, b) = (dot / spread, cross / spread);
        // A millionth of a square pixel is the rounding of equal coordinates, not a face.
        if !(spread > 1e-6 && a.is_finite() && b.is_finite()) {
            return Err(PhotoError::Geometry(
                "its landmarks are not finite or all in one place",
            ));
        }
        let shift = PixelVector {
            x: to_mean.x - (a * from_mean.x - b * from_mean.y),
            y: to_mean.y - (b * from_mean.x + a * from_mean.y),
        };
        Ok(Self { a, b, shift })
    }

    fn inverse(self) -> Result<Self, PhotoError> {
        let determinant = self.a * self.a + self.b * self.b;
        if determinant < 1e-12 {
            return Err(PhotoError::Geometry(
                "its landmarks do not have the shape of a face",
            ));
        }
        let (a, b) = (self.a / determinant, -self.b / determinant);
        let shift = PixelVector {
            x: -(a * self.shift.x - b * self.shift.y),
            y: -(b * self.shift.x + a * self.shift.y),
        };
        Ok(Self { a, b, shift })
    }

    /// How much longer a way is after it.
    fn scale(self) -> f64 {
        self.a.hypot(self.b)
    }

    /// The same way into a picture that begins at `origin` (the top left edge, in coordinates of pixels' centres) and has
    /// one pixel for `factor` of them along a side.
    fn into_reduced(self, origin: PixelVector, factor: f64) -> Self {
        let half = PixelVector { x: 0.5, y: 0.5 };
        Self {
            a: self.a / factor,
            b: self.b / factor,
            shift: self.shift.minus(origin).scaled(1.0 / factor).minus(half),
        }
    }

    fn apply(&self, point: PixelVector) -> PixelVector {
        PixelVector {
            x: self.a * point.x - self.b * point.y + self.shift.x,
            y: self.b * point.x + self.a * point.y + self.shift.y,
        }
    }
}

/// The photo's colour at a place between four pixels; pixels outside the photo count as black.
fn sample(photo: &RgbImage, at: PixelVector) -> Rgb<u8> {
    let (left, top) = (at.x.floor(), at.y.floor());
    let (right_share, bottom_share) = (at.x - left, at.y - top);
    // `as` saturates, and saturated coordinates are outside any photo.
    let (left, top) = (left as i64, top as i64);
    let mut sum = [0.0; 3];
    for (x, y, share) in [
        (left, top, (1.0 - right_share) * (1.0 - bottom_share)),
        (left.saturating_add(1), top, right_share * (1.0 - bottom_share)),
        (left, top.saturating_add(1), (1.0 - right_share) * bottom_share),
        (
            left.saturating_add(1),
            top.saturating_add(1),
            right_share * bottom_share,
        ),
    ] {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            continue;
        };
        if let Some(pixel) = photo.get_pixel_checked(x, y) {
            for (sum, value) in sum.iter_mut().zip(pixel.0) {
                *sum += share * f64::from(value);
            }
        }
    }
    // A weighted mean of bytes is in the range of a byte.
    Rgb(sum.map(|value| value.round() as u8))
}

#[cfg(test)]
mod tests;
