//! How a Qdrant server is reached and used.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use qdrant_client::qdrant::{ReadConsistency as Wire, ReadConsistencyType, read_consistency};

/// What the store needs to know about its server.
#[derive(Clone)]
pub struct QdrantSettings {
    /// `QDRANT_URL`: `http://` or `https://`, of the gRPC ports of one node or several of one cluster; at least one.
    pub urls: Vec<String>,
    /// `QDRANT_API_KEY`.
    pub api_key: Option<String>,
    /// `QDRANT_COLLECTION`: the name of the collection of faces, and the beginning of the others' names.
    pub collection: String,
    /// `QDRANT_TIMEOUT_MS`: the longest wait for a connection, and for an answer.
    pub timeout: Duration,
    /// `QDRANT_LEASE_MS`: how long the right to write outlives a worker that does not renew it; at least
    /// [`Self::TIMEOUTS_A_LEASE`] timeouts.
    pub lease: Duration,
    /// `QDRANT_ON_DISK`: keep vectors on disk rather than in memory. Holds when the collections are made.
    pub on_disk: bool,
    /// `QDRANT_QUANTIZATION`. Holds when the collections are made.
    pub quantization: Quantization,
    /// `QDRANT_REPLICATION_FACTOR`: copies of everything, at least 1. Holds when the collections are made.
    pub replication_factor: u32,
    /// `QDRANT_WRITE_CONSISTENCY`, resolved: copies that must have a write before it counts, 1 to
    /// [`Self::replication_factor`]. Holds when the collections are made.
    pub write_consistency: u32,
    /// `QDRANT_READ_CONSISTENCY`.
    pub read_consistency: ReadConsistency,
    /// `QDRANT_HNSW_EF`: candidates that a neighbour search keeps.
    pub search_candidates: u64,
}

impl QdrantSettings {
    /// How many timeouts a lease must last: one for the call on its way when it is renewed, one for the renewal, one
    /// for the renewal's second try, and one in which nothing is begun any more.
    pub const TIMEOUTS_A_LEASE: u32 = 4;
}

impl fmt::Debug for QdrantSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key must not reach a log.
        formatter
            .debug_struct("QdrantSettings")
            .field("urls", &self.urls)
            .field("api_key", &self.api_key.as_ref().map(|_| "set"))
            .field("collection", &self.collection)
            .finish_non_exhaustive()
    }
}

/// How vectors are compressed for searching; the originals decide among what that finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantization {
    /// Not at all.
    None,
    /// One byte a component, a quarter of the memory.
    Scalar,
    /// One bit a component, a thirty-second of the memory; for vectors of 512 components and more.
    Binary,
}

impl FromStr for Quantization {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::None),
            "scalar" => Ok(Self::Scalar),
            "binary" => Ok(Self::Binary),
            _ => Err("choose none, scalar or binary"),
        }
    }
}

/// How many copies must agree on what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadConsistency {
    /// Every copy is asked, and all must agree; nothing is read while one is away.
    All,
    /// Every copy is asked, and more than half must agree. While a copy is away, [`Self::Quorum`].
    Majority,
    /// More than half of the copies are asked, and all of these must agree.
    Quorum,
    /// This many copies are asked, and all of these must agree.
    Copies(u64),
}

impl ReadConsistency {
    /// What is read instead while a copy is away; none where nothing else was chosen.
    pub(super) fn with_a_copy_away(self) -> Option<Self> {
        (self == Self::Majority).then_some(Self::Quorum)
    }

    pub(super) fn on_the_wire(self) -> Wire {
        let of = |kind: ReadConsistencyType| read_consistency::Value::Type(kind.into());
        let value = match self {
            Self::All => of(ReadConsistencyType::All),
            Self::Majority => of(ReadConsistencyType::Majority),
            Self::Quorum => of(ReadConsistencyType::Quorum),
            Self::Copies(copies) => read_consistency::Value::Factor(copies),
        };
        Wire { value: Some(value) }
    }
}

impl FromStr for ReadConsistency {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            "majority" => Ok(Self::Majority),
            "quorum" => Ok(Self::Quorum),
            copies => copies
                .parse()
                .ok()
                .filter(|copies| *copies > 0)
                .map(Self::Copies)
                .ok_or("choose all, majority, quorum or a number of copies"),
        }
    }
}
