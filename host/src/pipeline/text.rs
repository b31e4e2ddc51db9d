//! Reads what is written in a photo: banners and signs first.
//!
//! The text detector first looks at the whole photo with few pixels, which shows whether there is anything worth reading.
//! Only where it found lines too small to be seen clearly it looks again, with more pixels. Then the lines are read, the
//! largest first, as far as the budget goes.

use std::time::Duration;

use super::error::PipelineError;
use crate::cpu_time::ThreadTime;
use crate::domain::{BoundingBox, Point, Rect, TextLine, TurnedRect};
use crate::inference::{FoundLine, Inference};
use crate::photo::{self, Letterboxed, Part, Photo};

/// The longer side in pixels of the first look.
const FIRST_LOOK: u32 = 576;
/// The longer side that the photo would have in the second look, which sees only the part around small lines, and no more
/// pixels than the overview has.
const SECOND_LOOK: u32 = 1_152;
/// The most pixels of the second look: its memory grows with them, and text that covers all of a photo is a document,
/// whose large lines are enough.
const SECOND_PIXELS: f32 = 600_000.0;
/// Lines at least so high in the first look, in pixels, are seen clearly.
const CLEAR: f32 = 40.0;
/// What is around the lines of the second look, in heights of each: of a small line the first look often finds a part.
const AROUND: f32 = 6.0;
/// The second look has at least so many times the pixels along a side, or is left out.
const WORTH: f32 = 1.25;
/// The sides of what the detector looks at are multiples of this.
const CELL: u32 = 32;
/// Steeper lines, in degrees, are not read: books in a shelf, and edges.
const STEEPEST: f32 = 60.0;
/// Lower lines, in pixels of the photo, cannot be read.
const LOWEST: f32 = 10.0;
/// A line longer than this many of its heights counts as no larger: a banner goes before a row of small print.
const LONG_ENOUGH: f32 = 12.0;
/// A line is read in pieces of at most this many times its height.
const LONGEST_PIECE: f32 = 20.0;
/// The mean probability that the characters of a line must have, and how many letters there must be.
const SURE: f32 = 0.7;
const LEAST_LETTERS: usize = 3;
/// The most characters of a line.
const MOST_CHARACTERS: usize = 200;
/// The width of what the recognizer looks at is a multiple of this.
const WIDTH_STEP: u32 = 8;

/// How much is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReadingSettings {
    /// How long the processor may work for it.
    pub(super) budget: Duration,
    /// The most lines, or pieces of long ones.
    pub(super) lines: usize,
}

/// The lines of a photo, the largest first; none when the set cannot read.
pub(super) fn read_text(
    inference: &Inference,
    photo: &Photo,
    settings: ReadingSettings,
) -> Result<Option<Vec<TextLine>>, PipelineError> {
    let started = ThreadTime::now();
    let Some(height) = inference.text_height() else {
        return Ok(None);
    };
    let overview = photo.overview();
    let Some(mut lines) = look(inference, overview, None)? else {
        return Ok(None);
    };
    if let Some(again) = second_look(overview, &lines) {
        let seen = look(inference, overview, Some(again))?.unwrap_or_default();
        lines.retain(|line| !seen.iter().any(|other| is_same(line, other)));
        lines.extend(seen);
    }
    lines.retain(|line| line.turn.abs() <= STEEPEST && line.height >= LOWEST);
    lines.sort_by(|a, b| size(b).total_cmp(&size(a)));
    lines.truncate(settings.lines);
    let closer = closer(photo, &lines, height)?;
    let part = closer.as_ref().unwrap_or(overview);

    let (width, photo_height) = photo.dimensions();
    let (mut left, mut read) = (settings.lines, Vec::new());
    for line in lines {
        if left == 0 || started.elapsed() >= settings.budget {
            break;
        }
        let mut pieces = pieces(&line);
        pieces.truncate(left);
        left -= pieces.len();
        if let Some((text, score)) = read_pieces(inference, part, &pieces, height)? {
            read.push(TextLine {
                text,
                score,
                bounding_box: line.bounds().to_bounding_box(width, photo_height),
                turn: line.turn,
            });
        }
    }
    Ok(Some(read))
}

/// A part of the overview, in its pixels, and how many pixels its longer side has for the detector.
struct Again {
    part: BoundingBox,
    longer: u32,
}

