//! Deletions that outlive a restore: a list of ids and times beside the store, and their repetition on a store that is
//! older than they are.
//!
//! A deletion is written down before it is done. So one that a crash or a failure cut off is on the list all the same:
//! it was asked for.

mod list;
mod repeat;

pub use list::{Erased, Erasure, ErasureList, photo_digest};
pub use repeat::{Repeated, Since};
