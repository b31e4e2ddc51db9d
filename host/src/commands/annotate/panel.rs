//! What stands below the photo: its phrase, its tags, and the faces that have no label in it.

use ab_glyph::InvalidFont;
use image::{Rgb, RgbImage};

use super::area::Area;
use super::canvas::Canvas;
use super::colour;
use super::labels::Text;
use super::typeface::Face;

const MARGIN: i32 = 20;
const GAP: i32 = 8;
/// Space in a tag to the left and right of its text, and above and below.
const CHIP_PADDING: (i32, i32) = (11, 6);
const CHIP_LINE: i32 = 22;
const PHRASE_LINE: i32 = 32;
/// Side of a face in the legend.
pub(super) const PORTRAIT: u32 = 48;

/// A face in the legend.
pub(super) struct Entry {
    /// [`PORTRAIT`] pixels wide and high.
    pub(super) portrait: RgbImage,
    pub(super) colour: Rgb<u8>,
    pub(super) text: Text,
}

/// The panel, as wide as asked for and as high as it needs to be.
pub(super) fn panel(
    width: u32,
    phrase: &str,
    tags: &[String],
    entries: &[Entry],
) -> Result<RgbImage, InvalidFont> {
    let phrase_face = Face::new(24.0, 600.0)?;
    let chip_face = Face::new(17.0, 500.0)?;
    let number_face = Face::new(17.0, 700.0)?;
    let room = (width as i32 - 2 * MARGIN).max(1);

    let phrase = phrase_face.wrapped(phrase, room as f32);
    let phrase_height = if phrase == [""] {
        0
    } else {
        phrase.len() as i32 * PHRASE_LINE
    };
    let chips: Vec<Vec<String>> = tags
        .iter()
        .map(|tag| chip_face.wrapped(tag, (room - 2 * CHIP_PADDING.0) as f32))
        .collect();
    let chip_sizes = chips.iter().map(|lines| {
        let widest = lines.iter().map(|line| chip_face.width(line)).fold(0.0, f32::max);
        (
            widest.ceil() as i32 + 2 * CHIP_PADDING.0,
            lines.len() as i32 * CHIP_LINE + 2 * CHIP_PADDING.1,
        )
    });
    let portrait = PORTRAIT as i32;
    let entry_sizes = entries.iter().map(|entry| {
        let text = number_face
            .width(&entry.text.number)
            .max(chip_face.width(&entry.text.details));
        (portrait + GAP + text.ceil() as i32 + 2 * GAP, portrait)
    });

    let mut top = MARGIN + phrase_height;
    let mut chip_areas = Vec::new();
    if !chips.is_empty() {
        top += if phrase_height > 0 { GAP } else { 0 };
        (chip_areas, top) = flow(room, top, chip_sizes);
    }
    let mut entry_areas = Vec::new();
    if !entries.is_empty() {
        (entry_areas, top) = flow(room, top + 2 * GAP, entry_sizes);
    }

    let height = (top + MARGIN) as u32;
    let mut canvas = Canvas(RgbImage::from_pixel(width, height, colour::PANEL));
    let phrase_baseline = MARGIN as f32 + (PHRASE_LINE as f32 + phrase_face.cap_height()) / 2.0;
    for (index, line) in phrase.iter().enumerate() {
        let baseline = phrase_baseline + index as f32 * PHRASE_LINE as f32;
        canvas.text(&phrase_face, line, (MARGIN as f32, baseline), colour::TEXT);
    }
    for (lines, area) in chips.iter().zip(chip_areas) {
        canvas.fill(area, 8.0, colour::CHIP);
        let first = (area.top + CHIP_PADDING.1) as f32 + (CHIP_LINE as f32 + chip_face.cap_height()) / 2.0;
        for (index, line) in lines.iter().enumerate() {
            let place = (
                (area.left + CHIP_PADDING.0) as f32,
                first + index as f32 * CHIP_LINE as f32,
            );
            canvas.text(&chip_face, line, place, colour::TEXT);
        }
    }
    for (entry, area) in entries.iter().zip(entry_areas) {
        let corner = (area.left, area.top);
        canvas.paste(&entry.portrait, corner, 8.0);
        let frame = Area::at(area.left, area.top, (portrait, portrait));
        canvas.frame(frame, 8.0, 3.0, entry.colour, 1.0);
        let left = (area.left + portrait + GAP) as f32;
        let middle = (area.top + portrait / 2) as f32;
        let cap = number_face.cap_height();
        let baselines = if entry.text.details.is_empty() {
            [middle + cap / 2.0; 2]
        } else {
            [middle - 4.0, middle + 4.0 + cap]
        };
        canvas.text(
            &number_face,
            &entry.text.number,
            (left, baselines[0]),
            entry.colour,
        );
        canvas.text(
            &chip_face,
            &entry.text.details,
            (left, baselines[1]),
            colour::MUTED,
        );
    }
    Ok(canvas.0)
}

/// Rectangles side by side from `top` on, each row as high as its highest, and the bottom of all.
fn flow(room: i32, top: i32, sizes: impl Iterator<Item = (i32, i32)>) -> (Vec<Area>, i32) {
    let (mut left, mut top, mut bottom) = (MARGIN, top, top);
    let areas = sizes
        .map(|size| {
            if left > MARGIN && left + size.0 > MARGIN + room {
                (left, top) = (MARGIN, bottom + GAP);
            }
            let area = Area::at(left, top, size);
            left = area.right + GAP;
            bottom = bottom.max(area.bottom);
            area
        })
        .collect();
    (areas, bottom)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    /// Rows of pixels at the panel's edges, which are its margin.
    fn margin_is_clear(panel: &RgbImage) -> bool {
        let right = panel.width() - MARGIN as u32;
        panel
            .enumerate_pixels()
            .all(|(x, _, pixel)| (x >= MARGIN as u32 && x < right) || *pixel == colour::PANEL)
    }

    #[test]
    fn tags_of_any_length_stay_within_the_panel() {
        let long = [
            "outdoor".to_owned(),
            "a tag of many words ".repeat(12),
            "w".repeat(150),
        ];
        for width in [360, 1_280] {
            let one = panel(width, "Potret", &long[..1], &[]).unwrap();
            let all = panel(width, "Potret", &long, &[]).unwrap();
            assert_eq!(all.width(), width);
            assert!(all.height() > one.height());
            assert!(margin_is_clear(&all));
        }
    }

    #[test]
    fn a_long_phrase_takes_more_lines_and_none_takes_none() {
        let height = |phrase: &str| panel(360, phrase, &[], &[]).unwrap().height();
        assert_eq!(height("Potret") - height(""), PHRASE_LINE as u32);
        let long = "Foto bersama puluhan orang berpakaian resmi di luar ruangan";
        assert!(height(long) >= height("Potret") + PHRASE_LINE as u32);
        assert!(margin_is_clear(&panel(360, long, &[], &[]).unwrap()));
    }

    #[test]
    fn sixty_faces_in_the_legend_stay_within_the_panel() {
        let entries: Vec<Entry> = (0..60)
            .map(|number| Entry {
                portrait: RgbImage::new(PORTRAIT, PORTRAIT),
                colour: colour::person(number),
                text: Text {
                    number: number.to_string(),
                    details: "female, 52".to_owned(),
                },
            })
            .collect();
        let panel = panel(640, "", &[], &entries).unwrap();
        assert!(margin_is_clear(&panel));
        assert!(panel.pixels().any(|pixel| *pixel == colour::person(59)));
    }
}
