//! What stands on a line.

use std::net::IpAddr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::domain::{ClusterId, FaceId};

/// Who did something; nobody where the worker did it by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The name of the key; never the key.
    pub key: Option<Arc<str>>,
    /// The address that the request came from, as trusted proxies give it.
    pub address: Option<IpAddr>,
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditEvent {
    /// A plugin was put into its slot.
    Swapped,
    /// The plugin before was put back.
    RolledBack,
    /// The plugin before was put back because the active one kept failing.
    CircuitBroken,
    /// A plugin was not good enough for its slot.
    Refused,
    /// Whoever sent a plugin was gone before it was put into its slot, so it was not.
    SwapAbandoned,
    /// Clusters were merged: the first one has the faces of all others.
    Merged,
    /// The merge of the first cluster into the second was taken back.
    Unmerged,
    /// Faces were taken out of the first cluster into the second.
    Split,
    /// A face was moved from the first cluster to the second, or confirmed in its own.
    FaceMoved,
    /// Two clusters were said to be different people.
    ClustersDistinguished,
    /// That was taken back.
    ClusterDistinctionWithdrawn,
    /// Two faces were said to be different people.
    FacesDistinguished,
    /// That was taken back.
    FaceDistinctionWithdrawn,
    /// Somebody could not say whether two clusters are different people.
    MarkedUnsure,
    /// That was taken back.
    UnsureWithdrawn,
    /// A person was hidden from lists.
    PersonHidden,
    /// A person is not hidden any more.
    PersonShown,
    /// The face that stands for a cluster was chosen.
    RepresentativeChosen,
    /// Something was said to be no face. Which one is not kept, as it is gone.
    FaceRejected,
    /// That was taken back.
    FaceRejectionWithdrawn,
    /// A correction of these clusters was undone.
    CorrectionUndone,
    /// A person was deleted. Whom is not kept.
    PersonDeleted,
    /// A photo was deleted. Which one is not kept.
    PhotoDeleted,
    /// Somebody had a photo described that is not stored, and asked who is in it. Which one is not kept.
    Identified,
    /// Somebody asked how alike the faces of two photos are. Which ones is not kept.
    Compared,
    /// Entries before this one were older than `AUDIT_KEEP_DAYS`.
    EntriesExpired,
    /// What stands here cannot be read.
    Unreadable,
}

/// One entry of the audit log. It does not have ids of people and faces that were deleted later.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Its place in the order, from 1.
    #[serde(default)]
    pub position: u64,
    /// When, as RFC 3339.
    #[serde(default)]
    pub at: String,
    /// What was done.
    pub event: AuditEvent,
    /// The name of the key of the request; missing if no key was needed, if the worker acted by itself, and in entries
    /// of versions that did not record it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The client address of the request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<IpAddr>,
    /// The slot of a plugin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<String>,
    /// SHA-256 of a plugin's component file in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Where a plugin came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<String>,
    /// The reason, if there is one to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The clusters that the entry concerns; the order depends on `event`.
    #[serde(default)]
    pub cluster_ids: Vec<ClusterId>,
    /// The faces that the entry concerns.
    #[serde(default)]
    pub face_ids: Vec<FaceId>,
    /// Whether ids were removed from this entry because the people or faces were deleted.
    #[serde(default)]
    pub erased: bool,
}

impl AuditEntry {
    /// Something that was done by somebody; when and where it stands is decided when it is written.
    #[must_use]
    pub fn new(event: AuditEvent, who: &Who) -> Self {
        Self {
            position: 0,
            at: String::new(),
            event,
            key: who.key.as_deref().map(str::to_owned),
            address: who.address,
            slot: None,
            digest: None,
            origin: None,
            reason: None,
            cluster_ids: Vec::new(),
            face_ids: Vec::new(),
            erased: false,
        }
    }

    /// With the clusters that it is about.
    #[must_use]
    pub fn about(mut self, clusters: impl IntoIterator<Item = ClusterId>) -> Self {
        self.cluster_ids.extend(clusters);
        self
    }

    /// With the faces that it is about.
    #[must_use]
    pub fn with_faces(mut self, faces: impl IntoIterator<Item = FaceId>) -> Self {
        self.face_ids.extend(faces);
        self
    }
}
