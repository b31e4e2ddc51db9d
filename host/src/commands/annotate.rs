//! Draws an answer onto its photo: boxes, people, tags and context.

use image::{Rgb, RgbImage, imageops};
use noto_sans_mono_bitmap::{FontWeight, RasterHeight, get_raster, get_raster_width};

use crate::domain::{BoundingBox, Gender};
use crate::http::ProcessAnswer;
use crate::pipeline::DescribedFace;

/// The longest side of the picture in pixels: larger photos are scaled down so that the letters stay readable.
const MAX_SIDE: u32 = 1_280;
/// Thickness of a box in pixels.
const LINE: u32 = 3;
/// Height of a line of text in pixels.
const TEXT_HEIGHT: u32 = 20;
/// Space around text in pixels.
const PADDING: u32 = 4;

const PANEL: Rgb<u8> = Rgb([24, 26, 30]);
const WHITE: Rgb<u8> = Rgb([255, 255, 255]);
/// One colour a person, after Okabe and Ito (2008), who chose them to be told apart by everybody.
const COLOURS: [Rgb<u8>; 7] = [
    Rgb([230, 159, 0]),
    Rgb([86, 180, 233]),
    Rgb([0, 158, 115]),
    Rgb([240, 228, 66]),
    Rgb([0, 114, 178]),
    Rgb([213, 94, 0]),
    Rgb([204, 121, 167]),
];

/// The photo with its answer drawn on it. `person` gives each face the number that people know it by.
pub(super) fn annotate(
    photo: RgbImage,
    answer: &ProcessAnswer,
    person: impl Fn(&DescribedFace) -> usize,
) -> RgbImage {
    let longest = photo.width().max(photo.height());
    let scale = (f64::from(MAX_SIDE) / f64::from(longest)).min(1.0);
    let scaled = |value: u32| (f64::from(value) * scale).round() as u32;
    let (width, height) = (scaled(photo.width()).max(1), scaled(photo.height()).max(1));
    let photo = if scale < 1.0 {
        imageops::resize(&photo, width, height, imageops::FilterType::Triangle)
    } else {
        photo
    };

    let lines = [answer.context.clone(), answer.tags.join(", ")];
    let panel = lines.len() as u32 * (TEXT_HEIGHT + PADDING) + 2 * PADDING;
    let mut picture = RgbImage::from_pixel(width, height + panel, PANEL);
    imageops::replace(&mut picture, &photo, 0, 0);
    for face in &answer.faces {
        let number = person(face);
        let colour = COLOURS[number % COLOURS.len()];
        let BoundingBox { x1, y1, x2, y2 } = face.bounding_box;
        let corners = [
            scaled(x1),
            scaled(y1),
            scaled(x2).min(width),
            scaled(y2).min(height),
        ];
        draw_box(&mut picture, corners, colour);
        let caption = caption(face, number);
        let top = corners[1].saturating_sub(TEXT_HEIGHT + PADDING);
        draw_text(
            &mut picture,
            (corners[0], top),
            &caption,
            Rgb([0, 0, 0]),
            Some(colour),
        );
    }
    let mut top = height + PADDING;
    for line in lines {
        draw_text(&mut picture, (PADDING, top), &line, WHITE, None);
        top += TEXT_HEIGHT + PADDING;
    }
    picture
}

/// `#2 M52`: the person's number, and gender and age where known.
fn caption(face: &DescribedFace, number: usize) -> String {
    let gender = match face.gender {
        Some(Gender::Female) => "F",
        Some(Gender::Male) => "M",
        None => "",
    };
    let age = face.age.map_or(String::new(), |age| format!("{age:.0}"));
    format!("#{number} {gender}{age}").trim_end().to_owned()
}

fn draw_box(picture: &mut RgbImage, [x1, y1, x2, y2]: [u32; 4], colour: Rgb<u8>) {
    let (inner_right, inner_bottom) = (x2.saturating_sub(LINE), y2.saturating_sub(LINE));
    for y in y1..y2 {
        for x in x1..x2 {
            if x < x1 + LINE || x >= inner_right || y < y1 + LINE || y >= inner_bottom {
                picture.put_pixel(x, y, colour);
            }
        }
    }
}

/// Draws one line and cuts it off at the right edge. Characters the font does not have become question marks.
fn draw_text(
    picture: &mut RgbImage,
    (left, top): (u32, u32),
    text: &str,
    colour: Rgb<u8>,
    background: Option<Rgb<u8>>,
) {
    let (weight, size) = (FontWeight::Bold, RasterHeight::Size20);
    let advance = get_raster_width(weight, size) as u32;
    for (index, character) in (0u32..).zip(text.chars()) {
        let Some(raster) = get_raster(character, weight, size).or_else(|| get_raster('?', weight, size))
        else {
            continue;
        };
        for (y, row) in (top..).zip(raster.rows()) {
            for (x, intensity) in (left + index * advance..).zip(row) {
                let Some(pixel) = picture.get_pixel_mut_checked(x, y) else {
                    continue;
                };
                let under = background.unwrap_or(*pixel);
                for channel in 0..3 {
                    let (ink, paper) = (u16::from(colour[channel]), u16::from(under[channel]));
                    let cover = u16::from(*intensity);
                    // A weighted mean of two bytes is a byte.
                    pixel[channel] = ((ink * cover + paper * (255 - cover)) / 255) as u8;
                }
            }
        }
    }
}
