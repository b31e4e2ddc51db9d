//! How much is done at the same time.

use std::time::Duration;

use super::milliseconds;
use super::reader::Reader;

/// How much is done at the same time, and how much waits.
#[derive(Clone, Copy, Debug)]
pub struct LoadSettings {
    /// `MAX_CONCURRENT_PHOTOS`.
    pub concurrent_photos: usize,
    /// `MAX_QUEUED_PHOTOS`.
    pub queued_photos: usize,
    /// `MAX_CONCURRENT_BATCHES`.
    pub concurrent_batches: usize,
    /// `BATCH_PHOTOS`.
    pub batch_photos: usize,
    /// `BATCH_BYTES`.
    pub batch_bytes: usize,
    /// `BATCH_TIMEOUT_MS`.
    pub batch_timeout: Duration,
}

pub(super) fn read(reader: &mut Reader<'_>) -> Option<LoadSettings> {
    let concurrent_photos = reader.within("MAX_CONCURRENT_PHOTOS", 1, 1_024);
    let queued_photos = reader.within("MAX_QUEUED_PHOTOS", 0, 100_000);
    let concurrent_batches = reader.within("MAX_CONCURRENT_BATCHES", 0, 1_024);
    let batch_photos = reader.within("BATCH_PHOTOS", 1, 10_000);
    let batch_bytes = reader.within("BATCH_BYTES", 1_024, 256 << 20);
    let batch_timeout = milliseconds(reader, "BATCH_TIMEOUT_MS");
    Some(LoadSettings {
        concurrent_photos: concurrent_photos?,
        queued_photos: queued_photos?,
        concurrent_batches: concurrent_batches?,
        batch_photos: batch_photos?,
        batch_bytes: batch_bytes?,
        batch_timeout: batch_timeout?,
    })
}
