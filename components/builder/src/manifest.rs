//! `components/manifest.toml`: what the committed components were built from, and with what.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::toolchain::Toolchain;
use crate::{Component, Failure, read, write};

const HEADER: &str = "# Written by `cargo components build`. Do not edit.\n\n";

/// The whole file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// What the components were built with.
    pub(crate) toolchain: Tools,
    /// One entry for each component.
    pub(crate) component: Vec<Record>,
}

/// The tools that determine a component's bytes, given its sources.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Tools {
    /// What `rustc -Vv` printed.
    pub(crate) rustc: String,
    /// Whether the standard library was compiled along.
    pub(crate) build_std: bool,
    /// Version of the crate that generates the bindings.
    pub(crate) wit_bindgen: String,
    /// Version of the crate that makes a component of a module.
    pub(crate) wit_component: String,
}

/// One component.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Record {
    /// The crate.
    pub(crate) name: String,
    /// Size of the component.
    pub(crate) bytes: usize,
    /// SHA-256 of the component, in hexadecimal.
    pub(crate) sha256: String,
    /// SHA-256 over its sources; see [`hash_sources`].
    pub(crate) sources: String,
}

impl Manifest {
    /// Reads the committed manifest.
    pub(crate) fn read(workspace: &Path) -> Result<Self, Failure> {
        let path = manifest_path(workspace);
        let text = String::from_utf8(read(&path)?)?;
        toml::from_str(&text).map_err(|cause| format!("{}: {cause}", path.display()).into())
    }

    /// Puts a component's entry in the place of the one of that name, or behind all others.
    pub(crate) fn record(&mut self, record: Record) {
        match self.component.iter_mut().find(|known| known.name == record.name) {
            Some(known) => *known = record,
            None => self.component.push(record),
        }
    }

    /// Replaces the committed manifest.
    pub(crate) fn write(&self, workspace: &Path) -> Result<(), Failure> {
        let text = HEADER.to_owned() + &toml::to_string_pretty(self)?;
        write(&manifest_path(workspace), text.as_bytes())
    }
}

fn manifest_path(workspace: &Path) -> PathBuf {
    workspace.join("components/manifest.toml")
}

/// Where a component lies.
pub(crate) fn component_path(workspace: &Path, component: &Component) -> PathBuf {
    workspace
        .join("components")
        .join(component.folder)
        .join(component.name)
        .with_extension("wasm")
}

/// The tools in use: the compiler's word, and the versions in `Cargo.lock`.
pub(crate) fn tools(workspace: &Path, toolchain: &Toolchain) -> Result<Tools, Failure> {
    let lock = toml::from_str(&String::from_utf8(read(&workspace.join("Cargo.lock"))?)?)?;
    Ok(Tools {
        rustc: toolchain.version.clone(),
        build_std: toolchain.build_std_with.is_some(),
        wit_bindgen: locked_version(&lock, "tagger", "wit-bindgen")?,
        wit_component: locked_version(&lock, "component-builder", "wit-component")?,
    })
}

/// `Cargo.lock`, as far as it matters here.
#[derive(Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    #[serde(default)]
    dependencies: Vec<String>,
}

