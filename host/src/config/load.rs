//! How much is done at the same time.

use std::time::Duration;

use super::reader::Reader;

/// How much is done at the same time, and how much waits.
#[derive(Clone, Copy, Debug)]
pub struct LoadSettings {
    /// `MAX_CONCURRENT_PHOTOS`.
    pub concurrent_photos: usize,
    /// `MAX_QUEUED_PHOTOS`.
    pub queued_photos: usize,
    /// `DECODED_PIXELS`.
    pub decoded_pixels: u64,
    /// `MAX_CONCURRENT_BATCHES`.
    pub concurrent_batches: usize,
    /// `BATCH_PHOTOS`.
    pub batch_photos: usize,
    /// `BATCH_BYTES`.
    pub batch_bytes: usize,
    /// `BATCH_TIMEOUT_MS`.
    pub batch_timeout: Duration,
    /// `SHUTDOWN_SECONDS`.
    pub shutdown: Duration,
}

#[cfg(test)]
impl LoadSettings {
    /// Generous ones, for tests that set what they are about.
    pub(crate) fn for_testing() -> Self {
        Self {
            concurrent_photos: 4,
            queued_photos: 64,
            decoded_pixels: 200_000_000,
            concurrent_batches: 4,
            batch_photos: 100,
            batch_bytes: 1 << 20,
            batch_timeout: Duration::from_secs(600),
            shutdown: Duration::from_secs(25),
        }
    }
}

/// `max_pixels` is `MAX_PHOTO_PIXELS`, unless that is wrong.
pub(super) fn read(reader: &mut Reader<'_>, max_pixels: Option<u64>) -> Option<LoadSettings> {
    let concurrent_photos = reader.integer("MAX_CONCURRENT_PHOTOS");
    let queued_photos = reader.integer("MAX_QUEUED_PHOTOS");
    let decoded_pixels = reader.integer("DECODED_PIXELS");
    if let (Some(all), Some(one)) = (decoded_pixels, max_pixels)
        && all < one
    {
        reader.error(format!(
            "DECODED_PIXELS: {all} is less than MAX_PHOTO_PIXELS, {one}; there must be room for the largest photo"
        ));
    }
    let concurrent_batches = reader.integer("MAX_CONCURRENT_BATCHES");
    let batch_photos = reader.integer("BATCH_PHOTOS");
    let batch_bytes = reader.integer("BATCH_BYTES");
    let batch_timeout = reader.duration("BATCH_TIMEOUT_MS");
    let shutdown = reader.duration("SHUTDOWN_SECONDS");
    Some(LoadSettings {
        concurrent_photos: concurrent_photos?,
        queued_photos: queued_photos?,
        decoded_pixels: decoded_pixels?,
        concurrent_batches: concurrent_batches?,
        batch_photos: batch_photos?,
        batch_bytes: batch_bytes?,
        batch_timeout: batch_timeout?,
        shutdown: shutdown?,
    })
}
