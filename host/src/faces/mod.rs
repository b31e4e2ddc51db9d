//! Faces and the people they belong to: the store, the decision where a face goes, and corrections.

mod change;
mod corrections;
mod decision;
mod draft;
mod embedded;
mod integrity;
mod matrix;
mod merging;
mod people;
mod placing;
mod qdrant;
mod record;
mod simulation;
mod store;

pub use change::{Change, Cluster, Redirect, Rejection, StoredAnswer};
pub use corrections::{Moved, Split};
pub use embedded::EmbeddedStore;
pub use integrity::Integrity;
pub use merging::{Merged, Unmerged};
pub use people::{FacesError, People};
pub use placing::{MakeThumbnail, NewFace, PlacedFace, Policy, PolicyError, ThumbnailError};
pub use qdrant::{QdrantSettings, QdrantStore, Quantization, ReadConsistency};
pub use record::{
    DecidedBy, Explanation, PhotoDescription, PhotoRecord, PluginDigests, SequencedFace, SequencedPhoto,
    StoredContext, StoredPhoto,
};
pub use simulation::Simulation;
pub use store::{Cause, Counts, FaceStore, StoreError, StoredFace, Turn};
