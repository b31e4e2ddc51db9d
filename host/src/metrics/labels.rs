//! What measurements are told apart by.

use prometheus_client::encoding::EncodeLabelSet;

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Request {
    /// The route's template; `none` where there is no route.
    pub(super) route: String,
    pub(super) status: u16,
}

/// What became of a photo.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Photo {
    /// `described`, or the code of a problem.
    pub(super) outcome: &'static str,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Model {
    pub(super) model: String,
}

/// A device that a network failed on.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct FailedDevice {
    pub(super) device: &'static str,
}

/// A plugin's slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct PluginSlot {
    pub(super) slot: &'static str,
}

/// What a store is asked.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Operation {
    pub(super) operation: &'static str,
}

/// A cache's answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Lookup {
    pub(super) cache: &'static str,
    /// It was there.
    pub(super) hit: bool,
}

/// A connection that the worker ended by itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Ended {
    /// `room` for another one, `time` was over, or `refused` at once.
    pub(super) reason: &'static str,
}

/// A part of a photo's journey.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Waiting for a place among the photos in work.
    Queue,
    /// Fetching it.
    Download,
    /// Decoding it, waiting for room in memory included.
    Decode,
    /// All networks, waiting for sessions included.
    Inference,
    /// Tagger and context mapper.
    Plugins,
    /// Deciding and writing, waiting for other photos and for the store included.
    Faces,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct Staged {
    pub(super) stage: &'static str,
}

impl Stage {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Queue => "queue",
            Self::Download => "download",
            Self::Decode => "decode",
            Self::Inference => "inference",
            Self::Plugins => "plugins",
            Self::Faces => "faces",
        }
    }
}
