//! Stores of faces, photos and clusters: one contract, [`FaceStore`], for every store. A store reads, and applies batches of
//! simple changes that may be repeated; what a merge, a split or a deletion means is not known here, but in
//! [`people`](crate::people).

mod archive;
mod change;
mod circuit_breaker;
mod correction;
mod embedded;
mod erasures;
mod error;
mod event;
mod face_store;
mod flags;
mod format;
mod guard;
mod mark;
mod matrix;
mod pages;
mod photo_list;
mod preprocessing;
mod qdrant;
mod reads;
mod record;
mod retry;

pub use self::archive::{Progress, Totals, TransferError, export, import, replace_vectors};
pub use self::change::Change;
pub use self::circuit_breaker::{BreakerSettings, Guarded};
pub use self::correction::{Correction, CorrectionKind, Lost};
pub(crate) use self::correction::{
    HeldFace, Lead, Names, Place, Row, Step, beside_cluster, of_cluster, of_face, of_file,
};
pub use self::embedded::index::{IndexError, IndexSettings, NeighbourIndex};
pub use self::embedded::{EmbeddedStore, StoreLock};
pub use self::erasures::{Erased, Erasure, ErasureList, photo_digest};
pub use self::error::{Cause, StoreError};
pub use self::event::{Event, LoggedEvent};
pub use self::face_store::{FaceStore, Turn};
pub(crate) use self::flags::is_provisional;
pub use self::flags::{ClusterFilter, ClusterFlags};
pub(crate) use self::format::as_stored;
pub use self::format::{Stored, from_text, to_text};
pub use self::guard::GuardedStore;
pub(crate) use self::mark::Mark;
pub(crate) use self::matrix::Matrix;
pub(crate) use self::pages::{all_faces, pages};
pub use self::photo_list::{ListedPhoto, PhotoLists, TagCount};
pub use self::qdrant::{QdrantSettings, QdrantStore, Quantization, ReadConsistency};
pub use self::reads::StoreReads;
pub(crate) use self::record::WholeFace;
pub use self::record::{
    Cluster, ClusterOrder, Counts, DecidedBy, Explanation, PhotoDescription, PhotoRecord, PluginDigests,
    Redirect, Rejection, SequencedFace, SequencedPhoto, StoredAnswer, StoredContext, StoredFace, StoredPhoto,
};
pub(crate) use self::retry::Retry;