/// The version of `wanted` which the package `user` uses; others may use other versions.
fn locked_version(lock: &Lock, user: &str, wanted: &str) -> Result<String, Failure> {
    let find = |name: &str| lock.package.iter().find(|package| package.name == name);
    // Written with the version only where several are locked.
    let dependency = find(user).and_then(|package| {
        let mut dependencies = package.dependencies.iter();
        dependencies.find(|dependency| dependency.split(' ').next() == Some(wanted))
    });
    let version = match dependency.map(|dependency| dependency.split_once(' ')) {
        Some(Some((_, version))) => Some(version.to_owned()),
        Some(None) => find(wanted).map(|package| package.version.clone()),
        None => None,
    };
    version.ok_or_else(|| format!("Cargo.lock does not say which {wanted} the package {user} uses").into())
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A hash over the names and contents of every file a component is made from: its crate except the
/// component itself, its golden cases and hidden files, the WIT package, and what it shares with others.
/// Cases are questions to the finished component; no byte of it depends on them.
///
/// `Cargo.toml` and `Cargo.lock` of the workspace are left out, because most of their changes concern
/// the host; what they mean for a component shows when its bytes are compared.
pub(crate) fn hash_sources(workspace: &Path, component: &Component) -> Result<String, Failure> {
    let mut files = BTreeMap::new();
    let folder = format!("components/{}", component.folder);
    collect(workspace, &folder, &mut files)?;
    let cases = format!("{folder}/cases/");
    files.retain(|path, _| !path.starts_with(&cases));
    collect(workspace, "wit", &mut files)?;
    for shared in component.shared {
        collect(workspace, shared, &mut files)?;
    }
    let mut hasher = Sha256::new();
    for (path, contents) in &files {
        // Lengths keep one file's end apart from the next one's start.
        hasher.update(format!("{path} {}\n", contents.len()));
        hasher.update(contents);
    }
    Ok(hexadecimal(&hasher.finalize()))
}

/// Adds a file, or every file below a folder, by its path from the workspace with `/` between the parts.
fn collect(workspace: &Path, path: &str, files: &mut BTreeMap<String, Vec<u8>>) -> Result<(), Failure> {
    let full = workspace.join(path);
    if !full.is_dir() {
        files.insert(path.to_owned(), read(&full)?);
        return Ok(());
    }
    for entry in fs::read_dir(&full)? {
        let name = entry?
            .file_name()
            .into_string()
            .map_err(|name| format!("{name:?} is not UTF-8"))?;
        if !name.starts_with('.') && !name.ends_with(".wasm") {
            collect(workspace, &format!("{path}/{name}"), files)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_in_use_is_the_one_the_user_locked() -> Result<(), Failure> {
        let lock = toml::from_str(
            r#"
            package = [
                { name = "tool", version = "1.0.0" },
                { name = "tool", version = "2.0.0" },
                { name = "only", version = "3.0.0" },
                { name = "user", version = "0.1.0", dependencies = ["only", "tool 2.0.0"] },
            ]
            "#,
        )?;
        assert_eq!(locked_version(&lock, "user", "tool")?, "2.0.0");
        assert_eq!(locked_version(&lock, "user", "only")?, "3.0.0");
        assert!(locked_version(&lock, "only", "tool").is_err());
        Ok(())
    }

    #[test]
    fn the_hash_covers_names_and_contents_but_not_the_component() -> Result<(), Failure> {
        let workspace = std::env::temp_dir().join(format!("component-builder-{}", std::process::id()));
        let tagger = Component {
            shared: &["components/scenes", "models/imagenet-labels.txt"],
            ..Component::default_plugin("tagger")
        };
        let put = |path: &str, contents: &str| -> Result<String, Failure> {
            let path = workspace.join(path);
            fs::create_dir_all(path.parent().ok_or("no folder")?)?;
            fs::write(path, contents)?;
            hash_sources(&workspace, &tagger)
        };
        fs::create_dir_all(workspace.join("models"))?;
        fs::create_dir_all(workspace.join("components/tagger"))?;
        fs::create_dir_all(workspace.join("components/scenes"))?;
        fs::write(workspace.join("models/imagenet-labels.txt"), "tench")?;
        let first = put("wit/tagger.wit", "interface")?;
        let second = put("components/tagger/src/lib.rs", "one")?;
        let third = put("components/tagger/src/lib.rs", "two")?;
        let with_component = put("components/tagger/tagger.wasm", "component")?;
        let with_case = put("components/tagger/cases/one.json", "{}")?;
        let with_other = put("components/other/src/lib.rs", "other")?;
        let moved = put("components/tagger/src/new.rs", "two")?;
        let shared = put("components/scenes/events.toml", "events")?;
        fs::remove_dir_all(&workspace)?;
        assert!(first != second && second != third && moved != third && shared != moved);
        assert_eq!(
            [with_component, with_case, with_other],
            [(); 3].map(|()| third.clone())
        );
        Ok(())
    }
}
