//! The data directory: its owner's alone, since it holds vectors and pictures of faces. And the store in it, or on Qdrant.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::StartError;
use crate::backup::{self, BackupError};
use crate::config::{Config, VectorStore};
use crate::domain::EmbeddingModel;
use crate::store::{EmbeddedStore, FaceStore, QdrantStore, StoreError};
use crate::{files, reembedding};

/// Makes the data directory where there is none, and everything that this process writes from here on its owner's alone
/// (0700 and 0600). The log says when a directory that was there already lets others in.
///
/// # Errors
/// When nothing can be written there.
pub fn open_data_directory(directory: &Path) -> Result<(), StartError> {
    files::keep_private();
    let unusable = |source| StartError::DataDirectory {
        directory: PathBuf::from(directory),
        source,
    };
    files::create_private_folder(directory).map_err(unusable)?;
    // Being there is not enough: the disk may be full, or the directory somebody else's.
    tempfile::tempfile_in(directory).map_err(unusable)?;
    if let Some(mode) = files::mode_for_others(directory).map_err(unusable)? {
        let directory = directory.display();
        tracing::warn!(
            %directory, mode = format!("{mode:04o}"),
            "other users of this machine can read the data directory, which holds vectors and pictures of faces; run \
             `chmod -R go= {directory}`"
        );
    }
    Ok(())
}

/// Looks whether a store was cut off on its way into its place in `DATA_DIR`: whoever opened it would begin an empty one.
///
/// # Errors
/// When one was; the text says what to do.
fn check_cut_off(data: &Path) -> Result<(), StartError> {
    if reembedding::is_cut_off(data) {
        return Err(StartError::Reembedding(data.to_owned()));
    }
    if backup::is_cut_off(data) {
        return Err(BackupError::CutOff(data.to_owned()).into());
    }
    Ok(())
}

/// Looks whether an embedded store is there, since opening it would make an empty one.
///
/// # Errors
/// When it is not there, or was cut off on its way into its place; the text says what to do.
pub fn require_store(config: &Config) -> Result<(), StartError> {
    let data = &config.directories.data;
    if config.vector_store.index().is_some() {
        check_cut_off(data)?;
        let faces = data.join("faces");
        if !EmbeddedStore::is_in(&faces) {
            return Err(StartError::NoStore(faces));
        }
    }
    Ok(())
}

/// Opens the chosen store, if it is there.
///
/// # Errors
/// When it is not there or cannot be used; the text says what to do.
pub async fn open_existing_store(
    config: &Config,
    model: &EmbeddingModel,
) -> Result<Arc<dyn FaceStore>, StartError> {
    require_store(config)?;
    open_store(config, model).await
}

/// Opens the chosen store, or makes it.
///
/// # Errors
/// When it cannot be used; the text says what to do.
pub async fn open_store(config: &Config, model: &EmbeddingModel) -> Result<Arc<dyn FaceStore>, StartError> {
    match &config.vector_store {
        VectorStore::Embedded(index) => {
            let (data, model, index) = (config.directories.data.clone(), model.clone(), *index);
            let reserve = config.outages.reserve;
            check_cut_off(&data)?;
            let open = move || -> Result<Arc<dyn FaceStore>, StoreError> {
                let store = EmbeddedStore::open(&data.join("faces"), &model, index)?;
                store.import_thumbnails(&data.join("thumbnails"))?;
                store.keep_room(reserve);
                Ok(Arc::new(store))
            };
            Ok(tokio::task::spawn_blocking(open).await??)
        }
        VectorStore::Qdrant(settings) => Ok(Arc::new(QdrantStore::open(settings.clone(), model).await?)),
    }
}
