//! Looking at every photo once more.

use std::collections::HashSet;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};

use super::ReembeddingError;
use super::sources::Sources;
use super::vectors::Vectors;
use crate::domain::{BoundingBox, Embedding, FaceId, FileId};
use crate::store::{FaceStore, StoredFace};

/// How many faces are read at a time.
const PAGE: usize = 1_000;
/// Two boxes with at least this intersection over union are one face.
const SAME_PLACE: f32 = 0.5;
/// Of so many faces it is measured how well the vectors by their photos and by their pictures agree.
const MEASURED: usize = 200;
/// Pictures are believed when so many faces were measured at least, ...
const LEAST_MEASURED: usize = 20;
/// ... and 19 of 20 of them agree to this cosine or more.
const AGREES: f32 = 0.9;

/// A face that the new networks see.
#[derive(Clone, Debug)]
pub struct SeenFace {
    /// Where.
    pub bounding_box: BoundingBox,
    /// Its vector.
    pub embedding: Embedding,
}

/// What looks at photos: the new networks.
#[async_trait]
pub trait Eyes: Send + Sync {
    /// The faces in a photo file.
    ///
    /// # Errors
    /// Why it cannot be looked at, without its URL.
    async fn faces(&self, photo: Bytes) -> Result<Vec<SeenFace>, String>;
}

/// How well the vectors of faces by their photos and by their stored pictures agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    /// How many faces were measured.
    pub faces: usize,
    /// The cosine that 19 of 20 of them have or exceed.
    pub most: f32,
    /// The cosine that half of them have or exceed.
    pub half: f32,
}

impl Agreement {
    /// Of these cosines; none when there is none.
    #[must_use]
    pub fn of(cosines: &[f32]) -> Option<Self> {
        let mut sorted = cosines.to_vec();
        sorted.sort_by(f32::total_cmp);
        Some(Self {
            faces: sorted.len(),
            most: *sorted.get(sorted.len() / 20)?,
            half: *sorted.get(sorted.len() / 2)?,
        })
    }

    /// Whether a face's picture may stand in for its photo.
    #[must_use]
    pub fn suffices(&self) -> bool {
        self.faces >= LEAST_MEASURED && self.most >= AGREES
    }
}

/// How far it has come.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Stored faces.
    pub faces: usize,
    /// Faces that have their new vector.
    pub done: usize,
    /// Of these, faces whose vector is by their picture, in this run.
    pub by_pictures: usize,
    /// Faces in photos for which there is a source.
    pub with_source: usize,
    /// Faces that have none yet.
    pub missing: Vec<FaceId>,
    /// Photos that could not be had or looked at, and why.
    pub failed: Vec<(FileId, String)>,
    /// Whether pictures may stand in for photos.
    pub agreement: Option<Agreement>,
}

/// A photo with faces.
struct Photo {
    file: FileId,
    faces: Vec<StoredFace>,
}

/// What came of one.
#[derive(Default)]
struct Looked {
    found: Vec<(FaceId, Embedding)>,
    measured: Vec<f32>,
}

/// A look at every photo of a store.
pub struct Looking<'a> {
    /// The store, as it is.
    pub store: Arc<dyn FaceStore>,
    /// The new networks.
    pub eyes: Arc<dyn Eyes>,
    /// Where photos are had from.
    pub sources: &'a Sources,
    /// How many photos are looked at at the same time.
    pub at_once: usize,
    /// Whether pictures are taken where there is no photo and a measurement shows that they suffice.
    pub pictures: bool,
    /// Told how many faces are looked after, and how many there are.
    pub progress: &'a (dyn Fn(u64, u64) + Send + Sync),
}

