//! What the worker says about a photo.

use crate::domain::{BoundingBox, ClusterId, FaceId, Gender, Label, SceneObject, ScoredTag, TextLine};
use crate::plugins::{Context, PluginIdentities, Slot};

/// One face of the answer.
#[derive(Clone, Debug)]
pub struct DescribedFace {
    /// Stays the same when the photo is processed again.
    pub face_id: FaceId,
    /// The person.
    pub cluster_id: ClusterId,
    /// `[x1, y1, x2, y2]` in whole pixels of the upright photo; `x2` and `y2` are exclusive.
    pub bounding_box: BoundingBox,
    /// The detector's score, 0 to 1.
    pub confidence: f32,
    /// The person was not known before this photo.
    pub is_new_cluster: bool,
    /// Apparent age in years, when a plugin asked for demographics and the face is clear enough: at least 48 pixels along
    /// its shorter side, of a quality of at least 0.5.
    pub age: Option<f32>,
    /// Apparent gender, under the same conditions.
    pub gender: Option<Gender>,
    /// How well the face can be told from others, 0 to 1.
    pub quality: f32,
    /// The clustering policy's reason.
    pub reason: String,
}

/// How long each stage took, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub struct StageTimings {
    /// Fetching the photo.
    pub download: f64,
    /// Decoding it.
    pub decode: f64,
    /// All networks, waiting for a session included.
    pub inference: f64,
    /// Tagger and context mapper.
    pub plugins: f64,
    /// Searching, deciding and writing, waiting for other photos included.
    pub faces: f64,
}

/// Everything the worker says about one photo, and of its faces what `F` says.
#[derive(Clone, Debug)]
pub struct Description<F = DescribedFace> {
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
    /// Slots whose plugin failed, so that something else stands in for its answer.
    pub degraded: Vec<Slot>,
    /// Where the time went.
    pub timings: StageTimings,
}
