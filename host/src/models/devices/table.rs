//! The table of devices (`models/devices.toml`): which execution providers there are for ONNX Runtime, where their
//! libraries come from, and what they need of the machine, as data.
//!
//! A `[[provider]]` is one way of running networks on hardware. Its `[[build]]` entries hold, for each platform, the
//! files of which it consists; `[[package]]` entries say which wheel carries them; `[[requirement]]` entries name what
//! no package brings, such as a driver.

use std::{
    collections::BTreeMap,
    env::consts::{ARCH, OS},
};

use serde::Deserialize;

use crate::models::manifest::Package;

/// The table that was compiled into the worker.
const BUILT_IN: &str = include_str!("../../../../models/devices.toml");

/// Everything that the table says.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Ways of running networks on hardware, the more general ones first.
    #[serde(rename = "provider")]
    pub providers: Vec<Provider>,
    /// Their files, for each platform.
    #[serde(rename = "build")]
    pub builds: Vec<Build>,
    /// The wheels that carry them, each with the SHA-256 of the whole.
    #[serde(rename = "package")]
    pub packages: Vec<Package>,
    /// What no package brings.
    #[serde(rename = "requirement")]
    pub requirements: Vec<Requirement>,
}

/// An execution provider of ONNX Runtime.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// What users call it, in `DEVICE` and in `models pull --device`; unique. Also its folder below `devices` in the
    /// models directory.
    pub id: String,
    /// The hardware that it is for, as users know it.
    pub hardware: String,
    /// The name under which the plug-in is registered; it must not end in `.virtual`, which asks a plug-in for devices
    /// that compile only. None for a provider that is part of ONNX Runtime's own library.
    pub registers_as: Option<String>,
    /// The name of the execution provider that its devices carry.
    pub provider: String,
    /// Options that a session on it is given, without the prefix that ONNX Runtime puts before them: such as the one that
    /// asks for 32-bit arithmetic.
    #[serde(default)]
    pub options: BTreeMap<String, String>,
    /// What they are where there is a folder for compiled graphs, whose path stands in the place of `{cache}`; an option
    /// that is not named here stays as it is in `options`. None: the provider has no such folder.
    #[serde(default)]
    pub options_with_cache: BTreeMap<String, String>,
    /// Whether its package brings an ONNX Runtime of its own, on which every network then runs, whatever its device.
    #[serde(default)]
    pub replaces_runtime: bool,
    /// The operating systems, as in [`std::env::consts::OS`], whose pinned ONNX Runtime has this provider, so that there is
    /// nothing to fetch.
    #[serde(default)]
    pub part_of_runtime: Vec<String>,
}

/// A provider's files on one platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Build {
    /// The `id` of the provider.
    pub provider: String,
    /// As in [`std::env::consts::OS`].
    pub os: String,
    /// As in [`std::env::consts::ARCH`].
    pub arch: String,
    /// The file to register; with `replaces_runtime` the ONNX Runtime to load.
    pub library: String,
    /// Files that must be loaded before it, in this order, because it does not find them in its own folder.
    #[serde(default)]
    pub preload: Vec<String>,
    /// Whether the folder must be among those that the loader searches when the process starts (`LD_LIBRARY_PATH`), because
    /// a library looks for another by its bare name.
    #[serde(default)]
    pub search_path: bool,
    /// The `id`s of what it needs beside its files.
    #[serde(default)]
    pub needs: Vec<String>,
    /// All files, the library among them.
    #[serde(rename = "file")]
    pub files: Vec<LibraryFile>,
}

/// One file of a provider. It lies in the provider's folder under the name that it has in the package.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryFile {
    /// The `id` of the package that carries it.
    pub package: String,
    /// Where it lies in the package.
    pub path: String,
    /// Its name in the provider's folder, where it is not the one that it has in the package.
    pub name: Option<String>,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SPDX identifier of the licence, or `LicenseRef-…` for terms that must be accepted.
    pub licence: String,
    /// Where the terms of such a licence are, or what else a user must know about it.
    pub licence_note: Option<String>,
}

impl LibraryFile {
    /// Its name in the provider's folder.
    #[must_use]
    pub fn name(&self) -> &str {
        let published = self.path.rsplit('/').next().unwrap_or(&self.path);
        self.name.as_deref().unwrap_or(published)
    }
}

/// Something that must be on the machine and that no package brings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Requirement {
    /// How `build` entries refer to it; unique.
    pub id: String,
    /// What it is, for people.
    pub what: String,
    /// File names of which at least one is in a folder of the system's libraries when it is there.
    pub libraries: Vec<String>,
    /// Whether the provider has hardware that does without it.
    #[serde(default)]
    pub optional: bool,
    /// What installs it, by system.
    pub install: Vec<Installation>,
}

