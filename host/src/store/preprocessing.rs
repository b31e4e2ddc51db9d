//! Vectors of faces that an earlier version cut out in another way.

use crate::domain::PREPROCESSING;

/// Says what it means when a store has vectors of faces that were cut out in another way than faces are now.
pub(super) fn warn_of_preprocessing(stored: u32) {
    if stored != PREPROCESSING {
        tracing::warn!(
            stored,
            active = PREPROCESSING,
            "the store has face vectors of an earlier version, which aligned faces differently (preprocessing \
             {stored}); nothing is lost, but old and new vectors of one person are slightly less similar, so one \
             person may be split into several clusters; process photos again to give their faces new vectors"
        );
    }
}
