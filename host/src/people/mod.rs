//! People: which person a face belongs to, corrections, their history, merges and consolidation, over whatever store
//! they are kept in.
//!
//! Everything that a merge, a split or a deletion means is written here, once. A [store](crate::store) reads, and applies
//! batches of simple changes.

mod change_set;
mod circles;
mod consolidation;
mod corrections;
mod decision;
mod deletions;
mod distinctions;
mod error;
mod events;
mod evidence;
mod fit;
mod hiding;
mod history;
mod idempotency;
mod identifying;
mod integrity;
mod keys_in_use;
mod merging;
mod noting;
mod origins;
mod pairs;
mod person;
mod photo_lists;
mod placing;
mod policy;
mod rehearsal;
mod repair;
mod repeated_deletions;
mod service;
mod similar;
mod simulation;
mod unmerging;
mod unsure;
mod withdrawals;

pub use self::consolidation::{ConsolidatedMerge, Consolidation, ConsolidationRequest};
pub use self::corrections::{Moved, Split};
pub use self::error::{PeopleError, PolicyError, ThumbnailError};
pub use self::events::EventPage;
pub use self::fit::FacesByFit;
pub use self::history::{CorrectionExport, HistoryEntry, HistoryPage, Undone};
pub use self::idempotency::NewAnswer;
pub use self::identifying::Identified;
pub use self::integrity::Integrity;
pub use self::keys_in_use::KeyInUse;
pub use self::merging::Merged;
pub use self::pairs::{Pair, PairCursor, PairPage, PairRequest};
pub use self::person::{FaceExport, PersonExport, PhotoExport};
pub use self::photo_lists::PhotoPage;
pub use self::placing::{MakeThumbnail, NewFace, PlacedFace, Precondition};
pub use self::policy::Policy;
pub use self::repeated_deletions::{Repeated, Since};
pub use self::service::{DEFAULT_CHANGES_KEPT, DEFAULT_CORRECTIONS_KEPT, People};
pub use self::similar::{Similar, SimilarCursor, SimilarPage};
pub use self::simulation::{SimulatedFace, Simulation};
pub use self::unmerging::Unmerged;
