//! The list of deletions beside a store.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::stored::Stored;
use crate::store::erasures::{Erased, Erasure};
use crate::store::error::Cause;

/// A deletion that was asked for.
#[derive(Serialize, Deserialize)]
pub struct ErasureJson {
    at: u64,
    revision: u64,
    #[serde(flatten)]
    erased: ErasedJson,
}

/// What was to be deleted.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ErasedJson {
    Photo { sha256: String },
    Person { clusters: Vec<Uuid>, faces: Vec<Uuid> },
}

impl Stored for Erasure {
    type Json = ErasureJson;

    fn to_stored(&self) -> ErasureJson {
        ErasureJson {
            at: self.at,
            revision: self.revision,
            erased: match &self.erased {
                Erased::Photo { sha256 } => ErasedJson::Photo {
                    sha256: sha256.clone(),
                },
                Erased::Person { clusters, faces } => ErasedJson::Person {
                    clusters: clusters.to_stored(),
                    faces: faces.to_stored(),
                },
            },
        }
    }

    fn from_stored(json: ErasureJson) -> Result<Self, Cause> {
        Ok(Self {
            at: json.at,
            revision: json.revision,
            erased: match json.erased {
                ErasedJson::Photo { sha256 } => Erased::Photo { sha256 },
                ErasedJson::Person { clusters, faces } => Erased::Person {
                    clusters: Stored::from_stored(clusters)?,
                    faces: Stored::from_stored(faces)?,
                },
            },
        })
    }
}
