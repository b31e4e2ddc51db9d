//! Builds the default plugins and the examples to WebAssembly components and proves that the committed ones are what
//! the sources give. See `components/README.md`.

mod check;
mod compile;
mod debian;
mod inspect;
mod manifest;
mod toolchain;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

use manifest::{Manifest, Record};

/// Anything that went wrong; the text says what to do. This is a command for developers: nobody
/// handles one failure differently from another.
type Failure = Box<dyn Error>;

/// A crate that is a plugin.
#[derive(Clone, Copy, Debug)]
struct Component {
    /// The crate's name.
    name: &'static str,
    /// Its folder in `components/`.
    folder: &'static str,
    /// The interface of `wit/` that it exports.
    slot: &'static str,
    /// What the names of interfaces whose functions it needs may start with.
    imports: &'static [&'static str],
    /// Other files and folders of the workspace that it is made from.
    shared: &'static [&'static str],
    /// The file in its folder whose text it carries along, because its tables were made from it.
    data: Option<&'static str>,
}

/// What the plugins share that say something about a photo.
const ABOUT_PHOTOS: &[&str] = &[
    "components/plugin-data",
    "components/scenes",
    "models/coco-classes.txt",
    "models/imagenet-labels.txt",
];

impl Component {
    /// A plugin that is named after its slot and needs nothing of the host, as those are that the worker starts with.
    const fn default_plugin(slot: &'static str) -> Self {
        Self::alone(slot, slot, slot)
    }

    /// A plugin that is made from nothing but its own folder and `wit/`.
    const fn alone(name: &'static str, folder: &'static str, slot: &'static str) -> Self {
        Self {
            name,
            folder,
            slot,
            imports: &[],
            shared: &[],
            data: None,
        }
    }

    /// The same with tables that are made from a file.
    const fn with_data(self, file: &'static str) -> Self {
        Self {
            shared: ABOUT_PHOTOS,
            data: Some(file),
            ..self
        }
    }
}

/// Every plugin that is built here.
const COMPONENTS: [Component; 6] = [
    Component::default_plugin("cluster-policy"),
    Component::default_plugin("context-mapper").with_data("phrases.toml"),
    Component::default_plugin("tagger").with_data("vocabulary.toml"),
    Component {
        imports: &["ai-worker:plugin/", "wasi:nn/"],
        ..Component::alone("label-classifier", "examples/label-classifier", "tagger")
    },
    Component::alone(
        "strict-cluster-policy",
        "examples/strict-cluster-policy",
        "cluster-policy",
    ),
    Component::alone(
        "threshold-cluster-policy",
        "examples/threshold-cluster-policy",
        "cluster-policy",
    ),
];

const USAGE: &str = "usage: cargo components <build [NAME...] | check>
  build  compile every component, or those that are named, to <name>.wasm beside their sources and record them in
         components/manifest.toml
  check  rebuild from clean and compare with the committed files";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["build"] => build(&COMPONENTS),
        ["build", ref names @ ..] => named(names).and_then(|components| build(&components)),
        ["check"] => check::check(),
        _ => Err(USAGE.into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

/// The components of these names, in the order of [`COMPONENTS`].
fn named(names: &[&str]) -> Result<Vec<Component>, Failure> {
    let known = COMPONENTS.map(|component| component.name);
    if let Some(unknown) = names.iter().find(|name| !known.contains(name)) {
        return Err(format!(
            "there is no component {unknown:?}; there are {}",
            known.join(", ")
        )
        .into());
    }
    let mut components = COMPONENTS.to_vec();
    components.retain(|component| names.contains(&component.name));
    Ok(components)
}

/// Builds components and records them; all others stay as they are.
fn build(components: &[Component]) -> Result<(), Failure> {
    let workspace = workspace()?;
    let target = target_directory(&workspace);
    let toolchain = toolchain::find(&workspace)?;
    let tools = manifest::tools(&workspace, &toolchain)?;
    let mut manifest = if components.len() == COMPONENTS.len() {
        Manifest {
            toolchain: tools,
            component: Vec::new(),
        }
    } else {
        let manifest = Manifest::read(&workspace)?;
        if manifest.toolchain != tools {
            return Err(
                "the other components were built with other tools; build all of them: `cargo components build`".into(),
            );
        }
        manifest
    };
    let modules = compile::compile(&workspace, &target, &toolchain, components)?;
    for (component, module) in components.iter().zip(&modules) {
        let bytes = inspect::componentise(&workspace, component, module)?;
        let path = manifest::component_path(&workspace, component);
        write(&path, &bytes)?;
        println!("{}: {} bytes in {}", component.name, bytes.len(), path.display());
        manifest.record(Record {
            name: component.name.to_owned(),
            bytes: bytes.len(),
            sha256: manifest::sha256(&bytes),
            sources: manifest::hash_sources(&workspace, component)?,
        });
    }
    manifest.write(&workspace)
}

/// The folder of the workspace which the current folder is in.
fn workspace() -> Result<PathBuf, Failure> {
    let current = env::current_dir()?;
    current
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file() && folder.join("components").is_dir())
        .map(Path::to_owned)
        .ok_or_else(|| "start this inside the workspace, with `cargo components`".into())
}

/// Where components are compiled: apart from the host's files, whose flags differ.
fn target_directory(workspace: &Path) -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    workspace.join(target).join("components")
}

fn write(path: &Path, contents: &[u8]) -> Result<(), Failure> {
    fs::write(path, contents).map_err(|cause| format!("cannot write {}: {cause}", path.display()).into())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|cause| format!("cannot read {}: {cause}", path.display()).into())
}
