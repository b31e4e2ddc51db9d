//! Faces and the people they belong to: the store, the decision where a face goes, and thumbnails.

mod clustering;
mod embedded;
mod matrix;
mod schema;
mod store;
#[cfg(test)]
mod tests;
mod thumbnails;

pub use clustering::{
    FacesError, MakeThumbnail, NewFace, People, PlacedFace, Policy, PolicyError, ThumbnailError,
};
pub use embedded::EmbeddedStore;
pub use store::{Counts, FaceStore, Merged, StoreError, StoredFace};
