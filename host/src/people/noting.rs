//! Telling the audit log who corrected what.

use std::sync::Arc;

use super::service::People;
use crate::audit::{AuditEntry, AuditEvent, AuditLog, Who};
use crate::domain::{ClusterId, FaceId};

impl People {
    /// Tells this log of every correction.
    #[must_use]
    pub fn with_audit(self, audit: Arc<AuditLog>) -> Self {
        Self {
            audit: Some(audit),
            ..self
        }
    }

    /// The same people, corrected by somebody.
    #[must_use]
    pub fn by(&self, who: &Who) -> Self {
        Self {
            who: who.clone(),
            ..self.clone()
        }
    }

    /// Tells of a correction that is made. Whoever asked for it may be gone by now: it is told all the same.
    pub(super) async fn note(&self, event: AuditEvent, clusters: &[ClusterId], faces: &[FaceId]) {
        let Some(audit) = &self.audit else { return };
        let entry = AuditEntry::new(event, &self.who)
            .about(clusters.iter().copied())
            .with_faces(faces.iter().copied());
        audit.note(entry).await;
    }
}
