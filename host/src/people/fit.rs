//! How well each face of a person fits to the others: for finding those that are somebody else.

use super::error::PeopleError;
use super::service::People;
use crate::domain::{ClusterId, Embedding};
use crate::store::{StoredFace, all_faces};

/// How many of the person's best other faces a face is compared with: as many as stand for the person elsewhere.
const COMPARED: usize = 15;

/// A page of a person's faces, least fitting first.
#[derive(Clone, Debug, PartialEq)]
pub struct FacesByFit {
    /// The person, after all merges.
    pub cluster: ClusterId,
    /// The faces, each with the cosine similarity to the mean of the person's best other faces, -1 to 1; none where there
    /// is no other face.
    pub faces: Vec<(StoredFace, Option<f32>)>,
    /// How many faces come before those of the page after this one; none at the end.
    pub next: Option<u64>,
}

impl People {
    /// Up to `limit` faces of a cluster, least fitting first, without the first `after`. Reads all faces of the cluster.
    ///
    /// # Errors
    /// When there is no such cluster, or the store does not answer.
    pub async fn faces_by_fit(
        &self,
        cluster: &ClusterId,
        after: u64,
        limit: usize,
    ) -> Result<FacesByFit, PeopleError> {
        let cluster = self.cluster(cluster).await?.cluster_id;
        let faces = all_faces(&*self.store, &cluster).await?;
        // Blocks for long where there are many.
        let mut faces = tokio::task::spawn_blocking(move || by_fit(faces)).await?;
        let after = usize::try_from(after).unwrap_or(usize::MAX).min(faces.len());
        let mut page = faces.split_off(after);
        let is_end = page.len() <= limit;
        page.truncate(limit);
        Ok(FacesByFit {
            cluster,
            next: (!is_end).then_some((after + page.len()) as u64),
            faces: page,
        })
    }
}

/// Faces of one person with how similar each is to the others, least similar first.
fn by_fit(mut faces: Vec<StoredFace>) -> Vec<(StoredFace, Option<f32>)> {
    faces.sort_by(|a, b| {
        let order = b.quality.total_cmp(&a.quality);
        order.then(a.face_id.cmp(&b.face_id))
    });
    let without = |left_out: usize| {
        let others = faces.iter().enumerate().filter(|(index, _)| *index != left_out);
        let others: Vec<&Embedding> = others.map(|(_, other)| &other.embedding).take(COMPARED).collect();
        mean(&others)
    };
    let without_each: Vec<Option<Embedding>> = (0..COMPARED.min(faces.len())).map(without).collect();
    // Whoever is not among the best is compared with all of these.
    let best = without(COMPARED);
    let with_fit = |(index, face): (usize, StoredFace)| {
        let mean = without_each.get(index).unwrap_or(&best).as_ref();
        let fit = mean.map(|mean| face.embedding.cosine(mean).clamp(-1.0, 1.0));
        (face, fit)
    };
    let mut found: Vec<(StoredFace, Option<f32>)> = faces.into_iter().enumerate().map(with_fit).collect();
    found.sort_by(|(one, first), (other, second)| {
        let order = first.unwrap_or_default().total_cmp(&second.unwrap_or_default());
        order.then(one.face_id.cmp(&other.face_id))
    });
    found
}

/// The mean of some vectors, of length 1. The first of them where they are opposites, which have no mean; none of none.
pub(super) fn mean(vectors: &[&Embedding]) -> Option<Embedding> {
    let first = *vectors.first()?;
    let mut sums = vec![0.0; first.dimension()];
    for vector in vectors {
        for (sum, value) in sums.iter_mut().zip(vector.as_slice()) {
            *sum += value;
        }
    }
    Some(Embedding::normalised(sums).unwrap_or_else(|_| first.clone()))
}
