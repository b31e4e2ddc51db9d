//! What of each provider is on this machine.

use std::{
    collections::BTreeMap,
    env::consts::{ARCH, OS},
    path::{Path, PathBuf},
};

use super::{
    files::{self, folder},
    requirements,
    table::{Build, Installation, Provider, Table, TableError},
};
use crate::{
    digest::digest,
    models::{licences, manifest::ModelDirectory, presence::Presence},
};

/// A provider whose files are all there and right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// The provider's `id`.
    pub id: String,
    /// The package that carries the library.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The library to register; with `replaces_runtime` the ONNX Runtime to load. Absolute when the models directory is.
    pub library: PathBuf,
    /// SHA-256 of all its files together, in hexadecimal: of their names and hashes in the table's order.
    pub sha256: String,
    /// The name under which to register it; none with `replaces_runtime`.
    pub registers_as: Option<String>,
    /// The name of the execution provider that its devices carry.
    pub provider: String,
    /// The folder with everything that it loads.
    pub folder: PathBuf,
    /// Libraries to load before it, in this order.
    pub preload: Vec<PathBuf>,
    /// Whether `folder` must be among those that the loader searches when the process starts.
    pub search_path: bool,
    options: BTreeMap<String, String>,
    options_with_cache: BTreeMap<String, String>,
    /// Whether it is an ONNX Runtime of its own.
    pub replaces_runtime: bool,
}

/// What stands in an option where the path of the folder for compiled graphs belongs.
const CACHE: &str = "{cache}";

impl Present {
    /// Whether it can keep compiled graphs in a folder.
    #[must_use]
    pub fn caches(&self) -> bool {
        !self.options_with_cache.is_empty()
    }

    /// The options that a session on it is given, without the prefix that ONNX Runtime puts before them; with a folder for
    /// compiled graphs, where there is one.
    #[must_use]
    pub fn session_options(&self, cache: Option<&Path>) -> BTreeMap<String, String> {
        session_options(&self.options, &self.options_with_cache, cache)
    }
}

fn session_options(
    options: &BTreeMap<String, String>,
    with_cache: &BTreeMap<String, String>,
    cache: Option<&Path>,
) -> BTreeMap<String, String> {
    let mut options = options.clone();
    if let Some(folder) = cache {
        let folder = folder.to_string_lossy();
        // An option that is a JSON object has the path within a string of its own.
        let escaped = serde_json::Value::from(folder.as_ref()).to_string();
        let escaped = escaped
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(&escaped);
        for (name, template) in with_cache {
            let path = if template.starts_with('{') && template != CACHE {
                escaped
            } else {
                &folder
            };
            options.insert(name.clone(), template.replace(CACHE, path));
        }
    }
    options
}

/// What of a provider's package is on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OnThisPlatform {
    /// ONNX Runtime has the provider already.
    PartOfRuntime,
    /// Nobody packages it for this platform; there are packages for these.
    NotPackaged(Vec<String>),
    /// It was not fetched.
    Absent,
    /// Some of its files are there, but these are missing or not the right ones.
    Incomplete(Vec<String>),
    /// All is there.
    Present(Box<Present>),
}

/// Something that the provider needs and no package brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Need {
    /// What it is, for people.
    pub what: String,
    /// The libraries that were looked for, of which one is enough.
    pub libraries: Vec<String>,
    /// Whether one of them was found.
    pub found: bool,
    /// Whether the provider has hardware that does without it.
    pub optional: bool,
    /// What installs it, by system.
    pub install: Vec<Installation>,
}

/// A provider of the table, and what of it is on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// The provider's `id`.
    pub id: String,
    /// The hardware that it supports.
    pub hardware: String,
    /// Name and version of the package that carries its library, where there is one for this platform.
    pub package: Option<(String, String)>,
    /// What a pull downloads in bytes when nothing is there; 0 where there is no package.
    pub download_bytes: u64,
    /// The licences of its files, each once.
    pub licences: Vec<String>,
    /// Whether it is installed.
    pub state: OnThisPlatform,
    /// What it needs beside its package.
    pub needs: Vec<Need>,
}

/// Every provider of the table, in its order, and what of it is on this machine.
///
/// # Errors
/// When the table contradicts itself.
pub fn status(table: &Table, directory: &ModelDirectory) -> Result<Vec<Status>, TableError> {
    table
        .providers
        .iter()
        .map(|provider| of_provider(table, provider, directory, (OS, ARCH)))
        .collect()
}

