//! Several files of a hub at a time, each checked; what is interrupted stays for the next attempt.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use indicatif::{MultiProgress, ProgressBar};

use super::{
    hub::{Hub, Source},
    hub_error::HubError,
    presence::sha256,
    progress,
};

/// Where files lie until they are whole, in the directory that they are meant for.
const PARTIAL: &str = ".partial";
/// Downloads at the same time: enough to fill a line whose other end limits each connection, and polite.
const CONNECTIONS: usize = 4;

/// A file that has arrived whole.
pub(super) struct Arrived {
    /// As [`Source::partial_name`].
    pub(super) partial_name: String,
    /// Where it lies.
    pub(super) path: PathBuf,
    /// SHA-256 in hexadecimal, which is the one that was expected, where one was.
    pub(super) sha256: String,
}

/// Brings files of a hub into a directory's folder of partial files. When one fails, the others are given up.
///
/// # Errors
/// The first failure; whatever has arrived stays, unless it is wrong.
pub(super) fn all(hub: &Hub, sources: &[Source<'_>], directory: &Path) -> Result<Vec<Arrived>, HubError> {
    let folder = directory.join(PARTIAL);
    let waiting = Mutex::new(sources.iter());
    let arrived = Mutex::new(Vec::new());
    let failure = Mutex::new(None);
    let stop = AtomicBool::new(false);
    let bars = MultiProgress::new();
    let work = || {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(source) = next.filter(|_| !stop.load(Ordering::Relaxed)) else {
                return;
            };
            let bar = bars.add(progress::bar(source.name(), source.bytes));
            let result = one(hub, source, &folder, &bar, &stop);
            bar.finish_and_clear();
            match result {
                Ok(file) => arrived.lock().unwrap_or_else(PoisonError::into_inner).push(file),
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    // The others only say that they were given up.
                    let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                    failure.get_or_insert(error);
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS.min(sources.len()) {
            scope.spawn(work);
        }
    });
    match failure.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(arrived.into_inner().unwrap_or_else(PoisonError::into_inner)),
    }
}

/// Removes the folder of partial files, once all of them were put to their places or used.
pub(super) fn clear(directory: &Path) {
    let folder = directory.join(PARTIAL);
    if let Err(error) = fs::remove_dir_all(&folder) {
        tracing::debug!(%error, "downloaded files that are not needed any more were not removed");
    }
}

fn one(
    hub: &Hub,
    source: &Source<'_>,
    folder: &Path,
    bar: &ProgressBar,
    stop: &AtomicBool,
) -> Result<Arrived, HubError> {
    let unwritable = |cause: io::Error| HubError::Write {
        file: source.name(),
        source: cause,
    };
    fs::create_dir_all(folder).map_err(unwritable)?;
    let path = folder.join(source.partial_name());
    let stated = hub.download(source, &path, bar, stop)?;
    let found = sha256(&path).map_err(unwritable)?;
    if let Some(expected) = source
        .sha256
        .or(stated.as_deref())
        .filter(|expected| *expected != found)
    {
        fs::remove_file(&path).map_err(unwritable)?;
        return Err(hub.mismatch(source, expected, &found));
    }
    Ok(Arrived {
        partial_name: source.partial_name(),
        path,
        sha256: found,
    })
}
