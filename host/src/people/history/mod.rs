//! The history of corrections: who said what of which people, and what it takes to undo it exactly.
//!
//! An entry is written in the batch that makes the correction. It is made from that batch: each row that the batch
//! changes becomes a [`Step`] with what was there before, so that whatever corrects people is undone by one and the
//! same code. [`ChangeSet::record`](super::change_set::ChangeSet::record) is all that a correction does for it.

mod exporting;
mod forgetting;
mod listing;
mod obstacles;
mod recording;
mod undoing;
mod verifying;

pub use self::exporting::CorrectionExport;
pub(super) use self::forgetting::Gone;
pub use self::listing::{HistoryEntry, HistoryPage};
pub(super) use self::recording::Record;
pub use self::undoing::Undone;
