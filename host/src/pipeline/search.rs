//! Finds the faces of a photo, whatever their size and whichever way the photo lies.
//!
//! A detector knows faces of some 12 to 250 pixels. So the whole photo is looked at twice, once as large as the network
//! was made for and once small, for faces that fill the photo. Where the larger look left a trace of something too small
//! for it, parts of the photo are enlarged; such traces are far below the score of a face, and the best of them are
//! followed as far as [`SearchSettings::effort`] goes. When nothing is found, or the largest face turns out to be more of
//! a face in another turn, the photo is turned.

use image::RgbImage;

use super::PipelineError;
use crate::domain::{Detection, Point, Rect};
use crate::inference::{DetectFaces, suppress};
use crate::photo::{self, Part, Quarter};

/// The size of the small look at the whole photo, as a share of the detector's: 320 of 640 pixels. A frontal face that
/// fills a photo or is cut off by its edges scores .5 to .9 at 640 pixels and is found in 78 to 93 % of photos, at 320
/// pixels in 97 to 99 % (`YuNet` of March 2023, 136 portraits, .9 to 1.2 of the photo filled).
const SMALL_LOOK: f32 = 0.5;
/// The size of a third look, when the other two find nothing: 160 pixels, at which the rest of those faces are found.
const SMALLEST_LOOK: f32 = 0.25;
/// From which side on, in pixels of a smaller look, it is asked.
const LARGE_IN_SMALL: f32 = 64.0;
/// The power of a score by which a look's word about a place counts beside another's: at .7 beside .9, for a quarter.
const WEIGHT_OF_SCORES: i32 = 4;
/// Longer shapes than this (longer side by shorter side) are looked at with as many pixels as this one has, and not with
/// as many on the longer side: a panorama would be a strip of few pixels.
const LONGEST_SHAPE: f32 = 2.0;
/// The most pixels along a side of one look, as a multiple of the detector's size.
const LONGEST_LOOK: f32 = 8.0;
/// The sides of what detectors look at are multiples of this.
const CELL: u32 = 32;

/// What a face must score that the large look did not find, as a share of the way from the least score of a face to 1: .8
/// for `YuNet`. More looks would find more faces of animals and statues, too, if as little were enough there.
const SURE: f32 = 1.0 / 3.0;
/// The score of a trace. Of faces of 6 pixels 93 % leave one, and so do 23 % of the cells of photos without people.
const TRACE: f32 = 0.002;
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
/// The least side of a face in pixels of the photo: a vector of less says nothing about a person (see
/// [`quality`](photo::quality)).
const LEAST_PIXELS: f32 = 16.0;

/// The size of the looks at a turned photo that tell whether it shows faces, and the score from which it is searched in
/// that turn.
const TURNED_LOOK: f32 = 0.35;
const SIGN_OF_A_TURN: f32 = 0.3;
/// How much more the largest face must score in another turn than in this one. Upside down, faces score .6 and sideways
/// .45 in the mean, upright .92.
const MORE_IN_A_TURN: f32 = 0.03;
/// Width and height in pixels of the look that compares turns, and the side of the face in it.
const TURN_LOOK: u32 = 128;
const TURN_FACE: f32 = 56.0;

/// How hard faces are looked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct SearchSettings {
    /// The smallest face, as a share of the photo's longer side.
    pub(super) smallest: f32,
    /// What may be spent on looking for small faces, as a share of the cost of the large look.
    pub(super) effort: f32,
}

/// The faces of a photo, and what it took.
#[derive(Debug)]
pub(super) struct Found {
    /// In pixels of the photo, best first.
    pub(super) faces: Vec<Detection>,
    /// How often the detector ran.
    pub(super) looks: u32,
}

