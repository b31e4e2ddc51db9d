//! How much of a person a face shows: size, sharpness, the detector's score and pose in one figure.

use image::RgbImage;

use super::pixel_vector::PixelVector;
use crate::domain::{Detection, Landmarks};

/// Cells on a side of the grid on which sharpness is measured. A face fills about two thirds of an aligned crop, so
/// this grid's finest details are some 9 cycles a face, where the band that identity is read from begins (8 to 13:
/// Näsänen, Vision Research 39, 1999). Of grids of 112, 56 and 28 cells it told best how much an embedding had lost:
/// noise and the blocks of JPEG, which are finer, do not pass for sharpness.
const CELLS: usize = 28;
/// Variance of grey levels (0 to 255) added to that of a crop, so that the noise of a flat one is not detail.
const LEAST_VARIANCE: f64 = 300.0;
/// The sharpness at which half of a face is lost.
const HALF_SHARPNESS: f64 = 0.17;
/// The shorter side of a face, in pixels of the photo, at which half of it is lost.
const HALF_SIDE: f64 = 6.0;
/// How steeply both fall.
const STEEPNESS: f64 = 4.0 / 3.0;
/// Where the nose tip lies on the way from the eyes to the mouth when a face is seen from the front, and how far it
/// stands out of the face's plane, both in units of that way: the facial model of Gee and Cipolla, Image and Vision
/// Computing 12(10), 1994.
const NOSE: f64 = 0.6;

/// How much of a person a face shows, 0 to 1; 0 when the detection is no face. `aligned` is the face's crop by
/// [`ARCFACE_TEMPLATE`](super::ARCFACE_TEMPLATE), at least 28 pixels wide.
///
/// The scale is the share of its similarity that a face keeps: a face of quality 0.5 is about as similar to a perfect
/// picture of the same moment as 0.5. The constants are fitted to that: portraits of 17 people were blurred, shrunk,
/// darkened, compressed and rotated in 30 ways, and embedded by both embedders (2,529 faces; rank correlation 0.71,
/// root mean square error 0.17). Medians, YuNet with `SFace` and SCRFD with the embedder of 512 dimensions:
///
/// | the portrait, its face scaled to 112 pixels | quality | similarity to the original |
/// |---|---|---|
/// | as it was | .87, .80 | 1 |
/// | 30 pixels | .74, .72 | .88, .89 |
/// | 20 pixels | .63, .61 | .75, .67 |
/// | 16 pixels | .53, .50 | .62, .52 |
/// | Gaussian blur, sigma 3 pixels | .67, .63 | .81, .72 |
/// | sigma 4 pixels | .50, .49 | .67, .50 |
/// | sigma 5 pixels | .33, .34 | .53, .29 |
/// | sigma 6 pixels | .23, .23 | .39, .16 |
/// | sigma 3 pixels, noise of 8 grey levels, JPEG | .67, .62 | .71, .67 |
/// | moved by 15 pixels | .67, .65 | .54, .53 |
/// | a quarter of the light, with noise | .74, .68 | .86, .86 |
///
/// Score and pose count by their square roots, which fits what rotation in the picture's plane costs. What rotation out
/// of it costs could not be measured, for want of profiles, and is assumed to follow the same law.
#[must_use]
pub fn quality(detection: &Detection, aligned: &RgbImage) -> f32 {
    let side = f64::from(detection.rect.shorter_side());
    let score = f64::from(detection.confidence).clamp(0.0, 1.0);
    let quality = share(side, HALF_SIDE)
        * share(sharpness(aligned), HALF_SHARPNESS)
        * (score * frontality(&detection.landmarks)).sqrt();
    if quality.is_finite() { quality as f32 } else { 0.0 }
}

/// What is left of a face at `value`: 0 at 0, a half at `half`, then towards 1.
fn share(value: f64, half: f64) -> f64 {
    let (value, half) = (value.max(0.0).powf(STEEPNESS), half.powf(STEEPNESS));
    value / (value + half)
}

/// The variance of the Laplacian, the usual measure of focus (Pech-Pacheco et al., ICPR 2000), on a coarse grid, relative
/// to the variance of the grey levels, so that it does not depend on light and contrast; 0 for a crop below the grid.
fn sharpness(crop: &RgbImage) -> f64 {
    let block = crop.width().min(crop.height()) as usize / CELLS;
    if block == 0 {
        return 0.0;
    }
    let mut cells = [[0.0; CELLS]; CELLS];
    let mut all = Moments::default();
    for (x, y, pixel) in crop.enumerate_pixels() {
        let [red, green, blue] = pixel.0.map(f64::from);
        // Rec. 601, as in JPEG.
        let grey = 0.299 * red + 0.587 * green + 0.114 * blue;
        all.add(grey);
        let (column, row) = (x as usize / block, y as usize / block);
        if let Some(cell) = cells.get_mut(row).and_then(|row| row.get_mut(column)) {
            *cell += grey / (block * block) as f64;
        }
    }
    let mut details = Moments::default();
    for rows in cells.windows(3) {
        for column in 1..CELLS - 1 {
            let around = rows[0][column] + rows[2][column] + rows[1][column - 1] + rows[1][column + 1];
            details.add(4.0 * rows[1][column] - around);
        }
    }
    details.variance() / (all.variance() + LEAST_VARIANCE)
}

