//! Thumbnails of earlier versions, which were files, one a cluster.

use std::io::ErrorKind;
use std::path::Path;

use rusqlite::{Connection, params};

use super::rows;
use crate::store::error::StoreError;

/// Makes each file the portrait of its cluster's representative face, then removes the directory.
pub(super) fn import(connection: &mut Connection, directory: &Path) -> Result<(), StoreError> {
    if !directory.is_dir() {
        return Ok(());
    }
    let named = |source| StoreError::Directory {
        directory: directory.display().to_string(),
        source,
    };
    let transaction = connection.transaction()?;
    let clusters = rows::all(
        &transaction,
        &format!("SELECT {} FROM cluster", rows::CLUSTER),
        [],
        rows::cluster,
    )?;
    for cluster in clusters {
        let name = cluster.cluster_id.to_string();
        match std::fs::read(directory.join(&name[..2]).join(format!("{name}.jpg"))) {
            Ok(jpeg) => {
                transaction.execute(
                    "INSERT OR IGNORE INTO portrait (face_id, jpeg) VALUES (?1, ?2)",
                    params![cluster.representative.to_string(), jpeg],
                )?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(named(error)),
        }
    }
    transaction.commit()?;
    std::fs::remove_dir_all(directory).map_err(named)?;
    tracing::info!("the thumbnails were moved into the face database");
    Ok(())
}
