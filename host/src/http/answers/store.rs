//! Backups and checks of the store.

use serde::Serialize;
use utoipa::ToSchema;

use crate::{backup, people};

/// The state of the latest backup.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupStatus {
    /// When it was requested, as RFC 3339.
    started: String,
    /// What was backed up, once it is done.
    #[schema(required)]
    report: Option<BackupReport>,
    /// Why the backup failed, if it did.
    #[schema(required)]
    error: Option<String>,
}

impl From<backup::BackupStatus> for BackupStatus {
    fn from(status: backup::BackupStatus) -> Self {
        Self {
            started: status.started,
            report: status.report.map(Into::into),
            error: status.error,
        }
    }
}

/// What was backed up.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BackupReport {
    /// The backup's name, which is its folder in `BACKUP_DIR`.
    name: String,
    /// When the backup began, as RFC 3339; everything that was acknowledged before then is in it.
    made_at: String,
    /// Stored faces.
    faces: u64,
    /// Clusters.
    clusters: u64,
    /// Photos.
    photos: u64,
    /// Size of its files.
    bytes: u64,
    /// How long it took, in milliseconds.
    duration_ms: u64,
}

impl From<backup::BackupReport> for BackupReport {
    fn from(report: backup::BackupReport) -> Self {
        Self {
            name: report.name,
            made_at: report.made_at,
            faces: report.faces,
            clusters: report.clusters,
            photos: report.photos,
            bytes: report.bytes,
            duration_ms: report.duration_ms,
        }
    }
}

/// The state of the latest check of the store.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VerificationStatus {
    /// When it was requested, as RFC 3339.
    started: String,
    /// What was found, once it is done.
    #[schema(required)]
    report: Option<Integrity>,
    /// Why the store could not be checked, if the check failed.
    #[schema(required)]
    error: Option<String>,
}

impl From<backup::VerificationStatus> for VerificationStatus {
    fn from(status: backup::VerificationStatus) -> Self {
        Self {
            started: status.started,
            report: status.report.map(Into::into),
            error: status.error,
        }
    }
}

/// What a check of the store found. Only meaningful when nothing was written meanwhile.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Integrity {
    /// Faces that were checked.
    faces: u64,
    /// Clusters that were checked.
    clusters: u64,
    /// Photos that were checked.
    photos: u64,
    /// The faults that were found, one sentence each; empty if the store is consistent.
    faults: Vec<String>,
}

impl From<people::Integrity> for Integrity {
    fn from(found: people::Integrity) -> Self {
        Self {
            faces: found.faces,
            clusters: found.clusters,
            photos: found.photos,
            faults: found.faults,
        }
    }
}
