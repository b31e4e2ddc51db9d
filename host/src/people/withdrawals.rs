//! Taking back what people said by mistake: that something is no face, and that two people are not the same.

use super::change_set::ChangeSet;
use super::error::PeopleError;
use super::service::People;
use crate::audit::AuditEvent;
use crate::domain::{ClusterId, FaceId};
use crate::store::{Change, CorrectionKind, Mark, StoreError};

impl People {
    /// Takes back that something is no face: it may be found again when its photo is processed the next time. Gives
    /// whether that had been said; repeating it changes nothing.
    ///
    /// # Errors
    /// When the store fails; then nothing has changed.
    pub async fn withdraw_rejection(&self, face: &FaceId) -> Result<bool, PeopleError> {
        let face = *face;
        self.during_turn(move |people, mut turn| async move {
            let was_said = people.store.rejection(&face).await?.is_some();
            if was_said {
                let mut change_set = ChangeSet::new(&people);
                change_set.push(Change::RemoveRejection(face));
                let clusters = people.rejected_from(&face).await?;
                change_set.correct(CorrectionKind::FaceRejectionWithdrawn, &clusters, &[face]);
                turn.apply(change_set.finish().await?).await?;
                people.note(AuditEvent::FaceRejectionWithdrawn, &[], &[]).await;
            }
            Ok(was_said)
        })
        .await
    }

    /// Takes back that two clusters are not the same person, whoever said it of whichever of their ids: by a split, by
    /// moving a face, or by taking back a merge, too. Nothing moves. Gives whether that had been said; repeating it
    /// changes nothing.
    ///
    /// # Errors
    /// When a cluster is not there or both are one; then nothing has changed.
    pub async fn withdraw_distinction(
        &self,
        one: &ClusterId,
        other: &ClusterId,
    ) -> Result<bool, PeopleError> {
        let (one, other) = (*one, *other);
        self.during_turn(move |people, mut turn| async move {
            let (first, second) = (people.cluster(&one).await?, people.cluster(&other).await?);
            if first.cluster_id == second.cluster_id {
                return Err(PeopleError::SameCluster(one, other));
            }
            let (first, second) = (first.cluster_id, second.cluster_id);
            let mut change_set = ChangeSet::new(&people);
            let were_said = people
                .withdraw_marks(&mut change_set, Mark::Distinct, &first, &second)
                .await?;
            if were_said {
                change_set.correct(CorrectionKind::ClusterDistinctionWithdrawn, &[first, second], &[]);
                turn.apply(change_set.finish().await?).await?;
                let event = AuditEvent::ClusterDistinctionWithdrawn;
                people.note(event, &[first, second], &[]).await;
            }
            Ok(were_said)
        })
        .await
    }

    /// Takes back that two faces are not the same person: that their clusters are not. Nothing moves. Gives whether that
    /// had been said, which it cannot be where both are in one cluster; repeating it changes nothing.
    ///
    /// # Errors
    /// When a face is not there or both are the same; then nothing has changed.
    pub async fn withdraw_face_distinction(
        &self,
        face: &FaceId,
        other: &FaceId,
    ) -> Result<bool, PeopleError> {
        let (face, other) = (*face, *other);
        self.during_turn(move |people, mut turn| async move {
            if face == other {
                return Err(PeopleError::SameFace);
            }
            let (face, other) = (people.face(&face).await?, people.face(&other).await?);
            let clusters = [face.cluster_id, other.cluster_id];
            let mut change_set = ChangeSet::new(&people);
            let were_said = people
                .withdraw_marks(&mut change_set, Mark::Distinct, &clusters[0], &clusters[1])
                .await?;
            if were_said {
                let faces = [face.face_id, other.face_id];
                change_set.correct(CorrectionKind::FaceDistinctionWithdrawn, &clusters, &faces);
                turn.apply(change_set.finish().await?).await?;
                let event = AuditEvent::FaceDistinctionWithdrawn;
                people.note(event, &clusters, &faces).await;
            }
            Ok(were_said)
        })
        .await
    }

    /// Removes everything that was said of two clusters; gives whether there was any. A cluster has nothing with itself.
    pub(super) async fn withdraw_marks(
        &self,
        change_set: &mut ChangeSet<'_>,
        mark: Mark,
        one: &ClusterId,
        other: &ClusterId,
    ) -> Result<bool, StoreError> {
        if one == other {
            return Ok(false);
        }
        let marks = mark.removals(&*self.store, one, other).await?;
        let were_said = !marks.is_empty();
        for mark in marks {
            change_set.push(mark);
        }
        Ok(were_said)
    }
}