/// Looks for the faces of a photo.
///
/// # Errors
/// When the network fails.
pub(super) fn find_faces(
    detector: &dyn DetectFaces,
    overview: &Part,
    settings: SearchSettings,
) -> Result<Found, PipelineError> {
    let mut upright = Search::new(detector, overview.pixels(), overview.reduction(), settings)?;
    let mut faces = upright.search()?;
    let better = upright.better_turn(&faces)?;
    let mut looks = upright.looks;
    if let Some(quarter) = better {
        let turned = quarter.apply(overview.pixels());
        let mut search = Search::new(detector, &turned, overview.reduction(), settings)?;
        let found = search.search()?;
        looks += search.looks;
        if found.iter().any(|face| face.confidence >= search.sure()) {
            faces = found;
            for face in &mut faces {
                face.rect = quarter.rect_before(face.rect, turned.dimensions());
                face.landmarks = face
                    .landmarks
                    .map(|point| quarter.point_before(point, turned.dimensions()));
            }
        }
    }
    for face in &mut faces {
        face.rect = overview.rect_in_photo(face.rect);
        face.landmarks = face.landmarks.map(|point| overview.point_in_photo(point));
    }
    Ok(Found { faces, looks })
}

/// The search in one turn of a photo; places are in pixels of the picture.
struct Search<'a> {
    detector: &'a dyn DetectFaces,
    picture: &'a RgbImage,
    takes_any_size: bool,
    settings: SearchSettings,
    /// The least side of a face in pixels of the picture.
    least_side: f32,
    /// The picture as large as the large look shows it, from which smaller looks are made: a picture of many megapixels is
    /// resized once.
    shown: RgbImage,
    /// Pixels of it for each of the picture.
    scale: f32,
    looks: u32,
}

/// Something that may be a face, and its longer side in pixels of what the detector looked at.
#[derive(Clone, Copy)]
struct Seen {
    detection: Detection,
    side: f32,
}

/// A square of the picture that is enlarged.
#[derive(Clone, Copy)]
struct Enlarged {
    left: f32,
    top: f32,
    side: f32,
}

/// One look at the whole picture.
struct Whole {
    seen: Vec<Seen>,
    /// Pixels of the look for each of the picture.
    scale: f32,
    /// Pixels of the look.
    pixels: f32,
}

impl<'a> Search<'a> {
    fn new(
        detector: &'a dyn DetectFaces,
        picture: &'a RgbImage,
        reduction: u32,
        settings: SearchSettings,
    ) -> Result<Self, PipelineError> {
        let longer = picture.width().max(picture.height()) as f32;
        let takes_any_size = detector.takes_any_size()?;
        let size = large_size(detector.size(), picture.dimensions(), takes_any_size);
        let photo::Letterboxed { image, scale } = photo::letterbox(picture, size)?;
        // Without the black beyond it. `as` is right: neither is longer than the image.
        let side = |side: u32, most: u32| ((side as f32 * scale).round() as u32).clamp(1, most);
        let width = side(picture.width(), image.width());
        let height = side(picture.height(), image.height());
        Ok(Self {
            detector,
            picture,
            takes_any_size,
            settings,
            shown: image::imageops::crop_imm(&image, 0, 0, width, height).to_image(),
            scale,
            least_side: (LEAST_PIXELS / reduction as f32).max(settings.smallest * longer),
            looks: 0,
        })
    }

    /// What a face must score that the large look did not find.
    fn sure(&self) -> f32 {
        let least = self.detector.least_score();
        least + SURE * (1.0 - least)
    }

    fn search(&mut self) -> Result<Vec<Detection>, PipelineError> {
        let longer = self.shown.width().max(self.shown.height());
        let large = self.whole(longer, TRACE)?;
        let small = self.whole(self.size_for(SMALL_LOOK), self.detector.least_score())?;
        let mut faces = self.of_both(&large, &small);
        if faces.is_empty() {
            let smallest = self.whole(self.size_for(SMALLEST_LOOK), self.detector.least_score())?;
            faces = self.of_both(&large, &smallest);
        }
        if self.takes_any_size {
            let closer = self.closer(&large, &faces)?;
            faces.extend(closer);
            faces = suppress(faces, self.detector.overlap());
        }
        Ok(faces)
    }

    /// This share of the detector's size.
    fn size_for(&self, share: f32) -> u32 {
        // `as` is right: it is a part of the size.
        ((self.detector.size() as f32 * share) as u32 / CELL * CELL).max(CELL)
    }

    /// Everything in one image that scores at least `least`, in its pixels.
    fn look(&mut self, image: &RgbImage, least: f32) -> Result<Vec<Detection>, PipelineError> {
        self.looks += 1;
        Ok(self.detector.candidates(image, least)?)
    }

