//! Pairs of people of whom somebody could not say whether they are one.
//!
//! They are kept between origins, as it is kept who is somebody else (see `distinctions`): merges leave them as they are,
//! and when a merge is taken back, each of the two has what was said of it.

use super::change_set::ChangeSet;
use super::error::PeopleError;
use super::service::People;
use crate::audit::AuditEvent;
use crate::domain::ClusterId;
use crate::store::{CorrectionKind, Mark, StoreError};

impl People {
    /// The clusters of which it is not certain whether they are the same person as this one, in the order of their ids.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn unsure_of(&self, cluster: &ClusterId) -> Result<Vec<ClusterId>, StoreError> {
        self.others(Mark::Unsure, cluster).await
    }

    /// Notes whether it is uncertain that two clusters are the same person, so that nobody is asked again. Neither merges
    /// nor keeps from merging. Gives the two as they are called now; repeating it changes nothing.
    ///
    /// # Errors
    /// When a cluster is not there or both are one; then nothing has changed.
    pub async fn mark_unsure(
        &self,
        one: &ClusterId,
        other: &ClusterId,
        unsure: bool,
    ) -> Result<[ClusterId; 2], PeopleError> {
        let (one, other) = (*one, *other);
        self.during_turn(move |people, mut turn| async move {
            let (first, second) = (people.cluster(&one).await?, people.cluster(&other).await?);
            let clusters @ [first, second] = [first.cluster_id, second.cluster_id];
            if first == second {
                return Err(PeopleError::SameCluster(one, other));
            }
            let mut change_set = ChangeSet::new(&people);
            if unsure {
                people
                    .mark(&mut change_set, Mark::Unsure, &first, &second)
                    .await?;
                change_set.correct(CorrectionKind::MarkedUnsure, &clusters, &[]);
                turn.apply(change_set.finish().await?).await?;
                people.note(AuditEvent::MarkedUnsure, &clusters, &[]).await;
            } else if people
                .withdraw_marks(&mut change_set, Mark::Unsure, &first, &second)
                .await?
            {
                change_set.correct(CorrectionKind::UnsureWithdrawn, &clusters, &[]);
                turn.apply(change_set.finish().await?).await?;
                people.note(AuditEvent::UnsureWithdrawn, &clusters, &[]).await;
            }
            Ok(clusters)
        })
        .await
    }
}
