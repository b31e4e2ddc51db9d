//! Moving the people into a store of the new embedder, which then takes the place of the old one.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::ReembeddingError;
use super::vectors::Vectors;
use crate::backup::{FACES, aside, is_half_way};
use crate::domain::{Embedding, EmbeddingModel, FaceId};
use crate::files::{remove_if_there, sync_folder};
use crate::people::People;
use crate::store::{
    EmbeddedStore, FaceStore, IndexSettings, Progress, QdrantSettings, QdrantStore, TransferError, export,
    import, replace_vectors,
};

/// Where the new one is made.
pub(super) const FOLDER: &str = "reembedding";

/// Where the people go.
#[derive(Clone, Debug)]
pub enum Target {
    /// In the place of the embedded store.
    Embedded(IndexSettings),
    /// Into other collections of the server.
    Qdrant(QdrantSettings),
}

/// What was moved.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Faces that have a new vector.
    pub faces: u64,
    /// Faces that had none and were left out.
    pub dropped: usize,
    /// Where the old store is now; none where it stays as it is.
    pub aside: Option<PathBuf>,
}

/// Exports the store, puts in the new vectors and imports the people into a new one, which takes the place of the old one
/// when it is embedded. The `missing` faces are left out, and `changes_kept` changes are kept. Until then the old store is as it was; cut off, this may be
/// repeated.
///
/// # Errors
/// When a store does not answer or a file cannot be used.
pub async fn move_people(
    data: &Path,
    (store, from): (Arc<dyn FaceStore>, &EmbeddingModel),
    (target, to): (Target, &EmbeddingModel),
    mut vectors: Vectors,
    missing: &[FaceId],
    changes_kept: u64,
    progress: Progress<'_>,
) -> Result<Moved, ReembeddingError> {
    let folder = data.join(FOLDER);
    let (old, new) = (folder.join("old.jsonl"), folder.join("new.jsonl"));
    // One of before may be of an earlier state.
    remove_if_there(&old).map_err(ReembeddingError::file(&old))?;
    export(&*store, from, "reembedding", &old, progress).await?;
    let dimension = to.dimension;
    let left_out: HashSet<&FaceId> = missing.iter().collect();
    replace_vectors(&old, &new, to, |face| match vectors.get(face)? {
        Some(vector) => Ok(vector),
        // It is taken out again below, before anybody looks for neighbours.
        None if left_out.contains(face) => stand_in(dimension),
        None => Err(std::io::Error::other(format!("face {face} has no vector"))),
    })?;
    let place = folder.join(FACES);
    let made: Arc<dyn FaceStore> = match &target {
        Target::Embedded(index) => {
            // What an earlier attempt left is either gone on with, or complete and of no use.
            if !folder.join("new.jsonl.import").exists() && place.exists() {
                fs::remove_dir_all(&place).map_err(ReembeddingError::file(&place))?;
            }
            Arc::new(EmbeddedStore::open(&place, to, *index)?)
        }
        Target::Qdrant(settings) => Arc::new(QdrantStore::open(settings.clone(), to).await?),
    };
    if let Err(error) = import(&*made, to, "reembedding", &new, progress).await {
        // It may be complete, and was cut off afterwards.
        let is_complete =
            matches!(error, TransferError::NotEmpty) && made.counts().await? == store.counts().await?;
        if !is_complete {
            return Err(error.into());
        }
    }
    let people = People::new(made, to.clone()).with_changes_kept(changes_kept);
    people.drop_faces(missing).await?;
    let faces = people.counts().await?.faces;
    drop((people, store));
    let aside = match target {
        Target::Embedded(_) => Some(take_place(data)?),
        Target::Qdrant(_) => None,
    };
    fs::remove_dir_all(&folder).map_err(ReembeddingError::file(&folder))?;
    Ok(Moved {
        faces,
        dropped: missing.len(),
        aside,
    })
}

/// Any vector of this width.
fn stand_in(dimension: usize) -> std::io::Result<Embedding> {
    let mut values = vec![0.0; dimension];
    if let Some(first) = values.first_mut() {
        *first = 1.0;
    }
    Embedding::normalised(values).map_err(std::io::Error::other)
}

/// Puts the new store in the place of the old one, which nobody may hold; gives where that is now.
fn take_place(data: &Path) -> Result<PathBuf, ReembeddingError> {
    let (place, fresh) = (data.join(FACES), data.join(FOLDER).join(FACES));
    let old = aside(&place, SystemTime::now());
    let lock = EmbeddedStore::lock(&place)?;
    let rename = || {
        fs::rename(&place, &old)?;
        fs::rename(&fresh, &place)?;
        sync_folder(data)
    };
    rename().map_err(ReembeddingError::file(&place))?;
    drop(lock);
    Ok(old)
}

/// Whether the new store was cut off on its way into the place of the old one: a worker would begin an empty one.
#[must_use]
pub fn is_cut_off(data: &Path) -> bool {
    is_half_way(data, FOLDER)
}

/// Takes the last step of one that was cut off in it.
///
/// # Errors
/// When a folder cannot be renamed.
pub fn finish_cut_off(data: &Path) -> Result<(), ReembeddingError> {
    let place = data.join(FACES);
    let finish = || {
        if place.exists() {
            // There is no store in it, at most the lock of somebody who looked.
            fs::rename(&place, aside(&place, SystemTime::now()))?;
        }
        fs::rename(data.join(FOLDER).join(FACES), &place)?;
        sync_folder(data)?;
        fs::remove_dir_all(data.join(FOLDER))
    };
    finish().map_err(ReembeddingError::file(&place))
}
