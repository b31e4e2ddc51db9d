//! What a call may see of the photo's pixels.

use std::error::Error;
use std::sync::Arc;

use crate::models::manifest::ImageInput;

/// How pixels become a tensor: the middle of the photo as a square, resized, each value normalised.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct View {
    /// Which part of the shorter side is kept, from the exact middle: above 0, at most 1.
    pub fraction: f32,
    /// Size, order of the planes and normalisation.
    pub input: ImageInput,
}

/// The photo that is being described, for as long as its plugins run.
pub trait Pixels: Send + Sync {
    /// The values of a `[1, 3, size, size]` tensor in row-major order. Blocks for the time of a resize.
    ///
    /// # Errors
    /// When the crop cannot be made.
    fn tensor(&self, view: &View) -> Result<Vec<f32>, Box<dyn Error + Send + Sync>>;
}

/// What one call may see of the photo.
#[derive(Clone, Default)]
pub(super) struct PhotoAccess {
    /// The plugin's description names `evidence.pixels`.
    pub(super) asked_for: bool,
    /// The photo; none when evidence is replayed or a case is tested.
    pub(super) photo: Option<Arc<dyn Pixels>>,
}