impl Looking<'_> {
    /// Gives vectors to faces that have none yet. With a limit only so many photos are looked at, for a measurement.
    ///
    /// # Errors
    /// When the store does not answer, or a vector cannot be kept. A photo that fails fails alone.
    pub async fn run(
        &self,
        vectors: &mut Vectors,
        limit: Option<usize>,
    ) -> Result<Outcome, ReembeddingError> {
        let mut outcome = Outcome::default();
        let photos = self.photos(vectors, &mut outcome).await?;
        let all = outcome.faces as u64;
        let mut done = outcome.done as u64;
        let wanted = MEASURED.saturating_sub(vectors.measured().len());
        let (photos, rest): (Vec<_>, Vec<_>) = photos.into_iter().partition(|(_, has_source)| *has_source);
        let mut looked = stream::iter(photos.iter().take(limit.unwrap_or(usize::MAX)).enumerate())
            .map(|(number, (photo, _))| async move { (photo, self.look(photo, number < wanted).await) })
            .buffer_unordered(self.at_once.max(1));
        while let Some((photo, looked)) = looked.next().await {
            match looked {
                Ok(Looked { found, measured }) => {
                    for cosine in measured {
                        vectors.measure(cosine)?;
                    }
                    for (face, vector) in found {
                        vectors.add(face, &vector)?;
                    }
                }
                Err(reason) => outcome.failed.push((photo.file.clone(), reason)),
            }
            done += photo.faces.len() as u64;
            (self.progress)(done, all);
        }
        drop(looked);
        outcome.agreement = Agreement::of(vectors.measured());
        let may_use_pictures =
            self.pictures && outcome.agreement.is_some_and(|agreement| agreement.suffices());
        for (photo, _) in photos.iter().chain(&rest) {
            for face in &photo.faces {
                if vectors.has(&face.face_id) {
                    continue;
                }
                if limit.is_none()
                    && may_use_pictures
                    && let Some(vector) = self.by_picture(&face.face_id).await?
                {
                    vectors.add(face.face_id, &vector)?;
                    outcome.by_pictures += 1;
                    continue;
                }
                outcome.missing.push(face.face_id);
            }
        }
        outcome.done = outcome.faces - outcome.missing.len();
        Ok(outcome)
    }

    /// The photos of which a face has no vector yet, each with whether there is a source for it.
    async fn photos(
        &self,
        vectors: &Vectors,
        outcome: &mut Outcome,
    ) -> Result<Vec<(Photo, bool)>, ReembeddingError> {
        let (mut files, mut seen, mut after) = (Vec::new(), HashSet::new(), None);
        loop {
            let page = self.store.faces(after, PAGE).await?;
            let is_last = page.len() < PAGE;
            after = page.last().map(|last| last.position).or(after);
            for face in page.into_iter().map(|sequenced| sequenced.face) {
                outcome.faces += 1;
                if vectors.has(&face.face_id) {
                    outcome.done += 1;
                } else if seen.insert(face.file_id.clone()) {
                    files.push(face.file_id);
                }
            }
            if is_last {
                break;
            }
        }
        let mut photos = Vec::new();
        for file in files {
            let stored = self.store.photo(&file).await?;
            let url = stored
                .as_ref()
                .and_then(|photo| photo.record.as_ref()?.source_url.clone());
            let faces = stored.map(|photo| photo.faces).unwrap_or_default();
            let has_source = self.sources.has(&file, url.as_ref());
            if has_source {
                outcome.with_source += faces.iter().filter(|face| !vectors.has(&face.face_id)).count();
            }
            photos.push((Photo { file, faces }, has_source));
        }
        Ok(photos)
    }

    async fn look(&self, photo: &Photo, measures: bool) -> Result<Looked, String> {
        let stored = self
            .store
            .photo(&photo.file)
            .await
            .map_err(|error| crate::report(&error))?;
        let url = stored.and_then(|photo| photo.record?.source_url);
        let Some(bytes) = self.sources.photo(&photo.file, url.as_ref()).await? else {
            return Ok(Looked::default());
        };
        let seen = self.eyes.faces(bytes).await?;
        let mut looked = Looked {
            found: matched(&photo.faces, &seen),
            measured: Vec::new(),
        };
        if measures {
            for (face, vector) in &looked.found {
                let by_picture = self
                    .by_picture(face)
                    .await
                    .map_err(|error| crate::report(&error))?;
                looked
                    .measured
                    .extend(by_picture.map(|other| vector.cosine(&other)));
            }
        }
        Ok(looked)
    }

    /// The vector of a face by its stored picture, in whose middle it is; none when the networks see no face there.
    async fn by_picture(&self, face: &FaceId) -> Result<Option<Embedding>, ReembeddingError> {
        let Some(picture) = self.store.portrait(face).await? else {
            return Ok(None);
        };
        // A picture that cannot be looked at is as good as none.
        let seen = self.eyes.faces(picture.into()).await.unwrap_or_default();
        let largest = seen.into_iter().max_by_key(|seen| {
            let BoundingBox { x1, y1, x2, y2 } = seen.bounding_box;
            u64::from(x2.saturating_sub(x1)) * u64::from(y2.saturating_sub(y1))
        });
        Ok(largest.map(|seen| seen.embedding))
    }
}

/// The stored faces with the vectors of those that are seen in their places: the best pairs first, each used once.
fn matched(stored: &[StoredFace], seen: &[SeenFace]) -> Vec<(FaceId, Embedding)> {
    let mut pairs: Vec<(f32, usize, usize)> = Vec::new();
    for (index, face) in stored.iter().enumerate() {
        for (other, seen) in seen.iter().enumerate() {
            let overlap = face.bounding_box.intersection_over_union(&seen.bounding_box);
            if overlap >= SAME_PLACE {
                pairs.push((overlap, index, other));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut taken, mut used, mut found) = (HashSet::new(), HashSet::new(), Vec::new());
    for (_, index, other) in pairs {
        if !taken.contains(&index) && !used.contains(&other) {
            taken.insert(index);
            used.insert(other);
            found.push((stored[index].face_id, seen[other].embedding.clone()));
        }
    }
    found
}
