//! One small JPEG for each cluster.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::domain::ClusterId;
use crate::files::write_whole;

/// The directory of thumbnails. All calls block.
#[derive(Clone, Debug)]
pub(super) struct Thumbnails {
    directory: PathBuf,
}

impl Thumbnails {
    pub(super) fn open(directory: &Path) -> std::io::Result<Self> {
        std::fs::create_dir_all(directory)?;
        Ok(Self {
            directory: directory.to_owned(),
        })
    }

    /// Two letters of the id make a folder, so that no folder grows beyond what file systems like.
    fn path(&self, cluster: &ClusterId) -> PathBuf {
        let name = cluster.to_string();
        self.directory.join(&name[..2]).join(format!("{name}.jpg"))
    }

    /// Writes a thumbnail: it is there as a whole or not at all, and stays there after a power cut.
    pub(super) fn write(&self, cluster: &ClusterId, jpeg: &[u8]) -> std::io::Result<()> {
        write_whole(&self.path(cluster), jpeg)
    }

    /// The thumbnail of a cluster, if there is one.
    pub(super) fn read(&self, cluster: &ClusterId) -> std::io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.path(cluster)) {
            Ok(jpeg) => Ok(Some(jpeg)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes thumbnails. One that cannot be removed is logged: it belongs to nobody and does no harm.
    pub(super) fn remove(&self, clusters: &[ClusterId]) {
        for cluster in clusters {
            match std::fs::remove_file(self.path(cluster)) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    tracing::warn!(%cluster, %error, "a thumbnail could not be removed");
                }
                _ => {}
            }
        }
    }
}