/// The lines that the detector finds in the whole overview, or in a part of it with more pixels; none without a detector.
fn look(
    inference: &Inference,
    overview: &Part,
    again: Option<Again>,
) -> Result<Option<Vec<TurnedRect>>, PipelineError> {
    let pixels = overview.pixels();
    let Again { part, longer } = again.unwrap_or_else(|| {
        let (width, height) = pixels.dimensions();
        Again {
            part: BoundingBox::from([0, 0, width, height]),
            longer: FIRST_LOOK.min(width.max(height).next_multiple_of(CELL)),
        }
    });
    let part = Rect::from(part);
    let Letterboxed { image, scale } = photo::letterbox_part(pixels, &part, longer)?;
    let found = inference.text_lines(&image)?;
    let factor = overview.reduction() as f32 / scale;
    let in_photo = |found: FoundLine| TurnedRect {
        middle: overview.point_in_photo(Point {
            x: part.x1 + found.rect.middle.x / scale,
            y: part.y1 + found.rect.middle.y / scale,
        }),
        ..found.rect.scaled(factor)
    };
    Ok(found.map(|found| found.into_iter().map(in_photo).collect()))
}

/// Where to look again for lines that were found in the whole overview; none when all were seen clearly, or there is no
/// more to be seen.
fn second_look(overview: &Part, lines: &[TurnedRect]) -> Option<Again> {
    let (width, height) = overview.pixels().dimensions();
    let has = width.max(height) as f32;
    let first = FIRST_LOOK as f32 / has;
    let reduction = overview.reduction() as f32;
    let unclear = lines
        .iter()
        .filter(|line| line.height / reduction * first < CLEAR)
        .map(|line| {
            let Rect { x1, y1, x2, y2 } = overview.rect(&line.bounds());
            let margin = AROUND * line.height / reduction;
            Rect {
                x1: x1 - margin,
                y1: y1 - margin,
                x2: x2 + margin,
                y2: y2 + margin,
            }
        });
    let part = unclear
        .reduce(|part, other| part.hull(&other))?
        .to_bounding_box(width, height);
    let rect = Rect::from(part);
    let scale = (SECOND_LOOK as f32 / has)
        .min(1.0)
        .min((SECOND_PIXELS / rect.area()).sqrt());
    // `as` saturates; a part has at least one pixel.
    let longer = ((rect.longer_side() * scale).ceil() as u32).next_multiple_of(CELL);
    (scale > first * WORTH).then_some(Again { part, longer })
}

/// Whether two looks mean one line: the middle of one is in the other.
fn is_same(one: &TurnedRect, other: &TurnedRect) -> bool {
    other.holds(one.middle) || one.holds(other.middle)
}

/// How large a line is for the order of reading.
fn size(line: &TurnedRect) -> f32 {
    line.height * line.width.min(LONG_ENOUGH * line.height)
}

/// A part of the photo that shows every line with as many pixels as the recognizer looks at; none when the overview does.
fn closer(photo: &Photo, lines: &[TurnedRect], height: u32) -> Result<Option<Part>, PipelineError> {
    let wanted: Vec<Rect> = lines.iter().map(TurnedRect::bounds).collect();
    let area = wanted.into_iter().reduce(|area, other| area.hull(&other));
    let lowest = lines.iter().map(|line| line.height).fold(f32::INFINITY, f32::min);
    let scale = (lowest / height as f32).max(1.0);
    match area {
        Some(area) if scale < photo.overview().reduction() as f32 => Ok(photo.closer(&area, scale)?),
        _ => Ok(None),
    }
}

/// A line in equal pieces that are not too long and overlap by one height.
fn pieces(line: &TurnedRect) -> Vec<TurnedRect> {
    let TurnedRect { width, height, .. } = *line;
    // `as` saturates; a line has a height.
    let count = ((width - height) / (LONGEST_PIECE * height - height))
        .ceil()
        .max(1.0) as usize;
    if count == 1 {
        return vec![*line];
    }
    let (sine, cosine) = line.turn.to_radians().sin_cos();
    let step = (width - height) / count as f32;
    let piece = |number: usize| {
        let along = number as f32 * step + f32::midpoint(step, height) - width / 2.0;
        TurnedRect {
            middle: Point {
                x: line.middle.x + along * cosine,
                y: line.middle.y + along * sine,
            },
            width: step + height,
            ..*line
        }
    };
    (0..count).map(piece).collect()
}

