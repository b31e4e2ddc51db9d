//! Whether everything in a store fits together.

use std::collections::{HashMap, HashSet};

use futures_util::TryStreamExt as _;
use serde::Deserialize;

use super::circles::{circles, describe, targets};
use super::service::People;
use crate::domain::{BoundingBox, ClusterId, FaceId, FileId};
use crate::store::{Cluster, SequencedFace, SequencedPhoto, StoreError, StoredFace, pages};

/// What [`People::verify`] found. Only meaningful when nothing was written meanwhile.
///
/// `ai-worker store verify` reads it from `report` of `GET /api/store/verify`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Integrity {
    /// Faces that were checked.
    pub faces: u64,
    /// Clusters that were checked.
    pub clusters: u64,
    /// Photos that were checked.
    pub photos: u64,
    /// The faults that were found, one sentence each; empty if the store is consistent.
    pub faults: Vec<String>,
}

/// Where each face of a photo is.
type Places = Vec<BoundingBox>;

impl People {
    /// Looks at the database itself, and at every face, cluster, photo and redirect. What cannot be read because it is
    /// damaged is a fault like others. Holds every id in memory.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn verify(&self) -> Result<Integrity, StoreError> {
        let mut found = Integrity {
            faults: self.store.examine().await?,
            ..Integrity::default()
        };
        let (mut cluster_of, mut places) = (HashMap::new(), HashMap::new());
        let outcome = self.verify_faces(&mut found, &mut cluster_of, &mut places).await;
        found.note("faces", outcome)?;
        let outcome = self.verify_clusters(&mut found, &cluster_of).await;
        found.note("clusters", outcome)?;
        let outcome = self.verify_photos(&mut found, places).await;
        found.note("photos", outcome)?;
        let outcome = self.verify_redirects(&mut found).await;
        found.note("merges", outcome)?;
        let outcome = self.verify_history(&mut found.faults).await;
        found.note("corrections", outcome)?;
        Ok(found)
    }

    async fn verify_faces(
        &self,
        found: &mut Integrity,
        cluster_of: &mut HashMap<FaceId, ClusterId>,
        places: &mut HashMap<FileId, Places>,
    ) -> Result<(), StoreError> {
        let read = |after, limit| self.store.faces(after, limit);
        let mut faces = pages(None, read, |last: &SequencedFace| last.position);
        while let Some(page) = faces.try_next().await? {
            for sequenced in page {
                found.look_at(&sequenced.face, cluster_of, places);
            }
        }
        let portraits = self.store.portraits().await?;
        if portraits != found.faces {
            found.faults.push(format!(
                "there are {} faces but {portraits} face pictures; process the photos again",
                found.faces
            ));
        }
        Ok(())
    }

    async fn verify_redirects(&self, found: &mut Integrity) -> Result<(), StoreError> {
        let targets = targets(&*self.store).await?;
        found
            .faults
            .extend(circles(&targets).iter().map(|circle| describe(circle)));
        Ok(())
    }

    async fn verify_clusters(
        &self,
        found: &mut Integrity,
        cluster_of: &HashMap<FaceId, ClusterId>,
    ) -> Result<(), StoreError> {
        let mut without_row: HashSet<&ClusterId> = cluster_of.values().collect();
        let store = &*self.store;
        let read =
            |after: Option<ClusterId>, limit| async move { store.clusters(after.as_ref(), limit).await };
        let mut clusters = pages(None, read, |last: &Cluster| last.cluster_id);
        while let Some(page) = clusters.try_next().await? {
            for cluster in page {
                let id = cluster.cluster_id;
                found.clusters += 1;
                if !without_row.remove(&id) {
                    found.faults.push(format!("cluster {id} has no face"));
                } else if cluster_of.get(&cluster.representative) != Some(&id) {
                    found.faults.push(format!(
                        "the representative face of cluster {id} is not in the cluster"
                    ));
                }
                if self.store.redirect(&id).await?.is_some() {
                    found.faults.push(format!(
                        "cluster {id} exists although it was merged into another cluster"
                    ));
                }
            }
        }
        for id in without_row {
            found
                .faults
                .push(format!("faces belong to cluster {id}, which does not exist"));
        }
        Ok(())
    }

    async fn verify_photos(
        &self,
        found: &mut Integrity,
        mut places: HashMap<FileId, Places>,
    ) -> Result<(), StoreError> {
        let read = |after, limit| self.store.photos(after, limit);
        let mut photos = pages(None, read, |last: &SequencedPhoto| last.position);
        while let Some(page) = photos.try_next().await? {
            for sequenced in page {
                found.photos += 1;
                let photo = sequenced.photo;
                let seen: Places = photo.scene.faces.iter().map(|face| face.bounding_box).collect();
                let stored = places.remove(&photo.file_id).unwrap_or_default();
                if seen != stored {
                    found.faults.push(format!(
                        "the description of photo {:?} has {} faces, but {} faces are stored for the photo, or they \
                         differ",
                        photo.file_id.as_str(),
                        seen.len(),
                        stored.len()
                    ));
                }
            }
        }
        Ok(())
    }
}

impl Integrity {
    /// What cannot be read because it is damaged is a fault; whatever else keeps from reading it is an error.
    fn note(&mut self, what: &str, outcome: Result<(), StoreError>) -> Result<(), StoreError> {
        match outcome {
            Err(error) if error.is_damage() => {
                let error = crate::report(&error);
                self.faults.push(format!("not all {what} can be read: {error}"));
                Ok(())
            }
            outcome => outcome,
        }
    }

    fn look_at(
        &mut self,
        face: &StoredFace,
        cluster_of: &mut HashMap<FaceId, ClusterId>,
        places: &mut HashMap<FileId, Places>,
    ) {
        self.faces += 1;
        if cluster_of.insert(face.face_id, face.cluster_id).is_some() {
            self.faults.push(format!("face {} is stored twice", face.face_id));
        }
        let places = places.entry(face.file_id.clone()).or_default();
        if places.contains(&face.bounding_box) {
            self.faults.push(format!(
                "photo {:?} has two faces at the same place",
                face.file_id.as_str()
            ));
        }
        places.push(face.bounding_box);
    }
}
