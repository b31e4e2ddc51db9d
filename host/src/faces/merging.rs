//! Merging clusters, and taking a merge back.

use std::collections::HashSet;

use super::change::{Change, Redirect};
use super::draft::{Draft, all_faces};
use super::people::{FacesError, People};
use super::store::{StoreError, StoredFace, Turn};
use crate::domain::{ClusterId, FaceId};

/// What a merge did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// How many faces moved; 0 when the same merge was done before.
    pub moved: u64,
    /// The cluster the faces are in now: the target, or what the target itself was merged into.
    pub target: ClusterId,
    /// The clusters that no longer exist because of this merge. Their ids keep answering, for the target.
    pub removed: Vec<ClusterId>,
}

/// What taking back a merge did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unmerged {
    /// The cluster that exists again.
    pub cluster: ClusterId,
    /// The cluster it was merged into, as it is called now; none when the cluster was never merged or is back already.
    pub from: Option<ClusterId>,
    /// How many faces came back.
    pub moved: u64,
}

impl People {
    /// Moves every face of the sources to the target, all or nothing. A source that was merged into the target before
    /// is no error, so that a merge may be repeated. That source and target were said to be different people is
    /// overruled; what else they are different from, the target is from now on.
    ///
    /// # Errors
    /// When the merge cannot be done; then nothing has changed.
    pub async fn merge(&self, sources: &[ClusterId], target: &ClusterId) -> Result<Merged, FacesError> {
        let (sources, target) = (sources.to_vec(), *target);
        self.during_turn(move |people, turn| async move { people.merge_alone(&sources, target, turn).await })
            .await
    }

    async fn merge_alone(
        self,
        sources: &[ClusterId],
        target: ClusterId,
        mut turn: Box<dyn Turn>,
    ) -> Result<Merged, FacesError> {
        if sources.is_empty() {
            return Err(FacesError::EmptyMerge);
        }
        let survivor = self.cluster(&target).await?.cluster_id;
        let mut draft = Draft::new(&*self.store);
        let mut merged = Merged {
            moved: 0,
            target: survivor,
            removed: Vec::new(),
        };
        for source in sources {
            if *source == target || *source == survivor {
                return Err(FacesError::SourceIsTarget(*source));
            }
            let now = self.survivor(source).await?;
            if now == survivor || merged.removed.contains(&now) {
                continue;
            }
            merged.moved += self.merge_one(&mut draft, now, survivor, source).await?.len() as u64;
            merged.removed.push(now);
        }
        turn.apply(draft.finish().await?).await?;
        Ok(merged)
    }

    /// Merges one cluster into another; gives the faces that moves. `called` is what the caller named the source.
    pub(super) async fn merge_one(
        &self,
        draft: &mut Draft<'_>,
        source: ClusterId,
        target: ClusterId,
        called: &ClusterId,
    ) -> Result<Vec<FaceId>, FacesError> {
        let cluster = self
            .store
            .cluster(&source)
            .await?
            .ok_or(FacesError::UnknownCluster(*called))?;
        let faces = all_faces(&*self.store, &source).await?;
        draft.assign(&faces, target, None);
        let faces: Vec<FaceId> = faces.iter().map(|face| face.face_id).collect();
        let known: HashSet<ClusterId> = self.store.distinct_from(&target).await?.into_iter().collect();
        let mut distinctions = Vec::new();
        for other in self.store.distinct_from(&source).await? {
            draft.push(Change::RemoveDistinction(source, other));
            if other != target && !known.contains(&other) {
                draft.push(Change::PutDistinction(target, other));
                distinctions.push(other);
            }
        }
        draft.push(Change::PutRedirect(Redirect {
            source,
            target,
            representative: Some(cluster.representative),
            faces: faces.clone(),
            distinctions,
        }));
        Ok(faces)
    }

    /// Brings a cluster back that was merged away, with those of its faces that are still where the merge brought them,
    /// and remembers that the two are different people. Repeating it changes nothing.
    ///
    /// # Errors
    /// When there is no such cluster, or nothing to bring back; then nothing has changed.
    pub async fn unmerge(&self, cluster: &ClusterId) -> Result<Unmerged, FacesError> {
        let cluster = *cluster;
        self.during_turn(move |people, turn| async move { people.unmerge_alone(cluster, turn).await })
            .await
    }

    async fn unmerge_alone(
        self,
        cluster: ClusterId,
        mut turn: Box<dyn Turn>,
    ) -> Result<Unmerged, FacesError> {
        let Some(redirect) = self.store.redirect(&cluster).await? else {
            self.cluster(&cluster).await?;
            return Ok(Unmerged {
                cluster,
                from: None,
                moved: 0,
            });
        };
        let survivor = self.survivor(&cluster).await?;
        let back = self.still_there(&redirect.faces, &survivor).await?;
        if back.is_empty() {
            return Err(FacesError::NothingToRestore(cluster));
        }
        let remaining = self
            .store
            .cluster(&survivor)
            .await?
            .map_or(0, |there| there.faces);
        if remaining <= back.len() as u64 {
            return Err(FacesError::NothingElse { survivor, cluster });
        }
        let mut draft = Draft::new(&*self.store);
        draft.push(Change::RemoveRedirect(cluster));
        draft.assign(&back, cluster, None);
        let representative = redirect.representative;
        if let Some(face) = representative.filter(|face| back.iter().any(|back| back.face_id == *face)) {
            draft.represent(cluster, face);
        }
        for other in &redirect.distinctions {
            let other = self.survivor(other).await?;
            draft.push(Change::RemoveDistinction(survivor, other));
            self.distinguish(&mut draft, cluster, other).await?;
        }
        draft.push(Change::PutDistinction(cluster, survivor));
        turn.apply(draft.finish().await?).await?;
        Ok(Unmerged {
            cluster,
            from: Some(survivor),
            moved: back.len() as u64,
        })
    }

    /// The faces among these that are in a cluster.
    async fn still_there(
        &self,
        faces: &[FaceId],
        cluster: &ClusterId,
    ) -> Result<Vec<StoredFace>, StoreError> {
        let wanted: HashSet<&FaceId> = faces.iter().collect();
        let mut there = all_faces(&*self.store, cluster).await?;
        there.retain(|face| wanted.contains(&face.face_id));
        Ok(there)
    }

    /// Notes that two clusters are different people, if they are two and the second is there.
    async fn distinguish(
        &self,
        draft: &mut Draft<'_>,
        one: ClusterId,
        other: ClusterId,
    ) -> Result<(), StoreError> {
        if one != other && self.store.cluster(&other).await?.is_some() {
            draft.push(Change::PutDistinction(one, other));
        }
        Ok(())
    }
}
