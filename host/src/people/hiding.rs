//! Taking people out of the way, and back.

use super::change_set::ChangeSet;
use super::error::PeopleError;
use super::service::People;
use crate::audit::AuditEvent;
use crate::domain::ClusterId;
use crate::store::{Change, Cluster, CorrectionKind};

impl People {
    /// Hides a person from lists that ask for those who are not hidden, or shows them again. Nothing else changes;
    /// repeating it changes nothing.
    ///
    /// # Errors
    /// When there is no such cluster, or the store fails; then nothing has changed.
    pub async fn hide(&self, cluster: &ClusterId, hidden: bool) -> Result<Cluster, PeopleError> {
        let cluster = *cluster;
        self.during_turn(move |people, mut turn| async move {
            let mut cluster = people.cluster(&cluster).await?;
            if cluster.flags.hidden == hidden {
                return Ok(cluster);
            }
            cluster.flags.hidden = hidden;
            let row = Change::PutCluster {
                cluster: cluster.cluster_id,
                representative: cluster.representative,
                flags: cluster.flags,
            };
            let (kind, event) = if hidden {
                (CorrectionKind::Hidden, AuditEvent::PersonHidden)
            } else {
                (CorrectionKind::Shown, AuditEvent::PersonShown)
            };
            let mut change_set = ChangeSet::new(&people);
            change_set.push(row);
            change_set.correct(kind, &[cluster.cluster_id], &[]);
            turn.apply(change_set.finish().await?).await?;
            people.note(event, &[cluster.cluster_id], &[]).await;
            Ok(cluster)
        })
        .await
    }
}
