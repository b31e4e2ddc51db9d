//! Where the networks of a configuration run.

use std::env::consts::{ARCH, OS};
use std::ffi::OsString;
use std::path::Path;

use super::StartError;
use crate::config::Config;
use crate::inference::InferenceError;
use crate::inference::devices::{
    Device, DeviceReport, Launcher, Placement, Search, TrialNetwork, with_search_path,
};
use crate::models;
use crate::models::devices::{Table, present, root, status};
use crate::models::manifest::{Manifest, ManifestError, ModelDirectory, Set};

/// What this program is told so that it does a trial.
pub(crate) const TRY: [&str; 2] = ["devices", "try"];

/// Chooses where the networks of a set run; tries devices that are not known yet. Blocks for as long as that takes. The manifest is one of
/// [`models::with_present_graphs`], as it is for [`search`].
///
/// # Errors
/// When a device that is asked for cannot be taken, or the manifest or the table is wrong.
pub(crate) fn placement(
    config: &Config,
    manifest: &Manifest,
    set: &Set,
    library: &Path,
) -> Result<Placement, StartError> {
    Ok(search(config, manifest, set, Some(library), false)?.0?)
}

/// As [`placement`], and what is said of devices also where none can be chosen. `again` tries all anew; without a library of
/// ONNX Runtime nothing is tried.
///
/// # Errors
/// When the manifest or the table is wrong.
pub(crate) fn search(
    config: &Config,
    manifest: &Manifest,
    set: &Set,
    library: Option<&Path>,
    again: bool,
) -> Result<(Result<Placement, InferenceError>, DeviceReport), StartError> {
    let choice = &config.inference;
    let directory = ModelDirectory(config.directories.models.clone());
    // The processor alone is no choice: then nothing is looked at.
    let is_choice = !choice.device.is_processor_only();
    let mut networks = Vec::new();
    if is_choice && library.is_some() {
        networks = networks_of(manifest, set, &directory)?;
    }
    let status = if is_choice {
        status(&Table::built_in()?, &directory)?
    } else {
        Vec::new()
    };
    let search = Search {
        setting: &choice.device,
        runtime: library.unwrap_or(Path::new("")),
        networks,
        status,
        folder: root(&directory),
        launcher: Launcher {
            // Nothing is started when this is not known.
            program: std::env::current_exe().unwrap_or_default(),
            arguments: TRY.map(OsString::from).to_vec(),
            limit: choice.trial_limit,
        },
        sessions: choice.sessions,
        threads: choice.threads_per_session,
        again,
    };
    Ok(search.run())
}

/// The networks of a set that are here, each with the hash of its graph.
fn networks_of(
    manifest: &Manifest,
    set: &Set,
    directory: &ModelDirectory,
) -> Result<Vec<(TrialNetwork, String)>, ManifestError> {
    let mut networks = Vec::new();
    for name in set.models.iter().chain(&set.optional) {
        let model = manifest.model(name)?;
        let graph = model.graph();
        let tokenizer = model.tokenizer.as_deref();
        if !tokenizer
            .into_iter()
            .chain([graph])
            .all(|file| directory.path(file).exists())
        {
            continue;
        }
        // What cannot be read fails when it is loaded, with what is to be done.
        let hash = models::sha256_of(directory, graph).unwrap_or_default();
        let network = TrialNetwork {
            name: model.name.clone(),
            role: model.role,
            file: directory.path(graph),
            input: model.input,
        };
        networks.push((network, hash));
    }
    Ok(networks)
}

/// What the search path of the system's loader must be from the start of the process on, so that the packages of devices work
/// that may be taken; none when it is that already. Errors are told when devices are chosen.
pub(crate) fn needed_search_path(config: &Config) -> Option<OsString> {
    let device = &config.inference.device;
    let directory = ModelDirectory(config.directories.models.clone());
    if !cfg!(target_os = "linux") || device.is_processor_only() || !root(&directory).exists() {
        return None;
    }
    let mut table = Table::built_in().ok()?;
    let searched: Vec<String> = table
        .builds
        .iter()
        .filter(|build| build.search_path && build.os == OS && build.arch == ARCH)
        .map(|build| build.provider.clone())
        .collect();
    // Of the others, no file is looked at.
    table.providers.retain(|provider| {
        let named = provider.id.parse::<Device>();
        searched.contains(&provider.id) && named.is_ok_and(|named| device.may_use(named))
    });
    with_search_path(&present(&table, &directory).ok()?.first()?.folder)
}
