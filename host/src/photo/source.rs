//! Where photos come from.

use async_trait::async_trait;
use bytes::Bytes;

use super::{Downloader, PhotoError};

/// Gives the bytes of photos by their URLs. The worker's own is the [`Downloader`].
#[async_trait]
pub trait PhotoSource: Send + Sync {
    /// The bytes behind a URL, whatever they are, at least one.
    ///
    /// # Errors
    /// As for [`Downloader::fetch`].
    async fn fetch(&self, url: &str) -> Result<Bytes, PhotoError>;
}

#[async_trait]
impl PhotoSource for Downloader {
    async fn fetch(&self, url: &str) -> Result<Bytes, PhotoError> {
        Self::fetch(self, url).await
    }
}
