//! Takes single files out of packages and checks them on the way.

use std::{
    fs, io,
    io::{Read, Write as _},
    path::{Component, Path, PathBuf},
};

use sha2::{Digest as _, Sha256};

use super::{manifest::PackageKind, presence::sha256};
use crate::digest::hexadecimal;

/// A file that could not be taken out of a package.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The archive is damaged, or the disk is full.
    #[error("the package cannot be unpacked")]
    Io(#[from] io::Error),
    /// The wheel is damaged.
    #[error("the package cannot be unpacked")]
    Zip(#[from] zip::result::ZipError),
    /// The package is not the one that is meant.
    #[error("it has SHA-256 {found} instead of {expected}; it is not the expected package")]
    OtherPackage {
        /// What the table says.
        expected: String,
        /// What was found.
        found: String,
    },
    /// The package does not hold the file.
    #[error("the package does not hold {0}")]
    Absent(String),
    /// The file is not the one that the manifest means.
    #[error("{path} in the package has SHA-256 {found} instead of {expected}; it is not the expected file")]
    Mismatch {
        /// Where the file lies in the package.
        path: String,
        /// What the manifest says.
        expected: String,
        /// What was found, or `more than N bytes`.
        found: String,
    },
}

/// One file to take out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// Where it lies: in a wheel from the archive's root, otherwise from the one folder at the archive's root.
    pub(super) path: &'a str,
    /// SHA-256 in hexadecimal.
    pub(super) sha256: &'a str,
    /// Size in bytes.
    pub(super) bytes: u64,
}

/// Makes sure that a package is the one that is meant.
///
/// # Errors
/// When it cannot be read, or its SHA-256 is another.
pub(super) fn check(archive: &Path, expected: &str) -> Result<(), ArchiveError> {
    let found = sha256(archive)?;
    if found == expected {
        return Ok(());
    }
    Err(ArchiveError::OtherPackage {
        expected: expected.to_owned(),
        found,
    })
}