/// What installs a requirement.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Installation {
    /// The system, as people call it: `Debian and Ubuntu`.
    pub on: String,
    /// A command, or what else to do.
    pub by: String,
}

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The text does not follow the schema.
    #[error("the table of devices cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// An entry refers to one that does not exist.
    #[error("the table of devices refers to {0:?}, which it does not define")]
    Dangling(String),
    /// A provider that does not exist was asked for.
    #[error("there is no device {asked:?} to fetch; choose one of {known}")]
    UnknownProvider {
        /// The name that was given.
        asked: String,
        /// The names that exist.
        known: String,
    },
    /// There is no package for this platform.
    #[error("{id} has no package for {platform}; it has packages for {known}")]
    OtherPlatform {
        /// The provider.
        id: String,
        /// This platform.
        platform: String,
        /// The platforms that have one.
        known: String,
    },
    /// ONNX Runtime has the provider already.
    #[error("{0} is part of ONNX Runtime on this platform, so there is nothing to fetch for it")]
    PartOfRuntime(String),
}

impl Table {
    /// The table that was compiled into the worker.
    ///
    /// # Errors
    /// When it does not follow the schema; a test makes sure that it does.
    pub fn built_in() -> Result<Self, TableError> {
        Ok(toml::from_str(BUILT_IN)?)
    }

    /// The provider with this `id`.
    ///
    /// # Errors
    /// When there is none.
    pub fn provider(&self, id: &str) -> Result<&Provider, TableError> {
        self.providers
            .iter()
            .find(|provider| provider.id == id)
            .ok_or_else(|| TableError::UnknownProvider {
                asked: id.to_owned(),
                known: join(self.providers.iter().map(|provider| provider.id.as_str())),
            })
    }

    /// A provider's files on a platform, named as in [`std::env::consts`].
    #[must_use]
    pub fn build(&self, provider: &Provider, os: &str, arch: &str) -> Option<&Build> {
        self.builds
            .iter()
            .find(|build| build.provider == provider.id && build.os == os && build.arch == arch)
    }

    /// The provider with this `id`, and its files on this platform, when there is something to fetch.
    ///
    /// # Errors
    /// When there is no such provider, or nothing to fetch for it, and why.
    pub fn to_fetch_here(&self, id: &str) -> Result<(&Provider, &Build), TableError> {
        let provider = self.provider(id)?;
        Ok((provider, self.to_fetch(provider, OS, ARCH)?))
    }

    /// A provider's files on a platform, when they are to be fetched.
    ///
    /// # Errors
    /// When there is nothing to fetch, and why.
    pub(super) fn to_fetch(&self, provider: &Provider, os: &str, arch: &str) -> Result<&Build, TableError> {
        if provider.part_of_runtime.iter().any(|other| other == os) {
            return Err(TableError::PartOfRuntime(provider.id.clone()));
        }
        self.build(provider, os, arch)
            .ok_or_else(|| TableError::OtherPlatform {
                id: provider.id.clone(),
                platform: platform(os, arch),
                known: match self.platforms(provider).as_slice() {
                    [] => "none".to_owned(),
                    known => join(known.iter().map(String::as_str)),
                },
            })
    }

    /// The platforms for which a provider has files, as people read them: `linux x86_64`.
    #[must_use]
    pub fn platforms(&self, provider: &Provider) -> Vec<String> {
        self.builds
            .iter()
            .filter(|build| build.provider == provider.id)
            .map(|build| platform(&build.os, &build.arch))
            .collect()
    }

    /// The package with this `id`.
    ///
    /// # Errors
    /// When there is none.
    pub fn package(&self, id: &str) -> Result<&Package, TableError> {
        self.packages
            .iter()
            .find(|package| package.id == id)
            .ok_or_else(|| TableError::Dangling(id.to_owned()))
    }

    /// The package that carries the library of a build.
    ///
    /// # Errors
    /// When there is none.
    pub fn carrier(&self, build: &Build) -> Result<&Package, TableError> {
        let library = build.files.iter().find(|file| file.name() == build.library);
        self.package(
            &library
                .ok_or_else(|| TableError::Dangling(build.library.clone()))?
                .package,
        )
    }

    /// The requirement with this `id`.
    ///
    /// # Errors
    /// When there is none.
    pub fn requirement(&self, id: &str) -> Result<&Requirement, TableError> {
        self.requirements
            .iter()
            .find(|requirement| requirement.id == id)
            .ok_or_else(|| TableError::Dangling(id.to_owned()))
    }
}

fn platform(os: &str, arch: &str) -> String {
    format!("{os} {arch}")
}

fn join<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
