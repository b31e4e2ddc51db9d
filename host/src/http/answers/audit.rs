//! Who changed plugins and corrected people.

use std::net::IpAddr;

use serde::Serialize;
use utoipa::ToSchema;

use super::{ClusterId, FaceId, each};
use crate::audit;

/// One entry of the audit log. It does not have ids of people and faces that were deleted later.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AuditEntry {
    /// Its place in the order, from 1.
    position: u64,
    /// When, as RFC 3339.
    at: String,
    /// What was done.
    event: AuditEvent,
    /// The name of the key of the request; missing if no key was needed, if the worker acted by itself, and in
    /// entries of versions that did not record it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    key: Option<String>,
    /// The client address of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, value_type = Option<String>)]
    address: Option<IpAddr>,
    /// The slot of a plugin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    slot: Option<String>,
    /// SHA-256 of a plugin's component file in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    digest: Option<String>,
    /// Where a plugin came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    origin: Option<String>,
    /// The reason, if there is one to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reason: Option<String>,
    /// The clusters that the entry concerns; the order depends on `event`.
    cluster_ids: Vec<ClusterId>,
    /// The faces that the entry concerns.
    face_ids: Vec<FaceId>,
    /// Whether ids were removed from this entry because the people or faces were deleted.
    erased: bool,
}

impl From<audit::AuditEntry> for AuditEntry {
    fn from(entry: audit::AuditEntry) -> Self {
        Self {
            position: entry.position,
            at: entry.at,
            event: entry.event.into(),
            key: entry.key,
            address: entry.address,
            slot: entry.slot,
            digest: entry.digest,
            origin: entry.origin,
            reason: entry.reason,
            cluster_ids: each(entry.cluster_ids),
            face_ids: each(entry.face_ids),
            erased: entry.erased,
        }
    }
}

sent! {
    /// What was done.
    #[derive(Clone, Copy, Debug, Serialize, ToSchema)]
    #[serde(rename_all = "kebab-case")]
    audit::AuditEvent as AuditEvent {
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
}
