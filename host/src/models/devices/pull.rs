//! Brings the libraries of a provider onto the machine, by download or by hand.

use std::{
    env::consts::{ARCH, OS},
    fs::File,
    io::Write,
    path::Path,
};

use super::{
    files::{folder, wanted},
    status::needs,
    table::{Build, Provider, Table},
};
use crate::models::{
    fetch::{self, Access, Delivery, Pulled},
    fetch_error::FetchError,
    import::ImportError,
    manifest::{ModelDirectory, Package},
    presence::{Presence, sha256},
    report,
    wanted::Wanted,
};

/// Brings the libraries of the provider with this `id` for this platform, as far as they are not there yet, and says what
/// it needs beside them.
///
/// # Errors
/// When there is no such provider, or none to fetch for this platform; and as for [`models::pull`](crate::models::pull).
pub fn pull(
    table: &Table,
    id: &str,
    directory: &ModelDirectory,
    access: &mut Access<'_>,
    out: &mut dyn Write,
) -> Result<Pulled, FetchError> {
    let (provider, build) = table.to_fetch_here(id)?;
    let pulled = fetch::bring(&wanted(table, build)?, &folder(directory, provider), access, out)?;
    say_what_else(table, provider, build, out)?;
    Ok(pulled)
}

/// Says what the provider needs that no package brings, what it changes, and how to see whether it is used.
fn say_what_else(
    table: &Table,
    provider: &Provider,
    build: &Build,
    out: &mut dyn Write,
) -> Result<(), FetchError> {
    for need in needs(table, build)?.iter().filter(|need| !need.found) {
        writeln!(
            out,
            "Not found here: {} ({}).",
            need.what,
            need.libraries.join(" or ")
        )?;
        for installation in &need.install {
            writeln!(out, "  {}: {}", installation.on, installation.by)?;
        }
    }
    if provider.replaces_runtime {
        let carrier = table.carrier(build)?;
        writeln!(
            out,
            "{} {} brings its own ONNX Runtime: with DEVICE={id}, or if auto chooses it, every network uses this \
             runtime, also networks on the processor.",
            carrier.name,
            carrier.version,
            id = provider.id
        )?;
    }
    writeln!(
        out,
        "Run `ai-worker devices` next: it tries the device with every network and says whether it is used, or why not."
    )?;
    Ok(())
}

/// Takes in a wheel of the table, or a single library out of one, that somebody brought by hand. False when the file is
/// neither by its name nor by its content for a device on this platform.
///
/// # Errors
/// When it is for a device by its name, but not the file that is meant; when a licence is not accepted, or the directory
/// cannot be written.
pub fn import(
    table: &Table,
    file: &Path,
    directory: &ModelDirectory,
    access: &mut Access<'_>,
    out: &mut dyn Write,
) -> Result<bool, ImportError> {
    let copying = |source| ImportError::Copy {
        file: file.to_owned(),
        source,
    };
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let mut expected = None;
    let mut found = None;
    for build in table
        .builds
        .iter()
        .filter(|build| build.os == OS && build.arch == ARCH)
    {
        let files = wanted(table, build).map_err(FetchError::from)?;
        let is_wheel = is_wheel(&name, &files);
        let called: Vec<&Wanted<'_>> = files.iter().filter(|file| file.is_called(&name)).collect();
        if is_wheel.is_none() && called.is_empty() {
            continue;
        }
        let found = match &mut found {
            Some(found) => found,
            empty => empty.insert(sha256(file).map_err(copying)?),
        };
        let folder = folder(
            directory,
            table.provider(&build.provider).map_err(FetchError::from)?,
        );
        if let Some(package) = is_wheel.filter(|package| package.sha256.as_ref() == Some(found)) {
            let files: Vec<&Wanted<'_>> = files
                .iter()
                .filter(|file| file.package.id == package.id)
                .collect();
            let mut delivery = Delivery::begin(&folder, out)?;
            delivery.obtain_consent_to_import(&files, access)?;
            let extracted = delivery.extract(file, package, &files)?;
            delivery.deliver_all(&files, extracted)?;
            return Ok(true);
        }
        if let Some(wanted) = called.iter().find(|file| file.source_sha256 == Some(found)) {
            let original = File::open(file).map_err(copying)?;
            let mut delivery = Delivery::begin(&folder, out)?;
            delivery.obtain_consent_to_import(&[wanted], access)?;
            let (copy, copied) = delivery.copy_in(original).map_err(copying)?;
            // The file may have changed since it was hashed.
            if copied != *found {
                return Err(ImportError::Mismatch {
                    file: file.to_owned(),
                    expected: found.clone(),
                    found: copied,
                });
            }
            delivery.deliver(wanted, &copy, copied)?;
            return Ok(true);
        }
        let meant = is_wheel.and_then(|package| package.sha256.as_deref());
        expected = meant
            .or_else(|| called.first().and_then(|file| file.source_sha256))
            .map(str::to_owned)
            .or(expected);
    }
    match (expected, found) {
        (Some(expected), Some(found)) => Err(ImportError::Mismatch {
            file: file.to_owned(),
            expected,
            found,
        }),
        _ => Ok(false),
    }
}

/// The package of which a file with this name is a wheel: `name-version-….whl`, where a wheel's name has underscores.
fn is_wheel<'a>(name: &str, files: &[Wanted<'a>]) -> Option<&'a Package> {
    let stem = name.strip_suffix(".whl")?.to_ascii_lowercase();
    files.iter().map(|file| file.package).find(|package| {
        stem.starts_with(&format!(
            "{}-",
            package.name.replace('-', "_").to_ascii_lowercase()
        ))
    })
}

/// Hashes every file of each provider of which some file is there, whatever is known of them, and prints of each whether it
/// is right. False when one is wrong or missing.
///
/// # Errors
/// When the table contradicts itself or `out` cannot be written.
pub fn verify(table: &Table, directory: &ModelDirectory, out: &mut dyn Write) -> Result<bool, FetchError> {
    let mut right = true;
    for provider in &table.providers {
        let Some(build) = table.build(provider, OS, ARCH) else {
            continue;
        };
        let folder = folder(directory, provider);
        let files = wanted(table, build)?;
        if files.iter().all(|file| !folder.join(file.name).exists()) {
            continue;
        }
        let mut presence = Presence::read(&folder);
        let again = format!("run `ai-worker models pull --device {}` again", provider.id);
        for file in &files {
            let name = format!("{}/{}", provider.id, file.name);
            let path = folder.join(file.name);
            let checked = report::check(file, &path, &name, &again, &mut presence, out)?;
            if checked.is_none() {
                writeln!(out, "missing  {name}: {again}")?;
            }
            right &= checked == Some(true);
        }
        presence.save();
    }
    Ok(right)
}
