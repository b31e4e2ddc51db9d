//! Notices components that are put into the plugin directory and swaps them in.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use notify::{RecursiveMode, Watcher as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::active::Plugins;
use super::loader::component_path;
use super::trust::signature_path;
use super::{PluginError, Slot};

/// What tells one state of a file from another without reading it.
type Stamp = Option<(u64, SystemTime)>;

/// Watches the plugin directory until the task is aborted.
///
/// A file is loaded when it and its signature have been left alone for `PLUGIN_SETTLE_MS`, so that one which is still being
/// written is not; should that happen all the same, it does not load, and the next change of it is another attempt.
/// A file that is taken away changes nothing: a slot is never empty.
///
/// # Errors
/// When the directory cannot be watched.
pub fn watch(plugins: Arc<Plugins>) -> Result<Option<JoinHandle<()>>, PluginError> {
    let Some(directory) = plugins.loader.settings.directory.clone() else {
        return Ok(None);
    };
    let settle = plugins.loader.settings.settle;
    // One note in the channel is enough: everything is looked at after each.
    let (changed, mut changes) = mpsc::channel::<()>(1);
    let unwatchable = |source: notify::Error| PluginError::Watch {
        directory: directory.clone(),
        source: source.into(),
    };
    let mut watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        if !event.is_ok_and(|event| event.kind.is_access()) {
            // Full means that a note is waiting already.
            let _ = changed.try_send(());
        }
    })
    .map_err(unwatchable)?;
    watcher
        .watch(&directory, RecursiveMode::NonRecursive)
        .map_err(unwatchable)?;
    Ok(Some(tokio::spawn(async move {
        // Kept here: it stops watching when it is dropped.
        let _watcher = watcher;
        // Files that came between loading and watching are found by a first look without a note.
        loop {
            wait_until_settled(&directory, settle).await;
            look(&plugins, &directory).await;
            if changes.recv().await.is_none() {
                return;
            }
        }
    })))
}

async fn wait_until_settled(directory: &Path, settle: Duration) {
    let mut before = stamps(directory).await;
    loop {
        tokio::time::sleep(settle).await;
        let now = stamps(directory).await;
        if now == before {
            return;
        }
        before = now;
    }
}

async fn stamps(directory: &Path) -> Vec<Stamp> {
    let files: Vec<PathBuf> = Slot::ALL
        .into_iter()
        .map(|slot| component_path(directory, slot))
        .flat_map(|component| [signature_path(&component), component])
        .collect();
    let stamp = |file: &PathBuf| -> Stamp {
        let metadata = std::fs::metadata(file).ok()?;
        Some((metadata.len(), metadata.modified().ok()?))
    };
    tokio::task::spawn_blocking(move || files.iter().map(stamp).collect())
        .await
        .unwrap_or_default()
}

/// Loads every component that is not known yet.
async fn look(plugins: &Arc<Plugins>, directory: &Path) {
    for slot in Slot::ALL {
        let (plugins, path) = (Arc::clone(plugins), component_path(directory, slot));
        let looked = tokio::task::spawn_blocking(move || {
            if path.exists() {
                // A refusal is in the log and the audit log already.
                let _ = plugins.swap_from_file(slot, &path);
            }
        });
        if let Err(error) = looked.await {
            tracing::error!(%slot, %error, "a plugin file could not be looked at");
        }
    }
}
