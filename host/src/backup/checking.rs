//! Whether a store, or a backup, is sound.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use libjpeg_turbo_rs::{DecodeLimits, Decoder};

use super::making::Place;
use super::{BackupError, DATABASE, Manifest};
use crate::domain::{EmbeddingModel, FaceId};
use crate::people::{Integrity, People, PeopleError};
use crate::store::{EmbeddedStore, IndexSettings, StoreError};

/// Faces whose pictures are looked at in one go.
const PAGE: usize = 200;

/// Pictures of faces are a few hundred pixels wide.
const LARGEST: usize = 4_096;

/// Looks at everything in a store, the pictures included. Only meaningful when nothing is written meanwhile.
///
/// # Errors
/// When the store does not answer.
pub async fn verify(people: &People) -> Result<Integrity, BackupError> {
    let mut found = people.verify().await?;
    let mut after = None;
    loop {
        let page = match people.faces(after, PAGE).await {
            // Was told of by now.
            Err(error) if error.is_damage() => return Ok(found),
            page => page?,
        };
        let mut pictures = Vec::with_capacity(page.len());
        for sequenced in &page {
            let id = sequenced.face.face_id;
            match people.portrait(&id).await {
                Ok(picture) => pictures.push((id, picture)),
                Err(PeopleError::UnknownFace(_)) => {
                    found
                        .faults
                        .push(format!("face {id} has no picture; process its photo again"));
                }
                Err(PeopleError::Store(error)) if error.is_damage() => {
                    let error = crate::report(&error);
                    found
                        .faults
                        .push(format!("the picture of face {id} cannot be read: {error}"));
                }
                Err(error) => return Err(error.into()),
            }
        }
        let damaged = tokio::task::spawn_blocking(move || damaged(&pictures)).await?;
        found.faults.extend(
            damaged
                .iter()
                .map(|id| format!("the picture of face {id} is damaged; process its photo again")),
        );
        match page.last() {
            Some(last) if page.len() == PAGE => after = Some(last.position),
            _ => return Ok(found),
        }
    }
}

/// The faces whose pictures are no whole JPEG.
fn damaged(pictures: &[(FaceId, Vec<u8>)]) -> Vec<FaceId> {
    let limits = DecodeLimits {
        max_width: LARGEST,
        max_height: LARGEST,
        ..DecodeLimits::default()
    };
    // This decoder takes nothing that does not belong there, as others do.
    let whole = |picture: &[u8]| {
        Decoder::new_with_limits(picture, limits).is_ok_and(|decoder| decoder.decode_image().is_ok())
    };
    let damaged = pictures.iter().filter(|(_, picture)| !whole(picture));
    damaged.map(|(id, _)| *id).collect()
}

/// What is wrong with an embedded store that cannot be opened, in its directory, where that is because it is damaged.
/// Blocks.
///
/// # Errors
/// What kept it from being opened, otherwise.
pub fn unopened(directory: &Path, error: StoreError) -> Result<Integrity, StoreError> {
    if !error.is_damage() {
        return Err(error);
    }
    let mut faults = EmbeddedStore::examine_file(directory)?;
    faults.push(crate::report(&error));
    Ok(Integrity {
        faults,
        ..Integrity::default()
    })
}

/// Looks whether a store is sound as it is at this moment, while others read and write it: in a copy, which is made in
/// a folder for backups and is removed then.
///
/// # Errors
/// When a backup is being made there, or the copy cannot be made or read.
pub async fn verify_running(people: &People, room: &Path) -> Result<Integrity, BackupError> {
    let place = {
        let room = room.to_owned();
        tokio::task::spawn_blocking(move || Place::take(room, SystemTime::now())).await??
    };
    let folder = place.folder.clone();
    people.back_up(&folder.join(DATABASE)).await?;
    verify_copy(folder, place, people.embedding_model().clone()).await
}

/// Looks whether a backup is as it was made, and sound. Nothing is written into it.
///
/// # Errors
/// When it is none, or a file is not as it was backed up.
pub async fn verify_backup(backup: PathBuf, model: EmbeddingModel) -> Result<Integrity, BackupError> {
    let folder = tokio::task::spawn_blocking(move || {
        let manifest = Manifest::read(&backup)?;
        manifest.check(&backup)?;
        let folder = tempfile::tempdir().map_err(BackupError::file(&std::env::temp_dir()))?;
        let copy = folder.path().join(DATABASE);
        fs::copy(backup.join(DATABASE), &copy).map_err(BackupError::file(&copy))?;
        Ok::<_, BackupError>(folder)
    })
    .await??;
    verify_copy(folder.path().to_owned(), folder, model).await
}

/// Looks at a copy in a folder, which goes with `kept`.
async fn verify_copy(
    folder: PathBuf,
    kept: impl Send + 'static,
    model: EmbeddingModel,
) -> Result<Integrity, BackupError> {
    // Nobody looks for neighbours in it.
    let settings = IndexSettings {
        exact_faces: usize::MAX,
        ..IndexSettings::default()
    };
    let (path, opened) = (folder.clone(), model.clone());
    let store = tokio::task::spawn_blocking(move || EmbeddedStore::open(&path, &opened, settings)).await?;
    let (people, found) = match store {
        Ok(store) => {
            let people = People::new(Arc::new(store), model);
            let found = verify(&people).await;
            (Some(people), found)
        }
        Err(error) => (None, unopened(&folder, error).map_err(BackupError::from)),
    };
    // Closing a store takes a while.
    tokio::task::spawn_blocking(move || drop((people, kept))).await?;
    found
}
