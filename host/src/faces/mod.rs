//! Faces and the people they belong to: the store, the decision where a face goes, and corrections.

mod answers;
mod archive;
mod change;
mod circles;
mod consolidation;
mod corrections;
mod decision;
mod deletions;
mod distinctions;
mod draft;
mod embedded;
mod erasures;
mod event;
mod evidence;
mod fit;
mod flags;
mod guard;
mod history;
mod identifying;
mod index;
mod integrity;
mod listing;
mod matrix;
mod merging;
mod noting;
mod pages;
mod pairs;
mod patience;
mod people;
mod person;
mod placing;
mod qdrant;
mod record;
mod rehearsal;
mod repair;
mod similar;
mod simulation;
mod store;
mod unmerging;
mod unsure;
mod withdrawals;

pub use answers::{KeyInUse, NewAnswer};
pub use archive::{ArchiveError, Progress, Totals, export, import, replace_vectors};
pub use change::{Change, Cluster, ClusterOrder, Redirect, Rejection, StoredAnswer};
pub use consolidation::{ConsolidatedMerge, Consolidation, ConsolidationRequest};
pub use corrections::{Moved, Split};
pub use embedded::{EmbeddedStore, StoreLock};
pub use erasures::{Erased, Erasure, ErasureList, Repeated, Since, photo_digest};
pub use event::{DEFAULT_CHANGES_KEPT, Event, EventPage, LoggedEvent};
pub use fit::FacesByFit;
pub use flags::{ClusterFilter, ClusterFlags};
pub use guard::{BreakerSettings, GuardedStore};
pub use history::{
    Correction, CorrectionExport, CorrectionKind, DEFAULT_CORRECTIONS_KEPT, HistoryEntry, HistoryPage, Lost,
    Undone,
};
pub use identifying::Identified;
pub use index::{IndexError, IndexSettings, NeighbourIndex};
pub use integrity::Integrity;
pub use listing::{ListedPhoto, PhotoLists, PhotoPage, TagCount};
pub use merging::Merged;
pub use pairs::{Pair, PairCursor, PairPage, PairRequest};
pub use people::{FacesError, People};
pub use person::{FaceExport, PersonExport, PhotoExport};
pub use placing::{MakeThumbnail, NewFace, PlacedFace, Policy, PolicyError, ThumbnailError};
pub use qdrant::{QdrantSettings, QdrantStore, Quantization, ReadConsistency};
pub use record::{
    DecidedBy, Explanation, PhotoDescription, PhotoRecord, PluginDigests, SequencedFace, SequencedPhoto,
    StoredContext, StoredPhoto,
};
pub use similar::{Similar, SimilarCursor, SimilarPage};
pub use simulation::Simulation;
pub use store::{Cause, Counts, FaceStore, StoreError, StoredFace, Turn};
pub use unmerging::Unmerged;
