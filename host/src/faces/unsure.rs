//! Pairs of people of whom somebody could not say whether they are one.
//!
//! They are kept between origins, as it is kept who is somebody else (see `distinctions`): merges leave them as they are,
//! and when a merge is taken back, each of the two has what was said of it.

use super::distinctions::Mark;
use super::draft::Draft;
use super::history::CorrectionKind;
use super::people::{FacesError, People};
use super::store::StoreError;
use crate::audit::AuditEvent;
use crate::domain::ClusterId;

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
    ) -> Result<[ClusterId; 2], FacesError> {
        let (one, other) = (*one, *other);
        self.during_turn(move |people, mut turn| async move {
            let (first, second) = (people.cluster(&one).await?, people.cluster(&other).await?);
            let clusters @ [first, second] = [first.cluster_id, second.cluster_id];
            if first == second {
                return Err(FacesError::SameCluster(one, other));
            }
            let mut draft = Draft::new(&people);
            if unsure {
                people.mark(&mut draft, Mark::Unsure, &first, &second).await?;
                draft.correct(CorrectionKind::MarkedUnsure, &clusters, &[]);
                turn.apply(draft.finish().await?).await?;
                people.note(AuditEvent::MarkedUnsure, &clusters, &[]).await;
            } else if people
                .withdraw_marks(&mut draft, Mark::Unsure, &first, &second)
                .await?
            {
                draft.correct(CorrectionKind::UnsureWithdrawn, &clusters, &[]);
                turn.apply(draft.finish().await?).await?;
                people.note(AuditEvent::UnsureWithdrawn, &clusters, &[]).await;
            }
            Ok(clusters)
        })
        .await
    }
}
