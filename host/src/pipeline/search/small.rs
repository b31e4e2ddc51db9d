//! Faces that are too small for a look at the whole picture.

use image::RgbImage;

use super::{Enlarged, Search, in_picture};
use crate::domain::{Detection, Point};
use crate::inference::suppress;
use crate::pipeline::error::PipelineError;

/// From which score on something in an enlarged part is looked at on its own: 97 % of faces of 13 pixels have it.
const CANDIDATE: f32 = 0.05;
/// A face that scores so much need not be looked at on its own, however small it is.
const CERTAIN: f32 = 0.85;
/// Below which side, in pixels of a look, a face is small: found in 95 % of photos and less.
const SMALL: f32 = 20.0;
/// How much larger things are in the enlarged part around a trace than in the large look, and the part's width and height
/// in pixels.
const ENLARGED: f32 = 2.0;
const PART: u32 = 64;
/// How near two traces are that one part shows, in pixels of the large look.
const NEAR: f32 = 10.0;
/// Width and height in pixels of a look at one candidate, and the side that its box has in it.
const CLOSE_UP: u32 = 96;
const CLOSE_UP_FACE: f32 = 32.0;
/// So many enlarged parts stand side by side in one image: the detector looks at all of them at once.
const COLUMNS: u32 = 4;
/// The share of the effort that goes into traces; the rest is for candidates.
const TRACE_SHARE: f32 = 0.7;
/// A face this large, as a share of the longer side, makes a portrait: what else there may be is worth
/// [`EFFORT_FOR_A_PORTRAIT`] of the effort.
const PORTRAIT: f32 = 0.25;
const EFFORT_FOR_A_PORTRAIT: f32 = 0.3;
/// What looks smaller than this share of the least side is left out: boxes of small faces are rough.
const LEAST_SHARE: f32 = 0.7;

