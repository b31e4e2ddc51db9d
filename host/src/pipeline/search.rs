//! Finds the faces of a photo, whatever their size and whichever way the photo lies.
//!
//! A detector knows faces of some 12 to 250 pixels. So the whole photo is looked at twice, once as large as the network
//! was made for and once small, for faces that fill the photo. Where the larger look left a trace of something too small
//! for it, parts of the photo are enlarged; such traces are far below the score of a face, and the best of them are
//! followed as far as [`SearchSettings::effort`] goes. When nothing is found, or the largest face turns out to be more of
//! a face in another turn, the photo is turned.

mod small;
mod turn;

use std::cell::Cell;

use image::RgbImage;

use super::error::PipelineError;
use crate::domain::{Detection, Point, Rect};
use crate::inference::{DetectFaces, suppress};
use crate::photo::{self, Letterboxed, Part};

/// The score of a trace. Of faces of 6 pixels 93 % leave one, and so do 23 % of the cells of photos without people.
const TRACE: f32 = 0.002;
/// The least side of a face in pixels of the photo: a vector of less says nothing about a person (see
/// [`quality`](crate::photo::quality)).
const LEAST_PIXELS: f32 = 16.0;
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
    let upright = Search::new(detector, overview.pixels(), overview.reduction(), settings)?;
    let mut faces = upright.search()?;
    let better = upright.better_turn(&faces)?;
    let mut looks = upright.looks.get();
    if let Some(quarter) = better {
        let turned = quarter.apply(overview.pixels());
        let search = Search::new(detector, &turned, overview.reduction(), settings)?;
        let found = search.search()?;
        looks += search.looks.get();
        if found.iter().any(|face| face.confidence >= search.sure()) {
            let before = |point| quarter.point_before(point, turned.dimensions());
            faces = found.iter().map(|face| face.mapped(before)).collect();
        }
    }
    let in_photo = |point| overview.point_in_photo(point);
    Ok(Found {
        faces: faces.iter().map(|face| face.mapped(in_photo)).collect(),
        looks,
    })
}

/// The search in one turn of a photo; places are in pixels of the picture.
struct Search<'a> {
    detector: &'a dyn DetectFaces,
    picture: &'a RgbImage,
    takes_any_size: bool,
    settings: SearchSettings,
    /// The least side of a face in pixels of the picture.
    least_side: f32,
    /// What the large look shows.
    large: Letterboxed,
    /// The same without the black beyond the picture, from which smaller looks are made: a picture of many megapixels is
    /// resized once.
    shown: RgbImage,
    looks: Cell<u32>,
}

/// A square of the picture that is enlarged.
#[derive(Clone, Copy)]
struct Enlarged {
    /// What it is to show, which is in its middle unless an edge of the picture is near.
    at: Point,
    left: f32,
    top: f32,
    side: f32,
}

