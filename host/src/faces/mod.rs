//! Faces and the people they belong to: the store, the decision where a face goes, and thumbnails.

mod clustering;
mod decision;
mod embedded;
mod index;
mod matrix;
mod photo_table;
mod record;
mod schema;
mod simulation;
mod store;
#[cfg(test)]
mod store_tests;
#[cfg(test)]
mod tests;
mod thumbnails;

pub use clustering::{
    FacesError, MakeThumbnail, NewFace, People, PlacedFace, Policy, PolicyError, ThumbnailError,
};
pub use embedded::EmbeddedStore;
pub use index::{IndexError, IndexSettings, NeighbourIndex};
pub use record::{PhotoDescription, PhotoRecord, PluginDigests, SequencedFace, StoredContext, StoredPhoto};
pub use simulation::Simulation;
pub use store::{Counts, FaceStore, Merged, StoreError, StoredFace};
