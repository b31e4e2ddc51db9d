//! Anti-aliased shapes and text on a picture.

use image::{Rgb, RgbImage};

use super::area::Area;
use super::typeface::Face;

/// A picture that is drawn on. What lies outside of it is left out.
pub(super) struct Canvas(pub(super) RgbImage);

impl Canvas {
    /// Fills a rectangle with round corners.
    pub(super) fn fill(&mut self, area: Area, radius: f32, colour: Rgb<u8>) {
        self.shape(
            area,
            |distance| covered(distance(0.0, radius)),
            |_, _| colour,
            1.0,
        );
    }

    /// Draws a line of the given thickness along the inside of a rectangle with round corners.
    pub(super) fn frame(&mut self, area: Area, radius: f32, thickness: f32, colour: Rgb<u8>, opacity: f32) {
        let line = |distance: &dyn Fn(f32, f32) -> f32| {
            let hole = (radius - thickness).max(0.0);
            covered(distance(0.0, radius)) - covered(distance(thickness, hole))
        };
        self.shape(area, line, |_, _| colour, opacity);
    }

    /// Copies a picture into a rectangle of its size with round corners.
    pub(super) fn paste(&mut self, picture: &RgbImage, (left, top): (i32, i32), radius: f32) {
        let area = Area::at(left, top, (picture.width() as i32, picture.height() as i32));
        let colour = |x: i32, y: i32| *picture.get_pixel((x - left) as u32, (y - top) as u32);
        self.shape(area, |distance| covered(distance(0.0, radius)), colour, 1.0);
    }

    /// Writes one line of text.
    pub(super) fn text(&mut self, face: &Face, text: &str, (left, baseline): (f32, f32), colour: Rgb<u8>) {
        face.draw(text, left, baseline, |x, y, cover| {
            self.blend(x, y, colour, cover)
        });
    }

    /// Blends a colour into each pixel of a rectangle, as much as `cover` says of the pixel's distance from the rectangle's
    /// edge made smaller on every side, with round corners (inset, radius); below 0 is inside.
    fn shape(
        &mut self,
        area: Area,
        cover: impl Fn(&dyn Fn(f32, f32) -> f32) -> f32,
        colour: impl Fn(i32, i32) -> Rgb<u8>,
        opacity: f32,
    ) {
        let half = (area.width() as f32 / 2.0, area.height() as f32 / 2.0);
        let centre = (area.left as f32 + half.0, area.top as f32 + half.1);
        for y in area.top.max(0)..area.bottom.min(self.0.height() as i32) {
            for x in area.left.max(0)..area.right.min(self.0.width() as i32) {
                let from_centre = (
                    (x as f32 + 0.5 - centre.0).abs(),
                    (y as f32 + 0.5 - centre.1).abs(),
                );
                let distance = |inset: f32, radius: f32| {
                    let radius = radius.min(half.0 - inset).min(half.1 - inset).max(0.0);
                    let x = from_centre.0 - (half.0 - inset - radius);
                    let y = from_centre.1 - (half.1 - inset - radius);
                    x.max(0.0).hypot(y.max(0.0)) + x.max(y).min(0.0) - radius
                };
                self.blend(x, y, colour(x, y), cover(&distance) * opacity);
            }
        }
    }

    fn blend(&mut self, x: i32, y: i32, colour: Rgb<u8>, cover: f32) {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            return;
        };
        let Some(pixel) = self.0.get_pixel_mut_checked(x, y) else {
            return;
        };
        let cover = cover.clamp(0.0, 1.0);
        for (under, over) in pixel.0.iter_mut().zip(colour.0) {
            let mixed = f32::from(*under) + (f32::from(over) - f32::from(*under)) * cover;
            *under = mixed.round() as u8;
        }
    }
}

/// How much of a pixel is inside, by its centre's distance from the edge.
fn covered(distance: f32) -> f32 {
    (0.5 - distance).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHITE: Rgb<u8> = Rgb([255; 3]);

    fn drawn(draw: impl Fn(&mut Canvas)) -> RgbImage {
        let mut canvas = Canvas(RgbImage::new(20, 20));
        draw(&mut canvas);
        canvas.0
    }

    #[test]
    fn a_shape_stays_within_its_rectangle_and_its_corners_are_smooth() {
        let area = Area::at(4, 4, (12, 12));
        let picture = drawn(|canvas| canvas.fill(area, 4.0, WHITE));
        for (x, y, pixel) in picture.enumerate_pixels() {
            let place = Area::at(x as i32, y as i32, (1, 1));
            assert!(pixel.0 == [0; 3] || place.is_within(area), "{x} {y}");
        }
        assert_eq!(picture.get_pixel(10, 4), &WHITE);
        assert_eq!(picture.get_pixel(4, 4), &Rgb([0; 3]));
        assert!(picture.pixels().any(|pixel| (1..255).contains(&pixel.0[0])));
    }

    #[test]
    fn a_frame_leaves_its_inside_alone() {
        let picture = drawn(|canvas| canvas.frame(Area::at(2, 2, (16, 16)), 3.0, 2.0, WHITE, 1.0));
        for y in 4..16 {
            for x in 4..16 {
                let corner = !(6..14).contains(&x) && !(6..14).contains(&y);
                assert!(corner || picture.get_pixel(x, y).0 == [0; 3], "{x} {y}");
            }
        }
        assert_eq!(picture.get_pixel(10, 2), &WHITE);
        assert_eq!(picture.get_pixel(10, 3), &WHITE);
    }

    #[test]
    fn what_lies_outside_of_the_picture_is_left_out() {
        let picture = drawn(|canvas| canvas.fill(Area::at(-50, -50, (200, 200)), 0.0, WHITE));
        assert!(picture.pixels().all(|pixel| *pixel == WHITE));
        let picture = drawn(|canvas| canvas.fill(Area::at(40, 40, (5, 5)), 0.0, WHITE));
        assert!(picture.pixels().all(|pixel| pixel.0 == [0; 3]));
    }
}