/// Sums that give a variance.
#[derive(Default)]
struct Moments {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        self.sum += value;
        self.squares += value * value;
    }

    fn variance(&self) -> f64 {
        let mean = self.sum / self.count;
        (self.squares / self.count - mean * mean).max(0.0)
    }
}

/// The product of the cosines of roll, yaw and pitch, estimated from the landmarks: 1 for a face seen from the front.
/// Roll is that from the nearest turn by a multiple of 90 degrees: a face that lies on its side is found, and its
/// landmarks measured, in a photo that was turned.
fn frontality(landmarks: &Landmarks) -> f64 {
    let [left_eye, right_eye, nose, left_mouth, right_mouth] = landmarks.map(PixelVector::from);
    let eyes = left_eye.middle(right_eye);
    let axis = right_eye.minus(left_eye);
    let down = left_mouth.middle(right_mouth).minus(eyes);
    let nose = nose.minus(eyes);
    let length = down.length();
    let aside = (nose.x * down.y - nose.y * down.x) / (length * length);
    let along = (nose.x * down.x + nose.y * down.y) / (length * length);
    let cosine_of = |tangent: f64| 1.0 / 1.0_f64.hypot(tangent);
    let roll = axis.x.abs().max(axis.y.abs()) / axis.length();
    roll * cosine_of(aside / NOSE) * cosine_of((along - NOSE) / NOSE)
}

#[cfg(test)]
mod tests {

    use super::*;
    use crate::domain::{Point, Rect};
    use crate::photo::ARCFACE_TEMPLATE;
    use image::{Rgb, imageops};

    /// A face of `side` pixels seen from the front, whose crop is `aligned`.
    fn face(side: f32) -> Detection {
        let rect = Rect {
            x1: 10.0,
            y1: 20.0,
            x2: 10.0 + side,
            y2: 20.0 + 1.3 * side,
        };
        Detection::new(rect, ARCFACE_TEMPLATE.landmarks, 0.9)
    }

    /// Stripes eight pixels wide.
    fn stripes() -> RgbImage {
        RgbImage::from_fn(112, 112, |x, _| Rgb([if x / 8 % 2 == 0 { 60 } else { 180 }; 3]))
    }

    fn rotated(degrees: f32) -> Detection {
        let (sine, cosine) = degrees.to_radians().sin_cos();
        let mut face = face(100.0);
        for point in &mut face.landmarks {
            let (x, y) = (point.x - 56.0, point.y - 56.0);
            (point.x, point.y) = (56.0 + x * cosine - y * sine, 56.0 + x * sine + y * cosine);
        }
        face
    }

    #[test]
    fn smaller_faces_are_worse() {
        let of = |side| quality(&face(side), &stripes());
        assert!(of(16.0) < of(30.0) && of(30.0) < of(112.0) && of(112.0) < of(400.0));
        assert!(of(400.0) <= 1.0);
        assert!((share(6.0, HALF_SIDE) - 0.5).abs() < 1e-9);
    }

    #[test]
    fn blurred_faces_are_worse_and_darker_ones_hardly() {
        let of = |crop: &RgbImage| quality(&face(100.0), crop);
        let sharp = of(&stripes());
        let blurred = [2.0, 4.0, 6.0].map(|sigma| of(&imageops::blur(&stripes(), sigma)));
        assert!(sharp > blurred[0] && blurred[0] > blurred[1] && blurred[1] > blurred[2]);
        let mut dark = stripes();
        dark.pixels_mut()
            .flat_map(|pixel| &mut pixel.0)
            .for_each(|level| *level /= 2);
        assert!((sharp - of(&dark)).abs() < 0.1, "{sharp} and {}", of(&dark));
        assert!(of(&RgbImage::from_pixel(112, 112, Rgb([90; 3]))) < 1e-6);
        assert!(of(&RgbImage::new(20, 20)) < 1e-6);
    }

    #[test]
    fn turned_faces_are_worse() {
        let of = |degrees| quality(&rotated(degrees), &stripes());
        assert!(of(0.0) > of(20.0) && of(20.0) > of(44.0) && of(44.0) < of(70.0));
        assert!((of(30.0) - of(-30.0)).abs() < 0.01);
        // What lies on its side was looked at in a photo that was turned.
        for quarter in [90.0, 180.0, 270.0] {
            assert!((of(0.0) - of(quarter)).abs() < 0.01);
        }
        // The nose beside the line from the eyes to the mouth, and too near to the eyes.
        for (x, y) in [(12.0, 0.0), (-12.0, 0.0), (0.0, -12.0)] {
            let mut turned = face(100.0);
            turned.landmarks[2].x += x;
            turned.landmarks[2].y += y;
            assert!(quality(&turned, &stripes()) < of(0.0));
        }
        // The template is nearly the facial model's view from the front.
        assert!(frontality(&ARCFACE_TEMPLATE.landmarks) > 0.97);
    }

    #[test]
    fn what_is_no_face_has_none() {
        let mut together = face(100.0);
        together.landmarks = [Point { x: 3.0, y: 3.0 }; 5];
        let mut unsure = face(100.0);
        unsure.confidence = 0.0;
        let mut crossed = face(100.0);
        crossed.rect.x2 = 0.0;
        for detection in [together, unsure, crossed] {
            assert!(quality(&detection, &stripes()) < 1e-6, "{detection:?}");
        }
    }
}
