//! Several files of a hub at a time, each checked; what is interrupted stays for the next attempt.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, OnceLock, PoisonError},
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
    // The first one, which ends the other downloads.
    let failure = OnceLock::new();
    let bars = MultiProgress::new();
    let work = || {
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(source) = next.filter(|_| failure.get().is_none()) else {
                return;
            };
            let bar = bars.add(progress::bar(source.name(), source.bytes));
            let result = one(hub, source, &folder, &bar, &failure);
            bar.finish_and_clear();
            match result {
                Ok(file) => arrived.lock().unwrap_or_else(PoisonError::into_inner).push(file),
                // What comes after the first only says that it was given up, or is as good a cause.
                Err(error) => drop(failure.set(error)),
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..CONNECTIONS.min(sources.len()) {
            scope.spawn(work);
        }
    });
    match failure.into_inner() {
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
    failure: &OnceLock<HubError>,
) -> Result<Arrived, HubError> {
    let unwritable = |cause: io::Error| HubError::Write {
        file: source.name(),
        source: cause,
    };
    fs::create_dir_all(folder).map_err(unwritable)?;
    let path = folder.join(source.partial_name());
    let stated = hub.download(source, &path, bar, failure)?;
    let found = sha256(&path).map_err(unwritable)?;
    if let Some(expected) = source
        .sha256
        .or(stated.as_deref())
        .filter(|expected| *expected != found)
    {
        fs::remove_file(&path).map_err(unwritable)?;
        return Err(hub.other_hash(source, expected, &found));
    }
    Ok(Arrived {
        partial_name: source.partial_name(),
        path,
        sha256: found,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::hub::HubSettings;

    /// Asking nobody takes no time; asking an address where nobody listens would take several tries.
    #[test]
    fn after_a_failure_nobody_is_asked_any_more() -> Result<(), Box<dyn std::error::Error>> {
        let hub = Hub::new(&HubSettings {
            endpoint: "http://127.0.0.1:9".to_owned(),
            token: None,
        })?;
        let source = Source {
            repository: "owner/name",
            revision: "0123",
            path: "a.onnx",
            sha256: None,
            bytes: 1,
        };
        let directory = tempfile::tempdir()?;
        let failure = OnceLock::from(HubError::Client("the first failure".into()));
        let result = one(&hub, &source, directory.path(), &ProgressBar::hidden(), &failure);
        assert!(matches!(result, Err(HubError::GivenUp(file)) if file == "owner/name/a.onnx"));
        assert!(
            fs::read_dir(directory.path())?.next().is_none(),
            "nothing was begun"
        );
        Ok(())
    }
}
