//! Proves that the committed components are what their sources give.

use std::fs;
use std::path::{Path, PathBuf};

use crate::manifest::{Manifest, Record, component_path, hash_sources, sha256, tools};
use crate::{COMPONENTS, Component, Failure, compile, inspect, read, target_directory, toolchain, workspace};

/// Compares the committed files with the manifest, then with components rebuilt from clean.
///
/// The bytes must be equal when the tools equal the manifest's; with other tools they may differ,
/// and the rebuilt components must only be valid.
pub(crate) fn check() -> Result<(), Failure> {
    let workspace = workspace()?;
    let target = target_directory(&workspace);
    let manifest = Manifest::read(&workspace)?;
    let records = COMPONENTS
        .iter()
        .map(|component| committed(&workspace, &manifest, component))
        .collect::<Result<Vec<_>, _>>()?;
    println!("the committed components belong to the committed sources");

    let toolchain = toolchain::find(&workspace)?;
    let same_tools = tools(&workspace, &toolchain)? == manifest.toolchain;
    let clean = Temporary::create(target.join(format!("check-{}", std::process::id())))?;
    let modules = compile::compile(&workspace, &clean.0, &toolchain, &COMPONENTS)?;
    for ((record, component), module) in records.into_iter().zip(&COMPONENTS).zip(&modules) {
        let rebuilt = inspect::componentise(&workspace, component, module)?;
        let digest = sha256(&rebuilt);
        if digest == record.sha256 {
            println!("{}: rebuilt, equal ({digest})", record.name);
        } else if same_tools {
            return Err(format!(
                "{}: rebuilt with the same tools, but its SHA-256 is {digest}, not {}; \
                 run `cargo components build` if Cargo.toml or Cargo.lock changed what it is made from",
                record.name, record.sha256
            )
            .into());
        } else {
            println!("{}: rebuilt, valid, other bytes", record.name);
        }
    }
    if !same_tools {
        println!(
            "The committed components were built with other tools, so equal bytes were not required. Theirs:\n{}\nThese:\n{}",
            manifest.toolchain.rustc, toolchain.version
        );
    }
    Ok(())
}

/// The manifest's entry of a component, which its sources and its file agree with.
fn committed<'a>(
    workspace: &Path,
    manifest: &'a Manifest,
    component: &Component,
) -> Result<&'a Record, Failure> {
    let name = component.name;
    let record = manifest
        .component
        .iter()
        .find(|record| record.name == name)
        .ok_or_else(|| format!("components/manifest.toml has no {name}; run `cargo components build`"))?;
    if hash_sources(workspace, component)? != record.sources {
        return Err(format!(
            "the sources of {name} changed since it was built; run `cargo components build` and commit the result"
        )
        .into());
    }
    let path = component_path(workspace, component);
    let bytes = read(&path)?;
    if sha256(&bytes) != record.sha256 {
        return Err(format!(
            "{} is not the file that components/manifest.toml records; run `cargo components build`",
            path.display()
        )
        .into());
    }
    inspect::inspect(component, &bytes)?;
    Ok(record)
}

/// A folder that is removed when it is no longer needed.
struct Temporary(PathBuf);

impl Temporary {
    fn create(path: PathBuf) -> Result<Self, Failure> {
        fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if let Err(cause) = fs::remove_dir_all(&self.0) {
            eprintln!("cannot remove {}: {cause}", self.0.display());
        }
    }
}
