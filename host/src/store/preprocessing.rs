//! Vectors of faces that an earlier version cut out in another way.

use crate::domain::PREPROCESSING;

/// Says what it means when a store has vectors of faces that were cut out in another way than faces are now.
pub(super) fn warn_of_preprocessing(stored: u32) {
    if stored != PREPROCESSING {
        tracing::warn!(
            stored,
            active = PREPROCESSING,
            "the store has vectors of faces that an earlier version cut out in another way (preprocessing {stored}); \
            nothing is lost, but an old and a new vector of a face agree a little less than two of one version, so that \
            a person may come in more pieces; photos that are processed again get new vectors"
        );
    }
}
