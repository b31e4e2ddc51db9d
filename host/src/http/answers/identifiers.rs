//! What photos, faces and people are called.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain;

/// The caller's id for a photo: 1 to 256 characters without control characters.
#[derive(Debug, Serialize, ToSchema)]
#[serde(transparent)]
#[schema(min_length = 1, max_length = 256, pattern = r"^[^\x00-\x1f\x7f-\x9f]*$")]
pub(crate) struct FileId(String);

impl From<domain::FileId> for FileId {
    fn from(file: domain::FileId) -> Self {
        Self(file.into())
    }
}

/// Identifies one face in one photo; stays the same when the photo is processed again.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct FaceId(Uuid);

impl From<domain::FaceId> for FaceId {
    fn from(face: domain::FaceId) -> Self {
        Self(face.as_uuid())
    }
}

impl From<FaceId> for domain::FaceId {
    fn from(FaceId(uuid): FaceId) -> Self {
        uuid.into()
    }
}

/// Identifies one cluster, that is one person.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub(crate) struct ClusterId(Uuid);

impl From<domain::ClusterId> for ClusterId {
    fn from(cluster: domain::ClusterId) -> Self {
        Self(cluster.as_uuid())
    }
}

impl From<ClusterId> for domain::ClusterId {
    fn from(ClusterId(uuid): ClusterId) -> Self {
        uuid.into()
    }
}
