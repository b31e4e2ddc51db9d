//! Which collections there are, and under which ids and keys things lie in them.
//!
//! What is paged in the order of its ids has a collection of its own, whose points have these ids. Everything else
//! that has no vector shares one collection, under ids made from what it is.

use qdrant_client::qdrant::FieldType;
use uuid::Uuid;

use crate::domain::{ClusterId, FaceId, FileId};

/// Raised whenever the collections change so that earlier versions could not read them.
pub(super) const FORMAT: i64 = 1;

/// One of the store's collections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collection {
    /// Vectors; a point's id is the face's.
    Faces,
    /// Rows of clusters; a point's id is the cluster's.
    Clusters,
    /// Redirects; a point's id is the source's.
    Redirects,
    /// Rejections; a point's id is the face's that it was.
    Rejections,
    /// Photos, portraits, explanations, distinctions, pairs that are uncertain, answers, events, corrections, the journal and the state, each with its [`KIND`].
    Records,
}

impl Collection {
    pub(super) const ALL: [Self; 5] = [
        Self::Faces,
        Self::Clusters,
        Self::Redirects,
        Self::Rejections,
        Self::Records,
    ];

    /// Its name, which begins with that of the collection of faces.
    pub(super) fn name(self, faces: &str) -> String {
        match self {
            Self::Faces => faces.to_owned(),
            Self::Clusters => format!("{faces}-clusters"),
            Self::Redirects => format!("{faces}-redirects"),
            Self::Rejections => format!("{faces}-rejections"),
            Self::Records => format!("{faces}-records"),
        }
    }

    /// The payload keys that something is found or put in order by.
    pub(super) fn indexed(self) -> &'static [(&'static str, FieldType)] {
        match self {
            Self::Faces => &[
                (CLUSTER_ID, FieldType::Keyword),
                (FILE_ID, FieldType::Keyword),
                (SEQUENCE, FieldType::Integer),
            ],
            Self::Clusters => &[(HIDDEN, FieldType::Bool), (PROVISIONAL, FieldType::Bool)],
            Self::Redirects => &[(TARGET, FieldType::Keyword)],
            Self::Rejections => &[(FILE_ID, FieldType::Keyword)],
            Self::Records => &[
                (KIND, FieldType::Keyword),
                (FILE_ID, FieldType::Keyword),
                (CLUSTERS, FieldType::Keyword),
                (SEQUENCE, FieldType::Integer),
                (AT, FieldType::Integer),
                (VERSION, FieldType::Integer),
                (EVENT, FieldType::Integer),
                (CORRECTION, FieldType::Integer),
                (KEYS, FieldType::Keyword),
                (UNDOES, FieldType::Integer),
                (TAGS, FieldType::Keyword),
                (LISTED, FieldType::Integer),
            ],
        }
    }
}

/// What a record is; see [`Kind`].
pub(super) const KIND: &str = "kind";
pub(super) const FILE_ID: &str = "file_id";
pub(super) const CLUSTER_ID: &str = "cluster_id";
/// The position in the order of writing. Faces and photos have one, nothing else.
pub(super) const SEQUENCE: &str = "sequence";
/// Where a redirect leads.
pub(super) const TARGET: &str = "target";
/// Both clusters of a distinction, or of a pair that is uncertain.
pub(super) const CLUSTERS: &str = "clusters";
/// A person is hidden; not there where one is not.
pub(super) const HIDDEN: &str = "hidden";
/// It is open who a person is; not there where it is not.
pub(super) const PROVISIONAL: &str = "provisional";
/// When an answer was given, in seconds since 1970.
pub(super) const AT: &str = "at";
/// The state's count of its own changes.
pub(super) const VERSION: &str = "version";

/// The revision of the store with which a point was written last; not there where an earlier version wrote it.
pub(super) const WRITTEN: &str = "written";

/// The position of something that happened.
pub(super) const EVENT: &str = "event";

/// The position of an entry of the history.
pub(super) const CORRECTION: &str = "correction";
/// What an entry of the history is found by.
pub(super) const KEYS: &str = "keys";
/// The position of what an entry of the history undoes; 0 for nothing.
pub(super) const UNDOES: &str = "undoes";

/// The names of a photo's tags.
pub(super) const TAGS: &str = "tags";

/// By what a photo can be listed, as [`LISTING`] counts it; not there where an earlier version wrote it.
pub(super) const LISTED: &str = "listed";

/// Raised whenever photos can be listed by more.
pub(super) const LISTING: i64 = 1;

/// What a point of [`Collection::Records`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Photo,
    Portrait,
    Explanation,
    Distinction,
    Unsure,
    Answer,
    Event,
    Correction,
    Journal,
    State,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Portrait => "portrait",
            Self::Explanation => "explanation",
            Self::Distinction => "distinction",
            Self::Unsure => "unsure",
            Self::Answer => "answer",
            Self::Event => "event",
            Self::Correction => "correction",
            Self::Journal => "journal",
            Self::State => "state",
        }
    }

    fn point(self, key: &str) -> Uuid {
        Uuid::new_v5(&RECORDS, format!("{}/{key}", self.name()).as_bytes())
    }
}

/// The namespace of the ids of records: a random UUID that must stay as it is.
const RECORDS: Uuid = Uuid::from_u128(0x7f0f_4b2c_52c6_4a0e_9d4b_6f1f_0a61_c3d5);

pub(super) fn photo(file: &FileId) -> Uuid {
    Kind::Photo.point(file.as_str())
}

pub(super) fn portrait(face: &FaceId) -> Uuid {
    Kind::Portrait.point(&face.to_string())
}

pub(super) fn explanation(face: &FaceId) -> Uuid {
    Kind::Explanation.point(&face.to_string())
}

/// The order of the two does not matter.
pub(super) fn distinction(one: &ClusterId, other: &ClusterId) -> Uuid {
    Kind::Distinction.point(&pair(one, other))
}

/// The order of the two does not matter.
pub(super) fn unsure(one: &ClusterId, other: &ClusterId) -> Uuid {
    Kind::Unsure.point(&pair(one, other))
}

fn pair(one: &ClusterId, other: &ClusterId) -> String {
    format!("{}/{}", one.min(other), one.max(other))
}

pub(super) fn answer(key: &str) -> Uuid {
    Kind::Answer.point(key)
}

pub(super) fn event(position: u64) -> Uuid {
    Kind::Event.point(&position.to_string())
}

pub(super) fn correction(position: u64) -> Uuid {
    Kind::Correction.point(&position.to_string())
}

/// A part of a journal.
pub(super) fn journal(journal: &Uuid, part: u32) -> Uuid {
    Kind::Journal.point(&format!("{journal}/{part}"))
}

pub(super) fn state() -> Uuid {
    Kind::State.point("")
}