    fn whole(&mut self, size: u32, least: f32) -> Result<Whole, PipelineError> {
        let photo::Letterboxed { image, scale } = photo::letterbox(&self.shown, size)?;
        let scale = scale * self.scale;
        let seen = self
            .look(&image, least)?
            .into_iter()
            .map(|detection| Seen {
                side: longer_side(&detection.rect),
                detection: scaled(&detection, 1.0 / scale, 0.0, 0.0),
            })
            .collect();
        Ok(Whole {
            seen,
            scale,
            pixels: image.width() as f32 * image.height() as f32,
        })
    }

    /// The faces of the two looks at the whole picture. One that both saw is between where they say, nearer to the surer
    /// one: where a face is larger than the detector is used to, its landmarks suffer as its score does, and so do vectors
    /// (at the similarity that one pair of strangers in a thousand exceeds, .76 instead of .70 of the pairs of one person are
    /// recognised: `SFace`, portraits of 53 people). To believe the surer one alone is as good on average, but then boxes
    /// jump when a few pixels change.
    fn of_both(&self, large: &Whole, small: &Whole) -> Vec<Detection> {
        let (least, overlap) = (self.detector.least_score(), self.detector.overlap());
        let of = |seen: &[Seen], least_side: f32| {
            let candidates = seen
                .iter()
                .filter(|seen| seen.detection.confidence >= least && seen.side >= least_side);
            suppress(candidates.map(|seen| seen.detection).collect(), overlap)
        };
        let mut faces = of(&large.seen, 0.0);
        for face in of(&small.seen, LARGE_IN_SMALL) {
            let same = |other: &&mut Detection| face.rect.intersection_over_union(&other.rect) > overlap;
            match faces.iter_mut().find(same) {
                Some(same) => *same = between(same, &face),
                None if face.confidence >= self.sure() => faces.push(face),
                None => {}
            }
        }
        suppress(faces, overlap)
    }

    /// Small faces that the looks at the whole picture did not find, or not surely.
    fn closer(&mut self, large: &Whole, faces: &[Detection]) -> Result<Vec<Detection>, PipelineError> {
        let longer = self.picture.width().max(self.picture.height()) as f32;
        let largest = faces
            .iter()
            .map(|face| longer_side(&face.rect))
            .fold(0.0, f32::max);
        let share = if largest >= PORTRAIT * longer {
            EFFORT_FOR_A_PORTRAIT
        } else {
            1.0
        };
        let room = self.settings.effort * share * large.pixels;
        let number = |room: f32, side: u32| (room / (side * side) as f32) as usize;
        let mut candidates: Vec<Seen> = large
            .seen
            .iter()
            .filter(|seen| seen.detection.confidence >= CANDIDATE)
            .copied()
            .collect();
        let mut left = room;
        // Where the large look shows even the smallest face well, there is nothing to enlarge.
        if self.least_side * large.scale < SMALL {
            let traces = self.traces(large, faces, number(room * TRACE_SHARE, PART));
            left -= (traces.len() * (PART * PART) as usize) as f32;
            let parts: Vec<Enlarged> = traces
                .iter()
                .map(|at| self.part_around(*at, PART as f32 / ENLARGED / large.scale))
                .collect();
            let seen = self.look_at_parts(&parts, PART, CANDIDATE)?;
            candidates.extend(seen.into_iter().flatten());
        }
        self.close_ups(candidates, number(left, CLOSE_UP))
    }