impl Search<'_> {
    /// Small faces that the looks at the whole picture did not find, or not surely.
    pub(super) fn closer(
        &self,
        large: &[Detection],
        faces: &[Detection],
    ) -> Result<Vec<Detection>, PipelineError> {
        let scale = self.large.scale;
        let pixels = self.large.image.width() as f32 * self.large.image.height() as f32;
        let longer = self.picture.width().max(self.picture.height()) as f32;
        let largest = faces
            .iter()
            .map(|face| face.rect.longer_side())
            .fold(0.0, f32::max);
        let share = if largest >= PORTRAIT * longer {
            EFFORT_FOR_A_PORTRAIT
        } else {
            1.0
        };
        let room = self.settings.effort * share * pixels;
        let number = |room: f32, side: u32| (room / (side * side) as f32) as usize;
        let mut candidates: Vec<Detection> = large
            .iter()
            .filter(|seen| seen.confidence >= CANDIDATE)
            .copied()
            .collect();
        let mut left = room;
        // Where the large look shows even the smallest face well, there is nothing to enlarge.
        if self.least_side * scale < SMALL {
            let traces = self.traces(large, faces, number(room * TRACE_SHARE, PART));
            left -= (traces.len() * (PART * PART) as usize) as f32;
            let parts: Vec<Enlarged> = traces
                .iter()
                .map(|at| self.part_around(*at, PART as f32 / ENLARGED / scale))
                .collect();
            let seen = self.look_at_parts(parts, PART, CANDIDATE)?;
            candidates.extend(seen.into_iter().flat_map(|(_, seen)| seen));
        }
        self.close_ups(candidates, number(left, CLOSE_UP))
    }

    /// Where the best traces are of something too small for the large look, `most` at most.
    fn traces(&self, large: &[Detection], faces: &[Detection], most: usize) -> Vec<Point> {
        let mut traces: Vec<(f32, Point)> = large
            .iter()
            .filter(|seen| seen.seen_side < SMALL)
            .map(|seen| (seen.confidence, seen.rect.middle()))
            .filter(|(_, at)| !faces.iter().any(|face| face.rect.holds(*at)))
            .collect();
        traces.sort_by(|a, b| b.0.total_cmp(&a.0));
        let near = NEAR / self.large.scale;
        let mut best: Vec<Point> = Vec::new();
        for (_, at) in traces {
            if best.len() >= most {
                break;
            }
            let is_shown = |other: &Point| (other.x - at.x).abs() < near && (other.y - at.y).abs() < near;
            if !best.iter().any(is_shown) {
                best.push(at);
            }
        }
        best
    }

    /// What there is in parts of the picture, each of which is shown with `size` x `size` pixels, all in one image.
    fn look_at_parts(
        &self,
        parts: Vec<Enlarged>,
        size: u32,
        least: f32,
    ) -> Result<Vec<(Enlarged, Vec<Detection>)>, PipelineError> {
        let mut seen: Vec<(Enlarged, Vec<Detection>)> =
            parts.into_iter().map(|part| (part, Vec::new())).collect();
        if seen.is_empty() {
            return Ok(seen);
        }
        let rows = u32::try_from(seen.len()).unwrap_or(u32::MAX).div_ceil(COLUMNS);
        let mut image = RgbImage::new(COLUMNS * size, rows * size);
        let place = |index: usize| {
            let index = index as u32;
            (index % COLUMNS * size, index / COLUMNS * size)
        };
        for (index, (part, _)) in seen.iter().enumerate() {
            let (x, y) = place(index);
            let shown = self.enlarged(part, size)?;
            image::imageops::replace(&mut image, &shown, x.into(), y.into());
        }
        for detection in self.look(&image, least)? {
            let at = detection.rect.middle();
            // `as` saturates: what lies outside of the image is in no part, or in one at its edge.
            let (column, row) = ((at.x / size as f32) as u32, (at.y / size as f32) as u32);
            let index = (row * COLUMNS + column.min(COLUMNS - 1)) as usize;
            let Some((part, seen)) = seen.get_mut(index) else {
                continue;
            };
            let (x, y) = place(index);
            let factor = part.side / size as f32;
            seen.push(in_picture(
                &detection,
                factor,
                part.left - x as f32 * factor,
                part.top - y as f32 * factor,
            ));
        }
        Ok(seen)
    }

    /// The faces among small candidates, which are looked at again, each as large as the detector knows faces best; the
    /// best ones first, `most` at most.
    fn close_ups(&self, candidates: Vec<Detection>, most: usize) -> Result<Vec<Detection>, PipelineError> {
        let (least, sure, overlap) = (self.detector.least_score(), self.sure(), self.detector.overlap());
        let least_side = self.least_side * LEAST_SHARE;
        let (small, fair): (Vec<Detection>, Vec<Detection>) =
            candidates.into_iter().partition(|seen| seen.seen_side < SMALL);
        let mut faces = suppress(fair, overlap);
        faces.retain(|face| face.confidence >= sure);
        let mut doubtful = Vec::new();
        for candidate in suppress(small, overlap) {
            let is_known = faces
                .iter()
                .any(|face| face.rect.intersection_over_union(&candidate.rect) > overlap);
            if is_known || candidate.rect.longer_side() < least_side {
                continue;
            }
            if candidate.confidence < CERTAIN && doubtful.len() < most {
                doubtful.push(candidate);
            } else if candidate.confidence >= least {
                faces.push(candidate);
            }
        }
        let parts: Vec<Enlarged> = doubtful
            .iter()
            .map(|candidate| {
                let side = candidate.rect.longer_side() * CLOSE_UP as f32 / CLOSE_UP_FACE;
                self.part_around(candidate.rect.middle(), side)
            })
            .collect();
        let seen = self.look_at_parts(parts, CLOSE_UP, sure)?;
        for (Enlarged { at, .. }, seen) in seen {
            let found = suppress(seen, overlap);
            faces.extend(
                found
                    .into_iter()
                    .find(|face| face.rect.holds(at) && face.rect.longer_side() >= least_side),
            );
        }
        Ok(faces)
    }
}
