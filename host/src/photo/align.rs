//! Turns a face upright and cuts it out so that its landmarks lie where a network expects them.

use image::{Rgb, RgbImage};

use super::turn::Area;
use super::vector::Vector;
use super::{Part, PhotoError, reduce};
use crate::domain::{Landmarks, Point, Rect};

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
    let targets = template.landmarks.map(|point| Vector::from(point).scaled(scale));
    let back = Similarity::between(&landmarks.map(Vector::from), &targets)?.inverse()?;
    warp(photo, size, back)
}

/// Cuts a face out as a square of `size` x `size`, upright, with the middle of its box in the square's middle;
/// the square shows `extent` times the box's longer side. Sampled as in [`align`].
///
/// # Errors
/// When the box is not finite or has no area, or `size` is 0.
pub fn centred_chip(photo: &Part, face: &Rect, extent: f32, size: u32) -> Result<RgbImage, PhotoError> {
    if size == 0 {
        return Err(PhotoError::Geometry("the result has no pixels"));
    }
    let [x1, y1, x2, y2] = [face.x1, face.y1, face.x2, face.y2].map(f64::from);
    // Pixels of the photo for each pixel of the square.
    let scale = (x2 - x1).max(y2 - y1) * f64::from(extent) / f64::from(size);
    let middle = Vector { x: x1, y: y1 }.middle(Vector { x: x2, y: y2 });
    if !(scale.is_finite() && scale > 0.0 && middle.x.is_finite() && middle.y.is_finite()) {
        return Err(PhotoError::Geometry("its box is not finite or has no area"));
    }
    let half = f64::from(size) / 2.0;
    let upright = Similarity {
        a: scale,
        b: 0.0,
        shift: middle.minus(Vector { x: half, y: half }.scaled(scale)),
    };
    warp(photo, size, upright)
}

/// How many pixels of the photo lie between two neighbours of a square of `size` x `size` in which the landmarks are as
/// close to the template's as they can be: a part with this [reduction](Part::reduction) still shows a face as well as
/// the square can.
///
/// # Errors
/// When landmarks are not finite or all in one place.
pub fn aligned_scale(landmarks: &Landmarks, size: u32, template: &Template) -> Result<f32, PhotoError> {
    let scale = f64::from(size) / f64::from(template.size);
    let targets = template.landmarks.map(|point| Vector::from(point).scaled(scale));
    let back = Similarity::between(&landmarks.map(Vector::from), &targets)?.inverse()?;
    Ok(back.scale() as f32)
}

/// The photo seen through a square of `size` x `size`; `back` leads from the square into the photo.
fn warp(photo: &Part, size: u32, back: Similarity) -> Result<RgbImage, PhotoError> {
    let (origin, reduction) = photo.centres();
    let back = back.into_reduced(origin, reduction);
    let averaged = averaged(photo.pixels(), size, back)?;
    let (pixels, back) = averaged
        .as_ref()
        .map_or((photo.pixels(), back), |(pixels, back)| (pixels, *back));
    Ok(RgbImage::from_fn(size, size, |x, y| {
        let pixel = Vector {
            x: f64::from(x),
            y: f64::from(y),
        };
        sample(pixels, back.apply(pixel))
    }))
}

/// What a square of `size` x `size` shows of a picture, made smaller by the whole number of pixels between two
/// neighbours of the square, and the way there; none where that is less than two.
fn averaged(
    pixels: &RgbImage,
    size: u32,
    back: Similarity,
) -> Result<Option<(RgbImage, Similarity)>, PhotoError> {
    // A picture that is thinner than a square to average over is not averaged. `as` saturates.
    let most = pixels.width().min(pixels.height());
    // A rounding error below a whole number is that number.
    let factor = ((back.scale() + 1e-6).floor() as u32).min(most);
    if factor < 2 {
        return Ok(None);
    }
    let (near, far) = (-1.0, f64::from(size));
    let corners =
        [(near, near), (far, near), (near, far), (far, far)].map(|(x, y)| back.apply(Vector { x, y }));
    let [left, top] = [|point: &Vector| point.x, |point: &Vector| point.y]
        .map(|side| corners.iter().map(side).fold(f64::INFINITY, f64::min).floor() as i64);
    let [right, bottom] = [|point: &Vector| point.x, |point: &Vector| point.y]
        .map(|side| corners.iter().map(side).fold(f64::NEG_INFINITY, f64::max).ceil() as i64);
    let seen = Area {
        left,
        top,
        width: right.saturating_sub(left),
        height: bottom.saturating_sub(top),
    };
    let (area, reduced) = reduce::part(pixels, seen, factor)?;
    let origin = Vector {
        x: area.left as f64 - 0.5,
        y: area.top as f64 - 0.5,
    };
    Ok(Some((reduced, back.into_reduced(origin, factor.into()))))
}

