//! Where photos are had from once more.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;

use crate::domain::{FileId, SourceUrl};
use crate::files::{ReadError, read_bounded};
use crate::photo::{PhotoError, PhotoSource};

/// Where photos are had from once more: by a URL that the backend sends again, else from a folder, else by the URL that is
/// stored with them.
pub struct Sources {
    /// URLs that the backend sends again.
    pub urls: HashMap<FileId, String>,
    /// A folder where a photo's file has its `file_id` as its path.
    pub folder: Option<PathBuf>,
    /// The largest file that is read from the folder.
    pub max_bytes: u64,
    /// What fetches URLs, by the whole policy.
    pub fetch: Arc<dyn PhotoSource>,
}

impl Sources {
    /// Whether there is one for a photo, whose stored URL this is; it may fail all the same.
    #[must_use]
    pub fn has(&self, file: &FileId, stored: Option<&SourceUrl>) -> bool {
        self.urls.contains_key(file) || self.file(file).is_some() || stored.is_some()
    }

    /// A photo's bytes; none when there is no source for it.
    ///
    /// # Errors
    /// Why it cannot be had, without its URL.
    pub async fn photo(&self, file: &FileId, stored: Option<&SourceUrl>) -> Result<Option<Bytes>, String> {
        let url = match self.urls.get(file) {
            Some(url) => Some(url.as_str()),
            None => {
                if let Some(path) = self.file(file) {
                    let limit = self.max_bytes;
                    let read = tokio::task::spawn_blocking(move || read_bounded(&path, limit)).await;
                    let read = read.map_err(|error| crate::report(&error))?;
                    return match read {
                        Ok(bytes) => Ok(Some(bytes.into())),
                        // As of one that is fetched.
                        Err(ReadError::TooLarge { .. }) => Err(PhotoError::TooLarge { limit }.to_string()),
                        Err(error) => Err(format!("its file cannot be used: {}", crate::report(&error))),
                    };
                }
                stored.map(SourceUrl::as_str)
            }
        };
        match url {
            Some(url) => self
                .fetch
                .fetch(url)
                .await
                .map(Some)
                .map_err(|error| crate::report(&error)),
            None => Ok(None),
        }
    }

    /// The photo's file in the folder. A `file_id` that leads out of it names none.
    fn file(&self, file: &FileId) -> Option<PathBuf> {
        let path = Path::new(file.as_str());
        let is_inside = path.components().all(|part| matches!(part, Component::Normal(_)));
        let path = self.folder.as_ref().filter(|_| is_inside)?.join(path);
        path.is_file().then_some(path)
    }
}

/// Lines of `{"file_id": "...", "image_url": "..."}`, as the backend sends them again. Blocks.
///
/// # Errors
/// When the file cannot be read; the text names the line, and no URL.
pub fn read_urls(path: &Path) -> io::Result<HashMap<FileId, String>> {
    #[derive(Deserialize)]
    struct Line {
        file_id: FileId,
        image_url: String,
    }
    let mut urls = HashMap::new();
    for (number, line) in BufReader::new(File::open(path)?).lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let Line { file_id, image_url } = serde_json::from_str(&line).map_err(|_| {
            let text = format!(
                "line {} is not of the form {{\"file_id\": ..., \"image_url\": ...}}",
                number + 1
            );
            io::Error::new(io::ErrorKind::InvalidData, text)
        })?;
        urls.insert(file_id, image_url);
    }
    Ok(urls)
}
