//! Putting right what does not fit together in a store.

use std::collections::{BTreeMap, HashMap};

use futures_util::TryStreamExt as _;

use super::change_set::ChangeSet;
use super::circles::{circles, describe, targets};
use super::error::PeopleError;
use super::service::People;
use crate::domain::{ClusterId, FaceId};
use crate::store::{Change, Cluster, Event, SequencedFace, StoreError, pages};

impl People {
    /// Puts right what can be, and gives a sentence for each thing that it did; nothing for a sound store. Holds every
    /// id in memory.
    ///
    /// Where the faces are counts: a cluster that has faces is there, and is not merged away; one that has none is gone.
    /// In a circle of merges that has no faces, the merge that was made last leads to where most of the faces are that
    /// the merges had moved, or is removed when there are none.
    ///
    /// # Errors
    /// When the store does not answer, or is damaged so that it cannot be read.
    pub async fn repair(&self) -> Result<Vec<String>, PeopleError> {
        self.during_turn(move |people, mut turn| async move {
            let mut done = people.store.mend().await?;
            let (mut change_set, mut targets) = (ChangeSet::new(&people), targets(&*people.store).await?);
            people.mend_clusters(&mut change_set, &mut done).await?;
            let sources: Vec<ClusterId> = targets.keys().copied().collect();
            for source in sources {
                if people.has_faces(&source).await?
                    && let Some(target) = targets.remove(&source)
                {
                    change_set.push(Change::RemoveRedirect(source));
                    change_set.happen(Event::Unmerged {
                        from: target,
                        to: source,
                    });
                    done.push(format!(
                        "cluster {source} existed although it was merged; the merge was removed"
                    ));
                }
            }
            for circle in circles(&targets) {
                let what = describe(&circle);
                let outcome = people.break_circle(&mut change_set, &circle).await?;
                done.push(format!("{what}; {outcome}"));
            }
            let changes = change_set.finish().await?;
            if !changes.is_empty() {
                turn.apply(changes).await?;
            }
            Ok(done)
        })
        .await
    }

    async fn has_faces(&self, cluster: &ClusterId) -> Result<bool, StoreError> {
        Ok(!self.store.faces_of_cluster(cluster, None, 1).await?.is_empty())
    }

    /// Gives every cluster of a face a row with one of its faces, and takes away the rows of the others.
    async fn mend_clusters(
        &self,
        change_set: &mut ChangeSet<'_>,
        done: &mut Vec<String>,
    ) -> Result<(), StoreError> {
        // The best face of each cluster, and where each face is.
        let mut best: BTreeMap<ClusterId, (f32, FaceId)> = BTreeMap::new();
        let mut places: HashMap<FaceId, ClusterId> = HashMap::new();
        let read = |after, limit| self.store.faces(after, limit);
        let mut faces = pages(None, read, |last: &SequencedFace| last.position);
        while let Some(page) = faces.try_next().await? {
            for SequencedFace { face, .. } in page {
                places.insert(face.face_id, face.cluster_id);
                let best = best.entry(face.cluster_id).or_insert((f32::MIN, face.face_id));
                if face.quality > best.0 {
                    *best = (face.quality, face.face_id);
                }
            }
        }
        let store = &*self.store;
        let read =
            |after: Option<ClusterId>, limit| async move { store.clusters(after.as_ref(), limit).await };
        let mut clusters = pages(None, read, |last: &Cluster| last.cluster_id);
        while let Some(page) = clusters.try_next().await? {
            for Cluster {
                cluster_id: id,
                representative,
                ..
            } in page
            {
                match best.remove(&id) {
                    None => {
                        change_set.push(Change::RemoveCluster(id));
                        done.push(format!("cluster {id} had no face; it was deleted"));
                    }
                    Some((_, face)) if places.get(&representative) != Some(&id) => {
                        change_set.represent(id, face);
                        done.push(format!(
                            "the representative face of cluster {id} was not in the cluster; it is now face {face}"
                        ));
                    }
                    Some(_) => {}
                }
            }
        }
        for (id, (_, face)) in best {
            change_set.represent(id, face);
            done.push(format!(
                "faces belonged to cluster {id}, which did not exist; it was created"
            ));
        }
        Ok(())
    }
}