fn mean(points: &[Vector; 5]) -> Vector {
    let sum = points
        .iter()
        .fold(Vector { x: 0.0, y: 0.0 }, |sum, point| Vector {
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
    shift: Vector,
}

impl Similarity {
    /// The transform that brings `from` closest to `to`, by least squares.
    ///
    /// In two dimensions Umeyama's solution (IEEE TPAMI 13(4), 1991) is linear regression of complex
    /// numbers: with both sides centred, `a + ib = sum(conj(from) to) / sum(|from|^2)`.
    fn between(from: &[Vector; 5], to: &[Vector; 5]) -> Result<Self, PhotoError> {
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
        let shift = Vector {
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
        let shift = Vector {
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
    fn into_reduced(self, origin: Vector, factor: f64) -> Self {
        let half = Vector { x: 0.5, y: 0.5 };
        Self {
            a: self.a / factor,
            b: self.b / factor,
            shift: self.shift.minus(origin).scaled(1.0 / factor).minus(half),
        }
    }

    fn apply(&self, point: Vector) -> Vector {
        Vector {
            x: self.a * point.x - self.b * point.y + self.shift.x,
            y: self.b * point.x + self.a * point.y + self.shift.y,
        }
    }
}

/// The photo's colour at a place between four pixels; pixels outside the photo count as black.
fn sample(photo: &RgbImage, at: Vector) -> Rgb<u8> {
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
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]

    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;

    /// A smooth picture, so that interpolation hardly changes it.
    fn waves(width: u32, height: u32) -> RgbImage {
        let wave = |value: f64| (127.5 + 120.0 * value.sin()).round() as u8;
        RgbImage::from_fn(width, height, |x, y| {
            let (x, y) = (f64::from(x), f64::from(y));
            Rgb([wave(x / 17.0), wave(y / 13.0), wave((x + y) / 23.0)])
        })
    }

    fn points(landmarks: &Landmarks) -> [Vector; 5] {
        landmarks.map(Vector::from)
    }

    #[test]
    fn landmarks_on_the_template_cut_the_top_left() {
        let photo = waves(150, 130);
        let face = align(
            &Part::whole(photo.clone()),
            &ARCFACE_TEMPLATE.landmarks,
            112,
            &ARCFACE_TEMPLATE,
        )
        .unwrap();
        let expected = image::imageops::crop_imm(&photo, 0, 0, 112, 112).to_image();
        let worst = face
            .as_raw()
            .iter()
            .zip(expected.as_raw())
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(worst <= Some(1), "{worst:?}");
    }

    #[test]
    fn a_template_scales_with_the_square() {
        let photo = waves(300, 300);
        let doubled = ARCFACE_TEMPLATE.landmarks.map(|point| Point {
            x: point.x * 2.0,
            y: point.y * 2.0,
        });
        let face = align(&Part::whole(photo.clone()), &doubled, 224, &ARCFACE_TEMPLATE).unwrap();
        let expected = image::imageops::crop_imm(&photo, 0, 0, 224, 224).to_image();
        let worst = face
            .as_raw()
            .iter()
            .zip(expected.as_raw())
            .map(|(a, b)| a.abs_diff(*b))
            .max();
        assert!(worst <= Some(1), "{worst:?}");
    }

    #[test]
    fn outside_the_photo_is_black() {
        let photo = RgbImage::from_pixel(60, 60, Rgb([255, 255, 255]));
        let face = align(
            &Part::whole(photo.clone()),
            &ARCFACE_TEMPLATE.landmarks,
            112,
            &ARCFACE_TEMPLATE,
        )
        .unwrap();
        assert_eq!(*face.get_pixel(59, 59), Rgb([255, 255, 255]));
        assert_eq!(*face.get_pixel(61, 30), Rgb([0, 0, 0]));
        assert_eq!(*face.get_pixel(111, 111), Rgb([0, 0, 0]));
    }

    #[test]
    fn a_centred_chip_shows_more_than_the_face() {
        let photo = waves(300, 300);
        let face = Rect {
            x1: 110.0,
            y1: 120.0,
            x2: 150.0,
            y2: 184.0,
        };
        // 1.5 times 64 pixels, one to one: from the middle (130, 152) half of 96 to the left and up.
        let chip = centred_chip(&Part::whole(photo.clone()), &face, 1.5, 96).unwrap();
        let expected = image::imageops::crop_imm(&photo, 82, 104, 96, 96).to_image();
        assert_eq!(chip, expected);
        // At the photo's corner the rest is black.
        let corner = Rect {
            x1: -10.0,
            y1: -10.0,
            x2: 10.0,
            y2: 10.0,
        };
        let chip = centred_chip(&Part::whole(photo.clone()), &corner, 1.5, 30).unwrap();
        assert_eq!(*chip.get_pixel(14, 14), Rgb([0, 0, 0]));
        assert_eq!(chip.get_pixel(15, 15), photo.get_pixel(0, 0));
        for x2 in [110.0, f32::NAN, f32::INFINITY] {
            assert!(
                centred_chip(
                    &Part::whole(photo.clone()),
                    &Rect {
                        x2,
                        y2: 120.0,
                        ..face
                    },
                    1.5,
                    96
                )
                .is_err()
            );
        }
    }

    #[test]
    fn landmarks_that_are_no_face_are_refused() {
        let photo = waves(150, 130);
        let equal = [Point { x: 4.0, y: 5.0 }; 5];
        let mut missing = ARCFACE_TEMPLATE.landmarks;
        missing[3].y = f32::NAN;
        let mut far = ARCFACE_TEMPLATE.landmarks;
        far[0].x = f32::INFINITY;
        for landmarks in [equal, missing, far] {
            let result = align(&Part::whole(photo.clone()), &landmarks, 112, &ARCFACE_TEMPLATE);
            assert!(matches!(result, Err(PhotoError::Geometry(_))), "{landmarks:?}");
        }
        assert!(
            align(
                &Part::whole(photo.clone()),
                &ARCFACE_TEMPLATE.landmarks,
                0,
                &ARCFACE_TEMPLATE
            )
            .is_err()
        );
    }

    proptest! {
        #[test]
        fn a_similarity_is_recovered_from_what_it_moved(
            angle in -3.1f64..3.1, scale in 0.05f64..20.0, x in -5e3f64..5e3, y in -5e3f64..5e3,
        ) {
            let (a, b) = (scale * angle.cos(), scale * angle.sin());
            let truth = Similarity { a, b, shift: Vector { x, y } };
            let from = points(&DEMOGRAPHICS_TEMPLATE.landmarks).map(|point| point.scaled(64.0));
            let found = Similarity::between(&from, &from.map(|point| truth.apply(point))).unwrap();
            prop_assert!((found.a - a).abs() < 1e-6 && (found.b - b).abs() < 1e-6);
            prop_assert!((found.shift.x - x).abs() < 1e-5 && (found.shift.y - y).abs() < 1e-5);
            let back = found.inverse().unwrap();
            for point in from {
                let again = back.apply(found.apply(point));
                prop_assert!((again.x - point.x).abs() < 1e-6 && (again.y - point.y).abs() < 1e-6);
            }
        }

        #[test]
        fn every_aligned_pixel_comes_from_where_the_face_was_moved_to(
            angle in -0.6f64..0.6, scale in 0.5f64..1.5, x in 80f64..120.0, y in 80f64..120.0,
        ) {
            let moved = Similarity { a: scale * angle.cos(), b: scale * angle.sin(), shift: Vector { x, y } };
            static PHOTO: LazyLock<RgbImage> = LazyLock::new(|| waves(400, 400));
            let photo = &*PHOTO;
            let landmarks = ARCFACE_TEMPLATE.landmarks.map(|point| {
                let at = moved.apply(point.into());
                Point { x: at.x as f32, y: at.y as f32 }
            });
            let face = align(&Part::whole(photo.clone()), &landmarks, 112, &ARCFACE_TEMPLATE).unwrap();
            for (column, row) in [(0, 0), (56, 56), (111, 0), (30, 100), (111, 111)] {
                let at = moved.apply(Vector { x: f64::from(column), y: f64::from(row) });
                let expected = sample(photo, at);
                let found = face.get_pixel(column, row);
                for channel in 0..3 {
                    prop_assert!(found[channel].abs_diff(expected[channel]) <= 1);
                }
            }
        }
    }

    #[test]
    fn a_large_face_is_averaged_before_it_is_sampled() {
        // Stripes of a pixel, of which a sample in many would be one or the other.
        let stripes = RgbImage::from_fn(1_200, 1_200, |x, _| Rgb([if x % 2 == 0 { 0 } else { 255 }; 3]));
        let landmarks = ARCFACE_TEMPLATE.landmarks.map(|point| Point {
            x: 7.3 * point.x + 100.0,
            y: 7.3 * point.y + 100.0,
        });
        let scale = aligned_scale(&landmarks, 112, &ARCFACE_TEMPLATE).unwrap();
        assert!((scale - 7.3).abs() < 1e-3);
        let face = align(&Part::whole(stripes), &landmarks, 112, &ARCFACE_TEMPLATE).unwrap();
        for (x, y, pixel) in face.enumerate_pixels() {
            // Of seven pixels three or four are white.
            assert!(pixel[0].abs_diff(127) <= 20, "{pixel:?} at {x}, {y}");
        }
    }

    #[test]
    fn a_reduced_part_gives_the_face_that_the_whole_gives() {
        let photo = waves(800, 700);
        let landmarks = ARCFACE_TEMPLATE.landmarks.map(|point| Point {
            x: 4.4 * point.x + 0.3 * point.y + 60.0,
            y: 4.4 * point.y - 0.3 * point.x + 80.0,
        });
        let whole = align(&Part::whole(photo.clone()), &landmarks, 112, &ARCFACE_TEMPLATE).unwrap();
        for factor in [2, 4] {
            let wanted = Area {
                left: 40,
                top: 20,
                width: 700,
                height: 640,
            };
            let (area, pixels) = reduce::part(&photo, wanted, factor).unwrap();
            let reduced = align(
                &Part::new(pixels, area, factor),
                &landmarks,
                112,
                &ARCFACE_TEMPLATE,
            )
            .unwrap();
            for (found, expected) in reduced.as_raw().iter().zip(whole.as_raw()) {
                assert!(
                    found.abs_diff(*expected) <= 6,
                    "1/{factor}: {found} instead of {expected}"
                );
            }
        }
    }
}