/// Takes files out of a package. Entry `n` becomes the file `n` of the answer, in `directory`; each is on the disk
/// when this returns. When anything is wrong, none of them is left behind.
///
/// # Errors
/// When the archive cannot be read, does not hold an entry, or holds something else under its name.
pub(super) fn extract(
    archive: &Path,
    kind: PackageKind,
    entries: &[Entry<'_>],
    directory: &Path,
) -> Result<Vec<PathBuf>, ArchiveError> {
    let targets: Vec<PathBuf> = (0..entries.len())
        .map(|number| directory.join(format!("extracted-{number}")))
        .collect();
    let result = match kind {
        PackageKind::Wheel => from_zip(archive, entries, &targets),
        _ => from_tar_gz(archive, entries, &targets),
    };
    match result {
        Ok(()) => Ok(targets),
        Err(error) => {
            for target in &targets {
                // Those that were never made cannot be removed, and that is fine.
                let _ = fs::remove_file(target);
            }
            Err(error)
        }
    }
}

fn from_zip(archive: &Path, entries: &[Entry<'_>], targets: &[PathBuf]) -> Result<(), ArchiveError> {
    let mut zip = zip::ZipArchive::new(io::BufReader::new(fs::File::open(archive)?))?;
    for (entry, target) in entries.iter().zip(targets) {
        let file = match zip.by_name(entry.path) {
            Err(zip::result::ZipError::FileNotFound) => {
                return Err(ArchiveError::Absent(entry.path.to_owned()));
            }
            other => other?,
        };
        write_checked(file, entry, target)?;
    }
    Ok(())
}

fn from_tar_gz(archive: &Path, entries: &[Entry<'_>], targets: &[PathBuf]) -> Result<(), ArchiveError> {
    let file = io::BufReader::new(fs::File::open(archive)?);
    let mut tar = tar::Archive::new(flate2::bufread::GzDecoder::new(file));
    let mut found = vec![false; entries.len()];
    for member in tar.entries()? {
        let member = member?;
        let path = below_root(&member.path()?);
        let Some(number) = entries
            .iter()
            .position(|entry| path.as_deref() == Some(Path::new(entry.path)))
        else {
            continue;
        };
        write_checked(member, &entries[number], &targets[number])?;
        found[number] = true;
        if found.iter().all(|found| *found) {
            return Ok(());
        }
    }
    match entries.iter().zip(&found).find(|(_, found)| !**found) {
        Some((entry, _)) => Err(ArchiveError::Absent(entry.path.to_owned())),
        None => Ok(()),
    }
}

/// The path without the archive's root folder, whose name holds the version (`scrfd-0.3.0/`, `package/`).
fn below_root(path: &Path) -> Option<PathBuf> {
    let mut components = path.components().filter(|part| *part != Component::CurDir);
    components.next()?;
    Some(components.collect())
}

/// Copies at most the expected number of bytes, hashing them, and syncs the file to the disk.
fn write_checked(source: impl Read, entry: &Entry<'_>, target: &Path) -> Result<(), ArchiveError> {
    let mismatch = |found: String| ArchiveError::Mismatch {
        path: entry.path.to_owned(),
        expected: entry.sha256.to_owned(),
        found,
    };
    // One byte more than expected is enough to know that it is wrong, however much a damaged archive would yield.
    let mut source = source.take(entry.bytes + 1);
    let mut file = fs::File::create(target)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut copied = 0;
    loop {
        let count = source.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        file.write_all(&buffer[..count])?;
        copied += count as u64; // usize is at most 64 bits wide
    }
    if copied > entry.bytes {
        return Err(mismatch(format!("more than {} bytes", entry.bytes)));
    }
    let hash = hexadecimal(&hasher.finalize());
    if hash != entry.sha256 {
        return Err(mismatch(hash));
    }
    file.sync_all()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    type TestResult = Result<(), Box<dyn std::error::Error>>;

    /// SHA-256 of the three bytes `abc` (FIPS 180-4, example B.1).
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn entry(path: &'static str) -> Entry<'static> {
        Entry {
            path,
            sha256: ABC,
            bytes: 3,
        }
    }

    fn wheel(path: &Path, members: &[(&str, &str)]) -> TestResult {
        let mut zip = zip::ZipWriter::new(fs::File::create(path)?);
        for (name, content) in members {
            zip.start_file(*name, zip::write::SimpleFileOptions::default())?;
            zip.write_all(content.as_bytes())?;
        }
        zip.finish()?;
        Ok(())
    }

    fn tgz(path: &Path, members: &[(&str, &str)]) -> TestResult {
        let gzip = flate2::write::GzEncoder::new(fs::File::create(path)?, flate2::Compression::fast());
        let mut tar = tar::Builder::new(gzip);
        for (name, content) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            tar.append_data(&mut header, name, content.as_bytes())?;
        }
        tar.into_inner()?.finish()?;
        Ok(())
    }

    /// Names of everything in a directory but the archive.
    fn left_behind(directory: &Path) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for item in fs::read_dir(directory)? {
            let name = item?.file_name().to_string_lossy().into_owned();
            if name != "archive" {
                names.push(name);
            }
        }
        Ok(names)
    }

    #[test]
    fn takes_files_out_of_a_wheel() -> TestResult {
        let directory = tempfile::tempdir()?;
        let archive = directory.path().join("archive");
        wheel(&archive, &[("p/x", "no"), ("p/a", "abc"), ("q/a", "abc")])?;
        let files = extract(
            &archive,
            PackageKind::Wheel,
            &[entry("q/a"), entry("p/a")],
            directory.path(),
        )?;
        assert_eq!(files.len(), 2);
        assert_eq!(fs::read_to_string(&files[0])?, "abc");
        assert_eq!(left_behind(directory.path())?.len(), 2);
        Ok(())
    }

    #[test]
    fn takes_files_out_of_tarballs_below_their_root_folder() -> TestResult {
        for (root, kind) in [("p-1.0", PackageKind::Sdist), ("package", PackageKind::Npm)] {
            let directory = tempfile::tempdir()?;
            let archive = directory.path().join("archive");
            tgz(
                &archive,
                &[(&format!("{root}/m/b"), "no"), (&format!("{root}/m/a"), "abc")],
            )?;
            let files = extract(&archive, kind, &[entry("m/a")], directory.path())?;
            assert_eq!(fs::read_to_string(&files[0])?, "abc");
        }
        Ok(())
    }

    #[test]
    fn refuses_another_content_and_leaves_nothing_behind() -> TestResult {
        for content in ["abd", "abcabc", "ab", ""] {
            let directory = tempfile::tempdir()?;
            let archive = directory.path().join("archive");
            wheel(&archive, &[("good", "abc"), ("bad", content)])?;
            let result = extract(
                &archive,
                PackageKind::Wheel,
                &[entry("good"), entry("bad")],
                directory.path(),
            );
            assert!(
                matches!(result, Err(ArchiveError::Mismatch { .. })),
                "{content:?}"
            );
            assert!(left_behind(directory.path())?.is_empty(), "{content:?}");

            tgz(&archive, &[("r/good", "abc"), ("r/bad", content)])?;
            let result = extract(
                &archive,
                PackageKind::Npm,
                &[entry("good"), entry("bad")],
                directory.path(),
            );
            assert!(
                matches!(result, Err(ArchiveError::Mismatch { .. })),
                "{content:?}"
            );
            assert!(left_behind(directory.path())?.is_empty(), "{content:?}");
        }
        Ok(())
    }

    #[test]
    fn says_what_a_package_does_not_hold() -> TestResult {
        let directory = tempfile::tempdir()?;
        let archive = directory.path().join("archive");
        wheel(&archive, &[("a", "abc")])?;
        let result = extract(
            &archive,
            PackageKind::Wheel,
            &[entry("a"), entry("b")],
            directory.path(),
        );
        assert!(matches!(result, Err(ArchiveError::Absent(name)) if name == "b"));
        tgz(&archive, &[("r/a", "abc")])?;
        let result = extract(&archive, PackageKind::Sdist, &[entry("r/a")], directory.path());
        assert!(matches!(result, Err(ArchiveError::Absent(name)) if name == "r/a"));
        Ok(())
    }

    #[test]
    fn tells_another_package_from_the_one_that_is_meant() -> TestResult {
        let directory = tempfile::tempdir()?;
        let archive = directory.path().join("archive");
        fs::write(&archive, "abc")?;
        check(&archive, ABC)?;
        fs::write(&archive, "abd")?;
        let result = check(&archive, ABC);
        assert!(matches!(result, Err(ArchiveError::OtherPackage { expected, .. }) if expected == ABC));
        Ok(())
    }

    #[test]
    fn refuses_a_damaged_archive() -> TestResult {
        let directory = tempfile::tempdir()?;
        let archive = directory.path().join("archive");
        fs::write(&archive, "not an archive")?;
        for kind in [PackageKind::Wheel, PackageKind::Npm] {
            assert!(extract(&archive, kind, &[entry("a")], directory.path()).is_err());
        }
        assert!(left_behind(directory.path())?.is_empty());
        Ok(())
    }
}