/// What a look shows at a place that is multiplied by `factor` and then moved to be in the picture.
fn in_picture(shown: &Detection, factor: f32, left: f32, top: f32) -> Detection {
    shown.mapped(|point| Point {
        x: point.x * factor + left,
        y: point.y * factor + top,
    })
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
        let large = photo::letterbox(picture, size)?;
        // `as` is right: neither is longer than the image.
        let side = |side: u32, most: u32| ((side as f32 * large.scale).round() as u32).clamp(1, most);
        let width = side(picture.width(), large.image.width());
        let height = side(picture.height(), large.image.height());
        Ok(Self {
            detector,
            picture,
            takes_any_size,
            settings,
            shown: image::imageops::crop_imm(&large.image, 0, 0, width, height).to_image(),
            large,
            least_side: (LEAST_PIXELS / reduction as f32).max(settings.smallest * longer),
            looks: Cell::new(0),
        })
    }

    /// What a face must score that the large look did not find.
    fn sure(&self) -> f32 {
        let least = self.detector.least_score();
        least + SURE * (1.0 - least)
    }

    fn search(&self) -> Result<Vec<Detection>, PipelineError> {
        let large = self.seen(&self.large, TRACE)?;
        let mut faces = self.of_both(&large, &self.smaller(SMALL_LOOK)?);
        if faces.is_empty() {
            faces = self.of_both(&large, &self.smaller(SMALLEST_LOOK)?);
        }
        if self.takes_any_size {
            let closer = self.closer(&large, &faces)?;
            faces.extend(closer);
            faces = suppress(faces, self.detector.overlap());
        }
        Ok(faces)
    }

    /// What the large look shows, at this share of the detector's size.
    fn reduced(&self, share: f32) -> Result<Letterboxed, PipelineError> {
        // `as` is right: it is a part of the size.
        let size = ((self.detector.size() as f32 * share) as u32 / CELL * CELL).max(CELL);
        let Letterboxed { image, scale } = photo::letterbox(&self.shown, size)?;
        Ok(Letterboxed {
            image,
            scale: scale * self.large.scale,
        })
    }

    /// What a smaller look at the whole picture finds.
    fn smaller(&self, share: f32) -> Result<Vec<Detection>, PipelineError> {
        self.seen(&self.reduced(share)?, self.detector.least_score())
    }

    /// Everything in a look at the whole picture that scores at least `least`.
    fn seen(&self, look: &Letterboxed, least: f32) -> Result<Vec<Detection>, PipelineError> {
        let found = self.look(&look.image, least)?;
        let seen = found
            .iter()
            .map(|shown| in_picture(shown, 1.0 / look.scale, 0.0, 0.0));
        Ok(seen.collect())
    }

    /// Everything in one image that scores at least `least`, in its pixels.
    fn look(&self, image: &RgbImage, least: f32) -> Result<Vec<Detection>, PipelineError> {
        self.looks.update(|looks| looks + 1);
        Ok(self.detector.candidates(image, least)?)
    }

    /// A square around a place, moved to lie in the picture as far as it can.
    fn part_around(&self, at: Point, side: f32) -> Enlarged {
        let corner = |at: f32, length: u32| (at - side / 2.0).min(length as f32 - side).max(0.0);
        Enlarged {
            at,
            left: corner(at.x, self.picture.width()),
            top: corner(at.y, self.picture.height()),
            side,
        }
    }

    /// A part of the picture with `size` x `size` pixels.
    fn enlarged(&self, part: &Enlarged, size: u32) -> Result<RgbImage, PipelineError> {
        Ok(photo::zoom(self.picture, part.left, part.top, part.side, size)?)
    }

    /// The faces of the two looks at the whole picture. One that both saw is between where they say, nearer to the surer
    /// one: where a face is larger than the detector is used to, its landmarks suffer as its score does, and so do vectors
    /// (at the similarity that one pair of strangers in a thousand exceeds, .76 instead of .70 of the pairs of one person are
    /// recognised: `SFace`, portraits of 53 people). To believe the surer one alone is as good on average, but then boxes
    /// jump when a few pixels change.
    fn of_both(&self, large: &[Detection], small: &[Detection]) -> Vec<Detection> {
        let (least, overlap) = (self.detector.least_score(), self.detector.overlap());
        let of = |seen: &[Detection], least_side: f32| {
            let candidates = seen
                .iter()
                .filter(|seen| seen.confidence >= least && seen.seen_side >= least_side);
            suppress(candidates.copied().collect(), overlap)
        };
        let mut faces = of(large, 0.0);
        for face in of(small, LARGE_IN_SMALL) {
            let same = |other: &&mut Detection| face.rect.intersection_over_union(&other.rect) > overlap;
            match faces.iter_mut().find(same) {
                Some(same) => *same = between(same, &face),
                None if face.confidence >= self.sure() => faces.push(face),
                None => {}
            }
        }
        suppress(faces, overlap)
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
        seen_side: one.seen_side.max(other.seen_side),
    }
}

#[cfg(test)]
mod tests;
