//! Notices that small files changed.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use tokio::task::JoinHandle;

/// How often the files are looked at. Notices of the system would be sooner, but do not come from network disks, nor
/// through the links by which orchestrators replace secrets.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// What tells one state of a file from another without reading it.
type Stamp = Option<(u64, SystemTime)>;

/// Calls `read_again`, on a blocking thread, after any of the files changed, until the task is aborted. What they are
/// like at the moment of the call is where it begins.
pub(super) fn on_change(
    files: Vec<PathBuf>,
    read_again: impl Fn() + Send + Sync + 'static,
) -> JoinHandle<()> {
    let mut before = stamps(&files);
    let read_again = std::sync::Arc::new(read_again);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            let (files, read_again, last) =
                (files.clone(), std::sync::Arc::clone(&read_again), before.clone());
            let looked = tokio::task::spawn_blocking(move || {
                let now = stamps(&files);
                if now != last {
                    read_again();
                }
                now
            });
            match looked.await {
                Ok(now) => before = now,
                Err(error) => tracing::error!(%error, "files could not be looked at"),
            }
        }
    })
}

fn stamps(files: &[PathBuf]) -> Vec<Stamp> {
    let stamp = |file: &PathBuf| -> Stamp {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    files.iter().map(stamp).collect()
}
