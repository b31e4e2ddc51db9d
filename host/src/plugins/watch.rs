//! Notices components that are put into the plugin directory and swaps them in.
//!
//! The directory is looked at again and again by its path, a few files each time. Notices of the system are of no use: they
//! are for the directory that was there at first, and end without a word when it is replaced, renamed or reached by a link
//! that leads elsewhere now, which is how deployments put files there; and some file systems give none.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::active::Plugins;
use super::loader::component_path;
use super::slot::Slot;
use super::trial::Trial;
use super::trust::signature_path;
use crate::files::Stamp;

/// The shortest and the longest time between two looks at the directory; in between, as long as files must be left alone.
const INTERVAL: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));

/// The directory at one moment: a stamp for each file that counts and is there; none when there is no directory.
type Files = Option<Vec<Option<Stamp>>>;

/// Watches the plugin directory until the task is aborted; none when there is no such setting.
///
/// A file is loaded when it and its signature have been left alone for `PLUGIN_SETTLE_MS`, so that one which is still being
/// written is not; should that happen all the same, it does not load, and the next change of it is another attempt.
/// A file that is taken away changes nothing: a slot is never empty. Each is put through the trial, if there is one.
pub fn watch(plugins: Arc<Plugins>, trial: Option<Arc<dyn Trial>>) -> Option<JoinHandle<()>> {
    let directory = plugins.loader.settings.directory.clone()?;
    Some(tokio::spawn(async move {
        run(&plugins, &directory, trial.as_ref()).await;
    }))
}

async fn run(plugins: &Arc<Plugins>, directory: &Path, trial: Option<&Arc<dyn Trial>>) {
    let settle = plugins.loader.settings.settle;
    let interval = settle.clamp(INTERVAL.0, INTERVAL.1);
    // It was there when the plugins were loaded. What came since then is found because nothing is known of its files yet.
    let (mut seen, mut since, mut looked_at) = (Some(Vec::new()), Instant::now(), None);
    loop {
        let now = files(directory).await;
        if now != seen {
            tell(directory, seen.is_some(), now.is_some());
            (seen, since) = (now, Instant::now());
        } else if looked_at.as_ref() != Some(&seen) && since.elapsed() >= settle {
            look(plugins, directory, trial).await;
            looked_at = Some(seen.clone());
        }
        tokio::time::sleep(interval).await;
    }
}

fn tell(directory: &Path, was_there: bool, is_there: bool) {
    let directory = directory.display();
    match (was_there, is_there) {
        (true, false) => tracing::warn!(
            %directory,
            "the plugin directory is missing or cannot be read; the active plugins stay in use, and the directory is \
             watched again when it is back"
        ),
        (false, true) => tracing::info!(%directory, "the plugin directory is back and is watched again"),
        _ => {}
    }
}

async fn files(directory: &Path) -> Files {
    let directory = directory.to_owned();
    let listed = tokio::task::spawn_blocking(move || {
        // A directory that cannot be listed is as good as none.
        fs::read_dir(&directory).ok()?;
        let files = Slot::ALL
            .into_iter()
            .map(|slot| component_path(&directory, slot))
            .flat_map(|component| [signature_path(&component), component]);
        Some(files.map(|file| Stamp::of(&file)).collect())
    });
    listed.await.unwrap_or_default()
}

/// Loads every component that is not known yet.
async fn look(plugins: &Arc<Plugins>, directory: &Path, trial: Option<&Arc<dyn Trial>>) {
    for slot in Slot::ALL {
        let (plugins, path) = (Arc::clone(plugins), component_path(directory, slot));
        let trial = trial.cloned();
        let looked = tokio::task::spawn_blocking(move || {
            if path.exists() {
                // A refusal is in the log and the audit log already.
                let _ = plugins.swap_from_file(slot, &path, trial.as_deref());
            }
        });
        if let Err(error) = looked.await {
            tracing::error!(%slot, %error, "a plugin file could not be checked for changes");
        }
    }
}
