//! What stands in the way of an undo.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::{BoundingBox, ClusterId};
use crate::people::service::People;
use crate::store::{Correction, Lost, Step, StoreError, StoredFace};

/// Two boxes of a photo that overlap this much, as intersection over union, are at one place.
const SAME_PLACE: f32 = 0.5;

/// What an undo does to clusters.
#[derive(Default)]
struct Effect {
    /// How many faces leave a cluster.
    leave: BTreeMap<ClusterId, u64>,
    /// How many come to it.
    come: BTreeMap<ClusterId, u64>,
    /// Clusters that the correction made.
    made: BTreeSet<ClusterId>,
    /// Clusters that it ended.
    ended: BTreeSet<ClusterId>,
}

impl Effect {
    fn of(correction: &Correction) -> Self {
        let mut effect = Self::default();
        for step in &correction.steps {
            match step {
                Step::Placed { faces, from, to } => {
                    let count = faces.len() as u64;
                    *effect.leave.entry(to.cluster).or_default() += count;
                    *effect.come.entry(from.cluster).or_default() += count;
                }
                Step::Removed(held) => *effect.come.entry(held.whole.face.cluster_id).or_default() += 1,
                Step::Returned { cluster, .. } => *effect.leave.entry(*cluster).or_default() += 1,
                Step::Stood {
                    cluster,
                    before,
                    after,
                } => {
                    if before.is_none() && after.is_some() {
                        effect.made.insert(*cluster);
                    } else if before.is_some() && after.is_none() {
                        effect.ended.insert(*cluster);
                    }
                }
                Step::Explained { .. } | Step::Led { .. } | Step::Said { .. } | Step::Rejected { .. } => {}
            }
        }
        effect
    }
}

impl People {
    /// Why an entry cannot be undone now, for people; none when it can. Faces are not looked at one by one: what moves
    /// them has an entry of its own.
    pub(super) async fn why_not(&self, correction: &Correction) -> Result<Option<String>, StoreError> {
        let why = match correction.lost {
            Some(Lost::Deleted) => Some("a person, a face or a photo that it concerns was deleted"),
            Some(Lost::Embedder) => Some(
                "the face that it removed has a vector of the previous embedder; withdraw the rejection instead",
            ),
            None if correction.undone => Some("it was already undone"),
            None => None,
        };
        if let Some(why) = why {
            return Ok(Some(why.to_owned()));
        }
        let obstacles = correction.obstacles();
        if let Some(later) = self
            .store
            .later_correction(&obstacles, correction.position)
            .await?
        {
            return Ok(Some(format!(
                "the later correction {later} concerns some of the same people, faces or photos; undo that one first"
            )));
        }
        if let Some(why) = self.taken(correction).await? {
            return Ok(Some(why));
        }
        self.missing(&Effect::of(correction)).await
    }

    /// What was found at a place that was empty, or was no face's.
    async fn taken(&self, correction: &Correction) -> Result<Option<String>, StoreError> {
        // What came back goes again.
        let goes = |face: &StoredFace| {
            let is_it = |step: &Step| matches!(step, Step::Returned { face: id, .. } if *id == face.face_id);
            correction.steps.iter().any(is_it)
        };
        for step in &correction.steps {
            let (file, place) = match step {
                Step::Removed(held) => (&held.whole.face.file_id, held.whole.face.bounding_box),
                Step::Rejected {
                    rejection,
                    before: true,
                } => (&rejection.file_id, rejection.bounding_box),
                _ => continue,
            };
            let faces = self.store.faces_of_file(file).await?;
            let mut others = faces.iter().filter(|face| !goes(face));
            if let Some(found) = others.find(|face| is_new_at(face, &place, correction.at)) {
                let face = found.face_id;
                return Ok(Some(format!(
                    "face {face} was found at the same place later; reject that face first"
                )));
            }
        }
        Ok(None)
    }

    /// What is not as the correction left it, without anybody having corrected it.
    async fn missing(&self, effect: &Effect) -> Result<Option<String>, StoreError> {
        for (id, leave) in &effect.leave {
            let come = effect.come.get(id).copied().unwrap_or_default();
            let Some(cluster) = self.store.cluster(id).await? else {
                return Ok(Some(format!("cluster {id} no longer exists")));
            };
            if effect.made.contains(id) && cluster.faces > *leave {
                let more = cluster.faces - leave;
                return Ok(Some(format!("{more} face(s) joined cluster {id} later")));
            }
            if !effect.made.contains(id) && cluster.faces + come <= *leave {
                return Ok(Some(format!("cluster {id} would have no face left")));
            }
        }
        for id in effect.come.keys().filter(|id| !effect.ended.contains(id)) {
            if self.store.cluster(id).await?.is_none() {
                return Ok(Some(format!(
                    "cluster {id}, to which faces would return, no longer exists"
                )));
            }
        }
        let nobody = |id: &&ClusterId| !effect.come.contains_key(*id);
        Ok(effect
            .ended
            .iter()
            .find(nobody)
            .map(|id| format!("none of the faces of cluster {id} is left")))
    }
}

/// Whether a face was found at a place since a moment, in seconds since 1970.
fn is_new_at(face: &StoredFace, place: &BoundingBox, at: u64) -> bool {
    let overlaps = face.bounding_box.intersection_over_union(place) >= SAME_PLACE;
    face.bounding_box == *place || (overlaps && face.joined / 1_000_000 >= at)
}
