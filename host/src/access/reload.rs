//! Follows small files: what they hold is read again when they change.

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio_util::task::AbortOnDropHandle;

use crate::files::Stamp;

/// How often the files are looked at. Notices of the system would be sooner, but do not come from network disks, nor
/// through the links by which orchestrators replace secrets.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// Reads what files hold, and again, on a blocking thread, after any of them changed, until the handle is dropped. What
/// cannot be read again leaves in force what was read before. `what` names it in the log.
pub(super) fn follow<T, E>(
    what: &'static str,
    files: Vec<PathBuf>,
    read: impl Fn() -> Result<T, E> + Send + Sync + 'static,
) -> Result<(Arc<ArcSwap<T>>, AbortOnDropHandle<()>), E>
where
    T: Send + Sync + 'static,
    E: Error + 'static,
{
    // Before the first reading, so that no change between the two is missed.
    let mut before = stamps(&files);
    let current = Arc::new(ArcSwap::from_pointee(read()?));
    let followed = Arc::clone(&current);
    let read_again = Arc::new(move || match read() {
        Ok(read) => {
            tracing::info!("{what} changed and was reloaded");
            followed.store(Arc::new(read));
        }
        Err(error) => tracing::error!(
            error = crate::report(&error),
            "{what} changed but could not be read; the previous content stays in use"
        ),
    });
    let task = tokio::spawn(async move {
        loop {
            tokio::time::sleep(EVERY).await;
            let (files, read_again, last) = (files.clone(), Arc::clone(&read_again), before.clone());
            let looked = tokio::task::spawn_blocking(move || {
                let now = stamps(&files);
                if now != last {
                    read_again();
                }
                now
            });
            match looked.await {
                Ok(now) => before = now,
                Err(error) => tracing::error!(
                    %error,
                    "watched files could not be checked for changes; trying again"
                ),
            }
        }
    });
    Ok((current, AbortOnDropHandle::new(task)))
}

/// Of each file that is there.
fn stamps(files: &[PathBuf]) -> Vec<Option<Stamp>> {
    files.iter().map(|file| Stamp::of(file)).collect()
}
