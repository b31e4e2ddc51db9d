//! Merging clusters.

use super::change_set::ChangeSet;
use super::error::PeopleError;
use super::service::People;
use crate::audit::AuditEvent;
use crate::domain::{ClusterId, FaceId};
use crate::moment::increasing_micros;
use crate::store::{CorrectionKind, Redirect, Turn, all_faces};

/// What a merge did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// How many faces moved; 0 if the same merge was already done.
    pub moved: u64,
    /// The cluster the faces are in now: the target, or what the target itself was merged into.
    pub target: ClusterId,
    /// The clusters that no longer exist because of this merge. Their ids keep answering, for the target.
    pub removed: Vec<ClusterId>,
}

impl People {
    /// Moves every face of the sources to the target, all or nothing. A source that was merged into the target before
    /// is no error, so that a merge may be repeated. That source and target were said to be different people is
    /// overruled for as long as they are one; what else the sources are different from, the target is as long.
    ///
    /// # Errors
    /// When the merge cannot be done; then nothing has changed.
    pub async fn merge(&self, sources: &[ClusterId], target: &ClusterId) -> Result<Merged, PeopleError> {
        let (sources, target) = (sources.to_vec(), *target);
        self.during_turn(move |people, turn| async move { people.merge_alone(&sources, target, turn).await })
            .await
    }

    async fn merge_alone(
        self,
        sources: &[ClusterId],
        target: ClusterId,
        mut turn: Box<dyn Turn>,
    ) -> Result<Merged, PeopleError> {
        if sources.is_empty() {
            return Err(PeopleError::EmptyMerge);
        }
        let survivor = self.cluster(&target).await?.cluster_id;
        let mut change_set = ChangeSet::new(&self);
        let mut merged = Merged {
            moved: 0,
            target: survivor,
            removed: Vec::new(),
        };
        for source in sources {
            if *source == target || *source == survivor {
                return Err(PeopleError::SourceIsTarget(*source));
            }
            let now = self.survivor(source).await?;
            if now == survivor || merged.removed.contains(&now) {
                continue;
            }
            merged.moved += self
                .merge_one(&mut change_set, now, survivor, source, false)
                .await?
                .len() as u64;
            merged.removed.push(now);
        }
        let clusters = [&[survivor], merged.removed.as_slice()].concat();
        change_set.correct(CorrectionKind::Merged, &clusters, &[]);
        turn.apply(change_set.finish().await?).await?;
        if !merged.removed.is_empty() {
            self.note(AuditEvent::Merged, &clusters, &[]).await;
        }
        Ok(merged)
    }

    /// Merges one cluster into another; gives the faces that moves. `called` is what the caller named the source;
    /// `automatic` is whether nobody asked for it.
    pub(super) async fn merge_one(
        &self,
        change_set: &mut ChangeSet<'_>,
        source: ClusterId,
        target: ClusterId,
        called: &ClusterId,
        automatic: bool,
    ) -> Result<Vec<FaceId>, PeopleError> {
        let cluster = self
            .store
            .cluster(&source)
            .await?
            .ok_or(PeopleError::UnknownCluster(*called))?;
        let faces = all_faces(&*self.store, &source).await?;
        change_set.assign(&faces, target, None);
        let faces: Vec<FaceId> = faces.iter().map(|face| face.face_id).collect();
        change_set.redirect(Redirect {
            source,
            target,
            representative: Some(cluster.representative),
            faces: faces.clone(),
            distinctions: Vec::new(),
            moment: increasing_micros(),
            automatic,
            flags: cluster.flags,
        });
        Ok(faces)
    }
}
