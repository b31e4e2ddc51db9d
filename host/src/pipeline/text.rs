//! Reads what is written in a photo: banners and signs first.
//!
//! The text detector first looks at little of the photo, which shows whether there is anything worth reading. Only then it
//! looks at more, and the lines are read, the largest first, as far as the budget goes.

use std::time::Duration;

use super::PipelineError;
use crate::cpu_time::ThreadTime;
use crate::domain::{Point, Rect, TextLine, TurnedRect};
use crate::inference::{FoundLine, Inference};
use crate::photo::{self, Letterboxed, Part, Photo};

/// The longer side in pixels of the first look, and the most of the second, which sees no more than the overview has.
const FIRST_LOOK: u32 = 576;
const SECOND_LOOK: u32 = 1_152;
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
    let Some(first) = look(inference, overview, FIRST_LOOK)? else {
        return Ok(None);
    };
    if first.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let mut lines = first;
    if overview.pixels().width().max(overview.pixels().height()) > FIRST_LOOK + CELL {
        let seen = look(inference, overview, SECOND_LOOK)?.unwrap_or_default();
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

/// The lines that the detector finds in a picture whose longer side is made at most so many pixels; none without a
/// detector.
fn look(
    inference: &Inference,
    overview: &Part,
    longer: u32,
) -> Result<Option<Vec<TurnedRect>>, PipelineError> {
    let pixels = overview.pixels();
    let has = pixels.width().max(pixels.height());
    let Letterboxed { image, scale } = photo::letterbox(pixels, longer.min(has.next_multiple_of(CELL)))?;
    let found = inference.text_lines(&image)?;
    let factor = overview.reduction() as f32 / scale;
    let in_photo = |found: FoundLine| TurnedRect {
        middle: overview.point_in_photo(Point {
            x: found.rect.middle.x / scale,
            y: found.rect.middle.y / scale,
        }),
        ..found.rect.scaled(factor)
    };
    Ok(found.map(|found| found.into_iter().map(in_photo).collect()))
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
mod tests {
    use super::*;

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

    #[test]
    fn a_banner_goes_before_small_print() {
        assert!(size(&line(200.0, 30.0, 0.0)) > size(&line(900.0, 12.0, 0.0)));
    }
}
