//! Draws an answer onto its photo: boxes, people, tags and context.

use ab_glyph::InvalidFont;
use image::{Rgb, RgbImage, imageops};

use self::area::Area;
use self::canvas::Canvas;
use self::labels::{Labels, Text};
use self::panel::{Entry, PORTRAIT};
use crate::http::ProcessAnswer;
use crate::http::answers::DescribedFace;

mod area;
mod canvas;
mod colour;
mod labels;
mod panel;
mod placement;
mod typeface;

/// The longest side of the photo in pixels: larger ones are scaled down so that the letters stay readable.
const MAX_SIDE: u32 = 1_280;
/// The panel below the photo needs this; a narrower photo stands in its middle.
const MIN_WIDTH: u32 = 480;
/// How strongly a dark line on both sides sets a box off from the photo.
const CASING: f32 = 0.5;

/// The photo with its answer drawn on it. `person` gives each face the number that people know it by. No label covers a
/// face or another label; what finds no place beside its face is said in the panel below the photo.
pub(super) fn annotate(
    photo: &RgbImage,
    answer: &ProcessAnswer,
    person: impl Fn(&DescribedFace) -> usize,
) -> Result<RgbImage, InvalidFont> {
    let longest = photo.width().max(photo.height());
    let scale = (f64::from(MAX_SIDE) / f64::from(longest)).min(1.0);
    let scaled = |value: u32| (f64::from(value) * scale).round() as u32;
    let (width, height) = (scaled(photo.width()).max(1), scaled(photo.height()).max(1));
    let left = (MIN_WIDTH.saturating_sub(width) / 2) as i32;
    let bounds = Area::at(0, 0, (width.max(MIN_WIDTH) as i32, height as i32));

    let faces: Vec<(&DescribedFace, usize)> = answer.faces.iter().map(|face| (face, person(face))).collect();
    let area = |face: &DescribedFace| {
        let [x1, y1, x2, y2] = face.bounding_box;
        Area {
            left: left + scaled(x1) as i32,
            top: scaled(y1) as i32,
            right: left + scaled(x2).min(width) as i32,
            bottom: scaled(y2).min(height) as i32,
        }
    };
    let areas: Vec<Area> = answer.faces.iter().map(area).collect();
    let labels = Labels::new(bounds, &faces, &areas)?;
    let legend: Vec<Entry> = faces
        .iter()
        .zip(&labels.placed)
        .map(|((face, number), label)| (*face, *number, Text::full(*number, face), label))
        .filter(|(_, _, full, label)| {
            let unsaid = |(text, _): &(Text, Area)| text.details.is_empty() && !full.details.is_empty();
            label.as_ref().is_none_or(unsaid)
        })
        .map(|(face, number, text, _)| Entry {
            portrait: portrait(photo, face.bounding_box),
            colour: colour::person(number),
            text,
        })
        .collect();
    let panel = panel::panel(bounds.width() as u32, &answer.context, &answer.tags, &legend)?;

    let mut picture = RgbImage::from_pixel(panel.width(), height + panel.height(), colour::PANEL);
    let small = imageops::resize(photo, width, height, imageops::FilterType::Lanczos3);
    imageops::replace(&mut picture, &small, i64::from(left), 0);
    imageops::replace(&mut picture, &panel, 0, i64::from(height));
    let mut canvas = Canvas(picture);
    for ((_, number), area) in faces.iter().zip(&areas) {
        draw_box(&mut canvas, *area, colour::person(*number));
    }
    for ((_, number), label) in faces.iter().zip(&labels.placed) {
        if let Some((text, area)) = label {
            labels.draw(&mut canvas, text, *area, colour::person(*number));
        }
    }
    Ok(canvas.0)
}

/// A box around a face, whose line lies within it.
fn draw_box(canvas: &mut Canvas, area: Area, colour: Rgb<u8>) {
    let side = area.width().min(area.height());
    let line = if side < 60 { 2 } else { 3 };
    let radius = (side as f32 / 10.0).min(6.0);
    canvas.frame(area.inflated(1), radius + 1.0, 1.0, colour::INK, CASING);
    canvas.frame(area, radius, line as f32, colour, 1.0);
    let inner = area.inflated(-line);
    canvas.frame(inner, (radius - line as f32).max(0.0), 1.0, colour::INK, CASING);
}

/// The face with a little around it, for the legend.
fn portrait(photo: &RgbImage, [x1, y1, x2, y2]: [u32; 4]) -> RgbImage {
    let side = (x2.saturating_sub(x1).max(y2.saturating_sub(y1)) * 5 / 4)
        .min(photo.width().min(photo.height()))
        .max(1);
    let corner = |low: u32, high: u32, length: u32| {
        (u32::midpoint(low, high).saturating_sub(side / 2)).min(length - side.min(length))
    };
    let left = corner(x1, x2, photo.width());
    let top = corner(y1, y2, photo.height());
    let face = imageops::crop_imm(photo, left, top, side, side).to_image();
    imageops::resize(&face, PORTRAIT, PORTRAIT, imageops::FilterType::Lanczos3)
}

#[cfg(test)]
mod tests;