/// What is written in the pieces of a line, and how surely; none when it is too little or not sure enough.
fn read_pieces(
    inference: &Inference,
    part: &Part,
    pieces: &[TurnedRect],
    height: u32,
) -> Result<Option<(String, f32)>, PipelineError> {
    let (mut text, mut sum, mut count) = (String::new(), 0.0, 0);
    for (number, piece) in pieces.iter().enumerate() {
        // `as` saturates; a piece is of bounded length.
        let width = (height as f32 * piece.width / piece.height).ceil() as u32;
        let width = width.next_multiple_of(WIDTH_STEP).max(2 * WIDTH_STEP);
        let strip = photo::level(part, piece, (width, height))?;
        // Half of what it shares with the piece before, and with the next one, is the other's.
        let shared = piece.height / piece.width / 2.0;
        let from = if number == 0 { 0.0 } else { shared };
        let to = if number + 1 == pieces.len() {
            1.0
        } else {
            1.0 - shared
        };
        let Some(reading) = inference.read_line(&strip, from..to)? else {
            return Ok(None);
        };
        let characters = reading.text.chars().count();
        sum += reading.score * characters as f32;
        count += characters;
        text += &reading.text;
    }
    let text = text.trim();
    let score = if count == 0 { 0.0 } else { sum / count as f32 };
    if score < SURE || text.chars().filter(|letter| letter.is_alphabetic()).count() < LEAST_LETTERS {
        return Ok(None);
    }
    Ok(Some((text.chars().take(MOST_CHARACTERS).collect(), score)))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a failed unwrap fails the test")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn line(width: f32, height: f32, turn: f32) -> TurnedRect {
        TurnedRect {
            middle: Point { x: 100.0, y: 50.0 },
            width,
            height,
            turn,
        }
    }

    #[test]
    fn a_long_line_is_read_in_pieces_that_overlap() {
        assert_eq!(pieces(&line(200.0, 10.0, 0.0)), [line(200.0, 10.0, 0.0)]);
        let pieces = pieces(&line(430.0, 10.0, 0.0));
        assert_eq!(pieces.len(), 3);
        let edges = |piece: &TurnedRect| {
            let bounds = piece.bounds();
            (bounds.x1, bounds.x2)
        };
        let (first, second, last) = (edges(&pieces[0]), edges(&pieces[1]), edges(&pieces[2]));
        assert!((first.0 + 115.0).abs() < 1e-3 && (last.1 - 315.0).abs() < 1e-3);
        assert!((first.1 - second.0 - 10.0).abs() < 1e-3 && (second.1 - last.0 - 10.0).abs() < 1e-3);
    }

    /// A line in the middle of a picture of 1,600 x 1,200.
    fn far_away(height: f32) -> TurnedRect {
        TurnedRect {
            middle: Point { x: 800.0, y: 600.0 },
            ..line(5.0 * height, height, 0.0)
        }
    }

    #[test]
    fn only_what_is_around_small_lines_is_looked_at_again() {
        let overview = Part::whole(image::RgbImage::new(1_600, 1_200));
        let again = second_look(&overview, &[far_away(12.0)]).unwrap();
        assert_eq!(again.part, BoundingBox::from([698, 522, 902, 678]));
        // 204 pixels of 1,600, which would be 1,152.
        assert_eq!(again.longer, 160);
        // 40 pixels in the first look.
        assert!(second_look(&overview, &[far_away(112.0)]).is_none());
        assert!(second_look(&overview, &[]).is_none());
        // A picture that the first look saw with all of its pixels.
        let small = Part::whole(image::RgbImage::new(576, 400));
        assert!(second_look(&small, &[line(60.0, 12.0, 0.0)]).is_none());
    }

    proptest! {
        #[test]
        fn a_second_look_is_bounded_and_within_the_picture(
            width in 1u32..3_000,
            height in 1u32..3_000,
            lines in prop::collection::vec((-100f32..3_100.0, -100f32..3_100.0, 1f32..2_000.0, 1f32..200.0, -90f32..90.0), 0..6),
        ) {
            let overview = Part::whole(image::RgbImage::new(width, height));
            let lines: Vec<_> = lines
                .into_iter()
                .map(|(x, y, width, height, turn)| TurnedRect { middle: Point { x, y }, ..line(width, height, turn) })
                .collect();
            if let Some(Again { part, longer }) = second_look(&overview, &lines) {
                prop_assert!(part.x1 < part.x2 && part.x2 <= width && part.y1 < part.y2 && part.y2 <= height);
                prop_assert_eq!(longer % CELL, 0);
                // As the detector is shown it, which takes too long for so many.
                let part = Rect::from(part);
                let shorter = (longer as f32 * part.shorter_side() / part.longer_side()).round();
                let shorter = (shorter.max(1.0) as u32).next_multiple_of(CELL);
                // Each side is rounded up to the next multiple.
                let most = SECOND_PIXELS.sqrt() as u32;
                let rounded = 2 * CELL * (longer + shorter) + 4 * CELL * CELL;
                prop_assert!(longer * shorter <= most * most + rounded);
            }
        }
    }

    #[test]
    fn a_second_look_is_shown_in_whole_cells() {
        let overview = Part::whole(image::RgbImage::new(1_600, 1_200));
        for height in [12.0, 40.0, 80.0] {
            let Again { part, longer } = second_look(&overview, &[far_away(height)]).unwrap();
            let shown = photo::letterbox_part(overview.pixels(), &Rect::from(part), longer)
                .unwrap()
                .image;
            assert_eq!((shown.width() % CELL, shown.height() % CELL), (0, 0), "{height}");
        }
    }

    #[test]
    fn a_banner_goes_before_small_print() {
        assert!(size(&line(200.0, 30.0, 0.0)) > size(&line(900.0, 12.0, 0.0)));
    }
}