    /// Where the best traces are of something too small for the large look, `most` at most.
    fn traces(&self, large: &Whole, faces: &[Detection], most: usize) -> Vec<Point> {
        let mut traces: Vec<(f32, Point)> = large
            .seen
            .iter()
            .filter(|seen| seen.side < SMALL)
            .map(|seen| (seen.detection.confidence, middle(&seen.detection.rect)))
            .filter(|(_, at)| !faces.iter().any(|face| holds(&face.rect, *at)))
            .collect();
        traces.sort_by(|a, b| b.0.total_cmp(&a.0));
        let near = NEAR / large.scale;
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

    /// A square around a place, moved to lie in the picture as far as it can.
    fn part_around(&self, at: Point, side: f32) -> Enlarged {
        let corner = |at: f32, length: u32| (at - side / 2.0).min(length as f32 - side).max(0.0);
        Enlarged {
            left: corner(at.x, self.picture.width()),
            top: corner(at.y, self.picture.height()),
            side,
        }
    }

    /// What there is in parts of the picture, each of which is shown with `size` x `size` pixels, all in one image.
    fn look_at_parts(
        &mut self,
        parts: &[Enlarged],
        size: u32,
        least: f32,
    ) -> Result<Vec<Vec<Seen>>, PipelineError> {
        let mut seen = vec![Vec::new(); parts.len()];
        if parts.is_empty() {
            return Ok(seen);
        }
        let rows = u32::try_from(parts.len()).unwrap_or(u32::MAX).div_ceil(COLUMNS);
        let mut image = RgbImage::new(COLUMNS * size, rows * size);
        let place = |index: usize| {
            let index = index as u32;
            (index % COLUMNS * size, index / COLUMNS * size)
        };
        for (index, part) in parts.iter().enumerate() {
            let (x, y) = place(index);
            let shown = photo::zoom(self.picture, part.left, part.top, part.side, size)?;
            image::imageops::replace(&mut image, &shown, x.into(), y.into());
        }
        for detection in self.look(&image, least)? {
            let at = middle(&detection.rect);
            // `as` saturates: what lies outside of the image is in no part, or in one at its edge.
            let (column, row) = ((at.x / size as f32) as u32, (at.y / size as f32) as u32);
            let index = (row * COLUMNS + column.min(COLUMNS - 1)) as usize;
            let Some(part) = parts.get(index) else { continue };
            let (x, y) = place(index);
            let factor = part.side / size as f32;
            seen[index].push(Seen {
                side: longer_side(&detection.rect),
                detection: scaled(
                    &detection,
                    factor,
                    part.left - x as f32 * factor,
                    part.top - y as f32 * factor,
                ),
            });
        }
        Ok(seen)
    }

    /// The faces among small candidates, which are looked at again, each as large as the detector knows faces best; the
    /// best ones first, `most` at most.
    fn close_ups(&mut self, candidates: Vec<Seen>, most: usize) -> Result<Vec<Detection>, PipelineError> {
        let (least, sure, overlap) = (self.detector.least_score(), self.sure(), self.detector.overlap());
        let least_side = self.least_side * LEAST_SHARE;
        let (small, fair): (Vec<Seen>, Vec<Seen>) =
            candidates.into_iter().partition(|seen| seen.side < SMALL);
        let detections =
            |seen: Vec<Seen>| suppress(seen.into_iter().map(|seen| seen.detection).collect(), overlap);
        let mut faces = detections(fair);
        faces.retain(|face| face.confidence >= sure);
        let mut doubtful = Vec::new();
        for candidate in detections(small) {
            let is_known = faces
                .iter()
                .any(|face| face.rect.intersection_over_union(&candidate.rect) > overlap);
            if is_known || longer_side(&candidate.rect) < least_side {
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
                let side = longer_side(&candidate.rect) * CLOSE_UP as f32 / CLOSE_UP_FACE;
                self.part_around(middle(&candidate.rect), side)
            })
            .collect();
        let seen = self.look_at_parts(&parts, CLOSE_UP, sure)?;
        for (candidate, seen) in doubtful.iter().zip(seen) {
            let at = middle(&candidate.rect);
            let found = detections(seen);
            faces.extend(
                found
                    .into_iter()
                    .find(|face| holds(&face.rect, at) && longer_side(&face.rect) >= least_side),
            );
        }
        Ok(faces)
    }

    /// The score of the best candidate near a face, in a look at it after a turn.
    fn score_turned(&mut self, face: &Detection, quarter: Quarter) -> Result<f32, PipelineError> {
        let side = longer_side(&face.rect).max(1.0) * TURN_LOOK as f32 / TURN_FACE;
        let Enlarged { left, top, side } = self.part_around(middle(&face.rect), side);
        let shown = photo::zoom(self.picture, left, top, side, TURN_LOOK)?;
        let seen = self.look(&quarter.apply(&shown), SIGN_OF_A_TURN)?;
        Ok(seen.iter().map(|face| face.confidence).fold(0.0, f32::max))
    }

    /// The turn in which the picture shows faces, or more of a face, if there is one.
    fn better_turn(&mut self, faces: &[Detection]) -> Result<Option<Quarter>, PipelineError> {
        let largest = faces
            .iter()
            .max_by(|a, b| a.rect.area().total_cmp(&b.rect.area()))
            .copied();
        let mut best: Option<(f32, Quarter)> = None;
        let mut least = SIGN_OF_A_TURN;
        if let Some(face) = largest {
            if !self.takes_any_size {
                return Ok(None);
            }
            least = self.detector.least_score().max(face.confidence + MORE_IN_A_TURN);
            for quarter in Quarter::ALL {
                let score = self.score_turned(&face, quarter)?;
                if best.is_none_or(|(best, _)| score > best) {
                    best = Some((score, quarter));
                }
            }
        } else {
            let whole = photo::letterbox(&self.shown, self.size_for(TURNED_LOOK))?.image;
            for quarter in Quarter::ALL {
                let seen = self.look(&quarter.apply(&whole), SIGN_OF_A_TURN)?;
                let score = seen.iter().map(|face| face.confidence).fold(0.0, f32::max);
                if best.is_none_or(|(best, _)| score > best) {
                    best = Some((score, quarter));
                }
            }
        }
        Ok(best
            .filter(|(score, _)| *score >= least)
            .map(|(_, quarter)| quarter))
    }
}

/// The longer side in pixels of the large look at a picture of a width and a height.
fn large_size(size: u32, (width, height): (u32, u32), takes_any_size: bool) -> u32 {
    let (longer, shorter) = (width.max(height) as f32, width.min(height) as f32);
    let shape = longer / shorter;
    if !takes_any_size || shape <= LONGEST_SHAPE {
        return size;
    }
    let more = (shape / LONGEST_SHAPE).sqrt().min(LONGEST_LOOK);
    // No more than the picture has. `as` is right: it is a small multiple of the size.
    let wanted = (size as f32 * more).min(longer) as u32;
    (wanted / CELL * CELL).max(size)
}

/// One face as two looks saw it: the mean, weighted by a high power of their scores, with the better score.
fn between(one: &Detection, other: &Detection) -> Detection {
    let weights = [one, other].map(|face| face.confidence.powi(WEIGHT_OF_SCORES));
    let share = weights[1] / (weights[0] + weights[1]);
    let mean = |one: f32, other: f32| one + share * (other - one);
    Detection {
        rect: Rect {
            x1: mean(one.rect.x1, other.rect.x1),
            y1: mean(one.rect.y1, other.rect.y1),
            x2: mean(one.rect.x2, other.rect.x2),
            y2: mean(one.rect.y2, other.rect.y2),
        },
        landmarks: std::array::from_fn(|index| Point {
            x: mean(one.landmarks[index].x, other.landmarks[index].x),
            y: mean(one.landmarks[index].y, other.landmarks[index].y),
        }),
        confidence: one.confidence.max(other.confidence),
    }
}

fn longer_side(rect: &Rect) -> f32 {
    (rect.x2 - rect.x1).max(rect.y2 - rect.y1)
}

fn middle(rect: &Rect) -> Point {
    Point {
        x: f32::midpoint(rect.x1, rect.x2),
        y: f32::midpoint(rect.y1, rect.y2),
    }
}

fn holds(rect: &Rect, point: Point) -> bool {
    (rect.x1..=rect.x2).contains(&point.x) && (rect.y1..=rect.y2).contains(&point.y)
}

/// A detection whose places are multiplied by `factor` and then moved.
fn scaled(detection: &Detection, factor: f32, left: f32, top: f32) -> Detection {
    let point = |x: f32, y: f32| Point {
        x: x * factor + left,
        y: y * factor + top,
    };
    let Rect { x1, y1, x2, y2 } = detection.rect;
    let (low, high) = (point(x1, y1), point(x2, y2));
    Detection {
        rect: Rect {
            x1: low.x,
            y1: low.y,
            x2: high.x,
            y2: high.y,
        },
        landmarks: detection.landmarks.map(|at| point(at.x, at.y)),
        confidence: detection.confidence,
    }
}

#[cfg(test)]
mod tests;
