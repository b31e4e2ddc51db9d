//! What the worker says about a photo.

use crate::domain::{Label, SceneObject, ScoredTag, TextLine};
use crate::people::PlacedFace;
use crate::plugins::{Context, PluginIdentities, Slot};

/// How long each stage took, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct StageTimings {
    /// Fetching the photo.
    pub download: f64,
    /// Decoding it.
    pub decode: f64,
    /// All networks, including the wait for a session.
    pub inference: f64,
    /// Tagger and context mapper.
    pub plugins: f64,
    /// Searching neighbours, deciding and writing, including the wait for other photos.
    pub faces: f64,
}

/// Everything the worker says about one photo, and of its faces what `F` says.
#[derive(Clone, Debug)]
pub struct Description<F = PlacedFace> {
    /// The people, largest face first.
    pub faces: Vec<F>,
    /// Tags at or above the threshold, best first.
    pub tags: Vec<ScoredTag>,
    /// The Indonesian phrase.
    pub context: Context,
    /// Width and height of the upright photo in pixels.
    pub size: (u32, u32),
    /// How often the face detector looked at it or at parts of it.
    pub looks: u32,
    /// The classifier's best classes, when a plugin asked for them.
    pub labels: Option<Vec<Label>>,
    /// What a captioner says, when a plugin asked for it.
    pub caption: Option<String>,
    /// What an object detector found, when a plugin asked for it.
    pub objects: Option<Vec<SceneObject>>,
    /// Probability that it was taken inside a building, when a plugin asked for it.
    pub indoor: Option<f32>,
    /// The lines of text that were read and may be kept, when a plugin asked for them.
    pub text: Option<Vec<TextLine>>,
    /// Which plugins decided.
    pub plugins: PluginIdentities,
    /// Slots whose plugin failed and whose answer was replaced by a fallback.
    pub degraded: Vec<Slot>,
    /// Where the time went.
    pub timings: StageTimings,
}