/// The providers whose files are all on this machine, in the table's order.
///
/// # Errors
/// When the table contradicts itself.
pub fn present(table: &Table, directory: &ModelDirectory) -> Result<Vec<Present>, TableError> {
    let present = status(table, directory)?
        .into_iter()
        .filter_map(|status| match status.state {
            OnThisPlatform::Present(present) => Some(*present),
            _ => None,
        });
    Ok(present.collect())
}

fn of_provider(
    table: &Table,
    provider: &Provider,
    directory: &ModelDirectory,
    (os, arch): (&str, &str),
) -> Result<Status, TableError> {
    let mut status = Status {
        id: provider.id.clone(),
        hardware: provider.hardware.clone(),
        package: None,
        download_bytes: 0,
        licences: Vec::new(),
        state: OnThisPlatform::PartOfRuntime,
        needs: Vec::new(),
    };
    let Some(build) = table.build(provider, os, arch) else {
        if !provider.part_of_runtime.iter().any(|other| other == os) {
            status.state = OnThisPlatform::NotPackaged(table.platforms(provider));
        }
        return Ok(status);
    };
    let wanted = files::wanted(table, build)?;
    let carrier = table.carrier(build)?;
    status.package = Some((carrier.name.clone(), carrier.version.clone()));
    status.download_bytes = licences::packages(&wanted.iter().collect::<Vec<_>>())
        .iter()
        .filter_map(|package| package.bytes)
        .sum();
    for file in &wanted {
        if status.licences.iter().all(|licence| licence != file.licence) {
            status.licences.push(file.licence.to_owned());
        }
    }
    status.needs = needs(table, build)?;
    let folder = folder(directory, provider);
    let mut presence = Presence::read(&folder);
    let wrong: Vec<String> = wanted
        .iter()
        .filter(|file| !presence.has(file))
        .map(|file| file.name.to_owned())
        .collect();
    presence.save();
    let some_there = wanted.iter().any(|file| folder.join(file.name).exists());
    status.state = match (wrong.is_empty(), some_there) {
        (true, _) => OnThisPlatform::Present(Box::new(of_build(table, provider, build, folder)?)),
        (false, true) => OnThisPlatform::Incomplete(wrong),
        (false, false) => OnThisPlatform::Absent,
    };
    Ok(status)
}

/// What a build needs beside its files, and whether that is on this machine.
///
/// # Errors
/// When the table does not define it.
pub(super) fn needs(table: &Table, build: &Build) -> Result<Vec<Need>, TableError> {
    build
        .needs
        .iter()
        .map(|id| {
            let requirement = table.requirement(id)?;
            Ok(Need {
                what: requirement.what.clone(),
                libraries: requirement.libraries.clone(),
                found: requirements::is_there(requirement),
                optional: requirement.optional,
                install: requirement.install.clone(),
            })
        })
        .collect()
}

fn of_build(
    table: &Table,
    provider: &Provider,
    build: &Build,
    folder: PathBuf,
) -> Result<Present, TableError> {
    let carrier = table.carrier(build)?;
    let files: String = build
        .files
        .iter()
        .map(|file| format!("{} {}\n", file.name(), file.sha256))
        .collect();
    Ok(Present {
        id: provider.id.clone(),
        package: carrier.name.clone(),
        version: carrier.version.clone(),
        library: folder.join(&build.library),
        sha256: digest(files.as_bytes()),
        registers_as: provider.registers_as.clone(),
        provider: provider.provider.clone(),
        preload: build.preload.iter().map(|name| folder.join(name)).collect(),
        folder,
        search_path: build.search_path,
        options: provider.options.clone(),
        options_with_cache: provider.options_with_cache.clone(),
        replaces_runtime: provider.replaces_runtime,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(value: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("o".to_owned(), value.to_owned())])
    }

    #[test]
    fn the_cache_is_put_in_as_the_option_needs_it() {
        let folder = Path::new(r#"C:\a "b""#);
        let plain = session_options(&options("x"), &options("{cache}"), Some(folder));
        assert_eq!(plain["o"], r#"C:\a "b""#);
        let json = session_options(
            &options("x"),
            &options(r#"{"CPU": {"DIR": "{cache}"}}"#),
            Some(folder),
        );
        let json: serde_json::Value = serde_json::from_str(&json["o"]).unwrap_or_default();
        assert_eq!(json["CPU"]["DIR"], r#"C:\a "b""#);
        assert_eq!(
            session_options(&options("x"), &options("{cache}"), None)["o"],
            "x"
        );
    }
}
