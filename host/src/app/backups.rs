//! Backups and checks of the store while the worker runs.

use std::sync::Arc;

use super::App;
use crate::activity::JobKind;
use crate::backup::{self, BackupStatus, CopyPlugins, VerificationStatus};
use crate::store::StoreError;

impl App {
    /// Starts a backup into `BACKUP_DIR`; none while one, or a check of the store, runs.
    ///
    /// # Errors
    /// When the people are on Qdrant, which has snapshots of its own.
    pub fn start_backup(&self) -> Result<Option<BackupStatus>, StoreError> {
        if !self.is_embedded {
            return Err(StoreError::CopiedElsewhere);
        }
        let (root, people, plugins) = (
            self.backups.clone(),
            Arc::clone(&self.people),
            Arc::clone(&self.plugins),
        );
        let copy: CopyPlugins = Box::new(move |to| plugins.back_up(to));
        let work = async move { backup::make(&root, &people, copy).await };
        Ok(self
            .store_jobs
            .back_up(|| self.activity.begin(JobKind::Backup, None), work))
    }

    /// Starts to look whether the store is sound, in a copy of this moment where it is embedded; none while a backup or
    /// another check runs.
    #[must_use]
    pub fn start_verification(&self) -> Option<VerificationStatus> {
        let (root, people, is_embedded) = (self.backups.clone(), Arc::clone(&self.people), self.is_embedded);
        let work = async move {
            if is_embedded {
                backup::verify_running(&people, &root).await
            } else {
                backup::verify(&people).await
            }
        };
        self.store_jobs
            .verify(|| self.activity.begin(JobKind::Verification, None), work)
    }
}
