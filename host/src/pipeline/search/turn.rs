//! Whether a photo lies on its side or upside down.

use image::RgbImage;

use super::Search;
use crate::domain::Detection;
use crate::photo::Quarter;
use crate::pipeline::error::PipelineError;

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

impl Search<'_> {
    /// The turn in which the picture shows faces, or more of a face, if there is one.
    pub(super) fn better_turn(&self, faces: &[Detection]) -> Result<Option<Quarter>, PipelineError> {
        let largest = faces
            .iter()
            .max_by(|a, b| a.rect.area().total_cmp(&b.rect.area()));
        let (shown, least) = match largest {
            None => (self.reduced(TURNED_LOOK)?.image, SIGN_OF_A_TURN),
            // Each look would cost as much as one at the whole picture.
            Some(_) if !self.takes_any_size => return Ok(None),
            Some(face) => {
                let side = face.rect.longer_side().max(1.0) * TURN_LOOK as f32 / TURN_FACE;
                let part = self.part_around(face.rect.middle(), side);
                let least = self.detector.least_score().max(face.confidence + MORE_IN_A_TURN);
                (self.enlarged(&part, TURN_LOOK)?, least)
            }
        };
        let mut best = None;
        let mut most = least;
        for quarter in Quarter::ALL {
            let score = self.best_score(&quarter.apply(&shown))?;
            if score >= most && (best.is_none() || score > most) {
                (best, most) = (Some(quarter), score);
            }
        }
        Ok(best)
    }

    /// The score of what is most of a face in an image; 0 when nothing is a sign of one.
    fn best_score(&self, image: &RgbImage) -> Result<f32, PipelineError> {
        let seen = self.look(image, SIGN_OF_A_TURN)?;
        Ok(seen.iter().map(|face| face.confidence).fold(0.0, f32::max))
    }
}
